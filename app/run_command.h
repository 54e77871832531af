// `ringside run` and `ringside replay`: their options.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "app/machine_options.h"
#include "debugger/run_control.h"

namespace ringside {

class RunCommand {
 public:
  enum class For : std::uint8_t { kRun, kReplay, kSweep };

  void add_to(CLI::App& command, For what);
  int run_machine() const;
  int replay(const std::string& file) const;

  /// Throws ConfigError where options contradict each other.
  void check() const;
  RunOptions options() const;
  /// Where the machine comes from. Throws ConfigError, FileError.
  RunOrigin origin() const;

 private:
  MachineOptions machine_;
  RunOptions run_;
  std::string restore_;
  std::optional<std::string> history_, hash_range_;
  std::string with_;
  bool sweeps_ = false;  ///< whose --junit needs no script
};

/// What people are told at the end of a run.
void report(RunControl& control, const RunOutcome& outcome);

}  // namespace ringside
