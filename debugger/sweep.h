// The same run with many seeds, each in a process of its own, as many at once as the host has processors.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "debugger/run_control.h"

namespace ringside {

struct SweepOptions {
  std::uint64_t first = 1, last = 1;  ///< seeds, both included
  unsigned jobs = 0;                  ///< 0: the host's processors
  int expected_exit = kExitOk;        ///< any other exit code is a failure
  std::string directory = ".";        ///< where the recordings of failures go
  std::string junit;                  ///< a file; empty: none
  RunOptions run;
};

struct SweepResult {
  std::uint64_t seed = 0;
  int exit_code = kExitOk;
  bool failed = false;
  double host_seconds = 0;
  std::string message;    ///< one line for people
  std::string recording;  ///< of a failure
};

/// "3..17" or "5". Throws ConfigError.
void parse_seeds(const std::string& text, SweepOptions& options);

/// `origin` makes the machine for a seed, in the child; it may throw as RunOrigin does. `progress` is told of each
/// result as it comes, with how many are there. The results are in order of their seeds. Throws ConfigError, FileError.
std::vector<SweepResult> sweep(const SweepOptions& options, const std::function<RunOrigin(std::uint64_t)>& origin,
                               const std::function<void(const SweepResult&, std::size_t)>& progress);

}  // namespace ringside
