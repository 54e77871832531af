#include "devices/rtc_mc146818.h"

#include <algorithm>

namespace ringside {

namespace {

constexpr std::uint8_t kSet = 0x80;         // register B
constexpr std::uint8_t kInterrupts = 0x70;  // PIE, AIE, UIE, and PF, AF, UF in register C
constexpr std::uint8_t kPeriodic = 0x40;
constexpr std::uint8_t kAlarm = 0x20;
constexpr std::uint8_t kUpdateEnded = 0x10;
constexpr std::uint8_t kSquareWave = 0x08;
constexpr std::uint8_t k24Hours = 0x02;
constexpr std::uint8_t kIrqf = 0x80;  // register C

// UIP comes 244 us before the update cycle, which takes 1984 us: 8 and 65 cycles of the time base.
constexpr std::uint64_t kUipCycles = 8 + 65;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 to a date, counting in eras of 400 years that begin on the first of March.
Date date_of_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
unsigned floor_mod(std::int64_t a, std::int64_t b) {
  const std::int64_t r = a % b;
  return static_cast<unsigned>(r < 0 ? r + b : r);
}

}  // namespace

RtcMc146818::RtcMc146818(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log)
    : events_(events), irqs_(irqs), log_(log) {
  ports.claim(0x70, 2, this);
  events_.set_handler(EventId::kRtcUpdate, [this] { update_cycle(); });
  events_.set_handler(EventId::kRtcPeriodic, [this] { refresh_interrupts(); });
  reg(kA) = 0x26;  // 32,768 Hz, 1024 Hz periodic rate: what a PC's BIOS leaves there
  reg(kB) = k24Hours;
  reg(kD) = 0x80;  // VRT: the battery is good
  set_time(0);
  reset();
}

void RtcMc146818::reset() {
  catch_up();
  reg(kB) &= static_cast<std::uint8_t>(~(kInterrupts | kSquareWave));
  reg(kC) = 0;
  state_.index = 0;
  state_.nmi_masked = false;
  state_.periodic_synced = now();
  refresh_interrupts();
}

void RtcMc146818::set_time(std::int64_t unix_seconds) {
  const std::int64_t days = floor_div(unix_seconds, 86'400);
  const unsigned second = floor_mod(unix_seconds, 86'400);
  const Date date = date_of_days(days);
  reg(kSeconds) = encode(second % 60);
  reg(kMinutes) = encode(second / 60 % 60);
  reg(kHours) = encode_hours(second / 3600);
  reg(kDayOfWeek) = encode(floor_mod(days + 4, 7) + 1);  // 1970-01-01 was a Thursday; Sunday is 1
  reg(kDayOfMonth) = encode(date.day);
  reg(kMonth) = encode(date.month);
  reg(kYear) = encode(floor_mod(date.year, 100));
  reg(kCentury) = encode(floor_mod(floor_div(date.year, 100), 100));
  state_.first_update = now() + kHz;
  state_.periodic_synced = now();
  schedule_update();
  refresh_interrupts();
}

unsigned RtcMc146818::decode(std::uint8_t value) const {
  return binary() ? value : (value >> 4) * 10u + (value & 15u);
}

std::uint8_t RtcMc146818::encode(unsigned value) const {
  return static_cast<std::uint8_t>(binary() ? value : value / 10 << 4 | value % 10);
}

unsigned RtcMc146818::decode_hours(std::uint8_t value) const {
  if ((state_.cmos[kB] & k24Hours) != 0) return decode(value);
  return decode(value & 0x7F) % 12 + ((value & 0x80) != 0 ? 12 : 0);
}

std::uint8_t RtcMc146818::encode_hours(unsigned hours) const {
  if ((state_.cmos[kB] & k24Hours) != 0) return encode(hours);
  const unsigned twelve = hours % 12 == 0 ? 12 : hours % 12;
  return static_cast<std::uint8_t>(encode(twelve) | (hours >= 12 ? 0x80 : 0));
}

// Adds one to a register; true where it was at its last value and has gone back to its first.
bool RtcMc146818::bump(Register r, unsigned last, unsigned first) {
  const unsigned value = decode(reg(r));
  const bool carry = value >= last;
  reg(r) = encode(carry ? first : value + 1);
  return carry;
}

unsigned RtcMc146818::days_in_month() const {
  static constexpr std::uint8_t kDays[13] = {31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const unsigned month = decode(state_.cmos[kMonth]);
  const bool leap = decode(state_.cmos[kYear]) % 4 == 0;  // the chip knows no other rule
  return month == 2 && leap ? 29 : kDays[month <= 12 ? month : 0];
}

void RtcMc146818::increment() {
  if (!bump(kSeconds, 59, 0)) return;
  if (!bump(kMinutes, 59, 0)) return;
  const unsigned hours = decode_hours(reg(kHours));
  reg(kHours) = encode_hours(hours >= 23 ? 0 : hours + 1);
  if (hours < 23) return;
  bump(kDayOfWeek, 7, 1);
  if (!bump(kDayOfMonth, days_in_month(), 1)) return;
  if (!bump(kMonth, 12, 1)) return;
  if (bump(kYear, 99, 0)) bump(kCentury, 99, 0);
}

bool RtcMc146818::alarm_matches() const {
  for (unsigned r : {kSeconds, kMinutes, kHours}) {
    const std::uint8_t alarm = state_.cmos[r + 1];
    const bool any = (alarm & 0xC0) == 0xC0;
    if (!any && alarm != state_.cmos[r]) return false;
  }
  return true;
}

std::uint64_t RtcMc146818::next_update(std::uint64_t t) const {
  const std::uint64_t first = state_.first_update;
  return t < first ? first : first + ((t - first) / kHz + 1) * kHz;
}

bool RtcMc146818::update_in_progress(std::uint64_t t) const {
  return running() && (state_.cmos[kB] & kSet) == 0 && next_update(t) - t <= kUipCycles;
}

void RtcMc146818::schedule_update() {
  if (!running()) return events_.cancel(EventId::kRtcUpdate);
  const Tick tick = events_.clock().tick_of_cycle(next_update(now()), kHz);
  events_.schedule(EventId::kRtcUpdate, std::max(tick, events_.now() + 1));
}

void RtcMc146818::update_cycle() {
  if ((reg(kB) & kSet) == 0) {
    increment();
    reg(kC) |= kUpdateEnded;
    if (alarm_matches()) reg(kC) |= kAlarm;
  }
  schedule_update();
  refresh_interrupts();
}

void RtcMc146818::catch_up() {
  if (events_.due(EventId::kRtcUpdate) <= events_.now()) update_cycle();
}

// Cycles between periodic edges, 0 for none. Rates 1 and 2 repeat 8 and 9 with this time base.
std::uint64_t RtcMc146818::period() const {
  const unsigned rate = state_.cmos[kA] & 0x0F;
  if (rate == 0 || !running()) return 0;
  return std::uint64_t{1} << (rate < 3 ? rate + 6 : rate - 1);
}

std::uint64_t RtcMc146818::periodic_index(std::uint64_t t) const {
  // Edges are aligned with the update, which comes at multiples of kHz after first_update.
  return (t + kHz - state_.first_update % kHz) / period();
}

bool RtcMc146818::periodic_edge_until(std::uint64_t t) const {
  return period() != 0 && periodic_index(t) != periodic_index(state_.periodic_synced);
}

void RtcMc146818::refresh_interrupts() {
  const std::uint64_t t = now();
  if (periodic_edge_until(t)) reg(kC) |= kPeriodic;
  state_.periodic_synced = t;
  const bool irqf = (reg(kB) & reg(kC) & kInterrupts) != 0;
  reg(kC) = static_cast<std::uint8_t>((reg(kC) & kInterrupts) | (irqf ? kIrqf : 0));
  irqs_.set_irq(8, irqf);
  // PF is found lazily; an event is needed only for an edge that will move the IRQ line.
  const bool waits = period() != 0 && (reg(kB) & kPeriodic) != 0 && (reg(kC) & kPeriodic) == 0;
  if (!waits) return events_.cancel(EventId::kRtcPeriodic);
  const std::uint64_t edge = (periodic_index(t) + 1) * period() + state_.first_update % kHz - kHz;
  events_.schedule(EventId::kRtcPeriodic,
                   std::max(events_.clock().tick_of_cycle(edge, kHz), events_.now() + 1));
}

std::uint8_t RtcMc146818::peek(unsigned index) const {
  const std::uint8_t value = cmos(index);
  switch (index & 0x7F) {
    case kA:
      return static_cast<std::uint8_t>((value & 0x7F) | (update_in_progress(now()) ? 0x80 : 0));
    case kC: {
      if ((value & kPeriodic) != 0 || !periodic_edge_until(now())) return value;
      return static_cast<std::uint8_t>(value | kPeriodic | ((cmos(kB) & kPeriodic) != 0 ? kIrqf : 0));
    }
    default:
      return value;
  }
}

std::uint8_t RtcMc146818::read_register(std::uint8_t index) {
  catch_up();
  if (index == kC) {
    refresh_interrupts();
    const std::uint8_t value = reg(kC);
    reg(kC) = 0;
    refresh_interrupts();
    return value;
  }
  const bool time =
      index <= kYear && index != kSecondsAlarm && index != kMinutesAlarm && index != kHoursAlarm;
  if (time && !state_.linted && update_in_progress(now())) {
    state_.linted = true;
    log_.lint("MC146818", "a time register is read while UIP is set; the chip may return anything");
  }
  return peek(index);
}

std::uint32_t RtcMc146818::read_port(std::uint16_t port, unsigned) {
  return (port & 1) == 0 ? 0xFFu : read_register(state_.index);
}

void RtcMc146818::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if ((port & 1) != 0) return write_register(state_.index, byte);
  state_.index = byte & 0x7F;
  state_.nmi_masked = (byte & 0x80) != 0;
}

void RtcMc146818::write_register(std::uint8_t index, std::uint8_t value) {
  catch_up();
  switch (index) {
    case kA:
      return write_a(value);
    case kB:
      refresh_interrupts();
      if ((value & kSet) != 0) value &= static_cast<std::uint8_t>(~kUpdateEnded);  // SET clears UIE
      reg(kB) = value;
      return refresh_interrupts();
    case kC:
    case kD:
      return;  // read only
    default:
      state_.cmos[index] = value;
  }
}

void RtcMc146818::write_a(std::uint8_t value) {
  refresh_interrupts();  // with the old rate
  const bool was_running = running();
  reg(kA) = value & 0x7F;
  // A divider chain that is let go makes its first update half a second later.
  if (!was_running && running()) state_.first_update = now() + kHz / 2;
  if (was_running != running()) schedule_update();
  refresh_interrupts();
}

void RtcMc146818::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "rtc_mc146818");
  visitor.field("cmos", state_.cmos);
  visitor.field("index", state_.index);
  visitor.field("nmi_masked", state_.nmi_masked);
  visitor.field("first_update", state_.first_update);
  visitor.field("periodic_synced", state_.periodic_synced);
  visitor.field("linted", state_.linted);
  if (visitor.loading() && state_.index > 0x7F) throw StateError("MC146818: the index is out of range");
}

}  // namespace ringside
