// Conversions between the register format and the formats of memory.
#include "cpu/x87/float80.h"

namespace ringside::x87 {
namespace {

/// A narrower IEEE 754 format.
struct Format {
  unsigned precision;     // significand bits, the implicit one included
  unsigned sign;          // position of the sign bit
  int bias;
  unsigned max_exponent;  // that of infinities and NaNs
};
constexpr Format kSingle{24, 31, 127, 0xFF};
constexpr Format kDouble{53, 63, 1023, 0x7FF};

Float80 widen(Arithmetic& env, std::uint64_t bits, const Format& f) {
  const unsigned fraction_bits = f.precision - 1;
  const unsigned exponent = static_cast<unsigned>(bits >> fraction_bits) & f.max_exponent;
  const bool sign = (bits >> f.sign & 1) != 0;
  const std::uint64_t fraction = (bits & ((std::uint64_t{1} << fraction_bits) - 1)) << (64 - f.precision);
  if (exponent == f.max_exponent) return pack(sign, kMaxExponent, kIntegerBit | fraction);
  if (exponent != 0) {
    return pack(sign, static_cast<unsigned>(static_cast<int>(exponent) + kBias - f.bias), kIntegerBit | fraction);
  }
  if (fraction == 0) return zero(sign);
  env.denormal_source = true;
  const int shift = __builtin_clzll(fraction);
  return pack(sign, static_cast<unsigned>(1 - f.bias + kBias - shift), fraction << shift);
}

std::uint64_t join(const Format& f, bool sign, unsigned exponent, std::uint64_t significand) {
  const std::uint64_t fraction = (significand & ~kIntegerBit) >> (64 - f.precision);
  return std::uint64_t{sign} << f.sign | std::uint64_t{exponent} << (f.precision - 1) | fraction;
}

std::uint64_t narrow(Arithmetic& env, Float80 a, const Format& f) {
  Float80 nan;
  if (nan_result(env, a, a, nan)) return join(f, sign_of(nan), f.max_exponent, nan.significand);
  const Kind k = classify(a);
  if (k == Kind::kZero) return join(f, sign_of(a), 0, 0);
  if (k == Kind::kInfinity) return join(f, sign_of(a), f.max_exponent, 0);
  const Unpacked u = unpack(a);
  const InRange r = round_in_range(env, u.sign, u.exponent - kBias + f.bias, Wide{u.significand} << 64, f.precision,
                                   f.max_exponent);
  return join(f, u.sign, r.exponent, r.significand);
}

/// The magnitude rounded to an integer; false beyond 64 bits.
bool round_magnitude(Arithmetic& env, const Unpacked& u, std::uint64_t& integer) {
  const int fraction_bits = kBias + 63 - u.exponent;
  if (fraction_bits < 0) return false;
  integer = rounded_integer(env, u, fraction_bits);
  return true;
}

/// The rounded magnitude of any operand; false (nothing raised yet but what stays) where there is none.
bool integer_operand(Arithmetic& env, Float80 a, std::uint64_t& magnitude) {
  magnitude = 0;
  const Kind k = classify(a);
  if (k == Kind::kZero) return true;
  if (k != Kind::kNormal && k != Kind::kDenormal) return false;
  return round_magnitude(env, unpack(a), magnitude);
}

/// Invalid operation instead of what the rounding had raised.
void refuse(Arithmetic& env) {
  env.raised = kInvalid;
  env.rounded_up = false;
}

}  // namespace

Float80 from_float32(Arithmetic& env, std::uint32_t bits) { return widen(env, bits, kSingle); }
Float80 from_float64(Arithmetic& env, std::uint64_t bits) { return widen(env, bits, kDouble); }
std::uint32_t to_float32(Arithmetic& env, Float80 a) { return static_cast<std::uint32_t>(narrow(env, a, kSingle)); }
std::uint64_t to_float64(Arithmetic& env, Float80 a) { return narrow(env, a, kDouble); }

Float80 from_integer(std::int64_t value) {
  if (value == 0) return zero(false);
  const bool sign = value < 0;
  const std::uint64_t magnitude = sign ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const int shift = __builtin_clzll(magnitude);
  return pack(sign, static_cast<unsigned>(kBias + 63 - shift), magnitude << shift);
}

std::int64_t to_integer(Arithmetic& env, Float80 a, unsigned bits) {
  const std::uint64_t limit = std::uint64_t{1} << (bits - 1);
  const bool sign = sign_of(a);
  std::uint64_t magnitude;
  if (!integer_operand(env, a, magnitude) || magnitude > limit - (sign ? 0 : 1)) {
    refuse(env);
    magnitude = limit;
    return static_cast<std::int64_t>(0 - magnitude);
  }
  return static_cast<std::int64_t>(sign ? 0 - magnitude : magnitude);
}

Float80 from_bcd(std::uint64_t low, std::uint16_t high) {
  std::uint64_t value = high >> 4 & 15;
  value = value * 10 + (high & 15);
  for (int digit = 15; digit >= 0; --digit) value = value * 10 + (low >> (4 * digit) & 15);
  Float80 result = from_integer(static_cast<std::int64_t>(value));
  if ((high & 0x8000) != 0) result.sign_exp |= 0x8000;
  return result;
}

Bcd to_bcd(Arithmetic& env, Float80 a) {
  constexpr std::uint64_t kLimit = 999'999'999'999'999'999;
  std::uint64_t magnitude;
  if (!integer_operand(env, a, magnitude) || magnitude > kLimit) {
    refuse(env);
    return {0xC000000000000000, 0xFFFF};
  }
  Bcd result{0, static_cast<std::uint16_t>(sign_of(a) ? 0x8000 : 0)};
  for (unsigned digit = 0; digit < 16; ++digit, magnitude /= 10) result.low |= (magnitude % 10) << (4 * digit);
  result.high = static_cast<std::uint16_t>(result.high | magnitude % 10 | magnitude / 10 << 4);
  return result;
}

}  // namespace ringside::x87
