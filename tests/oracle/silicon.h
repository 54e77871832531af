// Runs a case on the processor that this program runs on: x86-64 Linux only, in an ordinary process.
#pragma once

#include <string>

#include "tests/oracle/case.h"

namespace ringside::oracle {

/// Why cases cannot be run natively here (another architecture or system, no modify_ldt, no FSGSBASE); empty
/// where they can. Sets up the memory, the descriptors and the signal handlers of this process at the first call.
std::string silicon_obstacle();

/// One case. Only where silicon_obstacle() is empty, and from one thread.
void run_on_silicon(const Case& c, Result& result);

/// Keeps this process on one of the host's processors, because a selector of Linux's lets programs read its number.
void stay_on_processor(unsigned number);

/// Name, family, model and stepping as CPUID tells them; "none" elsewhere.
std::string silicon_name();

}  // namespace ringside::oracle
