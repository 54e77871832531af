// The fast path: threaded handlers for the forms that real code consists of.
//
// A handler performs one op (or a fused pair) and tail-calls the next op's handler. What is touched most
// travels in argument registers: the processor, the op, the ticks left beyond this block, and the two
// words of the lazy flags. A handler that meets anything unusual - a TLB miss, a page split, MMIO, a
// segment that is not plain - gives up before any effect and tail-calls `exact_op`, which hands that one
// instruction to the reference executor. So no handler checks anything twice, holds a stack frame, or throws.
#pragma once

#include <cstdint>

#include "cpu/alu.h"
#include "cpu/block_cache.h"
#include "cpu/cpu.h"
#include "cpu/op.h"
#include "cpu/opcodes.h"

// Threading needs tail calls that are certain: clang's attribute, or gcc's sibling calls when it optimises.
#if defined(__clang__)
#define RINGSIDE_THREADED 1
#define RINGSIDE_TAIL [[clang::musttail]] return
#elif defined(__OPTIMIZE__)
#define RINGSIDE_THREADED 1
#define RINGSIDE_TAIL return
#else
#define RINGSIDE_THREADED 0
#define RINGSIDE_TAIL return
#endif

#define FAST_ARGS                                                                                     \
  Cpu *cpu, const Op *op, std::int64_t budget, std::uint64_t result, std::uint64_t vector, \
      std::uint64_t last
#define FAST_PASS(next) cpu, (next), budget, result, vector, last
/// Goes on at `next`, an op of the same block.
#define FAST_NEXT(next)                      \
  do {                                       \
    const Op* const next_op = (next);        \
    RINGSIDE_TAIL next_op->handler(FAST_PASS(next_op)); \
  } while (false)
/// The same where `last` is of no use to the next op: its register is free in this handler.
#define FAST_NEXT_FORGETTING(next) \
  do {                             \
    FAST_FORGET_LAST();            \
    FAST_NEXT(next);               \
  } while (false)
#define FAST_FORGET_LAST() __asm__("" : "=r"(last))
/// Hands the op to the reference executor.
#define FAST_GIVE_UP()                     \
  do {                                     \
    FAST_FORGET_LAST();                    \
    RINGSIDE_TAIL exact_op(FAST_PASS(op)); \
  } while (false)
/// Flags to and from the argument registers.
#define FAST_FLAGS() LazyFlags { result, vector }
#define FAST_SET_FLAGS(f)                                        \
  do {                                                           \
    result = (f).result, vector = (f).vector;                       \
  } while (false)

namespace ringside::fast {

/// Runs from the head of `block`, which fits into cpu.remaining, until something needs the run loop.
void enter(Cpu& cpu, Block& block);
/// The handler for a freshly decoded op.
Handler select(const Op& op, std::uint32_t linear, std::uint32_t mode);
/// The handler of the pseudo-op behind a block's last instruction.
Handler continue_handler(std::uint32_t next_linear, std::uint32_t block_linear);
/// Replaces the handlers of pairs that one handler does better.
void fuse(Block* block);

/// If the op's first memory access is a page fault: delivers it, and says so. Anything else is left alone.
bool page_fault_ahead(Cpu& cpu, const Op& op);

/// The way out of the fast path for one instruction.
void exact_op(FAST_ARGS);
/// The same where the next op may take the lower half of an XMM register from `last`: of op->dst, or with kLastIsSource of
/// op->src, which is then no operand of the op.
void exact_sse_op(FAST_ARGS);
/// The way out at a branch whose destination cannot be entered directly: op is the branch or continuation
/// that could be linked, `cpu->eip` the destination.
void leave_at_branch(FAST_ARGS);
void leave_unlinked(FAST_ARGS);
/// Handlers that others leave for when they do not apply: like those above, they are jumped to, never copied.
bool is_second_try(Handler handler);
/// Derives Cpu::sse_state from CR0, CR4 and MXCSR, which only the reference executor changes otherwise.
void note_sse_state(Cpu& cpu);

// ===== Operands =====

/// How an op's memory operand is addressed.
enum class Ea : std::uint8_t {
  kFlatBase,     ///< flat segment, 32-bit: base + disp
  kFlatIndex,    ///< flat segment, 32-bit: base + (index << scale) + disp
  kSegmented,    ///< any segment, 32-bit
  kSegmented16,  ///< any segment, 16-bit
};
constexpr unsigned kEaForms = 4;

template <typename T>
inline T get(const Cpu* cpu, std::uint8_t offset) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(cpu) + offset, sizeof(T));
  return value;
}
template <typename T>
inline void set(Cpu* cpu, std::uint8_t offset, T value) {
  __builtin_memcpy(reinterpret_cast<std::uint8_t*>(cpu) + offset, &value, sizeof(T));
}

template <Ea ea>
inline std::uint32_t offset_of(const Cpu* cpu, const Op* op) {
  std::uint32_t offset = get<std::uint32_t>(cpu, op->base) + op->disp;
  if constexpr (ea != Ea::kFlatBase) offset += get<std::uint32_t>(cpu, op->index) << op->scale;
  if constexpr (ea == Ea::kSegmented16) offset &= 0xFFFF;
  return offset;
}

/// Keeps the compiler from computing `value` a second time in another form: handlers have four registers to
/// spare, and one more live value means a stack frame.
template <typename T>
inline void settle(T& value) {
  __asm__("" : "+r"(value));
}

inline FastTlbEntry* tlb_entry(const Cpu* cpu, std::uint32_t linear) {
  static_assert(sizeof(FastTlbEntry) == 16 && kDataTlbEntries == 1024);
  return reinterpret_cast<FastTlbEntry*>(reinterpret_cast<std::uint8_t*>(cpu->tlb) + (linear >> 8 & 0x3FF0));
}

template <typename T>
inline std::uint32_t tag_of(std::uint32_t linear) {
  if constexpr (sizeof(T) == 1) return linear & ~(kPageSize - 1);
  return (linear + sizeof(T) - 1) & ~(kPageSize - 1);
}

template <typename T>
inline bool probe_read_linear(const Cpu* cpu, std::uint32_t linear, std::uint8_t*& host) {
  settle(linear);
  const FastTlbEntry* e = tlb_entry(cpu, linear);
  settle(e);
  if (__builtin_expect(e->read_tag != tag_of<T>(linear), 0)) return false;
  host = reinterpret_cast<std::uint8_t*>(e->addend + linear);
  return true;
}
template <typename T>
inline bool probe_write_linear(const Cpu* cpu, std::uint32_t linear, std::uint8_t*& host) {
  settle(linear);
  const FastTlbEntry* e = tlb_entry(cpu, linear);
  settle(e);
  if (__builtin_expect(e->write_tag != tag_of<T>(linear), 0)) return false;
  host = reinterpret_cast<std::uint8_t*>(e->addend + linear);
  return true;
}

/// Host address of the memory operand for reading; false where the exact path must decide.
template <Ea ea, typename T>
inline bool probe_read(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  std::uint32_t linear = offset_of<ea>(cpu, op);
  if constexpr (ea == Ea::kSegmented || ea == Ea::kSegmented16) {
    const Segment& s = cpu->seg[op->seg];
    if (__builtin_expect(std::uint64_t{linear} + sizeof(T) > s.read_bound, 0)) return false;
    linear += s.base;
  }
  return probe_read_linear<T>(cpu, linear, host);
}
/// The same for writing, and for reading and writing.
template <Ea ea, typename T>
inline bool probe_write(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  std::uint32_t linear = offset_of<ea>(cpu, op);
  if constexpr (ea == Ea::kSegmented || ea == Ea::kSegmented16) {
    const Segment& s = cpu->seg[op->seg];
    if (__builtin_expect(std::uint64_t{linear} + sizeof(T) > s.write_bound, 0)) return false;
    linear += s.base;
  }
  return probe_write_linear<T>(cpu, linear, host);
}

template <typename T>
inline T load(const std::uint8_t* host) {
  T value;
  __builtin_memcpy(&value, host, sizeof(T));
  return value;
}
template <typename T>
inline void store(std::uint8_t* host, T value) {
  __builtin_memcpy(host, &value, sizeof(T));
}

// ===== Stack =====
/// Linear address of the stack at `esp + delta` for a flat or plain 32-bit, or a plain 16-bit stack segment.
enum class Stack : std::uint8_t { kFlat, kSegmented32, kSegmented16 };

template <Stack s>
inline std::uint32_t moved_esp(const Cpu* cpu, std::int32_t delta) {
  const std::uint32_t esp = cpu->gpr[kESP];
  const std::uint32_t moved = esp + static_cast<std::uint32_t>(delta);
  if constexpr (s == Stack::kSegmented16) return (esp & 0xFFFF0000u) | (moved & 0xFFFFu);
  return moved;
}
template <Stack s, typename T>
inline bool probe_stack_write(const Cpu* cpu, std::uint32_t esp, std::uint8_t*& host) {
  std::uint32_t linear = esp;
  if constexpr (s != Stack::kFlat) {
    if constexpr (s == Stack::kSegmented16) linear &= 0xFFFF;
    if (__builtin_expect(std::uint64_t{linear} + sizeof(T) > cpu->seg[kSS].write_bound, 0)) return false;
    linear += cpu->seg[kSS].base;
  }
  return probe_write_linear<T>(cpu, linear, host);
}
template <Stack s, typename T>
inline bool probe_stack_read(const Cpu* cpu, std::uint32_t esp, std::uint8_t*& host) {
  std::uint32_t linear = esp;
  if constexpr (s != Stack::kFlat) {
    if constexpr (s == Stack::kSegmented16) linear &= 0xFFFF;
    if (__builtin_expect(std::uint64_t{linear} + sizeof(T) > cpu->seg[kSS].read_bound, 0)) return false;
    linear += cpu->seg[kSS].base;
  }
  return probe_read_linear<T>(cpu, linear, host);
}

// ===== Branches =====
/// Whether `block` may be entered at linear address cs.base + block->eip now: the page is in the code TLB
/// with the frame that the block was decoded from.
[[gnu::always_inline]] inline bool reachable(const Cpu* cpu, const Block* block) {
  static_assert(sizeof(TlbEntry) == 16 && kCodeTlbEntries == 256);
  std::uint32_t linear = block->linear;
  settle(linear);
  const auto* e = reinterpret_cast<const TlbEntry*>(reinterpret_cast<const std::uint8_t*>(cpu->code_tlb.entries()) +
                                                    (linear >> 8 & 0xFF0));
  settle(e);
  return e->page == block->linear_page && e->frame == block->phys_page && (e->user || cpu->cpl != 3);
}

/// Goes to the block `to`, the destination of `branch`; `checked` where it may lie on another page.
/// `left` is the number of the block's instructions that were not executed.
#define FAST_ENTER(branch, destination_block, checked, left)                                     \
  do {                                                                                           \
    const Block* const to = (destination_block);                                                 \
    FAST_FORGET_LAST();                                                                          \
    budget += (left);                                                                            \
    if (__builtin_expect(budget < to->count, 0)) RINGSIDE_TAIL leave_at_branch(FAST_PASS(branch)); \
    if ((checked) && __builtin_expect(!reachable(cpu, to), 0))                                   \
      RINGSIDE_TAIL leave_at_branch(FAST_PASS(branch));                                          \
    budget -= to->count;                                                                         \
    RINGSIDE_TAIL to->ops[0].handler(FAST_PASS(&to->ops[0]));                                    \
  } while (false)

/// Whether `block` is the one for EIP `target` in the present mode and code segment.
[[gnu::always_inline]] inline bool is_block_at(const Cpu* cpu, const Block* block, std::uint32_t target) {
  return block->eip == target && block->mode == cpu->mode && block->linear - target == cpu->seg[kCS].base;
}

// ===== Selection, one function a group; nullptr where the group has no handler for the form =====
struct Form {
  const Op& op;
  const OpcodeRow& row;
  std::uint32_t linear;
  std::uint32_t mode;
  unsigned width;  ///< log2 of the operand's bytes: 0, 1, 2
  bool memory;
  Ea ea;           ///< of the memory operand
  Stack stack;
  bool operand32() const { return (op.flags & kOperand32) != 0; }
  bool same_page(std::uint32_t target_eip) const {
    return ((linear - op.eip + target_eip) ^ linear) < kPageSize;
  }
};
Handler select_alu(const Form& form);
Handler select_transfer(const Form& form);
Handler select_shift(const Form& form);
Handler select_multiply(const Form& form);
Handler select_stack(const Form& form);
Handler select_branch(const Form& form);
Handler select_misc(const Form& form);
Handler select_simd(const Form& form);
Handler select_x87(const Form& form);

// Tables of handlers, By width and addressing form, for a template <typename T, Ea ea>.
#define EA_ROW(handler, T) \
  { handler<T, Ea::kFlatBase>, handler<T, Ea::kFlatIndex>, handler<T, Ea::kSegmented>, handler<T, Ea::kSegmented16> }
#define EA_ROW_K(handler, kind, T)                                                    \
  {                                                                                   \
    handler<kind, T, Ea::kFlatBase>, handler<kind, T, Ea::kFlatIndex>, handler<kind, T, Ea::kSegmented>, \
        handler<kind, T, Ea::kSegmented16>                                            \
  }
#define EA_TABLE(handler) {EA_ROW(handler, std::uint8_t), EA_ROW(handler, std::uint16_t), EA_ROW(handler, std::uint32_t)}
#define EA_TABLE_K(handler, kind) {EA_ROW_K(handler, kind, std::uint8_t), EA_ROW_K(handler, kind, std::uint16_t), EA_ROW_K(handler, kind, std::uint32_t)}

Form form_of(const Op& op, std::uint32_t linear, std::uint32_t mode);
/// Chooses, op by op along a fresh block, between the handlers' variants that take an operand from `last`.
void forward_results(Block* block);
/// The same for scalars in XMM registers.
void forward_scalars(Block* block);

/// A table of handlers by width (3) and addressing form (4).
using EaTable = Handler[3][kEaForms];

}  // namespace ringside::fast
