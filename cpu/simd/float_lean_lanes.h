// As float_lean.h, for the packed singles: four at a time in vectors of integers. Where one lane is unusual, all
// four are; so zeros, which vectors often hold, are not unusual here.
#pragma once

#include "cpu/simd/float_lean.h"
#include "cpu/simd/float_vector.h"

namespace ringside::simd {

#define RINGSIDE_LEAN [[gnu::always_inline]] inline

RINGSIDE_LEAN Lanes32 broadcast(std::uint32_t value) { return Lanes32{value, value, value, value}; }
RINGSIDE_LEAN Lanes32 select(Lanes32 mask, Lanes32 yes, Lanes32 no) { return (yes & mask) | (no & ~mask); }

/// Rounds significands with their leading bits at 30; `head` as in round_to_nearest.
RINGSIDE_LEAN Lanes32 round_lanes(Lanes32 head, Lanes32 significand) {
  constexpr unsigned kCut = 30 - Format<std::uint32_t>::kFractionBits;
  significand += (significand >> kCut & 1) + ((1u << (kCut - 1)) - 1);
  return (head << Format<std::uint32_t>::kFractionBits) + (significand >> kCut);
}

/// Moves leading bits by `step` to the left where they are no higher than 30 - step.
RINGSIDE_LEAN void normalise_lanes(Lanes32& sum, Lanes32& shift, unsigned step) {
  const Lanes32 low = greater(broadcast(1u << (31 - step)), sum);
  sum = select(low, sum << step, sum);
  shift += low & step;
}

/// Worth it where the host shifts every lane by a count of its own.
RINGSIDE_LEAN bool lean_add_lanes(Lanes32 a, Lanes32 b, Lanes32& out) {
  using F = Format<std::uint32_t>;
  const Lanes32 none = broadcast(0), turn = a ^ b;
  const Lanes32 exchange = turn & greater(b & ~F::kSign, a & ~F::kSign);
  const Lanes32 big = a ^ exchange, small = b ^ exchange;
  const Lanes32 exponent = big >> F::kFractionBits & F::kMaxExponent, other = small >> F::kFractionBits & F::kMaxExponent;
  // A zero changes nothing, but for the sign of another zero.
  const Lanes32 no_sum = equal(small << 1, none), both_zero = equal(big << 1, none);
  const Lanes32 without_sum = big & (a | ~both_zero) & (b | ~both_zero);
  // No cancellation leads to a denormal, no sum overflows; beside a zero any normal number will do, or another zero.
  const Lanes32 least = select(no_sum, broadcast(1), broadcast(F::kPrecision + 1));
  const Lanes32 unusual = (greater(least, select(no_sum, exponent, other)) & ~both_zero) |
                          greater(exponent, broadcast(F::kMaxExponent - 3));
  if (__builtin_expect(any_bit(unusual) != 0, 0)) return false;
  Lanes32 distance = exponent - other;
  distance = select(greater(distance, broadcast(31)), broadcast(31), distance);
  // Leading bits at 29, so that the sum has room.
  const Lanes32 first = ((big & F::kFraction) | F::kHidden) << 6, unshifted = ((small & F::kFraction) | F::kHidden) << 6;
  Lanes32 second = unshifted >> distance;
  second |= ~equal(second << distance, unshifted) & 1;
  const Lanes32 negate = greater(none, turn);
  Lanes32 sum = first + ((second ^ negate) - negate);
  const Lanes32 zero = equal(sum, none);
  Lanes32 shift = none;
  if (any_bit(greater(broadcast(1u << 27), sum)) != 0) {
    normalise_lanes(sum, shift, 16);
    normalise_lanes(sum, shift, 8);
    normalise_lanes(sum, shift, 4);
  }
  normalise_lanes(sum, shift, 2);
  normalise_lanes(sum, shift, 1);
  out = select(no_sum, without_sum, round_lanes((big >> F::kFractionBits) - shift, sum) & ~zero);
  return true;
}

/// As lean_divide.
RINGSIDE_LEAN bool lean_divide_lanes(Lanes32 a, Lanes32 b, Lanes32& out) {
  using F = Format<std::uint32_t>;
  const Lanes32 ha = a >> F::kFractionBits, hb = b >> F::kFractionBits;
  constexpr unsigned kHalf = (unsigned{F::kMaxExponent} + 1) / 4;
  const Lanes32 ea = (ha & F::kMaxExponent) - kHalf, eb = (hb & F::kMaxExponent) - kHalf;
  // As in are_central.
  const Lanes32 none = broadcast(0), most = broadcast(2 * kHalf - 3);
  const Lanes32 unusual = greater(none, ea | eb) | greater(ea, most) | greater(eb, most);
  if (__builtin_expect(any_bit(unusual) != 0, 0)) return false;
  const auto sa = reinterpret_cast<Lanes64>((a & F::kFraction) | F::kHidden);
  const auto sb = reinterpret_cast<Lanes64>((b & F::kFraction) | F::kHidden);
  const Lanes64 even = sa << 32 >> 1, odd = sa >> 32 << 31, even_divisor = sb & 0xFFFFFFFF, odd_divisor = sb >> 32;
  Lanes32 quotient = none;  // leading bit 30 or 31
#pragma GCC unroll 2
  for (unsigned i = 0; i < 2; ++i) {
    quotient[2 * i] = static_cast<std::uint32_t>(even[i] / even_divisor[i]);
    quotient[2 * i + 1] = static_cast<std::uint32_t>(odd[i] / odd_divisor[i]);
  }
  const Lanes32 carry = greater(none, quotient), next = quotient >> 6;  // one more than is kept
  const Lanes32 rounded = (select(carry, next >> 1, next) + 1) >> 1;
  out = ((ha - hb + (unsigned{F::kBias} - 2) - carry) << F::kFractionBits) + rounded;
  return true;
}

#undef RINGSIDE_LEAN

}  // namespace ringside::simd
