// Logical to linear addresses: the checks of segmentation.
#include "cpu/access.h"

namespace ringside {
namespace {

[[noreturn]] void segment_fault(Cpu& cpu, Cause cause, unsigned segment, std::uint32_t offset) {
  FaultDetail detail;
  detail.seg = static_cast<std::uint8_t>(segment);
  detail.offset = offset;
  detail.limit = cpu.seg[segment].limit;
  detail.selector = cpu.seg[segment].selector;
  cpu.raise(cause, 0, detail);
}

// SDM Vol. 3A, "Limit Checking" and "Type Checking".
void check_segment(Cpu& cpu, unsigned segment, std::uint32_t offset, unsigned size, Access access) {
  const Segment& s = cpu.seg[segment];
  const bool stack = segment == kSS;
  if (s.usable == 0) segment_fault(cpu, stack ? Cause::kSsSegmentNull : Cause::kGpSegmentNull, segment, offset);
  if (access == Access::kWrite && !s.writable())
    segment_fault(cpu, Cause::kGpSegmentNotWritable, segment, offset);
  if (access == Access::kRead && !s.readable())
    segment_fault(cpu, Cause::kGpSegmentNotReadable, segment, offset);
  const std::uint64_t last = std::uint64_t{offset} + size - 1;
  // A flat segment has no end: the access goes on at offset 0, as silicon has it. One of 4 GiB with another base has.
  const bool inside = s.expand_down() ? offset > s.limit && last <= (s.big != 0 ? 0xFFFFFFFFu : 0xFFFFu)
                                      : last <= s.limit || (s.limit == 0xFFFFFFFFu && s.base == 0);
  if (!inside) segment_fault(cpu, stack ? Cause::kSsSegmentLimit : Cause::kGpSegmentLimit, segment, offset);
}

}  // namespace

std::uint32_t Cpu::linear_address(unsigned segment, std::uint32_t offset, unsigned size, Access access) {
  const Segment& s = seg[segment];
  const std::uint64_t bound = access == Access::kWrite ? s.write_bound : s.read_bound;
  if (std::uint64_t{offset} + size > bound) check_segment(*this, segment, offset, size, access);
  const std::uint32_t linear = s.base + offset;
  // SDM Vol. 3A, "Alignment Check Exception (#AC)".
  if (exact_only && (linear & (size - 1)) != 0 && cpl == 3 && (cr0 & kCr0AM) != 0 && (system_flags & kAC) != 0) {
    FaultDetail detail;
    detail.linear = linear;
    detail.seg = static_cast<std::uint8_t>(segment);
    detail.offset = offset;
    raise(Cause::kAcMisaligned, 0, detail);
  }
  return linear;
}

Cpu::Place Cpu::place_linear(std::uint32_t linear, unsigned size, Access access, bool user) {
  Place place;
  place.linear = linear;
  place.size = static_cast<std::uint8_t>(size);
  const std::uint32_t in_page = kPageSize - (linear & (kPageSize - 1));
  place.first_size = static_cast<std::uint8_t>(in_page < size ? in_page : size);
  place.first = translate(linear, access, user);
  // The entry of a page that is watched in parts is as good as it gets.
  const FastTlbEntry& fast = fast_tlb[user ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  const std::uint32_t tag = access == Access::kWrite ? fast.write_tag : fast.read_tag;
  if (tag != ((linear & ~(kPageSize - 1)) | FastTlbEntry::kWatched)) fill_fast_tlb(linear, place.first, user, access == Access::kWrite);
  if (place.first_size < size) {
    place.second = translate(linear + place.first_size, access, user);
    fill_fast_tlb(linear + place.first_size, place.second, user, access == Access::kWrite);
  }
  return place;
}

Cpu::Place Cpu::place_for_write(unsigned segment, std::uint32_t offset, unsigned size) {
  // A read-modify-write needs a readable segment too; every writable one is.
  const std::uint32_t linear = linear_address(segment, offset, size, Access::kWrite);
  const Place place = place_linear(linear, size, Access::kWrite, cpl == 3);
  if (debug_active) note_data_access(linear, size, Access::kWrite);
  return place;
}

std::uint64_t Cpu::read_physical(PhysAddr address, unsigned size) {
  switch (size) {
    case 1: return memory.read8(address);
    case 2: return memory.read16(address);
    case 4: return memory.read32(address);
    case 8: return memory.read64(address);
    default: {
      std::uint64_t value = 0;
      for (unsigned i = 0; i < size; ++i) value |= std::uint64_t{memory.read8(address + i)} << (8 * i);
      return value;
    }
  }
}

void Cpu::write_physical(PhysAddr address, unsigned size, std::uint64_t value) {
  switch (size) {
    case 1: memory.write8(address, static_cast<std::uint8_t>(value)); break;
    case 2: memory.write16(address, static_cast<std::uint16_t>(value)); break;
    case 4: memory.write32(address, static_cast<std::uint32_t>(value)); break;
    case 8: memory.write64(address, value); break;
    default:
      for (unsigned i = 0; i < size; ++i) memory.write8(address + i, static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

}  // namespace ringside
