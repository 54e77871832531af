// Checkpoints of a machine in a budget of memory: the small parts of its state whole, RAM, video memory and written
// sectors block by block, only what differs from the checkpoint before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "machine/block_history.h"
#include "machine/checkpoint_io.h"
#include "machine/machine.h"

namespace ringside {

class CheckpointStore {
 public:
  /// Takes the first checkpoint. The machine must stand at step 0 of its tick (see Moment), as for all others.
  CheckpointStore(Machine& machine, std::size_t budget);
  ~CheckpointStore();
  CheckpointStore(const CheckpointStore&) = delete;
  CheckpointStore& operator=(const CheckpointStore&) = delete;

  /// A checkpoint of the present, which is `seconds` of running away from the one that the machine has come from.
  /// Where there is one already this only notes that the machine has come by.
  void take(double seconds);
  /// Puts the machine into the state of a checkpoint.
  void restore(Tick tick);
  /// Forgets all checkpoints after `tick`.
  void truncate(Tick tick);

  Tick first() const { return checkpoints_.begin()->first; }
  /// The last checkpoint at or before `tick`, the first one after it (kNever: none).
  Tick at_or_before(Tick tick) const;
  Tick after(Tick tick) const;
  /// The checkpoint that the machine has come by last.
  Tick base() const { return base_; }

  std::vector<Tick> ticks() const;
  std::size_t count() const { return checkpoints_.size(); }
  std::size_t memory_used() const;
  /// Host seconds that the last take() took.
  double last_cost() const { return last_cost_; }

 private:
  /// Number of a block within its family, and the family above it: 0 RAM, 1 video memory, then the overlays.
  using BlockName = std::uint64_t;
  static constexpr unsigned kFamilyShift = 56;
  static std::uint64_t number_of(BlockName name) { return name & ((BlockName{1} << kFamilyShift) - 1); }
  static constexpr std::size_t kRam = 0, kVideo = 1, kDisks = 2;
  static constexpr std::size_t kMaxCheckpoints = 4000;

  struct Checkpoint {
    double age = 0;  ///< seconds of running from the first checkpoint to this one
    Tick halted_since = 0;
    std::size_t inputs_taken = 0;
    std::vector<std::uint8_t> parts;
    std::vector<BlockName> blocks;  ///< those with a version here
  };
  using Position = std::map<Tick, Checkpoint>::iterator;

  void record(Position here, BlockName name, const std::uint8_t* bytes);
  void record_all(Position here);
  void record_changes(Position here);
  void record_ram(Position here, std::uint32_t page);
  void record_video(Position here, unsigned piece);
  /// The pieces of video memory that may have been written since this was asked last.
  std::vector<unsigned> take_written_video();
  void put_back(BlockName name, Tick tick);
  void forget(Position which);
  void keep_budget();

  Machine& machine_;
  std::vector<DiskOverlay*> disks_;
  std::size_t budget_;
  std::vector<BlockHistory> families_;
  std::map<Tick, Checkpoint> checkpoints_;
  PartsWriter writer_;  ///< its memory is used again
  std::size_t parts_bytes_ = 0;
  Tick base_ = 0;
  double last_cost_ = 0;
};

}  // namespace ringside
