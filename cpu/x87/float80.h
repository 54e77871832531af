// Arithmetic of the x87 in integers: 80-bit extended precision with the exceptions, roundings and
// results that the 387 and later processors give. Knows nothing of registers or of the processor.
//
// Every operation takes an `Arithmetic`, the environment of one operation: the control word goes in,
// exceptions and the rounding direction come out. Masked exceptions give the masked response as result;
// with an unmasked invalid-operation, denormal or zero-divide exception the result is not meaningful and
// `stopped()` says so; unmasked overflow and underflow give the result with its exponent adjusted by
// 24576 (SDM Vol. 1, "x87 FPU Floating-Point Exception Conditions").
#pragma once

#include <cstdint>

#include "cpu/x87_state.h"

namespace ringside::x87 {

__extension__ typedef unsigned __int128 Wide;

/// Exceptions, as in the low six bits of the status and control words.
enum Exception : std::uint8_t {
  kInvalid = 1, kDenormal = 2, kZeroDivide = 4, kOverflow = 8, kUnderflow = 16, kPrecision = 32,
};

/// RC, as in bits 10-11 of the control word.
enum class Rounding : std::uint8_t { kNearest, kDown, kUp, kZero };

/// The environment of one operation.
struct Arithmetic {
  explicit Arithmetic(std::uint16_t control_word) : control(control_word) {}

  std::uint16_t control;
  std::uint8_t raised = 0;        ///< Exception bits
  bool rounded_up = false;        ///< C1: the last rounding increased the magnitude
  bool denormal_source = false;   ///< a memory operand was a denormal before its conversion

  Rounding rounding() const { return static_cast<Rounding>(control >> 10 & 3); }
  /// Significand bits that PC selects.
  unsigned precision() const {
    const unsigned pc = control >> 8 & 3;
    return pc == 0 ? 24 : pc == 2 ? 53 : 64;
  }
  bool masked(Exception e) const { return (control & e) != 0; }
  /// Raises `e`; true if it is unmasked.
  bool raise(Exception e) {
    raised = static_cast<std::uint8_t>(raised | e);
    return !masked(e);
  }
  bool raise_if_unmasked(Exception e) { return !masked(e) && raise(e); }
  /// An exception that leaves the destination as it was.
  bool stopped() const { return (raised & ~control & (kInvalid | kDenormal | kZeroDivide)) != 0; }
};

enum class Kind : std::uint8_t { kZero, kNormal, kDenormal, kInfinity, kQuietNan, kSignalingNan, kUnsupported };

constexpr int kBias = 16383;
constexpr unsigned kMaxExponent = 0x7FFF;
constexpr std::uint64_t kIntegerBit = std::uint64_t{1} << 63;
constexpr std::uint64_t kQuietBit = std::uint64_t{1} << 62;

constexpr Float80 pack(bool sign, unsigned exponent, std::uint64_t significand) {
  return {significand, static_cast<std::uint16_t>((sign ? 0x8000u : 0u) | exponent)};
}
constexpr Float80 kIndefinite = pack(true, kMaxExponent, 0xC000000000000000);
constexpr Float80 zero(bool sign) { return pack(sign, 0, 0); }
constexpr Float80 infinity(bool sign) { return pack(sign, kMaxExponent, kIntegerBit); }
constexpr Float80 kOne = pack(false, kBias, kIntegerBit);

inline bool sign_of(Float80 a) { return (a.sign_exp & 0x8000) != 0; }
inline unsigned exponent_of(Float80 a) { return a.sign_exp & 0x7FFFu; }
/// Pseudo-denormals count as denormals, pseudo-NaNs, pseudo-infinities and unnormals as unsupported.
inline Kind classify(Float80 a) {
  const unsigned exponent = exponent_of(a);
  if (exponent == 0) return a.significand == 0 ? Kind::kZero : Kind::kDenormal;
  if ((a.significand & kIntegerBit) == 0) return Kind::kUnsupported;
  if (exponent != kMaxExponent) return Kind::kNormal;
  if (a.significand == kIntegerBit) return Kind::kInfinity;
  return (a.significand & kQuietBit) != 0 ? Kind::kQuietNan : Kind::kSignalingNan;
}
inline bool is_nan(Kind k) { return k == Kind::kQuietNan || k == Kind::kSignalingNan; }

/// A finite number other than 0: (-1)^sign * significand * 2^(exponent - kBias - 63), bit 63 set.
struct Unpacked {
  bool sign;
  int exponent;
  std::uint64_t significand;
};
Unpacked unpack(Float80 a);

/// The magnitude of a number below 2^64 with `fraction_bits` bits (0 or more) behind the binary point, rounded to an integer.
std::uint64_t rounded_integer(Arithmetic& env, const Unpacked& u, int fraction_bits);

/// A rounded magnitude with its exponent field.
struct InRange {
  unsigned exponent;
  std::uint64_t significand;
};
/// Rounds `significand` * 2^exponent (bit 127 set, any bias) to `precision` bits in a format whose exponent
/// fields go from 0 (denormals) to `max_exponent` (infinity), with overflow and underflow responses.
InRange round_in_range(Arithmetic& env, bool sign, int exponent, Wide significand, unsigned precision,
                       unsigned max_exponent);

/// Rounds `significand` * 2^(exponent - kBias - 127) (bit 127 set) to `precision` bits in the
/// register format.
Float80 round_pack(Arithmetic& env, bool sign, int exponent, Wide significand, unsigned precision);

/// The shift of `value` to the right, all bits lost collected in the last one.
constexpr Wide shift_right_sticky(Wide value, unsigned count) {
  if (count == 0) return value;
  if (count >= 128) return value != 0 ? 1 : 0;
  return value >> count | static_cast<Wide>((value & ((Wide{1} << count) - 1)) != 0);
}
inline unsigned leading_zeros(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? __builtin_clzll(high)
                                         : 64 + __builtin_clzll(static_cast<std::uint64_t>(value)));
}

/// The result where an operand is unsupported or a NaN; false where none is. One-operand form: a == b.
bool nan_result(Arithmetic& env, Float80 a, Float80 b, Float80& result);
/// Raises the denormal exception where it is due; true if the operation stops there.
bool denormal_stops(Arithmetic& env, Float80 a, Float80 b);
/// Masked response to an invalid operation.
Float80 invalid(Arithmetic& env);

// --- Arithmetic, rounded as PC says
Float80 add(Arithmetic& env, Float80 a, Float80 b);
Float80 subtract(Arithmetic& env, Float80 a, Float80 b);
Float80 multiply(Arithmetic& env, Float80 a, Float80 b);
Float80 divide(Arithmetic& env, Float80 a, Float80 b);
Float80 square_root(Arithmetic& env, Float80 a);

// --- Arithmetic in full precision
Float80 round_to_integer(Arithmetic& env, Float80 a);
Float80 scale(Arithmetic& env, Float80 a, Float80 b);
/// FXTRACT: the significand is the result.
Float80 extract(Arithmetic& env, Float80 a, Float80& exponent);
struct Remainder {
  Float80 value;
  bool reduced = false;        ///< there is a quotient: no NaN, no invalid operation
  std::uint64_t quotient = 0;  ///< low bits of the quotient's magnitude, where complete
  bool incomplete = false;     ///< C2: the exponents were further apart than one step reduces
};
/// FPREM, or with `nearest` FPREM1.
Remainder remainder(Arithmetic& env, Float80 a, Float80 b, bool nearest);

enum class Order : std::uint8_t { kGreater, kLess, kEqual, kUnordered };
/// FCOM, or with `quiet` FUCOM: a compared with b.
Order compare(Arithmetic& env, Float80 a, Float80 b, bool quiet);

// --- Conversions
/// The value unchanged, signaling NaNs too; notes a denormal in env.denormal_source.
Float80 from_float32(Arithmetic& env, std::uint32_t bits);
Float80 from_float64(Arithmetic& env, std::uint64_t bits);
Float80 from_integer(std::int64_t value);
Float80 from_bcd(std::uint64_t low, std::uint16_t high);
std::uint32_t to_float32(Arithmetic& env, Float80 a);
std::uint64_t to_float64(Arithmetic& env, Float80 a);
/// Signed integer of 16, 32 or 64 bits; the integer indefinite where it does not fit.
std::int64_t to_integer(Arithmetic& env, Float80 a, unsigned bits);
struct Bcd {
  std::uint64_t low;
  std::uint16_t high;
};
Bcd to_bcd(Arithmetic& env, Float80 a);

// --- Transcendental functions, full precision, error below one unit in the last place
Float80 f2xm1(Arithmetic& env, Float80 a);
Float80 fyl2x(Arithmetic& env, Float80 x, Float80 y);
Float80 fyl2xp1(Arithmetic& env, Float80 x, Float80 y);
/// Angle of the point (x, y).
Float80 fpatan(Arithmetic& env, Float80 x, Float80 y);
/// False (C2 is to be set) where |a| >= 2^63; else sine and cosine of the angle.
bool sine_cosine(Arithmetic& env, Float80 a, Float80* sine, Float80* cosine, Float80* tangent);

}  // namespace ringside::x87
