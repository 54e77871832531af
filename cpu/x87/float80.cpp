// Classification, rounding, and the five operations of IEEE 754.
#include "cpu/x87/float80.h"

namespace ringside::x87 {
namespace {

constexpr int kExponentAdjust = 24576;  // 3 * 2^13: SDM Vol. 1, "Numeric Overflow Exception"

struct Rounded {
  std::uint64_t significand;
  bool carry;    // the rounding made it a power of two: significand 2^63, exponent one higher
  bool inexact;
  bool up;
};

/// Rounds the 128 bits to their upper `precision` bits.
Rounded round_at(Wide value, unsigned precision, Rounding mode, bool sign) {
  const Wide unit = Wide{1} << (128 - precision);
  const Wide rest = value & (unit - 1);
  Wide kept = value - rest;
  bool up = false;
  switch (mode) {
    case Rounding::kNearest: {
      const Wide half = unit >> 1;
      up = rest > half || (rest == half && (kept & unit) != 0);
      break;
    }
    case Rounding::kDown: up = sign && rest != 0; break;
    case Rounding::kUp: up = !sign && rest != 0; break;
    case Rounding::kZero: break;
  }
  bool carry = false;
  if (up) {
    kept += unit;
    carry = kept == 0;
  }
  return {carry ? kIntegerBit : static_cast<std::uint64_t>(kept >> 64), carry, rest != 0, up};
}

/// The masked response to overflow: infinity, or the largest number, as the rounding mode says.
InRange overflowed(Arithmetic& env, bool sign, unsigned precision, unsigned max_exponent) {
  env.raise(kPrecision);
  const Rounding mode = env.rounding();
  const bool largest =
      mode == Rounding::kZero || (mode == Rounding::kDown && !sign) || (mode == Rounding::kUp && sign);
  env.rounded_up = !largest;
  if (largest) return {max_exponent - 1, ~std::uint64_t{0} << (64 - precision)};
  return {max_exponent, kIntegerBit};
}

/// An exponent that the adjustment has not brought back into range: FSCALE with a giant factor.
InRange beyond_adjustment(Arithmetic& env, int exponent) {
  env.raise(kPrecision);
  env.rounded_up = exponent > 0;
  return exponent > 0 ? InRange{kMaxExponent, kIntegerBit} : InRange{0, 0};
}

InRange round_tiny(Arithmetic& env, bool sign, int exponent, Wide significand, unsigned precision) {
  if (env.raise_if_unmasked(kUnderflow)) {
    const Rounded r = round_at(significand, precision, env.rounding(), sign);
    const int adjusted = exponent + kExponentAdjust + (r.carry ? 1 : 0);
    if (adjusted <= 0) return beyond_adjustment(env, adjusted);
    if (r.inexact) env.raise(kPrecision);
    env.rounded_up = r.up;
    return {static_cast<unsigned>(adjusted), r.significand};
  }
  const Wide shifted = shift_right_sticky(significand, static_cast<unsigned>(1 - exponent));
  const Rounded r = round_at(shifted, precision, env.rounding(), sign);
  if (r.inexact) {
    env.raise(kUnderflow);
    env.raise(kPrecision);
  }
  env.rounded_up = r.up;
  return {static_cast<unsigned>(r.significand >> 63), r.significand};
}

Float80 add_signed(Arithmetic& env, Float80 a, Float80 b, bool b_sign) {
  Float80 result;
  if (nan_result(env, a, b, result)) return result;
  const Kind ka = classify(a), kb = classify(b);
  const bool a_sign = sign_of(a);
  if (ka == Kind::kInfinity || kb == Kind::kInfinity) {
    if (ka == kb && a_sign != b_sign) return invalid(env);
    if (denormal_stops(env, a, b)) return a;
    return infinity(ka == Kind::kInfinity ? a_sign : b_sign);
  }
  if (denormal_stops(env, a, b)) return a;
  const bool zero_sign = env.rounding() == Rounding::kDown;
  if (ka == Kind::kZero && kb == Kind::kZero) return zero(a_sign == b_sign ? a_sign : zero_sign);
  const unsigned precision = env.precision();
  if (ka == Kind::kZero || kb == Kind::kZero) {
    const Unpacked u = unpack(ka == Kind::kZero ? b : a);
    const bool sign = ka == Kind::kZero ? b_sign : a_sign;
    return round_pack(env, sign, u.exponent, Wide{u.significand} << 64, precision);
  }
  Unpacked big = unpack(a), small = unpack(b);
  small.sign = b_sign;
  if (big.exponent < small.exponent ||
      (big.exponent == small.exponent && big.significand < small.significand)) {
    const Unpacked t = big;
    big = small;
    small = t;
  }
  const Wide first = Wide{big.significand} << 63;
  const Wide second =
      shift_right_sticky(Wide{small.significand} << 63, static_cast<unsigned>(big.exponent - small.exponent));
  const Wide sum = big.sign == small.sign ? first + second : first - second;
  if (sum == 0) return zero(zero_sign);
  const unsigned shift = leading_zeros(sum);
  return round_pack(env, big.sign, big.exponent + 1 - static_cast<int>(shift), sum << shift, precision);
}

/// Root of a number with bit 63 or 62 set, and what remains: the high half of the 128-bit root.
std::uint64_t root64(std::uint64_t value, std::uint64_t& rest) {
  std::uint64_t root = 0, left = value;
  for (std::uint64_t bit = std::uint64_t{1} << 62; bit != 0; bit >>= 2) {
    if (left >= root + bit) {
      left -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  rest = left;
  return root;
}

/// Integer root of a 128-bit number with bit 127 or 126 set (Zimmermann's recursive square root, one step).
std::uint64_t root128(Wide value, Wide& rest) {
  const auto low = static_cast<std::uint64_t>(value);
  std::uint64_t high_rest;
  const std::uint64_t high_root = root64(static_cast<std::uint64_t>(value >> 64), high_rest);
  const Wide dividend = Wide{high_rest} << 32 | low >> 32;
  const Wide quotient = dividend / (2 * high_root);
  Wide root = (Wide{high_root} << 32) + quotient;
  // The estimate is never too small, and at most one or two too large.
  while (root > ~std::uint64_t{0} || root * root > value) root -= 1;
  rest = value - root * root;
  return static_cast<std::uint64_t>(root);
}

}  // namespace

Unpacked unpack(Float80 a) {
  const int exponent = static_cast<int>(exponent_of(a));
  if (exponent != 0) return {sign_of(a), exponent, a.significand};
  const int shift = __builtin_clzll(a.significand);
  return {sign_of(a), 1 - shift, a.significand << shift};
}

InRange round_in_range(Arithmetic& env, bool sign, int exponent, Wide significand, unsigned precision,
                       unsigned max_exponent) {
  const Rounded r = round_at(significand, precision, env.rounding(), sign);
  const int rounded = exponent + (r.carry ? 1 : 0);
  // Tininess is detected after rounding.
  if (rounded <= 0) return round_tiny(env, sign, exponent, significand, precision);
  env.rounded_up = r.up;
  if (rounded >= static_cast<int>(max_exponent)) {
    if (!env.raise(kOverflow)) return overflowed(env, sign, precision, max_exponent);
    const int adjusted = rounded - kExponentAdjust;
    if (adjusted >= static_cast<int>(kMaxExponent)) return beyond_adjustment(env, adjusted);
    if (r.inexact) env.raise(kPrecision);
    return {static_cast<unsigned>(adjusted), r.significand};
  }
  if (r.inexact) env.raise(kPrecision);
  return {static_cast<unsigned>(rounded), r.significand};
}

Float80 round_pack(Arithmetic& env, bool sign, int exponent, Wide significand, unsigned precision) {
  const InRange r = round_in_range(env, sign, exponent, significand, precision, kMaxExponent);
  return pack(sign, r.exponent, r.significand);
}

Float80 invalid(Arithmetic& env) {
  env.raise(kInvalid);
  return kIndefinite;
}

bool nan_result(Arithmetic& env, Float80 a, Float80 b, Float80& result) {
  const Kind ka = classify(a), kb = classify(b);
  if (ka < Kind::kQuietNan && kb < Kind::kQuietNan) return false;
  if (ka == Kind::kUnsupported || kb == Kind::kUnsupported) {
    result = invalid(env);
    return true;
  }
  if (ka == Kind::kSignalingNan || kb == Kind::kSignalingNan) env.raise(kInvalid);
  // SDM Vol. 1, "Rules for Handling NaNs".
  bool take_a;
  if (!is_nan(kb)) {
    take_a = true;
  } else if (!is_nan(ka)) {
    take_a = false;
  } else if (ka != kb) {
    take_a = ka == Kind::kQuietNan;
  } else if (a.significand != b.significand) {
    take_a = a.significand > b.significand;
  } else {
    take_a = !sign_of(a);
  }
  result = take_a ? a : b;
  result.significand |= kQuietBit;
  return true;
}

bool denormal_stops(Arithmetic& env, Float80 a, Float80 b) {
  if (!env.denormal_source && classify(a) != Kind::kDenormal && classify(b) != Kind::kDenormal) return false;
  return env.raise(kDenormal);
}

Float80 add(Arithmetic& env, Float80 a, Float80 b) { return add_signed(env, a, b, sign_of(b)); }
Float80 subtract(Arithmetic& env, Float80 a, Float80 b) { return add_signed(env, a, b, !sign_of(b)); }

Float80 multiply(Arithmetic& env, Float80 a, Float80 b) {
  Float80 result;
  if (nan_result(env, a, b, result)) return result;
  const Kind ka = classify(a), kb = classify(b);
  const bool sign = sign_of(a) != sign_of(b);
  if (ka == Kind::kInfinity || kb == Kind::kInfinity) {
    if (ka == Kind::kZero || kb == Kind::kZero) return invalid(env);
    if (denormal_stops(env, a, b)) return a;
    return infinity(sign);
  }
  if (denormal_stops(env, a, b)) return a;
  if (ka == Kind::kZero || kb == Kind::kZero) return zero(sign);
  const Unpacked ua = unpack(a), ub = unpack(b);
  const Wide product = Wide{ua.significand} * ub.significand;
  const unsigned shift = leading_zeros(product);
  return round_pack(env, sign, ua.exponent + ub.exponent - kBias + 1 - static_cast<int>(shift), product << shift,
                    env.precision());
}

Float80 divide(Arithmetic& env, Float80 a, Float80 b) {
  Float80 result;
  if (nan_result(env, a, b, result)) return result;
  const Kind ka = classify(a), kb = classify(b);
  const bool sign = sign_of(a) != sign_of(b);
  if (ka == kb && (ka == Kind::kZero || ka == Kind::kInfinity)) return invalid(env);
  if (kb == Kind::kZero && ka != Kind::kInfinity) {
    env.raise(kZeroDivide);  // a denormal dividend is not reported beside it
    return infinity(sign);
  }
  if (denormal_stops(env, a, b)) return a;
  if (ka == Kind::kInfinity) return infinity(sign);
  if (ka == Kind::kZero || kb == Kind::kInfinity) return zero(sign);
  const Unpacked ua = unpack(a), ub = unpack(b);
  const bool less = ua.significand < ub.significand;
  const Wide dividend = Wide{ua.significand} << (less ? 64 : 63);
  const Wide quotient = dividend / ub.significand;
  const Wide rest = dividend - quotient * ub.significand;
  // What is left decides the rounding by its relation to one half only.
  const Wide twice = rest << 1;
  std::uint64_t low = 0;
  if (rest != 0) low = twice > ub.significand ? 3 * kQuietBit : twice == ub.significand ? kIntegerBit : kQuietBit;
  return round_pack(env, sign, ua.exponent - ub.exponent + kBias - (less ? 1 : 0), quotient << 64 | low,
                    env.precision());
}

Float80 square_root(Arithmetic& env, Float80 a) {
  Float80 result;
  if (nan_result(env, a, a, result)) return result;
  const Kind k = classify(a);
  if (k == Kind::kZero) return a;
  if (sign_of(a)) return invalid(env);
  if (denormal_stops(env, a, a)) return a;
  if (k == Kind::kInfinity) return a;
  const Unpacked u = unpack(a);
  // sqrt(s * 2^e): an even power of two goes outside.
  const int power = u.exponent - kBias;
  const bool odd = (power & 1) != 0;
  Wide rest;
  const std::uint64_t root = root128(Wide{u.significand} << (odd ? 64 : 63), rest);
  const std::uint64_t low = rest == 0 ? 0 : rest > root ? 3 * kQuietBit : kQuietBit;
  return round_pack(env, false, (power - (odd ? 1 : 0)) / 2 + kBias, Wide{root} << 64 | low, env.precision());
}

}  // namespace ringside::x87
