// The board's system control ports of a PC/AT, PS/2 and PCI chip set.
//
//   ports   61h   bit 0 GATE2, 1 speaker data, 2 and 3 parity and channel check off;
//                 reads also bit 4 refresh toggle, 5 OUT2, 6 channel check, 7 parity error (always clear)
//           92h   bit 0 fast reset (on its rising edge), bit 1 A20 gate, the second of the two
//           CF9h  reset control: bit 1 hard reset, bit 2 reset (on its rising edge)
//   manual  IBM PS/2 Hardware Interface Technical Reference, "System Control Port A";
//           Intel 82371SB (PIIX3), "RC - Reset Control Register"
//   out     GATE2, A20 (source 1), processor INIT or a reset of everything
//
// CF9h lies among the PCI configuration ports; claim those first, or leave CF9h out.
// The NMI mask is bit 7 of port 70h and belongs to the RTC.
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/pit_8254.h"
#include "devices/port_bus.h"

namespace ringside {

class SystemControl final : public PortDevice {
 public:
  static constexpr unsigned kA20Source = 1;

  struct State {
    std::uint8_t port_61 = 0;
    std::uint8_t port_92 = 0;
    std::uint8_t reset_control = 0;
  };

  SystemControl(PortBus& ports, Pit8254& pit, SystemLines& system);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// What reaches the speaker: OUT2 where the data bit lets it through.
  bool speaker() const { return (state_.port_61 & 2) != 0 && pit_.out2(); }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// Reads have no effects.
  std::uint8_t peek(std::uint16_t port) const;

 private:
  Pit8254& pit_;
  SystemLines& system_;
  State state_;
};

}  // namespace ringside
