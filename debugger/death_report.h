// Why a guest died: the chain of faults, the registers, and the instructions that led there.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "debugger/trap_log.h"
#include "machine/machine.h"

namespace ringside {

/// Several lines. The instructions are found by running an identical machine with the same inputs up to
/// shortly before the end: the processor keeps no history, and does not need one. `again` makes that machine, as it was
/// at the beginning of the run, with the inputs given in its log; without it, it begins at power-on.
using MachineAgain = std::function<std::unique_ptr<Machine>(InputLog)>;
std::string explain_death(Machine& machine, const TrapLog& traps, const MachineAgain& again = {});

}  // namespace ringside
