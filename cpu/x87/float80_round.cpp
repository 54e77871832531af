// Remainder, rounding to an integer, scaling, taking apart, comparing: operations that PC does not concern.
#include "cpu/x87/float80.h"

namespace ringside::x87 {
namespace {

/// A pseudo-denormal becomes the number that it stands for.
Float80 canonical(Float80 a) {
  if (exponent_of(a) == 0 && (a.significand & kIntegerBit) != 0) a.sign_exp |= 1;
  return a;
}

struct Step {
  std::uint64_t rest;
  std::uint64_t quotient;
};

/// (a * 2^shift) divided by b, shift below 64, a < 2 * b.
Step reduce(std::uint64_t a, std::uint64_t b, unsigned shift) {
  const Wide dividend = Wide{a} << shift;
  const Wide quotient = dividend / b;
  return {static_cast<std::uint64_t>(dividend - quotient * b), static_cast<std::uint64_t>(quotient)};
}

/// A remainder, which is exact: only the underflow response can change it.
Float80 pack_exact(Arithmetic& env, bool sign, int exponent, std::uint64_t significand) {
  if (significand == 0) return zero(sign);
  const int shift = __builtin_clzll(significand);
  return round_pack(env, sign, exponent - shift, Wide{significand << shift} << 64, 64);
}

/// Remainder of two finite numbers other than 0.
Remainder reduce_finite(Arithmetic& env, const Unpacked& a, const Unpacked& b, bool nearest) {
  Remainder result;
  result.reduced = true;
  const int distance = a.exponent - b.exponent;
  if (distance >= 64) {
    // "An implementation-dependent number between 32 and 63": this is what Intel's processors take.
    const unsigned step = (static_cast<unsigned>(distance) & 31) | 32;
    const Step s = reduce(a.significand, b.significand, step);
    result.incomplete = true;
    result.value = pack_exact(env, a.sign, a.exponent - static_cast<int>(step), s.rest);
    return result;
  }
  if (distance < -1) {
    result.value = pack_exact(env, a.sign, a.exponent, a.significand);
    return result;
  }
  Wide rest;  // in units of b's last bit, or at distance -1 of a's
  Wide divisor = b.significand;
  int exponent = b.exponent;
  if (distance >= 0) {
    const Step s = reduce(a.significand, b.significand, static_cast<unsigned>(distance));
    rest = s.rest;
    result.quotient = s.quotient;
  } else {
    rest = a.significand;
    divisor <<= 1;
    exponent = a.exponent;
  }
  bool sign = a.sign;
  if (nearest) {
    const Wide twice = rest << 1;
    if (twice > divisor || (twice == divisor && (result.quotient & 1) != 0)) {
      rest = divisor - rest;
      result.quotient += 1;
      sign = !sign;
    }
  }
  result.value = rest == 0 ? zero(a.sign) : pack_exact(env, sign, exponent, static_cast<std::uint64_t>(rest));
  return result;
}

/// The integer that FSCALE adds to the exponent, saturated far beyond every exponent.
int scale_amount(Float80 b) {
  const Unpacked u = unpack(b);
  const int power = u.exponent - kBias;
  if (power < 0) return 0;
  const int magnitude = power > 16 ? 0x20000 : static_cast<int>(u.significand >> (63 - power));
  return u.sign ? -magnitude : magnitude;
}

}  // namespace

Remainder remainder(Arithmetic& env, Float80 a, Float80 b, bool nearest) {
  Remainder result;
  if (nan_result(env, a, b, result.value)) return result;
  const Kind ka = classify(a), kb = classify(b);
  if (ka == Kind::kInfinity || kb == Kind::kZero) {
    result.value = invalid(env);
    return result;
  }
  result.value = canonical(a);
  result.reduced = true;
  // Infinity leaves the dividend as it is, without a look at underflow.
  if (denormal_stops(env, a, b) || ka == Kind::kZero || kb == Kind::kInfinity) return result;
  return reduce_finite(env, unpack(a), unpack(b), nearest);
}

std::uint64_t rounded_integer(Arithmetic& env, const Unpacked& u, int fraction_bits) {
  // The integer in the upper half, the fraction in the lower one.
  const Wide value = shift_right_sticky(Wide{u.significand} << 64, static_cast<unsigned>(fraction_bits));
  const auto fraction = static_cast<std::uint64_t>(value);
  const auto integer = static_cast<std::uint64_t>(value >> 64);
  if (fraction == 0) return integer;
  env.raise(kPrecision);
  bool up = false;
  switch (env.rounding()) {
    case Rounding::kNearest: up = fraction > kIntegerBit || (fraction == kIntegerBit && (integer & 1) != 0); break;
    case Rounding::kDown: up = u.sign; break;
    case Rounding::kUp: up = !u.sign; break;
    case Rounding::kZero: break;
  }
  env.rounded_up = up;
  // A fraction leaves at least one leading zero, so this does not wrap.
  return integer + (up ? 1 : 0);
}

Float80 round_to_integer(Arithmetic& env, Float80 a) {
  Float80 result;
  if (nan_result(env, a, a, result)) return result;
  if (denormal_stops(env, a, a)) return a;
  const Kind k = classify(a);
  if (k == Kind::kZero || k == Kind::kInfinity) return a;
  const Unpacked u = unpack(a);
  const int fraction_bits = kBias + 63 - u.exponent;
  if (fraction_bits <= 0) return a;
  const std::uint64_t integer = rounded_integer(env, u, fraction_bits);
  if (integer == 0) return zero(u.sign);
  const int shift = __builtin_clzll(integer);
  return pack(u.sign, static_cast<unsigned>(kBias + 63 - shift), integer << shift);
}

Float80 scale(Arithmetic& env, Float80 a, Float80 b) {
  Float80 result;
  if (nan_result(env, a, b, result)) return result;
  const Kind ka = classify(a), kb = classify(b);
  if (kb == Kind::kInfinity) {
    const bool shrink = sign_of(b);
    if (shrink ? ka == Kind::kInfinity : ka == Kind::kZero) return invalid(env);
    if (denormal_stops(env, a, b)) return a;
    return shrink ? zero(sign_of(a)) : infinity(sign_of(a));
  }
  if (denormal_stops(env, a, b)) return a;
  if (ka == Kind::kInfinity || ka == Kind::kZero || kb == Kind::kZero) return canonical(a);
  const Unpacked u = unpack(a);
  return round_pack(env, u.sign, u.exponent + scale_amount(b), Wide{u.significand} << 64, 64);
}

Float80 extract(Arithmetic& env, Float80 a, Float80& exponent) {
  Float80 result;
  if (nan_result(env, a, a, result)) {
    exponent = result;
    return result;
  }
  const Kind k = classify(a);
  if (k == Kind::kZero) {
    env.raise(kZeroDivide);
    exponent = infinity(true);
    return a;
  }
  if (k == Kind::kInfinity) {
    exponent = infinity(false);
    return a;
  }
  if (denormal_stops(env, a, a)) return a;
  const Unpacked u = unpack(a);
  exponent = from_integer(u.exponent - kBias);
  return pack(u.sign, kBias, u.significand);
}

Order compare(Arithmetic& env, Float80 a, Float80 b, bool quiet) {
  const Kind ka = classify(a), kb = classify(b);
  const bool unsupported = ka == Kind::kUnsupported || kb == Kind::kUnsupported;
  if (unsupported || is_nan(ka) || is_nan(kb)) {
    if (unsupported || !quiet || ka == Kind::kSignalingNan || kb == Kind::kSignalingNan) env.raise(kInvalid);
    return Order::kUnordered;
  }
  denormal_stops(env, a, b);
  if (ka == Kind::kZero && kb == Kind::kZero) return Order::kEqual;
  if (sign_of(a) != sign_of(b)) return sign_of(a) ? Order::kLess : Order::kGreater;
  // A pseudo-denormal has the value of the number with exponent 1.
  const auto magnitude = [](Float80 x) {
    const unsigned exponent = exponent_of(x);
    return Wide{exponent == 0 && (x.significand & kIntegerBit) != 0 ? 1 : exponent} << 64 | x.significand;
  };
  const Wide ma = magnitude(a), mb = magnitude(b);
  if (ma == mb) return Order::kEqual;
  return (ma > mb) != sign_of(a) ? Order::kGreater : Order::kLess;
}

}  // namespace ringside::x87
