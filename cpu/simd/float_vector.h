// Quick cases of the packed singles, four at a time: in vectors of integers, which the compiler maps to the host's
// where it has them. The same contract as in float_quick.h.
#pragma once

#include "cpu/simd/float_quick.h"

namespace ringside::simd {

typedef std::uint32_t Lanes32 __attribute__((vector_size(16)));
typedef std::int32_t SignedLanes32 __attribute__((vector_size(16)));
typedef std::uint64_t Lanes64 __attribute__((vector_size(16)));

#define RINGSIDE_QUICK [[gnu::always_inline]] inline

RINGSIDE_QUICK Lanes32 load_lanes(const std::uint8_t* from) {
  Lanes32 lanes;
  __builtin_memcpy(&lanes, from, 16);
  return lanes;
}
RINGSIDE_QUICK void store_lanes(std::uint8_t* to, Lanes32 lanes) { __builtin_memcpy(to, &lanes, 16); }
/// All ones where the signed lanes are so ordered.
RINGSIDE_QUICK Lanes32 greater(Lanes32 a, Lanes32 b) {
  return reinterpret_cast<Lanes32>(reinterpret_cast<SignedLanes32>(a) > reinterpret_cast<SignedLanes32>(b));
}
RINGSIDE_QUICK Lanes32 equal(Lanes32 a, Lanes32 b) { return reinterpret_cast<Lanes32>(a == b); }
RINGSIDE_QUICK std::uint64_t any_bit(Lanes64 v) { return v[0] | v[1]; }
RINGSIDE_QUICK std::uint64_t any_bit(Lanes32 v) { return any_bit(reinterpret_cast<Lanes64>(v)); }

struct Products {
  Lanes64 rounded;  ///< 24 bits, or 2^24
  Lanes64 carry;    ///< 1 where the product was 2 or more
};
/// Products of two lanes of 24 bits each, rounded to nearest.
RINGSIDE_QUICK Products multiply_significands(Lanes64 a, Lanes64 b, Lanes64& lost) {
  const Lanes64 product = (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF);  // leading bit 46 or 47
  const Lanes64 carry = product >> 47;
  const Lanes64 normal = product + (product & (carry - 1));
  lost |= normal & 0xFFFFFF;
  return {(normal + 0x7FFFFF + (normal >> 24 & 1)) >> 24, carry};
}

RINGSIDE_QUICK bool quick_multiply_lanes(Lanes32 a, Lanes32 b, Lanes32& out, std::uint64_t& lost) {
  using F = Format<std::uint32_t>;
  const Lanes32 ea = a >> F::kFractionBits & 0xFF, eb = b >> F::kFractionBits & 0xFF;
  const Lanes32 none = {0, 0, 0, 0};
  const Lanes32 zero_a = equal(a << 1, none), zero_b = equal(b << 1, none), zero = zero_a | zero_b;
  Lanes32 unusual = (equal(ea, none) & ~zero_a) | (equal(eb, none) & ~zero_b) | equal(ea, none + 0xFF) | equal(eb, none + 0xFF);
  const auto sa = reinterpret_cast<Lanes64>(((a & F::kFraction) | F::kHidden) & ~zero);
  const auto sb = reinterpret_cast<Lanes64>((b & F::kFraction) | F::kHidden);
  Lanes64 rest = {0, 0};
  const Products even = multiply_significands(sa, sb, rest);
  const Products odd = multiply_significands(sa >> 32, sb >> 32, rest);
  const auto rounded = reinterpret_cast<Lanes32>(even.rounded | odd.rounded << 32);
  const auto carry = reinterpret_cast<Lanes32>(even.carry | odd.carry << 32);
  const Lanes32 below = ea + eb + carry - (F::kBias + 1);  // the exponent less one
  unusual |= (greater(none, below) | greater(below, none + (F::kMaxExponent - 3))) & ~zero;
  if (__builtin_expect(any_bit(unusual) != 0, 0)) return false;
  lost |= any_bit(rest);
  out = (((below << F::kFractionBits) + rounded) & ~zero) | ((a ^ b) & F::kSign);
  return true;
}

/// Neither NaNs nor denormals, as integers of the same order; both zeros are 0.
RINGSIDE_QUICK bool ordered_lanes(Lanes32 a, Lanes32& out) {
  using F = Format<std::uint32_t>;
  const Lanes32 none = {0, 0, 0, 0}, size = a & ~F::kSign;
  const Lanes32 unusual = greater(size, none + F::kInfinity) | (greater(none + F::kHidden, size) & ~equal(size, none));
  const Lanes32 negative = greater(none, a);
  out = (size ^ negative) - negative;
  return __builtin_expect(any_bit(unusual) == 0, 1);
}
RINGSIDE_QUICK bool quick_choose_lanes(Lanes32 a, Lanes32 b, bool maximum, Lanes32& out) {
  Lanes32 oa, ob;
  if (!ordered_lanes(a, oa) || !ordered_lanes(b, ob)) return false;
  const Lanes32 first = maximum ? greater(oa, ob) : greater(ob, oa);
  out = (a & first) | (b & ~first);
  return true;
}
RINGSIDE_QUICK bool quick_compare_lanes(Lanes32 a, Lanes32 b, unsigned predicate, Lanes32& out) {
  Lanes32 oa, ob;
  if (!ordered_lanes(a, oa) || !ordered_lanes(b, ob)) return false;
  const Lanes32 none = {0, 0, 0, 0}, same = equal(oa, ob), less = greater(ob, oa);
  const bool use_equal = (predicate & 3) == 0 || (predicate & 3) == 2;
  const bool use_less = (predicate & 3) == 1 || (predicate & 3) == 2;
  const Lanes32 holds = (use_equal ? same : none) | (use_less ? less : none);
  out = holds ^ (none - ((predicate >> 2) & 1));
  return true;
}

#undef RINGSIDE_QUICK

}  // namespace ringside::simd
