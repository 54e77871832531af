// How a recording is read; see recording.h.
#include "machine/recording.h"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "machine/errors.h"
#include "machine/little_endian.h"

namespace ringside {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kInputSize = 30;  // an entry of InputLog::serialize

void check_input(const Input& input) {
  const bool good = (input.kind == InputKind::kKey && input.value >= 0 && input.value < static_cast<std::int64_t>(kKeyCount)) ||
                    (input.kind == InputKind::kSerial && input.value >= 0 && input.value <= 0xFF) ||
                    (input.kind != InputKind::kKey && input.kind != InputKind::kSerial && input.kind != InputKind::kDate);
  if (!good) throw StateError("it holds an impossible input");
}

}  // namespace

Recording::Recording(const ByteInput& in) : parts_(in, PartFileKind::kRecording) {
  try {
    read_start();
    while (auto part = parts_.next()) {
      if (part->name == "log" && !end_) {
        take_log(*part);
      } else if (part->name == "end" && !end_) {
        take_end(*part);
      } else if (part->name == "end header" && end_ && !end_header_) {
        end_header_ = snapshot_header(parse_header(*part));
        const Place place = here();
        // A failure's state may be cut off as everything else; the recording is as good without.
        if (state_is_complete()) end_state_ = place;
      } else {
        throw StateError("it holds a part '" + part->name + "' where there should be none");
      }
    }
    cut_off_ = parts_.cut_off();
  } catch (const StateError& error) {
    parts_.refuse(error.what());
  }
}

void Recording::read_start() {
  const auto part = parts_.next();
  if (!part || part->name != "header") throw StateError("has no header");
  const Json json = parse_header(*part);
  header_ = snapshot_header(json);
  const auto power_on = json.find("power_on");
  if (power_on == json.end() || !power_on->is_boolean()) throw StateError("its header is damaged");
  from_power_on_ = power_on->get<bool>();
  start_ = here();
  last_tick_ = header_.tick;
  last_instructions_ = header_.instructions;
  for (;;) {
    const auto next = parts_.next();
    if (!next) throw StateError("its start is not complete");
    if (next->name == "end of start") return;
  }
}

// Only what is there once more, as a state of this file would be, is good to be loaded.
bool Recording::state_is_complete() {
  for (;;) {
    const auto part = parts_.next();
    if (!part) return false;
    if (part->name == kEndOfState) return true;
  }
}

void Recording::take_log(const Part& part) {
  // Plain, so that a small file cannot stand for a log that fills the host's memory.
  if (part.encoding != PartEncoding::kPlain) throw StateError("its log is compressed");
  std::size_t at = log_.size();
  log_.insert(log_.end(), part.bytes.begin(), part.bytes.end());
  while (at < log_.size()) {
    const std::size_t begin = at;
    const Record record = decode(at);
    if (record.kind == Record::Kind::kBack) {
      went_back(record);
      continue;
    }
    if (record.tick < last_tick_) throw StateError("its records are not in order");
    last_tick_ = record.tick;
    if (record.kind == Record::Kind::kInput) {
      check_input(record.input);
      ++input_count_;
    } else {
      if (record.instructions < last_instructions_) throw StateError("its records are not in order");
      last_instructions_ = record.instructions;
      ++hash_count_;
    }
    offsets_.push_back(begin);
  }
}

void Recording::went_back(const Record& back) {
  if (back.tick < header_.tick || back.inputs < header_.inputs_taken) throw StateError("it goes back beyond its start");
  while (!offsets_.empty()) {
    const Record last = record(offsets_.size() - 1);
    const bool input = last.kind == Record::Kind::kInput;
    const bool stays = input ? header_.inputs_taken + input_count_ <= back.inputs : last.tick <= back.tick;
    if (stays) break;
    --(input ? input_count_ : hash_count_);
    offsets_.pop_back();
  }
  last_tick_ = std::min(last_tick_, back.tick);
  if (!offsets_.empty()) last_tick_ = std::max(last_tick_, record(offsets_.size() - 1).tick);
  last_instructions_ = header_.instructions;
  for (std::size_t i = offsets_.size(); i-- > 0;) {
    const Record before = record(i);
    if (before.kind == Record::Kind::kInput) continue;
    last_instructions_ = before.instructions;
    break;
  }
}

void Recording::take_end(const Part& part) {
  const Json json = parse_header(part);
  try {
    RecordingEnd end;
    json.at("tick").get_to(end.tick);
    json.at("instructions").get_to(end.instructions);
    json.at("state_hash").get_to(end.state_hash);
    json.at("stop_reason").get_to(end.stop_reason);
    json.at("message").get_to(end.message);
    json.at("exit_code").get_to(end.exit_code);
    json.at("died").get_to(end.died);
    if (end.tick < last_tick_ || end.instructions < last_instructions_) throw StateError("it ends before its last record");
    last_tick_ = end.tick;
    last_instructions_ = end.instructions;
    end_ = end;
  } catch (const Json::exception&) {
    throw StateError("its end is damaged");
  }
}

Record Recording::decode(std::size_t& at) const {
  const auto need = [&](std::size_t size) {
    if (size > log_.size() - at) throw StateError("a record in it is cut off");
    at += size;
    return log_.data() + at - size;
  };
  const auto number = [&](unsigned width) { return get_little_endian(need(width), width); };
  Record record;
  record.kind = static_cast<Record::Kind>(*need(1));
  switch (record.kind) {
    case Record::Kind::kInput: {
      const InputLog one = InputLog::parse({need(kInputSize), kInputSize});
      record.input = one.entries().front();
      record.tick = record.input.tick;
      return record;
    }
    case Record::Kind::kParts:
      record.tick = number(8);
      record.instructions = number(8);
      record.changed = number(8);
      for (int i = std::popcount(record.changed); i > 0; --i) record.hashes.push_back(number(4));
      return record;
    case Record::Kind::kAll: {
      record.tick = number(8);
      record.instructions = number(8);
      std::uint64_t parts = number(2), storage = number(4);
      while (parts-- > 0) record.hashes.push_back(number(8));
      while (storage-- > 0) record.storage.push_back(number(8));
      return record;
    }
    case Record::Kind::kBack:
      record.tick = number(8);
      record.inputs = number(8);
      return record;
  }
  throw StateError("it holds a record of an unknown kind");
}

Record Recording::record(std::size_t index) const {
  std::size_t at = offsets_.at(index);
  return decode(at);
}

InputLog Recording::inputs() {
  parts_.seek(start_.position, start_.number);
  InputLog log = read_inputs(parts_, header_);
  for (std::size_t i = 0; i < size(); ++i) {
    const Record entry = record(i);
    if (entry.kind != Record::Kind::kInput) continue;
    if (!log.entries().empty() && entry.tick < log.entries().back().tick) parts_.refuse("its inputs are not in order");
    log.append(entry.input);
  }
  return log;
}

std::unique_ptr<Machine> Recording::start(const MachineConfig& config, std::optional<InputLog> log) {
  check_media(header_.media, config, parts_.name());
  parts_.seek(start_.position, start_.number);
  InputLog past = read_inputs(parts_, header_);
  const bool waiting = !log;
  if (waiting) log = std::move(past);
  if (!from_power_on_) return read_state(parts_, header_, config, std::move(*log));
  try {
    auto machine = std::make_unique<Machine>(config, std::move(*log));
    if (waiting && machine->state_hash() != header_.state_hash)
      parts_.refuse("was made by another version of Ringside: its machine begins in another state");
    return machine;
  } catch (const ConfigError& error) {
    parts_.refuse(error.what());
  }
}

std::unique_ptr<Machine> Recording::end_state(const MachineConfig& config, std::optional<InputLog> log) {
  check_media(end_header_->media, config, parts_.name());
  parts_.seek(end_state_->position, end_state_->number);
  InputLog past = read_inputs(parts_, *end_header_);
  return read_state(parts_, *end_header_, config, log ? std::move(*log) : std::move(past));
}

}  // namespace ringside
