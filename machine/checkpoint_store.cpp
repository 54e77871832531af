#include "machine/checkpoint_store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "machine/thread_time.h"

namespace ringside {
namespace {

bool is_zero(const std::uint8_t* bytes, std::size_t size) {
  return bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0;
}

}  // namespace

CheckpointStore::CheckpointStore(Machine& machine, std::size_t budget)
    : machine_(machine), disks_(machine.overlays()), budget_(budget) {
  families_.emplace_back(kPageSize);
  families_.emplace_back(Vga::kPieceSize);
  for (std::size_t i = 0; i < disks_.size(); ++i) families_.emplace_back(DiskOverlay::kSectorSize);
  take(0);
}

CheckpointStore::~CheckpointStore() {
  for (DiskOverlay* disk : disks_) disk->stop_journal();
}

// ===== Taking ==========================================================================================

void CheckpointStore::take(double seconds) {
  const double began = thread_seconds();
  const Tick tick = machine_.now();
  const bool first = checkpoints_.empty();
  const double age = first ? 0 : checkpoints_.at(base_).age + seconds;
  const auto [here, fresh] = checkpoints_.try_emplace(tick);
  if (fresh) {
    Checkpoint& checkpoint = here->second;
    checkpoint.age = age;
    checkpoint.halted_since = machine_.halted_since();
    checkpoint.inputs_taken = machine_.inputs_taken();
    writer_.clear();
    machine_.visit(writer_);
    checkpoint.parts.assign(writer_.written().begin(), writer_.written().end());
    parts_bytes_ += checkpoint.parts.size();
  }
  if (first) {
    record_all(here);
  } else {
    record_changes(here);
  }
  base_ = tick;
  keep_budget();
  last_cost_ = thread_seconds() - began;
}

void CheckpointStore::record(Position here, BlockName name, const std::uint8_t* bytes) {
  const auto next = std::next(here);
  const Tick next_tick = next == checkpoints_.end() ? kNever : next->first;
  const auto recorded = families_[name >> kFamilyShift].record(name, here->first, next_tick, bytes);
  if (recorded.here) here->second.blocks.push_back(name);
  if (recorded.next) next->second.blocks.push_back(name);
}

void CheckpointStore::record_ram(Position here, std::uint32_t page) {
  const auto ram = machine_.memory().ram();
  const std::uint64_t offset = std::uint64_t{page} << kPageShift;
  if (offset >= ram.size()) return;
  const std::uint8_t* bytes = ram.data() + offset;
  record(here, BlockName{kRam} << kFamilyShift | page, is_zero(bytes, kPageSize) ? nullptr : bytes);
}

std::vector<unsigned> CheckpointStore::take_written_video() {
  std::vector<unsigned> pieces;
  for (std::uint64_t written = machine_.vga().take_written(); written != 0; written &= written - 1)
    pieces.push_back(static_cast<unsigned>(std::countr_zero(written)));
  return pieces;
}

void CheckpointStore::record_video(Position here, unsigned piece) {
  record(here, BlockName{kVideo} << kFamilyShift | piece, machine_.vga().video_memory().data() + piece * Vga::kPieceSize);
}

// The first checkpoint: what there is at all.
void CheckpointStore::record_all(Position here) {
  machine_.memory().clear_dirty();
  const auto pages = static_cast<std::uint32_t>(machine_.memory().ram_size() >> kPageShift);
  for (std::uint32_t page = 0; page < pages; ++page)
    if (machine_.memory().touched(page)) record_ram(here, page);
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    disks_[i]->take_journal();
    for (const auto& [sector, data] : disks_[i]->written())
      record(here, (kDisks + i) << kFamilyShift | sector, data.data());
  }
  machine_.vga().take_written();
  for (unsigned piece = 0; piece < Vga::kPieces; ++piece) record_video(here, piece);
}

void CheckpointStore::record_changes(Position here) {
  for (const std::uint32_t page : machine_.memory().take_dirty()) record_ram(here, page);
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    const auto& written = disks_[i]->written();
    for (const std::uint64_t sector : disks_[i]->take_journal()) {
      const auto found = written.find(sector);
      record(here, (kDisks + i) << kFamilyShift | sector, found == written.end() ? nullptr : found->second.data());
    }
  }
  for (const unsigned piece : take_written_video()) record_video(here, piece);
}

// ===== Going back ======================================================================================

void CheckpointStore::restore(Tick tick) {
  const Checkpoint& target = checkpoints_.at(tick);
  // What differs: what was written since the last checkpoint that the machine came by, and what has a version
  // between that one and the target.
  std::vector<BlockName> names;
  for (const std::uint32_t page : machine_.memory().take_dirty()) names.push_back(BlockName{kRam} << kFamilyShift | page);
  for (std::size_t i = 0; i < disks_.size(); ++i)
    for (const std::uint64_t sector : disks_[i]->take_journal()) names.push_back((kDisks + i) << kFamilyShift | sector);
  for (const unsigned piece : take_written_video()) names.push_back(BlockName{kVideo} << kFamilyShift | piece);
  for (auto at = checkpoints_.upper_bound(std::min(base_, tick));
       at != checkpoints_.end() && at->first <= std::max(base_, tick); ++at)
    names.insert(names.end(), at->second.blocks.begin(), at->second.blocks.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const BlockName name : names) put_back(name, tick);

  PartsReader reader(target.parts);
  machine_.load(reader, target.inputs_taken);
  machine_.set_halted_since(target.halted_since);
  base_ = tick;
}

void CheckpointStore::put_back(BlockName name, Tick tick) {
  const std::size_t family = name >> kFamilyShift;
  const std::uint64_t number = number_of(name);
  const std::uint8_t* bytes = families_[family].at(name, tick);
  if (family == kRam) {
    machine_.memory().restore_page(static_cast<std::uint32_t>(number), bytes);
  } else if (family == kVideo) {
    if (bytes != nullptr) std::memcpy(machine_.vga().video_memory().data() + number * Vga::kPieceSize, bytes, Vga::kPieceSize);
  } else {
    disks_[family - kDisks]->restore_sector(number, bytes);
  }
}

// ===== Forgetting ======================================================================================

void CheckpointStore::forget(Position which) {
  const auto next = std::next(which);
  const Tick next_tick = next == checkpoints_.end() ? kNever : next->first;
  for (const BlockName name : which->second.blocks)
    if (families_[name >> kFamilyShift].forget(name, which->first, next_tick)) next->second.blocks.push_back(name);
  parts_bytes_ -= which->second.parts.size();
  checkpoints_.erase(which);
}

void CheckpointStore::truncate(Tick tick) {
  while (checkpoints_.rbegin()->first > tick) forget(std::prev(checkpoints_.end()));
}

// Thinned exponentially: a checkpoint may be missed where the gap that it leaves is small beside its distance from
// where one is likely to go back to, the latest moment and the present one. With the budget full, the gap grows in
// proportion to the distance.
void CheckpointStore::keep_budget() {
  while (checkpoints_.size() > 1 && (memory_used() > budget_ || checkpoints_.size() > kMaxCheckpoints)) {
    const double end = checkpoints_.rbegin()->second.age;
    const double present = checkpoints_.at(base_).age;
    double least = std::numeric_limits<double>::infinity();
    Position victim = checkpoints_.end();
    for (auto at = std::next(checkpoints_.begin()); std::next(at) != checkpoints_.end(); ++at) {
      if (at->first == base_) continue;
      const double age = at->second.age;
      const double gap = std::next(at)->second.age - std::prev(at)->second.age;
      const double distance = std::min(std::abs(end - age), std::abs(present - age));
      const double loss = gap / (distance + 1e-3);
      if (loss < least) least = loss, victim = at;
    }
    // None left between the first, the last and the present one: the past begins later from now on.
    if (victim == checkpoints_.end()) victim = checkpoints_.begin();
    if (victim->first == base_) return;
    forget(victim);
  }
}

// ===== Looking =========================================================================================

Tick CheckpointStore::at_or_before(Tick tick) const {
  const auto after = checkpoints_.upper_bound(tick);
  return after == checkpoints_.begin() ? after->first : std::prev(after)->first;
}

Tick CheckpointStore::after(Tick tick) const {
  const auto found = checkpoints_.upper_bound(tick);
  return found == checkpoints_.end() ? kNever : found->first;
}

std::vector<Tick> CheckpointStore::ticks() const {
  std::vector<Tick> ticks;
  for (const auto& [tick, checkpoint] : checkpoints_) ticks.push_back(tick);
  return ticks;
}

std::size_t CheckpointStore::memory_used() const {
  std::size_t used = parts_bytes_ + checkpoints_.size() * 256;
  for (const BlockHistory& family : families_) used += family.memory_used();
  return used;
}

}  // namespace ringside
