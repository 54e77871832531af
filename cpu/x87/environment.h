// The environment and the whole state as FNSTENV, FLDENV, FNSAVE and FRSTOR move them.
#pragma once

#include "cpu/cpu.h"
#include "cpu/op.h"

namespace ringside::x87 {

/// An unmasked exception of an earlier instruction: #MF with CR0.NE set. With NE clear FERR# is asserted,
/// and the processor stands still at this instruction until an interrupt comes; false means that. (escape.cpp)
bool report_pending(Cpu& cpu, const Op& op);


void store_environment(Cpu& cpu, const Op& op);  // FNSTENV
void load_environment(Cpu& cpu, const Op& op);   // FLDENV
void save(Cpu& cpu, const Op& op);               // FNSAVE
void restore(Cpu& cpu, const Op& op);            // FRSTOR

}  // namespace ringside::x87
