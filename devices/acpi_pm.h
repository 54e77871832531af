// Power management block of the Intel 82371AB (PIIX4), as much as ACPI's fixed hardware needs.
//
//   ports   base + 00h  PM1a status (write 1 to clear): 0 TMROF, 5 GBL, 8 power button, 10 RTC, 15 wake
//           base + 02h  PM1a enable
//           base + 04h  PM1a control: 0 SCI_EN, 1 BM_RLD, 2 GBL_RLS, 10-12 SLP_TYP, 13 SLP_EN (write only)
//           base + 08h  PM timer: 24 bits at 3,579,545 Hz, counted from power-on
//           base + 0Ch  general-purpose status and enable: never set
//           base + 10h  processor control, LVL2, LVL3: read 0, no power states
//           B2h, B3h    APM control and status: F1h and F0h switch SCI_EN, in the place of an SMI handler
//   out     SCI on IRQ 9; power off (S5)
//   manual  Intel 82371AB (PIIX4), "Power Management I/O Space Registers"; ACPI 1.0, "Fixed Features"
//
// Base is 600h from reset; the PCI function may move it in steps of 64 (set_base).
// Not modelled: SMI, sleeping states other than S5 (SLP_TYP 0), resume events, GPIO, SMBus.
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class AcpiPm final : public PortDevice {
 public:
  static constexpr std::uint64_t kHz = 3'579'545;
  static constexpr std::uint16_t kDefaultBase = 0x600;
  static constexpr unsigned kSciIrq = 9;

  struct State {
    std::uint16_t base = kDefaultBase;
    bool enabled = true;
    std::uint16_t status = 0;  ///< without what the timer has done since `timer_synced`
    std::uint16_t enable = 0;
    std::uint16_t control = 0;
    std::uint16_t general_enable = 0;
    std::uint8_t apm_control = 0;
    std::uint8_t apm_status = 0;
    std::uint64_t timer_synced = 0;
  };

  AcpiPm(PortBus& ports, EventQueue& events, IrqLines& irqs, SystemLines& system);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// Where the block answers; the low six bits of `base` are ignored.
  void set_base(std::uint16_t base, bool enabled);
  /// The power button, from outside.
  void press_power_button();
  std::uint32_t timer() const { return static_cast<std::uint32_t>(now() & 0xFFFFFF); }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// Reads have no effects.
  std::uint8_t peek(std::uint16_t port) const;

 private:
  std::uint64_t now() const { return events_.clock().cycles(events_.now(), kHz); }
  /// PM1a status at cycle `t`: the timer's overflow is noticed when somebody looks.
  std::uint16_t status_at(std::uint64_t t) const;
  std::uint8_t read_byte(unsigned offset) const;
  void write_byte(unsigned offset, std::uint8_t value);
  void write_control_high(std::uint8_t value);
  void sync();
  void update();
  void write_apm(std::uint8_t command);

  PortBus& ports_;
  EventQueue& events_;
  IrqLines& irqs_;
  SystemLines& system_;
  State state_;
};

}  // namespace ringside
