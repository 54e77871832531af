#include "machine/block_history.h"

#include <algorithm>
#include <cstring>

namespace ringside {

std::uint8_t* BlockPool::take(const std::uint8_t* bytes) {
  if (free_.empty()) {
    slabs_.push_back(std::make_unique<HostPages>(kSlabBytes, HostPages::Use::kWhole));
    for (std::size_t at = kSlabBytes; at >= block_size_; at -= block_size_)
      free_.push_back(slabs_.back()->as<std::uint8_t>() + at - block_size_);
  }
  std::uint8_t* block = free_.back();
  free_.pop_back();
  std::memcpy(block, bytes, block_size_);
  ++used_;
  return block;
}

void BlockPool::give_back(std::uint8_t* block) {
  if (block == nullptr) return;
  free_.push_back(block);
  --used_;
}

const std::uint8_t* BlockHistory::at(std::uint64_t block, Tick tick) const {
  const auto found = blocks_.find(block);
  if (found == blocks_.end()) return nullptr;
  const std::vector<Version>& versions = found->second;
  const auto after = std::upper_bound(versions.begin(), versions.end(), tick,
                                      [](Tick t, const Version& v) { return t < v.tick; });
  return after == versions.begin() ? nullptr : std::prev(after)->bytes;
}

BlockHistory::Recorded BlockHistory::record(std::uint64_t block, Tick tick, Tick next, const std::uint8_t* bytes) {
  const auto found = blocks_.find(block);
  if (found == blocks_.end() && bytes == nullptr) return {};
  std::vector<Version>& versions = found != blocks_.end() ? found->second : blocks_[block];
  auto after = std::upper_bound(versions.begin(), versions.end(), tick,
                                [](Tick t, const Version& v) { return t < v.tick; });
  const std::uint8_t* before = after == versions.begin() ? nullptr : std::prev(after)->bytes;
  const bool same = bytes == nullptr || before == nullptr ? bytes == before
                                                          : std::memcmp(bytes, before, block_size_) == 0;
  if (same) return {};
  Recorded recorded{.here = true};
  if (next != kNever && (after == versions.end() || after->tick > next)) {
    after = versions.insert(after, {next, copy(before)});
    ++versions_;
    recorded.next = true;
  }
  versions.insert(after, {tick, copy(bytes)});
  ++versions_;
  return recorded;
}

bool BlockHistory::forget(std::uint64_t block, Tick from, Tick next) {
  const auto found = blocks_.find(block);
  if (found == blocks_.end()) return false;
  std::vector<Version>& versions = found->second;
  const auto here =
      std::lower_bound(versions.begin(), versions.end(), from, [](const Version& v, Tick t) { return v.tick < t; });
  if (here == versions.end() || here->tick != from) return false;
  const auto after = std::next(here);
  if (next != kNever && (after == versions.end() || after->tick != next)) {
    here->tick = next;
    return true;
  }
  pool_.give_back(here->bytes);
  versions.erase(here);
  --versions_;
  if (versions.empty()) blocks_.erase(found);
  return false;
}

}  // namespace ringside
