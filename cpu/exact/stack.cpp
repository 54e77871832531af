// Stack instructions, SDM Vol. 2: PUSH, POP, PUSHA, POPA, ENTER, LEAVE. The stack pointer is ESP or SP by
// SS.B; the width of what is pushed is the operand size.
#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

constexpr std::int32_t bytes_below(unsigned slots, unsigned size) {
  return -static_cast<std::int32_t>(slots * size);
}

}  // namespace

// temp := SRC; ESP := ESP - size; SS:[ESP] := temp. PUSH ESP therefore pushes the old value.
template <typename T>
void push_rm(Cpu& cpu, const Op& op) {
  cpu.push<T>(read_rm<T>(cpu, op, op.dst));
}

template <typename T>
void push_imm(Cpu& cpu, const Op& op) {
  cpu.push<T>(static_cast<T>(op.imm));
}

// temp := SS:[ESP]; ESP := ESP + size; DEST := temp. A destination addressed through ESP uses the new one.
template <typename T>
void pop_rm(Cpu& cpu, const Op& op) {
  const T value = cpu.peek_stack<T>(0);
  const std::uint32_t old = cpu.gpr[kESP];
  const std::uint32_t popped = cpu.moved_esp(sizeof(T));
  cpu.gpr[kESP] = popped;
  if ((op.flags & kMemory) != 0) {
    const std::uint32_t offset = effective_offset(cpu, op);
    cpu.gpr[kESP] = old;  // what a fault of the write must find
    cpu.write<T>(op.seg, offset, value);
    cpu.gpr[kESP] = popped;
  } else {
    cpu.set_reg<T>(op.dst, value);
  }
}

// Temp := ESP; Push(EAX); Push(ECX); Push(EDX); Push(EBX); Push(Temp); Push(EBP); Push(ESI); Push(EDI)
template <typename T>
void pusha(Cpu& cpu, const Op&) {
  // What was written before a fault stays written; the restarted instruction writes it again.
  const std::uint32_t mask = cpu.stack_mask();
  for (unsigned i = 0; i < 8; ++i)
    cpu.write<T>(kSS, cpu.moved_esp(bytes_below(i + 1, sizeof(T))) & mask, static_cast<T>(cpu.gpr[i]));
  cpu.gpr[kESP] = cpu.moved_esp(bytes_below(8, sizeof(T)));
}

// EDI, ESI, EBP := Pop(); ESP is read and dropped; EBX, EDX, ECX, EAX := Pop(). A fault leaves what was popped
// before it.
template <typename T>
void popa(Cpu& cpu, const Op&) {
  for (unsigned i = 8; i-- > 0;) {
    const T value = cpu.peek_stack<T>((7 - i) * std::uint32_t{sizeof(T)});
    if (i != kESP) cpu.set_reg<T>(static_cast<std::uint8_t>(4 * i), value);
  }
  cpu.gpr[kESP] = cpu.moved_esp(8 * sizeof(T));
}

// Push(EBP); FrameTemp := ESP
// FOR i := 1 TO level - 1: EBP := EBP - size; Push(SS:[EBP])
// IF level > 0 THEN Push(FrameTemp)
// EBP := FrameTemp; ESP := ESP - AllocSize; the new top of the stack must be writable
template <typename T>
void enter(Cpu& cpu, const Op& op) {
  const unsigned level = op.disp & 31;
  const std::uint32_t mask = cpu.stack_mask();
  const std::uint32_t ebp = cpu.gpr[kEBP];
  const unsigned slots = 1 + level;
  const auto slot = [&](unsigned i) { return cpu.moved_esp(bytes_below(i + 1, sizeof(T))); };
  const auto frame = [&](unsigned i) { return (ebp - i * std::uint32_t{sizeof(T)}) & mask; };

  const std::uint32_t esp =
      cpu.moved_esp(bytes_below(slots, sizeof(T)) - static_cast<std::int32_t>(op.imm & 0xFFFF));
  // Not cut to a 16-bit stack.
  const std::uint32_t frame_temp = cpu.gpr[kESP] - std::uint32_t{sizeof(T)};
  cpu.write<T>(kSS, slot(0) & mask, static_cast<T>(ebp));
  for (unsigned i = 1; i < level; ++i) cpu.write<T>(kSS, slot(i) & mask, cpu.read<T>(kSS, frame(i)));
  if (level > 0) cpu.write<T>(kSS, slot(level) & mask, static_cast<T>(frame_temp));
  cpu.place_for_write(kSS, esp & mask, sizeof(T));
  cpu.set_reg<T>(4 * kEBP, static_cast<T>(frame_temp));
  cpu.gpr[kESP] = esp;
}

// ESP := EBP; EBP := Pop()
template <typename T>
void leave(Cpu& cpu, const Op&) {
  const std::uint32_t mask = cpu.stack_mask();
  const std::uint32_t ebp = cpu.gpr[kEBP];
  const T value = cpu.read<T>(kSS, ebp & mask);
  cpu.gpr[kESP] = (cpu.gpr[kESP] & ~mask) | ((ebp + std::uint32_t{sizeof(T)}) & mask);
  cpu.set_reg<T>(4 * kEBP, value);
}

#define INSTANTIATE(T)                        \
  template void push_rm<T>(Cpu&, const Op&);  \
  template void push_imm<T>(Cpu&, const Op&); \
  template void pop_rm<T>(Cpu&, const Op&);   \
  template void pusha<T>(Cpu&, const Op&);    \
  template void popa<T>(Cpu&, const Op&);     \
  template void enter<T>(Cpu&, const Op&);    \
  template void leave<T>(Cpu&, const Op&);
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
