// Near branches and BOUND, SDM Vol. 1, "Control Transfer Instructions". T is the operand size: with 16
// bits the destination is cut to 16 bits.
#include <type_traits>

#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

template <typename T>
constexpr bool kWide = sizeof(T) == 4;

// Push(EIP); EIP := DEST. Where DEST lies outside the code segment, the return address has already been written
// when the fault comes, below an ESP that has not moved.
template <typename T>
void call_near(Cpu& cpu, std::uint32_t target) {
  const std::uint32_t esp = cpu.moved_esp(-static_cast<std::int32_t>(sizeof(T)));
  cpu.write<T>(kSS, esp & cpu.stack_mask(), static_cast<T>(cpu.eip));
  cpu.jump_near(target, kWide<T>);
  cpu.gpr[kESP] = esp;
}

// EIP := Pop(); ESP := ESP + released
template <typename T>
void ret_near(Cpu& cpu, std::uint32_t released) {
  cpu.jump_near(cpu.peek_stack<T>(0), kWide<T>);
  cpu.gpr[kESP] = cpu.moved_esp(static_cast<std::int32_t>(sizeof(T) + released));
}

/// The count register of LOOPcc and JCXZ, by address size.
std::uint32_t count_register(const Cpu& cpu, const Op& op) {
  return (op.flags & kAddress32) != 0 ? cpu.gpr[kECX] : cpu.gpr[kECX] & 0xFFFF;
}

// Count := Count - 1; IF Count != 0 and the condition holds THEN EIP := DEST
template <typename T>
void loop_if(Cpu& cpu, const Op& op, bool condition) {
  const std::uint32_t count = count_register(cpu, op) - 1;
  if (condition && count != 0) cpu.jump_near(op.target, kWide<T>);
  if ((op.flags & kAddress32) != 0) {
    cpu.gpr[kECX] = count;
  } else {
    cpu.set_reg<std::uint16_t>(4 * kECX, static_cast<std::uint16_t>(count));
  }
}

}  // namespace

// IF condition THEN EIP := EIP + SignExtend(DEST)
template <typename T>
void jcc(Cpu& cpu, const Op& op) {
  if (alu::condition(cpu.flags, op.extra & 15)) cpu.jump_near(op.target, kWide<T>);
}

template <typename T>
void jmp(Cpu& cpu, const Op& op) {
  cpu.jump_near(op.target, kWide<T>);
}

template <typename T>
void call(Cpu& cpu, const Op& op) {
  call_near<T>(cpu, op.target);
}

template <typename T>
void ret(Cpu& cpu, const Op&) {
  ret_near<T>(cpu, 0);
}

template <typename T>
void ret_imm(Cpu& cpu, const Op& op) {
  ret_near<T>(cpu, op.imm & 0xFFFF);
}

template <typename T>
void jmp_rm(Cpu& cpu, const Op& op) {
  cpu.jump_near(read_rm<T>(cpu, op, op.dst), kWide<T>);
}

template <typename T>
void call_rm(Cpu& cpu, const Op& op) {
  call_near<T>(cpu, read_rm<T>(cpu, op, op.dst));
}

template <typename T>
void loop(Cpu& cpu, const Op& op) {
  loop_if<T>(cpu, op, true);
}

template <typename T>
void loope(Cpu& cpu, const Op& op) {
  loop_if<T>(cpu, op, cpu.flags.zf());
}

template <typename T>
void loopne(Cpu& cpu, const Op& op) {
  loop_if<T>(cpu, op, !cpu.flags.zf());
}

// IF Count = 0 THEN EIP := DEST
template <typename T>
void jcxz(Cpu& cpu, const Op& op) {
  if (count_register(cpu, op) == 0) cpu.jump_near(op.target, kWide<T>);
}

// IF index < lower bound or index > upper bound THEN #BR. The comparison is signed.
template <typename T>
void bound(Cpu& cpu, const Op& op) {
  using Signed = std::make_signed_t<T>;
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
  const std::uint32_t offset = effective_offset(cpu, op);
  const std::uint32_t mask = (op.flags & kAddress32) != 0 ? 0xFFFFFFFFu : 0xFFFFu;
  const auto index = static_cast<Signed>(cpu.reg<T>(op.dst));
  const auto lower = static_cast<Signed>(cpu.read<T>(op.seg, offset));
  // The upper bound is not looked at where the lower one decides.
  if (index >= lower &&
      index <= static_cast<Signed>(cpu.read<T>(op.seg, (offset + std::uint32_t{sizeof(T)}) & mask)))
    return;
  FaultDetail detail;
  detail.seg = op.seg;
  detail.offset = cpu.reg<T>(op.dst);
  cpu.raise(Cause::kBrBound, 0, detail);
}

#define INSTANTIATE(T)                       \
  template void jcc<T>(Cpu&, const Op&);     \
  template void jmp<T>(Cpu&, const Op&);     \
  template void call<T>(Cpu&, const Op&);    \
  template void ret<T>(Cpu&, const Op&);     \
  template void ret_imm<T>(Cpu&, const Op&); \
  template void jmp_rm<T>(Cpu&, const Op&);  \
  template void call_rm<T>(Cpu&, const Op&); \
  template void loop<T>(Cpu&, const Op&);    \
  template void loope<T>(Cpu&, const Op&);   \
  template void loopne<T>(Cpu&, const Op&);  \
  template void jcxz<T>(Cpu&, const Op&);    \
  template void bound<T>(Cpu&, const Op&);
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
