// The quick cases of the arithmetic: operands and results that are normal numbers (or zeros, where that is
// cheap). Each function returns false, and has had no effect, where float_arithmetic.h must be asked; where it
// returns true the result is the exact one, and the only exception is Precision, if anything was `lost`.
//
// All of them work on a significand of 64 bits whose leading bit is bit 62, with what lies beyond collected
// in bit 0. They hold few branches, because guests' data make no pattern of signs and exponents.
#pragma once

#include "cpu/integer_root.h"
#include "cpu/lazy_flags.h"
#include "cpu/simd/float_format.h"

namespace ringside::simd {

#define RINGSIDE_QUICK template <typename B> [[gnu::always_inline]] inline

/// (high * 2^64) / divisor for high < divisor, bit 0 set where a rest remains.
[[gnu::always_inline]] inline std::uint64_t divide_sticky(std::uint64_t high, std::uint64_t divisor) {
#if defined(__x86_64__)
  // Compilers call a function for this; here it is known that the quotient fits.
  std::uint64_t quotient, rest;
  __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(std::uint64_t{0}), "d"(high), "r"(divisor) : "cc");
#else
  const Wide dividend = Wide{high} << 64;
  const auto quotient = static_cast<std::uint64_t>(dividend / divisor);
  const auto rest = static_cast<std::uint64_t>(dividend - Wide{quotient} * divisor);
#endif
  return quotient | (rest != 0 ? 1 : 0);
}

/// The significand with its leading bit at bit 63; for normal numbers.
RINGSIDE_QUICK std::uint64_t significand_at_63(B a) {
  return std::uint64_t{a} << (63 - Format<B>::kFractionBits) | std::uint64_t{1} << 63;
}
RINGSIDE_QUICK unsigned exponent_field(B a) {
  return static_cast<unsigned>(a >> Format<B>::kFractionBits) & unsigned{Format<B>::kMaxExponent};
}
/// Whether the field is neither that of zeros and denormals nor that of infinities and NaNs.
RINGSIDE_QUICK bool is_normal_field(unsigned field) {
  return field - 1 < unsigned{Format<B>::kMaxExponent - 1};
}

/// Rounds and packs where the result is certain to be a normal number. `sign` is 0 or the sign bit. Whatever
/// rounding cuts off is collected in `lost`.
RINGSIDE_QUICK bool quick_pack(Rounding mode, B sign, unsigned exponent, std::uint64_t significand, B& out,
                               std::uint64_t& lost) {
  using F = Format<B>;
  // Rounding may add one to the exponent, which then still is not infinity's. Negative exponents are giants here.
  if (__builtin_expect(exponent - 1 >= unsigned{F::kMaxExponent - 2}, 0)) return false;
  lost |= significand & F::kRoundMask;
  // Nearest: the increment holds the last bit kept, so a tie goes to even.
  significand += rounding_increment(mode, sign != 0, F::kRoundMask, significand >> F::kRoundBits & 1);
  out = static_cast<B>(sign | ((static_cast<B>(exponent - 1) << F::kFractionBits) +
                               static_cast<B>(significand >> F::kRoundBits)));
  return true;
}

/// Operands of which one is no normal number: zeros only, the rest is not quick.
RINGSIDE_QUICK bool add_zero(B big, B small, B& out) {
  out = big;
  return is_zero(small) && is_normal(big);
}

/// a + b; for a subtraction, give b with its sign turned.
RINGSIDE_QUICK bool quick_add(Rounding mode, B a, B b, B& out, std::uint64_t& lost) {
  using F = Format<B>;
  const bool swap = static_cast<B>(a << 1) < static_cast<B>(b << 1);
  const B big = swap ? b : a, small = swap ? a : b;
  const unsigned exponent = exponent_field(big), other = exponent_field(small);
  if (__builtin_expect(other == 0 || exponent == unsigned{F::kMaxExponent}, 0)) return add_zero(big, small, out);
  const unsigned distance = exponent - other;
  if (__builtin_expect(distance > F::kPrecision + 1, 0)) {  // less than half of the last bit, even below a power of two
    lost |= 1;
    out = big;
    return mode == Rounding::kNearest;
  }
  // Leading bits at 61, so that the sum has room.
  const std::uint64_t first = significand_at_63(big) >> 2, unshifted = significand_at_63(small);
  std::uint64_t second = unshifted >> (distance + 2);
  if constexpr (sizeof(B) == 8) second |= second << (distance + 2) != unshifted ? 1 : 0;
  const std::uint64_t negate = 0 - static_cast<std::uint64_t>((a ^ b) >> (F::kBits - 1));
  const std::uint64_t sum = first + ((second ^ negate) - negate);
  if (__builtin_expect(sum == 0, 0)) {
    out = mode == Rounding::kDown ? F::kSign : 0;
    return true;
  }
  const unsigned shift = static_cast<unsigned>(__builtin_clzll(sum)) - 1;
  return quick_pack<B>(mode, big & F::kSign, exponent + 1 - shift, sum << shift, out, lost);
}

RINGSIDE_QUICK bool quick_multiply(Rounding mode, B a, B b, B& out, std::uint64_t& lost) {
  using F = Format<B>;
  const B sign = (a ^ b) & F::kSign;
  const unsigned ea = exponent_field(a), eb = exponent_field(b);
  if (__builtin_expect(!is_normal_field<B>(ea) || !is_normal_field<B>(eb), 0)) {
    out = sign;
    return (is_zero(a) && (is_zero(b) || is_normal(b))) || (is_zero(b) && is_normal(a));
  }
  std::uint64_t product;  // leading bit 61 or 62
  if constexpr (sizeof(B) == 4) {
    product = std::uint64_t{(a & F::kFraction) | F::kHidden} * (std::uint64_t{(b & F::kFraction) | F::kHidden} << 15);
  } else {
    const Wide wide = static_cast<Wide>(significand_at_63(a)) * (significand_at_63(b) >> 1);
    product = static_cast<std::uint64_t>(wide >> 64) | (static_cast<std::uint64_t>(wide) != 0 ? 1 : 0);
  }
  const bool carry = product >> 62 != 0;
  product = carry ? product : product << 1;
  return quick_pack<B>(mode, sign, ea + eb - unsigned{F::kBias} + (carry ? 1 : 0), product, out, lost);
}

RINGSIDE_QUICK bool quick_divide(Rounding mode, B a, B b, B& out, std::uint64_t& lost) {
  using F = Format<B>;
  const B sign = (a ^ b) & F::kSign;
  const unsigned ea = exponent_field(a), eb = exponent_field(b);
  if (__builtin_expect(!is_normal_field<B>(ea) || !is_normal_field<B>(eb), 0)) {
    out = sign;
    return is_zero(a) && is_normal(b);
  }
  std::uint64_t quotient;  // leading bit 62 or 63
  if constexpr (sizeof(B) == 4) {
    const std::uint64_t dividend = std::uint64_t{(a & F::kFraction) | F::kHidden} << 39;
    const std::uint64_t sb = (b & F::kFraction) | F::kHidden, whole = dividend / sb;  // leading bit 38 or 39
    quotient = whole << 24 | (whole * sb != dividend ? 1 : 0);
  } else {
    quotient = divide_sticky(significand_at_63(a) >> 1, significand_at_63(b));
  }
  const unsigned carry = static_cast<unsigned>(quotient >> 63);
  quotient = quotient >> carry | (quotient & 1);
  return quick_pack<B>(mode, sign, ea - eb + unsigned{F::kBias} - 1 + carry, quotient, out, lost);
}

RINGSIDE_QUICK bool quick_square_root(Rounding mode, B a, B& out, std::uint64_t& lost) {
  using F = Format<B>;
  const unsigned exponent = static_cast<unsigned>(a >> F::kFractionBits);  // beyond every field if negative
  if (__builtin_expect(!is_normal_field<B>(exponent), 0)) {
    out = a;
    return is_zero(a);
  }
  // An even power of two goes outside; the bias is odd.
  const std::uint64_t value = significand_at_63(a) >> (exponent & 1);
  std::uint64_t root;  // leading bit 62
  if constexpr (sizeof(B) == 4) {
    std::uint64_t rest;
    root = root_of_64(value, rest) << 31 | (rest != 0 ? 1 : 0);
  } else {
    Wide rest;
    const std::uint64_t whole = root_of_128(value, 0, rest);
    root = whole >> 1 | (whole & 1) | (rest != 0 ? 1 : 0);
  }
  return quick_pack<B>(mode, 0, (exponent + unsigned{F::kBias}) >> 1, root, out, lost);
}

/// A number as an integer of the same order; both zeros are 0. False for NaNs and denormals.
RINGSIDE_QUICK bool quick_ordered(B a, std::make_signed_t<B>& out) {
  using F = Format<B>;
  using S = std::make_signed_t<B>;
  constexpr B kTwiceHidden = static_cast<B>(F::kHidden << 1), kTwiceInfinity = static_cast<B>(F::kInfinity << 1);
  const B twice = static_cast<B>(a << 1);
  if (__builtin_expect(static_cast<B>(twice - kTwiceHidden) > kTwiceInfinity - kTwiceHidden && twice != 0, 0)) return false;
  const B negative = static_cast<B>(static_cast<S>(a) >> (F::kBits - 1));
  out = static_cast<S>(static_cast<B>((twice >> 1 ^ negative) - negative));
  return true;
}

/// MIN and MAX of two numbers that are neither NaNs nor denormals: a where it is smaller (greater), else b.
RINGSIDE_QUICK bool quick_choose(B a, B b, bool greater, B& out) {
  std::make_signed_t<B> sa, sb;
  if (!quick_ordered<B>(a, sa) || !quick_ordered<B>(b, sb)) return false;
  out = (greater ? sa > sb : sa < sb) ? a : b;
  return true;
}

enum class Order : std::uint8_t { kGreater, kLess, kEqual, kUnordered };

/// The flags of COMISS.
[[gnu::always_inline]] inline void set_order_flags(LazyFlags& flags, Order order) {
  const bool unordered = order == Order::kUnordered;
  flags.set_cf_of_af(unordered || order == Order::kLess, false, false);
  flags.set_zsp(unordered || order == Order::kEqual, false, unordered);
}

/// Two operands that are neither NaNs nor denormals.
RINGSIDE_QUICK bool quick_compare(B a, B b, Order& order) {
  std::make_signed_t<B> sa, sb;
  if (!quick_ordered<B>(a, sa) || !quick_ordered<B>(b, sb)) return false;
  order = sa < sb ? Order::kLess : sa == sb ? Order::kEqual : Order::kGreater;
  return true;
}

/// An integer: 0 or of magnitude 1 and more, and in range; with a fraction, which rounding may bring out of range, too.
RINGSIDE_QUICK bool quick_to_int32(Rounding mode, B a, std::int32_t& out, std::uint64_t& lost) {
  using F = Format<B>;
  const int exponent = static_cast<int>(magnitude(a) >> F::kFractionBits) - F::kBias;
  if (__builtin_expect(static_cast<unsigned>(exponent + 1) > 31, 0)) {  // below 1/2, or 2^31 and more
    if (is_zero(a)) out = 0;
    return is_zero(a);
  }
  const bool sign = (a & F::kSign) != 0;
  // 32 bits of fraction.
  const std::uint64_t significand = std::uint64_t{(a & F::kFraction) | F::kHidden} << F::kRoundBits;
  const unsigned shift = static_cast<unsigned>(30 - exponent);
  const std::uint64_t value =
      significand >> shift | ((significand & ((std::uint64_t{1} << shift) - 1)) != 0 ? 1 : 0);
  constexpr std::uint64_t kMask = 0xFFFFFFFF;
  const std::uint64_t integer = (value + rounding_increment(mode, sign, kMask, value >> 32 & 1)) >> 32;
  if (__builtin_expect(integer > 0x7FFFFFFF, 0)) return false;
  lost |= value & kMask;
  out = static_cast<std::int32_t>(sign ? 0 - static_cast<std::uint32_t>(integer) : static_cast<std::uint32_t>(integer));
  return true;
}

/// Always: there is no integer that needs anything else.
RINGSIDE_QUICK B quick_from_int32(Rounding mode, std::int32_t a, std::uint64_t& lost) {
  using F = Format<B>;
  if (a == 0) return 0;
  const B sign = a < 0 ? F::kSign : 0;
  const auto size = std::uint64_t{a < 0 ? 0 - static_cast<std::uint32_t>(a) : static_cast<std::uint32_t>(a)};
  const unsigned shift = static_cast<unsigned>(__builtin_clzll(size)) - 1;
  B result = 0;
  quick_pack<B>(mode, sign, unsigned{F::kBias} + 62 - shift, size << shift, result, lost);
  return result;
}

/// CVTSS2SD of a normal number or zero.
[[gnu::always_inline]] inline bool quick_widen(std::uint32_t a, std::uint64_t& out) {
  using F = Format<std::uint32_t>;
  using G = Format<std::uint64_t>;
  if (__builtin_expect(!is_normal(a) && !is_zero(a), 0)) return false;
  const std::uint64_t sign = std::uint64_t{a & F::kSign} << 32;
  constexpr std::uint64_t kRebias = static_cast<std::uint64_t>(G::kBias - F::kBias) << G::kFractionBits;
  const std::uint64_t bits = std::uint64_t{magnitude(a)} << (G::kFractionBits - F::kFractionBits);
  out = sign | (bits != 0 ? bits + kRebias : 0);
  return true;
}

/// CVTSD2SS with a normal number as operand and result, or of zero.
[[gnu::always_inline]] inline bool quick_narrow(Rounding mode, std::uint64_t a, std::uint32_t& out,
                                                std::uint64_t& lost) {
  using F = Format<std::uint64_t>;
  using G = Format<std::uint32_t>;
  const std::uint32_t sign = static_cast<std::uint32_t>(a >> 32) & G::kSign;
  const unsigned exponent = exponent_field(a);
  if (__builtin_expect(!is_normal_field<std::uint64_t>(exponent), 0)) {
    out = sign;
    return is_zero(a);
  }
  return quick_pack<std::uint32_t>(mode, sign, exponent - unsigned{F::kBias - G::kBias}, significand_at_63(a) >> 1, out,
                                   lost);
}

#undef RINGSIDE_QUICK

}  // namespace ringside::simd
