// A headless run from where it begins to its stop condition.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "debugger/gdb_server.h"
#include "debugger/pattern.h"
#include "debugger/point_run.h"
#include "debugger/replay.h"
#include "debugger/run_origin.h"
#include "debugger/run_outcome.h"
#include "debugger/run_recording.h"
#include "debugger/scenario.h"
#include "debugger/trap_log.h"
#include "machine/host_streams.h"
#include "machine/machine.h"

namespace ringside {

struct RunOptions {
  std::optional<std::uint64_t> max_instructions;
  std::optional<double> timeout;  ///< seconds of host time
  std::string until_serial, until_screen;
  std::string script;             ///< a file
  std::string gdb;                ///< where to wait for gdb; empty: nowhere
  std::optional<std::size_t> history;            ///< bytes for time travel; default: 512M with gdb, else none
  std::vector<std::string> points, until_points;  ///< the debugger's, in words: told of; ending the run
  std::string serial = "stdio", debugcon = "none";
  std::string screen_text, screenshot, trace, stats;  ///< output files; empty: none
  std::string record, snapshot, junit;                ///< likewise
  /// Where the recording of a scenario that fails goes unless it is recorded anyway; empty: named after the script.
  std::string failure_recording;
  /// What a run among many is to end with: with anything else it has failed, and leaves its recording there too.
  std::optional<int> expected_exit;
  HashIntervals hash_intervals;
};

class RunControl {
 public:
  /// Throws ConfigError, FileError; nothing is written before everything was checked.
  RunControl(RunOrigin origin, const RunOptions& options);
  ~RunControl();

  Machine& machine() { return *machine_; }
  RunOutcome run();
  /// After a run that has ended with its --until-serial: what comes then has no condition any more.
  void continue_without_conditions();
  /// Ends the recording, if there is one, and writes --snapshot, --screen-text, --screenshot, --junit and --stats.
  void write_results(const RunOutcome& outcome);
  /// Where gdb connects, with --gdb; else empty.
  std::string gdb_address() const { return gdb_ ? gdb_->address() : ""; }
  /// After write_results: where a failed scenario has left its recording; empty: nowhere.
  const std::string& failure_recording() const { return failure_recording_; }
  /// Of a replay that has differed.
  std::optional<ReplayDifference> replay_difference() const { return replay_ ? replay_->difference() : std::nullopt; }

 private:
  class SerialTap;

  Tick next_stop() const;
  std::optional<RunOutcome> look();
  std::optional<RunOutcome> look_at_script();
  std::optional<RunOutcome> look_at_clock();
  std::optional<RunOutcome> look_at_host();
  std::optional<RunOutcome> look_at_limits();
  std::optional<RunOutcome> look_at_replay();
  RunOutcome outcome_of(StopReason why);
  RunOutcome outcome_of_death(StopReason why);
  RunOutcome replay_outcome();
  void end_recording(const RunOutcome& outcome);
  RunOutcome limit_outcome(const std::string& word, const std::string& message) const;
  bool has_condition() const { return until_serial_ || until_screen_ || scenario_ || !options_.until_points.empty(); }
  bool failed(const RunOutcome& outcome) const;
  StopReason go();
  std::string refusal_of_edits() const;
  bool screen_matches();
  void feed_serial();
  void keep_pace();

  RunOrigin origin_;
  RunOptions options_;
  std::unique_ptr<Machine> machine_;
  OutputText serial_text_;
  std::optional<OutputWatch> until_serial_;
  std::optional<Pattern> until_screen_;
  std::unique_ptr<Scenario> scenario_;
  bool scenario_done_ = false;
  std::unique_ptr<Replay> replay_;
  std::unique_ptr<RunRecording> recording_;
  std::string failure_recording_;
  std::unique_ptr<TrapLog> traps_;
  std::unique_ptr<HostOutput> serial_out_;
  std::unique_ptr<HostOutput> debugcon_out_;
  std::unique_ptr<SerialTap> tap_;
  std::unique_ptr<HostInput> host_input_;
  std::unique_ptr<GdbRun> gdb_;
  std::unique_ptr<PointRun> points_;
  std::optional<std::string> searched_screen_;
  Tick cadence_ = 0;    ///< ticks between two regular looks
  Tick next_look_ = 0;
  std::chrono::steady_clock::time_point began_;
  Tick began_tick_ = 0;
  double host_seconds_ = 0;
  double cpu_seconds_ = 0;
};

}  // namespace ringside
