// RCPSS and RSQRTSS. The manual gives an error bound only; the table holds what Intel's processors answer,
// which is a function of the upper bits of the significand (tests/cpu/simd/approximation_tool.cpp).
#include "cpu/simd/float_arithmetic.h"

namespace ringside::simd {
namespace {

#include "cpu/simd/approximation_table.inc"

using F = Format<std::uint32_t>;

std::uint32_t join(std::uint32_t sign, int exponent, std::uint16_t entry) {
  return sign | static_cast<std::uint32_t>(exponent) << F::kFractionBits | std::uint32_t{entry} << 11;
}

}  // namespace

std::uint32_t approximate_reciprocal(std::uint32_t a) {
  const std::uint32_t sign = a & F::kSign;
  if (is_nan(a)) return a | F::kQuiet;
  if (magnitude(a) < F::kHidden) return sign | F::kInfinity;  // denormals count as zeros
  const int exponent = 2 * F::kBias - 1 - static_cast<int>(magnitude(a) >> F::kFractionBits);
  if (exponent <= 0) return sign;  // a result below the normal numbers, too
  return join(sign, exponent, kReciprocals[a >> 12 & 0x7FF]);
}

std::uint32_t approximate_reciprocal_root(std::uint32_t a) {
  if (is_nan(a)) return a | F::kQuiet;
  if (magnitude(a) < F::kHidden) return (a & F::kSign) | F::kInfinity;
  if ((a & F::kSign) != 0) return F::kIndefinite;
  if (a == F::kInfinity) return 0;
  // The bias is odd: an odd exponent field stands for an even power of two.
  const int exponent = F::kBias - 1 - ((static_cast<int>(a >> F::kFractionBits) - F::kBias) >> 1);
  return join(0, exponent, kReciprocalRoots[(a - (std::uint32_t{F::kBias} << F::kFractionBits)) >> 13 & 0x7FF]);
}

}  // namespace ringside::simd
