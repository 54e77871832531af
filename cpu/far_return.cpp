// Far RET and IRET in real, virtual-8086 and protected mode.
// SDM Vol. 2, "RET", "IRET/IRETD"; the checks of both are the same as far as CS and the outer stack go.
#include "cpu/control_transfer.h"

namespace ringside {
namespace {

constexpr StackCauses kReturnStackCauses{Vector::kGP, Cause::kGpReturnStackRpl,
                                         Cause::kGpReturnStackNotWritable, Cause::kGpReturnStackDpl,
                                         Cause::kSsReturnStackNotPresent};

std::uint32_t peek(Cpu& cpu, unsigned size, unsigned item) {
  return size == 4 ? cpu.peek_stack<std::uint32_t>(4 * item) : cpu.peek_stack<std::uint16_t>(2 * item);
}

Segment return_code_segment(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kGpReturnNull, selector);
  Descriptor d = read_descriptor(cpu, selector);
  const unsigned rpl = selector & 3u;
  if (!d.code()) refuse(cpu, Cause::kGpReturnType, selector, d);
  if (rpl < cpu.cpl) refuse(cpu, Cause::kGpReturnRpl, selector, d);
  if (d.conforming_code()) {
    if (d.dpl() > rpl) refuse(cpu, Cause::kGpReturnConformingDpl, selector, d);
  } else if (d.dpl() != rpl) {
    refuse(cpu, Cause::kGpReturnDpl, selector, d);
  }
  if (!d.present()) refuse(cpu, Cause::kNpCode, selector, d);
  return code_segment(cpu, selector, d, rpl);
}

Segment outer_stack_segment(Cpu& cpu, std::uint16_t selector, unsigned level) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kGpReturnStackNull, selector);
  return checked_stack(cpu, selector, level, kReturnStackCauses);
}

/// A segment register that the outer ring may not use is emptied, so that it cannot leak.
void null_inaccessible(Cpu& cpu) {
  for (const SegReg index : {kES, kFS, kGS, kDS}) {
    const Segment& s = cpu.seg[index];
    if (s.usable != 0 && s.dpl() < cpu.cpl && !s.conforming()) set_null_segment(cpu, index, 0);
  }
}

/// Commits SS:ESP and CPL of an outer ring. A 16-bit stack takes SP only: the upper half of ESP remains
/// what the inner ring had, as silicon does.
void enter_outer(Cpu& cpu, const Segment& cs, std::uint32_t eip, const Segment& ss, std::uint32_t esp,
                 std::uint32_t released) {
  cpu.seg[kSS] = ss;
  if (ss.big != 0) {
    cpu.gpr[kESP] = esp + released;
  } else {
    cpu.gpr[kESP] = (cpu.gpr[kESP] & 0xFFFF0000u) | ((esp + released) & 0xFFFF);
  }
  enter_code(cpu, cs, eip, cs.rpl());
  null_inaccessible(cpu);
}

void return_real(Cpu& cpu, unsigned size, std::uint32_t released) {
  const std::uint32_t eip = peek(cpu, size, 0);
  const auto selector = static_cast<std::uint16_t>(peek(cpu, size, 1));
  check_target(cpu, cpu.seg[kCS], eip);
  cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(2 * size + released));
  cpu.load_segment_real(kCS, selector);
  cpu.eip = eip;
}

void return_protected(Cpu& cpu, const Op& op, unsigned size, std::uint32_t released) {
  const Origin origin(cpu, op.eip);
  const auto code_selector = cpu.peek_stack<std::uint16_t>(size);  // of a dword only the lower half is read
  const std::uint32_t eip = peek(cpu, size, 0);
  const Segment cs = return_code_segment(cpu, code_selector);
  if (cs.rpl() == cpu.cpl) {
    check_target(cpu, cs, eip);
    cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(2 * size + released));
    enter_code(cpu, cs, eip, cpu.cpl);
    return;
  }
  // Above the return address the parameters, above them the outer stack pointer.
  std::uint32_t esp = 0;
  std::uint16_t selector = 0;
  if (size == 4) {
    esp = cpu.peek_stack<std::uint32_t>(8 + released);
    selector = static_cast<std::uint16_t>(cpu.peek_stack<std::uint32_t>(12 + released));
  } else {
    esp = cpu.peek_stack<std::uint16_t>(4 + released);
    selector = cpu.peek_stack<std::uint16_t>(6 + released);
  }
  const Segment ss = outer_stack_segment(cpu, selector, cs.rpl());
  check_target(cpu, cs, eip);
  enter_outer(cpu, cs, eip, ss, esp, released);
  observe_ring(cpu, origin);
}

// --- IRET ---------------------------------------------------------------------------------------------

/// The bits of EFLAGS that an IRET at this CPL replaces, before the size of the operand.
std::uint32_t iret_flags_mask(const Cpu& cpu) {
  std::uint32_t mask = kArithmeticFlags | kTF | kDF | kNT | kRF | kAC | kID;
  if (cpu.cpl <= cpu.iopl()) mask |= kIF;
  if (cpu.cpl == 0) mask |= kIOPL | kVIF | kVIP;
  return mask & existing_flags(cpu.model);
}

void iret_real(Cpu& cpu, unsigned size) {
  const std::uint32_t eip = peek(cpu, size, 0);
  const auto selector = static_cast<std::uint16_t>(peek(cpu, size, 1));
  const std::uint32_t image = peek(cpu, size, 2);
  check_target(cpu, cpu.seg[kCS], eip);
  cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(3 * size));
  cpu.load_segment_real(kCS, selector);
  cpu.eip = eip;
  const std::uint32_t mask =
      (kArithmeticFlags | kTF | kIF | kDF | kIOPL | kNT | kRF | kAC | kID) & existing_flags(cpu.model);
  cpu.set_eflags(image, size == 4 ? mask : mask & 0xFFFF);
}

/// "RETURN-FROM-VIRTUAL-8086-MODE": stays in that mode, and leaves IOPL alone.
void iret_v86(Cpu& cpu, unsigned size) {
  const bool virtual_if = cpu.iopl() < 3;
  if (virtual_if && ((cpu.cr4 & kCr4VME) == 0 || size == 4)) cpu.raise(Cause::kGpV86Iopl);
  const std::uint32_t eip = peek(cpu, size, 0);
  const auto selector = static_cast<std::uint16_t>(peek(cpu, size, 1));
  const std::uint32_t image = peek(cpu, size, 2);
  std::uint32_t mask = kArithmeticFlags | kTF | kIF | kDF | kNT | kRF | kAC | kID;
  if (virtual_if) {
    if ((image & kTF) != 0) cpu.raise(Cause::kGpV86SetsTrapFlag);
    if ((image & kIF) != 0 && (cpu.system_flags & kVIP) != 0) cpu.raise(Cause::kGpVirtualInterruptPending);
    mask &= ~kIF;
  }
  check_target(cpu, cpu.seg[kCS], eip);
  cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(3 * size));
  cpu.load_segment_real(kCS, selector);
  cpu.eip = eip;
  mask &= existing_flags(cpu.model);
  cpu.set_eflags(image, size == 4 ? mask : mask & 0xFFFF);
  if (virtual_if) cpu.set_eflags((image & kIF) != 0 ? kVIF : 0, kVIF);
}

/// "TASK-RETURN": NT says that the back link of the present TSS names the task to go back to.
void iret_task(Cpu& cpu) {
  const auto link = cpu.read_system<std::uint16_t>(cpu.tr.base);
  if ((link & 4) != 0) refuse(cpu, Cause::kTsBackLinkLocal, link);
  const Descriptor tss = read_descriptor(cpu, link, Vector::kTS);
  if (!tss.is_tss() || tss.is_available_tss()) refuse(cpu, Cause::kTsBackLinkType, link, tss);
  if (!tss.present()) refuse(cpu, Cause::kNpTss, link, tss);
  switch_task(cpu, link, tss, {TaskSwitch::kIret, cpu.eflags() & ~kNT});
}

/// "RETURN-TO-VIRTUAL-8086-MODE": the frame is nine dwords; nothing but EIP is checked.
void iret_to_v86(Cpu& cpu, std::uint32_t eip, std::uint32_t image) {
  std::uint32_t frame[9];
  for (unsigned i = 0; i < 9; ++i) frame[i] = peek(cpu, 4, i);
  const Segment cs = v86_segment(static_cast<std::uint16_t>(frame[1]));
  check_target(cpu, cs, eip);
  cpu.set_eflags(image, existing_flags(cpu.model));
  static constexpr struct {
    SegReg segment;
    unsigned item;
  } kOrder[] = {{kSS, 4}, {kES, 5}, {kDS, 6}, {kFS, 7}, {kGS, 8}};
  for (const auto& entry : kOrder)
    cpu.seg[entry.segment] = v86_segment(static_cast<std::uint16_t>(frame[entry.item]));
  cpu.gpr[kESP] = frame[3];
  enter_code(cpu, cs, eip, 3);
}

/// "PROTECTED-MODE-RETURN"
void iret_protected(Cpu& cpu, unsigned size) {
  const std::uint32_t image = peek(cpu, size, 2);
  const auto selector = cpu.peek_stack<std::uint16_t>(size);
  const std::uint32_t eip = peek(cpu, size, 0);
  if (size == 4 && (image & kVM) != 0 && cpu.cpl == 0) {
    iret_to_v86(cpu, eip, image);
    return;
  }
  const Segment cs = return_code_segment(cpu, selector);
  const std::uint32_t mask = iret_flags_mask(cpu);  // by the CPL before the return
  if (cs.rpl() == cpu.cpl) {
    check_target(cpu, cs, eip);
    cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(3 * size));
    enter_code(cpu, cs, eip, cpu.cpl);
  } else {
    const std::uint32_t esp = peek(cpu, size, 3);
    const Segment ss = outer_stack_segment(cpu, static_cast<std::uint16_t>(peek(cpu, size, 4)), cs.rpl());
    check_target(cpu, cs, eip);
    enter_outer(cpu, cs, eip, ss, esp, 0);
  }
  cpu.set_eflags(image, size == 4 ? mask : mask & 0xFFFF);
}

}  // namespace

namespace exact {

void ret_far(Cpu& cpu, const Op& op) {
  const unsigned size = (op.flags & kOperand32) != 0 ? 4 : 2;
  const std::uint32_t released = op.extra == 0xCA ? op.imm & 0xFFFF : 0;  // CB has no immediate
  if (cpu.descriptors()) {
    return_protected(cpu, op, size, released);
  } else {
    return_real(cpu, size, released);
  }
}

void iret(Cpu& cpu, const Op& op) {
  const unsigned size = (op.flags & kOperand32) != 0 ? 4 : 2;
  const Origin origin(cpu, op.eip);
  if (!cpu.protected_mode()) {
    iret_real(cpu, size);
  } else if (cpu.v86()) {
    iret_v86(cpu, size);
  } else if ((cpu.system_flags & kNT) != 0) {
    iret_task(cpu);
  } else {
    iret_protected(cpu, size);
  }
  // NMIs are held off until the first IRET after one was delivered.
  if (cpu.nmi_blocked) {
    cpu.nmi_blocked = false;
    if (cpu.nmi_pending) cpu.attention = true;
  }
  if (cpu.observer != nullptr) observe(cpu, TrapKind::kIret, origin);
}

}  // namespace exact
}  // namespace ringside
