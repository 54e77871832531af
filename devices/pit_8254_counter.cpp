#include "devices/pit_8254_counter.h"

#include <algorithm>

namespace ringside {

unsigned PitCounter::mode() const {
  const unsigned bits = state_.control >> 1 & 7;
  return bits > 5 ? bits - 4 : bits;  // X10 and X11 are modes 2 and 3
}

void PitCounter::reset(bool gate) {
  const std::uint64_t synced = state_.synced;
  state_ = State{};
  state_.gate = gate;
  state_.synced = synced;
}

std::uint32_t PitCounter::programmed() const {
  if (!bcd()) return state_.cr == 0 ? 0x10000 : state_.cr;
  std::uint32_t value = 0;
  for (int digit = 3; digit >= 0; --digit) value = value * 10 + (state_.cr >> (4 * digit) & 15u);
  return value == 0 ? 10000 : value;
}

std::uint16_t PitCounter::encode(std::uint32_t value) const {
  if (!bcd()) return static_cast<std::uint16_t>(value);
  std::uint32_t result = 0;
  for (unsigned digit = 0; digit < 4; ++digit, value /= 10) result |= (value % 10) << (4 * digit);
  return static_cast<std::uint16_t>(result);
}

std::uint64_t PitCounter::elapsed(std::uint64_t t) const {
  return state_.stopped ? state_.stopped_elapsed : t - state_.load;
}

// Mode 3: an even count is high and low for N/2 clocks each, an odd one high for (N+1)/2 and low for (N-1)/2.
PitCounter::Half PitCounter::half(std::uint64_t elapsed) const {
  const std::uint64_t n = state_.initial;
  const std::uint64_t first = state_.first_half_high ? (n + 1) / 2 : n / 2;
  const std::uint64_t r = elapsed % n;
  return r < first ? Half{state_.first_half_high, r} : Half{!state_.first_half_high, r - first};
}

bool PitCounter::out(std::uint64_t t) const {
  const State& s = state_;
  const bool running = s.loaded && s.gate && !s.stopped && s.initial > 1;
  switch (mode()) {
    case 0:
      return s.loaded && !s.load_pending && !half_written() && elapsed(t) >= s.initial;
    case 1:
      return !(s.loaded && elapsed(t) < s.initial);
    case 2:
      return !(running && elapsed(t) % s.initial == s.initial - 1);
    case 3:
      return !running || half(elapsed(t)).high;
    default:
      return !(s.loaded && elapsed(t) == s.initial);  // 4, 5: strobes
  }
}

std::uint16_t PitCounter::count(std::uint64_t t) const {
  if (!state_.loaded) return state_.held;
  const std::uint64_t n = state_.initial;
  const std::uint64_t modulus = bcd() ? 10000 : 0x10000;
  const std::uint64_t e = elapsed(t);
  switch (mode()) {
    case 2:
      return encode(static_cast<std::uint32_t>(n - e % n));
    case 3:
      return encode(static_cast<std::uint32_t>((n & ~std::uint64_t{1}) - 2 * half(e).position));
    default:
      return encode(static_cast<std::uint32_t>((n + modulus - e % modulus) % modulus));  // wraps and goes on
  }
}

std::uint64_t PitCounter::next_rise(std::uint64_t t) const {
  const State& s = state_;
  if (!s.loaded || s.stopped) return kNoEdge;
  const std::uint64_t n = s.initial;
  const std::uint64_t e = elapsed(t);
  switch (mode()) {
    case 0:
      return s.load_pending || half_written() || e >= n ? kNoEdge : s.load + n;
    case 1:
      return e < n ? s.load + n : kNoEdge;
    case 2:
      return n < 2 || !s.gate ? kNoEdge : s.load + (e / n + 1) * n;
    case 3: {
      if (n < 2 || !s.gate) return kNoEdge;
      const std::uint64_t period = t - e % n;
      if (s.first_half_high) return period + n;
      return e % n < n / 2 ? period + n / 2 : period + n + n / 2;
    }
    default:
      return e <= n ? s.load + n + 1 : kNoEdge;
  }
}

std::uint64_t PitCounter::next_fall_of_square(std::uint64_t t) const {
  const State& s = state_;
  const std::uint64_t n = s.initial;
  if (mode() != 3 || !s.loaded || s.stopped || !s.gate || n < 2) return kNoEdge;
  const std::uint64_t e = elapsed(t);
  const std::uint64_t period = t - e % n;
  if (!s.first_half_high) return period + n;
  const std::uint64_t high = (n + 1) / 2;
  return e % n < high ? period + high : period + n + high;
}

std::uint64_t PitCounter::next_edge() const {
  const std::uint64_t edge = std::min(next_rise(state_.synced), next_fall_of_square(state_.synced));
  if (!state_.load_pending || edge < state_.load_at) return edge;
  PitCounter later = *this;
  later.load_ce();
  later.state_.synced = state_.load_at;
  if (later.out(state_.load_at) != out(state_.load_at - 1)) return state_.load_at;
  return later.next_edge();
}

void PitCounter::load_ce() {
  State& s = state_;
  const bool goes_high = s.load_restarts || !s.loaded || s.initial < 2 || half(elapsed(s.load_at)).high;
  s.first_half_high = goes_high;
  s.load = s.load_at;
  s.initial = programmed();
  s.loaded = true;
  s.load_pending = false;
  s.null_count = false;
  const unsigned m = mode();
  s.stopped = !s.gate && m != 1 && m != 5;  // in modes 1 and 5 GATE triggers and does not hold
  s.stopped_elapsed = 0;
}

bool PitCounter::advance(std::uint64_t t) {
  State& s = state_;
  bool rose = false;
  if (s.load_pending && s.load_at <= t) {
    const std::uint64_t last = s.load_at - 1;
    rose = next_rise(s.synced) <= last;
    const bool before = out(last);
    load_ce();
    s.synced = s.load;
    rose = rose || (!before && out(s.load));
  }
  rose = rose || next_rise(s.synced) <= t;
  s.synced = t;
  return rose;
}

void PitCounter::write_control(std::uint64_t t, std::uint8_t control) {
  State& s = state_;
  const std::uint16_t held = count(t);
  const bool gate = s.gate;
  s = State{};
  s.control = control & 0x3F;
  s.gate = gate;
  s.held = held;
  s.synced = t;
}

void PitCounter::stop(std::uint64_t t) {
  if (!state_.loaded || state_.stopped) return;
  state_.stopped_elapsed = elapsed(t);
  state_.stopped = true;
}

void PitCounter::load_next_clock(std::uint64_t t) {
  state_.load_pending = true;
  state_.load_restarts = true;
  state_.load_at = t + 1;
}

void PitCounter::write(std::uint64_t t, std::uint8_t value) {
  switch (rw()) {
    case 1:
      return count_complete(t, value);
    case 2:
      return count_complete(t, static_cast<std::uint16_t>(value << 8));
    default:
      break;
  }
  State& s = state_;
  s.write_high = !s.write_high;
  if (!s.write_high) return count_complete(t, static_cast<std::uint16_t>(s.cr_low | value << 8));
  s.cr_low = value;
  if (mode() == 0) stop(t);  // the first byte stops the counting, and OUT goes low at once
}

void PitCounter::count_complete(std::uint64_t t, std::uint16_t count) {
  State& s = state_;
  s.cr = count;
  s.null_count = true;
  s.count_written = true;
  switch (mode()) {
    case 1:
    case 5:
      return;  // CE is loaded by the next trigger
    case 2:
    case 3:
      // The first count is loaded by the next clock, a later one when the (half) period ends.
      if (s.load_pending) return;
      if (!s.loaded) return load_next_clock(t);
      if (!s.gate || s.stopped) return;
      s.load_pending = true;
      s.load_restarts = false;
      s.load_at = next_reload(t);
      return;
    default:
      return load_next_clock(t);
  }
}

std::uint64_t PitCounter::next_reload(std::uint64_t t) const {
  const std::uint64_t n = state_.initial;
  if (n < 2) return t + 1;
  if (mode() == 2) return state_.load + (elapsed(t) / n + 1) * n;
  return std::min(next_rise(t), next_fall_of_square(t));
}

void PitCounter::set_gate(std::uint64_t t, bool gate) {
  State& s = state_;
  if (s.gate == gate) return;
  s.gate = gate;
  switch (mode()) {
    case 1:
    case 5:
      if (gate && s.count_written) load_next_clock(t);
      return;
    case 2:
    case 3:
      if (gate) {
        if (s.count_written) load_next_clock(t);
      } else {
        if (s.loaded) s.load_pending = false;
        stop(t);
      }
      return;
    default:
      if (!gate) return stop(t);
      if (!s.stopped || (mode() == 0 && half_written())) return;
      s.load = t - s.stopped_elapsed;
      s.stopped = false;
  }
}

void PitCounter::latch_count(std::uint64_t t) {
  if (state_.count_latched) return;  // the first latch holds until it is read
  state_.latch = count(t);
  state_.count_latched = true;
}

void PitCounter::latch_status(std::uint64_t t) {
  if (state_.status_latched) return;
  state_.status =
      static_cast<std::uint8_t>((out(t) ? 0x80 : 0) | (state_.null_count ? 0x40 : 0) | state_.control);
  state_.status_latched = true;
}

std::uint8_t PitCounter::peek(std::uint64_t t) const {
  if (state_.status_latched) return state_.status;
  const std::uint16_t value = state_.count_latched ? state_.latch : count(t);
  const bool high = rw() == 2 || (rw() == 3 && state_.read_high);
  return static_cast<std::uint8_t>(high ? value >> 8 : value);
}

std::uint8_t PitCounter::read(std::uint64_t t) {
  const std::uint8_t value = peek(t);
  if (state_.status_latched) {
    state_.status_latched = false;
    return value;
  }
  if (rw() == 3) state_.read_high = !state_.read_high;
  if (!state_.read_high) state_.count_latched = false;
  return value;
}

void PitCounter::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "counter");
  State& s = state_;
  visitor.field("control", s.control);
  visitor.field("cr", s.cr);
  visitor.field("cr_low", s.cr_low);
  visitor.field("write_high", s.write_high);
  visitor.field("read_high", s.read_high);
  visitor.field("count_written", s.count_written);
  visitor.field("null_count", s.null_count);
  visitor.field("gate", s.gate);
  visitor.field("loaded", s.loaded);
  visitor.field("load", s.load);
  visitor.field("initial", s.initial);
  visitor.field("first_half_high", s.first_half_high);
  visitor.field("load_pending", s.load_pending);
  visitor.field("load_restarts", s.load_restarts);
  visitor.field("load_at", s.load_at);
  visitor.field("stopped", s.stopped);
  visitor.field("stopped_elapsed", s.stopped_elapsed);
  visitor.field("held", s.held);
  visitor.field("count_latched", s.count_latched);
  visitor.field("latch", s.latch);
  visitor.field("status_latched", s.status_latched);
  visitor.field("status", s.status);
  visitor.field("synced", s.synced);
  if (visitor.loading() && (s.initial == 0 || s.initial > 0x10000 || s.control > 0x3F))
    throw StateError("8254: a counter's count or control word is out of range");
}

}  // namespace ringside
