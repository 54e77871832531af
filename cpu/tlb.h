// The translation look-aside buffers: the part that a guest can observe, and the part that is only speed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "memory/physical_memory.h"
#include "memory/state_visitor.h"

namespace ringside {

/// What the inline probe of a fast handler compares: the tag is the page's linear address, or kNone where the access
/// must take the exact path. Host address = linear + addend.
struct FastTlbEntry {
  /// No probe equals it: they keep the number of the page, and those of aligned operands also bits 0 to 3.
  static constexpr std::uint32_t kNone = 0x10;
  /// In a tag: parts of the page are watched (DebugMarks), so that the fast path must not take it. No tag that is looked
  /// for has this bit.
  static constexpr std::uint32_t kWatched = 0x800;
  std::uint32_t read_tag = kNone;
  std::uint32_t write_tag = kNone;
  std::uint64_t addend = 0;
};
static_assert(sizeof(FastTlbEntry) == 16);

/// A translation that the processor remembers: state, because a guest that changes its page tables and
/// forgets INVLPG goes on seeing it.
struct TlbEntry {
  std::uint32_t page = 1;        ///< linear address of the page; 1: empty
  std::uint32_t frame = 0;       ///< number of the physical page
  bool user = false;             ///< U/S of all levels
  bool writable = false;         ///< R/W of all levels
  bool dirty = false;            ///< D was set by this processor or found set
  bool global = false;
  bool large = false;            ///< a 4 KiB piece of a 2 or 4 MiB page
};

/// A direct-mapped TLB of N translations, with a list of the filled ones, so that a flush costs what was used.
template <unsigned N>
class TlbArray {
 public:
  static constexpr unsigned kEntries = N;
  static unsigned index(std::uint32_t linear) { return linear >> kPageShift & (N - 1); }

  /// nullptr on a miss.
  TlbEntry* find(std::uint32_t linear) {
    TlbEntry& e = entries_[index(linear)];
    return e.page == (linear & ~(kPageSize - 1)) ? &e : nullptr;
  }
  void fill(const TlbEntry& entry) {
    const unsigned i = index(entry.page);
    drop(i);
    if (!listed_[i]) {
      listed_[i] = true;
      filled_.push_back(static_cast<std::uint16_t>(i));
    }
    if (entry.large) ++large_[entry.page >> 22];
    entries_[i] = entry;
  }
  /// Empties one entry.
  void drop(unsigned i) {
    TlbEntry& e = entries_[i];
    if (e.page != 1 && e.large) --large_[e.page >> 22];
    e.page = 1;
  }
  /// Whether pieces of large pages lie in the 4 MiB around `linear`.
  bool has_large(std::uint32_t linear) const { return large_[linear >> 22] != 0; }
  const std::vector<std::uint16_t>& filled() const { return filled_; }
  const TlbEntry* entries() const { return entries_.data(); }
  TlbEntry& at(unsigned i) { return entries_[i]; }
  const TlbEntry& at(unsigned i) const { return entries_[i]; }
  /// Empties all entries, or all that are not global; `dropped(i)` is told of each.
  template <typename F>
  void flush(bool keep_global, F&& dropped) {
    std::size_t kept = 0;
    for (const std::uint16_t i : filled_) {
      const TlbEntry& e = entries_[i];
      if (keep_global && e.page != 1 && e.global) {
        filled_[kept++] = i;
        continue;
      }
      drop(i);
      listed_[i] = false;
      dropped(i);
    }
    filled_.resize(kept);
  }
  void visit(StateVisitor& v);

 private:
  std::array<TlbEntry, N> entries_{};
  std::array<bool, N> listed_{};
  std::array<std::uint16_t, 1024> large_{};  // pieces of large pages in each 4 MiB
  std::vector<std::uint16_t> filled_;
};

template <unsigned N>
void TlbArray<N>::visit(StateVisitor& v) {
  if (v.loading()) {
    filled_.clear();
    listed_.fill(false);
    large_.fill(0);
  }
  for (unsigned i = 0; i < N; ++i) {
    TlbEntry& e = entries_[i];
    v.field("page", e.page);
    if (e.page == 1) {
      e = TlbEntry{};
      continue;
    }
    v.field("frame", e.frame);
    v.field("user", e.user);
    v.field("writable", e.writable);
    v.field("dirty", e.dirty);
    v.field("global", e.global);
    v.field("large", e.large);
    if (v.loading()) {
      if ((e.page & (kPageSize - 1)) != 0 || index(e.page) != i) throw StateError("TLB entry in the wrong place");
      if (e.frame >= 1u << 24) throw StateError("TLB entry beyond the physical address space");
      listed_[i] = true;
      filled_.push_back(static_cast<std::uint16_t>(i));
      if (e.large) ++large_[e.page >> 22];
    }
  }
}

constexpr unsigned kDataTlbEntries = 1024;
constexpr unsigned kCodeTlbEntries = 256;

}  // namespace ringside
