#include "cpu/stack_writer.h"

#include "cpu/descriptor.h"

namespace ringside {

void StackWriter::reserve(unsigned count) {
  const std::uint32_t total = count * size_;
  const std::uint32_t top = esp_ & mask();
  const bool alignment_matters =
      present_ && user_ && (cpu_.cr0 & kCr0AM) != 0 && (cpu_.system_flags & kAC) != 0;
  if (top >= total && top <= ss_.write_bound && !alignment_matters) {
    // The common case: one plain run, and a fast TLB entry that proves the page, if it is one page.
    const std::uint32_t first = ss_.base + top - total;
    const FastTlbEntry& fast = cpu_.fast_tlb[user_ ? 1 : 0][TlbArray<kDataTlbEntries>::index(first)];
    if (fast.write_tag == ((first + total - 1) & ~(kPageSize - 1))) return;
  }
  // Segment limits of all items first, then their pages.
  for (unsigned i = 1; i <= count; ++i) check_item((esp_ - i * size_) & mask());
  for (unsigned i = 1; i <= count; ++i)
    check_linear_write(cpu_, ss_.base + ((esp_ - i * size_) & mask()), size_, user_);
}

void StackWriter::check_item(std::uint32_t offset) {
  if (present_) {
    cpu_.linear_address(kSS, offset, size_, Access::kWrite);
    return;
  }
  const std::uint64_t last = std::uint64_t{offset} + size_ - 1;
  if (last < ss_.write_bound) return;
  if (ss_.expand_down() && offset > ss_.limit && last <= mask()) return;
  FaultDetail detail;
  detail.selector = ss_.selector;
  detail.seg = kSS;
  detail.offset = offset;
  detail.limit = ss_.limit;
  cpu_.raise(Cause::kSsInnerStackLimit, selector_error(ss_.selector), detail);
}

}  // namespace ringside
