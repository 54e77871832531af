// One IDE channel: the registers that the host sees, and up to two drives behind them.
//
//   ports     channel 0: 1F0h-1F7h, 3F6h; channel 1: 170h-177h, 376h; the data port takes 8, 16 and 32 bits
//   out       IRQ14 (channel 0), IRQ15 (channel 1)
//   events    kIdePrimary, kIdeSecondary
//   manual    T13/1410D, AT Attachment with Packet Interface - 6, "I/O register descriptions"
//
// Writes reach both drives, reads come from the selected one. A lone drive 0 answers for drive 1 with status
// 00h; a channel without drives, or with a lone drive 1 while drive 0 is selected, floats (FFh).
//
// Not implemented: bus-master DMA, the drive address register 3F7h/377h (it belongs to the floppy
// controller).
#pragma once

#include <array>
#include <cstdint>

#include "devices/ata_disk.h"
#include "devices/event_queue.h"
#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class IdeController : public PortDevice {
 public:
  struct State {
    unsigned selected = 0;
    std::uint8_t control = 0;  ///< device control: bit 1 nIEN, bit 2 SRST, bit 7 HOB
  };

  IdeController(PortBus& bus, EventQueue& queue, IrqLines& irqs, DeviceLog& log, unsigned channel);

  /// `drive` 0 or 1; nullptr takes the drive out.
  void attach(unsigned drive, BlockMedium* medium);
  const AtaDisk& drive(unsigned number) const { return drives_[number & 1]; }

  void reset();
  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// What a read of the port would give, without acknowledging anything.
  std::uint8_t peek(std::uint16_t port) const;

  const State& state() const { return state_; }
  /// Drives only; their media are visited by their owner.
  void visit(StateVisitor& visitor);

 private:
  AtaDisk& current() { return drives_[state_.selected]; }
  const AtaDisk& current() const { return drives_[state_.selected]; }
  bool floating() const { return !current().present() && (state_.selected == 0 || !drives_[0].present()); }
  std::uint8_t current_status() const { return current().present() ? current().status() : 0x00; }
  std::uint8_t read_register(unsigned number) const;
  void write_command(std::uint8_t code);
  void write_control(std::uint8_t value);
  void on_event();
  void update();

  EventQueue& queue_;
  IrqLines& irqs_;
  DeviceLog& log_;
  EventId event_;
  unsigned irq_;
  std::uint16_t base_;
  std::uint16_t control_port_;
  std::array<AtaDisk, 2> drives_;
  State state_;
};

}  // namespace ringside
