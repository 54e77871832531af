#include "devices/acpi_pm.h"

#include <algorithm>

namespace ringside {

namespace {

constexpr std::uint32_t kBlockSize = 64;
constexpr std::uint16_t kApmControl = 0xB2;
constexpr std::uint16_t kApmStatus = 0xB3;

constexpr std::uint16_t kTimerOverflow = 1u << 0;
constexpr std::uint16_t kPowerButton = 1u << 8;
constexpr std::uint16_t kStatusBits = 0x8D31;  // 0, 4, 5, 8, 10, 11, 15
constexpr std::uint16_t kEnableBits = 0x0521;  // 0, 5, 8, 10
constexpr std::uint16_t kControlBits = 0x1C03;
constexpr std::uint16_t kSciEnable = 1u << 0;
constexpr std::uint8_t kSleepEnable = 0x20;  // in the high byte

constexpr unsigned kHalfRange = 23;  // TMROF tells every change of the timer's highest bit

std::uint16_t with_byte(std::uint16_t word, bool high, std::uint8_t byte) {
  return static_cast<std::uint16_t>(high ? (word & 0x00FF) | byte << 8 : (word & 0xFF00) | byte);
}

}  // namespace

AcpiPm::AcpiPm(PortBus& ports, EventQueue& events, IrqLines& irqs, SystemLines& system)
    : ports_(ports), events_(events), irqs_(irqs), system_(system) {
  ports_.claim(kApmControl, 2, this);
  events_.set_handler(EventId::kAcpiTimer, [this] {
    sync();
    update();
  });
  reset();
}

void AcpiPm::reset() {
  const std::uint16_t base = state_.base;
  const bool enabled = state_.enabled;
  state_ = State{};
  state_.base = base;
  state_.enabled = enabled;
  state_.timer_synced = now();
  set_base(kDefaultBase, true);
  update();
}

void AcpiPm::set_base(std::uint16_t base, bool enabled) {
  if (state_.enabled) ports_.release(state_.base, kBlockSize, this);
  state_.base = static_cast<std::uint16_t>(base & ~(kBlockSize - 1));
  state_.enabled = enabled;
  if (enabled) ports_.claim(state_.base, kBlockSize, this, 4);
  ports_.claim(kApmControl, 2, this);  // a block that lay over them must not take them along
}

std::uint16_t AcpiPm::status_at(std::uint64_t t) const {
  const bool overflow = t >> kHalfRange != state_.timer_synced >> kHalfRange;
  return static_cast<std::uint16_t>(state_.status | (overflow ? kTimerOverflow : 0));
}

void AcpiPm::sync() {
  const std::uint64_t t = now();
  state_.status = status_at(t);
  state_.timer_synced = t;
}

void AcpiPm::update() {
  const bool sci = (state_.control & kSciEnable) != 0 && (state_.status & state_.enable) != 0;
  irqs_.set_irq(kSciIrq, sci);
  const bool waits = (state_.enable & kTimerOverflow) != 0 && (state_.status & kTimerOverflow) == 0;
  if (!waits) return events_.cancel(EventId::kAcpiTimer);
  const std::uint64_t next = ((state_.timer_synced >> kHalfRange) + 1) << kHalfRange;
  events_.schedule(EventId::kAcpiTimer,
                   std::max(events_.clock().tick_of_cycle(next, kHz), events_.now() + 1));
}

void AcpiPm::press_power_button() {
  sync();
  state_.status |= kPowerButton;
  update();
}

std::uint8_t AcpiPm::read_byte(unsigned offset) const {
  const auto of_word = [offset](std::uint32_t word, unsigned first) {
    return static_cast<std::uint8_t>(word >> (8 * (offset - first)));
  };
  switch (offset) {
    case 0x00:
    case 0x01:
      return of_word(status_at(now()), 0x00);
    case 0x02:
    case 0x03:
      return of_word(state_.enable, 0x02);
    case 0x04:
    case 0x05:
      return of_word(state_.control, 0x04);
    case 0x08:
    case 0x09:
    case 0x0A:
    case 0x0B:
      return of_word(timer(), 0x08);
    case 0x0E:
    case 0x0F:
      return of_word(state_.general_enable, 0x0E);
    default:
      return 0;
  }
}

std::uint8_t AcpiPm::peek(std::uint16_t port) const {
  if (port == kApmControl) return state_.apm_control;
  if (port == kApmStatus) return state_.apm_status;
  return read_byte((port - state_.base) & (kBlockSize - 1));
}

std::uint32_t AcpiPm::read_port(std::uint16_t port, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= static_cast<std::uint32_t>(peek(static_cast<std::uint16_t>(port + i))) << (8 * i);
  return value;
}

void AcpiPm::write_port(std::uint16_t port, unsigned size, std::uint32_t value) {
  sync();
  for (unsigned i = 0; i < size; ++i) {
    const auto at = static_cast<std::uint16_t>(port + i);
    const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
    if (at == kApmControl) {
      write_apm(byte);
    } else if (at == kApmStatus) {
      state_.apm_status = byte;
    } else {
      write_byte((at - state_.base) & (kBlockSize - 1), byte);
    }
  }
  update();
}

void AcpiPm::write_byte(unsigned offset, std::uint8_t value) {
  const bool high = (offset & 1) != 0;
  switch (offset) {
    case 0x00:
    case 0x01: {
      const std::uint16_t cleared = with_byte(0, high, value) & kStatusBits;
      state_.status = static_cast<std::uint16_t>(state_.status & ~cleared);
      break;
    }
    case 0x02:
    case 0x03:
      state_.enable = with_byte(state_.enable, high, value) & kEnableBits;
      break;
    case 0x04:
      state_.control = with_byte(state_.control, false, value) & kControlBits;
      break;
    case 0x05:
      write_control_high(value);
      break;
    case 0x0E:
    case 0x0F:
      state_.general_enable = with_byte(state_.general_enable, high, value);
      break;
    default:
      break;
  }
}

void AcpiPm::write_control_high(std::uint8_t value) {
  state_.control = with_byte(state_.control, true, value) & kControlBits;
  const bool soft_off = (value & 0x1C) == 0;  // SLP_TYP 0, as the PIIX4 and our DSDT have it
  if ((value & kSleepEnable) != 0 && soft_off) system_.power_off();
}

void AcpiPm::write_apm(std::uint8_t command) {
  state_.apm_control = command;
  if (command == 0xF1) {
    state_.control |= kSciEnable;
  } else if (command == 0xF0) {
    state_.control = static_cast<std::uint16_t>(state_.control & ~kSciEnable);
  }
}

void AcpiPm::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "acpi_pm");
  std::uint16_t base = state_.base;
  bool enabled = state_.enabled;
  visitor.field("base", base);
  visitor.field("enabled", enabled);
  visitor.field("status", state_.status);
  visitor.field("enable", state_.enable);
  visitor.field("control", state_.control);
  visitor.field("general_enable", state_.general_enable);
  visitor.field("apm_control", state_.apm_control);
  visitor.field("apm_status", state_.apm_status);
  visitor.field("timer_synced", state_.timer_synced);
  if (visitor.loading()) set_base(base, enabled);
}

}  // namespace ringside
