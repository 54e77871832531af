// Scenarios: a file with one action a line, in the order in which they happen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "debugger/pattern.h"
#include "debugger/typist.h"
#include "machine/machine.h"

namespace ringside {

enum class ActionKind : std::uint8_t {
  kWaitSerial, kWaitScreen, kType, kSendSerial, kRun, kScreenshot, kSnapshot, kHash,
  kExpectHash, kExpectScreen, kQuit,
};

struct Action {
  ActionKind kind;
  unsigned line = 0;
  std::string argument;
  std::optional<Pattern> pattern;
  std::vector<KeyStroke> strokes;
  std::string bytes;
  std::uint64_t count = 0;
};

/// How an action of a scenario went, for reports.
struct ActionReport {
  enum class Status : std::uint8_t { kNotReached, kGood, kFailed };
  unsigned line = 0;
  std::string text;
  Status status = Status::kNotReached;
  double guest_seconds = 0;
};

/// Throws ConfigError naming the line: everything is checked before the first instruction runs.
std::vector<Action> parse_scenario(const std::string& text, const std::string& name);

/// Plays a scenario on a machine. Its owner calls advance() whenever the machine stands still at a tick that
/// does not depend on the host.
class Scenario {
 public:
  enum class Status : std::uint8_t { kGoing, kEnded, kQuit, kFailed };

  Scenario(Machine& machine, const OutputText& serial, std::vector<Action> actions);

  /// Does all that can be done at this tick.
  Status advance();
  const std::string& failure() const { return failure_; }
  /// The present action as people know it: "line 12 (wait-serial login:)".
  std::string describe_present() const;
  /// All actions; the present one has failed unless the scenario has ended or quit.
  std::vector<ActionReport> reports() const;
  /// True if the last action only fed the guest, so that there is something to wait for behind it.
  bool ends_with_input() const;
  /// In that last action already: a key may end the guest before it is released.
  bool in_last_input() const { return ends_with_input() && at_ + 1 == actions_.size(); }
  /// The next tick at which the scenario must be looked at, beside the regular looks.
  Tick next() const;
  /// Instructions after which a `run` ends.
  std::optional<std::uint64_t> instruction_goal() const { return goal_; }
  /// COM1 output that nobody has searched yet while a pattern is awaited there.
  std::uint64_t unsearched_serial() const { return watch_ ? watch_->unsearched(serial_) : 0; }

 private:
  static std::string text_of(const Action& action);
  bool perform(const Action& action);
  bool wait_serial(const Action& action);
  bool wait_screen(const Action& action);
  bool send(const Action& action);
  bool run(const Action& action);
  void fail(const Action& action, const std::string& why);

  Machine& machine_;
  const OutputText& serial_;
  std::vector<Action> actions_;
  std::size_t at_ = 0;
  bool quit_ = false;
  std::vector<Tick> done_at_;  ///< when each action that is over was over
  Tick began_;
  std::uint64_t serial_from_ = 0;  ///< a wait-serial looks behind the match of the one before
  std::optional<OutputWatch> watch_;
  std::optional<std::string> searched_screen_;
  std::size_t sent_ = 0;
  std::optional<std::uint64_t> goal_;
  bool typing_ = false;
  Typist typist_;
  std::string failure_;
};

}  // namespace ringside
