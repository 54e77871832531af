// Far JMP and CALL in real, virtual-8086 and protected mode; what all far transfers share.
// SDM Vol. 2, "JMP", "CALL"; Vol. 3A, "Privilege Level Checking When Transferring Program Control Between
// Code Segments".
#include "cpu/control_transfer.h"
#include "cpu/stack_writer.h"

namespace ringside {

void observe(Cpu& cpu, TrapKind kind, const Origin& from, std::uint8_t vector, const Fault* fault) {
  if (cpu.observer == nullptr) return;
  TrapEvent event{};
  event.kind = kind;
  event.vector = vector;
  event.from_cpl = from.cpl;
  event.to_cpl = cpu.cpl;
  event.from_cs = from.cs;
  event.to_cs = cpu.seg[kCS].selector;
  event.from_eip = from.eip;
  event.to_eip = cpu.eip;
  event.tick = cpu.ticks();
  event.fault = fault;
  cpu.observer->trap(event);
}

void check_target(Cpu& cpu, const Segment& cs, std::uint32_t offset) {
  if (offset <= cs.limit) return;
  FaultDetail detail;
  detail.selector = cs.selector;
  detail.seg = kCS;
  detail.offset = offset;
  detail.limit = cs.limit;
  cpu.raise(Cause::kGpCodeLimit, 0, detail);
}

Descriptor gate_code_descriptor(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kGpGateCodeNull, selector);
  const Descriptor d = read_descriptor(cpu, selector);
  if (!d.code()) refuse(cpu, Cause::kGpGateCodeType, selector, d);
  if (d.dpl() > cpu.cpl) refuse(cpu, Cause::kGpGateCodeDpl, selector, d);
  return d;
}

namespace {

unsigned item_size(const Op& op) { return (op.flags & kOperand32) != 0 ? 4 : 2; }

void far_real(Cpu& cpu, const Op& op, std::uint16_t selector, std::uint32_t offset, bool call) {
  check_target(cpu, cpu.seg[kCS], offset);
  if (call) {
    StackWriter stack(cpu, item_size(op));
    stack.reserve(2);
    stack.push(cpu.seg[kCS].selector);
    stack.push(cpu.eip);
    cpu.gpr[kESP] = stack.esp();
  }
  cpu.load_segment_real(kCS, selector);
  cpu.eip = offset;
}

/// A code segment named directly: CPL stays.
void far_code(Cpu& cpu, const Op& op, std::uint16_t selector, Descriptor d, std::uint32_t offset, bool call) {
  if (d.conforming_code()) {
    if (d.dpl() > cpu.cpl) refuse(cpu, Cause::kGpConformingDpl, selector, d);
  } else {
    if ((selector & 3u) > cpu.cpl) refuse(cpu, Cause::kGpCodeRpl, selector, d);
    if (d.dpl() != cpu.cpl) refuse(cpu, Cause::kGpCodeDpl, selector, d);
  }
  if (!d.present()) refuse(cpu, Cause::kNpCode, selector, d);
  const Segment cs = code_segment(cpu, selector, d, cpu.cpl);
  if (!call) {
    check_target(cpu, cs, offset);
    enter_code(cpu, cs, offset, cpu.cpl);
    return;
  }
  // What of the return address was written before a fault stays written, below an ESP that has not moved.
  const unsigned size = item_size(op);
  const std::uint32_t esp = cpu.moved_esp(-2 * static_cast<std::int32_t>(size));
  const std::uint32_t at = esp & cpu.stack_mask(), above = (esp + size) & cpu.stack_mask();
  if (size == 4) {
    cpu.write<std::uint32_t>(kSS, above, cpu.seg[kCS].selector);
    cpu.write<std::uint32_t>(kSS, at, cpu.eip);
  } else {
    cpu.write<std::uint16_t>(kSS, above, cpu.seg[kCS].selector);
    cpu.write<std::uint16_t>(kSS, at, static_cast<std::uint16_t>(cpu.eip));
  }
  check_target(cpu, cs, offset);
  cpu.gpr[kESP] = esp;
  enter_code(cpu, cs, offset, cpu.cpl);
}

/// "JMP/CALL to a task gate or a TSS", SDM Vol. 2, "TASK-GATE" and "TASK-STATE-SEGMENT" in CALL.
void far_task(Cpu& cpu, std::uint16_t selector, Descriptor d, bool call) {
  const bool gate = d.type() == kTaskGate;
  if (d.dpl() < cpu.cpl) refuse(cpu, gate ? Cause::kGpGateDpl : Cause::kGpTssDpl, selector, d);
  if (d.dpl() < (selector & 3u)) refuse(cpu, gate ? Cause::kGpGateRpl : Cause::kGpTssDpl, selector, d);
  if (gate) {
    if (!d.present()) refuse(cpu, Cause::kNpGate, selector, d);
    selector = d.gate_selector();
    d = task_gate_tss(cpu, d);
  } else {
    if ((selector & 4) != 0) refuse(cpu, Cause::kGpTssLocal, selector, d);
    if (!d.is_available_tss()) refuse(cpu, Cause::kGpTssBusy, selector, d);
    if (!d.present()) refuse(cpu, Cause::kNpTss, selector, d);
  }
  switch_task(cpu, selector, d, {call ? TaskSwitch::kCall : TaskSwitch::kJump, cpu.eflags()});
}

void far_protected(Cpu& cpu, const Op& op, std::uint16_t selector, std::uint32_t offset, bool call) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kGpCodeNull, selector);
  const Descriptor d = read_descriptor(cpu, selector);
  if (d.code()) {
    far_code(cpu, op, selector, d, offset, call);
    return;
  }
  if (!d.system()) refuse(cpu, Cause::kGpFarTargetType, selector, d);
  switch (d.type()) {
    case kCallGate16:
    case kCallGate32:
      through_call_gate(cpu, op, selector, d, call);
      break;
    case kTaskGate:
    case kTss16Available:
    case kTss32Available:
    case kTss16Busy:
    case kTss32Busy:
      far_task(cpu, selector, d, call);
      break;
    default:
      refuse(cpu, Cause::kGpFarTargetType, selector, d);
  }
}

void far_transfer(Cpu& cpu, const Op& op, std::uint16_t selector, std::uint32_t offset, bool call) {
  if (cpu.descriptors()) {
    far_protected(cpu, op, selector, offset, call);
  } else {
    far_real(cpu, op, selector, offset, call);
  }
}

void far_direct(Cpu& cpu, const Op& op, bool call) {
  const std::uint32_t offset = (op.flags & kOperand32) != 0 ? op.imm : op.imm & 0xFFFF;
  far_transfer(cpu, op, static_cast<std::uint16_t>(op.disp), offset, call);
}

void far_indirect(Cpu& cpu, const Op& op, bool call) {
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
  const std::uint32_t at = effective_offset(cpu, op);
  if ((op.flags & kOperand32) != 0) {
    const auto offset = cpu.read<std::uint32_t>(op.seg, at);
    far_transfer(cpu, op, cpu.read<std::uint16_t>(op.seg, wrapped_offset(op, at + 4)), offset, call);
  } else {
    const auto offset = cpu.read<std::uint16_t>(op.seg, at);
    far_transfer(cpu, op, cpu.read<std::uint16_t>(op.seg, wrapped_offset(op, at + 2)), offset, call);
  }
}

}  // namespace

namespace exact {

void jmp_far_direct(Cpu& cpu, const Op& op) { far_direct(cpu, op, false); }
void call_far_direct(Cpu& cpu, const Op& op) { far_direct(cpu, op, true); }
void jmp_far_indirect(Cpu& cpu, const Op& op) { far_indirect(cpu, op, false); }
void call_far_indirect(Cpu& cpu, const Op& op) { far_indirect(cpu, op, true); }

}  // namespace exact
}  // namespace ringside
