// SSE floating-point arithmetic with ordinary operands and results; anything else is the reference executor's.
#include "cpu/fast/simd.h"
#include "cpu/simd/exact_convert.h"

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

// ----- Comparisons --------------------------------------------------------------------------------------

template <typename B>
struct CompareFlags {
  static void reg(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    if (!sse_ready(cpu) || !simd::quick_compare_flags<B>(xmm_at(cpu, op->dst), xmm_at(cpu, op->src), f)) FAST_GIVE_UP();
    FAST_SET_FLAGS(f);
    FAST_NEXT_FORGETTING(op + 1);
  }
  template <Ea ea>
  static void mem(FAST_ARGS) {
    u8* host;
    LazyFlags f = FAST_FLAGS();
    if (!sse_ready(cpu) || !probe_read_plain<ea, B>(cpu, op, host) ||
        !simd::quick_compare_flags<B>(xmm_at(cpu, op->dst), host, f))
      FAST_GIVE_UP();
    FAST_SET_FLAGS(f);
    FAST_NEXT_FORGETTING(op + 1);
  }
};

// ----- Whatever works on the destination in place: a body with run(cpu, op, source) and its operand's size -------

template <typename Body>
struct InPlace {
  static void reg(FAST_ARGS) {
    if (!sse_ready(cpu) || !Body::run(cpu, op, xmm_at(cpu, op->src))) FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
  template <Ea ea>
  static void mem(FAST_ARGS) {
    u8* host;
    if constexpr (sizeof(typename Body::Operand) == 16) {
      if (!probe_read_aligned<ea>(cpu, op, host)) FAST_GIVE_UP();
    } else {
      if (!probe_read_plain<ea, typename Body::Operand>(cpu, op, host)) FAST_GIVE_UP();
    }
    if (!sse_ready(cpu) || !Body::run(cpu, op, host)) FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
};
template <typename B, unsigned lanes>
struct CompareMasks {
  using Operand = std::conditional_t<lanes == 1, B, Vector128>;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) {
    return simd::quick_compare_masks<B, lanes>(xmm_at(cpu, op->dst), source, op->imm);
  }
};
struct Widen {
  using Operand = u32;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) { return simd::quick_ss_sd(xmm_at(cpu, op->dst), source); }
};
struct Narrow {
  using Operand = u64;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) {
    return simd::quick_sd_ss(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source);
  }
};
struct IntegersToSingles {
  using Operand = Vector128;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) {
    return simd::quick_dq_ps(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source);
  }
};
template <bool truncate>
struct SinglesToIntegers {
  using Operand = Vector128;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) {
    return simd::quick_ps_dq<truncate>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source);
  }
};
/// CVTSS2SI and its kin: to a general register.
template <typename B, bool truncate>
struct ScalarToInteger {
  using Operand = B;
  [[gnu::always_inline]] static bool run(Cpu* cpu, const Op* op, const u8* source) {
    std::int32_t value;
    if (!simd::quick_scalar_si<B, truncate>(cpu->x87.mxcsr, source, value)) return false;
    set<std::int32_t>(cpu, op->dst, value);
    return true;
  }
};
/// CVTSI2SS, CVTSI2SD: from a general register.
template <typename B>
struct IntegerToScalar {
  static void reg(FAST_ARGS) {
    if (!sse_ready(cpu) ||
        !simd::quick_si_scalar<B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), get<std::int32_t>(cpu, op->src)))
      FAST_GIVE_UP();
    FAST_NEXT_FORGETTING(op + 1);
  }
  template <Ea ea>
  static void mem(FAST_ARGS) {
    u8* host;
    if (!sse_ready(cpu) || !probe_read_plain<ea, std::int32_t>(cpu, op, host) ||
        !simd::quick_si_scalar<B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), load<std::int32_t>(host)))
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
  add_simd(all, handlers_of<CompareFlags<u32>>(exact::float_compare_flags<u32, false>));
  add_simd(all, handlers_of<CompareFlags<u32>>(exact::float_compare_flags<u32, true>));
  add_simd(all, handlers_of<CompareFlags<u64>>(exact::float_compare_flags<u64, false>));
  add_simd(all, handlers_of<CompareFlags<u64>>(exact::float_compare_flags<u64, true>));
  add_simd(all, handlers_of<InPlace<CompareMasks<u32, 4>>>(exact::float_compare_packed<u32>));
  add_simd(all, handlers_of<InPlace<CompareMasks<u64, 2>>>(exact::float_compare_packed<u64>));
  add_simd(all, handlers_of<InPlace<CompareMasks<u32, 1>>>(exact::float_compare_scalar<u32>));
  add_simd(all, handlers_of<InPlace<CompareMasks<u64, 1>>>(exact::float_compare_scalar<u64>));
  add_simd(all, handlers_of<InPlace<Widen>>(exact::convert_ss_sd));
  add_simd(all, handlers_of<InPlace<Narrow>>(exact::convert_sd_ss));
  add_simd(all, handlers_of<InPlace<IntegersToSingles>>(exact::convert_dq_ps));
  add_simd(all, handlers_of<InPlace<SinglesToIntegers<false>>>(exact::convert_ps_dq<false>));
  add_simd(all, handlers_of<InPlace<SinglesToIntegers<true>>>(exact::convert_ps_dq<true>));
  add_simd(all, handlers_of<InPlace<ScalarToInteger<u32, false>>>(exact::convert_scalar_si<u32, false>));
  add_simd(all, handlers_of<InPlace<ScalarToInteger<u32, true>>>(exact::convert_scalar_si<u32, true>));
  add_simd(all, handlers_of<InPlace<ScalarToInteger<u64, false>>>(exact::convert_scalar_si<u64, false>));
  add_simd(all, handlers_of<InPlace<ScalarToInteger<u64, true>>>(exact::convert_scalar_si<u64, true>));
  add_simd(all, handlers_of<IntegerToScalar<u32>>(exact::convert_si_scalar<u32>));
  add_simd(all, handlers_of<IntegerToScalar<u64>>(exact::convert_si_scalar<u64>));
}

}  // namespace ringside::fast
