// The arithmetic of the SSE instructions, complete: every operand, exception, rounding, DAZ and FTZ. Results are
// the masked responses; with an exception unmasked they mean nothing. The quick cases are tried first.
//
// `a` is the first source, which is the destination of a two-operand instruction: where both are NaNs, it wins.
#pragma once

#include "cpu/simd/float_quick.h"

namespace ringside::simd {

template <typename B>
B add(FloatEnv& env, B a, B b);
template <typename B>
B subtract(FloatEnv& env, B a, B b);
template <typename B>
B multiply(FloatEnv& env, B a, B b);
template <typename B>
B divide(FloatEnv& env, B a, B b);
template <typename B>
B square_root(FloatEnv& env, B a);
template <typename B>
B minimum(FloatEnv& env, B a, B b);
template <typename B>
B maximum(FloatEnv& env, B a, B b);

/// `quiet`: only a signaling NaN is an invalid operation.
template <typename B>
Order compare(FloatEnv& env, B a, B b, bool quiet);

/// CMPPS and its kin, by the low three bits of the immediate.
inline bool predicate_holds(unsigned predicate, Order order) {
  bool holds = false;
  switch (predicate & 3) {
    case 0: holds = order == Order::kEqual; break;
    case 1: holds = order == Order::kLess; break;
    case 2: holds = order == Order::kLess || order == Order::kEqual; break;
    default: holds = order == Order::kUnordered; break;
  }
  return holds != ((predicate & 4) != 0);
}
/// LT, LE, NLT, NLE report quiet NaNs too.
inline bool predicate_is_quiet(unsigned predicate) { return (predicate & 3) == 0 || (predicate & 3) == 3; }
/// All ones or all zeros.
template <typename B>
B compare_mask(FloatEnv& env, B a, B b, unsigned predicate) {
  return predicate_holds(predicate, compare(env, a, b, predicate_is_quiet(predicate))) ? static_cast<B>(~B{0}) : B{0};
}

// --- Conversions
std::uint64_t widen(FloatEnv& env, std::uint32_t a);
std::uint32_t narrow(FloatEnv& env, std::uint64_t a);
/// The integer indefinite, 80000000h, where the value does not fit.
template <typename B>
std::int32_t to_int32(FloatEnv& env, B a, Rounding mode);
template <typename B>
B from_int32(FloatEnv& env, std::int32_t a);

// --- Approximations: no exceptions, no MXCSR
std::uint32_t approximate_reciprocal(std::uint32_t a);
std::uint32_t approximate_reciprocal_root(std::uint32_t a);

}  // namespace ringside::simd
