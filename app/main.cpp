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
#include "app/run_command.h"
#include "app/sweep_command.h"
#include "debugger/file_info.h"
#include "debugger/named_guests.h"
#include "debugger/run_control.h"
#include "debugger/screen.h"
#include "machine/errors.h"

namespace ringside {
namespace {

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
  run_options.add_to(run, RunCommand::For::kRun);

  CLI::App& gui = *app.add_subcommand("gui", "the debugger window");
  GuiCommand gui_command;
  gui_command.add_to(gui);
  CLI::App& replay = *app.add_subcommand("replay", "re-run a recording and compare every state hash in it");
  RunCommand replay_options;
  std::string replay_file;
  replay_options.add_to(replay, RunCommand::For::kReplay);
  replay.add_option("FILE", replay_file, "a recording")->required();

  CLI::App& sweep = *app.add_subcommand("sweep", "run a machine once for each of many seeds, on all processors, and list those that fail");
  SweepCommand sweep_command;
  sweep_command.add_to(sweep);

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

  if (run.parsed()) return run_options.run_machine();
  if (gui.parsed()) return gui_command.run();
  if (replay.parsed()) return replay_options.replay(replay_file);
  if (sweep.parsed()) return sweep_command.run();
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
