// F2XM1, FYL2X, FYL2XP1, FPATAN, FSIN, FCOS, FPTAN: series in 128-bit floating point, rounded once.
//
// The angle of FSIN and its kin is reduced by the 66-bit pi that Intel's processors have, so that large
// angles come out as there (SDM Vol. 1, "Approximation of Pi").
#include "cpu/x87/wide_float.h"

namespace ringside::x87 {
namespace {

constexpr WideFloat kPi = {false, 1, wide(0xC90FDAA22168C234, 0xC4C6628B80DC1CD1)};
constexpr WideFloat kHalfPi = {false, 0, wide(0xC90FDAA22168C234, 0xC4C6628B80DC1CD1)};
constexpr WideFloat kQuarterPi = {false, -1, wide(0xC90FDAA22168C234, 0xC4C6628B80DC1CD1)};
constexpr WideFloat kLn2 = {false, -1, wide(0xB17217F7D1CF79AB, 0xC9E3B39803F2F6AF)};
constexpr WideFloat kTwoOverLn2 = {false, 1, wide(0xB8AA3B295C17F0BB, 0xBE87FED0691D3E88)};
/// atan(k / 16), k from 1.
constexpr WideFloat kArctangents[16] = {
    {false, -5, wide(0xFFAADDB967EF4E36, 0xCB2792DC0E2E0D51)},
    {false, -4, wide(0xFEADD4D5617B6E32, 0xC897989F3E888EF7)},
    {false, -3, wide(0xBDCBDA5E72D81134, 0x7B0B4F881C9C7487)},
    {false, -3, wide(0xFADBAFC96406EB15, 0x6DC79EF5F7A217E5)},
    {false, -2, wide(0x9B13B9B83F5E5E69, 0xC5ABB498D27AF328)},
    {false, -2, wide(0xB7B0CA0F26F78473, 0x8AA32122DCFE4483)},
    {false, -2, wide(0xD327761E611FE5B6, 0x427C95E9001E7136)},
    {false, -2, wide(0xED63382B0DDA7B45, 0x6FE445ECBC3A8D03)},
    {false, -1, wide(0x832BF4A6D9867E2A, 0x4B6A09CB61A515C0)},
    {false, -1, wide(0x8F005D5EF7F59F9B, 0x5C835E1665C43747)},
    {false, -1, wide(0x9A2F80E671BDDA20, 0x4226F8E2204FF3BC)},
    {false, -1, wide(0xA4BC7D1934F70924, 0x19A87F2A457DAC9E)},
    {false, -1, wide(0xAEAC4C38B4D8C080, 0x14725E2F3E52070A)},
    {false, -1, wide(0xB8053E2BC2319E73, 0xCB2DA55210A4443D)},
    {false, -1, wide(0xC0CE85B8AC526640, 0x89DD62C46E92FA24)},
    {false, -1, wide(0xC90FDAA22168C234, 0xC4C6628B80DC1CD1)},
};
/// pi * 2^64, truncated: the processor's pi.
constexpr Wide kReductionPi = wide(0x3, 0x243F6A8885A308D3);

/// (e^z - 1) / z for |z| <= ln 2.
WideFloat exponential_series(WideFloat z) {
  WideFloat p = kWideOne;
  for (std::uint32_t n = 36; n >= 2; --n) p = kWideOne + p * z / n;
  return p;
}

/// ln((1 + s) / (1 - s)) / (2 s) = 1 + s^2/3 + s^4/5 + ..., |s| below 0.2.
WideFloat logarithm_series(WideFloat s) {
  const WideFloat square = s * s;
  WideFloat p{};
  for (std::uint32_t n = 57; n >= 3; n -= 2) p = (kWideOne / n + p) * square;
  return kWideOne + p;
}

/// log2 of (1 + s) / (1 - s).
WideFloat log2_of_ratio(WideFloat s) { return s * logarithm_series(s) * kTwoOverLn2; }

/// log2 of a positive number other than 0.
WideFloat log2_of(WideFloat x) {
  constexpr Wide kSqrtTwo = wide(0xB504F333F9DE6484, 0);
  int power = x.exponent;
  x.exponent = 0;
  if (x.significand > kSqrtTwo) {
    x.exponent = -1;
    power += 1;
  }
  return wide_integer(power) + log2_of_ratio((x - kWideOne) / (x + kWideOne));
}

/// atan(t), 0 < t <= 1.
WideFloat arctangent(WideFloat t) {
  // atan(t) = atan(c) + atan((t - c) / (1 + c t)) with c the nearest sixteenth.
  unsigned k = 0;
  if (t.exponent >= -5)
    k = static_cast<unsigned>(((t.significand >> (123 - 1 - t.exponent)) + 1) >> 1);
  WideFloat u = t;
  if (k != 0) {
    const WideFloat c = scaled(wide_integer(static_cast<int>(k)), -4);
    u = (t - c) / (kWideOne + c * t);
  }
  const WideFloat square = u * u;
  WideFloat p{};
  for (std::uint32_t n = 29; n >= 3; n -= 2) p = (kWideOne / n - p) * square;
  const WideFloat rest = u * (kWideOne - p);
  return k == 0 ? rest : kArctangents[k - 1] + rest;
}

struct SineCosine {
  WideFloat sine, cosine;
};

/// |r| <= pi / 4.
SineCosine series(WideFloat r) {
  const WideFloat square = r * r;
  WideFloat s = kWideOne, c = kWideOne;
  for (std::uint32_t n = 18; n >= 1; --n) {
    s = kWideOne - square * s / ((2 * n) * (2 * n + 1));
    c = kWideOne - square * c / ((2 * n - 1) * (2 * n));
  }
  return {r * s, c};
}

/// Sine and cosine of |a| < 2^63.
SineCosine sine_cosine_of(Unpacked a) {
  const bool negative = a.sign;
  a.sign = false;
  WideFloat r = to_wide(a);
  unsigned quadrant = 0;
  // 0.785 = pi / 4: what is larger is a whole number of 2^-65, the unit in which pi / 2 is kReductionPi.
  const bool reduce = r.exponent >= 0 || (r.exponent == -1 && a.significand > 0xC90FDAA22168C234);
  if (reduce) {
    Wide rest = a.significand;
    for (int left = r.exponent + 2; left > 0;) {
      const int shift = left < 32 ? left : 32;
      left -= shift;
      rest <<= shift;
      const Wide quotient = rest / kReductionPi;
      rest -= quotient * kReductionPi;
      quadrant = static_cast<unsigned>(std::uint64_t{quadrant} << shift | static_cast<std::uint64_t>(quotient));
    }
    const bool over = rest > kReductionPi >> 1;
    if (over) {
      rest = kReductionPi - rest;
      quadrant += 1;
    }
    r = normalized(over, 127 - 65, rest);
  }
  SineCosine result = series(r);
  if ((quadrant & 1) != 0) result = {result.cosine, negated(result.sine)};
  if ((quadrant & 2) != 0) result = {negated(result.sine), negated(result.cosine)};
  if (negative) result.sine = negated(result.sine);
  return result;
}

/// y * log2(...) where the logarithm is 0, infinite or y is: `log_sign` is the logarithm's.
Float80 logarithm_times(bool log_sign, Kind log, Float80 y, Arithmetic& env) {
  const Kind ky = classify(y);
  const bool sign = log_sign != sign_of(y);
  if ((log == Kind::kZero && ky == Kind::kInfinity) || (log == Kind::kInfinity && ky == Kind::kZero))
    return invalid(env);
  return log == Kind::kInfinity || ky == Kind::kInfinity ? infinity(sign) : zero(sign);
}

bool is_power_of_two(const Unpacked& u) { return u.significand == kIntegerBit; }

}  // namespace

Float80 f2xm1(Arithmetic& env, Float80 a) {
  Float80 result;
  if (nan_result(env, a, a, result)) return result;
  if (denormal_stops(env, a, a)) return a;
  const Kind k = classify(a);
  if (k == Kind::kZero) return a;
  if (k == Kind::kInfinity) return sign_of(a) ? pack(true, kBias, kIntegerBit) : a;
  const Unpacked u = unpack(a);
  if (u.exponent >= kBias) {
    // The instruction is defined from -1 to 1; beyond, the operand comes back. Silicon says inexact even at the ends.
    env.raise(kPrecision);
    if (u.exponent > kBias || !is_power_of_two(u)) return a;
    return u.sign ? pack(true, kBias - 1, kIntegerBit) : a;
  }
  const WideFloat z = to_wide(u) * kLn2;
  return round_wide(env, z * exponential_series(z), true);
}

Float80 fyl2x(Arithmetic& env, Float80 x, Float80 y) {
  Float80 result;
  if (nan_result(env, x, y, result)) return result;
  const Kind kx = classify(x), ky = classify(y);
  if (kx == Kind::kZero) {
    if (ky == Kind::kZero) return invalid(env);
    if (ky == Kind::kInfinity) return infinity(!sign_of(y));
    env.raise(kZeroDivide);
    return infinity(!sign_of(y));
  }
  if (sign_of(x)) return invalid(env);
  const bool one = x.sign_exp == kOne.sign_exp && x.significand == kOne.significand;
  if ((one && ky == Kind::kInfinity) || (kx == Kind::kInfinity && ky == Kind::kZero)) return invalid(env);
  if (denormal_stops(env, x, y)) return y;
  if (kx == Kind::kInfinity) return infinity(sign_of(y));
  const Unpacked u = unpack(x);
  const bool below_one = u.exponent < kBias;
  if (one || ky == Kind::kZero || ky == Kind::kInfinity)
    return logarithm_times(below_one, one ? Kind::kZero : Kind::kNormal, y, env);
  const WideFloat factor = to_wide(unpack(y));
  if (is_power_of_two(u)) {
    // Exact but for the product's rounding; processors report it as inexact all the same.
    env.raise(kPrecision);
    result = round_wide(env, wide_integer(u.exponent - kBias) * factor, false);
    if (exponent_of(result) == 0) env.raise(kUnderflow);
    return result;
  }
  return round_wide(env, log2_of(to_wide(u)) * factor, true);
}

Float80 fyl2xp1(Arithmetic& env, Float80 x, Float80 y) {
  Float80 result;
  if (nan_result(env, x, y, result)) return result;
  const Kind kx = classify(x), ky = classify(y);
  if ((kx == Kind::kZero && ky == Kind::kInfinity) || (kx == Kind::kInfinity && ky == Kind::kZero))
    return invalid(env);
  if (kx == Kind::kInfinity && sign_of(x)) return invalid(env);
  if (denormal_stops(env, x, y)) return y;
  if (kx == Kind::kZero || kx == Kind::kInfinity || ky == Kind::kZero || ky == Kind::kInfinity)
    return logarithm_times(sign_of(x), kx, y, env);
  const Unpacked u = unpack(x);
  const WideFloat value = to_wide(u);
  // Defined from sqrt(1/2) - 1 to 1 - sqrt(1/2); beyond, the logarithm where there is one.
  if (u.exponent >= kBias - 1) {
    const WideFloat sum = kWideOne + value;
    if (sum.sign || sum.significand == 0) {  // undefined; silicon gives the operand back, as inexact
      env.raise(kPrecision);
      return x;
    }
    return round_wide(env, log2_of(sum) * to_wide(unpack(y)), true);
  }
  const WideFloat ratio = value / (value + scaled(kWideOne, 1));
  return round_wide(env, log2_of_ratio(ratio) * to_wide(unpack(y)), true);
}

Float80 fpatan(Arithmetic& env, Float80 x, Float80 y) {
  Float80 result;
  if (nan_result(env, x, y, result)) return result;
  if (denormal_stops(env, x, y)) return y;
  const Kind kx = classify(x), ky = classify(y);
  const bool left = sign_of(x);
  const auto angle = [&](WideFloat value) {
    value.sign = sign_of(y);
    return round_wide(env, value, true);
  };
  if (ky == Kind::kInfinity && kx == Kind::kInfinity)
    return angle(left ? kHalfPi + kQuarterPi : kQuarterPi);
  if (ky == Kind::kZero || kx == Kind::kInfinity) return left ? angle(kPi) : zero(sign_of(y));
  if (kx == Kind::kZero || ky == Kind::kInfinity) return angle(kHalfPi);
  WideFloat a = to_wide(unpack(y)), b = to_wide(unpack(x));
  a.sign = b.sign = false;
  // A small angle is its tangent to silicon's precision, as its sine is below: directed rounding takes nothing away.
  if (!left && b.exponent - a.exponent > 64) {
    env.raise(kPrecision);
    WideFloat tangent = a / b;
    tangent.sign = sign_of(y);
    result = round_wide(env, tangent, false);
    if (exponent_of(result) == 0) env.raise(kUnderflow);
    return result;
  }
  const bool steep = a.exponent > b.exponent || (a.exponent == b.exponent && a.significand > b.significand);
  WideFloat theta = arctangent(steep ? b / a : a / b);
  if (steep) theta = kHalfPi - theta;
  return angle(left ? kPi - theta : theta);
}

bool sine_cosine(Arithmetic& env, Float80 a, Float80* sine, Float80* cosine, Float80* tangent) {
  const auto all = [&](Float80 s, Float80 c, Float80 t) {
    if (sine != nullptr) *sine = s;
    if (cosine != nullptr) *cosine = c;
    if (tangent != nullptr) *tangent = t;
    return true;
  };
  Float80 result;
  if (nan_result(env, a, a, result)) return all(result, result, result);
  const Kind k = classify(a);
  if (k == Kind::kInfinity) {
    result = invalid(env);
    return all(result, result, result);
  }
  if (k == Kind::kZero) return all(a, kOne, a);
  const Unpacked u = unpack(a);
  if (u.exponent >= kBias + 63) return false;
  if (denormal_stops(env, a, a)) return all(a, a, a);
  // What a small angle's sine lacks to the angle lies beyond the precision that silicon calculates with, so that not
  // even a directed rounding tells them apart. Denormals underflow below.
  if (u.exponent >= 1 && u.exponent < kBias - 40) {
    env.raise(kPrecision);
    const Float80 angle = pack(u.sign, static_cast<unsigned>(u.exponent), u.significand);
    return all(angle, kOne, angle);
  }
  const SineCosine value = sine_cosine_of(u);
  if (cosine != nullptr) *cosine = round_wide(env, value.cosine, true);
  if (tangent != nullptr) *tangent = round_wide(env, value.sine / value.cosine, true);
  if (sine != nullptr) *sine = round_wide(env, value.sine, true);
  return true;
}

}  // namespace ringside::x87
