// Where every case lives: linear memory, the segments of the local and the global descriptor table. The same on
// silicon and in the simulator. Vectors depend on it: what is changed here needs new vectors.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ringside::oracle {

constexpr std::uint32_t kPage = 4096;

/// Bases of the windows.
enum Window : std::uint32_t {
  kDataAt = 0x20000000,   ///< pages 0 1 3 5 15 16; page 2 is read-only, 4 and 6-14 are absent
  kStackAt = 0x20100000,  ///< pages 0 1 15; page 14 is read-only
  kCodeAt = 0x20200000,   ///< pages 0 1 15, filled with HLT
  kTopAt = 0xFFFFF000,    ///< the last page
};

struct MappedPage {
  std::uint32_t linear;
  bool writable;
  bool code;
};
constexpr std::array<MappedPage, 15> kPages{{
    {kDataAt, true, false},           {kDataAt + 0x1000, true, false},  {kDataAt + 0x2000, false, false},
    {kDataAt + 0x3000, true, false},  {kDataAt + 0x5000, true, false},  {kDataAt + 0xF000, true, false},
    {kDataAt + 0x10000, true, false}, {kStackAt, true, false},          {kStackAt + 0x1000, true, false},
    {kStackAt + 0xE000, false, false}, {kStackAt + 0xF000, true, false}, {kCodeAt, true, true},
    {kCodeAt + 0x1000, true, true},   {kCodeAt + 0xF000, true, true},   {kTopAt, true, false},
}};
/// Index in kPages of the page that holds the address, -1 where nothing is mapped.
int page_index(std::uint32_t linear);
/// What memory holds before the patches.
std::uint8_t background(std::uint32_t linear);
constexpr std::uint8_t kSentinel = 0xF4;  ///< HLT: #GP(0) at CPL 3

/// An entry of the local descriptor table, in the terms of Linux's user_desc. All are of DPL 3.
struct LocalSegment {
  enum Kind : std::uint8_t { kEmpty, kData, kExpandDown, kCode, kConforming };
  Kind kind = kEmpty;
  std::uint32_t base = 0;
  std::uint32_t limit = 0;  ///< 20 bits
  bool pages = false;
  bool big = false;
  bool restricted = false;  ///< read-only data, execute-only code
  bool present = true;
  bool available = false;   ///< the AVL bit
};
constexpr unsigned kLocalCount = 48;
std::span<const LocalSegment, kLocalCount> local_segments();
/// Its eight bytes, the accessed bit set.
std::uint64_t raw_descriptor(const LocalSegment& segment);
constexpr std::uint16_t local(unsigned index) { return static_cast<std::uint16_t>(index << 3 | 7); }

/// The selectors of Linux's global descriptor table that cases may use, and what they mean in ours.
constexpr std::uint16_t kFlatCode = 0x23;
constexpr std::uint16_t kFlatData = 0x2B;
constexpr unsigned kGlobalCount = 16;
std::uint64_t global_descriptor(unsigned index);
/// Selector 78h of Linux's table has the number of the host's processor as its limit: 0 unless told otherwise. To be
/// told before the first simulated processor is made.
void set_host_processor(unsigned number);

/// The upper half of ESP where SS is a 16-bit segment: one of these (what silicon.cpp can set).
constexpr std::array<std::uint16_t, 8> kEspHighs{0, 1, 0x2010, 0x5A5A, 0x7FFF, 0x8000, 0xABCD, 0xFFFF};

/// The hidden part that a selector of either table stands for.
struct SegmentView {
  std::uint32_t base = 0;
  std::uint32_t limit = 0;  ///< granularity applied
  bool usable = false;      ///< present code or data of DPL 3
  bool code = false, writable = false, readable = false, expand_down = false, big = false;
  /// First and last valid offset.
  std::uint32_t first() const { return expand_down ? limit + 1 : 0; }
  std::uint32_t last() const { return !expand_down ? limit : big ? 0xFFFFFFFF : 0xFFFF; }
  bool empty() const { return expand_down && limit >= last(); }
};
SegmentView view_of(std::uint16_t selector);

}  // namespace ringside::oracle
