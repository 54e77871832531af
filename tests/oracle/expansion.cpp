#include "tests/oracle/expansion.h"

#include <algorithm>

namespace ringside::oracle {
namespace {

constexpr std::uint64_t kTop = std::uint64_t{1} << 63;

/// splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ x >> 27) * 0x94D049BB133111EBull;
  return x ^ x >> 31;
}

class Source {
 public:
  explicit Source(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() { return mixed(state_ += 0x9E3779B97F4A7C15ull); }
  unsigned below(unsigned n) { return static_cast<unsigned>((bits() >> 32) * n >> 32); }

  /// An integer of `size` bytes: at the edges of its ranges, about a power of two, small, or any.
  std::uint64_t number(unsigned size) {
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * size);
    switch (below(8)) {
      case 0: return 0;
      case 1: return below(2) + 1;
      case 2: return mask - below(3);
      case 3: return (mask >> 1) + below(3) - 1;
      case 4: return ((std::uint64_t{1} << below(8 * size)) + below(3) - 1) & mask;
      case 5: return below(256) & mask;
      default: return bits() & mask;
    }
  }

  /// A number of a format with a hidden integer bit: specials, the edges of the range, near 1, near integers, any.
  std::uint64_t real(unsigned exponent_bits, unsigned fraction_bits) {
    const std::uint64_t fraction_mask = (std::uint64_t{1} << fraction_bits) - 1;
    const unsigned largest = (1u << exponent_bits) - 1, bias = largest >> 1;
    std::uint64_t fraction = bits() & fraction_mask;
    if (below(4) == 0) fraction &= fraction_mask << below(fraction_bits);
    unsigned exponent = bias - 30 + below(60);
    switch (below(20)) {
      case 0: exponent = 0, fraction = 0; break;
      case 1: exponent = largest, fraction = 0; break;
      case 2: exponent = largest, fraction |= fraction_mask / 2 + 1; break;
      case 3: exponent = largest, fraction = (fraction & fraction_mask / 2) | 1; break;
      case 4: exponent = 0, fraction >>= below(fraction_bits); break;
      case 5: exponent = 1; break;
      case 6: exponent = largest - 1, fraction = fraction_mask - below(2); break;
      case 7: exponent = bias, fraction = 0; break;
      case 8: exponent = bias + below(68); break;
      case 9: exponent = bias + below(20), fraction &= fraction_mask << (fraction_bits - 10); break;
      case 10: exponent = below(largest); break;
      case 11: exponent = bias / 2 - 8 + below(16); break;
      case 12: exponent = bias + bias / 2 - 8 + below(16); break;
      default: break;
    }
    return std::uint64_t{below(2)} << (exponent_bits + fraction_bits) | std::uint64_t{exponent} << fraction_bits | fraction;
  }

  /// As above for the extended format, which also has numbers that are none.
  void extended(std::uint64_t& significand, unsigned& sign_exponent) {
    constexpr unsigned kBias = 16383;
    significand = bits() | kTop;
    if (below(3) == 0) significand &= ~std::uint64_t{0} << below(64);
    unsigned exponent = kBias - 35 + below(70);
    switch (below(24)) {
      case 0: exponent = 0, significand = 0; break;
      case 1: exponent = 0x7FFF, significand = kTop; break;
      case 2: exponent = 0x7FFF, significand |= kTop >> 1; break;
      case 3: exponent = 0x7FFF, significand = (significand & ~(kTop >> 1)) | 1; break;
      case 4: exponent = 0, significand = significand >> 1 >> below(63); break;
      case 5: exponent = below(2); break;
      case 6: exponent = below(0x8000), significand = bits() >> 1; break;
      case 7: exponent = below(200); break;
      case 8: exponent = 0x7FFE - below(100); break;
      case 9: exponent = kBias - 160 + below(40); break;
      case 10: exponent = kBias + 126 + below(3); break;
      case 11: exponent = kBias - 1080 + below(64); break;
      case 12: exponent = kBias + 1022 + below(3); break;
      case 13: exponent = below(0x7FFF); break;
      case 14: exponent = kBias, significand = kTop; break;
      case 15: exponent = kBias + 14 + below(4); break;
      case 16: exponent = kBias + 29 + below(4); break;
      case 17: exponent = kBias + 57 + below(9); break;
      case 18: exponent = kBias + below(20); break;
      case 19: significand = ~std::uint64_t{0} - below(2); break;
      default: break;
    }
    sign_exponent = exponent | below(2) << 15;
  }

  /// The next eight bytes of an operand of many.
  std::uint64_t lanes(Open::Kind kind) {
    switch (kind) {
      case Open::kFloat32: {
        const std::uint64_t low = real(8, 23);
        return low | real(8, 23) << 32;
      }
      case Open::kFloat64: return real(11, 52);
      case Open::kNumber: return number(8);
      default: return bits();
    }
  }

 private:
  std::uint64_t state_;
};

void fill(Source& source, Open::Kind kind, std::span<std::uint8_t> bytes) {
  if (kind == Open::kFloat80 && bytes.size() == 10) {
    std::uint64_t significand = 0;
    unsigned sign_exponent = 0;
    source.extended(significand, sign_exponent);
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(significand >> (8 * i));
    bytes[8] = static_cast<std::uint8_t>(sign_exponent);
    bytes[9] = static_cast<std::uint8_t>(sign_exponent >> 8);
    return;
  }
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    const std::size_t size = std::min<std::size_t>(8, bytes.size() - at);
    const std::uint64_t value = kind == Open::kNumber ? source.number(static_cast<unsigned>(size)) : source.lanes(kind);
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

}  // namespace

std::uint64_t expansion_seed(std::uint64_t section_seed, std::uint64_t index) {
  return mixed(mixed(section_seed + 0x9E3779B97F4A7C15ull) + (index + 1) * 0x9E3779B97F4A7C15ull);
}

void expand(Case& c, std::uint64_t seed) {
  Source source(seed);
  const Open& open = c.open;
  for (unsigned i = 0; i < 8; ++i)
    if ((open.registers >> i & 1) != 0) c.registers.gpr[i] = static_cast<std::uint32_t>(source.number(4));
  if (open.flags)
    c.registers.eflags = (c.registers.eflags & ~kArithmetic) | (static_cast<std::uint32_t>(source.bits()) & kArithmetic);
  const auto runs = c.patches.runs();
  for (std::size_t i = 0; i < open.memory.size() && i < runs.size(); ++i)
    if (open.memory[i] != Open::kFixed) fill(source, open.memory[i], c.patches.bytes_of(runs[i]));
  for (unsigned i = 0; i < 8; ++i) {
    if ((open.stack >> i & 1) == 0) continue;
    const unsigned at = FpuImage::kStack + 16 * i;
    std::uint64_t significand = 0;
    unsigned sign_exponent = 0xFFFF;
    if (open.stack_kind == Open::kFloat80) source.extended(significand, sign_exponent);
    else significand = source.lanes(open.stack_kind);
    c.fpu.set_quad(at, significand);
    c.fpu.set_word(at + 8, sign_exponent);
  }
  for (unsigned i = 0; i < 8; ++i) {
    if ((open.xmm >> i & 1) == 0) continue;
    c.fpu.set_quad(FpuImage::kXmm + 16 * i, source.lanes(open.xmm_kind));
    c.fpu.set_quad(FpuImage::kXmm + 16 * i + 8, source.lanes(open.xmm_kind));
  }
}

}  // namespace ringside::oracle
