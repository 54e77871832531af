// Call gates, and the stacks of inner rings that the TSS holds.
// SDM Vol. 2, "CALL", CALL-GATE; Vol. 3A, "Accessing a Code Segment Through a Call Gate", "Stack Switching".
#include "cpu/control_transfer.h"
#include "cpu/stack_writer.h"

namespace ringside {
namespace {

constexpr StackCauses kInnerStackCauses{Vector::kTS, Cause::kTsStackRpl, Cause::kTsStackNotWritable,
                                        Cause::kTsStackDpl, Cause::kSsInnerStackNotPresent};

[[noreturn]] void refuse_short_tss(Cpu& cpu, std::uint32_t offset) {
  FaultDetail detail;
  detail.selector = cpu.tr.selector;
  detail.offset = offset;
  detail.limit = cpu.tr.limit;
  cpu.raise(Cause::kTsStackBeyondTss, selector_error(cpu.tr.selector), detail);
}

/// The parameters that a call gate copies, read before anything is written.
struct Parameters {
  std::uint32_t value[31];
  unsigned count = 0;

  Parameters(Cpu& cpu, unsigned wanted, unsigned size) : count(wanted) {
    for (unsigned i = 0; i < count; ++i)
      value[i] = size == 4 ? cpu.peek_stack<std::uint32_t>(4 * i) : cpu.peek_stack<std::uint16_t>(2 * i);
  }
};

void call_inner(Cpu& cpu, Descriptor gate, std::uint16_t selector, Descriptor d) {
  const unsigned level = d.dpl();
  const unsigned size = gate.gate32() ? 4 : 2;
  const InnerStack inner = inner_stack(cpu, level);
  const Parameters parameters(cpu, gate.gate_count(), size);
  StackWriter stack(cpu, inner.ss, inner.esp, size, false);
  stack.reserve(4 + parameters.count);
  const Segment cs = code_segment(cpu, selector, d, level);
  check_target(cpu, cs, gate.gate_offset());

  stack.push(cpu.seg[kSS].selector);
  stack.push(cpu.gpr[kESP]);
  for (unsigned i = parameters.count; i-- > 0;) stack.push(parameters.value[i]);
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  cpu.seg[kSS] = inner.ss;
  cpu.gpr[kESP] = stack.esp();
  enter_code(cpu, cs, gate.gate_offset(), level);
}

void call_same(Cpu& cpu, Descriptor gate, std::uint16_t selector, Descriptor d) {
  StackWriter stack(cpu, gate.gate32() ? 4 : 2);
  stack.reserve(2);
  const Segment cs = code_segment(cpu, selector, d, cpu.cpl);
  check_target(cpu, cs, gate.gate_offset());
  stack.push(cpu.seg[kCS].selector);
  stack.push(cpu.eip);
  cpu.gpr[kESP] = stack.esp();
  enter_code(cpu, cs, gate.gate_offset(), cpu.cpl);
}

}  // namespace

InnerStack inner_stack(Cpu& cpu, unsigned level) {
  InnerStack inner;
  std::uint16_t selector = 0;
  if ((cpu.tr.access & 8) != 0) {
    const std::uint32_t at = level * 8 + 4;
    if (at + 5 > cpu.tr.limit) refuse_short_tss(cpu, at);
    inner.esp = cpu.read_system<std::uint32_t>(cpu.tr.base + at);
    selector = cpu.read_system<std::uint16_t>(cpu.tr.base + at + 4);
  } else {
    const std::uint32_t at = level * 4 + 2;
    if (at + 3 > cpu.tr.limit) refuse_short_tss(cpu, at);
    inner.esp = cpu.read_system<std::uint16_t>(cpu.tr.base + at);
    selector = cpu.read_system<std::uint16_t>(cpu.tr.base + at + 2);
  }
  if (is_null(selector)) refuse_zero(cpu, Cause::kTsStackNull, selector);
  inner.ss = checked_stack(cpu, selector, level, kInnerStackCauses);
  return inner;
}

void through_call_gate(Cpu& cpu, const Op& op, std::uint16_t gate_selector, Descriptor gate, bool call) {
  // "IF call gate DPL < CPL or RPL THEN #GP(call-gate selector)"
  if (gate.dpl() < cpu.cpl) refuse(cpu, Cause::kGpGateDpl, gate_selector, gate);
  if (gate.dpl() < (gate_selector & 3u)) refuse(cpu, Cause::kGpGateRpl, gate_selector, gate);
  if (!gate.present()) refuse(cpu, Cause::kNpGate, gate_selector, gate);
  const std::uint16_t selector = gate.gate_selector();
  Descriptor d = gate_code_descriptor(cpu, selector);
  const bool inner = !d.conforming_code() && d.dpl() < cpu.cpl;
  // A JMP never changes the ring.
  if (!call && inner) refuse(cpu, Cause::kGpGateCodeDpl, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpCode, selector, d);

  const Origin origin(cpu, op.eip);
  if (!call) {
    const Segment cs = code_segment(cpu, selector, d, cpu.cpl);
    check_target(cpu, cs, gate.gate_offset());
    enter_code(cpu, cs, gate.gate_offset(), cpu.cpl);
  } else if (inner) {
    call_inner(cpu, gate, selector, d);
  } else {
    call_same(cpu, gate, selector, d);
  }
  observe_ring(cpu, origin);
}

}  // namespace ringside
