// A run of pushes that is checked as a whole before the first of them is made.
#pragma once

#include <cstdint>

#include "cpu/access.h"
#include "cpu/cpu.h"

namespace ringside {

/// Pushes onto the present stack, or onto that of an inner ring which is about to become the present one.
/// reserve() makes every check; push() after it has nothing left to refuse.
class StackWriter {
 public:
  /// The present stack.
  StackWriter(Cpu& cpu, unsigned item_size)
      : cpu_(cpu),
        ss_(cpu.seg[kSS]),
        esp_(cpu.gpr[kESP]),
        size_(item_size),
        user_(cpu.cpl == 3),
        present_(true) {}
  /// The stack of another ring; a lack of room raises #SS with its selector.
  StackWriter(Cpu& cpu, const Segment& ss, std::uint32_t esp, unsigned item_size, bool user)
      : cpu_(cpu), ss_(ss), esp_(esp), size_(item_size), user_(user), present_(false) {}

  void reserve(unsigned count);

  void push(std::uint32_t value) {
    const std::uint32_t at = (esp_ - size_) & mask();
    esp_ = (esp_ & ~mask()) | at;
    const std::uint32_t linear = ss_.base + at;
    if (size_ == 4) {
      cpu_.write_linear<std::uint32_t>(linear, value, user_);
    } else {
      cpu_.write_linear<std::uint16_t>(linear, static_cast<std::uint16_t>(value), user_);
    }
    if (cpu_.debug_active) cpu_.note_data_access(linear, size_, Access::kWrite);
  }
  std::uint32_t esp() const { return esp_; }

 private:
  std::uint32_t mask() const { return ss_.big != 0 ? 0xFFFFFFFFu : 0xFFFFu; }
  void check_item(std::uint32_t offset);

  Cpu& cpu_;
  const Segment& ss_;
  std::uint32_t esp_;
  unsigned size_;
  bool user_;
  bool present_;
};

/// Checks that a write would succeed, without doing it: a fast TLB entry proves it, else a page walk.
inline void check_linear_write(Cpu& cpu, std::uint32_t linear, unsigned size, bool user) {
  const FastTlbEntry& fast = cpu.fast_tlb[user ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  if (fast.write_tag == ((linear + size - 1) & ~(kPageSize - 1))) return;
  cpu.place_linear(linear, size, Access::kWrite, user);
}

}  // namespace ringside
