#include "machine/snapshot.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "machine/errors.h"
#include "machine/state_parts.h"

namespace ringside {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kInputsInPart = 100'000;

void append_inputs(InputLog& log, const Part& part) {
  // Plain, so that a small file cannot stand for a log that fills the host's memory.
  if (part.name != "inputs" || part.encoding != PartEncoding::kPlain || part.bytes.empty())
    throw StateError("its input log is incomplete");
  const InputLog piece = InputLog::parse(part.bytes);
  for (const Input& input : piece.entries()) {
    if (!log.entries().empty() && input.tick < log.entries().back().tick)
      throw StateError("its input log's ticks are not in order");
    log.append(input);
  }
}

}  // namespace

Json snapshot_header_json(Machine& machine) {
  return {{"ringside", RINGSIDE_VERSION},
          {"machine", config_to_json(machine.config())},
          {"media", media_to_json(media_of(machine.config()))},
          {"tick", machine.now()},
          {"instructions", machine.instructions()},
          {"state_hash", machine.state_hash()},
          {"inputs", machine.inputs_taken()}};
}

std::string snapshot_header_text(Machine& machine) { return snapshot_header_json(machine).dump(2) + "\n"; }

SnapshotHeader snapshot_header(const Json& json) {
  try {
    SnapshotHeader header;
    header.program = json.at("ringside").get<std::string>();
    header.config = config_from_json(json.at("machine"));
    header.media = media_from_json(json.at("media"));
    header.tick = json.at("tick").get<Tick>();
    header.instructions = json.at("instructions").get<std::uint64_t>();
    header.state_hash = json.at("state_hash").get<std::string>();
    header.inputs_taken = json.at("inputs").get<std::size_t>();
    return header;
  } catch (const Json::exception&) {
    throw StateError("its header is damaged");
  }
}

Json parse_header(const Part& part) {
  Json json = Json::parse(part.bytes.begin(), part.bytes.end(), nullptr, false);
  if (!json.is_object()) throw StateError("its header is damaged");
  return json;
}

void write_inputs(Machine& machine, PartWriter& parts) {
  const auto entries = machine.input_log().entries().first(machine.inputs_taken());
  for (std::size_t at = 0; at < entries.size(); at += kInputsInPart) {
    InputLog piece;
    for (const Input& input : entries.subspan(at, std::min(kInputsInPart, entries.size() - at))) piece.append(input);
    parts.add("inputs", piece.serialize(), PartEncoding::kPlain);
  }
}

void write_state(Machine& machine, PartWriter& parts) {
  StatePartWriter writer(parts);
  machine.visit(writer);
  writer.flush();
  parts.add(kEndOfState, std::string());
}

InputLog read_inputs(PartReader& parts, const SnapshotHeader& header) {
  try {
    InputLog log;
    while (log.entries().size() < header.inputs_taken) {
      const auto part = parts.next();
      if (!part) throw StateError("its input log is incomplete");
      append_inputs(log, *part);
    }
    return log;
  } catch (const StateError& error) {
    parts.refuse(error.what());
  }
}

std::unique_ptr<Machine> read_state(PartReader& parts, const SnapshotHeader& header, const MachineConfig& config,
                                    InputLog log) {
  try {
    auto machine = std::make_unique<Machine>(config, std::move(log));
    StatePartReader reader(parts);
    machine->load(reader, header.inputs_taken);
    const auto last = parts.next();
    if (!reader.finished() || !last || last->name != kEndOfState) throw StateError("its state is not complete");
    if (machine->now() != header.tick || machine->state_hash() != header.state_hash)
      throw StateError("its state does not fit this version of Ringside: it has another hash");
    return machine;
  } catch (const StateError& error) {
    parts.refuse(error.what());
  } catch (const ConfigError& error) {
    parts.refuse(error.what());
  }
}

void write_snapshot(Machine& machine, const std::string& path) {
  FileOutput file(path, "snapshot", FileOutput::Mode::kAtomic);
  PartWriter parts(file, PartFileKind::kSnapshot);
  parts.add("header", snapshot_header_text(machine));
  write_inputs(machine, parts);
  write_state(machine, parts);
  file.commit();
}

Snapshot::Snapshot(const ByteInput& in) : parts_(in, PartFileKind::kSnapshot) {
  const auto part = parts_.next();
  if (!part || part->name != "header") parts_.refuse("has no header");
  try {
    header_ = snapshot_header(parse_header(*part));
  } catch (const StateError& error) {
    parts_.refuse(error.what());
  }
  state_begins_ = parts_.position();
}

std::unique_ptr<Machine> Snapshot::restore(const MachineConfig& config, std::optional<InputLog> log) {
  parts_.seek(state_begins_, 1);
  check_media(header_.media, config, parts_.name());
  InputLog past = read_inputs(parts_, header_);
  return read_state(parts_, header_, config, log ? std::move(*log) : std::move(past));
}

}  // namespace ringside
