// 8042 keyboard controller as programmed for the PS/2: keyboard, auxiliary (mouse) port, A20 gate, reset.
//
//   ports     60h data, 64h status (read) and command (write)
//   out       IRQ1 (output buffer full), IRQ12 (the same, from the mouse), A20 gate, processor reset
//   in        the serial lines of keyboard and mouse
//   events    kKeyboard: end of a frame or answer, keyboard timers; kMouse: end of a frame, mouse timers
//   commands  20h-3Fh 60h-7Fh A4h A7h A8h A9h AAh ABh ADh AEh C0h D0h-D4h DDh DFh E0h F0h-FFh
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Keyboard/Auxiliary Device
//             Controller"
//
// Time: an answer of the controller takes 20 us, a frame from a device 1 ms; one at a time, and only while
// the output buffer is empty, since the controller holds both clock lines low otherwise.
//
// Not implemented: passwords (A4h answers "none"), diagnostic dump ACh, polling of the input port C1h/C2h,
// parity and time-out errors (bits 6 and 7 of the status are 0).
// Deviation: a command takes effect when it is written; the input-buffer-full bit is merely shown for 10 us.
#pragma once

#include <array>
#include <cstdint>

#include "devices/event_queue.h"
#include "devices/lines.h"
#include "devices/port_bus.h"
#include "devices/ps2_fifo.h"
#include "devices/ps2_keyboard.h"
#include "devices/ps2_mouse.h"

namespace ringside {

class Kbc8042 : public PortDevice {
 public:
  enum class Transfer : std::uint8_t { kNone, kController, kKeyboard, kMouse };

  struct State {
    std::array<std::uint8_t, 32> ram{};  ///< byte 0 is the command byte
    bool output_full = false;
    bool output_from_mouse = false;
    std::uint8_t output = 0;
    bool break_seen = false;             ///< translating, and F0h has come
    bool command_was_last = false;       ///< status bit 3
    bool system_flag = false;            ///< status bit 2
    std::uint8_t parameter_of = 0;       ///< the command whose parameter comes next, or 0
    bool a20 = true;                     ///< bit 1 of the output port
    Ps2Fifo<std::uint16_t, 16> answers;  ///< bit 8: appears as a byte of the mouse
    Transfer transfer = Transfer::kNone;
    Tick transfer_due = kNever;
    Tick input_full_until = 0;
  };

  Kbc8042(PortBus& bus, EventQueue& queue, IrqLines& irqs, SystemLines& system, DeviceLog& log);

  /// Power-on: both devices too. Interfaces are disabled until somebody writes the command byte, or to the
  /// device.
  void reset();

  Ps2Keyboard& keyboard() { return keyboard_; }
  Ps2Mouse& mouse() { return mouse_; }
  const Ps2Keyboard& keyboard() const { return keyboard_; }
  const Ps2Mouse& mouse() const { return mouse_; }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;

  /// Port 64h; reading it has no side effect.
  std::uint8_t status() const;
  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

 private:
  std::uint8_t& command_byte() { return state_.ram[0]; }
  std::uint8_t command_byte() const { return state_.ram[0]; }
  std::uint8_t output_port() const;
  void set_command_byte(std::uint8_t value);
  void set_output_port(std::uint8_t value);
  void set_a20(bool enabled);
  std::uint8_t read_data();
  void write_data(std::uint8_t value);
  void command(std::uint8_t value);
  void parameter(std::uint8_t command, std::uint8_t value);
  void answer(std::uint8_t value, bool as_mouse = false);
  bool enabled(Transfer transfer) const;
  void begin_transfer();
  void end_transfer();
  void on_event();
  void update();
  void update_irqs();
  void set_event(EventId id, Tick due);

  EventQueue& queue_;
  IrqLines& irqs_;
  SystemLines& system_;
  DeviceLog& log_;
  State state_;
  Ps2Keyboard keyboard_;
  Ps2Mouse mouse_;
};

}  // namespace ringside
