// Intel 8254 Programmable Interval Timer of a PC/AT.
//
//   ports   40h, 41h, 42h  counters 0, 1, 2
//           43h            control word, counter latch and read-back commands
//   clock   1,193,182 Hz (14.31818 MHz / 12), counted from power-on
//   in      GATE2 (port 61h bit 0); GATE0 and GATE1 are tied high
//   manual  Intel 8254 data sheet, "Mode Definitions"
//   out     OUT0 to IRQ 0; OUT1 clocks the refresh toggle of port 61h; OUT2 to port 61h and the speaker
//
// Not modelled: the refresh toggle does not follow what counter 1 is programmed to, it always is the
// 18-clock rhythm of a PC/AT. A count of 1, which modes 2 and 3 forbid, leaves OUT high.
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/pit_8254_counter.h"
#include "devices/port_bus.h"

namespace ringside {

class Pit8254 final : public PortDevice {
 public:
  static constexpr std::uint64_t kHz = 1'193'182;

  struct State {
    PitCounter counters[3];
    std::uint8_t linted = 0;
  };

  Pit8254(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  void set_gate2(bool gate);
  bool out2() const { return out(2); }
  bool out(unsigned counter) const;
  /// CE of a counter now, for the debugger.
  std::uint16_t count(unsigned counter) const;
  /// Port 61h bit 4: changes with every memory refresh, every 18 clocks.
  bool refresh_toggle() const { return (now() / 18 & 1) != 0; }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  std::uint8_t peek(std::uint16_t port) const;

 private:
  std::uint64_t now() const { return events_.clock().cycles(events_.now(), kHz); }
  /// The counter as it is at `t`, without changing it.
  PitCounter at(unsigned counter, std::uint64_t t) const;
  void advance(std::uint64_t t);
  void schedule();
  void write_control(std::uint64_t t, std::uint8_t value);

  EventQueue& events_;
  IrqLines& irqs_;
  DeviceLog& log_;
  State state_;
};

}  // namespace ringside
