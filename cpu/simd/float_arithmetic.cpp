// What the quick cases leave: NaNs, infinities, denormals, results at the edges of the format.
#include "cpu/simd/float_arithmetic.h"

namespace ringside::simd {
namespace {

/// Enters what a quick case has cut off.
template <typename R>
R inexact_if(FloatEnv& env, std::uint64_t lost, R result) {
  if (lost != 0) env.raise(kPrecision);
  return result;
}

/// A finite number other than 0: significand * 2^(exponent - bias - 62), bit 62 set.
struct Unpacked {
  int exponent;
  std::uint64_t significand;
};

template <typename B>
Unpacked unpack(B a) {
  using F = Format<B>;
  const int exponent = static_cast<int>(magnitude(a) >> F::kFractionBits);
  const std::uint64_t fraction = a & F::kFraction;
  if (exponent != 0) return {exponent, (fraction | F::kHidden) << F::kRoundBits};
  const int shift = __builtin_clzll(fraction) - 1;
  return {1 + static_cast<int>(F::kRoundBits) - shift, fraction << shift};
}

std::uint64_t shift_right_sticky(std::uint64_t value, unsigned count) {
  if (count == 0) return value;
  if (count > 63) return value != 0 ? 1 : 0;
  return value >> count | ((value & ((std::uint64_t{1} << count) - 1)) != 0 ? 1 : 0);
}

template <typename B>
B overflowed(FloatEnv& env, bool sign) {
  using F = Format<B>;
  const Rounding mode = env.rounding();
  const bool largest = mode == Rounding::kZero || mode == (sign ? Rounding::kUp : Rounding::kDown);
  return static_cast<B>((sign ? F::kSign : 0) | (F::kInfinity - (largest ? 1 : 0)));
}

/// Rounds and packs any result; `significand` has bit 62 set.
template <typename B>
B pack(FloatEnv& env, bool sign, int exponent, std::uint64_t significand) {
  using F = Format<B>;
  const B sign_bit = sign ? F::kSign : 0;
  const auto rounded = [&](std::uint64_t s) {
    return (s + rounding_increment(env.rounding(), sign, F::kRoundMask, s >> F::kRoundBits & 1)) >> F::kRoundBits;
  };
  const bool inexact = (significand & F::kRoundMask) != 0;
  const std::uint64_t kept = rounded(significand);
  const int final_exponent = exponent + static_cast<int>(kept >> F::kPrecision);
  if (final_exponent >= F::kMaxExponent) {
    env.raise(kOverflow | (inexact || env.masked(kOverflow) ? kPrecision : 0));
    return overflowed<B>(env, sign);
  }
  // Tininess is detected after rounding.
  if (final_exponent > 0) {
    if (inexact) env.raise(kPrecision);
    return static_cast<B>(sign_bit | ((static_cast<B>(exponent) << F::kFractionBits) + static_cast<B>(kept - F::kHidden)));
  }
  if (!env.masked(kUnderflow)) {
    env.raise(kUnderflow | (inexact ? kPrecision : 0));
    return sign_bit;
  }
  if (env.flush_to_zero()) {
    env.raise(kUnderflow | kPrecision);
    return sign_bit;
  }
  const std::uint64_t shifted = shift_right_sticky(significand, static_cast<unsigned>(1 - exponent));
  if ((shifted & F::kRoundMask) != 0) env.raise(kUnderflow | kPrecision);
  return static_cast<B>(sign_bit | static_cast<B>(rounded(shifted)));
}

template <typename B>
B apply_daz(const FloatEnv& env, B a) {
  return env.denormals_are_zeros() && is_denormal(a) ? a & Format<B>::kSign : a;
}

template <typename B>
B invalid(FloatEnv& env) {
  env.raise(kInvalid);
  return Format<B>::kIndefinite;
}

template <typename B>
B quieted(FloatEnv& env, B nan) {
  if (is_signaling(nan)) env.raise(kInvalid);
  return nan | Format<B>::kQuiet;
}

/// SDM Vol. 1, "Rules for Handling NaNs": the first source's, if it is one.
template <typename B>
B nan_result(FloatEnv& env, B a, B b) {
  if (is_signaling(a) || is_signaling(b)) env.raise(kInvalid);
  return (is_nan(a) ? a : b) | Format<B>::kQuiet;
}

template <typename B>
void note_denormals(FloatEnv& env, B a, B b) {
  if (is_denormal(a) || is_denormal(b)) env.raise(kDenormal);
}

template <typename B>
B add_finite(FloatEnv& env, B a, B b) {
  using F = Format<B>;
  if (is_zero(a) && is_zero(b)) {
    if (((a ^ b) & F::kSign) == 0) return a;
    return env.rounding() == Rounding::kDown ? F::kSign : 0;
  }
  if (is_zero(a) || is_zero(b)) {
    const B c = is_zero(a) ? b : a;
    const Unpacked u = unpack(c);
    return pack<B>(env, (c & F::kSign) != 0, u.exponent, u.significand);
  }
  const bool swap = magnitude(a) < magnitude(b);
  const bool sign = ((swap ? b : a) & F::kSign) != 0;
  const Unpacked big = unpack(swap ? b : a), small = unpack(swap ? a : b);
  const std::uint64_t second =
      shift_right_sticky(small.significand, static_cast<unsigned>(big.exponent - small.exponent));
  const std::uint64_t sum =
      ((a ^ b) & F::kSign) != 0 ? big.significand - second : big.significand + second;
  if (sum == 0) return env.rounding() == Rounding::kDown ? F::kSign : 0;
  const int shift = __builtin_clzll(sum);
  const std::uint64_t top = sum << shift;
  return pack<B>(env, sign, big.exponent + 1 - shift, top >> 1 | (top & 1));
}

template <typename B>
B add_any(FloatEnv& env, B a, B b, bool negate) {
  using F = Format<B>;
  a = apply_daz(env, a);
  b = apply_daz(env, b);
  if (is_nan(a) || is_nan(b)) return nan_result(env, a, b);
  if (negate) b ^= F::kSign;
  const bool infinite_a = magnitude(a) == F::kInfinity, infinite_b = magnitude(b) == F::kInfinity;
  if (infinite_a && infinite_b && a != b) return invalid<B>(env);
  note_denormals(env, a, b);
  if (infinite_a || infinite_b) return infinite_a ? a : b;
  return add_finite(env, a, b);
}

template <typename B>
B multiply_any(FloatEnv& env, B a, B b) {
  using F = Format<B>;
  a = apply_daz(env, a);
  b = apply_daz(env, b);
  if (is_nan(a) || is_nan(b)) return nan_result(env, a, b);
  const B sign = (a ^ b) & F::kSign;
  const bool infinite = magnitude(a) == F::kInfinity || magnitude(b) == F::kInfinity;
  if (infinite && (is_zero(a) || is_zero(b))) return invalid<B>(env);
  note_denormals(env, a, b);
  if (infinite) return sign | F::kInfinity;
  if (is_zero(a) || is_zero(b)) return sign;
  const Unpacked ua = unpack(a), ub = unpack(b);
  const Wide wide = static_cast<Wide>(ua.significand << 1) * ub.significand;  // leading bit 125 or 126
  std::uint64_t product = static_cast<std::uint64_t>(wide >> 64) | (static_cast<std::uint64_t>(wide) != 0 ? 1 : 0);
  const int carry = static_cast<int>(product >> 62);
  product <<= 1 - carry;
  return pack<B>(env, sign != 0, ua.exponent + ub.exponent - F::kBias + carry, product);
}

template <typename B>
B divide_any(FloatEnv& env, B a, B b) {
  using F = Format<B>;
  a = apply_daz(env, a);
  b = apply_daz(env, b);
  if (is_nan(a) || is_nan(b)) return nan_result(env, a, b);
  const B sign = (a ^ b) & F::kSign;
  const bool infinite_a = magnitude(a) == F::kInfinity, infinite_b = magnitude(b) == F::kInfinity;
  if ((infinite_a && infinite_b) || (is_zero(a) && is_zero(b))) return invalid<B>(env);
  if (is_zero(b) && !infinite_a) {
    env.raise(kZeroDivide);  // a denormal dividend is not reported beside it
    return sign | F::kInfinity;
  }
  note_denormals(env, a, b);
  if (infinite_a) return sign | F::kInfinity;
  if (is_zero(a) || infinite_b) return sign;
  const Unpacked ua = unpack(a), ub = unpack(b);
  std::uint64_t quotient = divide_sticky(ua.significand, ub.significand << 1);  // leading bit 62 or 63
  const unsigned carry = static_cast<unsigned>(quotient >> 63);
  quotient = quotient >> carry | (quotient & 1);
  return pack<B>(env, sign != 0, ua.exponent - ub.exponent + F::kBias - 1 + static_cast<int>(carry), quotient);
}

template <typename B>
B square_root_any(FloatEnv& env, B a) {
  using F = Format<B>;
  a = apply_daz(env, a);
  if (is_nan(a)) return quieted(env, a);
  if (is_zero(a)) return a;
  if ((a & F::kSign) != 0) return invalid<B>(env);
  note_denormals(env, a, a);
  if (a == F::kInfinity) return a;
  const Unpacked u = unpack(a);
  Wide rest;
  const std::uint64_t root = root_of_128(u.significand << (~static_cast<unsigned>(u.exponent) & 1), 0, rest);
  return pack<B>(env, false, (u.exponent + F::kBias) >> 1, root >> 1 | (root & 1) | (rest != 0 ? 1 : 0));
}

template <typename B>
Order order_of(B a, B b) {
  using F = Format<B>;
  if (a == b || (is_zero(a) && is_zero(b))) return Order::kEqual;
  const bool negative_a = (a & F::kSign) != 0, negative_b = (b & F::kSign) != 0;
  if (negative_a != negative_b) return negative_a ? Order::kLess : Order::kGreater;
  return (a < b) != negative_a ? Order::kLess : Order::kGreater;
}

/// MIN and MAX: b is the result where either is a NaN (and stays as it is) or both are zeros.
template <typename B>
B choose(FloatEnv& env, B a, B b, Order wanted) {
  a = apply_daz(env, a);
  b = apply_daz(env, b);
  if (is_nan(a) || is_nan(b)) {
    env.raise(kInvalid);
    return b;
  }
  note_denormals(env, a, b);
  return order_of(a, b) == wanted ? a : b;
}

}  // namespace

template <typename B>
B add(FloatEnv& env, B a, B b) {
  B result;
  std::uint64_t lost = 0;
  if (quick_add<B>(env.rounding(), a, b, result, lost)) return inexact_if(env, lost, result);
  return add_any(env, a, b, false);
}

template <typename B>
B subtract(FloatEnv& env, B a, B b) {
  B result;
  std::uint64_t lost = 0;
  if (quick_add<B>(env.rounding(), a, b ^ Format<B>::kSign, result, lost)) return inexact_if(env, lost, result);
  return add_any(env, a, b, true);
}

template <typename B>
B multiply(FloatEnv& env, B a, B b) {
  B result;
  std::uint64_t lost = 0;
  if (quick_multiply<B>(env.rounding(), a, b, result, lost)) return inexact_if(env, lost, result);
  return multiply_any(env, a, b);
}

template <typename B>
B divide(FloatEnv& env, B a, B b) {
  B result;
  std::uint64_t lost = 0;
  if (quick_divide<B>(env.rounding(), a, b, result, lost)) return inexact_if(env, lost, result);
  return divide_any(env, a, b);
}

template <typename B>
B square_root(FloatEnv& env, B a) {
  B result;
  std::uint64_t lost = 0;
  if (quick_square_root<B>(env.rounding(), a, result, lost)) return inexact_if(env, lost, result);
  return square_root_any(env, a);
}

template <typename B>
B minimum(FloatEnv& env, B a, B b) {
  B result;
  if (quick_choose<B>(a, b, false, result)) return result;
  return choose(env, a, b, Order::kLess);
}

template <typename B>
B maximum(FloatEnv& env, B a, B b) {
  B result;
  if (quick_choose<B>(a, b, true, result)) return result;
  return choose(env, a, b, Order::kGreater);
}

template <typename B>
Order compare(FloatEnv& env, B a, B b, bool quiet) {
  Order order;
  if (quick_compare<B>(a, b, order)) return order;
  a = apply_daz(env, a);
  b = apply_daz(env, b);
  if (is_nan(a) || is_nan(b)) {
    if (!quiet || is_signaling(a) || is_signaling(b)) env.raise(kInvalid);
    return Order::kUnordered;
  }
  note_denormals(env, a, b);
  return order_of(a, b);
}

std::uint64_t widen(FloatEnv& env, std::uint32_t a) {
  using F = Format<std::uint32_t>;
  using G = Format<std::uint64_t>;
  constexpr unsigned kShift = G::kFractionBits - F::kFractionBits;
  std::uint64_t result;
  if (quick_widen(a, result)) return result;
  a = apply_daz(env, a);
  const std::uint64_t sign = std::uint64_t{a & F::kSign} << 32;
  const std::uint64_t fraction = std::uint64_t{a & F::kFraction} << kShift;
  if (is_nan(a)) {
    if (is_signaling(a)) env.raise(kInvalid);
    return sign | G::kInfinity | G::kQuiet | fraction;
  }
  if (is_zero(a)) return sign;
  if (magnitude(a) == F::kInfinity) return sign | G::kInfinity;
  note_denormals(env, a, a);
  const Unpacked u = unpack(a);
  const auto exponent = static_cast<std::uint64_t>(u.exponent - F::kBias + G::kBias);
  return sign | (((exponent - 1) << G::kFractionBits) + (u.significand >> G::kRoundBits));
}

std::uint32_t narrow(FloatEnv& env, std::uint64_t a) {
  using F = Format<std::uint64_t>;
  using G = Format<std::uint32_t>;
  constexpr unsigned kShift = F::kFractionBits - G::kFractionBits;
  std::uint32_t result;
  std::uint64_t lost = 0;
  if (quick_narrow(env.rounding(), a, result, lost)) return inexact_if(env, lost, result);
  a = apply_daz(env, a);
  const std::uint32_t sign = static_cast<std::uint32_t>(a >> 32) & G::kSign;
  if (is_nan(a)) {
    if (is_signaling(a)) env.raise(kInvalid);
    return sign | G::kInfinity | G::kQuiet | static_cast<std::uint32_t>((a & F::kFraction) >> kShift);
  }
  if (is_zero(a)) return sign;
  if (magnitude(a) == F::kInfinity) return sign | G::kInfinity;
  note_denormals(env, a, a);
  const Unpacked u = unpack(a);
  return pack<std::uint32_t>(env, sign != 0, u.exponent - F::kBias + G::kBias, u.significand);
}

template <typename B>
std::int32_t to_int32(FloatEnv& env, B a, Rounding mode) {
  using F = Format<B>;
  constexpr std::int32_t kIntegerIndefinite = INT32_MIN;
  std::int32_t result;
  std::uint64_t lost = 0;
  if (quick_to_int32<B>(mode, a, result, lost)) return inexact_if(env, lost, result);
  a = apply_daz(env, a);
  if (is_zero(a)) return 0;
  const int exponent = static_cast<int>(magnitude(a) >> F::kFractionBits) - F::kBias;
  if (exponent > 31) {
    env.raise(kInvalid);
    return kIntegerIndefinite;
  }
  const bool sign = (a & F::kSign) != 0;
  // 31 bits of fraction. A denormal is not reported here.
  const std::uint64_t value = shift_right_sticky(unpack(a).significand, static_cast<unsigned>(31 - exponent));
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 31) - 1;
  const std::uint64_t integer = (value + rounding_increment(mode, sign, kMask, value >> 31 & 1)) >> 31;
  if (integer > kMask + (sign ? 1 : 0)) {
    env.raise(kInvalid);
    return kIntegerIndefinite;
  }
  if ((value & kMask) != 0) env.raise(kPrecision);
  return static_cast<std::int32_t>(sign ? 0 - integer : integer);
}

template <typename B>
B from_int32(FloatEnv& env, std::int32_t a) {
  std::uint64_t lost = 0;
  const B result = quick_from_int32<B>(env.rounding(), a, lost);
  return inexact_if(env, lost, result);
}

#define RINGSIDE_INSTANTIATE(B)                            \
  template B add<B>(FloatEnv&, B, B);                      \
  template B subtract<B>(FloatEnv&, B, B);                 \
  template B multiply<B>(FloatEnv&, B, B);                 \
  template B divide<B>(FloatEnv&, B, B);                   \
  template B square_root<B>(FloatEnv&, B);                 \
  template B minimum<B>(FloatEnv&, B, B);                  \
  template B maximum<B>(FloatEnv&, B, B);                  \
  template Order compare<B>(FloatEnv&, B, B, bool);        \
  template std::int32_t to_int32<B>(FloatEnv&, B, Rounding); \
  template B from_int32<B>(FloatEnv&, std::int32_t);
RINGSIDE_INSTANTIATE(std::uint32_t)
RINGSIDE_INSTANTIATE(std::uint64_t)

}  // namespace ringside::simd
