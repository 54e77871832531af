// Snapshots: a machine in a file, to go on from there in another process as if nothing had been.
//
//   header     JSON: machine, media with their hashes, tick, instructions, state hash, inputs taken
//   inputs     the input log up to here
//   ...        the state, each top-level group of Machine::visit in parts of its name
//   end        nothing; a file without it is incomplete
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "machine/config_json.h"
#include "machine/machine.h"
#include "machine/part_file.h"

namespace ringside {

struct SnapshotHeader {
  std::string program;        ///< the version of Ringside that wrote it
  MachineConfig config;
  std::vector<Medium> media;
  Tick tick = 0;
  std::uint64_t instructions = 0;
  std::string state_hash;
  std::size_t inputs_taken = 0;
};

/// Throws FileError; the file is then as it was.
void write_snapshot(Machine& machine, const std::string& path);

class Snapshot {
 public:
  /// Reads the header. Throws FileError. `in` must outlive this.
  explicit Snapshot(const ByteInput& in);

  const SnapshotHeader& header() const { return header_; }
  /// The machine; `config` may differ from the header's in where the media are, which are checked. It lives on, or
  /// replays by itself what `log` holds beyond its past. Throws FileError.
  std::unique_ptr<Machine> restore(const MachineConfig& config, std::optional<InputLog> log = std::nullopt);

 private:
  PartReader parts_;
  SnapshotHeader header_;
  std::uint64_t state_begins_ = 0;
};

/// The same as a file within another: what Snapshot writes between its prologue and its end.
nlohmann::ordered_json snapshot_header_json(Machine& machine);
std::string snapshot_header_text(Machine& machine);
SnapshotHeader snapshot_header(const nlohmann::ordered_json& json);
nlohmann::ordered_json parse_header(const Part& part);
void write_inputs(Machine& machine, PartWriter& parts);
void write_state(Machine& machine, PartWriter& parts);
/// `parts` stands at the inputs, behind them afterwards. Throws FileError.
InputLog read_inputs(PartReader& parts, const SnapshotHeader& header);
/// `parts` stands at the state, behind it afterwards. `log` may go on behind the inputs that were taken. Throws
/// FileError; media are not looked at.
std::unique_ptr<Machine> read_state(PartReader& parts, const SnapshotHeader& header, const MachineConfig& config,
                                    InputLog log);
/// The name of the empty part behind a state.
constexpr const char* kEndOfState = "end of state";

}  // namespace ringside
