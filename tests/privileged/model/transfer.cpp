// Far JMP, CALL, RET, and IRET. SDM Vol. 2, under their names; the order of the checks is the pseudocode's.
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

void Cpu::far_transfer(const Op& op, bool call) {
  if (!protected_mode() || v86()) return far_real(op, call);
  const std::uint32_t selector = op.selector;
  if ((selector & 0xFFFC) == 0) gp();
  const Descriptor d = fetch(selector);
  const std::uint32_t error = selector & 0xFFFC;
  if (d.code()) return far_code(op, selector, d, call);
  if (!d.system()) gp(error);
  const bool below = d.dpl() < cpl || d.dpl() < (selector & 3);
  const Switch reason = call ? Switch::kCall : Switch::kJmp;
  switch (d.type()) {
    case kCall16:
    case kCall32:
      return call_gate(op, selector, d, call);
    case kTaskGate:
      if (below) gp(error);
      if (!d.present()) throw Fault{11, error};
      return through_task_gate(d.gate_selector(), reason, nullptr, 0);
    case kTss16:
    case kTss32:
    case kTss16Busy:
    case kTss32Busy:
      if (below || !d.available_tss() || (selector & 4) != 0) gp(error);
      if (!d.present()) throw Fault{11, error};
      return switch_task(selector, reason, nullptr);
    default:
      gp(error);
  }
}

void Cpu::far_real(const Op& op, bool call) {
  if (call) {
    // Both pushes are checked before either is made.
    check_segment(kSs, (gpr[kEsp] - op.size) & stack_mask(), op.size, true);
    check_segment(kSs, (gpr[kEsp] - 2u * op.size) & stack_mask(), op.size, true);
  }
  if (op.address > seg[kCs].limit) gp();
  if (call) {
    push(seg[kCs].selector, op.size);
    push(eip, op.size);
  }
  load_sreg(kCs, op.selector);
  eip = op.address;
}

void Cpu::enter_code(std::uint32_t selector, Descriptor d, unsigned level, std::uint32_t offset) {
  mark_accessed(selector, d);
  seg[kCs] = segment_of((selector & 0xFFFC) | level, d);
  cpl = level;
  eip = offset;
}

void Cpu::far_code(const Op& op, std::uint32_t selector, Descriptor d, bool call) {
  const std::uint32_t error = selector & 0xFFFC;
  if (d.conforming()) {
    if (d.dpl() > cpl) gp(error);
  } else if ((selector & 3) > cpl || d.dpl() != cpl) {
    gp(error);
  }
  if (!d.present()) throw Fault{11, error};
  if (call) check_segment(kSs, (gpr[kEsp] - 2u * op.size) & stack_mask(), 2u * op.size, true);
  if (op.address > d.limit()) gp();
  if (call) {
    push(seg[kCs].selector, op.size);
    push(eip, op.size);
  }
  enter_code(selector, d, cpl, op.address);
}

void Cpu::call_gate(const Op&, std::uint32_t selector, Descriptor gate, bool call) {
  const std::uint32_t gate_error = selector & 0xFFFC;
  if (gate.dpl() < cpl || gate.dpl() < (selector & 3)) gp(gate_error);
  if (!gate.present()) throw Fault{11, gate_error};
  const std::uint32_t target = gate.gate_selector();
  const std::uint32_t error = target & 0xFFFC;
  if (error == 0) gp();
  Descriptor d = fetch(target);
  if (!d.code() || d.dpl() > cpl) gp(error);
  if (!call && !d.conforming() && d.dpl() != cpl) gp(error);
  if (!d.present()) throw Fault{11, error};
  const unsigned size = gate.is32() ? 4 : 2;
  const std::uint32_t offset = gate.gate_offset();
  if (!call || d.conforming() || d.dpl() == cpl) {
    if (call) check_segment(kSs, (gpr[kEsp] - 2u * size) & stack_mask(), 2u * size, true);
    if (offset > d.limit()) gp();
    if (call) {
      push(seg[kCs].selector, size);
      push(eip, size);
    }
    return enter_code(target, d, cpl, offset);
  }
  // MORE-PRIVILEGE
  const unsigned level = d.dpl();
  std::uint32_t new_esp = 0;
  const Segment new_ss = inner_stack(level, 0, new_esp);
  const unsigned count = gate.high & 31;
  const unsigned bytes = (4 + count) * size;
  const std::uint32_t mask = new_ss.big ? 0xFFFFFFFFu : 0xFFFFu;
  if (!within(new_ss, (new_esp - bytes) & mask, bytes)) throw Fault{12, new_ss.selector & 0xFFFC};
  if (offset > d.limit()) gp();
  std::uint32_t parameters[31] = {};
  for (unsigned i = 0; i < count; ++i) parameters[i] = peek(i * size, size);
  const std::uint32_t old_ss = seg[kSs].selector, old_esp = gpr[kEsp], old_cs = seg[kCs].selector,
                      old_eip = eip;
  cpl = level;
  seg[kSs] = new_ss;
  gpr[kEsp] = new_ss.big ? new_esp : (old_esp & 0xFFFF0000) | (new_esp & 0xFFFF);
  push(old_ss, size);
  push(old_esp, size);
  for (unsigned i = count; i-- > 0;) push(parameters[i], size);
  push(old_cs, size);
  push(old_eip, size);
  enter_code(target, d, level, offset);
}

Descriptor Cpu::check_return_code(std::uint32_t selector) {
  const std::uint32_t error = selector & 0xFFFC;
  const unsigned rpl = selector & 3;
  if (error == 0) gp();
  const Descriptor d = fetch(selector);
  if (!d.code()) gp(error);
  if (rpl < cpl) gp(error);
  if (d.conforming() ? d.dpl() > rpl : d.dpl() != rpl) gp(error);
  if (!d.present()) throw Fault{11, error};
  return d;
}

Segment Cpu::check_return_stack(std::uint32_t selector, unsigned level) {
  const std::uint32_t error = selector & 0xFFFC;
  if (error == 0) gp();
  Descriptor d = fetch(selector);
  if ((selector & 3) != level || !d.writable() || d.dpl() != level) gp(error);
  if (!d.present()) throw Fault{12, error};
  return segment_of(selector, d);
}

/// "FOR each of segment register (ES, FS, GS, and DS): IF segment register points to data or non-conforming
/// code segment and CPL > segment descriptor DPL THEN segment selector = 0"
void Cpu::null_inaccessible_segments() {
  for (const unsigned index : {kEs, kDs, kFs, kGs}) {
    Segment& s = seg[index];
    if (!s.usable) continue;
    const bool conforming = (s.access & 0x1C) == 0x1C;
    if (conforming || cpl <= s.dpl()) continue;
    s = Segment{};
    s.usable = false;
  }
}

void Cpu::return_far(const Op& op) {
  const unsigned size = op.size;
  if (!protected_mode() || v86()) {
    const std::uint32_t offset = peek(0, size);
    const std::uint32_t selector = peek(size, size) & 0xFFFF;
    if (offset > seg[kCs].limit) gp();
    set_esp(gpr[kEsp] + 2 * size + op.address);
    load_sreg(kCs, selector);
    eip = offset;
    return;
  }
  const std::uint32_t offset = peek(0, size);
  const std::uint32_t selector = peek(size, size) & 0xFFFF;
  Descriptor d = check_return_code(selector);
  const unsigned rpl = selector & 3;
  if (rpl == cpl) {
    if (offset > d.limit()) gp();
    set_esp(gpr[kEsp] + 2 * size + op.address);
    return enter_code(selector, d, cpl, offset);
  }
  const std::uint32_t new_esp = peek(2 * size + op.address, size);
  const std::uint32_t new_ss = peek(3 * size + op.address, size) & 0xFFFF;
  const Segment stack = check_return_stack(new_ss, rpl);
  if (offset > d.limit()) gp();
  enter_code(selector, d, rpl, offset);
  Descriptor stack_descriptor = fetch(new_ss);
  mark_accessed(new_ss, stack_descriptor);
  const std::uint32_t old_esp = gpr[kEsp];
  seg[kSs] = stack;
  seg[kSs].access |= 1;
  gpr[kEsp] = stack.big ? new_esp : (old_esp & 0xFFFF0000) | (new_esp & 0xFFFF);
  set_esp(gpr[kEsp] + op.address);
  null_inaccessible_segments();
}

/// The flags that IRET changes depend on operand size, and on CPL and IOPL before the return.
void Cpu::return_flags(std::uint32_t value, unsigned size, unsigned old_cpl) {
  std::uint32_t mask = 0xDD5 | kNt;
  mask &= ~kIf;
  if (size == 4) mask |= kRf | kAc | kId;
  if (old_cpl <= io_level()) mask |= kIf;
  if (old_cpl == 0) {
    mask |= iopl(3);
    if (size == 4) mask |= kVif | kVip;
  }
  set_flags(value, mask);
}

/// "RETURN-FROM-VIRTUAL-8086-MODE"; with CR4.VME, Vol. 3B, "Virtual-8086 Mode: Method 5/6" and "POPF" tell
/// how the virtual interrupt flag stands in.
void Cpu::iret_v86(unsigned size) {
  const bool virtual_flag = io_level() < 3;
  if (virtual_flag && ((cr4 & kCr4Vme) == 0 || size == 4)) gp();
  const std::uint32_t offset = peek(0, size);
  const std::uint32_t selector = peek(size, size) & 0xFFFF;
  const std::uint32_t value = peek(2 * size, size);
  if (virtual_flag && ((value & kTf) != 0 || ((value & kIf) != 0 && (eflags & kVip) != 0))) gp();
  if (offset > seg[kCs].limit) gp();
  set_esp(gpr[kEsp] + 3 * size);
  load_sreg(kCs, selector);
  eip = offset;
  std::uint32_t mask = 0xDD5 | kNt;
  if (size == 4) mask |= kRf | kAc | kId;
  if (virtual_flag) {
    set_flags(value, mask);
    set_flags((value & kIf) != 0 ? kVif : 0, kVif);
  } else {
    set_flags(value, mask | kIf);
  }
}

void Cpu::iret_to_v86(std::uint32_t new_eip, std::uint32_t new_cs, std::uint32_t new_flags) {
  const std::uint32_t new_esp = peek(12, 4), new_ss = peek(16, 4), es = peek(20, 4), ds = peek(24, 4),
                      fs = peek(28, 4), gs = peek(32, 4);
  if (new_eip > 0xFFFF) gp();
  eflags = (new_flags & 0x3F7FD5) | 2;
  const std::uint32_t selectors[6] = {es, new_cs, new_ss, ds, fs, gs};
  for (unsigned i = 0; i < 6; ++i) load_sreg(i, selectors[i] & 0xFFFF);
  gpr[kEsp] = new_esp;
  eip = new_eip;
  cpl = 3;
}

void Cpu::interrupt_return(const Op& op) {
  const unsigned size = op.size;
  if (!protected_mode()) {
    const std::uint32_t offset = peek(0, size);
    const std::uint32_t selector = peek(size, size) & 0xFFFF;
    const std::uint32_t value = peek(2 * size, size);
    if (offset > seg[kCs].limit) gp();
    set_esp(gpr[kEsp] + 3 * size);
    load_sreg(kCs, selector);
    eip = offset;
    set_flags(value, 0x7FD5 | (size == 4 ? kRf | kAc | kId : 0u));
    return;
  }
  if (v86()) return iret_v86(size);
  if ((eflags & kNt) != 0) {
    // TASK-RETURN
    const std::uint32_t link = system_read(tr.base, 2);
    return switch_task(link, Switch::kIret, nullptr);
  }
  const std::uint32_t offset = peek(0, size);
  const std::uint32_t selector = peek(size, size) & 0xFFFF;
  const std::uint32_t value = peek(2 * size, size);
  if (size == 4 && (value & kVm) != 0 && cpl == 0) return iret_to_v86(offset, selector, value);
  Descriptor d = check_return_code(selector);
  const unsigned rpl = selector & 3, old_cpl = cpl;
  if (rpl == cpl) {
    if (offset > d.limit()) gp();
    set_esp(gpr[kEsp] + 3 * size);
    enter_code(selector, d, cpl, offset);
    return return_flags(value, size, old_cpl);
  }
  const std::uint32_t new_esp = peek(3 * size, size);
  const std::uint32_t new_ss = peek(4 * size, size) & 0xFFFF;
  const Segment stack = check_return_stack(new_ss, rpl);
  if (offset > d.limit()) gp();
  Descriptor stack_descriptor = fetch(new_ss);
  mark_accessed(new_ss, stack_descriptor);
  enter_code(selector, d, rpl, offset);
  return_flags(value, size, old_cpl);
  const std::uint32_t old_esp = gpr[kEsp];
  seg[kSs] = stack;
  seg[kSs].access |= 1;
  gpr[kEsp] = stack.big ? new_esp : (old_esp & 0xFFFF0000) | (new_esp & 0xFFFF);
  null_inaccessible_segments();
}

}  // namespace privileged::model
