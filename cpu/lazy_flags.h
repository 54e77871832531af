// The six arithmetic flags, kept as what they follow from.
#pragma once

#include <cstdint>

namespace ringside {

// EFLAGS bits, SDM Vol. 1, "EFLAGS Register".
constexpr std::uint32_t kCF = 1u << 0;
constexpr std::uint32_t kPF = 1u << 2;
constexpr std::uint32_t kAF = 1u << 4;
constexpr std::uint32_t kZF = 1u << 6;
constexpr std::uint32_t kSF = 1u << 7;
constexpr std::uint32_t kTF = 1u << 8;
constexpr std::uint32_t kIF = 1u << 9;
constexpr std::uint32_t kDF = 1u << 10;
constexpr std::uint32_t kOF = 1u << 11;
constexpr std::uint32_t kIOPL = 3u << 12;
constexpr std::uint32_t kNT = 1u << 14;
constexpr std::uint32_t kRF = 1u << 16;
constexpr std::uint32_t kVM = 1u << 17;
constexpr std::uint32_t kAC = 1u << 18;
constexpr std::uint32_t kVIF = 1u << 19;
constexpr std::uint32_t kVIP = 1u << 20;
constexpr std::uint32_t kID = 1u << 21;
constexpr std::uint32_t kArithmeticFlags = kCF | kPF | kAF | kZF | kSF | kOF;

/// Two words from which every arithmetic flag follows without knowing which instruction set them, so that a
/// producer costs two exclusive-ors and a consumer no dispatch:
///
///   result   ZF: bits 0..31 are 0.  SF: bit 63.  PF: even parity of bits 0..7 xor bits 32..39.
///            (A sign-extended 32-bit result gives all three: bits 32..39 are then 00h or FFh, both of
///            even parity. The upper half is free to express what no result has, as ZF with SF.)
///   vector   the carries into each bit, a ^ b ^ (a + b) in 64 bits: CF is bit 32, AF bit 4, and OF is
///            bit 32 xor bit 31. For 8 and 16 bits it is shifted up, so that the carry out still is bit 32;
///            bit 4 is kept in place. All other bits mean nothing.
struct LazyFlags {
  std::uint64_t result = 1;
  std::uint64_t vector = 0;

  bool cf() const { return (vector >> 32 & 1) != 0; }
  bool zf() const { return static_cast<std::uint32_t>(result) == 0; }
  bool sf() const { return static_cast<std::int64_t>(result) < 0; }
  bool of() const { return ((vector >> 32 ^ vector >> 31) & 1) != 0; }
  bool af() const { return (vector >> 4 & 1) != 0; }
  bool pf() const {
    // Folded to four bits; the constant is the table of their parities. (No call: fast handlers use this.)
    const std::uint64_t byte = result ^ result >> 32;
    return (0x9669 >> ((byte ^ byte >> 4) & 15) & 1) != 0;
  }

  /// The six flags in their EFLAGS places.
  std::uint32_t word() const {
    return (cf() ? kCF : 0) | (pf() ? kPF : 0) | (af() ? kAF : 0) | (zf() ? kZF : 0) | (sf() ? kSF : 0) |
           (of() ? kOF : 0);
  }

  void set_cf_of_af(bool cf, bool of, bool af) {
    vector = static_cast<std::uint64_t>(cf) << 32 | static_cast<std::uint64_t>(cf != of) << 31 |
             static_cast<std::uint64_t>(af) << 4;
  }
  /// OF stays: it is the difference of bits 31 and 32, so both change.
  void set_cf(bool cf) { vector ^= (std::uint64_t{3} << 31) * ((vector >> 32 & 1) ^ static_cast<std::uint64_t>(cf)); }
  void set_of(bool of) { vector ^= static_cast<std::uint64_t>(of != this->of()) << 31; }
  void set_af(bool af) { vector ^= static_cast<std::uint64_t>(af != this->af()) << 4; }
  void set_of_af(bool of, bool af) { set_cf_of_af(cf(), of, af); }
  /// Takes OF and AF from `other`, a carry vector, and keeps CF.
  void set_vector_but_cf(std::uint64_t other) {
    const std::uint64_t difference = (vector ^ other) >> 32 & 1;
    vector = other ^ difference * (std::uint64_t{3} << 31);
  }
  /// ZF, SF and PF in any combination.
  void set_zsp(bool zf, bool sf, bool pf) {
    // 1 has odd parity and is not zero, 0 is zero with even parity; bit 32 then corrects the parity.
    const std::uint64_t low = zf ? 0 : 1;
    const bool even = zf;
    result = low | static_cast<std::uint64_t>(sf) << 63 | static_cast<std::uint64_t>(even != pf) << 32;
  }
  void set_zf(bool zf) { set_zsp(zf, sf(), pf()); }
  void set_sf(bool sf) { set_zsp(zf(), sf, pf()); }
  void set_pf(bool pf) { set_zsp(zf(), sf(), pf); }

  /// Takes the six flags from an EFLAGS image.
  void set_word(std::uint32_t flags) {
    set_cf_of_af((flags & kCF) != 0, (flags & kOF) != 0, (flags & kAF) != 0);
    set_zsp((flags & kZF) != 0, (flags & kSF) != 0, (flags & kPF) != 0);
  }
};

}  // namespace ringside
