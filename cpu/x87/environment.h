// The environment and the whole state as FNSTENV, FLDENV, FNSAVE and FRSTOR move them.
#pragma once

#include "cpu/cpu.h"
#include "cpu/op.h"

namespace ringside::x87 {

void store_environment(Cpu& cpu, const Op& op);  // FNSTENV
void load_environment(Cpu& cpu, const Op& op);   // FLDENV
void save(Cpu& cpu, const Op& op);               // FNSAVE
void restore(Cpu& cpu, const Op& op);            // FRSTOR

}  // namespace ringside::x87
