// Near branches: Jcc, JMP, CALL, RET, LOOP, JCXZ, direct and indirect.
#include <utility>

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

template <unsigned cc, bool checked>
void jcc(FAST_ARGS) {
  if (alu::condition<cc>(FAST_FLAGS())) {
    FAST_ENTER(op, op->link, checked, op->remaining - 1);
  }
  FAST_NEXT(op + 1);
}

template <bool checked>
void jmp(FAST_ARGS) {
  FAST_ENTER(op, op->link, checked, 0);
}

// The slot of the return stack is part of the ESP value: calls and returns of one stack depth meet in the
// same slot, and nothing has to be counted.
inline const Op*& return_slot(const Cpu* cpu, u32 esp) {
  return cpu->blocks->return_stack[esp >> 2 & (kReturnStackEntries - 1)];
}

template <typename T, Stack s, bool checked>
void call(FAST_ARGS) {
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -static_cast<int>(sizeof(T)));
  if (!probe_stack_write<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  store<T>(host, static_cast<T>(op->eip + op->length));
  cpu->gpr[kESP] = esp;
  return_slot(cpu, esp) = op + 1;  // the continuation behind the block's last instruction
  FAST_ENTER(op, op->link, checked, 0);
}

/// Where an indirect branch to `target` went last time, or a block that cannot be entered.
inline const Block* indirect_destination(const Cpu* cpu, u32 target) {
  const JumpCacheEntry& e = cpu->blocks->jump_cache[BlockCache::jump_slot(target)];
  return e.eip == target ? e.block : &cpu->blocks->unresolved;
}

// The second half of an indirect branch: cpu->eip is the destination. Where the cached block is not right, or
// too long for the budget, the run loop looks it up and fills the cache.
[[gnu::noinline]] void enter_indirect(FAST_ARGS);

void leave_indirect(FAST_ARGS) {
  cpu->pending_indirect = true;
  leave_unlinked(FAST_PASS(op));
}

[[gnu::noinline]] void enter_indirect(FAST_ARGS) {
  const u32 target = cpu->eip;
  const Block* const to = indirect_destination(cpu, target);
  if (__builtin_expect(budget < to->count, 0) || !is_block_at(cpu, to, target) || !reachable(cpu, to))
    RINGSIDE_TAIL leave_indirect(FAST_PASS(op));
  budget -= to->count;
  RINGSIDE_TAIL to->ops[0].handler(FAST_PASS(&to->ops[0]));
}

// Destinations beyond the code segment's limit are the exact path's affair: #GP before anything is pushed.
inline bool beyond_limit(const Cpu* cpu, u32 target) { return target > cpu->seg[kCS].limit; }

// The second half of a return: op is the call's continuation, which names the destination.
[[gnu::noinline]] void enter_continuation(FAST_ARGS) {
  const Block* const to = op->link;
  if (__builtin_expect(budget < to->count, 0) || !is_block_at(cpu, to, op->target) || !reachable(cpu, to))
    RINGSIDE_TAIL leave_at_branch(FAST_PASS(op));
  budget -= to->count;
  RINGSIDE_TAIL to->ops[0].handler(FAST_PASS(&to->ops[0]));
}

template <typename T, Stack s, bool release>
void ret(FAST_ARGS) {
  u8* host;
  const u32 esp = cpu->gpr[kESP];
  if (!probe_stack_read<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  const u32 target = load<T>(host);
  if (__builtin_expect(beyond_limit(cpu, target), 0)) FAST_GIVE_UP();
  cpu->gpr[kESP] = moved_esp<s>(cpu, static_cast<std::int32_t>(sizeof(T) + (release ? op->imm : 0)));
  const Op* const continuation = return_slot(cpu, esp);
  if (__builtin_expect(continuation->target == target, 1)) RINGSIDE_TAIL enter_continuation(FAST_PASS(continuation));
  cpu->eip = target;
  RINGSIDE_TAIL enter_indirect(FAST_PASS(op));
}

template <typename T>
void jmp_reg(FAST_ARGS) {
  const u32 target = get<T>(cpu, op->dst);
  if (__builtin_expect(beyond_limit(cpu, target), 0)) FAST_GIVE_UP();
  cpu->eip = target;
  RINGSIDE_TAIL enter_indirect(FAST_PASS(op));
}
template <typename T, Ea ea>
void jmp_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  const u32 target = load<T>(host);
  if (__builtin_expect(beyond_limit(cpu, target), 0)) FAST_GIVE_UP();
  cpu->eip = target;
  RINGSIDE_TAIL enter_indirect(FAST_PASS(op));
}

// Pushes the return address and goes to `target`.
template <typename T, Stack s>
inline bool push_return(Cpu* cpu, const Op* op) {
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -static_cast<int>(sizeof(T)));
  if (!probe_stack_write<s, T>(cpu, esp, host)) return false;
  store<T>(host, static_cast<T>(op->eip + op->length));
  cpu->gpr[kESP] = esp;
  return_slot(cpu, esp) = op + 1;
  return true;
}
template <typename T, Stack s>
void call_reg(FAST_ARGS) {
  const u32 target = get<T>(cpu, op->dst);
  if (__builtin_expect(beyond_limit(cpu, target), 0) || !push_return<T, s>(cpu, op)) FAST_GIVE_UP();
  cpu->eip = target;
  RINGSIDE_TAIL enter_indirect(FAST_PASS(op));
}
template <typename T, Stack s, Ea ea>
void call_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  const u32 target = load<T>(host);
  if (__builtin_expect(beyond_limit(cpu, target), 0) || !push_return<T, s>(cpu, op)) FAST_GIVE_UP();
  cpu->eip = target;
  RINGSIDE_TAIL enter_indirect(FAST_PASS(op));
}

// kind: 0 LOOPNE, 1 LOOPE, 2 LOOP. The count register has the address size.
template <unsigned kind, typename Count, bool checked>
void loop(FAST_ARGS) {
  const auto count = static_cast<Count>(get<Count>(cpu, kECX * 4) - 1);
  set<Count>(cpu, kECX * 4, count);
  const bool zf = FAST_FLAGS().zf();
  if (count != 0 && (kind == 2 || zf == (kind == 1))) {
    FAST_ENTER(op, op->link, checked, op->remaining - 1);
  }
  FAST_NEXT(op + 1);
}
template <typename Count, bool checked>
void jcxz(FAST_ARGS) {
  if (get<Count>(cpu, kECX * 4) == 0) {
    FAST_ENTER(op, op->link, checked, op->remaining - 1);
  }
  FAST_NEXT(op + 1);
}

template <unsigned... cc>
Handler jcc_by_condition(unsigned code, bool checked, std::integer_sequence<unsigned, cc...>) {
  static constexpr Handler same[] = {jcc<cc, false>...};
  static constexpr Handler other[] = {jcc<cc, true>...};
  return checked ? other[code] : same[code];
}

#define BY_STACK(expr)                                                              \
  (form.operand32() ? (form.stack == Stack::kFlat           ? Handler{expr(u32, Stack::kFlat)}        \
                       : form.stack == Stack::kSegmented32 ? Handler{expr(u32, Stack::kSegmented32)} \
                                                           : Handler{expr(u32, Stack::kSegmented16)}) \
   : form.stack == Stack::kSegmented16 ? Handler{expr(u16, Stack::kSegmented16)}                     \
                                       : Handler{nullptr})

template <typename T, Stack s>
constexpr Handler call_mem_by_ea(Ea ea) {
  constexpr Handler row[kEaForms] = {call_mem<T, s, Ea::kFlatBase>, call_mem<T, s, Ea::kFlatIndex>,
                                     call_mem<T, s, Ea::kSegmented>, call_mem<T, s, Ea::kSegmented16>};
  return row[static_cast<unsigned>(ea)];
}
constexpr EaTable kJmpMem = {{}, EA_ROW(jmp_mem, u16), EA_ROW(jmp_mem, u32)};

template <typename Count>
Handler loop_handler(unsigned kind, bool checked) {
  static constexpr Handler table[3][2] = {{loop<0, Count, false>, loop<0, Count, true>},
                                          {loop<1, Count, false>, loop<1, Count, true>},
                                          {loop<2, Count, false>, loop<2, Count, true>}};
  return table[kind][checked ? 1 : 0];
}

Handler select_direct(const Form& form) {
  const Op& op = form.op;
  const bool checked = !form.same_page(op.target);
  const bool count32 = (op.flags & kAddress32) != 0;
  switch (form.row.fast) {
    case Fast::kJcc: return jcc_by_condition(form.row.variant, checked, std::make_integer_sequence<unsigned, 16>());
    case Fast::kJmp: return checked ? jmp<true> : jmp<false>;
    case Fast::kLoop: return count32 ? loop_handler<u32>(form.row.variant, checked) : loop_handler<u16>(form.row.variant, checked);
    case Fast::kJcxz:
      if (count32) return checked ? jcxz<u32, true> : jcxz<u32, false>;
      return checked ? jcxz<u16, true> : jcxz<u16, false>;
    case Fast::kCall:
#define CALL_CHECKED(T, s) call<T, s, true>
#define CALL_SAME(T, s) call<T, s, false>
      return checked ? BY_STACK(CALL_CHECKED) : BY_STACK(CALL_SAME);
    default: return nullptr;
  }
}

}  // namespace

Handler select_branch(const Form& form) {
  switch (form.row.fast) {
    case Fast::kJcc:
    case Fast::kJmp:
    case Fast::kLoop:
    case Fast::kJcxz:
    case Fast::kCall: return select_direct(form);
#define RET_PLAIN(T, s) ret<T, s, false>
#define RET_RELEASE(T, s) ret<T, s, true>
#define CALL_REG(T, s) call_reg<T, s>
#define CALL_MEM(T, s) call_mem_by_ea<T, s>(form.ea)
    case Fast::kRet: return BY_STACK(RET_PLAIN);
    case Fast::kRetImm: return BY_STACK(RET_RELEASE);
    case Fast::kJmpRm:
      if (form.memory) return kJmpMem[form.width][static_cast<unsigned>(form.ea)];
      return form.operand32() ? jmp_reg<u32> : jmp_reg<u16>;
    case Fast::kCallRm: return form.memory ? BY_STACK(CALL_MEM) : BY_STACK(CALL_REG);
    default: return nullptr;
  }
}

}  // namespace ringside::fast
