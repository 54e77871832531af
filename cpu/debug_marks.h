// What a debugger wants to be asked about: code addresses and memory ranges. Marked code is never kept as a decoded
// block and watched pages get no fast TLB tags, so that what is not marked runs as if nothing were; see block_cache.cpp
// and Cpu::fill_fast_tlb. What lies beside a watched range, on its page, is told apart by a bit map of small pieces. Not
// state: no guest can see any of it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "memory/physical_memory.h"

namespace ringside {

struct Cpu;

enum WatchKind : std::uint8_t { kWatchRead = 1, kWatchWrite = 2 };

/// A data access of an instruction or a delivery, which has passed every check and is about to be made.
struct WatchedAccess {
  std::uint32_t linear = 0;
  PhysAddr physical = 0;
  std::uint8_t size = 0;
  bool write = false;
};

/// Whom the processor asks. Changes nothing in it but Cpu::request_exit().
class DebugHook {
 public:
  virtual ~DebugHook() = default;
  /// The processor stands at a marked instruction and would execute it now. True: leave the run instead.
  virtual bool stop_before_instruction() = 0;
  /// An access meets a watched range. `linear` and `physical` belong together: a piece on one page.
  virtual void watched(const WatchedAccess& access) = 0;
};

/// Addresses in order, with a bit map in front that nearly always has the answer.
template <typename Address, unsigned kFilterBits>
class AddressSet {
 public:
  void assign(std::vector<Address> addresses);
  bool empty() const { return sorted_.empty(); }
  bool contains(Address a) const { return filter_[a & (kSlots - 1)] && search(a); }
  /// Whether one lies in [first, first + size).
  bool meets(Address first, std::uint64_t size) const;

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << kFilterBits;
  bool search(Address a) const;
  std::vector<Address> sorted_;
  std::bitset<kSlots> filter_;
};

struct WatchRange {
  std::uint64_t first = 0, last = 0;  ///< inclusive
  bool physical = false;
  std::uint8_t kinds = 0;             ///< WatchKind
};

class DebugMarks {
 public:
  explicit DebugMarks(DebugHook& hook) : hook_(hook) {}

  /// Each replaces what was there. Cpu::marks_changed() must follow.
  void set_code(std::vector<std::uint32_t> linear, std::vector<std::uint32_t> eip, std::vector<PhysAddr> physical);
  void set_watches(std::vector<WatchRange> ranges);
  bool empty() const { return !any_code_ && ranges_.empty(); }

  /// Whether the instruction at these addresses is marked.
  bool code_at(std::uint32_t linear, std::uint32_t eip, PhysAddr physical) const {
    return any_code_ && (linear_.contains(linear) || eip_.contains(eip) || physical_.contains(physical));
  }
  /// The same at the processor's CS:EIP, without side effects.
  bool code_here(const Cpu& cpu) const;
  /// Whether a marked instruction could begin in a block.
  bool code_in(std::uint32_t linear, std::uint32_t eip, PhysAddr physical, std::uint32_t bytes) const;

  /// WatchKinds for which this page must be left to the slow path.
  unsigned watched_page(std::uint32_t linear, PhysAddr physical) const {
    return ranges_.empty() ? 0u : linear_pages_[linear >> kPageShift] | physical_pages_[physical >> kPageShift & (kPages - 1)];
  }
  /// Whether this page is watched at its physical address, of which an access by a fast TLB entry knows nothing.
  bool watched_frame(PhysAddr physical) const {
    return !ranges_.empty() && physical_pages_[physical >> kPageShift & (kPages - 1)] != 0;
  }
  /// Whether an access of at most 16 bytes may meet a range of linear addresses.
  bool near(std::uint32_t linear, unsigned size) const { return chunks_[chunk(linear)] || chunks_[chunk(linear + size - 1u)]; }
  /// Tells the hook, if the piece meets a range. For linear addresses of no meaning (page walks), `linear_known` is false.
  void note(const WatchedAccess& access, bool linear_known = true) const {
    if (!ranges_.empty() && maybe_watched(access)) note_exactly(access, linear_known);
  }
  DebugHook& hook() const { return hook_; }

 private:
  static constexpr unsigned kChunkShift = 4;  // no smaller than the largest access
  static constexpr std::size_t kChunkSlots = 1 << 16;
  static std::size_t chunk(std::uint64_t address) { return address >> kChunkShift & (kChunkSlots - 1); }
  bool maybe_watched(const WatchedAccess& a) const {
    return a.size > 1u << kChunkShift || near(a.linear, a.size) || chunks_[chunk(a.physical)] ||
           chunks_[chunk(a.physical + a.size - 1u)];
  }
  void note_exactly(const WatchedAccess& access, bool linear_known) const;

  DebugHook& hook_;
  bool any_code_ = false;
  AddressSet<std::uint32_t, 16> linear_;
  AddressSet<std::uint32_t, 16> eip_;
  AddressSet<PhysAddr, 12> physical_;
  std::vector<WatchRange> ranges_;
  static constexpr std::size_t kPages = PhysicalMemory::kSpan >> kPageShift;
  std::vector<std::uint8_t> linear_pages_, physical_pages_;  // WatchKinds of every page; empty without a range
  std::bitset<kChunkSlots> chunks_;
};

}  // namespace ringside
