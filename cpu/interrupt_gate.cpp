// From a vector to its handler: the real-mode table, interrupt and trap gates, task gates, VME redirection.
// SDM Vol. 2, "INT n/INTO/INT3/INT1"; Vol. 3A, "Interrupt and Exception Handling".
#include "cpu/control_transfer.h"
#include "cpu/interrupt.h"
#include "cpu/stack_writer.h"

namespace ringside {
namespace {

[[noreturn]] void refuse_vector(Cpu& cpu, Cause cause, std::uint8_t vector, Descriptor gate = {}) {
  FaultDetail detail;
  detail.offset = vector;
  detail.limit = cpu.idtr.limit;
  detail.descriptor = gate.raw;
  // "(vector number << 3) + 2 + EXT": the index is into the IDT. Real mode has no error codes.
  cpu.raise(cause, cpu.protected_mode() ? vector * 8u + 2u : 0u, detail);
}

std::uint32_t pushed_flags(const Cpu& cpu, const InterruptEvent& event) {
  return cpu.eflags() | (event.fault ? kRF : 0u);
}

/// "REAL-ADDRESS-MODE"
void enter_real(Cpu& cpu, const InterruptEvent& event) {
  const std::uint32_t entry = event.vector * 4u;
  if (entry + 3 > cpu.idtr.limit) refuse_vector(cpu, Cause::kGpIdtLimit, event.vector);
  StackWriter stack(cpu, 2);
  stack.reserve(3);
  const auto target = cpu.read_system<std::uint32_t>(cpu.idtr.base + entry);
  check_target(cpu, cpu.seg[kCS], target & 0xFFFF);
  stack.push(cpu.eflags());
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  cpu.gpr[kESP] = stack.esp();
  cpu.set_eflags(0, kIF | kTF | kAC | kRF);
  cpu.load_segment_real(kCS, static_cast<std::uint16_t>(target >> 16));
  cpu.eip = target & 0xFFFF;
}

/// "TASK-GATE"
void enter_task_gate(Cpu& cpu, const InterruptEvent& event, Descriptor gate) {
  const Descriptor tss = task_gate_tss(cpu, gate);
  TaskEntry entry{event.delivery ? TaskSwitch::kDelivery : TaskSwitch::kInterrupt, pushed_flags(cpu, event)};
  entry.has_error_code = event.has_error_code;
  entry.error_code = event.error_code;
  switch_task(cpu, gate.gate_selector(), tss, entry);
}

void clear_flags(Cpu& cpu, Descriptor gate) {
  const bool interrupt_gate = (gate.type() & 1) == 0;
  cpu.set_eflags(0, kTF | kNT | kVM | kRF | (interrupt_gate ? kIF : 0u));
}

/// "INTRA-PRIVILEGE-LEVEL-INTERRUPT"
void enter_same_level(Cpu& cpu, const InterruptEvent& event, Descriptor gate, const Segment& cs) {
  StackWriter stack(cpu, gate.gate32() ? 4 : 2);
  stack.reserve(3 + event.has_error_code);
  check_target(cpu, cs, gate.gate_offset());
  stack.push(pushed_flags(cpu, event));
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  if (event.has_error_code) stack.push(event.error_code);
  cpu.gpr[kESP] = stack.esp();
  clear_flags(cpu, gate);
  enter_code(cpu, cs, gate.gate_offset(), cpu.cpl);
}

/// "INTER-PRIVILEGE-LEVEL-INTERRUPT" and "INTERRUPT-FROM-VIRTUAL-8086-MODE", which also saves and empties
/// the data segment registers.
void enter_inner_level(Cpu& cpu, const InterruptEvent& event, Descriptor gate, const Segment& cs) {
  const bool from_v86 = cpu.v86();
  const InnerStack inner = inner_stack(cpu, cs.rpl());
  StackWriter stack(cpu, inner.ss, inner.esp, gate.gate32() ? 4 : 2, false);
  stack.reserve(5u + event.has_error_code + (from_v86 ? 4u : 0u));
  check_target(cpu, cs, gate.gate_offset());
  if (from_v86)
    for (const SegReg index : {kGS, kFS, kDS, kES}) stack.push(cpu.seg[index].selector);
  stack.push(cpu.seg[kSS].selector);
  stack.push(cpu.gpr[kESP]);
  stack.push(pushed_flags(cpu, event));
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  if (event.has_error_code) stack.push(event.error_code);
  clear_flags(cpu, gate);
  if (from_v86)
    for (const SegReg index : {kGS, kFS, kDS, kES}) set_null_segment(cpu, index, 0);
  cpu.seg[kSS] = inner.ss;
  cpu.gpr[kESP] = stack.esp();
  enter_code(cpu, cs, gate.gate_offset(), cs.rpl());
}

/// "TRAP-OR-INTERRUPT-GATE"
void enter_gate(Cpu& cpu, const InterruptEvent& event, Descriptor gate) {
  const std::uint16_t selector = gate.gate_selector();
  Descriptor d = gate_code_descriptor(cpu, selector);
  if (!d.present()) refuse(cpu, Cause::kNpCode, selector, d);
  if (cpu.v86() && (d.conforming_code() || d.dpl() != 0)) refuse(cpu, Cause::kGpV86Handler, selector, d);
  const unsigned level = d.conforming_code() ? cpu.cpl : d.dpl();
  const Segment cs = code_segment(cpu, selector, d, level);
  if (level < cpu.cpl) {
    enter_inner_level(cpu, event, gate, cs);
  } else {
    enter_same_level(cpu, event, gate, cs);
  }
}

/// "PROTECTED-MODE"
void enter_protected(Cpu& cpu, const InterruptEvent& event) {
  const std::uint32_t entry = event.vector * 8u;
  if (entry + 7 > cpu.idtr.limit) refuse_vector(cpu, Cause::kGpIdtLimit, event.vector);
  const Descriptor gate{cpu.read_system<std::uint64_t>(cpu.idtr.base + entry)};
  constexpr std::uint32_t kGateTypes = 1u << kTaskGate | 1u << kInterruptGate16 | 1u << kTrapGate16 |
                                       1u << kInterruptGate32 | 1u << kTrapGate32;
  if (!gate.system() || (kGateTypes >> gate.type() & 1) == 0)
    refuse_vector(cpu, Cause::kGpIdtType, event.vector, gate);
  if (event.software && gate.dpl() < cpu.cpl) refuse_vector(cpu, Cause::kGpIdtDpl, event.vector, gate);
  if (!gate.present()) refuse_vector(cpu, Cause::kNpIdtGate, event.vector, gate);
  if (gate.type() == kTaskGate) {
    enter_task_gate(cpu, event, gate);
  } else {
    enter_gate(cpu, event, gate);
  }
}

}  // namespace

void enter_interrupt(Cpu& cpu, const InterruptEvent& event) {
  if (cpu.protected_mode()) {
    enter_protected(cpu, event);
  } else {
    enter_real(cpu, event);
  }
}

// SDM Vol. 3A, "Interrupt and Exception Handling in Virtual-8086 Mode", "Class 3 - Software Interrupt
// Handling": the 32 bytes below the I/O permission map have a bit for each vector.
bool redirected_to_8086(Cpu& cpu, std::uint8_t vector) {
  const bool tss32 = (cpu.tr.access & 8) != 0;
  std::uint32_t at = cpu.tr.limit;
  if (tss32 && cpu.tr.limit >= 0x67) {
    const std::uint32_t map = cpu.read_system<std::uint16_t>(cpu.tr.base + 0x66);
    if (map >= 32) at = map - 32 + vector / 8u;
  }
  if (at >= cpu.tr.limit) {
    FaultDetail detail;
    detail.selector = cpu.tr.selector;
    detail.offset = vector;
    detail.limit = cpu.tr.limit;
    cpu.raise(Cause::kGpRedirectionMap, 0, detail);
  }
  return (cpu.read_system<std::uint8_t>(cpu.tr.base + at) >> (vector & 7) & 1) == 0;
}

void enter_redirected(Cpu& cpu, std::uint8_t vector) {
  StackWriter stack(cpu, 2);
  stack.reserve(3);
  // The table is at the start of the 8086 program's address space, and read with its rights.
  const auto target = cpu.read_linear<std::uint32_t>(vector * 4u, true);
  const bool virtual_if = cpu.iopl() < 3;
  std::uint32_t image = cpu.eflags() | kIOPL;
  if (virtual_if) image = (image & ~kIF) | ((cpu.system_flags & kVIF) != 0 ? kIF : 0u);
  stack.push(image);
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  cpu.gpr[kESP] = stack.esp();
  cpu.set_eflags(0, kTF | (virtual_if ? kVIF : kIF));
  cpu.load_segment_real(kCS, static_cast<std::uint16_t>(target >> 16));
  cpu.eip = target & 0xFFFF;
}

}  // namespace ringside
