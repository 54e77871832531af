// Whether an MMX or SSE instruction may be executed, and what MMX does to the x87. SDM Vol. 3A, "System
// Programming for Instruction Set Extensions", and "Intel MMX Technology System Programming".
#include "cpu/simd/operands.h"
#include "cpu/x87/environment.h"
#include "cpu/x87/unit.h"

namespace ringside::simd {

void check_sse(Cpu& cpu) {
  if ((cpu.cr0 & (kCr0EM | kCr0TS)) == 0 && (cpu.cr4 & kCr4OSFXSR) != 0) return;
  if ((cpu.cr0 & kCr0EM) != 0) cpu.raise(Cause::kUdFxsrDisabled);
  if ((cpu.cr4 & kCr4OSFXSR) == 0) cpu.raise(Cause::kUdSseDisabled);
  cpu.raise(Cause::kNmTaskSwitched);
}

bool check_mmx(Cpu& cpu, const Op& op) {
  if ((cpu.cr0 & (kCr0EM | kCr0TS)) != 0)
    cpu.raise((cpu.cr0 & kCr0EM) != 0 ? Cause::kUdFxsrDisabled : Cause::kNmTaskSwitched);
  return x87::report_pending(cpu, op);
}

void enter_mmx(X87State& state) {
  if (in_mmx(state)) return;
  x87::Unit(state).set_tags(0);  // not empty; each register's tag follows from its content
  state.status = static_cast<std::uint16_t>(state.status & ~x87::kTopMask);
}

}  // namespace ringside::simd
