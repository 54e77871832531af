// A 128-bit operand, seen as lanes of any integer type; lane 0 is the lowest. MMX operands use the lower half.
#pragma once

#include <cstdint>

namespace ringside::simd {

struct Vector128 {
  std::uint64_t q[2] = {0, 0};

  template <typename T>
  T lane(unsigned i) const {
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(q) + i * sizeof(T), sizeof(T));
    return value;
  }
  template <typename T>
  void set_lane(unsigned i, T value) {
    __builtin_memcpy(reinterpret_cast<std::uint8_t*>(q) + i * sizeof(T), &value, sizeof(T));
  }
};

}  // namespace ringside::simd
