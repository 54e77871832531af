// The floating-point instructions of SSE for the fast path: what simd_float_handlers.inc makes handlers of.
//
// A body has its operand's type, where the source is if not in memory, and two ways to do the instruction: `lean` where
// MXCSR is settled, and `quick`, in place. Each returns false with nothing changed where it does not apply.
#pragma once

#include "cpu/fast/simd.h"
#include "cpu/simd/exact_convert.h"
#include "cpu/simd/float_lean_body.h"

namespace ringside::fast {

using simd::FloatOp;

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
struct FromGeneral {  // its offset
  [[gnu::always_inline]] static const u8* source(Cpu* cpu, const Op* op) { return reinterpret_cast<const u8*>(cpu) + op->src; }
};

template <FloatOp kind, typename B, bool lane_shifts>
struct Packed : FromXmm {
  using Operand = Vector128;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::lean_packed<kind, B, lane_shifts>(xmm_at(cpu, op->dst), source); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_packed<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
template <typename B, unsigned lanes>
struct CompareMasks : FromXmm {
  using Operand = std::conditional_t<lanes == 1, B, Vector128>;
  RINGSIDE_BODY lean(RINGSIDE_BODY_ARGS) { return simd::quick_compare_masks<B, lanes>(xmm_at(cpu, op->dst), source, op->imm); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return lean(cpu, op, source, flags); }
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

// ----- Scalars: `lean` gets the destination's lower half and the source, and gives what is to be written ----------

/// What can be forwarded: nothing, the lower half of an XMM register, a general register.
enum class Forwarded : u8 { kNothing, kXmm, kGeneral };
/// Whether a scalar body reads its destination, where its source is (as a register), and where the result goes.
struct Uses {
  bool first;
  Forwarded second, writes;
};
#define RINGSIDE_SCALAR(...) [[gnu::always_inline]] static bool lean([[maybe_unused]] u64 whole, Operand source, __VA_ARGS__)

template <FloatOp kind, typename B>
struct Scalar : FromXmm {
  using Operand = B;
  using Result = u64;
  static constexpr Uses kUses = {kind != FloatOp::kSquareRoot, Forwarded::kXmm, Forwarded::kXmm};
  RINGSIDE_SCALAR(u64& out) { return simd::lean_scalar<kind, B>(whole, source, out); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_scalar<kind, B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
struct Widen : FromXmm {
  using Operand = u32;
  using Result = u64;
  static constexpr Uses kUses = {false, Forwarded::kXmm, Forwarded::kXmm};
  RINGSIDE_SCALAR(u64& out) { return simd::quick_widen(source, out); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_ss_sd(xmm_at(cpu, op->dst), source); }
};
struct Narrow : FromXmm {
  using Operand = u64;
  using Result = u64;
  static constexpr Uses kUses = {false, Forwarded::kXmm, Forwarded::kXmm};
  RINGSIDE_SCALAR(u64& out) { return simd::lean_sd_ss(whole, source, out); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_sd_ss(cpu->x87.mxcsr, xmm_at(cpu, op->dst), source); }
};
/// CVTSI2SS, CVTSI2SD: from a general register.
template <typename B>
struct IntegerToScalar : FromGeneral {
  using Operand = std::int32_t;
  using Result = u64;
  static constexpr Uses kUses = {false, Forwarded::kGeneral, Forwarded::kXmm};
  RINGSIDE_SCALAR(u64& out) {
    out = simd::lean_si_scalar<B>(whole, source);
    return true;
  }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) {
    return simd::quick_si_scalar<B>(cpu->x87.mxcsr, xmm_at(cpu, op->dst), load<std::int32_t>(source));
  }
};
/// CVTSS2SI and its kin: to a general register.
template <typename B, bool truncate>
struct ScalarToInteger : FromXmm {
  using Operand = B;
  using Result = std::int32_t;
  static constexpr Uses kUses = {false, Forwarded::kXmm, Forwarded::kGeneral};
  RINGSIDE_SCALAR(std::int32_t& out) { return simd::lean_scalar_si<B, truncate>(source, out); }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) {
    std::int32_t value;
    if (!simd::quick_scalar_si<B, truncate>(cpu->x87.mxcsr, source, value)) return false;
    set<std::int32_t>(cpu, op->dst, value);
    return true;
  }
};
/// COMISS, UCOMISS and the doubles' forms: the result are the flags.
template <typename B>
struct CompareFlags : FromXmm {
  using Operand = B;
  using Result = LazyFlags;
  static constexpr Uses kUses = {true, Forwarded::kXmm, Forwarded::kNothing};
  RINGSIDE_SCALAR(LazyFlags& out) {
    std::make_signed_t<B> a, b;
    if (!simd::quick_ordered<B>(static_cast<B>(whole), a) || !simd::quick_ordered<B>(source, b)) return false;
    out.set_cf_of_af(a < b, false, false);
    out.set_zsp(a == b, false, false);
    return true;
  }
  RINGSIDE_BODY quick(RINGSIDE_BODY_ARGS) { return simd::quick_compare_flags<B>(xmm_at(cpu, op->dst), source, flags); }
};

#undef RINGSIDE_SCALAR
#undef RINGSIDE_BODY
#undef RINGSIDE_BODY_ARGS

}  // namespace float_body

/// Whether a body's destination is a general register, and the next op may take that from `last`.
template <typename Body>
constexpr bool passes_general() {
  if constexpr (requires { Body::kUses; }) return Body::kUses.writes == float_body::Forwarded::kGeneral;
  return false;
}

/// Where a lean handler does not apply: the quick body, for any MXCSR and address. The next op may take the result from
/// `last`: the lower half of an XMM register, or a general register.
template <typename Body>
void second_try(FAST_ARGS) {
  constexpr Handler kExact = passes_general<Body>() ? exact_op : exact_sse_op;
  FAST_FORGET_LAST();
  if (!sse_ready(cpu)) RINGSIDE_TAIL kExact(FAST_PASS(op));
  auto* host = const_cast<std::uint8_t*>(Body::source(cpu, op));
  if ((op->flags & kMemory) != 0) {
    // An op without an index names the slot that is always 0.
    bool found;
    if constexpr (sizeof(typename Body::Operand) == 16) found = probe_read_aligned<Ea::kFlatIndex>(cpu, op, host);
    else found = probe_read_plain<Ea::kFlatIndex, typename Body::Operand>(cpu, op, host);
    if (!found) RINGSIDE_TAIL kExact(FAST_PASS(op));
  }
  LazyFlags flags = FAST_FLAGS();
  if (!Body::quick(cpu, op, host, flags)) RINGSIDE_TAIL kExact(FAST_PASS(op));
  FAST_SET_FLAGS(flags);
  find_sse_state(*cpu);
  if constexpr (passes_general<Body>()) last = get<std::uint32_t>(cpu, op->dst);
  else last = load<std::uint64_t>(float_body::xmm_at(cpu, op->dst));
  FAST_NEXT(op + 1);
}

}  // namespace ringside::fast
