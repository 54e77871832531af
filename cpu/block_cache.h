// Decoded blocks: made, found, linked, and cut off when the code under them changes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cpu/fast/block_code.h"
#include "cpu/op.h"
#include "memory/host_pages.h"
#include "memory/physical_memory.h"

namespace ringside {

class DebugMarks;

/// Where an indirect branch to `eip` went last time.
struct JumpCacheEntry {
  std::uint32_t eip;
  Block* block;
};

/// What the caches did since power-on, for people who look. No state: nothing in the guest depends on it.
struct CacheCounters {
  std::uint64_t decoded = 0;         ///< blocks
  std::uint64_t cut_by_writes = 0;   ///< blocks, by self-modifying code and by DMA
  std::uint64_t flushes = 0;         ///< of all blocks
  std::uint64_t tlb_hits = 0, tlb_misses = 0;  ///< look-ups that the inline probe left to the exact path
  std::uint64_t tlb_flushes = 0, tlb_invalidations = 0;
  struct Cut {
    PhysAddr written = 0;            ///< where
    std::uint32_t size = 0;
    std::uint32_t linear = 0;        ///< of the block that went
    std::uint32_t instructions = 0;
  };
  static constexpr unsigned kCuts = 32;
  std::array<Cut, kCuts> cuts{};     ///< the latest, number n at n % kCuts
};

constexpr unsigned kJumpCacheEntries = 4096;
constexpr unsigned kReturnStackEntries = 16;

/// All of it may be dropped at any instruction without changing what the guest does.
class BlockCache final : public MemoryListener {
 public:
  explicit BlockCache(Cpu& cpu);
  ~BlockCache() override;
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  /// The block at the present CS:EIP, decoded if need be; nullptr where the instruction there cannot be
  /// kept (it crosses a page, or lies in memory without host bytes). Faults as the fetch does.
  Block* find();

  /// Bytes of a physical page changed: cuts off the blocks that overlap them.
  void code_written(PhysAddr address, std::uint32_t size) override;
  /// Cached host pointers may be wrong: fast TLB entries and blocks go.
  void mapping_changed() override;
  /// Code stays as it is, but stores must come through PhysicalMemory's marks again.
  void writes_forgotten() override;
  /// Cuts off the blocks that hold a marked instruction.
  void cut_marked(const DebugMarks& marks);
  /// Forgets everything.
  void flush();
  /// Forgets where branches, calls and returns went, but keeps the blocks: the processor goes on elsewhere.
  void forget_paths();

  /// Gives a warm block host code of its own.
  void copy_handlers(Block& block) { code_.copy(block); }
  /// Whether warm blocks get such code, where the host allows it, and after how many entries (1 or more). No guest
  /// can tell; on from the start.
  void set_copying(bool on, std::uint32_t warm_after = fast::kWarmAfter);
  const fast::BlockCode& copies() const { return code_; }

  /// The block at this physical page, and those that follow by `next_in_page`; nullptr where there is none.
  const Block* first_in_page(std::uint32_t frame) const {
    const auto found = pages_.find(frame);
    return found == pages_.end() ? nullptr : found->second;
  }
  std::size_t pages() const { return pages_.size(); }
  std::size_t bytes_used() const { return used_; }

  /// A small number for a code segment limit, part of the mode key: blocks never reach beyond their limit.
  std::uint32_t limit_number(std::uint32_t limit);

  static unsigned jump_slot(std::uint32_t eip) { return (eip ^ eip >> 12) & (kJumpCacheEntries - 1); }

  std::array<JumpCacheEntry, kJumpCacheEntries> jump_cache;
  /// Continuation ops of the calls under way, a ring.
  std::array<const Op*, kReturnStackEntries> return_stack;
  /// Never enterable; what links point to before they are made.
  Block unresolved{};
  Op unresolved_return{};

  CacheCounters counters;

 private:
  static constexpr std::size_t kArenaBytes = std::size_t{48} << 20;
  static constexpr std::size_t kHashSlots = 1 << 16;
  static constexpr unsigned kMaxBlockOps = 64;

  static std::size_t hash(PhysAddr address, std::uint32_t linear, std::uint32_t mode);
  Block* decode_block(PhysAddr address, std::uint32_t linear);
  Block* allocate(unsigned ops);
  void finish_block(Block* block, unsigned count, std::uint32_t next_eip);
  void kill(Block* block);

  Cpu& cpu_;
  HostPages arena_;
  std::size_t used_ = 0;
  fast::BlockCode code_;
  bool copying_ = true;
  std::uint32_t warm_after_ = fast::kWarmAfter;
  std::vector<Block*> hash_;
  std::unordered_map<std::uint32_t, Block*> pages_;  // physical page -> its blocks
  std::vector<std::uint32_t> limits_;
};

}  // namespace ringside
