#include "debugger/run_control.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>

#include "debugger/death_report.h"
#include "debugger/junit.h"
#include "debugger/run_stats.h"
#include "debugger/screen.h"
#include "machine/errors.h"
#include "machine/host_file.h"
#include "machine/snapshot.h"

namespace ringside {
namespace {

constexpr std::uint64_t kMaxScript = 1 << 20;
constexpr std::uint64_t kSearchBurst = 1024;  // unsearched bytes after which a pattern is looked for at once
constexpr std::size_t kGdbHistory = std::size_t{512} << 20;
constexpr int kIdleMilliseconds = 50;

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

double cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

void refuse_inputs(const std::vector<Action>& actions, const std::string& script) {
  for (const Action& action : actions)
    if (action.kind == ActionKind::kType || action.kind == ActionKind::kSendSerial)
      throw ConfigError("script '" + script + "', line " + std::to_string(action.line) +
                        ": a replay takes no inputs but the recording's; it can wait, look and save");
}

}  // namespace

/// Passes COM1's output on and keeps its end for patterns. Whether the run is interrupted for a look depends
/// on the bytes only, so a scenario goes on at the same tick in every run.
class RunControl::SerialTap final : public ByteSink {
 public:
  explicit SerialTap(RunControl& run) : run_(run) {}
  void put(std::uint8_t byte) override {
    run_.serial_text_.put(byte);
    run_.serial_out_->put(byte);
    const std::uint64_t unsearched =
        std::max(run_.until_serial_ ? run_.until_serial_->unsearched(run_.serial_text_) : 0,
                 run_.scenario_ ? run_.scenario_->unsearched_serial() : 0);
    if (unsearched == 0 || (byte != '\n' && unsearched < kSearchBurst)) return;
    if (run_.gdb_) run_.gdb_->pause();
    if (run_.points_) run_.points_->pause(*run_.machine_);
    run_.machine_->request_stop();
  }

 private:
  RunControl& run_;
};

RunControl::RunControl(RunOrigin origin, const RunOptions& options) : origin_(std::move(origin)), options_(options) {
  std::vector<Action> actions;
  if (!options.script.empty())
    actions = parse_scenario(text_of(read_file(options.script, "script", kMaxScript)), options.script);
  if (origin_.recording() != nullptr) refuse_inputs(actions, options.script);
  if (!options.until_serial.empty()) until_serial_.emplace(Pattern(options.until_serial, "--until-serial"), 0);
  if (!options.until_screen.empty()) until_screen_.emplace(options.until_screen, "--until-screen");
  machine_ = origin_.machine();
  if (!options.script.empty()) scenario_ = std::make_unique<Scenario>(*machine_, serial_text_, std::move(actions));

  // Everything was found good; from here on files are written.
  serial_out_ = std::make_unique<HostOutput>(options.serial, "--serial");
  debugcon_out_ = std::make_unique<HostOutput>(options.debugcon, "--debugcon");
  traps_ = std::make_unique<TrapLog>(*machine_);
  if (!options.trace.empty()) traps_->write_to(options.trace);
  tap_ = std::make_unique<SerialTap>(*this);
  machine_->set_serial_sink(tap_.get());
  machine_->set_debugcon_sink(debugcon_out_.get());
  if (origin_.recording() != nullptr) replay_ = std::make_unique<Replay>(*machine_, *origin_.recording());
  const auto start = origin_.at_power_on() ? Recorder::Start::kPowerOn : Recorder::Start::kState;
  // A scenario that fails leaves a recording also where nobody thought of it.
  if (!options.record.empty() || (scenario_ && !replay_) || options.expected_exit)
    recording_ = std::make_unique<RunRecording>(*machine_, options.record, start, options.hash_intervals);
  // A scenario, or a recording, is the guest's only company: what somebody types meanwhile would not be in it.
  if (options.serial == "stdio" && scenario_ == nullptr && replay_ == nullptr) host_input_ = std::make_unique<HostInput>();
  if (!options.gdb.empty())
    gdb_ = std::make_unique<GdbRun>(*machine_, GdbRun::Options{options.gdb, options.history.value_or(kGdbHistory), refusal_of_edits(), replay_.get()});
  if (options.gdb.empty() && (options.history.value_or(0) != 0 || !options.points.empty() || !options.until_points.empty()))
    points_ = std::make_unique<PointRun>(*machine_, PointRun::Options{options.history.value_or(0), options.points, options.until_points});
  // 20 ms of guest time between two regular looks, but no more often than costs nothing.
  cadence_ = std::clamp<Tick>(origin_.config().ips / 50, 100'000, 10'000'000);
  next_look_ = (machine_->now() / cadence_) * cadence_;
}

RunControl::~RunControl() = default;

// What a client changes by hand is no input: no recording could know it.
std::string RunControl::refusal_of_edits() const {
  if (replay_) return "a replay repeats what was recorded, so registers and memory cannot be changed";
  if (recording_) return "the run is recorded, and a replay could not know of changes by hand";
  return "";
}

void RunControl::continue_without_conditions() {
  until_serial_.reset();
  until_screen_.reset();
}

RunOutcome RunControl::run() {
  interrupted = 0;
  const auto old_handler = std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
  began_ = std::chrono::steady_clock::now();
  began_tick_ = machine_->now();
  const double cpu_before = cpu_time();

  std::optional<RunOutcome> outcome;
  while (!(outcome = look())) {
    const StopReason why = go();
    if (why == StopReason::kLimit || why == StopReason::kRequested) continue;
    if (recording_) recording_->look();
    outcome = look_at_script();  // its last words may be what was waited for
    if (!outcome) outcome = outcome_of(why);
    break;
  }

  if (gdb_) gdb_->exited(outcome->exit_code);
  serial_out_->flush();
  debugcon_out_->flush();
  host_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  cpu_seconds_ += cpu_time() - cpu_before;
  std::signal(SIGINT, old_handler);
  return *outcome;
}

StopReason RunControl::go() {
  const Tick stop = next_stop();
  if (gdb_) return gdb_->run(stop);
  return points_ ? points_->run(stop) : machine_->run(stop);
}

// The tick up to which the machine runs undisturbed.
Tick RunControl::next_stop() const {
  Tick stop = next_look_;
  if (scenario_ && !scenario_done_) stop = std::min(stop, std::max(scenario_->next(), machine_->now()));
  if (replay_) stop = std::min(stop, std::max(replay_->next(), machine_->now()));
  if (recording_) stop = std::min(stop, std::max(recording_->next(), machine_->now()));
  std::optional<std::uint64_t> goal = options_.max_instructions;
  if (scenario_ && scenario_->instruction_goal())
    goal = std::min(goal.value_or(~std::uint64_t{0}), *scenario_->instruction_goal());
  if (goal) {
    const std::uint64_t left = *goal - std::min(*goal, machine_->instructions());
    if (left < stop - machine_->now()) stop = machine_->now() + left;
  }
  return stop;
}

std::optional<RunOutcome> RunControl::look() {
  if (gdb_ && gdb_->killed()) {
    if (replay_ && replay_->difference()) return replay_outcome();
    return RunOutcome{kExitOk, "gdb-kill", "ended by gdb", ""};
  }
  if (gdb_ && gdb_->holds()) return look_at_clock();
  if (auto outcome = look_at_replay()) return outcome;
  if (recording_) recording_->look();
  if (auto outcome = look_at_script()) return outcome;
  if (auto outcome = look_at_limits()) return outcome;
  if (points_ && !points_->met().empty()) return RunOutcome{kExitOk, "until-point", points_->met(), ""};
  if (machine_->now() < next_look_) return std::nullopt;
  next_look_ = (machine_->now() / cadence_ + 1) * cadence_;
  return look_at_host();
}

std::optional<RunOutcome> RunControl::look_at_replay() {
  if (!replay_) return std::nullopt;
  // A client is told of the end, and may go back from it; where it leaves in the past, that is lived again to the end.
  if (gdb_ && (gdb_->attached() || gdb_->in_past())) return std::nullopt;
  replay_->work();
  if (!replay_->over()) return std::nullopt;
  if (!replay_->difference())
    if (auto outcome = look_at_script()) return outcome;
  return replay_outcome();
}

RunOutcome RunControl::replay_outcome() {
  if (replay_->difference()) return {kExitDiffers, "replay-differs", replay_->headline(), replay_->details()};
  return limit_outcome("replay-end", replay_->headline());
}

// At regular looks only; what was searched already is not searched again.
bool RunControl::screen_matches() {
  if (!until_screen_ || machine_->now() < next_look_) return false;
  std::string text = screen_text(machine_->vga());
  if (searched_screen_ == text) return false;
  searched_screen_ = text;
  return until_screen_->find(text).has_value();
}

std::optional<RunOutcome> RunControl::look_at_script() {
  if (until_serial_ && until_serial_->look(serial_text_))
    return RunOutcome{kExitOk, "until-serial", "COM1's output matches '" + until_serial_->pattern().text() + "'", ""};
  if (screen_matches())
    return RunOutcome{kExitOk, "until-screen", "the screen matches '" + until_screen_->text() + "'", ""};
  if (!scenario_ || scenario_done_) return std::nullopt;
  switch (scenario_->advance()) {
    case Scenario::Status::kGoing: break;
    case Scenario::Status::kFailed:
      return RunOutcome{kExitLimit, "script-failed", "the script failed in " + scenario_->failure(), ""};
    case Scenario::Status::kQuit: return RunOutcome{kExitOk, "script-quit", "the script has ended", ""};
    case Scenario::Status::kEnded:
      scenario_done_ = true;
      // What it has typed last is worth waiting for, and so is a condition that was given beside it.
      if (!scenario_->ends_with_input() && !until_serial_ && !until_screen_)
        return RunOutcome{kExitOk, "script-end", "the script has ended", ""};
      break;
  }
  return std::nullopt;
}

RunOutcome RunControl::limit_outcome(const std::string& word, const std::string& message) const {
  if (!has_condition()) return {kExitOk, word, message, ""};
  std::string missing = "before the stop condition";
  if (scenario_ && !scenario_done_) missing = "in the script's " + scenario_->describe_present();
  return {kExitLimit, word, message + " " + missing, ""};
}

std::optional<RunOutcome> RunControl::look_at_limits() {
  if (options_.max_instructions && machine_->instructions() >= *options_.max_instructions)
    return limit_outcome("max-instructions", "the limit of instructions was reached");
  return std::nullopt;
}

std::optional<RunOutcome> RunControl::look_at_clock() {
  serial_out_->flush();
  debugcon_out_->flush();
  if (interrupted != 0) return RunOutcome{kExitLimit, "interrupted", "interrupted", ""};
  const double elapsed =
      host_seconds_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  if (options_.timeout && elapsed >= *options_.timeout)
    return limit_outcome("timeout", "the limit of host time was reached");
  return std::nullopt;
}

std::optional<RunOutcome> RunControl::look_at_host() {
  if (auto outcome = look_at_clock()) return outcome;
  if (!host_input_) return std::nullopt;
  keep_pace();
  feed_serial();
  if (host_input_->quit()) return RunOutcome{kExitOk, "quit", "left with Ctrl-]", ""};
  return std::nullopt;
}

void RunControl::feed_serial() {
  for (const std::uint8_t byte : host_input_->read(256))
    if (!machine_->serial(byte)) return;
}

// Somebody sits at the terminal, and the guest waits: let guest time not run away from host time, and leave
// the host's processor to others. This only ever delays; the guest cannot see it.
void RunControl::keep_pace() {
  if (!host_input_->terminal() || !machine_->halted()) return;
  const double guest =
      static_cast<double>(machine_->events().clock().nanoseconds(machine_->now() - began_tick_)) * 1e-9;
  const double host = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  if (guest <= host) return;
  const int wait = static_cast<int>(std::min((guest - host) * 1000, double{kIdleMilliseconds}));
  for (const std::uint8_t byte : host_input_->read(256, wait)) machine_->serial(byte);
}

RunOutcome RunControl::outcome_of(StopReason why) {
  RunOutcome outcome;
  if (why == StopReason::kDebugExit) {
    const int code = 2 * machine_->debug_exit_value() + 1;
    outcome = {code & 0xFF, "debug-exit", "the guest ended the run through the debug exit port", ""};
  } else if (why == StopReason::kPowerOff) {
    outcome = {kExitOk, "power-off", "the guest switched itself off", ""};
    if (scenario_ && !scenario_done_ && !scenario_->in_last_input()) {
      outcome.exit_code = kExitLimit;
      outcome.message += " in the script's " + scenario_->describe_present();
    }
  } else {
    outcome = outcome_of_death(why);
  }
  if (replay_) {
    replay_->ended(why);
    outcome = replay_outcome();
  }
  outcome.died = true;
  return outcome;
}

RunOutcome RunControl::outcome_of_death(StopReason why) {
  const auto explanation = [this] {
    if (replay_) return std::string();  // told when it was recorded
    return explain_death(*machine_, *traps_, [this](InputLog log) { return origin_.again(std::move(log)); });
  };
  if (why == StopReason::kUnimplemented)
    return {kExitDied, "unimplemented", "the simulator does not have this instruction yet: " + machine_->cpu().unimplemented,
            explanation()};
  if (why == StopReason::kHalted) {
    const bool deaf = (machine_->cpu().system_flags & kIF) == 0;
    return {kExitDied, "halted",
            deaf ? "the guest died: halted with interrupts off" : "the guest died: halted, and nothing is left that could wake it",
            explanation()};
  }
  traps_->note_shutdown();
  return {kExitDied, "triple-fault", "the guest died: triple fault", explanation()};
}

bool RunControl::failed(const RunOutcome& outcome) const {
  if (options_.expected_exit) return outcome.exit_code != *options_.expected_exit;
  return scenario_ && (outcome.exit_code == kExitLimit || outcome.exit_code == kExitDied);
}

void RunControl::end_recording(const RunOutcome& outcome) {
  if (!recording_) return;
  const bool failed = this->failed(outcome);
  if (recording_->in_memory() && !failed) return;
  const bool comparable = outcome.died || machine_->moment().step == 0;
  recording_->end({.tick = machine_->now(),
                   .instructions = machine_->instructions(),
                   .state_hash = comparable ? machine_->state_hash() : "",
                   .stop_reason = outcome.stop_reason,
                   .message = outcome.message,
                   .exit_code = outcome.exit_code,
                   .died = outcome.died},
                  failed);
  if (!failed) return;
  failure_recording_ = options_.record;
  if (recording_->in_memory()) {
    failure_recording_ = options_.failure_recording;
    if (failure_recording_.empty())
      failure_recording_ = std::filesystem::path(options_.script).stem().string() + ".failed.rec";
    recording_->save(failure_recording_);
  }
}

void RunControl::write_results(const RunOutcome& outcome) {
  end_recording(outcome);
  if (!options_.snapshot.empty()) write_snapshot(*machine_, options_.snapshot);
  if (!options_.screen_text.empty()) write_screen_text(machine_->vga(), options_.screen_text);
  if (!options_.screenshot.empty()) write_screenshot(machine_->vga(), options_.screenshot);
  if (!options_.junit.empty() && scenario_)
    write_junit(options_.junit, {.script = options_.script,
                                 .actions = scenario_->reports(),
                                 .outcome = outcome,
                                 .host_seconds = host_seconds_,
                                 .serial = serial_text_.kept(),
                                 .recording = failure_recording_});
  if (!options_.stats.empty())
    write_stats(options_.stats, {.machine = *machine_,
                                 .traps = *traps_,
                                 .host_seconds = host_seconds_,
                                 .cpu_seconds = cpu_seconds_,
                                 .stop_reason = outcome.stop_reason,
                                 .exit_code = outcome.exit_code});
}

}  // namespace ringside
