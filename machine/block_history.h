// What blocks of bytes - pages of RAM, pieces of video memory, disk sectors - held at the checkpoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "devices/event_queue.h"
#include "memory/host_pages.h"

namespace ringside {

/// Blocks of one size from large slabs; what is given back is used again.
class BlockPool {
 public:
  explicit BlockPool(std::size_t block_size) : block_size_(block_size) {}

  std::uint8_t* take(const std::uint8_t* bytes);
  void give_back(std::uint8_t* block);
  std::size_t used_bytes() const { return used_ * block_size_; }

 private:
  static constexpr std::size_t kSlabBytes = std::size_t{1} << 20;

  std::size_t block_size_;
  std::vector<std::unique_ptr<HostPages>> slabs_;
  std::vector<std::uint8_t*> free_;
  std::size_t used_ = 0;
};

/// A block has a version at a checkpoint only where it differs from the checkpoint before; versions are named by their
/// checkpoint's tick. No bytes (nullptr) stand for what the owner says: a page of zeros, a sector never written.
/// Before its first version a block is in that state too.
class BlockHistory {
 public:
  explicit BlockHistory(std::size_t block_size) : block_size_(block_size), pool_(block_size) {}

  /// What the block held at the checkpoint of this tick.
  const std::uint8_t* at(std::uint64_t block, Tick tick) const;

  struct Recorded {
    bool here = false;  ///< a version was made
    bool next = false;  ///< and one at the next checkpoint, which has relied on an earlier one until now
  };
  /// Makes the version of a checkpoint where it differs from the one before. `next`: the checkpoint after this one, or
  /// kNever.
  Recorded record(std::uint64_t block, Tick tick, Tick next, const std::uint8_t* bytes);

  /// The checkpoint `from` goes; `next` is the one after it (kNever: none). True where its version is that of
  /// `next` now.
  bool forget(std::uint64_t block, Tick from, Tick next);

  std::size_t block_size() const { return block_size_; }
  std::size_t memory_used() const { return pool_.used_bytes() + versions_ * kVersionBytes; }

 private:
  struct Version {
    Tick tick;
    std::uint8_t* bytes;
  };
  static constexpr std::size_t kVersionBytes = 32;  // with its share of the vector and the map

  std::uint8_t* copy(const std::uint8_t* bytes) { return bytes == nullptr ? nullptr : pool_.take(bytes); }

  std::size_t block_size_;
  BlockPool pool_;
  std::size_t versions_ = 0;
  std::unordered_map<std::uint64_t, std::vector<Version>> blocks_;
};

}  // namespace ringside
