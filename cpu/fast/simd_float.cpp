// SSE floating-point arithmetic with ordinary operands and results; anything else is the reference executor's.
#include "cpu/fast/simd.h"
#include "cpu/simd/exact_float.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using simd::FloatOp;

[[gnu::always_inline]] inline u8* xmm_at(Cpu* cpu, u8 offset) { return reinterpret_cast<u8*>(cpu->x87.xmm) + offset; }

template <FloatOp kind, typename B>
struct Packed {
  static void reg(FAST_ARGS) {
    if (!sse_ready(cpu) || !simd::quick_packed<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), xmm_at(cpu, op->src)))
      FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
  template <Ea ea>
  static void mem(FAST_ARGS) {
    u8* host;
    if (!sse_ready(cpu) || !probe_read_aligned<ea>(cpu, op, host) ||
        !simd::quick_packed<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), host))
      FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
};
template <FloatOp kind, typename B>
struct Scalar {
  static void reg(FAST_ARGS) {
    if (!sse_ready(cpu) || !simd::quick_scalar<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), xmm_at(cpu, op->src)))
      FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
  template <Ea ea>
  static void mem(FAST_ARGS) {
    u8* host;
    if (!sse_ready(cpu) || !probe_read_plain<ea, B>(cpu, op, host) ||
        !simd::quick_scalar<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), host))
      FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
};

template <typename Handlers>
SimdHandlers handlers_of(ExactFn exact) {
  return {exact, Handlers::reg, Handlers::template mem<Ea::kFlatBase>, Handlers::template mem<Ea::kFlatIndex>};
}
template <FloatOp... kinds>
void add_arithmetic(std::vector<SimdHandlers>& all) {
  (add_simd(all, handlers_of<Packed<kinds, u32>>(exact::float_packed<kinds, u32>)), ...);
  (add_simd(all, handlers_of<Packed<kinds, u64>>(exact::float_packed<kinds, u64>)), ...);
  (add_simd(all, handlers_of<Scalar<kinds, u32>>(exact::float_scalar<kinds, u32>)), ...);
  (add_simd(all, handlers_of<Scalar<kinds, u64>>(exact::float_scalar<kinds, u64>)), ...);
}

}  // namespace

void add_simd_float(std::vector<SimdHandlers>& all) {
  add_arithmetic<FloatOp::kAdd, FloatOp::kMultiply, FloatOp::kSquareRoot, FloatOp::kSubtract, FloatOp::kMinimum,
                 FloatOp::kDivide, FloatOp::kMaximum>(all);
}

}  // namespace ringside::fast
