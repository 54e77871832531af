#include "debugger/scenario.h"

#include <charconv>
#include <cstdio>

#include "debugger/screen.h"
#include "machine/errors.h"
#include "machine/snapshot.h"

namespace ringside {
namespace {

constexpr std::size_t kMaxActions = 20'000;

struct ActionName {
  const char* name;
  ActionKind kind;
  bool argument;
};

constexpr ActionName kActions[] = {
    {"wait-serial", ActionKind::kWaitSerial, true}, {"wait-screen", ActionKind::kWaitScreen, true},
    {"type", ActionKind::kType, true},              {"send-serial", ActionKind::kSendSerial, true},
    {"run", ActionKind::kRun, true},                {"screenshot", ActionKind::kScreenshot, true},
    {"snapshot", ActionKind::kSnapshot, true},
    {"hash", ActionKind::kHash, false},             {"expect-hash", ActionKind::kExpectHash, true},
    {"expect-screen", ActionKind::kExpectScreen, true}, {"quit", ActionKind::kQuit, false},
};

/// `\n`, `\r`, `\t`, `\e`, `\xHH`; any other character behind a backslash stands for itself.
std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    unsigned value = 0;
    if (next == 'x' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next == 'e' ? '\x1B' : next;
    }
  }
  return out;
}

void parse_argument(Action& action, const std::string& where) {
  const std::string& text = action.argument;
  switch (action.kind) {
    case ActionKind::kWaitSerial:
    case ActionKind::kWaitScreen:
    case ActionKind::kExpectScreen: action.pattern.emplace(text, where); break;
    case ActionKind::kType: action.strokes = keystrokes(text); break;
    case ActionKind::kSendSerial: action.bytes = unescape(text); break;
    case ActionKind::kRun: {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), action.count);
      if (error != std::errc{} || end != text.data() + text.size())
        throw ConfigError(where + ": '" + text + "' is not a number of instructions");
      break;
    }
    case ActionKind::kExpectHash:
      if (text.size() != 32 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw ConfigError(where + ": a state hash has 32 lower-case hexadecimal digits");
      break;
    case ActionKind::kScreenshot:
    case ActionKind::kSnapshot:
    case ActionKind::kHash:
    case ActionKind::kQuit: break;
  }
}

Action parse_line(const std::string& line, unsigned number, const std::string& where) {
  const std::size_t blank = line.find_first_of(" \t");
  const std::string name = line.substr(0, blank);
  const std::size_t start = blank == std::string::npos ? blank : line.find_first_not_of(" \t", blank);
  for (const ActionName& known : kActions) {
    if (name != known.name) continue;
    Action action{known.kind, number, start == std::string::npos ? "" : line.substr(start), {}, {}, {}, 0};
    if (known.argument && action.argument.empty()) throw ConfigError(where + ": '" + name + "' needs an argument");
    if (!known.argument && !action.argument.empty()) throw ConfigError(where + ": '" + name + "' takes no argument");
    try {
      parse_argument(action, where);
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      throw ConfigError(message.compare(0, where.size(), where) == 0 ? message : where + ": " + message);
    }
    return action;
  }
  throw ConfigError(where + ": there is no action '" + name + "'");
}

}  // namespace

std::vector<Action> parse_scenario(const std::string& text, const std::string& name) {
  std::vector<Action> actions;
  unsigned number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == '#') continue;
    if (actions.size() == kMaxActions) throw ConfigError("script '" + name + "': has more than " + std::to_string(kMaxActions) + " actions");
    actions.push_back(parse_line(line.substr(first), number, "script '" + name + "' line " + std::to_string(number)));
  }
  return actions;
}

Scenario::Scenario(Machine& machine, const OutputText& serial, std::vector<Action> actions)
    : machine_(machine), serial_(serial), actions_(std::move(actions)), began_(machine.now()), typist_(machine) {}

Scenario::Status Scenario::advance() {
  while (at_ < actions_.size()) {
    const Action& action = actions_[at_];
    if (action.kind == ActionKind::kQuit) {
      quit_ = true;
      return Status::kQuit;
    }
    if (!perform(action)) return failure_.empty() ? Status::kGoing : Status::kFailed;
    done_at_.push_back(machine_.now());
    ++at_;
  }
  return Status::kEnded;
}

Tick Scenario::next() const { return typist_.next(); }

bool Scenario::ends_with_input() const {
  return !actions_.empty() &&
         (actions_.back().kind == ActionKind::kType || actions_.back().kind == ActionKind::kSendSerial);
}

std::string Scenario::text_of(const Action& action) {
  std::string text;
  for (const ActionName& known : kActions)
    if (known.kind == action.kind) text += known.name;
  return text + (action.argument.empty() ? "" : " " + action.argument);
}

std::string Scenario::describe_present() const {
  if (at_ >= actions_.size()) return "its end";
  const Action& action = actions_[at_];
  return "line " + std::to_string(action.line) + " (" + text_of(action) + ")";
}

std::vector<ActionReport> Scenario::reports() const {
  std::vector<ActionReport> all;
  Tick before = began_;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    ActionReport report{.line = actions_[i].line, .text = text_of(actions_[i])};
    const Tick over = i < done_at_.size() ? done_at_[i] : machine_.now();
    if (i < at_ || (i == at_ && quit_)) report.status = ActionReport::Status::kGood;
    if (i == at_ && !quit_) report.status = ActionReport::Status::kFailed;
    if (i <= at_) report.guest_seconds = static_cast<double>(machine_.events().clock().nanoseconds(over - before)) * 1e-9;
    before = over;
    all.push_back(std::move(report));
  }
  return all;
}

void Scenario::fail(const Action&, const std::string& why) { failure_ = describe_present() + ": " + why; }

// True when the action is done; false while it waits, or after it has failed.
bool Scenario::perform(const Action& action) {
  switch (action.kind) {
    case ActionKind::kWaitSerial: return wait_serial(action);
    case ActionKind::kWaitScreen: return wait_screen(action);
    case ActionKind::kType:
      if (!typing_) typist_.type(action.strokes);
      typist_.work();
      typing_ = !typist_.idle();
      return !typing_;
    case ActionKind::kSendSerial: return send(action);
    case ActionKind::kRun: return run(action);
    case ActionKind::kScreenshot: write_screenshot(machine_.vga(), action.argument); return true;
    case ActionKind::kSnapshot: write_snapshot(machine_, action.argument); return true;
    case ActionKind::kHash:
      std::printf("state hash %s after %llu instructions\n", machine_.state_hash().c_str(),
                  static_cast<unsigned long long>(machine_.instructions()));
      std::fflush(stdout);
      return true;
    case ActionKind::kExpectHash: {
      const std::string hash = machine_.state_hash();
      if (hash != action.argument) fail(action, "the state hash is " + hash);
      return failure_.empty();
    }
    case ActionKind::kExpectScreen:
      if (!action.pattern->find(screen_text(machine_.vga()))) fail(action, "the screen shows no such text");
      return failure_.empty();
    case ActionKind::kQuit: break;
  }
  return false;
}

bool Scenario::wait_serial(const Action& action) {
  if (!watch_) watch_.emplace(*action.pattern, serial_from_);
  const auto end = watch_->look(serial_);
  if (!end) return false;
  serial_from_ = *end;
  watch_.reset();
  return true;
}

// What was searched already is not searched again.
bool Scenario::wait_screen(const Action& action) {
  std::string text = screen_text(machine_.vga());
  if (searched_screen_ == text) return false;
  const bool found = action.pattern->find(text).has_value();
  searched_screen_ = std::move(text);
  if (found) searched_screen_.reset();
  return found;
}

bool Scenario::send(const Action& action) {
  while (sent_ < action.bytes.size() && machine_.serial(static_cast<std::uint8_t>(action.bytes[sent_]))) ++sent_;
  if (sent_ < action.bytes.size()) return false;
  sent_ = 0;
  return true;
}

bool Scenario::run(const Action& action) {
  if (!goal_) goal_ = machine_.instructions() + action.count;
  if (machine_.instructions() < *goal_) return false;
  goal_.reset();
  return true;
}

}  // namespace ringside
