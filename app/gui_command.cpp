#include "app/gui_command.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "debugger/named_guests.h"
#include "debugger/option_values.h"
#include "gui/window.h"
#include "machine/errors.h"

namespace ringside {
namespace {

/// Where the user's layout is kept.
std::string settings_directory() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config != '\0') return std::string(config) + "/ringside";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.config/ringside" : "";
}

void name_guest(WindowOptions& options, const NamedGuest& guest) {
  options.title = "Ringside: " + guest.title;
  options.session.symbols = guest.symbols;
  options.session.ready = guest.ready;
}

int open(const WindowOptions& options) {
  Window window(options);
  if (const std::string address = window.engine().gdb_address(); !address.empty())
    std::fprintf(stderr, "ringside: gdb may connect at %s\n", address.c_str());
  window.run();
  return 0;
}

}  // namespace

void GuiCommand::add_to(CLI::App& command) {
  command_ = &command;
  machine_.add_to(command);
  constexpr const char* kGroup = "Window";
  command.add_option("--layout", layout_, "the layout to begin with: Boot, Traps, Memory, Devices or Mine (default: the one of the last time, at first Boot)")
      ->check(CLI::IsMember({"Boot", "Traps", "Memory", "Devices", "Mine"}))
      ->group(kGroup);
  command.add_option("--history", history_, "memory for travelling back in time: a size; 0 is none (default 512M)")->group(kGroup);
  command.add_option("--gdb", gdb_, "gdb may connect at [HOST:]PORT or unix:PATH, at any moment; nothing waits for it")->group(kGroup);
  command.add_flag("--run", run_at_start_, "run at once; otherwise the machine stands at its first instruction")->group(kGroup);
  command.add_flag("--light", light_, "dark text on light ground")->group(kGroup);
}

int GuiCommand::run() const {
  if (!window_possible())
    throw ConfigError("gui: there is no display to open a window on; set DISPLAY or WAYLAND_DISPLAY, or use `ringside run`");
  WindowOptions options;
  options.title = "Ringside";
  options.machine = machine_.resolve();
  if (command_->count("--rtc") == 0) options.machine.rtc = static_cast<std::int64_t>(std::time(nullptr));
  const bool has_medium = command_->count("--kernel") + command_->count("--hda") + command_->count("--hdb") + command_->count("--hdc") + command_->count("--hdd") != 0;
  const std::string guest = command_->count("--guest") != 0 ? command_->get_option("--guest")->as<std::string>() : has_medium ? "none" : "demo";
  if (guest != "none") name_guest(options, find_guest(guest));
  if (history_) options.session.history = *history_ == "0" ? 0 : static_cast<std::size_t>(parse_size(*history_, "--history"));
  options.layout = layout_;
  options.run_at_start = run_at_start_;
  options.gdb = gdb_;
  options.dark = !light_;
  options.settings = settings_directory();
  return open(options);
}

// Without any display SDL would fall back to a driver that shows nothing. Asked in this order, because the display
// libraries complain on standard error in words of their own.
bool window_possible() {
  const auto given = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (given("SDL_VIDEODRIVER")) return true;  // somebody knows what they want
  return (given("DISPLAY") || given("WAYLAND_DISPLAY")) && display_available();
}

int gui_demo() {
  const NamedGuest guest = find_guest("demo");
  if (!guest.built()) build_guest(guest);
  WindowOptions options;
  name_guest(options, guest);
  options.machine = guest.machine;
  options.machine.rtc = static_cast<std::int64_t>(std::time(nullptr));
  options.settings = settings_directory();
  return open(options);
}

}  // namespace ringside
