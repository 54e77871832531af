#include "cpu/x87/wide_float.h"

#include <utility>

namespace ringside::x87 {

WideFloat operator+(WideFloat a, WideFloat b) {
  if (a.significand == 0) return b;
  if (b.significand == 0) return a;
  if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) std::swap(a, b);
  const Wide small = shift_right_sticky(b.significand, static_cast<unsigned>(a.exponent - b.exponent));
  if (a.sign != b.sign) return normalized(a.sign, a.exponent, a.significand - small);
  const Wide sum = a.significand + small;
  if (sum >= a.significand) return {a.sign, a.exponent, sum};
  return {a.sign, a.exponent + 1, shift_right_sticky(sum, 1) | Wide{1} << 127};
}

WideFloat operator*(WideFloat a, WideFloat b) {
  if (a.significand == 0 || b.significand == 0) return {a.sign != b.sign, 0, 0};
  const auto ah = static_cast<std::uint64_t>(a.significand >> 64), al = static_cast<std::uint64_t>(a.significand);
  const auto bh = static_cast<std::uint64_t>(b.significand >> 64), bl = static_cast<std::uint64_t>(b.significand);
  const Wide low = Wide{al} * bl, middle1 = Wide{ah} * bl, middle2 = Wide{al} * bh;
  const Wide carry = (low >> 64) + static_cast<std::uint64_t>(middle1) + static_cast<std::uint64_t>(middle2);
  const Wide high = Wide{ah} * bh + (middle1 >> 64) + (middle2 >> 64) + (carry >> 64);
  const bool carried = (high >> 127) != 0;
  // One bit of the lower half moves up where the product is below 2.
  const Wide significand = carried ? high : high << 1 | (carry >> 63 & 1);
  return {a.sign != b.sign, a.exponent + b.exponent + (carried ? 1 : 0), significand};
}

WideFloat operator/(WideFloat a, WideFloat b) {
  if (a.significand == 0) return {a.sign != b.sign, 0, 0};
  const bool less = a.significand < b.significand;
  Wide rest = a.significand, quotient = 0;
  bool carry = false;
  if (less) {
    carry = rest >> 127 != 0;
    rest <<= 1;
  }
  for (int bit = 0; bit < 128; ++bit) {
    quotient <<= 1;
    if (carry || rest >= b.significand) {
      rest -= b.significand;
      quotient |= 1;
    }
    carry = rest >> 127 != 0;
    rest <<= 1;
  }
  return {a.sign != b.sign, a.exponent - b.exponent - (less ? 1 : 0), quotient};
}

WideFloat operator/(WideFloat a, std::uint32_t b) {
  if (a.significand == 0) return a;
  // Two digits of 64 bits; the part that normalization shifts in comes from the last remainder.
  const auto high = static_cast<std::uint64_t>(a.significand >> 64), low = static_cast<std::uint64_t>(a.significand);
  const std::uint64_t first = high / b;
  const Wide rest = Wide{high % b} << 64 | low;
  const Wide second = rest / b;
  const auto last = static_cast<std::uint64_t>(rest - second * b);
  const Wide quotient = (Wide{first} << 64) + second;
  const unsigned shift = leading_zeros(quotient);
  const Wide filled = shift == 0 ? quotient : quotient << shift | ((Wide{last} << shift) / b);
  return {a.sign, a.exponent - static_cast<int>(shift), filled};
}

Float80 round_wide(Arithmetic& env, WideFloat a, bool inexact) {
  if (a.significand == 0) return zero(a.sign);
  return round_pack(env, a.sign, a.exponent + kBias, a.significand | (inexact ? 1u : 0u), 64);
}

}  // namespace ringside::x87
