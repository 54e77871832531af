// The arithmetic once more, as lean as integers make it, for what programs do nearly always: rounding to nearest,
// Precision masked and entered already (`settled`), so that nobody has to know what was cut off; operands and
// results well inside the format, so that one test of an exponent stands for all tests of operands and result.
// Each function returns false, and has had no effect, where float_quick.h must be asked.
//
// Sign and exponent are calculated together: the sign is the bit above the exponent, and what is carried out of
// it is lost.
#pragma once

#include <array>

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

/// sum + bit number `place` of `value`.
template <unsigned place>
[[gnu::always_inline]] inline std::uint64_t add_bit(std::uint64_t sum, std::uint64_t value) {
#if defined(__x86_64__)
  // Compilers shift and mask for this, which takes a step more.
  __asm__("btq %2, %1\n\tadcq $0, %0" : "+r"(sum) : "r"(value), "i"(place) : "cc");
  return sum;
#else
  return sum + (value >> place & 1);
#endif
}

/// Rounds a significand with its leading bit at `lead`; `head` is the one that it has, less 1 in the exponent.
/// `sticky` is 1 where the number is a little more than that, -1 where it is a little less; then the significand's last
/// bit is 0. False where the significand becomes 2^64, which then is 0.
template <typename B, unsigned lead>
[[gnu::always_inline]] inline bool round_to_nearest(std::uint64_t head, std::uint64_t significand, std::uint64_t sticky,
                                                    B& out) {
  constexpr unsigned kCut = lead - Format<B>::kFractionBits;
  std::uint64_t below_half = ((std::uint64_t{1} << (kCut - 1)) - 1) + sticky;
  hold(below_half);
  // Half and more goes up; just half only where the last bit kept is set.
  const std::uint64_t rounded = add_bit<kCut>(significand + below_half, significand) >> kCut;
  out = static_cast<B>((head << Format<B>::kFractionBits) + rounded);
  return lead < 63 || __builtin_expect(rounded != 0, 1);
}

/// a + b; for a subtraction, give b with its sign turned.
RINGSIDE_LEAN bool lean_add(B a, B b, B& out) {
  using F = Format<B>;
  // Where the larger operand's leading bit is put; always moved to the left from there. Of singles nothing is lost.
  constexpr unsigned kLead = sizeof(B) == 4 ? 53 : 61;
  constexpr unsigned kFarthest = F::kPrecision + 1;
  // The smaller operand's exponent: so large that no cancellation leads to a denormal, so small that the other's
  // is no infinity's, and the sum does not overflow.
  constexpr unsigned kLeast = F::kPrecision + 1, kMost = unsigned{F::kMaxExponent} - kFarthest - 3;
  const B a2 = static_cast<B>(a << 1), b2 = static_cast<B>(b << 1);
  const bool swap = a2 < b2;
  const B big2 = swap ? b2 : a2, small2 = swap ? a2 : b2;
  B big = swap ? b : a;
  // The difference of the signs, in every bit.
  auto differ = static_cast<std::uint64_t>(std::int64_t{static_cast<std::make_signed_t<B>>(a ^ b)} >> 63);
  hold(differ);
  const unsigned exponent = static_cast<unsigned>(small2 >> (F::kFractionBits + 1));
  if (__builtin_expect(exponent - kLeast > kMost - kLeast, 0)) return false;
  const unsigned distance = static_cast<unsigned>(big2 >> (F::kFractionBits + 1)) - exponent;
  if (__builtin_expect(distance > kFarthest, 0)) {
    out = big;
    return big2 < static_cast<B>(F::kInfinity << 1);
  }
  std::uint64_t second, rest = 0;
  if constexpr (sizeof(B) == 4) {
    second = std::uint64_t{small2} << (63 - F::kFractionBits) >> (64 - kLead) | std::uint64_t{1} << kLead;
    second >>= distance & 63;
  } else {
    std::uint64_t unshifted = std::uint64_t{small2} << 10 | std::uint64_t{1} << 63;
    hold(unshifted);
    const unsigned shift = (distance + (63 - kLead)) & 63;
    second = unshifted >> shift;
    rest = unshifted & ~(~std::uint64_t{0} << shift);
  }
  hold(big);
  std::uint64_t first = std::uint64_t{big} << (64 - F::kFractionBits);
  hold(first);
  first = (first >> (64 - kLead) | std::uint64_t{1} << kLead) - differ;
  hold(first);
  const std::uint64_t sum = first + (second ^ differ);
  if (__builtin_expect(sum == 0, 0)) {
    out = 0;
    return true;
  }
  const auto zeros = static_cast<unsigned>(__builtin_clzll(sum));
  std::uint64_t exponent_of_sum = std::uint64_t{head(big)} + (62 - kLead) - zeros;
  hold(exponent_of_sum);
  // A difference is a little less for the rest.
  const std::uint64_t sticky = rest != 0 ? differ | 1 : 0;
  return round_to_nearest<B, 63>(exponent_of_sum, sum << zeros, sticky, out);
}

/// Whether a product or quotient of numbers with such exponents is certain to be a normal number.
RINGSIDE_LEAN bool are_central(unsigned head_a, unsigned head_b) {
  constexpr unsigned kMax = unsigned{Format<B>::kMaxExponent}, kQuarter = (kMax + 1) / 4;
  if constexpr (sizeof(B) == 4) {
    return (head_a & kMax) - kQuarter < 2 * kQuarter - 2 && (head_b & kMax) - kQuarter < 2 * kQuarter - 2;
  } else {
    // From 2^-256 up to below 2^256: one test for both.
    constexpr unsigned kLeast = unsigned{Format<B>::kBias} - kQuarter / 2;
    return (((head_a - kLeast) | (head_b - kLeast)) & (kMax & ~(kQuarter - 1))) == 0;
  }
}

RINGSIDE_LEAN bool lean_multiply(B a, B b, B& out) {
  using F = Format<B>;
  const unsigned ha = head(a), hb = head(b);
  if (__builtin_expect(!are_central<B>(ha, hb), 0)) return false;
  std::uint64_t exponent = std::uint64_t{ha} + hb - unsigned{F::kBias} - 1;
  hold(exponent);
  if constexpr (sizeof(B) == 4) {
    // Leading bit 46 or 47.
    std::uint64_t product = std::uint64_t{(a & F::kFraction) | F::kHidden} * ((b & F::kFraction) | F::kHidden);
    const std::uint64_t carry = product >> 47;
    product <<= carry ^ 1;
    return round_to_nearest<B, 47>(exponent + carry, product, 0, out);
  } else {
    // Leading bits at 63 and 61.
    std::uint64_t fraction = b << 12;
    hold(fraction);
    const Wide wide = static_cast<Wide>(significand_at_63(a)) * (fraction >> 3 | std::uint64_t{1} << 61);
    const auto product = static_cast<std::uint64_t>(wide >> 64);  // leading bit 60 or 61
    const bool carry = (product & std::uint64_t{1} << 61) != 0;
    std::uint64_t once = product << 1, twice = product << 2;
    hold(once), hold(twice);
    const std::uint64_t normal = carry ? once : twice;
    return round_to_nearest<B, 62>(exponent + (product >> 61), normal, static_cast<std::uint64_t>(wide) != 0 ? 1 : 0, out);
  }
}

/// (high * 2^64) / divisor for high < divisor.
[[gnu::always_inline]] inline std::uint64_t quotient_of(std::uint64_t high, std::uint64_t divisor) {
#if defined(__x86_64__)
  std::uint64_t quotient, rest;
  __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(std::uint64_t{0}), "d"(high), "r"(divisor) : "cc");
  return quotient;
#else
  return static_cast<std::uint64_t>((static_cast<Wide>(high) << 64) / divisor);
#endif
}

/// No quotient lies in the middle of two numbers (it would have a bit more than its operands, and so had the dividend):
/// the bit behind the last one kept decides alone.
RINGSIDE_LEAN bool lean_divide(B a, B b, B& out) {
  using F = Format<B>;
  const unsigned ha = head(a), hb = head(b);
  if (__builtin_expect(!are_central<B>(ha, hb), 0)) return false;
  constexpr unsigned kLead = sizeof(B) == 4 ? 40 : 63;
  std::uint64_t quotient;  // leading bit kLead - 1 or kLead
  if constexpr (sizeof(B) == 4) {
    quotient = (std::uint64_t{(a & F::kFraction) | F::kHidden} << 40) / ((b & F::kFraction) | F::kHidden);
  } else {
    quotient = quotient_of(significand_at_63(a) >> 1, significand_at_63(b));
  }
  const std::uint64_t carry = quotient >> kLead;
  const std::uint64_t rounded = ((quotient >> (kLead - 1 - F::kPrecision + carry)) + 1) >> 1;
  std::uint64_t exponent = std::uint64_t{ha} - hb + unsigned{F::kBias} - 2;
  hold(exponent);
  out = static_cast<B>(((exponent + carry) << F::kFractionBits) + rounded);
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

/// 1 / sqrt(x) in units of 2^-15, by the last bit of x's exponent (as its format has it) and nine bits of its fraction.
constexpr std::array<std::uint16_t, 1024> make_reciprocal_roots() {
  std::array<std::uint16_t, 1024> table{};
  for (std::uint64_t i = 0; i < 1024; ++i) {
    // In the middle of what has these bits: (2 * fraction + 1025) / 2048, or half of that for an odd field.
    const std::uint64_t middle = (2 * (i & 511) + 1025) << (i < 512 ? 1 : 0);
    table[i] = static_cast<std::uint16_t>(integer_root::slow_root((std::uint64_t{1} << 42) / middle));
  }
  return table;
}
inline constexpr std::array<std::uint16_t, 1024> kReciprocalRoots = make_reciprocal_roots();

/// The upper half of a * b.
[[gnu::always_inline]] inline std::int64_t multiply_high(std::int64_t a, std::int64_t b) {
  __extension__ typedef __int128 SignedWide;
  return static_cast<std::int64_t>((static_cast<SignedWide>(a) * b) >> 64);
}

/// The reciprocal root from a table, good to 2^-10; by the next two terms of its series to 2^-31; and one step of
/// Newton's iteration for the root itself. That decides how to round, unless it comes too near to the middle of two
/// numbers; no root lies in the middle itself.
RINGSIDE_LEAN bool lean_square_root(B a, B& out) {
  using F = Format<B>;
  const unsigned exponent = head(a);  // beyond every field if negative
  if (__builtin_expect(!is_normal_field<B>(exponent), 0)) return false;
  // By the exponent's last bit and nine of the fraction.
  const std::uint64_t rough = kReciprocalRoots[a >> (F::kFractionBits - 9) & 0x3FF];  // 2^-15
  const std::uint64_t value = significand_at_63(a) >> (exponent & 1);                 // 1/4 to 1, in units of 2^-64
  const auto product = static_cast<std::uint64_t>(static_cast<Wide>(value) * (rough * rough << 31) >> 64);  // 2^-61
  const auto error = static_cast<std::int64_t>((std::uint64_t{1} << 61) - product);
  const std::int64_t square = multiply_high(error << 10, error << 10);  // 2^-78
  const std::int64_t series = error + (3 * square >> 19);               // error / 2 + error^2 * 3 / 8, 2^-62
  const auto reciprocal =
      static_cast<std::int64_t>(rough << 47) + (static_cast<std::int64_t>(rough) * (series >> 6) >> 9);  // 2^-62
  const auto first = static_cast<std::uint64_t>(static_cast<Wide>(value) * static_cast<std::uint64_t>(reciprocal) >> 64);
  std::uint64_t root = first << 2;  // 2^-64
  constexpr unsigned kCut = 63 - F::kFractionBits;
  constexpr std::uint64_t kDoubt = sizeof(B) == 4 ? std::uint64_t{1} << 33 : 16;
  if constexpr (sizeof(B) == 8) {
    const auto rest =
        static_cast<std::int64_t>((value << 28) - static_cast<std::uint64_t>(static_cast<Wide>(first) * first >> 32));
    root += static_cast<std::uint64_t>(multiply_high(rest, reciprocal) >> 27);
  }
  const std::uint64_t rounded = root + (std::uint64_t{1} << (kCut - 1));
  if (__builtin_expect(((rounded + kDoubt) & ((std::uint64_t{1} << kCut) - 1)) < 2 * kDoubt, 0)) return false;
  out = static_cast<B>((std::uint64_t{((exponent + unsigned{F::kBias}) >> 1) - 1} << F::kFractionBits) + (rounded >> kCut));
  return true;
}

/// CVTTSS2SI, CVTTSD2SI.
RINGSIDE_LEAN bool lean_truncate_to_int32(B a, std::int32_t& out) {
  using F = Format<B>;
  const unsigned field = head(a) & unsigned{F::kMaxExponent}, place = field - unsigned{F::kBias};
  if (__builtin_expect(place > 30, 0)) {
    out = 0;
    return field < unsigned{F::kBias} && !is_denormal(a);
  }
  const auto size = static_cast<std::uint32_t>(significand_at_63(a) >> 32) >> (31 - place);
  const auto negative = static_cast<std::uint32_t>(std::int32_t{-1} * (head(a) > unsigned{F::kMaxExponent} ? 1 : 0));
  out = static_cast<std::int32_t>((size ^ negative) - negative);
  return true;
}

#undef RINGSIDE_LEAN

}  // namespace ringside::simd
