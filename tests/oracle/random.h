// The generator's source of choices: small, the same on every host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace ringside::oracle {

/// One step of splitmix64's mixing: good enough to derive a seed from another and a number.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ x >> 27) * 0x94D049BB133111EBull;
  return x ^ x >> 31;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t x = state_;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return x ^ x >> 31;
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(bits() >> 32); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(bits() >> 56); }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((bits() >> 32) * n >> 32); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  bool percent(std::uint32_t p) { return below(100) < p; }
  template <typename T, std::size_t N>
  T pick(const T (&list)[N]) {
    return list[below(static_cast<std::uint32_t>(N))];
  }
  template <typename C>
  auto pick(const C& list) -> decltype(list[0]) {
    return list[below(static_cast<std::uint32_t>(std::size(list)))];
  }

  /// A number of `size` bytes: at the edges of its ranges, a power of two and its neighbours, small, or any.
  std::uint64_t number(unsigned size) {
    const unsigned width = 8 * size;
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - width);
    switch (below(8)) {
      case 0: return 0;
      case 1: return below(2) + 1;
      case 2: return mask - below(3);
      case 3: return (mask >> 1) + below(3) - 1;
      case 4: return ((std::uint64_t{1} << below(width)) + below(3) - 1) & mask;
      case 5: return below(256) & mask;
      default: return bits() & mask;
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace ringside::oracle
