#include "cpu/simd/operands.h"

namespace ringside::simd {
namespace {

/// Alignment, then segment, then pages: #GP for the alignment comes before a limit's #SS. Alignment checking (#AC) has no
/// say: where the instruction minds #GP comes first, and where it does not the manual leaves #AC to the processor; the
/// one measured raises none.
std::uint32_t vector_address(Cpu& cpu, const Op& op, Alignment alignment, Access access) {
  const std::uint32_t offset = effective_offset(cpu, op);
  const std::uint32_t linear = cpu.seg[op.seg].base + offset;
  if (alignment == Alignment::k16 && (linear & 15) != 0) {
    FaultDetail detail;
    detail.seg = op.seg;
    detail.offset = offset;
    detail.linear = linear;
    cpu.raise(Cause::kGpSimdAlignment, 0, detail);
  }
  cpu.linear_address(op.seg, offset, 1, access);
  cpu.linear_address(op.seg, offset + 15, 1, access);
  // It wraps: beyond every limit but a flat segment's.
  if (offset > 0xFFFFFFF0u && !cpu.seg[op.seg].flat()) cpu.linear_address(op.seg, offset, 16, access);
  return linear;
}

const FastTlbEntry& fast_entry(const Cpu& cpu, std::uint32_t linear) {
  return cpu.fast_tlb[cpu.cpl == 3 ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
}
std::uint32_t tag_of(std::uint32_t linear) { return (linear + 15) & ~(kPageSize - 1); }

PhysAddr byte_of(const Cpu::Place& place, unsigned i) {
  return i < place.first_size ? place.first + i : place.second + (i - place.first_size);
}

}  // namespace

Vector128 read_vector(Cpu& cpu, const Op& op, Alignment alignment) {
  const std::uint32_t linear = vector_address(cpu, op, alignment, Access::kRead);
  Vector128 value;
  const FastTlbEntry& fast = fast_entry(cpu, linear);
  if (fast.read_tag == tag_of(linear)) {
    __builtin_memcpy(value.q, reinterpret_cast<const void*>(fast.addend + linear), 16);
  } else {
    const Cpu::Place place = cpu.place_linear(linear, 16, Access::kRead, cpu.cpl == 3);
    if (cpu.marks != nullptr) cpu.note_watched(place, false);
    if (place.first_size == 16) {
      value.q[0] = cpu.read_physical(place.first, 8);
      value.q[1] = cpu.read_physical(place.first + 8, 8);
    } else {
      for (unsigned i = 0; i < 16; ++i)
        value.set_lane<std::uint8_t>(i, static_cast<std::uint8_t>(cpu.read_physical(byte_of(place, i), 1)));
    }
  }
  if (cpu.debug_active) cpu.note_data_access(linear, 16, Access::kRead);
  return value;
}

void write_vector(Cpu& cpu, const Op& op, const Vector128& value, Alignment alignment) {
  const std::uint32_t linear = vector_address(cpu, op, alignment, Access::kWrite);
  const FastTlbEntry& fast = fast_entry(cpu, linear);
  if (fast.write_tag == tag_of(linear)) {
    __builtin_memcpy(reinterpret_cast<void*>(fast.addend + linear), value.q, 16);
  } else {
    const Cpu::Place place = cpu.place_linear(linear, 16, Access::kWrite, cpu.cpl == 3);
    if (cpu.marks != nullptr) cpu.note_watched(place, true);
    if (place.first_size == 16) {
      cpu.write_physical(place.first, 8, value.q[0]);
      cpu.write_physical(place.first + 8, 8, value.q[1]);
    } else {
      for (unsigned i = 0; i < 16; ++i) cpu.write_physical(byte_of(place, i), 1, value.lane<std::uint8_t>(i));
    }
  }
  if (cpu.debug_active) cpu.note_data_access(linear, 16, Access::kWrite);
}

}  // namespace ringside::simd
