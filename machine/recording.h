// Recordings: where a run began, everything that entered it, and hashes of its state on the way, so that it can be
// repeated anywhere and compared.
//
//   header       JSON as in a snapshot, of the start; "power_on": true where no state follows
//   inputs, ...  the inputs before the start and, unless at power-on, the state, as in a snapshot
//   end of start
//   log          records, see below; as many parts as there were occasions to write
//   end          JSON: tick, instructions, state hash, why the run ended
//   end header   where the run has failed: a snapshot of its last moment, as above
//
// Records begin with a byte that says what they are:
//   1 input      an entry of the input log
//   2 parts      tick, instructions, a bit for each part of hash_parts() that has changed since the record before
//                (8 bytes each), the low 4 bytes of the hashes of these
//   3 all        tick, instructions, the number of parts (2) and of hash_storage()'s entries (4), all hashes (8 each)
//   4 back       tick, number of inputs (8 each): time went back; what was recorded beyond does not count any more
//
// A recording is written to as the run goes on. Where it was cut off, it is good up to its last complete part.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/part_hashes.h"
#include "machine/snapshot.h"

namespace ringside {

struct RecordingEnd {
  Tick tick = 0;
  std::uint64_t instructions = 0;
  std::string state_hash;   ///< empty where the run ended between two things that happen in one tick
  std::string stop_reason;  ///< as in --stats
  std::string message;      ///< as for people
  int exit_code = 0;
  bool died = false;        ///< the guest itself ended the run
};

/// Instructions between two hashes of the processor and devices, and of the whole state: together about 1 % of the
/// time that a fast guest takes.
struct HashIntervals {
  std::uint64_t parts = 4'000'000;
  std::uint64_t all = 0;  ///< 0: chosen by the size of RAM
  /// For a close look: only these ticks have hashes, every `parts` ticks, of the whole state.
  Tick from = 0, to = kNever;
  bool close_look() const { return to != kNever; }
};

class Recorder {
 public:
  enum class Start : std::uint8_t {
    kPowerOn,  ///< the machine has just been made from its configuration: that says all
    kState,    ///< its state goes into the recording
  };
  /// Writes the start. `machine` and `out` must outlive this. Throws FileError.
  Recorder(Machine& machine, ByteOutput& out, Start start, HashIntervals intervals = {});

  /// Between two runs of the machine, at least every few million instructions: writes what has come in, and hashes
  /// when they are due. Throws FileError.
  void look();
  /// The tick at which it must look at the latest.
  Tick next() const;
  /// With `with_state`, the recording can be opened at its end.
  void end(const RecordingEnd& end, bool with_state);

 private:
  void went_back();
  void add_parts();
  void add_all();
  void flush();

  Machine& machine_;
  PartWriter parts_;
  HashIntervals intervals_;
  std::vector<std::uint8_t> held_;
  unsigned held_hashes_ = 0;
  std::size_t inputs_ = 0;  // in the recording
  Tick last_tick_ = 0;
  Tick last_look_ = 0;  // of a close look: where it has hashed
  std::uint64_t last_parts_ = 0, last_all_ = 0;  // instructions at the last hashes
  std::vector<std::uint64_t> known_;
};

struct Record {
  enum class Kind : std::uint8_t { kInput = 1, kParts = 2, kAll = 3, kBack = 4 };
  Kind kind = Kind::kInput;
  Tick tick = 0;
  std::uint64_t instructions = 0;
  Input input;                           ///< kInput
  std::uint64_t changed = 0;             ///< kParts: bits
  std::vector<std::uint64_t> hashes;     ///< kParts: of those with a bit; kAll: of all parts
  std::vector<std::uint64_t> storage;    ///< kAll
  std::uint64_t inputs = 0;              ///< kBack
};

class Recording {
 public:
  /// Reads and checks all but the states. Throws FileError. `in` must outlive this.
  explicit Recording(const ByteInput& in);

  const SnapshotHeader& header() const { return header_; }
  /// Of the end's state. Only with has_end_state().
  const SnapshotHeader& end_header() const { return *end_header_; }
  bool from_power_on() const { return from_power_on_; }
  /// The end, unless the recording was cut off.
  const std::optional<RecordingEnd>& end() const { return end_; }
  /// It breaks off inside a part.
  bool cut_off() const { return cut_off_; }
  bool has_end_state() const { return end_state_.has_value(); }
  /// How far it reaches.
  Tick last_tick() const { return last_tick_; }
  std::uint64_t last_instructions() const { return last_instructions_; }
  std::size_t input_count() const { return input_count_; }
  std::size_t hash_count() const { return hash_count_; }

  std::size_t size() const { return offsets_.size(); }
  Record record(std::size_t index) const;

  /// Everything that entered, from power-on.
  InputLog inputs();
  /// The machine at the recording's start; `config` may differ from the header's in where the media are, which are
  /// checked. It waits for its inputs, or replays by itself those of `log`, which begins with what entered before the
  /// start. Throws FileError.
  std::unique_ptr<Machine> start(const MachineConfig& config, std::optional<InputLog> log = std::nullopt);
  /// The machine as it was at the end. Only with has_end_state().
  std::unique_ptr<Machine> end_state(const MachineConfig& config, std::optional<InputLog> log = std::nullopt);

 private:
  struct Place {
    std::uint64_t position;
    std::uint32_t number;
  };
  Place here() const { return {parts_.position(), parts_.number()}; }
  void read_start();
  bool state_is_complete();
  void take_log(const Part& part);
  void take_end(const Part& part);
  void went_back(const Record& record);
  Record decode(std::size_t& at) const;

  PartReader parts_;
  SnapshotHeader header_;
  bool from_power_on_ = false;
  Place start_{};
  std::vector<std::uint8_t> log_;
  std::vector<std::size_t> offsets_;
  std::optional<RecordingEnd> end_;
  std::optional<SnapshotHeader> end_header_;
  std::optional<Place> end_state_;
  bool cut_off_ = false;
  Tick last_tick_ = 0;
  std::uint64_t last_instructions_ = 0;
  std::size_t input_count_ = 0;
  std::size_t hash_count_ = 0;
};

}  // namespace ringside
