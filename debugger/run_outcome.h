// How a run ended.
#pragma once

#include <string>

#include "machine/machine.h"

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

/// A guest's end in one word, as --stats and recordings have it.
inline const char* stop_word(StopReason why) {
  switch (why) {
    case StopReason::kPowerOff: return "power-off";
    case StopReason::kDebugExit: return "debug-exit";
    case StopReason::kTripleFault: return "triple-fault";
    case StopReason::kHalted: return "halted";
    case StopReason::kUnimplemented: return "unimplemented";
    default: return "limit";
  }
}

}  // namespace ringside
