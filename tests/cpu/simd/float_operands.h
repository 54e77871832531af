// Operands that SSE arithmetic is likely to get wrong, from a seeded generator.
#pragma once

#include <cstdint>
#include <random>

#include "cpu/simd/float_format.h"

namespace ringside::simd {

class FloatOperands {
 public:
  explicit FloatOperands(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_(); }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool one_in(unsigned n) { return below(n) == 0; }

  template <typename B>
  B fraction() {
    using F = Format<B>;
    const B r = static_cast<B>(bits());
    const unsigned n = below(F::kFractionBits);
    switch (below(8)) {
      case 0: return 0;
      case 1: return F::kFraction;
      case 2: return static_cast<B>(F::kFraction << n) & F::kFraction;
      case 3: return (r & F::kFraction) >> n;
      case 4: return static_cast<B>(B{1} << n) | (r & 1);
      case 5: return static_cast<B>(r << (F::kFractionBits / 2)) & F::kFraction;  // ties in products
      default: return r & F::kFraction;
    }
  }
  template <typename B>
  B join(unsigned exponent) {
    using F = Format<B>;
    return (one_in(2) ? F::kSign : 0) | static_cast<B>(exponent) << F::kFractionBits | fraction<B>();
  }

  /// Any number; `plain` of eight are ordinary ones.
  template <typename B>
  B value(unsigned plain) {
    using F = Format<B>;
    const unsigned top = static_cast<unsigned>(F::kMaxExponent), bias = static_cast<unsigned>(F::kBias);
    if (below(8) < plain) return join<B>(bias - 40 + below(80));
    switch (below(14)) {
      case 0: return one_in(2) ? F::kSign : 0;
      case 1: return (one_in(2) ? F::kSign : 0) | F::kInfinity;
      case 2: return join<B>(top) | F::kQuiet;
      case 3: return (join<B>(top) & ~F::kQuiet) | 1;
      case 4: return join<B>(0);
      case 5: return join<B>(0) >> below(F::kFractionBits);
      case 6: return join<B>(1 + below(3));
      case 7: return join<B>(top - 1 - below(3));
      case 8: return join<B>(bias / 2 + below(40));              // products and quotients near underflow
      case 9: return join<B>(bias + bias / 2 - 20 + below(40));  // and near overflow
      case 10: return join<B>(bias - 2 + below(36));             // integers and their neighbours
      case 11: return join<B>(bias + 30 + below(2));
      case 12: return join<B>(1 + below(F::kFractionBits + 3));
      default: return join<B>(below(top));
    }
  }
  /// A second operand, often close to the first.
  template <typename B>
  B partner(B a, unsigned plain) {
    using F = Format<B>;
    if (!one_in(4)) return value<B>(plain);
    switch (below(4)) {
      case 0: return a ^ F::kSign;
      case 1: return a + static_cast<B>(below(5)) - 2;
      case 2: return a ^ static_cast<B>(B{below(4)} << F::kFractionBits);
      default: return a;
    }
  }
  /// Two 64-bit words full of B's, paired with those of `other` where given.
  template <typename B>
  void fill(std::uint64_t (&words)[2], const std::uint64_t* other, unsigned plain) {
    for (std::size_t i = 0; i < 16 / sizeof(B); ++i) {
      B a = 0;
      if (other != nullptr) __builtin_memcpy(&a, reinterpret_cast<const char*>(other) + i * sizeof(B), sizeof(B));
      const B b = other != nullptr ? partner<B>(a, plain) : value<B>(plain);
      __builtin_memcpy(reinterpret_cast<char*>(words) + i * sizeof(B), &b, sizeof(B));
    }
  }

  /// RC, DAZ, FTZ, flags and, every second time, masks of any kind.
  std::uint32_t mxcsr() {
    std::uint32_t value = static_cast<std::uint32_t>(bits()) & 0xE07F;
    if (one_in(2)) value &= ~std::uint32_t{63};
    if (one_in(2)) value &= ~kDenormalsAreZeros;
    if (one_in(2)) value &= ~kFlushToZero;
    return value | (one_in(2) ? 0x1F80 : static_cast<std::uint32_t>(bits()) & 0x1F80);
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace ringside::simd
