#include "debugger/run_origin.h"

#include "machine/errors.h"

namespace ringside {

RunOrigin RunOrigin::restored(const std::string& path) {
  RunOrigin origin;
  origin.file_ = std::make_unique<FileInput>(path, "snapshot");
  if (part_file_kind(*origin.file_) == PartFileKind::kRecording) {
    origin.recording_ = std::make_unique<Recording>(*origin.file_);
    if (!origin.recording_->has_end_state())
      throw FileError("recording '" + path + "': holds no state of its end; see `ringside replay`");
    origin.config_ = origin.recording_->end_header().config;
  } else {
    origin.snapshot_ = std::make_unique<Snapshot>(*origin.file_);
    origin.config_ = origin.snapshot_->header().config;
  }
  look_beside(origin.config_, path);
  return origin;
}

RunOrigin RunOrigin::replayed(const std::string& path) {
  RunOrigin origin;
  origin.file_ = std::make_unique<FileInput>(path, "recording");
  origin.recording_ = std::make_unique<Recording>(*origin.file_);
  origin.config_ = origin.recording_->header().config;
  origin.replay_ = true;
  look_beside(origin.config_, path);
  // A replay repeats what the guest did to the file as well, but not in the file.
  for (auto& disk : origin.config_.disks)
    if (disk && disk->mode == DiskMode::kReadWrite) disk->mode = DiskMode::kDiscard;
  return origin;
}

bool RunOrigin::at_power_on() const {
  return snapshot_ == nullptr && (recording_ == nullptr || (replay_ && recording_->from_power_on()));
}

std::unique_ptr<Machine> RunOrigin::machine() { return make(std::nullopt); }

std::unique_ptr<Machine> RunOrigin::make(std::optional<InputLog> log) {
  std::unique_ptr<Machine> machine;
  if (replay_) {
    machine = recording_->start(config_, std::move(log));
  } else if (recording_ != nullptr || snapshot_ != nullptr) {
    MachineConfig same_seed = config_;
    same_seed.seed = (snapshot_ != nullptr ? snapshot_->header() : recording_->end_header()).config.seed;
    machine = snapshot_ != nullptr ? snapshot_->restore(same_seed, std::move(log)) : recording_->end_state(same_seed, std::move(log));
    if (config_.seed != same_seed.seed) machine->reseed(config_.seed);
  } else {
    machine = std::make_unique<Machine>(config_, log ? std::move(*log) : InputLog{});
  }
  return machine;
}

}  // namespace ringside
