// `ringside gui`, and the window on the demo guest.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

#include "app/machine_options.h"

namespace ringside {

class GuiCommand {
 public:
  void add_to(CLI::App& command);
  /// Until the window is closed. Throws ConfigError, FileError.
  int run() const;

 private:
  CLI::App* command_ = nullptr;
  MachineOptions machine_;
  std::string layout_, gdb_;
  std::optional<std::string> history_;
  bool run_at_start_ = false;
  bool light_ = false;
};

/// True where a window can be opened.
bool window_possible();
/// The window on the demo guest.
int gui_demo();

}  // namespace ringside
