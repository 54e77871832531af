#include "debugger/replay.h"

#include <algorithm>
#include <bit>

#include "debugger/run_outcome.h"

namespace ringside {
namespace {

constexpr std::size_t kDetails = 12;

void cut_short(std::vector<std::string>& details) {
  if (details.size() <= kDetails) return;
  const std::size_t more = details.size() - kDetails;
  details.resize(kDetails);
  details.push_back("and " + std::to_string(more) + " more");
}

}  // namespace

Replay::Replay(Machine& machine, const Recording& recording)
    : machine_(machine), recording_(recording), good_tick_(machine.now()), good_instructions_(machine.instructions()),
      whole_tick_(machine.now()), whole_instructions_(machine.instructions()) {
  load_next();
}

void Replay::load_next() {
  next_.reset();
  if (at_ < recording_.size()) next_ = recording_.record(at_++);
}

Tick Replay::next() const {
  if (over_) return over_at_;
  if (next_) return next_->tick;
  if (!recording_.end()) return recording_.last_tick();
  // A guest that ends its run does so at that tick, but not before the processor is asked to go on there.
  return recording_.end()->tick + (recording_.end()->died ? 1 : 0);
}

bool Replay::work() {
  while (!over_ && machine_.now() >= next()) {
    if (!next_) {
      finish(compare_end(), machine_.now());
    } else if (auto found = take_next()) {
      finish(std::move(found), machine_.now());
    } else {
      load_next();
    }
  }
  return !over_;
}

std::optional<ReplayDifference> Replay::take_next() {
  switch (next_->kind) {
    case Record::Kind::kInput:
      if (next_->tick < machine_.now()) return difference({"the machine has run past an input"});
      machine_.enter(next_->input);
      return std::nullopt;
    case Record::Kind::kParts: return compare_parts(*next_);
    case Record::Kind::kAll: return compare_all(*next_);
    case Record::Kind::kBack: break;
  }
  return std::nullopt;
}

void Replay::finish(std::optional<ReplayDifference> difference, Tick at) {
  over_ = true;
  over_at_ = at;
  difference_ = std::move(difference);
}

// A machine that has ended stops by itself when it comes here again.
void Replay::ended(StopReason why) {
  if (!over_) finish(guest_ended(stop_word(why)), kNever);
}

ReplayDifference Replay::difference(std::vector<std::string> details, Since since) const {
  cut_short(details);
  const bool whole = since == Since::kLastWholeHash;
  return {"in the instructions " + std::to_string((whole ? whole_instructions_ : good_instructions_) + 1) + " to " +
              std::to_string(machine_.instructions()) + " (ticks " + std::to_string(whole ? whole_tick_ : good_tick_) + " to " +
              std::to_string(machine_.now()) + ")",
          std::move(details), whole_tick_, machine_.now()};
}

void Replay::all_is_equal() {
  good_tick_ = whole_tick_ = machine_.now();
  good_instructions_ = whole_instructions_ = machine_.instructions();
}

std::optional<ReplayDifference> Replay::compare_counts(const Record& record) {
  ++compared_;
  if (record.tick == machine_.now() && record.instructions == machine_.instructions()) return std::nullopt;
  return difference({"instructions retired by tick " + std::to_string(record.tick) + ": " +
                     std::to_string(record.instructions) + " in the recording, " + std::to_string(machine_.instructions()) +
                     " now, at tick " + std::to_string(machine_.now())});
}

std::optional<ReplayDifference> Replay::compare_parts(const Record& record) {
  if (auto found = compare_counts(record)) return found;
  const PartHashes now = hash_parts(machine_);
  known_.resize(std::min<std::size_t>(now.values.size(), 64), 0);
  if (known_.size() < 64 && record.changed >> known_.size() != 0)
    return difference({"the recording's machine has other parts than this version of Ringside"});
  std::vector<std::string> details;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if ((record.changed >> i & 1) != 0) known_[i] = static_cast<std::uint32_t>(record.hashes[taken++]);
    if (known_[i] != static_cast<std::uint32_t>(now.values[i])) details.push_back("part of the state that differs: " + now.names[i]);
  }
  if (!details.empty()) return difference(std::move(details));
  good_tick_ = machine_.now();
  good_instructions_ = machine_.instructions();
  return std::nullopt;
}

std::optional<ReplayDifference> Replay::compare_all(const Record& record) {
  if (auto found = compare_counts(record)) return found;
  const PartHashes parts = hash_parts(machine_);
  const auto storage = hash_storage(machine_);
  if (parts.values.size() != record.hashes.size() || storage.size() != record.storage.size())
    return difference({"the recording's machine has other parts than this version of Ringside"});
  std::vector<std::string> details;
  known_.clear();
  for (std::size_t i = 0; i < parts.values.size(); ++i) {
    if (i < 64) known_.push_back(static_cast<std::uint32_t>(record.hashes[i]));
    if (parts.values[i] != record.hashes[i]) details.push_back("part of the state that differs: " + parts.names[i]);
  }
  for (std::size_t i = 0; i < storage.size(); ++i)
    if (storage[i] != record.storage[i]) details.push_back("part of the state that differs: " + storage_name(machine_, i));
  if (!details.empty()) return difference(std::move(details), Since::kLastWholeHash);
  all_is_equal();
  return std::nullopt;
}

// Here the guest still lives.
std::optional<ReplayDifference> Replay::compare_end() {
  const auto& end = recording_.end();
  if (!end) return std::nullopt;
  if (end->died) return difference({"the guest goes on, but in the recording: " + end->message});
  ++compared_;
  if (end->instructions != machine_.instructions())
    return difference({"instructions retired at the end: " + std::to_string(end->instructions) + " in the recording, " +
                       std::to_string(machine_.instructions()) + " now"});
  if (end->state_hash.empty() || end->state_hash == machine_.state_hash()) return std::nullopt;
  return difference({"the state's hash at the end is " + machine_.state_hash() + ", in the recording " + end->state_hash},
                    Since::kLastWholeHash);
}

std::optional<ReplayDifference> Replay::guest_ended(const std::string& stop_reason) {
  const auto& end = recording_.end();
  const bool due = !next_ && end && end->died && end->stop_reason == stop_reason && end->tick == machine_.now();
  if (!due)
    return difference({"the guest ended the run (" + stop_reason + ") after " + std::to_string(machine_.instructions()) +
                       " instructions, in the recording " +
                       (end && end->died ? "(" + end->stop_reason + ") after " + std::to_string(end->instructions) : "it goes on")});
  ++compared_;
  if (end->instructions == machine_.instructions() && (end->state_hash.empty() || end->state_hash == machine_.state_hash()))
    return std::nullopt;
  return difference({"the guest has ended as in the recording, but in another state"}, Since::kLastWholeHash);
}

// ===== Words ===========================================================================================

std::string Replay::headline() const {
  if (difference_) return "the replay differs from the recording " + difference_->interval;
  const std::string equal = std::to_string(compared_) + " hashes are equal";
  if (!recording_.end()) return "the recording breaks off here; up to here its " + equal;
  return "the replay has ended as recorded (" + recording_.end()->message + "); " + equal;
}

std::string Replay::details() const {
  std::string text;
  if (difference_)
    for (const std::string& line : difference_->details) text += "  " + line + "\n";
  return text;
}

std::string Replay::verdict() const { return over_ ? headline() + "\n" + details() : ""; }

}  // namespace ringside
