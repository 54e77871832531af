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

/// Three words from which every arithmetic flag follows without knowing which instruction set them, so
/// that a producer costs two exclusive-ors and a consumer no dispatch:
///
///   result   ZF: bits 0..31 are 0.  SF: bit 63.  PF: even parity of bits 0..7 xor bits 32..39.
///            (A sign-extended 32-bit result gives all three: bits 32..39 are then 00h or FFh, both of
///            even parity. The upper half is free to express what no result has, as ZF with SF.)
///   carry    CF: bit 32.
///   vector   the carries into each bit, a ^ b ^ (a + b): AF is bit 4, OF is bit 32 xor bit 31.
///
/// For 8 and 16 bits carry and vector are shifted up so that the carry out still is bit 32; the vector's
/// bit 4 is kept in place.
struct LazyFlags {
  std::uint64_t result = 1;
  std::uint64_t carry = 0;
  std::uint64_t vector = 0;

  bool cf() const { return (carry >> 32 & 1) != 0; }
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

  void set_cf(bool cf) { carry = static_cast<std::uint64_t>(cf) << 32; }
  /// OF and AF together, since they share a word.
  void set_of_af(bool of, bool af) {
    vector = static_cast<std::uint64_t>(of) << 31 | static_cast<std::uint64_t>(af) << 4;
  }
  void set_of(bool of) { set_of_af(of, af()); }
  void set_af(bool af) { set_of_af(of(), af); }
  /// ZF, SF and PF in any combination.
  void set_zsp(bool zf, bool sf, bool pf) {
    // Bits 1 and 0 of the low byte make a non-zero value; bit 32 then corrects the parity.
    const std::uint64_t low = zf ? 0 : 1;
    const bool even = zf;
    result = low | static_cast<std::uint64_t>(sf) << 63 | static_cast<std::uint64_t>(even != pf) << 32;
  }
  void set_zf(bool zf) { set_zsp(zf, sf(), pf()); }
  void set_sf(bool sf) { set_zsp(zf(), sf, pf()); }
  void set_pf(bool pf) { set_zsp(zf(), sf(), pf); }

  /// Takes the six flags from an EFLAGS image.
  void set_word(std::uint32_t flags) {
    set_cf((flags & kCF) != 0);
    set_of_af((flags & kOF) != 0, (flags & kAF) != 0);
    set_zsp((flags & kZF) != 0, (flags & kSF) != 0, (flags & kPF) != 0);
  }
};

}  // namespace ringside
