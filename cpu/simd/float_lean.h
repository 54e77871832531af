// The arithmetic once more, as lean as integers make it, for what programs do nearly always: rounding to nearest,
// Precision masked and entered already (`settled`), so that nobody has to know what was cut off; operands and
// results well inside the format, so that one test of an exponent stands for all tests of operands and result.
// Each function returns false, and has had no effect, where float_quick.h must be asked.
//
// Sign and exponent are calculated together: the sign is the bit above the exponent, and what is carried out of
// it is lost.
#pragma once

#include "cpu/simd/float_quick.h"

namespace ringside::simd {

#define RINGSIDE_LEAN template <typename B> [[gnu::always_inline]] inline

/// MXCSR: to nearest, Precision masked and already set.
[[gnu::always_inline]] inline bool is_settled(std::uint32_t mxcsr) {
  constexpr std::uint32_t kSettled = kPrecision | kPrecision << kMaskShift;
  return (mxcsr & (kSettled | 3u << kRoundingShift)) == kSettled;
}

/// Keeps the compiler from calculating `value` sooner or in another form than it stands here: the handlers have few
/// registers, and the longest chain of operations is what counts.
template <typename T>
[[gnu::always_inline]] inline void hold(T& value) {
  __asm__("" : "+r"(value));
}

/// Sign and exponent.
RINGSIDE_LEAN unsigned head(B a) { return static_cast<unsigned>(a >> Format<B>::kFractionBits); }

/// Rounds a significand with its leading bit at `lead`; `head` is the one that it has, less 1 in the exponent.
/// `sticky` is 1 where something more was cut off; then the significand's last bit is 0.
template <typename B, unsigned lead>
[[gnu::always_inline]] inline B round_to_nearest(std::uint64_t head, std::uint64_t significand, std::uint64_t sticky) {
  constexpr unsigned kCut = lead - Format<B>::kFractionBits;
  std::uint64_t below_half = ((std::uint64_t{1} << (kCut - 1)) - 1) + sticky;
  if (!__builtin_constant_p(sticky)) hold(below_half);
  // Half and more goes up; just half only where the last bit kept is set.
  const std::uint64_t last = significand >> kCut & 1;
  significand += below_half;
  significand += last;
  return static_cast<B>((head << Format<B>::kFractionBits) + (significand >> kCut));
}

/// a + b; for a subtraction, give b with its sign turned.
RINGSIDE_LEAN bool lean_add(B a, B b, B& out) {
  using F = Format<B>;
  // Sums have their leading bit moved here, always to the left. Of singles nothing is ever shifted out.
  constexpr unsigned kLead = sizeof(B) == 4 ? 55 : 62;
  constexpr unsigned kFarthest = F::kPrecision + 1;
  // The smaller operand's exponent: so large that no cancellation leads to a denormal, so small that the other's
  // is no infinity's, and the sum does not overflow.
  constexpr unsigned kLeast = F::kPrecision + 1, kMost = unsigned{F::kMaxExponent} - kFarthest - 3;
  const B a2 = static_cast<B>(a << 1), b2 = static_cast<B>(b << 1);
  const bool swap = a2 < b2;
  const B big = swap ? b : a;
  B small2 = swap ? a2 : b2;
  // The signs' difference, in every bit.
  std::uint64_t differ = static_cast<std::uint64_t>(std::int64_t{static_cast<std::make_signed_t<B>>(a ^ b)} >> 63);
  const unsigned exponent = static_cast<unsigned>(small2 >> (F::kFractionBits + 1));
  if (__builtin_expect(exponent - kLeast > kMost - kLeast, 0)) return false;
  const unsigned distance = head(big) - exponent;  // and the sign, far above
  if (__builtin_expect((distance & unsigned{F::kMaxExponent}) > kFarthest, 0)) {
    out = big;
    return (head(big) & unsigned{F::kMaxExponent}) != unsigned{F::kMaxExponent};
  }
  // Leading bits two below the sum's.
  std::uint64_t second, rest = 0, sticky = 0;
  if constexpr (sizeof(B) == 4) {
    second = std::uint64_t{(small2 >> 1 & F::kFraction) | F::kHidden} << (kLead - 2 - F::kFractionBits) >> (distance & 63);
  } else {
    const std::uint64_t unshifted = std::uint64_t{small2} << 10 | std::uint64_t{1} << 63;
    const unsigned shift = (distance + 3) & 63;
    second = unshifted >> shift;
    rest = unshifted & ~(~std::uint64_t{0} << shift);
    sticky = rest != 0 ? 1 : 0;
  }
  second ^= differ;
  hold(second);
  std::uint64_t first = std::uint64_t{(big & F::kFraction) | F::kHidden} << (kLead - 2 - F::kFractionBits);
  hold(first);
  // A difference is first + ~second + 1; less 1 if second is a little more.
  const std::uint64_t sum = first + second + ((rest | ~differ) == 0 ? 1 : 0);
  if (__builtin_expect(sum == 0, 0)) {
    out = 0;
    return true;
  }
  const unsigned shift = static_cast<unsigned>(__builtin_clzll(sum)) - (63 - kLead);
  out = round_to_nearest<B, kLead>(std::uint64_t{head(big)} + 1 - shift, sum << shift, sticky);
  return true;
}

/// Whether a product or quotient of two such exponents is certain to be a normal number's.
RINGSIDE_LEAN bool is_central(unsigned head) {
  constexpr unsigned kHalf = (unsigned{Format<B>::kMaxExponent} + 1) / 4;
  return ((head & unsigned{Format<B>::kMaxExponent}) - kHalf) < 2 * kHalf - 2;
}

RINGSIDE_LEAN bool lean_multiply(B a, B b, B& out) {
  using F = Format<B>;
  const unsigned ha = head(a), hb = head(b);
  if (__builtin_expect(!is_central<B>(ha) || !is_central<B>(hb), 0)) return false;
  constexpr unsigned kLead = sizeof(B) == 4 ? 47 : 62;
  constexpr unsigned kRoom = sizeof(B) == 4 ? 0 : 1;
  std::uint64_t product, sticky = 0;  // leading bit kLead - kRoom - 1 or kLead - kRoom
  if constexpr (sizeof(B) == 4) {
    product = std::uint64_t{(a & F::kFraction) | F::kHidden} * ((b & F::kFraction) | F::kHidden);
  } else {
    const Wide wide = static_cast<Wide>(significand_at_63(a) >> 1) * (significand_at_63(b) >> 1);
    product = static_cast<std::uint64_t>(wide >> 64);
    sticky = static_cast<std::uint64_t>(wide) != 0 ? 1 : 0;
  }
  const std::uint64_t carry = product >> (kLead - kRoom);
  product = carry != 0 ? product << kRoom : product << (kRoom + 1);
  out = round_to_nearest<B, kLead>(std::uint64_t{ha} + hb - unsigned{F::kBias} - 1 + carry, product, sticky);
  return true;
}

RINGSIDE_LEAN bool lean_divide(B a, B b, B& out) {
  using F = Format<B>;
  const unsigned ha = head(a), hb = head(b);
  if (__builtin_expect(!is_central<B>(ha) || !is_central<B>(hb), 0)) return false;
  constexpr unsigned kLead = sizeof(B) == 4 ? 40 : 63;
  std::uint64_t quotient;  // leading bit kLead - 1 or kLead
  if constexpr (sizeof(B) == 4) {
    const std::uint64_t dividend = std::uint64_t{(a & F::kFraction) | F::kHidden} << 40;
    const std::uint64_t divisor = (b & F::kFraction) | F::kHidden;
    quotient = dividend / divisor;
    quotient |= quotient * divisor != dividend ? 1 : 0;
  } else {
    quotient = divide_sticky(significand_at_63(a) >> 1, significand_at_63(b));
  }
  const std::uint64_t carry = quotient >> kLead;
  quotient = (quotient >> carry) | (quotient & 1);
  out = round_to_nearest<B, kLead - 1>(std::uint64_t{ha} - hb + unsigned{F::kBias} - 2 + carry, quotient, 0);
  return true;
}

/// Every integer has a binary64 of its own.
[[gnu::always_inline]] inline std::uint64_t lean_from_int32(std::int32_t a) {
  using F = Format<std::uint64_t>;
  if (__builtin_expect(a == 0, 0)) return 0;
  const std::uint64_t sign = a < 0 ? F::kSign : 0;
  const std::uint64_t size = a < 0 ? 0 - static_cast<std::uint32_t>(a) : static_cast<std::uint32_t>(a);
  const auto zeros = static_cast<unsigned>(__builtin_clzll(size));
  return (std::uint64_t{unsigned{F::kBias} + 62 - zeros} << F::kFractionBits | sign) + (size << zeros >> 11);
}

RINGSIDE_LEAN bool lean_square_root(B a, B& out) {
  std::uint64_t lost = 0;  // nobody looks at it
  return quick_square_root(Rounding::kNearest, a, out, lost);
}

#undef RINGSIDE_LEAN

}  // namespace ringside::simd
