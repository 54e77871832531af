// What far jumps, calls, returns, interrupts and task switches share.
#pragma once

#include "cpu/descriptor.h"
#include "cpu/exact.h"
#include "cpu/task.h"

namespace ringside {

/// Where a transfer came from, for the observer.
struct Origin {
  explicit Origin(const Cpu& cpu, std::uint32_t at) : eip(at), cs(cpu.seg[kCS].selector), cpl(cpu.cpl) {}
  std::uint32_t eip;
  std::uint16_t cs;
  std::uint8_t cpl;
};

/// Tells the observer of a transfer that has just happened.
void observe(Cpu& cpu, TrapKind kind, const Origin& from, std::uint8_t vector = 0,
             const Fault* fault = nullptr);
/// The same, where it has changed the ring.
inline void observe_ring(Cpu& cpu, const Origin& from) {
  if (cpu.observer != nullptr && cpu.cpl != from.cpl) observe(cpu, TrapKind::kRingChange, from);
}

/// Raises #GP(0) where `offset` lies beyond the limit of the code segment that is about to be entered.
void check_target(Cpu& cpu, const Segment& cs, std::uint32_t offset);

/// Marks the code segment accessed and makes its register; RPL becomes `level`.
inline Segment code_segment(Cpu& cpu, std::uint16_t selector, Descriptor& d, unsigned level) {
  set_accessed(cpu, selector, d);
  return make_segment(with_rpl(selector, level), d);
}

/// Commits CS:EIP and CPL. Nothing is checked any more.
inline void enter_code(Cpu& cpu, const Segment& cs, std::uint32_t eip, unsigned level) {
  cpu.seg[kCS] = cs;
  cpu.eip = eip;
  if (cpu.cpl != level) cpu.set_cpl(level);
  cpu.update_mode();
}

/// JMP or CALL through a call gate. (call_gate.cpp)
void through_call_gate(Cpu& cpu, const Op& op, std::uint16_t gate_selector, Descriptor gate, bool call);

/// A gate's code segment: what a call gate and an interrupt gate check of it in the same order.
Descriptor gate_code_descriptor(Cpu& cpu, std::uint16_t selector);

/// The stack that the TSS in TR has for ring `level`, with every check of the new SS.
struct InnerStack {
  Segment ss;
  std::uint32_t esp = 0;
};
InnerStack inner_stack(Cpu& cpu, unsigned level);

/// EFLAGS bits that this model can hold at all: AC came with the 486, ID with CPUID, VIF and VIP with VME.
inline std::uint32_t existing_flags(const CpuModel& model) {
  std::uint32_t mask = kArithmeticFlags | kTF | kIF | kDF | kIOPL | kNT | kRF | kVM;
  if (model.has(kFeature486)) mask |= kAC;
  if (model.has(kFeatureCpuid)) mask |= kID;
  if (model.has(kFeatureVme)) mask |= kVIF | kVIP;
  return mask;
}

}  // namespace ringside
