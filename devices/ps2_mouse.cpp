#include "devices/ps2_mouse.h"

#include <algorithm>

namespace ringside {
namespace {

constexpr std::uint8_t kAcknowledge = 0xFA;
constexpr std::uint8_t kRefused = 0xFE;
constexpr std::uint8_t kError = 0xFC;
constexpr std::uint64_t kSelfTestTime = 20'000'000;
constexpr std::uint32_t kWheelPassword = 200u << 16 | 100u << 8 | 80u;
constexpr int kMostCounts = 0x7FFF;

int bounded(std::int32_t sum, int more) {
  return static_cast<int>(std::clamp<std::int64_t>(std::int64_t{sum} + more, -kMostCounts, kMostCounts));
}

// "Mouse", Scaling: 2:1 maps 0 1 2 3 4 5 to 0 1 1 3 6 9, and doubles the rest.
int scaled_2_to_1(int counts) {
  constexpr int kSmall[] = {0, 1, 1, 3, 6, 9};
  const int size = counts < 0 ? -counts : counts;
  const int result = size <= 5 ? kSmall[size] : 2 * size;
  return counts < 0 ? -result : result;
}

bool is_sample_rate(std::uint8_t rate) {
  switch (rate) {
    case 10:
    case 20:
    case 40:
    case 60:
    case 80:
    case 100:
    case 200:
      return true;
    default:
      return false;
  }
}

}  // namespace

Ps2Mouse::Ps2Mouse(const Clock& clock, std::function<void()> changed)
    : clock_(clock), changed_(std::move(changed)) {}

void Ps2Mouse::set_defaults() {
  state_.sample_rate = 100;
  state_.resolution = 2;
  state_.scaling = state_.reporting = state_.remote = state_.wrap = false;
  state_.dx = state_.dy = state_.dz = 0;
  state_.sample_due = kNever;
}

void Ps2Mouse::move(int dx, int dy, int dz, unsigned buttons) {
  state_.dx = bounded(state_.dx, dx);
  state_.dy = bounded(state_.dy, dy);
  state_.dz = bounded(state_.dz, dz);
  state_.buttons = buttons & 7;
  stream();
  changed_();
}

bool Ps2Mouse::anything_new() const {
  return state_.dx != 0 || state_.dy != 0 || (state_.id == 3 && state_.dz != 0) ||
         state_.buttons != state_.reported_buttons;
}

// In stream mode a report goes out when something is new, but not faster than the sample rate and not
// before the report in front of it has left.
void Ps2Mouse::stream() {
  if (!state_.reporting || state_.remote || state_.wrap) return;
  if (state_.sample_due != kNever || !state_.output.empty() || !anything_new()) return;
  report(state_.scaling);
  state_.sample_due = clock_.now() + clock_.delay(1'000'000'000 / state_.sample_rate);
}

void Ps2Mouse::timer() {
  const Tick now = clock_.now();
  if (state_.self_test_due <= now) {
    state_.self_test_due = kNever;
    state_.output.push(0xAA);
    state_.output.push(state_.id);
  }
  if (state_.sample_due <= now) {
    state_.sample_due = kNever;
    if (!state_.output.empty() && anything_new()) {  // the controller has not fetched the last one
      state_.sample_due = now + clock_.delay(1'000'000'000 / state_.sample_rate);
    } else {
      stream();
    }
  }
}

void Ps2Mouse::report(bool scaled) {
  const int reach = scaled ? 127 : 255;  // what a report can carry after scaling
  const int dx = std::clamp(state_.dx, -reach, reach);
  const int dy = std::clamp(state_.dy, -reach, reach);
  state_.dx -= dx;
  state_.dy -= dy;
  const int x = scaled ? scaled_2_to_1(dx) : dx;
  const int y = scaled ? scaled_2_to_1(dy) : dy;
  const int z = state_.id == 3 ? std::clamp(state_.dz, -8, 7) : state_.dz;
  state_.dz -= z;
  state_.reported_buttons = state_.buttons;
  state_.last_report = {
      static_cast<std::uint8_t>(0x08 | state_.buttons | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0)),
      static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y), static_cast<std::uint8_t>(z)};
  state_.last_report_size = state_.id == 3 ? 4 : 3;
  for (std::size_t i = 0; i < state_.last_report_size; ++i) state_.output.push(state_.last_report[i]);
}

void Ps2Mouse::answer(std::initializer_list<std::uint8_t> bytes) {
  for (std::uint8_t byte : bytes) state_.output.push(byte);
  state_.last_report_size = 0;
  for (std::uint8_t byte : bytes)
    if (state_.last_report_size < state_.last_report.size())
      state_.last_report[state_.last_report_size++] = byte;
}

void Ps2Mouse::refuse() {
  // The second mistake in a row is an error.
  state_.output.push(state_.refused ? kError : kRefused);
  state_.refused = !state_.refused;
}

void Ps2Mouse::receive(std::uint8_t byte) {
  state_.output.clear();
  if (state_.wrap && byte != 0xEC && byte != 0xFF) {
    answer({byte});
  } else if (const std::uint8_t waiting = state_.parameter_of; waiting != 0) {
    state_.parameter_of = 0;
    parameter(waiting, byte);
  } else {
    command(byte);
  }
  changed_();
}

void Ps2Mouse::parameter(std::uint8_t command, std::uint8_t byte) {
  if (command == 0xE8 ? byte > 3 : !is_sample_rate(byte)) {
    state_.parameter_of = state_.refused ? 0 : command;
    return refuse();
  }
  state_.refused = false;
  if (command == 0xE8) {
    state_.resolution = byte;
  } else {
    state_.sample_rate = byte;
    state_.recent_rates = (state_.recent_rates << 8 | byte) & 0xFFFFFF;
    if (state_.recent_rates == kWheelPassword) state_.id = 3;
  }
  answer({kAcknowledge});
}

void Ps2Mouse::send_status() {
  const auto flags =
      static_cast<std::uint8_t>((state_.remote ? 0x40 : 0) | (state_.reporting ? 0x20 : 0) |
                                (state_.scaling ? 0x10 : 0) | ((state_.buttons & 1) != 0 ? 4 : 0) |
                                ((state_.buttons & 4) != 0 ? 2 : 0) | ((state_.buttons & 2) != 0 ? 1 : 0));
  answer({kAcknowledge, flags, state_.resolution, state_.sample_rate});
}

void Ps2Mouse::command(std::uint8_t byte) {
  const bool refused_before = state_.refused;
  state_.refused = false;
  switch (byte) {
    case 0xE6:
    case 0xE7:
      state_.scaling = byte == 0xE7;
      return answer({kAcknowledge});
    case 0xE8:
    case 0xF3:
      state_.parameter_of = byte;
      return answer({kAcknowledge});
    case 0xE9:
      return send_status();
    case 0xEA:
      state_.remote = false;
      state_.dx = state_.dy = state_.dz = 0;
      return answer({kAcknowledge});
    case 0xEB:
      answer({kAcknowledge});
      return report(false);
    case 0xEC:
      state_.wrap = false;
      return answer({kAcknowledge});
    case 0xEE:
      state_.wrap = true;
      return answer({kAcknowledge});
    case 0xF0:
      state_.remote = true;
      state_.dx = state_.dy = state_.dz = 0;
      return answer({kAcknowledge});
    case 0xF2:
      return answer({kAcknowledge, state_.id});
    case 0xF4:
      state_.reporting = true;
      state_.dx = state_.dy = state_.dz = 0;
      return answer({kAcknowledge});
    case 0xF5:
      state_.reporting = false;
      return answer({kAcknowledge});
    case 0xF6:
      set_defaults();
      return answer({kAcknowledge});
    case 0xFE:
      for (std::size_t i = 0; i < state_.last_report_size; ++i) state_.output.push(state_.last_report[i]);
      return;
    case 0xFF:
      set_defaults();
      state_.id = 0;
      state_.recent_rates = 0;
      state_.self_test_due = clock_.now() + clock_.delay(kSelfTestTime);
      return answer({kAcknowledge});
    default:
      state_.refused = refused_before;
      return refuse();
  }
}

void Ps2Mouse::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "mouse");
  state_.output.visit(visitor);
  visitor.field("last_report", state_.last_report);
  visitor.field("last_report_size", state_.last_report_size);
  visitor.field("parameter_of", state_.parameter_of);
  visitor.field("id", state_.id);
  visitor.field("sample_rate", state_.sample_rate);
  visitor.field("resolution", state_.resolution);
  visitor.field("recent_rates", state_.recent_rates);
  visitor.field("scaling", state_.scaling);
  visitor.field("reporting", state_.reporting);
  visitor.field("remote", state_.remote);
  visitor.field("wrap", state_.wrap);
  visitor.field("refused", state_.refused);
  visitor.field("dx", state_.dx);
  visitor.field("dy", state_.dy);
  visitor.field("dz", state_.dz);
  visitor.field("buttons", state_.buttons);
  visitor.field("reported_buttons", state_.reported_buttons);
  visitor.field("sample_due", state_.sample_due);
  visitor.field("self_test_due", state_.self_test_due);
  const bool counts_fit = std::max({std::abs(std::int64_t{state_.dx}), std::abs(std::int64_t{state_.dy}),
                                    std::abs(std::int64_t{state_.dz})}) <= kMostCounts;
  if (state_.last_report_size > state_.last_report.size() || !is_sample_rate(state_.sample_rate) ||
      !counts_fit || state_.buttons > 7)
    throw StateError("the mouse is in a state that it cannot be in");
}

}  // namespace ringside
