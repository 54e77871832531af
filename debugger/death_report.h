// Why a guest died: the chain of faults, the registers, and the instructions that led there.
#pragma once

#include <string>

#include "debugger/trap_log.h"
#include "machine/machine.h"

namespace ringside {

/// Several lines. The instructions are found by running an identical machine with the same inputs up to
/// shortly before the end: the processor keeps no history, and does not need one.
std::string explain_death(Machine& machine, const TrapLog& traps);

}  // namespace ringside
