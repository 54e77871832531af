// The fast path's edges: entering, leaving, choosing handlers.
#include "cpu/fast/fast.h"

namespace ringside::fast {

// Never inlined: nothing of a caller's may lie across the call in the registers that are only named as lost behind it.
[[gnu::noinline]] void enter(Cpu& cpu, Block& block) {
#if RINGSIDE_THREADED
  note_sse_state(cpu);
  const Op* op = &block.ops[0];
  op->handler(&cpu, op, cpu.remaining - block.count, cpu.flags.result, cpu.flags.vector, 0);
#if defined(__x86_64__)
  // Copied handlers do not save these registers (host_code.h).
  __asm__ volatile("" : : : "rbx", "r12", "r13", "r14", "r15");
#endif
#else
  // Without certain tail calls every instruction goes to the reference executor.
  for (std::uint32_t i = 0; i < block.length; ++i) {
    const Op& op = block.ops[i];
    if (!cpu.execute_exact(op) || cpu.attention || cpu.eip != op.eip + op.length || cpu.remaining <= 0) return;
  }
#endif
}

namespace {
/// Executes one op by the reference executor. The op to go on with, or nullptr where the run loop has to know.
[[gnu::always_inline]] inline const Op* execute(Cpu* cpu, const Op* op, std::int64_t& budget, LazyFlags& flags) {
  cpu->flags = flags;
  cpu->remaining = budget + op->remaining;
  if (cpu->paging() && page_fault_ahead(*cpu, *op)) return nullptr;
  if (!cpu->execute_exact(*op) || cpu->attention || cpu->eip != op->eip + op->length) return nullptr;
  const Op* next = op + 1;
  budget = cpu->remaining - next->remaining;
  if (budget < 0) return nullptr;  // a repeated string instruction took more ticks than its one
  note_sse_state(*cpu);
  flags = cpu->flags;
  return next;
}
}  // namespace

void exact_op(FAST_ARGS) {
  (void)last;  // stale where the op gives up
  const std::uint8_t forwarded = (op->flags & kLastIsSource) != 0 ? op->src : op->dst;
  LazyFlags flags = FAST_FLAGS();
  const Op* const next = execute(cpu, op, budget, flags);
  if (next == nullptr) return;
  FAST_SET_FLAGS(flags);
  last = get<std::uint32_t>(cpu, forwarded);  // what a variant of the next op may rely on
  FAST_NEXT(next);
}

void exact_sse_op(FAST_ARGS) {
  (void)last;
  const auto* const forwarded =
      reinterpret_cast<const std::uint8_t*>(cpu->x87.xmm) + ((op->flags & kLastIsSource) != 0 ? op->src : op->dst);
  LazyFlags flags = FAST_FLAGS();
  const Op* const next = execute(cpu, op, budget, flags);
  if (next == nullptr) return;
  FAST_SET_FLAGS(flags);
  last = load<std::uint64_t>(forwarded);
  FAST_NEXT(next);
}

void leave_at_branch(FAST_ARGS) {
  (void)last;
  cpu->flags = FAST_FLAGS();
  cpu->remaining = budget;
  cpu->eip = op->target;
  cpu->pending_link = const_cast<Op*>(op);
}

void leave_unlinked(FAST_ARGS) {
  (void)op, (void)last;
  cpu->flags = FAST_FLAGS();
  cpu->remaining = budget;
}

namespace {

template <bool checked>
void continue_op(FAST_ARGS) {
  FAST_ENTER(op, op->link, checked, 0);
}

Ea addressing(const Op& op, std::uint32_t mode) {
  if ((op.flags & kAddress32) == 0) return Ea::kSegmented16;
  const bool flat = op.seg == kSS                   ? (mode & kModeFlatStack) != 0
                    : op.seg == kDS || op.seg == kES ? (mode & kModeFlatData) != 0
                                                     : false;
  if (!flat) return Ea::kSegmented;
  return op.index == 32 ? Ea::kFlatBase : Ea::kFlatIndex;
}

Stack stack_kind(std::uint32_t mode) {
  if ((mode & kModeStack32) == 0) return Stack::kSegmented16;
  return (mode & kModeFlatStack) != 0 ? Stack::kFlat : Stack::kSegmented32;
}

}  // namespace

Handler continue_handler(std::uint32_t next_linear, std::uint32_t block_linear) {
  return ((next_linear ^ block_linear) < kPageSize) ? continue_op<false> : continue_op<true>;
}

Form form_of(const Op& op, std::uint32_t linear, std::uint32_t mode) {
  const OpcodeRow& row = opcode_rows()[row_of(op.id)];
  const bool byte = (row.encoding & kByteOperation) != 0;
  return {op,
          row,
          linear,
          mode,
          byte ? 0u : (op.flags & kOperand32) != 0 ? 2u : 1u,
          (op.flags & kMemory) != 0,
          addressing(op, mode),
          stack_kind(mode)};
}

Handler select(const Op& op, std::uint32_t linear, std::uint32_t mode) {
#if RINGSIDE_THREADED
  const Form form = form_of(op, linear, mode);
  if (form.row.fast == Fast::kExact) return exact_op;
  for (const auto group : {select_transfer, select_alu, select_branch, select_stack, select_shift,
                           select_multiply, select_misc, select_simd, select_x87}) {
    if (const Handler handler = group(form); handler != nullptr) return handler;
  }
#else
  (void)op, (void)linear, (void)mode;
#endif
  return exact_op;
}

}  // namespace ringside::fast
