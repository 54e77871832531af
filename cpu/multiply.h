// Multiplication on values: one body for the reference executor and the fast path.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cpu/alu.h"

namespace ringside::multiply {

/// CF and OF: the upper half is more than the lower half's extension. SF, ZF, AF and PF are undefined in
/// the manual; the processor takes SF and PF from the lower half and clears ZF and AF.
template <typename T>
void set_flags(LazyFlags& f, T low, bool overflow) {
  // 3 has even parity and is not zero: what a lower half of 0 shall look like.
  f.result = low == 0 ? 3 : alu::sign_extend<T>(low);
  f.set_cf_of_af(overflow, overflow, false);
}

/// The product, twice as wide as T.
template <typename T>
std::uint64_t mul(LazyFlags& f, T a, T b) {
  const std::uint64_t product = std::uint64_t{a} * b;
  set_flags<T>(f, static_cast<T>(product), product >> alu::kBits<T> != 0);
  return product;
}

template <typename T>
std::uint64_t imul(LazyFlags& f, T a, T b) {
  const auto product = static_cast<std::uint64_t>(static_cast<std::int64_t>(alu::sign_extend<T>(a)) *
                                                  static_cast<std::int64_t>(alu::sign_extend<T>(b)));
  set_flags<T>(f, static_cast<T>(product), product != alu::sign_extend<T>(product));
  return product;
}

}  // namespace ringside::multiply
