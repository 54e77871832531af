// Floating point with 128 significant bits for the inside of the transcendental functions. Results are
// truncated; what is cut off leaves at least the last bit set or unset without further promise.
#pragma once

#include "cpu/x87/float80.h"

namespace ringside::x87 {

/// (-1)^sign * significand * 2^(exponent - 127); bit 127 set unless the number is 0.
struct WideFloat {
  bool sign = false;
  int exponent = 0;
  Wide significand = 0;
};

constexpr Wide wide(std::uint64_t high, std::uint64_t low) { return Wide{high} << 64 | low; }
constexpr WideFloat kWideOne{false, 0, wide(0x8000000000000000, 0)};

inline WideFloat normalized(bool sign, int exponent, Wide significand) {
  if (significand == 0) return {sign, 0, 0};
  const unsigned shift = leading_zeros(significand);
  return {sign, exponent - static_cast<int>(shift), significand << shift};
}
inline WideFloat to_wide(const Unpacked& u) { return {u.sign, u.exponent - kBias, Wide{u.significand} << 64}; }
inline WideFloat negated(WideFloat a) {
  a.sign = !a.sign;
  return a;
}
/// a * 2^power
inline WideFloat scaled(WideFloat a, int power) {
  a.exponent += power;
  return a;
}
inline WideFloat wide_integer(int value) {
  return normalized(value < 0, 127, static_cast<Wide>(value < 0 ? -value : value));
}

WideFloat operator+(WideFloat a, WideFloat b);
inline WideFloat operator-(WideFloat a, WideFloat b) { return a + negated(b); }
WideFloat operator*(WideFloat a, WideFloat b);
WideFloat operator/(WideFloat a, WideFloat b);
WideFloat operator/(WideFloat a, std::uint32_t b);

/// Rounded to a register. `inexact`: the true value has bits beyond these, as a transcendental number has.
Float80 round_wide(Arithmetic& env, WideFloat a, bool inexact);

}  // namespace ringside::x87
