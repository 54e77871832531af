#include "app/run_command.h"

#include <cstdio>
#include <sstream>
#include <tuple>

#include "debugger/option_values.h"
#include "debugger/replay_narrow.h"
#include "machine/errors.h"
#include "machine/host_streams.h"

namespace ringside {
namespace {

std::pair<Tick, Tick> parse_range(const std::string& text) {
  Tick first = 0, last = 0;
  char dot = 0, more = 0;
  std::istringstream in(text);
  if (!(in >> first >> dot) || dot != '.' || !(in >> dot) || dot != '.' || !(in >> last) || (in >> more) || last < first || last == kNever)
    throw ConfigError("--hash-range: '" + text + "' is not FIRST..LAST");
  return {first, last};
}

void tell_first_tick(const ReplayDifference& difference, const std::string& file, const std::string& with) {
  try {
    std::fputs(with.empty() ? "  (--with PROGRAM, the Ringside that made the recording, finds the first tick that differs)\n"
                            : narrow_difference(file, with, difference).c_str(),
               stderr);
  } catch (const FileError& error) {
    std::fprintf(stderr, "  %s\n", error.what());
  }
}

int run_and_report(RunOrigin origin, const RunOptions& options, const std::string& file = "", const std::string& with = "") {
  RunControl control(std::move(origin), options);
  if (!control.gdb_address().empty()) std::fprintf(stderr, "ringside: waiting for gdb at %s\n", control.gdb_address().c_str());
  const RunOutcome outcome = control.run();
  report(control, outcome);
  control.write_results(outcome);
  if (control.replay_difference()) tell_first_tick(*control.replay_difference(), file, with);
  if (!control.failure_recording().empty())
    std::fprintf(stderr, "ringside: the recording is in %s; `ringside run --restore %s` begins at this moment\n",
                 control.failure_recording().c_str(), control.failure_recording().c_str());
  return outcome.exit_code;
}

}  // namespace

void RunCommand::add_to(CLI::App& command, For what) {
  constexpr const char* kGroup = "Run";
  const auto add = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->group(kGroup)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  const auto add_list = [&](const char* name, std::vector<std::string>& value, const char* help) {
    command.add_option(name, value, help)->group(kGroup)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add("--max-instructions", run_.max_instructions, "stop after that many guest instructions");
  add("--timeout", run_.timeout, "stop after that many seconds of host time")->check(CLI::PositiveNumber);
  add("--until-serial", run_.until_serial, "stop when COM1's output matches this regular expression");
  add("--until-screen", run_.until_screen, "stop when the text screen matches this regular expression");
  add("--hash-every", run_.hash_intervals.parts, "in the recording: instructions between two hashes")->check(CLI::PositiveNumber);
  const bool replay = what == For::kReplay;
  if (!replay) machine_.add_to(command);
  add("--script", run_.script, replay ? "play a scenario, which may look and wait but not type or send" : "play a scenario");
  add("--junit", run_.junit, "the result as JUnit XML");
  add("--restore", restore_,
      replay ? "(refused: a replay begins where its recording begins)" : "start from a snapshot, or from the end of a failed scenario's recording");
  sweeps_ = what == For::kSweep;
  if (sweeps_) return;
  add("--serial", run_.serial, "COM1: stdio, file:PATH or none (default stdio)");
  add("--debugcon", run_.debugcon, "port E9h: stdio, file:PATH or none (default none)");
  add("--screen-text", run_.screen_text, "at the end: the text screen to this file");
  add("--screenshot", run_.screenshot, "at the end: the screen as PNG to this file");
  add("--trace", run_.trace, "every trap, interrupt, IRET and ring change, a JSON object a line");
  add("--stats", run_.stats, "a JSON object at the end; - is standard output");
  add("--record", run_.record, "record the run: what enters, and hashes of the state");
  add("--snapshot", run_.snapshot, "at the end: the whole machine to this file");
  add("--history", history_, "memory for travelling back in time: a size; 0 is none (default 512M with --gdb, else none)");
  add_list("--point", run_.points, "tell whenever this point of the debugger is met, and go on: `exec ADDRESS`, `write ADDRESS SIZE if eax == 5`, ...; may stand several times");
  add_list("--until-point", run_.until_points, "stop when this point is met; may stand several times");
  add("--gdb", run_.gdb, "wait for gdb at [HOST:]PORT or unix:PATH before the first instruction");
  if (replay) {
    add("--with", with_, "where the replay differs: the program that made the recording, to find the first tick that differs");
    add("--hash-range", hash_range_, "in --record: hashes between these two ticks only, FIRST..LAST, of the whole state");
    return;
  }
  add("--failure-recording", run_.failure_recording, "where a scenario that fails leaves its recording");
}

void RunCommand::check() const {
  for (const auto& [name, value] : {std::pair{"--serial", run_.serial}, std::pair{"--debugcon", run_.debugcon}})
    if (!valid_output(value)) throw ConfigError(std::string(name) + ": '" + value + "' is not stdio, file:PATH or none");
  if (!run_.gdb.empty() && !(run_.points.empty() && run_.until_points.empty()))
    throw ConfigError("--gdb: --point and --until-point are for runs without gdb");
  if (!sweeps_ && !run_.junit.empty() && run_.script.empty()) throw ConfigError("--junit needs --script");
}

RunOptions RunCommand::options() const {
  RunOptions options = run_;
  if (history_) options.history = *history_ == "0" ? 0 : static_cast<std::size_t>(parse_size(*history_, "--history"));
  if (hash_range_) {
    if (options.record.empty()) throw ConfigError("--hash-range needs --record");
    std::tie(options.hash_intervals.from, options.hash_intervals.to) = parse_range(*hash_range_);
  }
  return options;
}

RunOrigin RunCommand::origin() const {
  if (restore_.empty()) return machine_.resolve();
  RunOrigin origin = RunOrigin::restored(restore_);
  origin.set_config(machine_.resolve_restored(origin.config()));
  return origin;
}

int RunCommand::run_machine() const {
  check();
  return run_and_report(origin(), options());
}

int RunCommand::replay(const std::string& file) const {
  check();
  if (!restore_.empty()) throw ConfigError("--restore: a replay begins where its recording begins; `ringside run --restore` goes on from a state");
  return run_and_report(RunOrigin::replayed(file), options(), file, with_);
}

void report(RunControl& control, const RunOutcome& outcome) {
  std::fflush(stdout);
  std::fprintf(stderr, "ringside: %s, after %llu instructions\n", outcome.message.c_str(),
               static_cast<unsigned long long>(control.machine().instructions()));
  if (!outcome.explanation.empty()) std::fputs(outcome.explanation.c_str(), stderr);
}

}  // namespace ringside
