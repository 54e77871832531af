#include "devices/ps2_keyboard.h"

namespace ringside {
namespace {

constexpr std::uint8_t kAcknowledge = 0xFA;
constexpr std::uint8_t kResend = 0xFE;
constexpr std::uint8_t kSelfTestPassed = 0xAA;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSelfTestTime = 20 * kMillisecond;
constexpr std::uint8_t kNumLockLed = 2;

bool is_navigation_key(KeyCode key) { return key >= KeyCode::kInsert && key <= KeyCode::kRight; }

}  // namespace

Ps2Keyboard::Ps2Keyboard(const Clock& clock, std::function<void()> changed)
    : clock_(clock), changed_(std::move(changed)) {}

void Ps2Keyboard::set_defaults() {
  state_.buffer.clear();
  state_.scan_code_set = 2;
  state_.typematic = 0x2B;
  state_.repeating = false;
  state_.repeat_due = kNever;
}

// --- Keys ---------------------------------------------------------------------------------------------

void Ps2Keyboard::Sequence::add(std::initializer_list<std::uint8_t> more) {
  for (std::uint8_t byte : more)
    if (size < bytes.size()) bytes[size++] = byte;
}

void Ps2Keyboard::add_code(Sequence& sequence, ScanCode code, bool down) const {
  if (code.extended) sequence.add({0xE0});
  if (state_.scan_code_set == 1) {
    sequence.add({static_cast<std::uint8_t>(set1_from_set2(code.code) | (down ? 0 : 0x80))});
  } else {
    if (!down) sequence.add({0xF0});
    sequence.add({code.code});
  }
}

// The grey keys were added to a board whose software knew only the keypad: with Num Lock they pretend that
// Shift is held, and with Shift held they pretend that it is not, so that they always mean navigation.
void Ps2Keyboard::add_fake_shifts(Sequence& sequence, KeyCode key, bool down) const {
  const bool shift = is_down(KeyCode::kLeftShift) || is_down(KeyCode::kRightShift);
  const bool num_lock = (state_.leds & kNumLockLed) != 0;
  const ScanCode left{set2_code(KeyCode::kLeftShift).code, true};
  const ScanCode right{set2_code(KeyCode::kRightShift).code, true};
  if (num_lock && !shift && is_navigation_key(key)) {
    add_code(sequence, left, down);
  } else if (shift && (key == KeyCode::kKeypadSlash || !num_lock)) {
    if (is_down(KeyCode::kLeftShift)) add_code(sequence, left, !down);
    if (is_down(KeyCode::kRightShift)) add_code(sequence, right, !down);
  }
}

Ps2Keyboard::Sequence Ps2Keyboard::sequence_of(KeyCode key, bool down, bool repeat) const {
  Sequence sequence;
  const bool ctrl = is_down(KeyCode::kLeftCtrl) || is_down(KeyCode::kRightCtrl);
  const bool alt = is_down(KeyCode::kLeftAlt) || is_down(KeyCode::kRightAlt);
  const bool shift = is_down(KeyCode::kLeftShift) || is_down(KeyCode::kRightShift);
  const ScanCode code = set2_code(key);
  if (key == KeyCode::kPause) {
    if (!down) return sequence;  // all of it is sent when the key goes down
    if (ctrl) {
      add_code(sequence, {0x7E, true}, true);  // Break
      add_code(sequence, {0x7E, true}, false);
    } else if (state_.scan_code_set == 1) {
      sequence.add({0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5});
    } else {
      sequence.add({0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77});
    }
  } else if (key == KeyCode::kPrintScreen) {
    const bool fake = !alt && !ctrl && !shift && !repeat;
    if (alt) {
      add_code(sequence, {0x84, false}, down);  // SysRq
    } else if (down) {
      if (fake) add_code(sequence, {0x12, true}, true);
      add_code(sequence, code, true);
    } else {
      add_code(sequence, code, false);
      if (fake) add_code(sequence, {0x12, true}, false);
    }
  } else if (is_navigation_key(key) || key == KeyCode::kKeypadSlash) {
    if (down && !repeat) add_fake_shifts(sequence, key, true);
    add_code(sequence, code, down);
    if (!down) add_fake_shifts(sequence, key, false);
  } else {
    add_code(sequence, code, down);
  }
  return sequence;
}

void Ps2Keyboard::send(const Sequence& sequence) {
  if (!state_.scanning) return;
  if (state_.overrun && state_.buffer.empty()) state_.overrun = false;
  if (state_.overrun || state_.buffer.size() + sequence.size > kBufferSize) {
    // One overrun code after the last code that fitted; then all is lost until the buffer has been emptied.
    if (!state_.overrun) state_.buffer.push(state_.scan_code_set == 1 ? 0xFF : 0x00);
    state_.overrun = true;
    return;
  }
  for (std::size_t i = 0; i < sequence.size; ++i) state_.buffer.push(sequence.bytes[i]);
}

void Ps2Keyboard::key(KeyCode code, bool down) {
  if (code >= KeyCode::kCount || is_down(code) == down) return;
  const Sequence sequence = sequence_of(code, down, false);
  state_.down[static_cast<std::size_t>(code)] = down;
  send(sequence);
  if (down && code != KeyCode::kPause) {
    state_.repeating = true;
    state_.repeat_key = code;
    state_.repeat_due = clock_.now() + repeat_delay();
  } else if (!down && code == state_.repeat_key) {
    state_.repeating = false;
    state_.repeat_due = kNever;
  }
  changed_();
}

// --- Time ---------------------------------------------------------------------------------------------

Tick Ps2Keyboard::repeat_delay() const {
  return clock_.delay(((state_.typematic >> 5 & 3) + 1u) * 250 * kMillisecond);
}

Tick Ps2Keyboard::repeat_period() const {
  const std::uint64_t units = (8 + std::uint64_t{state_.typematic & 7u}) << (state_.typematic >> 3 & 3);
  return clock_.delay(units * 1'000'000'000 / 240);  // a unit is 4.17 ms
}

void Ps2Keyboard::timer() {
  const Tick now = clock_.now();
  if (state_.self_test_due <= now) {
    state_.self_test_due = kNever;
    state_.reply.push(kSelfTestPassed);
  }
  if (state_.repeat_due <= now) {
    state_.repeat_due = kNever;
    if (state_.repeating) {
      // A repeat that finds the buffer full is dropped; the overrun code is for keys.
      const Sequence sequence = sequence_of(state_.repeat_key, true, true);
      const bool lossy = state_.overrun && !state_.buffer.empty();
      if (!lossy && state_.buffer.size() + sequence.size <= kBufferSize) send(sequence);
      state_.repeat_due = now + repeat_period();
    }
  }
}

// --- The line to the controller -----------------------------------------------------------------------

std::uint8_t Ps2Keyboard::take_byte() {
  const std::uint8_t byte = state_.reply.empty() ? state_.buffer.take() : state_.reply.take();
  if (byte != kResend) state_.last_sent = byte;
  return byte;
}

void Ps2Keyboard::answer(std::initializer_list<std::uint8_t> bytes) {
  for (std::uint8_t byte : bytes) state_.reply.push(byte);
}

void Ps2Keyboard::receive(std::uint8_t byte) {
  const std::uint8_t waiting = state_.parameter_of;
  state_.parameter_of = 0;
  state_.reply.clear();  // a new command ends the answer to the one before
  // A command in the place of a parameter is taken as a command.
  if (waiting != 0 && byte < 0xED) {
    parameter(waiting, byte);
  } else {
    command(byte);
  }
  changed_();
}

void Ps2Keyboard::parameter(std::uint8_t command, std::uint8_t byte) {
  const bool bad =
      (command == 0xED && byte > 7) || (command == 0xF3 && byte > 0x7F) || (command == 0xF0 && byte > 2);
  if (bad) return answer({kResend});
  answer({kAcknowledge});
  switch (command) {
    case 0xED:
      state_.leds = byte;
      break;
    case 0xF3:
      state_.typematic = byte;
      break;
    case 0xF0:
      if (byte == 0) {
        answer({state_.scan_code_set});
      } else {
        state_.scan_code_set = byte;
        state_.buffer.clear();
      }
      break;
    default:
      break;
  }
}

void Ps2Keyboard::command(std::uint8_t byte) {
  switch (byte) {
    case 0xED:
    case 0xF3:
      state_.parameter_of = byte;
      return answer({kAcknowledge});
    case 0xF0:
      state_.parameter_of = byte;
      state_.buffer.clear();
      return answer({kAcknowledge});
    case 0xEE:
      return answer({0xEE});
    case 0xF2:
      return answer({kAcknowledge, 0xAB, 0x83});
    case 0xF4:
      state_.buffer.clear();
      state_.scanning = true;
      return answer({kAcknowledge});
    case 0xF5:
      set_defaults();
      state_.scanning = false;
      return answer({kAcknowledge});
    case 0xF6:
      set_defaults();
      state_.scanning = true;
      return answer({kAcknowledge});
    case 0xF7:
    case 0xF8:
    case 0xF9:
    case 0xFA:
      return answer({kAcknowledge});
    case 0xFE:
      return answer({state_.last_sent});
    case 0xFF:
      set_defaults();
      state_.scanning = true;
      state_.leds = 0;
      state_.self_test_due = clock_.now() + clock_.delay(kSelfTestTime);
      return answer({kAcknowledge});
    default:
      return answer({kResend});
  }
}

void Ps2Keyboard::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "keyboard");
  visitor.field("down", state_.down);
  state_.buffer.visit(visitor);
  state_.reply.visit(visitor);
  visitor.field("last_sent", state_.last_sent);
  visitor.field("parameter_of", state_.parameter_of);
  visitor.field("scan_code_set", state_.scan_code_set);
  visitor.field("leds", state_.leds);
  visitor.field("typematic", state_.typematic);
  visitor.field("scanning", state_.scanning);
  visitor.field("overrun", state_.overrun);
  visitor.field("repeating", state_.repeating);
  visitor.field("repeat_key", state_.repeat_key);
  visitor.field("repeat_due", state_.repeat_due);
  visitor.field("self_test_due", state_.self_test_due);
  if (state_.repeat_key >= KeyCode::kCount)
    throw StateError("the keyboard repeats a key that does not exist");
  if (state_.scan_code_set < 1 || state_.scan_code_set > 2) throw StateError("no such scan code set");
}

}  // namespace ringside
