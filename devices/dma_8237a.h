// Intel 8237A DMA controllers of a PC/AT, and the page registers beside them.
//
//   ports   00h-0Fh   controller 1: channels 0-3, bytes
//           C0h-DFh   controller 2: channels 4-7, words; A0 is not decoded, so registers are two ports apart
//           80h-8Fh   page registers: address bits 16-23 of a channel; those without a channel are plain
//                     latches, and 80h is where a BIOS puts its progress (POST) codes
//   in/out  DREQ, DACK, TC: none yet
//   manual  Intel 8237A data sheet; IBM PC AT Technical Reference, "DMA Page Registers"
//
// Not modelled: transfers. A device that does DMA (floppy, sound) will be given this controller and call it
// once per unit: it asks whether its channel is unmasked, moves the byte at physical_address(), and steps
// the current address and count; the place for that is beside physical_address(). Memory-to-memory
// transfers, extended timing and verify cycles are registers only.
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class Dma8237a final : public PortDevice {
 public:
  struct Channel {
    std::uint16_t base_address = 0;
    std::uint16_t base_count = 0;
    std::uint16_t address = 0;
    std::uint16_t count = 0;
    std::uint8_t mode = 0;  ///< bits 2-7 as written
  };
  struct Controller {
    Channel channels[4];
    std::uint8_t command = 0;
    std::uint8_t terminal_counts = 0;  ///< status bits 0-3
    std::uint8_t requests = 0;         ///< by software
    std::uint8_t mask = 0x0F;
    std::uint8_t temporary = 0;
    bool high_byte_next = false;  ///< the first/last flip-flop
    bool linted = false;
  };
  struct State {
    Controller controllers[2];
    std::uint8_t pages[16] = {};
  };

  Dma8237a(PortBus& ports, DeviceLog& log);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// The last byte written to port 80h.
  std::uint8_t post_code() const { return state_.pages[0]; }

  /// Where channel 0..7 would transfer next. Channels 4-7 count words: their address is shifted left by
  /// one and page bit 16 is not connected.
  std::uint32_t physical_address(unsigned channel) const;
  bool masked(unsigned channel) const;

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// What a read would return, without moving the flip-flop or clearing terminal counts.
  std::uint8_t peek(std::uint16_t port) const;

 private:
  struct Target {
    unsigned controller;
    unsigned reg;
  };
  static Target decode(std::uint16_t port);
  void write_channel(Controller& controller, unsigned reg, std::uint8_t value);
  void write_register(Controller& controller, unsigned reg, std::uint8_t value);
  static void clear(Controller& controller);

  DeviceLog& log_;
  State state_;
};

}  // namespace ringside
