#include "cpu/debug_marks.h"

#include <algorithm>

#include "cpu/cpu.h"

namespace ringside {

// ===== Code ============================================================================================

template <typename Address, unsigned kFilterBits>
void AddressSet<Address, kFilterBits>::assign(std::vector<Address> addresses) {
  sorted_ = std::move(addresses);
  std::sort(sorted_.begin(), sorted_.end());
  filter_.reset();
  for (const Address a : sorted_) filter_[a & (kSlots - 1)] = true;
}

template <typename Address, unsigned kFilterBits>
bool AddressSet<Address, kFilterBits>::search(Address a) const {
  return std::binary_search(sorted_.begin(), sorted_.end(), a);
}

template <typename Address, unsigned kFilterBits>
bool AddressSet<Address, kFilterBits>::meets(Address first, std::uint64_t size) const {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), first);
  return at != sorted_.end() && *at - first < size;
}

template class AddressSet<std::uint32_t, 16>;
template class AddressSet<PhysAddr, 12>;

void DebugMarks::set_code(std::vector<std::uint32_t> linear, std::vector<std::uint32_t> eip,
                          std::vector<PhysAddr> physical) {
  any_code_ = !linear.empty() || !eip.empty() || !physical.empty();
  linear_.assign(std::move(linear));
  eip_.assign(std::move(eip));
  physical_.assign(std::move(physical));
}

bool DebugMarks::code_here(const Cpu& cpu) const {
  if (!any_code_) return false;
  const std::uint32_t linear = cpu.seg[kCS].base + cpu.eip;
  if (linear_.contains(linear) || eip_.contains(cpu.eip)) return true;
  if (physical_.empty()) return false;
  PhysAddr physical = 0;
  return cpu.peek_translate(linear, physical) && physical_.contains(physical & cpu.memory.a20_mask());
}

bool DebugMarks::code_in(std::uint32_t linear, std::uint32_t eip, PhysAddr physical, std::uint32_t bytes) const {
  return linear_.meets(linear, bytes) || eip_.meets(eip, bytes) || physical_.meets(physical, bytes);
}

// ===== Memory ==========================================================================================

void DebugMarks::set_watches(std::vector<WatchRange> ranges) {
  ranges_ = std::move(ranges);
  linear_pages_.assign(ranges_.empty() ? 0 : kPages, 0);
  physical_pages_.assign(ranges_.empty() ? 0 : kPages, 0);
  chunks_.reset();
  for (const WatchRange& r : ranges_) {
    auto& pages = r.physical ? physical_pages_ : linear_pages_;
    for (std::uint64_t page = r.first >> kPageShift; page <= std::min(r.last >> kPageShift, std::uint64_t{kPages - 1}); ++page)
      pages[page] |= r.kinds;
    const std::uint64_t chunks = (r.last >> kChunkShift) - (r.first >> kChunkShift) + 1;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(chunks, kChunkSlots); ++i)
      chunks_[chunk(r.first + (i << kChunkShift))] = true;
  }
}

void DebugMarks::note_exactly(const WatchedAccess& a, bool linear_known) const {
  const unsigned kind = a.write ? kWatchWrite : kWatchRead;
  for (const WatchRange& r : ranges_) {
    if ((r.kinds & kind) == 0 || (!r.physical && !linear_known)) continue;
    const std::uint64_t first = r.physical ? a.physical : a.linear;
    if (first > r.last || first + a.size - 1u < r.first) continue;
    hook_.watched(a);
    return;
  }
}

}  // namespace ringside
