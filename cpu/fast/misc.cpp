// NOP, flag instructions, PUSHF and POPF where no privilege or mode is in question, BSF, BSR, CMPXCHG, XADD.
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;

void nop(FAST_ARGS) { FAST_NEXT(op + 1); }

template <unsigned kind>
void carry_flag(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  f.set_cf(kind == 2 ? !f.cf() : kind == 1);
  FAST_SET_FLAGS(f);
  FAST_NEXT(op + 1);
}
template <bool set_it>
void direction_flag(FAST_ARGS) {
  cpu->system_flags = set_it ? cpu->system_flags | kDF : cpu->system_flags & ~kDF;
  FAST_NEXT(op + 1);
}

/// CPL <= IOPL outside virtual-8086 mode (real mode included, where CPL is 0).
inline bool may_change_if(const Cpu* cpu) {
  return (cpu->system_flags & kVM) == 0 && cpu->cpl <= (cpu->system_flags >> 12 & 3);
}

void cli(FAST_ARGS) {
  if (__builtin_expect(!may_change_if(cpu), 0)) FAST_GIVE_UP();
  cpu->system_flags &= ~kIF;
  FAST_NEXT(op + 1);
}
void sti(FAST_ARGS) {
  // With a request waiting the interrupt comes after the next instruction: the run loop's affair.
  if (__builtin_expect(!may_change_if(cpu) || cpu->intr, 0)) FAST_GIVE_UP();
  if ((cpu->system_flags & kIF) == 0) {
    cpu->system_flags |= kIF;
    cpu->inhibit_until = cpu->tick_limit - static_cast<std::uint64_t>(budget + op->remaining) + 2;
    cpu->inhibit_debug = false;
  }
  FAST_NEXT(op + 1);
}

// Bits that PUSHF stores as they are; VM and RF read as 0.
constexpr u32 kPushedSystemFlags = ~(kArithmeticFlags | kVM | kRF);

template <Stack s>
void pushf32(FAST_ARGS) {
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -4);
  if (__builtin_expect((cpu->system_flags & kVM) != 0, 0) || !probe_stack_write<s, u32>(cpu, esp, host)) FAST_GIVE_UP();
  store<u32>(host, (cpu->system_flags & kPushedSystemFlags) | FAST_FLAGS().word());
  cpu->gpr[kESP] = esp;
  FAST_NEXT(op + 1);
}
// Only where no system flag but IF changes, and no waiting interrupt is let in.
template <Stack s>
void popf32(FAST_ARGS) {
  u8* host;
  const u32 esp = cpu->gpr[kESP];
  if (cpu->cpl != 0 || !probe_stack_read<s, u32>(cpu, esp, host)) FAST_GIVE_UP();
  const u32 value = load<u32>(host);
  constexpr u32 kSame = kTF | kDF | kIOPL | kNT | kRF | kVM | kAC | kVIF | kVIP | kID;
  if (((value ^ cpu->system_flags) & kSame) != 0 || (cpu->intr && (value & kIF) != 0)) FAST_GIVE_UP();
  cpu->system_flags = (cpu->system_flags & ~kIF) | (value & kIF);
  cpu->gpr[kESP] = moved_esp<s>(cpu, 4);
  LazyFlags f;
  f.set_word(value);
  FAST_SET_FLAGS(f);
  FAST_NEXT(op + 1);
}

}  // namespace

Handler select_misc(const Form& form) {
  static constexpr Handler kCarry[3] = {carry_flag<0>, carry_flag<1>, carry_flag<2>};
  switch (form.row.fast) {
    case Fast::kNop: return nop;
    case Fast::kCarryFlag: return kCarry[form.row.variant];
    case Fast::kDirectionFlag: return form.row.variant != 0 ? direction_flag<true> : direction_flag<false>;
    case Fast::kCli: return cli;
    case Fast::kSti: return sti;
    case Fast::kPushf: return form.operand32() && form.stack == Stack::kFlat ? pushf32<Stack::kFlat> : nullptr;
    case Fast::kPopf: return form.operand32() && form.stack == Stack::kFlat ? popf32<Stack::kFlat> : nullptr;
    default: return nullptr;
  }
}

}  // namespace ringside::fast
