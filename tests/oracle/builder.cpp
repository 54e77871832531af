// Places in segments and memory operands.
#include "tests/oracle/builder.h"

namespace ringside::oracle {
namespace {

/// Linear ranges of writable pages without code.
struct Range {
  std::uint32_t first, size;
};
constexpr Range kWritable[] = {{kDataAt, 0x2000},        {kDataAt + 0x3000, 0x1000}, {kDataAt + 0x5000, 0x1000},
                               {kDataAt + 0xF000, 0x2000}, {kStackAt, 0x2000},         {kStackAt + 0xF000, 0x1000},
                               {kTopAt, 0x1000}};
/// Where one kind of page ends and another begins.
constexpr std::uint32_t kBorders[] = {kDataAt + 0x1000, kDataAt + 0x2000,  kDataAt + 0x3000,  kDataAt + 0x4000,
                                      kDataAt + 0x5000, kDataAt + 0x6000,  kDataAt + 0xF000,  kDataAt + 0x10000,
                                      kDataAt + 0x11000, kDataAt,          kStackAt + 0x1000, kStackAt + 0x2000,
                                      kStackAt + 0xF000, kStackAt + 0x10000, kTopAt,          0};

}  // namespace

std::uint32_t Builder::inside_offset(const SegmentView& v, unsigned size, bool address32) {
  for (unsigned attempt = 0; attempt < 12; ++attempt) {
    const Range range = random_.pick(kWritable);
    const std::uint32_t linear = range.first + random_.below(range.size - size);
    const std::uint32_t offset = linear - v.base;
    if (offset < v.first() || std::uint64_t{offset} + size - 1 > v.last()) continue;
    if (!address32 && offset > 0xFFFF) continue;
    return offset;
  }
  return address32 ? random_.word() : random_.below(0x10000);
}

std::uint32_t Builder::pick_offset(const SegmentView& v, unsigned size, bool address32) {
  const std::uint32_t mask = address32 ? 0xFFFFFFFF : 0xFFFF;
  const std::uint32_t choice = random_.below(100);
  if (choice < 62) {
    std::uint32_t offset = inside_offset(v, size, address32);
    if (random_.percent(60)) {
      const std::uint32_t aligned = (v.base + offset) & ~(size - 1);
      if (aligned - v.base <= offset) offset = aligned - v.base;
    }
    return offset & mask;
  }
  if (choice < 76) return (random_.pick(kBorders) - random_.below(size + 1) - v.base) & mask;
  if (choice < 86) {
    const std::uint32_t slack = random_.below(5);
    const std::uint32_t edge = random_.one_in(3) ? v.first() - 2 : v.last() - size - 1;
    return (edge + slack) & mask;
  }
  if (choice < 92) return mask - random_.below(size + 1);
  if (choice < 96) return (kDataAt + 0x2000 + random_.below(kPage) - v.base) & mask;
  return random_.word() & mask;
}

std::uint32_t Builder::pick_target(const SegmentView& code) {
  const std::uint32_t choice = random_.below(100);
  const std::uint32_t inside = kCodeAt + 0x400 + random_.below(0x3F0) - code.base;
  if (choice < 78) return inside;
  if (choice < 84) return code.last() - 2 + random_.below(5);
  if (choice < 90) return kCodeAt + (random_.one_in(2) ? 0x2000u : 0x10000u) - random_.below(4) - code.base;
  if (choice < 94) return inside | random_.word() << 16;
  if (choice < 97) return kDataAt + 0x4000 + random_.below(kPage) - code.base;
  return random_.word();
}

std::uint16_t Builder::pick_selector() {
  static constexpr std::uint8_t kLoadable[] = {16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 28, 29, 30, 31, 32, 36, 37, 38, 43};
  static constexpr std::uint8_t kCodes[] = {1, 2, 3, 4, 7, 8, 12, 47, 5, 6};
  static constexpr std::uint8_t kBad[] = {0, 9, 10, 11, 15, 25, 33, 44, 46, 48, 50, 100};
  unsigned selector = 0;
  const std::uint32_t choice = random_.below(100);
  if (choice < 55) selector = local(random_.pick(kLoadable));
  else if (choice < 66) selector = local(random_.pick(kCodes));
  else if (choice < 78) selector = local(random_.pick(kBad));
  else if (choice < 86) selector = random_.below(4);
  else if (choice < 93) selector = kFlatData;
  else if (choice < 97) selector = random_.below(15) << 3 | 3;
  else selector = random_.below(0x10000);
  if (random_.one_in(8)) selector = (selector & ~3u) | random_.below(4);
  // The last entry of Linux's table holds the host processor's number.
  if (selector >> 2 == 0x78 >> 2) selector ^= 0x40;
  return static_cast<std::uint16_t>(selector);
}

std::uint16_t Builder::pick_code_selector() {
  static constexpr std::uint8_t kCodes[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 47};
  unsigned selector = 0;
  const std::uint32_t choice = random_.below(100);
  if (choice < 70) selector = local(random_.pick(kCodes));
  else if (choice < 80) selector = kFlatCode;
  else selector = pick_selector();
  if (random_.one_in(10)) selector = (selector & ~3u) | random_.below(4);
  if ((selector & ~3u) == 0x30) selector += 8;  // 64-bit code
  return static_cast<std::uint16_t>(selector);
}

std::uint16_t Builder::pick_stack_selector() {
  static constexpr std::uint8_t kStacks[] = {36, 37, 37, 38, 39, 40, 41, 42, 45, 16, 16, 18, 17};
  return random_.percent(75) ? local(random_.pick(kStacks)) : pick_selector();
}

void Builder::set_register(unsigned r, unsigned size, std::uint32_t value) {
  if (size == 1) {
    const unsigned shift = r >= 4 ? 8 : 0;
    std::uint32_t& g = gpr(r & 3);
    g = (g & ~(0xFFu << shift)) | (value & 0xFF) << shift;
  } else if (size == 2) {
    gpr(r) = (gpr(r) & 0xFFFF0000) | (value & 0xFFFF);
  } else {
    gpr(r) = value;
  }
}

std::uint32_t Builder::wanted_offset(unsigned default_segment) {
  segment_ = override_ >= 0 ? static_cast<unsigned>(override_) : default_segment;
  const unsigned size = operand_size();
  return pick_offset(view(segment_), size == 0 ? 1 : size, address32_);
}

void Builder::emit_modrm() {
  const unsigned reg = form_.reg >= 0 ? static_cast<unsigned>(form_.reg) : random_.below(8);
  if (form_.modrm >= 0) {
    modrm_ = form_.modrm;
    byte(static_cast<unsigned>(modrm_));
    return;
  }
  const bool memory = form_.operand == Form::kMemory || (form_.operand == Form::kAny && random_.percent(55));
  if (memory) {
    emit_memory_operand(reg);
    return;
  }
  const unsigned rm = random_.below(8);
  modrm_ = static_cast<int>(0xC0 | reg << 3 | rm);
  byte(static_cast<unsigned>(modrm_));
  set_operand_register(reg, rm);
}

void Builder::emit_memory_operand(unsigned reg) {
  memory_ = true;
  for (unsigned attempt = 0; attempt < 16; ++attempt)
    if (address32_ ? try_address32(reg) : try_address16(reg)) {
      patch_operand();
      return;
    }
  // A direct address always does.
  offset_ = wanted_offset(kDS);
  modrm_ = static_cast<int>(reg << 3 | (address32_ ? 5 : 6));
  byte(static_cast<unsigned>(modrm_));
  bytes(offset_, address32_ ? 4 : 2);
  patch_operand();
}

bool Builder::try_address16(unsigned reg) {
  static constexpr std::uint8_t kBase[8] = {kEBX, kEBX, kEBP, kEBP, kESI, kEDI, kEBP, kEBX};
  static constexpr std::uint8_t kIndex[8] = {kESI, kEDI, kESI, kEDI, 8, 8, 8, 8};
  const unsigned mod = random_.below(3), rm = random_.below(8);
  if (mod == 0 && rm == 6) {
    offset_ = wanted_offset(kDS);
    modrm_ = static_cast<int>(reg << 3 | 6);
    byte(static_cast<unsigned>(modrm_));
    bytes(offset_, 2);
    return true;
  }
  const unsigned base = kBase[rm];
  if (mod < 2 && pinned(base)) return false;
  const std::uint32_t sum = gpr(base) + (kIndex[rm] < 8 ? gpr(kIndex[rm]) : 0u);
  offset_ = wanted_offset(base == kEBP ? kSS : kDS);
  std::uint32_t displacement = 0;
  if (mod == 1) displacement = static_cast<std::uint32_t>(static_cast<std::int8_t>(random_.byte()));
  if (mod == 2) displacement = offset_ - sum;
  const std::uint32_t error = offset_ - sum - displacement;
  if (mod < 2) set_register(base, 2, gpr(base) + error);
  addressed_ = static_cast<std::uint8_t>(addressed_ | 1u << base | (kIndex[rm] < 8 ? 1u << kIndex[rm] : 0u));
  modrm_ = static_cast<int>(mod << 6 | reg << 3 | rm);
  byte(static_cast<unsigned>(modrm_));
  if (mod != 0) bytes(displacement, mod);
  return true;
}

bool Builder::try_address32(unsigned reg) {
  const unsigned mod = random_.below(3), rm = random_.below(8);
  const bool sib = rm == 4;
  const unsigned base = sib ? random_.below(8) : rm;
  const unsigned index = sib ? random_.below(8) : 4u;
  const unsigned scale = random_.below(4);
  const bool no_base = base == 5 && mod == 0;
  const bool displaced = mod == 2 || no_base;
  if (!displaced && (pinned(base) || base == index)) return false;
  // A wild index makes every address wild but for the register that is then adjusted; small ones are likelier in life.
  if (index != 4 && !pinned(index) && random_.percent(70)) gpr(index) = random_.below(64);
  const std::uint32_t sum = (no_base ? 0u : gpr(base)) + (index != 4 ? gpr(index) << scale : 0u);
  offset_ = wanted_offset(!no_base && (base == kESP || base == kEBP) ? kSS : kDS);
  std::uint32_t displacement = 0;
  if (mod == 1) displacement = static_cast<std::uint32_t>(static_cast<std::int8_t>(random_.byte()));
  if (displaced) displacement = offset_ - sum;
  if (!displaced) gpr(base) += offset_ - sum - displacement;
  addressed_ = static_cast<std::uint8_t>(addressed_ | (no_base ? 0u : 1u << base) | (index != 4 ? 1u << index : 0u));
  modrm_ = static_cast<int>(mod << 6 | reg << 3 | rm);
  byte(static_cast<unsigned>(modrm_));
  if (sib) byte(scale << 6 | index << 3 | base);
  if (displaced) bytes(displacement, 4);
  else if (mod == 1) byte(displacement & 0xFF);
  return true;
}

}  // namespace ringside::oracle
