// The command line, see README.md. What a sub-command does lives in debugger/.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/config_file.h"
#include "app/gui_command.h"
#include "app/machine_options.h"
#include "debugger/file_info.h"
#include "debugger/named_guests.h"
#include "debugger/option_values.h"
#include "debugger/run_control.h"
#include "debugger/screen.h"
#include "machine/errors.h"

namespace ringside {
namespace {

/// RUN options, with those that do not exist yet.
struct RunCommand {
  MachineOptions machine;
  RunOptions run;
  std::string restore;
  std::optional<std::string> history;

  void add_to(CLI::App& command, bool replay) {
    constexpr const char* kGroup = "Run";
    const auto add = [&](const char* name, auto& value, const char* help) {
      return command.add_option(name, value, help)->group(kGroup)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    };
    add("--serial", run.serial, "COM1: stdio, file:PATH or none (default stdio)");
    add("--debugcon", run.debugcon, "port E9h: stdio, file:PATH or none (default none)");
    add("--max-instructions", run.max_instructions, "stop after that many guest instructions");
    add("--timeout", run.timeout, "stop after that many seconds of host time")->check(CLI::PositiveNumber);
    add("--until-serial", run.until_serial, "stop when COM1's output matches this regular expression");
    add("--until-screen", run.until_screen, "stop when the text screen matches this regular expression");
    add("--screen-text", run.screen_text, "at the end: the text screen to this file");
    add("--screenshot", run.screenshot, "at the end: the screen as PNG to this file");
    add("--trace", run.trace, "every trap, interrupt, IRET and ring change, a JSON object a line");
    add("--stats", run.stats, "a JSON object at the end; - is standard output");
    add("--record", run.record, "record the run: what enters, and hashes of the state");
    add("--hash-every", run.hash_intervals.parts, "in the recording: instructions between two hashes")->check(CLI::PositiveNumber);
    add("--snapshot", run.snapshot, "at the end: the whole machine to this file");
    if (replay) return;
    add("--gdb", run.gdb, "wait for gdb at [HOST:]PORT or unix:PATH before the first instruction");
    add("--history", history, "with --gdb: bytes that may be spent on the way back (default 512M); 0 is none");
    machine.add_to(command);
    add("--script", run.script, "play a scenario");
    add("--junit", run.junit, "the scenario's result as JUnit XML");
    add("--failure-recording", run.failure_recording, "where a scenario that fails leaves its recording");
    add("--restore", restore, "start from a snapshot, or from the end of a failed scenario's recording");
  }

  void check() const {
    for (const auto& [name, value] : {std::pair{"--serial", run.serial}, std::pair{"--debugcon", run.debugcon}})
      if (!valid_output(value))
        throw ConfigError(std::string(name) + ": '" + value + "' is not stdio, file:PATH or none");
    if (!run.junit.empty() && run.script.empty()) throw ConfigError("--junit needs --script");
  }

  RunOrigin origin() const {
    if (restore.empty()) return machine.resolve();
    RunOrigin origin = RunOrigin::restored(restore);
    origin.set_config(machine.resolve_restored(origin.config()));
    return origin;
  }
};

void report(RunControl& control, const RunOutcome& outcome) {
  std::fflush(stdout);
  std::fprintf(stderr, "ringside: %s, after %llu instructions\n", outcome.message.c_str(),
               static_cast<unsigned long long>(control.machine().instructions()));
  if (!outcome.explanation.empty()) std::fputs(outcome.explanation.c_str(), stderr);
}

int run_and_report(RunOrigin origin, const RunOptions& options) {
  RunControl control(std::move(origin), options);
  if (!control.gdb_address().empty()) std::fprintf(stderr, "ringside: waiting for gdb at %s\n", control.gdb_address().c_str());
  const RunOutcome outcome = control.run();
  report(control, outcome);
  control.write_results(outcome);
  if (!control.failure_recording().empty())
    std::fprintf(stderr, "ringside: the recording is in %s; `ringside run --restore %s` begins at this moment\n",
                 control.failure_recording().c_str(), control.failure_recording().c_str());
  return outcome.exit_code;
}

int run_command(const RunCommand& command) {
  command.check();
  RunOptions options = command.run;
  if (command.history) options.history = *command.history == "0" ? 0 : parse_size(*command.history, "--history");
  return run_and_report(command.origin(), options);
}

int replay_command(const RunCommand& command, const std::string& file) {
  command.check();
  return run_and_report(RunOrigin::replayed(file), command.run);
}

// Without a sub-command: the main job, the window on the demo guest. Without a display the guest runs headless to its
// prompt; at a terminal it can then be talked to.
int run_demo() {
  if (window_possible()) return gui_demo();
  const NamedGuest guest = find_guest("demo");
  if (!guest.built()) build_guest(guest);
  const bool at_terminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  RunOptions options;
  options.until_serial = guest.ready;
  options.timeout = 60;
  options.serial = at_terminal ? "stdio" : "none";
  RunControl control(guest.machine, options);
  RunOutcome outcome = control.run();
  std::printf("\n%s\n", screen_text(control.machine().vga()).c_str());
  std::printf("ringside: there is no display for the window, so the guest '%s' ran headless; above is its screen\n", guest.name.c_str());
  if (at_terminal && outcome.exit_code == kExitOk && outcome.stop_reason == "until-serial") {
    std::printf("ringside: its serial port is this terminal now; Ctrl-] leaves\n");
    std::fflush(stdout);
    control.continue_without_conditions();
    outcome = control.run();
  }
  report(control, outcome);
  return outcome.exit_code;
}

int list_guests() {
  for (const NamedGuest& guest : named_guests())
    std::printf("%-14s %s (%s)\n               %s\n", guest.name.c_str(), guest.title.c_str(),
                guest.built() ? "built" : "not built", guest.description.c_str());
  return kExitOk;
}

int dispatch(int argc, char** argv) {
  CLI::App app("Ringside: a whole PC in software that you can see through");
  app.name("ringside");
  app.require_subcommand(0, 1);

  CLI::App& run = *app.add_subcommand("run", "run a machine headless until a stop condition");
  RunCommand run_options;
  run_options.add_to(run, false);

  CLI::App& gui = *app.add_subcommand("gui", "the debugger window");
  GuiCommand gui_command;
  gui_command.add_to(gui);
  CLI::App& replay = *app.add_subcommand("replay", "re-run a recording and compare every state hash in it");
  RunCommand replay_options;
  std::string replay_file;
  replay_options.add_to(replay, true);
  replay.add_option("FILE", replay_file, "a recording")->required();

  CLI::App& guests = *app.add_subcommand("guests", "the named guests");
  CLI::App& build = *guests.add_subcommand("build", "build or fetch a guest");
  std::string guest_name;
  build.add_option("NAME", guest_name, "the guest's name")->required();

  CLI::App& info = *app.add_subcommand("info", "what a snapshot, a recording or a disk image is");
  std::string info_file;
  info.add_option("FILE", info_file, "the file")->required();

  try {
    // CLI11 takes them last first.
    std::vector<std::string> arguments = with_config_files({argv + 1, argv + argc});
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::Success& wish) {
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    throw ConfigError(error.what());
  }

  if (run.parsed()) return run_command(run_options);
  if (gui.parsed()) return gui_command.run();
  if (replay.parsed()) return replay_command(replay_options, replay_file);
  if (build.parsed()) {
    build_guest(find_guest(guest_name));
    return kExitOk;
  }
  if (guests.parsed()) return list_guests();
  if (info.parsed()) {
    std::fputs(describe_file(info_file).c_str(), stdout);
    return kExitOk;
  }
  return run_demo();
}

int fail(const char* message, int code) {
  std::string line = message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fflush(stdout);
  std::fprintf(stderr, "ringside: %s\n", line.c_str());
  return code;
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  using namespace ringside;
  try {
    return dispatch(argc, argv);
  } catch (const FileError& error) {
    return fail(error.what(), kExitFile);
  } catch (const ConfigError& error) {
    return fail(error.what(), kExitUsage);
  } catch (const std::bad_alloc&) {
    return fail("the host has not enough memory", kExitUsage);
  } catch (const std::exception& error) {
    return fail(error.what(), kExitUsage);
  }
}
