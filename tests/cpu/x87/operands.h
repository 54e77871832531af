// Operands that x87 arithmetic is likely to get wrong, from a seeded generator.
#pragma once

#include <cstdint>
#include <random>

#include "cpu/x87/unit.h"

namespace ringside::x87 {

class Operands {
 public:
  explicit Operands(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_(); }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool one_in(unsigned n) { return below(n) == 0; }

  std::uint64_t significand() {
    const std::uint64_t r = bits();
    switch (below(9)) {
      case 0: return kIntegerBit;
      case 1: return ~std::uint64_t{0};
      case 2: return kIntegerBit | r >> below(64);
      case 3: return ~std::uint64_t{0} << below(64);
      case 4: return (kIntegerBit | r) & (~std::uint64_t{0} << below(64));
      case 5: return kIntegerBit | ((~std::uint64_t{0} << below(64)) ^ (r & 1));
      case 6: return kIntegerBit | std::uint64_t{1} << below(64);
      case 7: return (kIntegerBit | r) & (~std::uint64_t{0} << (one_in(2) ? 39 : 10)) ;  // a bit below half of PC 24, 53
      default: return kIntegerBit | r;
    }
  }

  Float80 value() {
    const bool sign = one_in(2);
    switch (below(24)) {
      case 0: return zero(sign);
      case 1: return infinity(sign);
      case 2: return pack(sign, kMaxExponent, significand() | kQuietBit);
      case 3: return pack(sign, kMaxExponent, (significand() & ~kQuietBit) | 1);
      case 4: return pack(sign, 0, significand() >> 1 >> below(63));          // denormal
      case 5: return pack(sign, 0, significand());                          // pseudo-denormal
      case 6: return pack(sign, below(0x8000), bits() >> 1);                // often unsupported
      case 7: return pack(sign, below(200), significand());                 // near underflow
      case 8: return pack(sign, kMaxExponent - 1 - below(100), significand());  // near overflow
      case 9: return pack(sign, static_cast<unsigned>(kBias - 126 - 30) + below(34), significand());
      case 10: return pack(sign, static_cast<unsigned>(kBias + 126) + below(3), significand());
      case 11: return pack(sign, static_cast<unsigned>(kBias - 1022 - 60) + below(64), significand());
      case 12: return pack(sign, static_cast<unsigned>(kBias + 1022) + below(3), significand());
      case 13: return pack(sign, below(kMaxExponent), significand());
      case 14: return kOne;
      case 15: return from_integer(static_cast<std::int64_t>(bits()) >> below(64));
      case 16: return pack(sign, static_cast<unsigned>(kBias) + below(20), significand());
      case 17: return pack(sign, static_cast<unsigned>(kBias + 14) + below(4), significand());
      case 18: return pack(sign, static_cast<unsigned>(kBias + 29) + below(4), significand());
      case 19: return pack(sign, static_cast<unsigned>(kBias + 57) + below(9), significand());
      default: return pack(sign, static_cast<unsigned>(kBias - 70) + below(140), significand());
    }
  }

  /// A second operand, often close to the first.
  Float80 partner(Float80 a) {
    if (!one_in(4)) return value();
    Float80 b = a;
    switch (below(4)) {
      case 0: b.sign_exp ^= 0x8000; break;
      case 1: b.significand += static_cast<std::uint64_t>(below(3)) - 1; break;
      case 2: b.sign_exp = static_cast<std::uint16_t>(b.sign_exp + below(3) - 1); break;
      default: b.significand = significand(); break;
    }
    return b;
  }

  /// A whole state without pending exceptions: any control word, mostly filled registers.
  X87State state() {
    X87State s;
    s.control = static_cast<std::uint16_t>(0x40 | (bits() & 0x1F3F));
    if (one_in(2)) s.control |= 0x3F;
    s.status = static_cast<std::uint16_t>((bits() & 0x7F40u) | (bits() & s.control & 0x3Fu));
    for (Float80& r : s.reg) r = value();
    const unsigned top = s.status >> 11 & 7u;
    for (unsigned i = 1; i < 8; ++i) s.reg[(top + i) & 7] = partner(s.reg[top]);
    s.tags = 0;
    const std::uint8_t empties = static_cast<std::uint8_t>(one_in(3) ? bits() & bits() : 0);
    const bool push_room = one_in(2);
    for (unsigned n = 0; n < 8; ++n) {
      const bool empty = (empties >> n & 1) != 0 || (push_room && n == ((top + 7) & 7));
      s.tags = static_cast<std::uint16_t>(s.tags | (empty ? kTagEmpty : tag_of(s.reg[n])) << (2 * n));
    }
    return s;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace ringside::x87
