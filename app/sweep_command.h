// `ringside sweep`: a machine once for each of many seeds.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "app/run_command.h"
#include "debugger/sweep.h"

namespace ringside {

class SweepCommand {
 public:
  void add_to(CLI::App& command);
  /// Exit code 3 where seeds have failed.
  int run() const;

 private:
  RunCommand run_;
  std::string seeds_;
  SweepOptions sweep_;
};

}  // namespace ringside
