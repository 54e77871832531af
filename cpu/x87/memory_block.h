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
  template <typename T>
  T read(std::uint32_t at) {
    return cpu_.read<T>(segment_, (offset_ + at) & mask_);
  }
  template <typename T>
  void write(std::uint32_t at, T value) {
    cpu_.write<T>(segment_, (offset_ + at) & mask_, value);
  }

 private:
  Cpu& cpu_;
  unsigned segment_;
  std::uint32_t offset_;
  std::uint32_t mask_;
};

/// A span that is checked as a whole before any byte of it moves.
class MemoryBlock {
 public:
  /// Every fault of the access happens here. `alignment` is what #AC looks at; at most one page long.
  MemoryBlock(Cpu& cpu, unsigned segment, std::uint32_t offset, unsigned size, unsigned alignment, Access access)
      : cpu_(cpu), user_(cpu.cpl == 3) {
    linear_ = cpu.linear_address(segment, offset, alignment, access);
    if (size > alignment) cpu.linear_address(segment, offset + size - 1, 1, access);
    const std::uint32_t last = linear_ + size - 1;
    const FastTlbEntry& fast = cpu.fast_tlb[user_ ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear_)];
    const std::uint32_t tag = access == Access::kWrite ? fast.write_tag : fast.read_tag;
    if (tag != (last & ~(kPageSize - 1))) {
      cpu.place_linear(linear_, 1, access, user_);
      if (((linear_ ^ last) & ~(kPageSize - 1)) != 0) cpu.place_linear(last, 1, access, user_);
    }
    if (cpu.debug_active) cpu.note_data_access(linear_, size, access);
  }
  template <typename T>
  T read(std::uint32_t at) {
    return cpu_.read_linear<T>(linear_ + at, user_);
  }
  template <typename T>
  void write(std::uint32_t at, T value) {
    cpu_.write_linear<T>(linear_ + at, value, user_);
  }

 private:
  Cpu& cpu_;
  std::uint32_t linear_;
  bool user_;
};

}  // namespace ringside::x87
