#include "tests/oracle/layout.h"

namespace ringside::oracle {
namespace {

using L = LocalSegment;

constexpr std::array<LocalSegment, kLocalCount> make_segments() {
  std::array<LocalSegment, kLocalCount> t{};
  //       kind           base                limit   pages  big    restr. present
  t[1] = {L::kCode, kCodeAt, 0xFFFF, false, true};
  t[2] = {L::kCode, kCodeAt, 0xFFFF, false, false};
  t[3] = {L::kCode, kCodeAt, 0x07FF, false, false};
  t[4] = {L::kCode, kCodeAt, 0x17FF, false, true};
  t[5] = {L::kCode, kCodeAt, 0xFFFF, false, true, true};
  t[6] = {L::kCode, kCodeAt, 0xFFFF, false, false, true};
  t[7] = {L::kCode, 0, 0xFFFFF, true, true, false, true, true};
  t[8] = {L::kCode, 0, 0xFFFFF, true, false};
  t[9] = {L::kCode, kCodeAt, 0xFFFF, false, true, false, false};
  t[10] = {L::kCode, kCodeAt, 0xFFFF, false, false, false, false};
  t[11] = {L::kConforming, kCodeAt, 0xFFFF, false, true, false, false};
  t[12] = {L::kCode, kCodeAt + 0x13, 0xFFEC, false, false};
  t[13] = {L::kCode, 0xE0000000, 0xFFFFF, true, true};  // wraps at 4 GiB
  t[14] = {L::kCode, kCodeAt, 0x000F, false, true};
  t[16] = {L::kData, 0, 0xFFFFF, true, true};
  t[17] = {L::kData, kDataAt, 0xFFFF, false, false};
  t[18] = {L::kData, kDataAt, 0xFFFF, false, true};
  t[19] = {L::kData, kDataAt, 0x07FF, false, false};
  t[20] = {L::kData, kDataAt, 0x1FFF, false, true, false, true, true};
  t[21] = {L::kData, kDataAt, 0xFFFF, false, true, true};
  t[22] = {L::kExpandDown, kDataAt, 0x0FFF, false, true};
  t[23] = {L::kExpandDown, kDataAt, 0x0FFF, false, false};
  t[24] = {L::kExpandDown, kDataAt, 0x07FF, false, false, true};
  t[25] = {L::kData, kDataAt, 0xFFFF, false, true, false, false};
  t[26] = {L::kData, 0xF0000000, 0xFFFFF, true, true};
  t[27] = {L::kData, kDataAt + 7, 0xFFF0, false, true};
  t[28] = {L::kData, kTopAt, 0xFFFFF, false, true};
  t[29] = {L::kData, kDataAt, 0, false, true};
  t[30] = {L::kExpandDown, kDataAt, 0xFFFFF, true, true};  // no valid offset
  t[31] = {L::kExpandDown, kDataAt, 0xFFFF, false, false};
  t[32] = {L::kData, kDataAt, 0x1FFFF, false, false};
  t[36] = {L::kData, kStackAt, 0xFFFF, false, false};
  t[37] = {L::kData, kStackAt, 0xFFFF, false, true};
  t[38] = {L::kData, kStackAt, 0x1FFFF, false, false};
  t[39] = {L::kExpandDown, kStackAt, 0x0FFF, false, false};
  t[40] = {L::kExpandDown, kStackAt, 0x0FFF, false, true};
  t[41] = {L::kData, kStackAt, 0x0EFF, false, true};
  t[42] = {L::kData, kStackAt, 0x07FF, false, false};
  t[43] = {L::kData, kStackAt, 0xFFFF, false, true, true};
  t[44] = {L::kData, kStackAt, 0xFFFF, false, true, false, false};
  t[45] = {L::kData, kStackAt, 0xFFFFF, true, false};
  t[47] = {L::kCode, kCodeAt, 0x0FFF, false, false};
  return t;
}

constexpr std::array<LocalSegment, kLocalCount> kSegments = make_segments();

unsigned host_processor = 0;

}  // namespace

std::span<const LocalSegment, kLocalCount> local_segments() { return kSegments; }

int page_index(std::uint32_t linear) {
  const std::uint32_t page = linear & ~(kPage - 1);
  for (std::size_t i = 0; i < kPages.size(); ++i)
    if (kPages[i].linear == page) return static_cast<int>(i);
  return -1;
}

std::uint8_t background(std::uint32_t linear) {
  const int page = page_index(linear);
  if (page >= 0 && kPages[static_cast<std::size_t>(page)].code) return kSentinel;
  std::uint32_t h = linear * 0x9E3779B1u;
  h = (h ^ h >> 15) * 0x85EBCA77u;
  return static_cast<std::uint8_t>(h >> 24);
}

std::uint64_t raw_descriptor(const LocalSegment& s) {
  if (s.kind == L::kEmpty) return 0;
  const unsigned type = (s.kind == L::kExpandDown ? 4u : s.kind == L::kCode ? 8u : s.kind == L::kConforming ? 12u : 0u) |
                        (s.restricted ? 0u : 2u) | 1u;
  const std::uint64_t access = type | 0x10u | 3u << 5 | (s.present ? 0x80u : 0u);
  const std::uint64_t flags = (s.pages ? 8u : 0u) | (s.big ? 4u : 0u) | (s.available ? 1u : 0u);
  return (s.limit & 0xFFFFull) | (s.base & 0xFFFFFFull) << 16 | access << 40 | (s.limit >> 16 & 0xFull) << 48 |
         flags << 52 | static_cast<std::uint64_t>(s.base >> 24) << 56;
}

// Linux for x86-64: 32-bit kernel code, kernel code and data, the three of the user; the last one's limit is the host
// processor's number.
std::uint64_t global_descriptor(unsigned index) {
  switch (index) {
    case 1: return 0x00CF9B000000FFFF;
    case 2: return 0x00AF9B000000FFFF;
    case 3: return 0x00CF93000000FFFF;
    case 4: return 0x00CFFB000000FFFF;
    case 5: return 0x00CFF3000000FFFF;
    case 6: return 0x00AFFB000000FFFF;
    case 15: return 0x0040F50000000000 | host_processor;
    default: return 0;
  }
}

void set_host_processor(unsigned number) { host_processor = number & 0xFFF; }

SegmentView view_of(std::uint16_t selector) {
  SegmentView view;
  const unsigned index = selector >> 3;
  std::uint64_t raw = 0;
  if ((selector & 4) != 0) {
    if (index < kLocalCount) raw = raw_descriptor(kSegments[index]);
  } else if (index != 0 && index < kGlobalCount) {
    raw = global_descriptor(index);
  }
  const auto access = static_cast<unsigned>(raw >> 40 & 0xFF);
  if ((access & 0xF0) != 0xF0) return view;  // present, DPL 3, code or data
  view.usable = true;
  view.base = static_cast<std::uint32_t>((raw >> 16 & 0xFFFFFF) | (raw >> 56 << 24));
  view.limit = static_cast<std::uint32_t>((raw & 0xFFFF) | (raw >> 32 & 0xF0000));
  if ((raw >> 55 & 1) != 0) view.limit = view.limit << 12 | 0xFFF;
  view.code = (access & 8) != 0;
  view.writable = !view.code && (access & 2) != 0;
  view.readable = !view.code || (access & 2) != 0;
  view.expand_down = !view.code && (access & 4) != 0;
  view.big = (raw >> 54 & 1) != 0;
  return view;
}

}  // namespace ringside::oracle
