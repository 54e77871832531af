// Integer square roots, for the x87 and for SSE. No loops: a table, one step of Newton's iteration for the
// reciprocal root, and corrections by the exact remainder.
#pragma once

#include <array>
#include <cstdint>

namespace ringside {

namespace integer_root {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t slow_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1)
    if ((root | bit) * (root | bit) <= value) root |= bit;
  return root;
}

/// 1 / sqrt(x) in units of 2^-15, for x in the middle of [i, i + 1) / 1024, i from 256 on: 11 bits good.
constexpr std::array<std::uint16_t, 768> make_reciprocals() {
  std::array<std::uint16_t, 768> table{};
  for (std::uint64_t i = 0; i < 768; ++i)
    table[i] = static_cast<std::uint16_t>(slow_root((std::uint64_t{1} << 41) / (2 * (i + 256) + 1)));
  return table;
}
inline constexpr std::array<std::uint16_t, 768> kReciprocals = make_reciprocals();

}  // namespace integer_root

/// The integer root of `value`, whose leading bit is 62 or 63, and value - root * root.
[[gnu::always_inline]] inline std::uint64_t root_of_64(std::uint64_t value, std::uint64_t& rest) {
  // x: the value as a fraction, in units of 2^-32. Every step errs to the small side only.
  const std::uint64_t x = value >> 32;
  const std::uint64_t rough = integer_root::kReciprocals[(value >> 54) - 256];
  const std::uint64_t product = (x * (rough * rough) >> 32) + 1;                        // about 2^30
  const std::uint64_t reciprocal = rough * ((std::uint64_t{3} << 30) - product) >> 15;  // 21 bits good, 2^-31
  std::uint64_t root = x * reciprocal >> 31;
  root += ((value - root * root) >> 14) * reciprocal >> 50;
  rest = value - root * root;
  const bool one_more = rest > 2 * root;
  rest -= one_more ? 2 * root + 1 : 0;
  return root + (one_more ? 1 : 0);
}

/// The same for 128 bits with leading bit 126 or 127 (P. Zimmermann, "Karatsuba Square Root", one step).
[[gnu::always_inline]] inline std::uint64_t root_of_128(std::uint64_t high, std::uint64_t low,
                                                        integer_root::Wide& rest) {
  using integer_root::Wide;
  std::uint64_t high_rest;
  const std::uint64_t high_root = root_of_64(high, high_rest);
  std::uint64_t quotient = (high_rest << 31 | low >> 33) / high_root;
  if (quotient > 0xFFFFFFFF) quotient = 0xFFFFFFFF;
  std::uint64_t root = (high_root << 32) + quotient;
  const Wide value = Wide{high} << 64 | low;
  // The estimate is never too small and at most one too large.
  if (static_cast<Wide>(root) * root > value) root -= 1;
  rest = value - static_cast<Wide>(root) * root;
  return root;
}

}  // namespace ringside
