// Motorola MC146818 real-time clock with 128 bytes of CMOS RAM, as in a PC/AT.
//
//   ports   70h   index (bits 0-6) and NMI mask (bit 7), write only
//           71h   data
//   clock   32,768 Hz time base, derived from guest ticks; the date comes in once, at power-on
//   out     IRQ 8 (IRQF)
//   manual  Motorola MC146818 data sheet
//
// The time of day lives in its registers, in whatever format register B says, and is incremented there once
// a second, so a guest that writes nonsense keeps nonsense until the next carry, as on the chip.
// Register 32h is the century, in BCD or binary like the others, and follows the year.
// Not modelled: daylight saving (DSE is only a bit), the square-wave pin, time bases other than 32,768 Hz
// (any other divider setting stops the clock).
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class RtcMc146818 final : public PortDevice {
 public:
  static constexpr std::uint64_t kHz = 32'768;

  enum Register : std::uint8_t {
    kSeconds = 0x0,
    kSecondsAlarm = 0x1,
    kMinutes = 0x2,
    kMinutesAlarm = 0x3,
    kHours = 0x4,
    kHoursAlarm = 0x5,
    kDayOfWeek = 0x6,
    kDayOfMonth = 0x7,
    kMonth = 0x8,
    kYear = 0x9,
    kA = 0xA,
    kB = 0xB,
    kC = 0xC,
    kD = 0xD,
    kCentury = 0x32,
  };

  struct State {
    std::uint8_t cmos[128] = {};
    std::uint8_t index = 0;
    bool nmi_masked = false;
    std::uint64_t first_update = kHz;   ///< the cycle of the divider chain's first update since it runs
    std::uint64_t periodic_synced = 0;  ///< periodic edges up to this cycle are in register C
    bool linted = false;
  };

  RtcMc146818(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log);

  /// The RESET pin: interrupts off. Time and RAM are kept by the battery.
  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// Sets the clock and begins a new second. Seconds since 1970-01-01 00:00:00, in whatever time zone the
  /// guest expects its clock to have.
  void set_time(std::int64_t unix_seconds);

  bool nmi_masked() const { return state_.nmi_masked; }
  std::uint8_t cmos(unsigned index) const { return state_.cmos[index & 0x7F]; }
  /// For the board: RAM bytes, without the effects that a guest's write would have.
  void set_cmos(unsigned index, std::uint8_t value) { state_.cmos[index & 0x7F] = value; }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// Register or RAM byte `index` as a read would return it, without clearing register C.
  std::uint8_t peek(unsigned index) const;

 private:
  std::uint64_t now() const { return events_.clock().cycles(events_.now(), kHz); }
  std::uint8_t& reg(Register r) { return state_.cmos[r]; }
  bool running() const { return (state_.cmos[kA] & 0x70) == 0x20; }
  bool binary() const { return (state_.cmos[kB] & 0x04) != 0; }
  bool update_in_progress(std::uint64_t t) const;
  std::uint64_t next_update(std::uint64_t t) const;
  std::uint64_t period() const;
  std::uint64_t periodic_index(std::uint64_t t) const;
  bool periodic_edge_until(std::uint64_t t) const;

  unsigned decode(std::uint8_t value) const;
  std::uint8_t encode(unsigned value) const;
  unsigned decode_hours(std::uint8_t value) const;
  std::uint8_t encode_hours(unsigned hours) const;
  bool bump(Register r, unsigned last, unsigned first);
  void increment();
  unsigned days_in_month() const;
  bool alarm_matches() const;

  void update_cycle();
  void catch_up();
  void refresh_interrupts();
  void schedule_update();
  void write_register(std::uint8_t index, std::uint8_t value);
  void write_a(std::uint8_t value);
  std::uint8_t read_register(std::uint8_t index);

  EventQueue& events_;
  IrqLines& irqs_;
  DeviceLog& log_;
  State state_;
};

}  // namespace ringside
