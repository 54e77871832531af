// Segment registers with their hidden parts.
#pragma once

#include <cstdint>

namespace ringside {

enum SegReg : std::uint8_t { kES, kCS, kSS, kDS, kFS, kGS, kSegCount, kNoSeg = 7 };

/// Bits of a descriptor's access byte, SDM Vol. 3A, "Segment Descriptors".
enum DescriptorAccess : std::uint8_t {
  kAccessed = 1 << 0,
  kWritable = 1 << 1,    ///< data; for code: readable
  kExpandDown = 1 << 2,  ///< data; for code: conforming
  kCode = 1 << 3,
  kNotSystem = 1 << 4,   ///< S: code or data
  kDplMask = 3 << 5,
  kPresent = 1 << 7,
};

/// A segment register: selector and hidden part.
struct Segment {
  std::uint32_t base = 0;
  std::uint32_t limit = 0xFFFF;   ///< last valid offset (expand-down: last invalid), granularity applied
  /// Derived by `derive()`: an access of n bytes at offset o needs no further look at the segment
  /// if o + n <= bound (in 64 bits). 0 where every access needs the exact checks.
  std::uint64_t read_bound = 0x10000;
  std::uint64_t write_bound = 0x10000;
  std::uint16_t selector = 0;
  std::uint8_t access = kPresent | kNotSystem | kWritable | kAccessed;
  std::uint8_t big = 0;           ///< D/B bit: 1 is 32 bits
  std::uint8_t usable = 1;        ///< 0 after a null selector was loaded
  std::uint8_t pad[3] = {};

  unsigned dpl() const { return access >> 5 & 3; }
  unsigned rpl() const { return selector & 3; }
  bool is_code() const { return (access & kCode) != 0; }
  bool conforming() const { return is_code() && (access & kExpandDown) != 0; }
  bool expand_down() const { return !is_code() && (access & kExpandDown) != 0; }
  bool readable() const { return !is_code() || (access & kWritable) != 0; }
  bool writable() const { return !is_code() && (access & kWritable) != 0; }

  /// Recomputes the bounds; to be called after every change of the hidden part.
  void derive() {
    const bool plain = usable != 0 && (access & kPresent) != 0 && !expand_down();
    const std::uint64_t bound = plain ? std::uint64_t{limit} + 1 : 0;
    read_bound = readable() ? bound : 0;
    write_bound = writable() ? bound : 0;
  }
  /// Base 0 and 4 GiB: offsets are linear addresses.
  bool flat() const { return base == 0 && read_bound == std::uint64_t{1} << 32; }
  bool flat_writable() const { return base == 0 && write_bound == std::uint64_t{1} << 32; }
};
static_assert(sizeof(Segment) == 32);

struct TableRegister {
  std::uint32_t base = 0;
  std::uint16_t limit = 0xFFFF;
};

}  // namespace ringside
