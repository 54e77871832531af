// PUSH, POP, LEAVE.
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

template <typename T, Stack s>
void push_reg(FAST_ARGS) {
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -static_cast<int>(sizeof(T)));
  if (!probe_stack_write<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  store<T>(host, get<T>(cpu, op->dst));
  cpu->gpr[kESP] = esp;
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Stack s>
void push_imm(FAST_ARGS) {
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -static_cast<int>(sizeof(T)));
  if (!probe_stack_write<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  store<T>(host, static_cast<T>(op->imm));
  cpu->gpr[kESP] = esp;
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Stack s, Ea ea>
void push_mem(FAST_ARGS) {
  u8* from;
  u8* host;
  const u32 esp = moved_esp<s>(cpu, -static_cast<int>(sizeof(T)));
  if (!probe_read<ea, T>(cpu, op, from) || !probe_stack_write<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  store<T>(host, load<T>(from));
  cpu->gpr[kESP] = esp;
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Stack s>
void pop_reg(FAST_ARGS) {
  u8* host;
  const u32 esp = cpu->gpr[kESP];
  if (!probe_stack_read<s, T>(cpu, esp, host)) FAST_GIVE_UP();
  const T value = load<T>(host);
  cpu->gpr[kESP] = moved_esp<s>(cpu, sizeof(T));
  set<T>(cpu, op->dst, value);  // after the increment: POP ESP keeps the popped value
  FAST_NEXT_FORGETTING(op + 1);
}
// LEAVE: SP := BP, then POP BP.
template <typename T, Stack s>
void leave_op(FAST_ARGS) {
  u8* host;
  const u32 frame = s == Stack::kSegmented16 ? (cpu->gpr[kESP] & 0xFFFF0000u) | (cpu->gpr[kEBP] & 0xFFFFu) : cpu->gpr[kEBP];
  if (!probe_stack_read<s, T>(cpu, frame, host)) FAST_GIVE_UP();
  set<T>(cpu, kEBP * 4, load<T>(host));
  const u32 moved = frame + static_cast<u32>(sizeof(T));
  cpu->gpr[kESP] = s == Stack::kSegmented16 ? (frame & 0xFFFF0000u) | (moved & 0xFFFFu) : moved;
  FAST_NEXT_FORGETTING(op + 1);
}

#define STACK_ROW(handler, T) \
  { handler<T, Stack::kFlat>, handler<T, Stack::kSegmented32>, handler<T, Stack::kSegmented16> }
#define STACK_TABLE(handler) {STACK_ROW(handler, u16), STACK_ROW(handler, u32)}
using StackTable = Handler[2][3];  // [operand is 32 bits][Stack]

constexpr StackTable kPush = STACK_TABLE(push_reg);
constexpr StackTable kPushImm = STACK_TABLE(push_imm);
constexpr StackTable kPop = STACK_TABLE(pop_reg);
constexpr StackTable kLeave = STACK_TABLE(leave_op);

template <typename T, Stack s>
constexpr Handler push_mem_by_ea(unsigned ea) {
  constexpr Handler row[kEaForms] = {push_mem<T, s, Ea::kFlatBase>, push_mem<T, s, Ea::kFlatIndex>,
                                     push_mem<T, s, Ea::kSegmented>, push_mem<T, s, Ea::kSegmented16>};
  return row[ea];
}

Handler select_push_mem(const Form& form) {
  const auto ea = static_cast<unsigned>(form.ea);
  if (form.operand32()) {
    if (form.stack == Stack::kFlat) return push_mem_by_ea<u32, Stack::kFlat>(ea);
    return form.stack == Stack::kSegmented32 ? push_mem_by_ea<u32, Stack::kSegmented32>(ea)
                                             : push_mem_by_ea<u32, Stack::kSegmented16>(ea);
  }
  return form.stack == Stack::kSegmented16 ? push_mem_by_ea<u16, Stack::kSegmented16>(ea) : nullptr;
}

}  // namespace

Handler select_stack(const Form& form) {
  const unsigned wide = form.operand32() ? 1 : 0;
  const auto s = static_cast<unsigned>(form.stack);
  switch (form.row.fast) {
    case Fast::kPush: return kPush[wide][s];
    case Fast::kPushImm: return kPushImm[wide][s];
    case Fast::kPushRm: return form.memory ? select_push_mem(form) : kPush[wide][s];
    case Fast::kPop: return kPop[wide][s];
    case Fast::kLeave: return kLeave[wide][s];
    default: return nullptr;
  }
}

}  // namespace ringside::fast
