// How a run ended.
#pragma once

#include <string>

namespace ringside {

/// Exit codes of the command line.
enum ExitCode : int { kExitOk = 0, kExitUsage = 1, kExitFile = 2, kExitLimit = 3, kExitDied = 4, kExitDiffers = 5 };

struct RunOutcome {
  int exit_code = kExitOk;
  std::string stop_reason;   ///< one word for --stats
  std::string message;       ///< one line for people
  std::string explanation;   ///< further lines: why a guest died, where a replay differs
  bool died = false;         ///< the guest itself ended the run, in whatever way
};

}  // namespace ringside
