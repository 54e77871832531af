// Loads of DS, ES, FS, GS and SS: MOV, POP, PUSH and LDS, LES, LSS, LFS, LGS.
// SDM Vol. 2, "MOV", "POP", "LDS/LES/LFS/LGS/LSS"; Vol. 3A, "Privilege Level Checking When Accessing Data
// Segments".
#include "cpu/descriptor.h"
#include "cpu/exact.h"

namespace ringside {
namespace {

constexpr StackCauses kMovStackCauses{Vector::kGP, Cause::kGpStackRpl, Cause::kGpStackNotWritable,
                                      Cause::kGpStackDpl, Cause::kSsNotPresent};

Segment checked_data_segment(Cpu& cpu, std::uint16_t selector) {
  Descriptor d = read_descriptor(cpu, selector);
  // "IF segment descriptor is not a data or readable code segment THEN #GP(selector)"
  if (!d.readable()) refuse(cpu, Cause::kGpDataType, selector, d);
  // "IF not conforming code AND (RPL > DPL or CPL > DPL) THEN #GP(selector)"
  if (!d.conforming_code() && (d.dpl() < cpu.cpl || d.dpl() < (selector & 3u)))
    refuse(cpu, Cause::kGpDataDpl, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpSegment, selector, d);
  set_accessed(cpu, selector, d);
  return make_segment(selector, d);
}

}  // namespace

void Cpu::load_segment(unsigned segment, std::uint16_t selector) {
  if (!descriptors()) {
    load_segment_real(segment, selector);
    return;
  }
  if (segment == kSS) {
    if (is_null(selector)) refuse_zero(*this, Cause::kGpStackNull, selector);
    set_segment(*this, kSS, checked_stack(*this, selector, cpl, kMovStackCauses));
    return;
  }
  if (is_null(selector)) {
    set_null_segment(*this, segment, selector);
  } else {
    set_segment(*this, segment, checked_data_segment(*this, selector));
  }
}

void Cpu::load_segment_real(unsigned segment, std::uint16_t selector) {
  Segment s = seg[segment];
  if (v86()) {
    s = v86_segment(selector);
  } else {
    // Limit, size and granularity stay as protected mode left them ("big real mode"); the access byte
    // becomes that of a data segment, for CS too.
    if (s.usable == 0) s.limit = 0xFFFF;
    s.base = std::uint32_t{selector} << 4;
    s.selector = selector;
    s.usable = 1;
    s.access = kPresent | kNotSystem | kWritable | kAccessed;
    s.derive();
  }
  seg[segment] = s;
  update_mode();
}

namespace exact {

void mov_from_sreg(Cpu& cpu, const Op& op) {
  const unsigned index = op.extra >> 3 & 7;
  if (index > kGS) cpu.raise(Cause::kUdSegmentRegister);
  const std::uint16_t selector = cpu.seg[index].selector;
  if ((op.flags & kMemory) == 0 && (op.flags & kOperand32) != 0) {
    cpu.set_reg<std::uint32_t>(op.dst, selector);
  } else {
    write_rm<std::uint16_t>(cpu, op, op.dst, selector);
  }
}

void mov_to_sreg(Cpu& cpu, const Op& op) {
  const unsigned index = op.extra >> 3 & 7;
  if (index == kCS || index > kGS) cpu.raise(Cause::kUdSegmentRegister);
  cpu.load_segment(index, read_rm<std::uint16_t>(cpu, op, op.src));
  if (index == kSS) cpu.inhibit_interrupts(true);
}

void push_sreg(Cpu& cpu, const Op& op) {
  const std::uint16_t selector = cpu.seg[op.seg].selector;
  if ((op.flags & kOperand32) != 0) {
    // "The processor performs a 16-bit move, leaving the upper portion of the stack location unmodified."
    const std::uint32_t esp = cpu.moved_esp(-4);
    cpu.write<std::uint16_t>(kSS, esp & cpu.stack_mask(), selector);
    cpu.gpr[kESP] = esp;
  } else {
    cpu.push<std::uint16_t>(selector);
  }
}

void pop_sreg(Cpu& cpu, const Op& op) {
  const auto selector = cpu.peek_stack<std::uint16_t>(0);
  // ESP moves by the old stack's size, also where SS itself is popped.
  const std::uint32_t esp = cpu.moved_esp((op.flags & kOperand32) != 0 ? 4 : 2);
  cpu.load_segment(op.seg, selector);
  cpu.gpr[kESP] = esp;
  if (op.seg == kSS) cpu.inhibit_interrupts(true);
}

void load_far_pointer(Cpu& cpu, const Op& op) {
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
  const std::uint32_t at = effective_offset(cpu, op);
  if ((op.flags & kOperand32) != 0) {
    const auto offset = cpu.read<std::uint32_t>(op.seg, at);
    cpu.load_segment(op.imm, cpu.read<std::uint16_t>(op.seg, wrapped_offset(op, at + 4)));
    cpu.set_reg<std::uint32_t>(op.dst, offset);
  } else {
    const auto offset = cpu.read<std::uint16_t>(op.seg, at);
    cpu.load_segment(op.imm, cpu.read<std::uint16_t>(op.seg, wrapped_offset(op, at + 2)));
    cpu.set_reg<std::uint16_t>(op.dst, offset);
  }
  // LSS needs no interrupt shadow: it loads the stack pointer in the same instruction.
}

}  // namespace exact
}  // namespace ringside
