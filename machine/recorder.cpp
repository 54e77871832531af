// How a recording is written; see recording.h.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "machine/little_endian.h"
#include "machine/recording.h"

namespace ringside {
namespace {

constexpr const char* kEndOfStart = "end of start";
constexpr unsigned kHashesInPart = 16;
// Hashing costs about a tenth of a nanosecond a byte, an instruction two nanoseconds.
constexpr std::uint64_t kInstructionsPerByte = 4;
constexpr std::uint64_t kMinAll = 64'000'000;

std::uint64_t interval_for(const Machine& machine) {
  return std::max(kMinAll, kInstructionsPerByte * machine.memory().ram_size());
}

}  // namespace

Recorder::Recorder(Machine& machine, ByteOutput& out, Start start, HashIntervals intervals)
    : machine_(machine), parts_(out, PartFileKind::kRecording), intervals_(intervals), inputs_(machine.inputs_taken()),
      last_tick_(machine.now()), last_parts_(machine.instructions()), last_all_(machine.instructions()) {
  if (intervals_.all == 0) intervals_.all = interval_for(machine);
  const bool power_on = start == Start::kPowerOn;
  nlohmann::ordered_json header = snapshot_header_json(machine);
  header["power_on"] = power_on;
  parts_.add("header", header.dump(2) + "\n");
  write_inputs(machine, parts_);
  if (!power_on) write_state(machine, parts_);
  parts_.add(kEndOfStart, std::string());
}

void Recorder::look() {
  if (machine_.now() < last_tick_ || machine_.inputs_taken() < inputs_) went_back();
  last_tick_ = machine_.now();
  const auto entries = machine_.input_log().entries();
  const bool fed = inputs_ < machine_.inputs_taken();
  for (; inputs_ < machine_.inputs_taken(); ++inputs_) {
    held_.push_back(static_cast<std::uint8_t>(Record::Kind::kInput));
    InputLog one;
    one.append(entries[inputs_]);
    const auto bytes = one.serialize();
    held_.insert(held_.end(), bytes.begin(), bytes.end());
  }
  // A hash is of the one state that a machine has where it arrives at a tick, before anything is delivered there.
  if (intervals_.close_look()) {
    if (machine_.moment().step == 0 && next() <= machine_.now()) add_all();
  } else if (machine_.moment().step == 0) {
    const std::uint64_t done = machine_.instructions();
    if (done - last_all_ >= intervals_.all) {
      add_all();
    } else if (done - last_parts_ >= intervals_.parts) {
      add_parts();
    }
  }
  if (fed || held_hashes_ >= kHashesInPart) flush();
}

void Recorder::went_back() {
  inputs_ = std::min(inputs_, machine_.inputs_taken());
  held_.push_back(static_cast<std::uint8_t>(Record::Kind::kBack));
  put_little_endian(held_, machine_.now(), 8);
  put_little_endian(held_, inputs_, 8);
  last_parts_ = last_all_ = machine_.instructions();
  known_.clear();
  flush();
}

void Recorder::add_parts() {
  const PartHashes hashes = hash_parts(machine_);
  const bool all = known_.size() != hashes.values.size();
  if (all) known_ = hashes.values;
  std::uint64_t changed = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(known_.size(), 64); ++i)
    if (all || known_[i] != hashes.values[i]) changed |= std::uint64_t{1} << i;
  known_ = hashes.values;
  held_.push_back(static_cast<std::uint8_t>(Record::Kind::kParts));
  put_little_endian(held_, machine_.now(), 8);
  put_little_endian(held_, machine_.instructions(), 8);
  put_little_endian(held_, changed, 8);
  for (std::size_t i = 0; i < 64; ++i)
    if ((changed >> i & 1) != 0) put_little_endian(held_, known_[i], 4);
  last_parts_ = machine_.instructions();
  ++held_hashes_;
}

void Recorder::add_all() {
  const PartHashes hashes = hash_parts(machine_);
  const auto storage = hash_storage(machine_);
  held_.push_back(static_cast<std::uint8_t>(Record::Kind::kAll));
  put_little_endian(held_, machine_.now(), 8);
  put_little_endian(held_, machine_.instructions(), 8);
  put_little_endian(held_, hashes.values.size(), 2);
  put_little_endian(held_, storage.size(), 4);
  for (const std::uint64_t hash : hashes.values) put_little_endian(held_, hash, 8);
  for (const std::uint64_t hash : storage) put_little_endian(held_, hash, 8);
  known_ = hashes.values;
  last_parts_ = last_all_ = machine_.instructions();
  last_look_ = machine_.now();
  flush();
}

Tick Recorder::next() const {
  if (!intervals_.close_look()) return kNever;
  const Tick due = last_look_ < intervals_.from ? intervals_.from : last_look_ + intervals_.parts;
  // Both ends are looked at.
  if (last_look_ >= intervals_.to) return kNever;
  return std::min(due, intervals_.to);
}

void Recorder::flush() {
  if (!held_.empty()) parts_.add("log", held_, PartEncoding::kPlain);
  held_.clear();
  held_hashes_ = 0;
}

void Recorder::end(const RecordingEnd& end, bool with_state) {
  look();
  // With this a replay that differs can say where; a guest that ends its run does so behind what is hashed at a tick.
  if (!end.died && machine_.moment().step == 0) add_all();
  flush();
  const nlohmann::ordered_json json{{"tick", end.tick},           {"instructions", end.instructions},
                                    {"state_hash", end.state_hash}, {"stop_reason", end.stop_reason},
                                    {"message", end.message},     {"exit_code", end.exit_code},
                                    {"died", end.died},           {"state", with_state}};
  parts_.add("end", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  if (!with_state) return;
  parts_.add("end header", snapshot_header_json(machine_).dump(2) + "\n");
  write_inputs(machine_, parts_);
  write_state(machine_, parts_);
}

}  // namespace ringside
