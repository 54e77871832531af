// Operands of more than eight bytes.
#pragma once

#include "cpu/access.h"
#include "cpu/cpu.h"

namespace ringside::x87 {

/// An operand that moves part by part in ascending order, each part with checks of its own and its offset wrapped at
/// the address size: what lies before a part that faults has been moved. So silicon does it with m80, the
/// environment and the saved state.
class MemoryParts {
 public:
  MemoryParts(Cpu& cpu, const Op& op)
      : cpu_(cpu), segment_(op.seg), offset_(effective_offset(cpu, op)),
        mask_((op.flags & kAddress32) != 0 ? 0xFFFFFFFFu : 0xFFFFu) {}
  /// Environments and saved states: silicon tries the first part, then the last byte, before anything moves, so that
  /// only wrapping ones are ever moved in part.
  void probe_ends(unsigned part, std::uint32_t size, Access access) {
    probe(0, part, access);
    probe(size - 1, 1, access);
  }
  void probe(std::uint32_t at, unsigned size, Access access) {
    const std::uint32_t linear = cpu_.linear_address(segment_, (offset_ + at) & mask_, size, access);
    cpu_.place_linear(linear, size, access, cpu_.cpl == 3);
  }
  template <typename T>
  T read(std::uint32_t at) {
    return cpu_.read<T>(segment_, (offset_ + at) & mask_);
  }
  template <typename T>
  void write(std::uint32_t at, T value) {
    cpu_.write<T>(segment_, (offset_ + at) & mask_, value);
  }

  /// The same without alignment checking.
  template <typename T>
  T read_loose(std::uint32_t at) {
    return cpu_.read_linear<T>(loose(at, sizeof(T), Access::kRead), cpu_.cpl == 3);
  }
  template <typename T>
  void write_loose(std::uint32_t at, T value) {
    cpu_.write_linear<T>(loose(at, sizeof(T), Access::kWrite), value, cpu_.cpl == 3);
  }

 private:
  std::uint32_t loose(std::uint32_t at, unsigned size, Access access) {
    const std::uint32_t offset = (offset_ + at) & mask_;
    cpu_.linear_address(segment_, offset + size - 1, 1, access);
    const std::uint32_t linear = cpu_.linear_address(segment_, offset, 1, access);
    if (cpu_.debug_active) cpu_.note_data_access(linear, size, access);
    return linear;
  }

  Cpu& cpu_;
  unsigned segment_;
  std::uint32_t offset_;
  std::uint32_t mask_;
};

}  // namespace ringside::x87
