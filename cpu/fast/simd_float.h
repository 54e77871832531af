// The floating-point instructions of SSE for the fast path: what simd_float_handlers.inc makes handlers of.
//
// A body has its operand's type, where the source is if not in memory, and two ways to do the instruction in place:
// `lean` where MXCSR is settled, and `quick`. Each returns false with nothing changed where it does not apply.
#pragma once

#include "cpu/fast/simd.h"
#include "cpu/simd/exact_convert.h"
#include "cpu/simd/float_lean_body.h"

namespace ringside::fast {

using simd::FloatOp;

/// Of Cpu::sse_state.
constexpr std::uint8_t kSseReady = 1;    ///< neither #UD nor #NM
constexpr std::uint8_t kSseSettled = 2;  ///< that, and MXCSR is_settled
inline void find_sse_state(Cpu& cpu) {
  const bool ready = (cpu.cr0 & (kCr0EM | kCr0TS)) == 0 && (cpu.cr4 & kCr4OSFXSR) != 0;
  cpu.sse_state = !ready ? std::uint8_t{0} : simd::is_settled(cpu.x87.mxcsr) ? kSseReady | kSseSettled : kSseReady;
}

namespace float_body {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
#define RINGSIDE_BODY [[gnu::always_inline]] static bool
#define RINGSIDE_BODY_ARGS [[maybe_unused]] Cpu *cpu, [[maybe_unused]] const Op *op, const u8 *source, [[maybe_unused]] LazyFlags &flags

[[gnu::always_inline]] inline u8* xmm_at(Cpu* cpu, u8 offset) { return reinterpret_cast<u8*>(cpu->x87.xmm) + offset; }

struct FromXmm {
  [[gnu::always_inline]] static const u8* source(Cpu* cpu, const Op* op) { return xmm_at(cpu, op->src); }
};
struct FromGeneral {
  [[gnu::always_inline]] static const u8* source(Cpu* cpu, const Op* op) { return reinterpret_cast<const u8*>(cpu) + op->src; }
};

template <FloatOp kind, typename B, bool lane_shifts>
struct Packed : FromXmm {
  using Operand = Vector128;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_packed<kind, B, lane_shifts>(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_packed<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
template <FloatOp kind, typename B>
struct Scalar : FromXmm {
  using Operand = B;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_scalar<kind, B>(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_scalar<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
template <typename B>
struct CompareFlags : FromXmm {
  using Operand = B;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::quick_compare_flags<B>(xmm_at(cpu, op->dst), source, flags); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return lean(cpu, op, source, flags); }
};
template <typename B, unsigned lanes>
struct CompareMasks : FromXmm {
  using Operand = std::conditional_t<lanes == 1, B, Vector128>;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::quick_compare_masks<B, lanes>(xmm_at(cpu, op->dst), source, op->imm); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return lean(cpu, op, source, flags); }
};
struct Widen : FromXmm {
  using Operand = u32;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::quick_ss_sd(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return lean(cpu, op, source, flags); }
};
struct Narrow : FromXmm {
  using Operand = u64;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_sd_ss(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_sd_ss(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
struct IntegersToSingles : FromXmm {
  using Operand = Vector128;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_dq_ps(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_dq_ps(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
template <bool truncate>
struct SinglesToIntegers : FromXmm {
  using Operand = Vector128;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_ps_dq<truncate>(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_ps_dq<truncate>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
/// CVTSS2SI and its kin: to a general register.
template <typename B, bool truncate>
struct ScalarToInteger : FromXmm {
  using Operand = B;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) {
    std::int32_t value;
    if (!simd::lean_scalar_si<B, truncate>(source, value)) return false;
    set<std::int32_t>(cpu, op->dst, value);
    return true;
  }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) {
    std::int32_t value;
    if (!simd::quick_scalar_si<B, truncate>(cpu->x87.mxcsr, source, value)) return false;
    set<std::int32_t>(cpu, op->dst, value);
    return true;
  }
};
/// CVTSI2SS, CVTSI2SD: from a general register.
template <typename B>
struct IntegerToScalar : FromGeneral {
  using Operand = std::int32_t;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_si_scalar<B>(xmm_at(cpu, op->dst), load<std::int32_t>(source)); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) {
    return simd::quick_si_scalar<B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), load<std::int32_t>(source));
  }
};

#undef RINGSIDE_BODY
#undef RINGSIDE_BODY_ARGS

}  // namespace float_body

/// Where a lean handler does not apply: the quick body, for any MXCSR and address.
template <typename Body>
void second_try(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  auto* host = const_cast<std::uint8_t*>(Body::source(cpu, op));
  if ((op->flags & kMemory) != 0) {
    // An op without an index names the slot that is always 0.
    if constexpr (sizeof(typename Body::Operand) == 16) {
      if (!probe_read_aligned<Ea::kFlatIndex>(cpu, op, host)) FAST_GIVE_UP();
    } else {
      if (!probe_read_plain<Ea::kFlatIndex, typename Body::Operand>(cpu, op, host)) FAST_GIVE_UP();
    }
  }
  LazyFlags flags = FAST_FLAGS();
  if (!Body::quick(cpu, op, host, flags)) FAST_GIVE_UP();
  FAST_SET_FLAGS(flags);
  find_sse_state(*cpu);
  FAST_NEXT_FORGETTING(op + 1);
}

}  // namespace ringside::fast
