// The JSON object that --stats writes at the end of a run.
#pragma once

#include <string>

#include "debugger/trap_log.h"
#include "machine/machine.h"

namespace ringside {

struct RunStats {
  Machine& machine;
  const TrapLog& traps;
  double host_seconds;
  double cpu_seconds;
  std::string stop_reason;
  int exit_code;
};

/// To the file at `path`, or to standard output for "-". Throws FileError.
void write_stats(const std::string& path, const RunStats& stats);

}  // namespace ringside
