#include "devices/kbc_8042.h"

#include <algorithm>
#include <string>

namespace ringside {
namespace {

constexpr const char* kName = "8042";
constexpr std::uint16_t kDataPort = 0x60;
constexpr std::uint16_t kCommandPort = 0x64;

// The command byte.
constexpr std::uint8_t kKeyboardInterrupt = 0x01;
constexpr std::uint8_t kMouseInterrupt = 0x02;
constexpr std::uint8_t kSystemFlag = 0x04;
constexpr std::uint8_t kKeyboardDisabled = 0x10;
constexpr std::uint8_t kMouseDisabled = 0x20;
constexpr std::uint8_t kTranslate = 0x40;

constexpr std::uint64_t kAnswerTime = 20'000;    // ns
constexpr std::uint64_t kFrameTime = 1'000'000;  // 11 bits at some 11 kHz
constexpr std::uint64_t kInputTime = 10'000;
constexpr unsigned kA20Source = 0;

std::string hex(std::uint8_t value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  return {kDigits[value >> 4], kDigits[value & 15], 'h'};
}

}  // namespace

Kbc8042::Kbc8042(PortBus& bus, EventQueue& queue, IrqLines& irqs, SystemLines& system, DeviceLog& log)
    : queue_(queue),
      irqs_(irqs),
      system_(system),
      log_(log),
      keyboard_(queue.clock(), [this] { update(); }),
      mouse_(queue.clock(), [this] { update(); }) {
  bus.claim(kDataPort, 1, this);
  bus.claim(kCommandPort, 1, this);
  queue.set_handler(EventId::kKeyboard, [this] { on_event(); });
  queue.set_handler(EventId::kMouse, [this] { on_event(); });
  command_byte() = kKeyboardDisabled | kMouseDisabled;
}

void Kbc8042::reset() {
  state_ = State{};
  command_byte() = kKeyboardDisabled | kMouseDisabled;
  keyboard_.reset();
  mouse_.reset();
  queue_.cancel(EventId::kKeyboard);
  queue_.cancel(EventId::kMouse);
  update_irqs();
  system_.set_a20_gate(kA20Source, true);
}

// --- Ports --------------------------------------------------------------------------------------------

std::uint8_t Kbc8042::status() const {
  return static_cast<std::uint8_t>((state_.output_full ? 0x01 : 0) |
                                   (queue_.now() < state_.input_full_until ? 0x02 : 0) |
                                   (state_.system_flag ? 0x04 : 0) | (state_.command_was_last ? 0x08 : 0) |
                                   0x10 |  // the keyboard lock is open
                                   (state_.output_full && state_.output_from_mouse ? 0x20 : 0));
}

std::uint32_t Kbc8042::read_port(std::uint16_t port, unsigned) {
  return port == kDataPort ? read_data() : status();
}

std::uint8_t Kbc8042::read_data() {
  if (state_.output_full) {
    state_.output_full = false;
    update();
  }
  return state_.output;  // the latch keeps its byte
}

void Kbc8042::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  if (queue_.now() < state_.input_full_until)
    log_.lint(kName, "port " + std::string(port == kDataPort ? "60h" : "64h") +
                         " was written while the input buffer was full");
  state_.input_full_until = queue_.now() + queue_.clock().delay(kInputTime);
  const auto byte = static_cast<std::uint8_t>(value);
  state_.command_was_last = port == kCommandPort;
  if (port == kCommandPort) {
    if (state_.parameter_of != 0)
      log_.lint(kName, "command " + hex(byte) + " was written in place of the parameter of " +
                           hex(state_.parameter_of));
    state_.parameter_of = 0;
    command(byte);
  } else {
    write_data(byte);
  }
  update();
}

void Kbc8042::write_data(std::uint8_t value) {
  if (const std::uint8_t waiting = state_.parameter_of; waiting != 0) {
    state_.parameter_of = 0;
    return parameter(waiting, value);
  }
  command_byte() &= static_cast<std::uint8_t>(~kKeyboardDisabled);  // sending needs the clock
  keyboard_.receive(value);
}

// --- Commands -----------------------------------------------------------------------------------------

void Kbc8042::command(std::uint8_t value) {
  if (value >= 0x20 && value <= 0x3F) return answer(state_.ram[value & 0x1F]);
  if (value >= 0x60 && value <= 0x7F) {
    state_.parameter_of = value;
    return;
  }
  if (value >= 0xF0) {  // bits 3..0 are the lines of the output port that are pulsed low
    if ((value & 1) == 0) system_.request_reset(false);
    return;
  }
  switch (value) {
    case 0xA4:
      return answer(0xF1);  // no password is installed
    case 0xA7:
      return set_command_byte(command_byte() | kMouseDisabled);
    case 0xA8:
      return set_command_byte(command_byte() & static_cast<std::uint8_t>(~kMouseDisabled));
    case 0xA9:
      return answer(0x00);  // mouse lines good
    case 0xAA:
      state_.system_flag = true;
      command_byte() |= kSystemFlag;
      state_.answers.clear();
      state_.output_full = false;
      return answer(0x55);
    case 0xAB:
      return answer(0x00);  // keyboard lines good
    case 0xAD:
      return set_command_byte(command_byte() | kKeyboardDisabled);
    case 0xAE:
      return set_command_byte(command_byte() & static_cast<std::uint8_t>(~kKeyboardDisabled));
    case 0xC0:
      return answer(0xA0);  // keyboard not locked, colour display
    case 0xD0:
      return answer(output_port());
    case 0xD1:
    case 0xD2:
    case 0xD3:
    case 0xD4:
      state_.parameter_of = value;
      return;
    case 0xDD:
      return set_a20(false);
    case 0xDF:
      return set_a20(true);
    case 0xE0:
      return answer(static_cast<std::uint8_t>(((command_byte() & kKeyboardDisabled) == 0 ? 1 : 0) |
                                              ((command_byte() & kMouseDisabled) == 0 ? 2 : 0)));
    default:
      log_.lint(kName, "command " + hex(value) + " does not exist and is ignored");
  }
}

void Kbc8042::parameter(std::uint8_t command, std::uint8_t value) {
  switch (command) {
    case 0x60:
      return set_command_byte(value);
    case 0xD1:
      return set_output_port(value);
    case 0xD2:
      return answer(value);
    case 0xD3:
      return answer(value, true);
    case 0xD4:
      command_byte() &= static_cast<std::uint8_t>(~kMouseDisabled);
      return mouse_.receive(value);
    default:
      state_.ram[command & 0x1F] = value;
  }
}

void Kbc8042::set_command_byte(std::uint8_t value) {
  command_byte() = value;
  state_.system_flag = (value & kSystemFlag) != 0;
}

std::uint8_t Kbc8042::output_port() const {
  const bool mouse = state_.output_full && state_.output_from_mouse;
  const bool keyboard = state_.output_full && !state_.output_from_mouse;
  return static_cast<std::uint8_t>(0xC1 | (state_.a20 ? 0x02 : 0) | (keyboard ? 0x10 : 0) |
                                   (mouse ? 0x20 : 0));
}

void Kbc8042::set_output_port(std::uint8_t value) {
  set_a20((value & 2) != 0);
  if ((value & 1) == 0) {
    log_.lint(kName, "the output port was written with bit 0 clear, which holds the processor in reset");
    system_.request_reset(false);
  }
}

void Kbc8042::set_a20(bool enabled) {
  state_.a20 = enabled;
  system_.set_a20_gate(kA20Source, enabled);
}

void Kbc8042::answer(std::uint8_t value, bool as_mouse) {
  state_.answers.push(static_cast<std::uint16_t>(value | (as_mouse ? 0x100 : 0)));
  // The controller stops the device whose frame it was receiving; the device sends the byte again.
  state_.transfer = Transfer::kNone;
}

// --- Bytes on their way to the output buffer ------------------------------------------------------------

bool Kbc8042::enabled(Transfer transfer) const {
  switch (transfer) {
    case Transfer::kController:
      return !state_.answers.empty();
    case Transfer::kKeyboard:
      return (command_byte() & kKeyboardDisabled) == 0 && keyboard_.has_byte();
    case Transfer::kMouse:
      return (command_byte() & kMouseDisabled) == 0 && mouse_.has_byte();
    case Transfer::kNone:
      break;
  }
  return false;
}

void Kbc8042::begin_transfer() {
  if (state_.transfer != Transfer::kNone && (!enabled(state_.transfer) || state_.output_full))
    state_.transfer = Transfer::kNone;
  if (state_.transfer != Transfer::kNone || state_.output_full) return;
  for (Transfer next : {Transfer::kController, Transfer::kKeyboard, Transfer::kMouse}) {
    if (!enabled(next)) continue;
    state_.transfer = next;
    state_.transfer_due =
        queue_.now() + queue_.clock().delay(next == Transfer::kController ? kAnswerTime : kFrameTime);
    return;
  }
}

void Kbc8042::end_transfer() {
  const Transfer transfer = state_.transfer;
  state_.transfer = Transfer::kNone;
  if (!enabled(transfer)) return;
  state_.output_full = true;
  state_.output_from_mouse = transfer == Transfer::kMouse;
  if (transfer == Transfer::kController) {
    const std::uint16_t entry = state_.answers.take();
    state_.output = static_cast<std::uint8_t>(entry);
    state_.output_from_mouse = (entry & 0x100) != 0;
  } else if (transfer == Transfer::kMouse) {
    state_.output = mouse_.take_byte();
  } else {
    // F0h, "the next code is a release", becomes bit 7 of that code.
    std::uint8_t byte = keyboard_.take_byte();
    if ((command_byte() & kTranslate) != 0) {
      if (byte == 0xF0) {
        state_.break_seen = true;
        state_.output_full = false;
        return;
      }
      byte = static_cast<std::uint8_t>(set1_from_set2(byte) | (state_.break_seen ? 0x80 : 0));
    }
    state_.break_seen = false;
    state_.output = byte;
  }
}

void Kbc8042::on_event() {
  const Tick now = queue_.now();
  if (state_.transfer != Transfer::kNone && state_.transfer_due <= now) end_transfer();
  if (keyboard_.timer_due() <= now) keyboard_.timer();
  if (mouse_.timer_due() <= now) mouse_.timer();
  update();
}

void Kbc8042::update() {
  begin_transfer();
  const bool for_mouse = state_.transfer == Transfer::kMouse;
  const Tick transfer = state_.transfer == Transfer::kNone ? kNever : state_.transfer_due;
  set_event(EventId::kKeyboard, std::min(keyboard_.timer_due(), for_mouse ? kNever : transfer));
  set_event(EventId::kMouse, std::min(mouse_.timer_due(), for_mouse ? transfer : kNever));
  update_irqs();
}

void Kbc8042::set_event(EventId id, Tick due) {
  if (queue_.due(id) == due) return;
  if (due == kNever) {
    queue_.cancel(id);
  } else {
    queue_.schedule(id, due);
  }
}

void Kbc8042::update_irqs() {
  const bool from_mouse = state_.output_from_mouse;
  irqs_.set_irq(1, state_.output_full && !from_mouse && (command_byte() & kKeyboardInterrupt) != 0);
  irqs_.set_irq(12, state_.output_full && from_mouse && (command_byte() & kMouseInterrupt) != 0);
}

void Kbc8042::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "8042");
  visitor.field("ram", state_.ram);
  visitor.field("output_full", state_.output_full);
  visitor.field("output_from_mouse", state_.output_from_mouse);
  visitor.field("output", state_.output);
  visitor.field("break_seen", state_.break_seen);
  visitor.field("command_was_last", state_.command_was_last);
  visitor.field("system_flag", state_.system_flag);
  visitor.field("parameter_of", state_.parameter_of);
  visitor.field("a20", state_.a20);
  state_.answers.visit(visitor);
  visitor.field("transfer", state_.transfer);
  visitor.field("transfer_due", state_.transfer_due);
  visitor.field("input_full_until", state_.input_full_until);
  if (state_.transfer > Transfer::kMouse)
    throw StateError("the 8042 receives from a device that does not exist");
  keyboard_.visit(visitor);
  mouse_.visit(visitor);
}

}  // namespace ringside
