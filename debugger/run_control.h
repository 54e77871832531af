// A headless run from power-on to its stop condition.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "debugger/pattern.h"
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
  std::string serial = "stdio", debugcon = "none";
  std::string screen_text, screenshot, trace, stats;  ///< output files; empty: none
};

/// Exit codes of the command line.
enum ExitCode : int { kExitOk = 0, kExitUsage = 1, kExitFile = 2, kExitLimit = 3, kExitDied = 4 };

struct RunOutcome {
  int exit_code = kExitOk;
  std::string stop_reason;   ///< one word for --stats
  std::string message;       ///< one line for people
  std::string explanation;   ///< further lines: why a guest died
};

class RunControl {
 public:
  /// Throws ConfigError, FileError; nothing is written before everything was checked.
  RunControl(const MachineConfig& config, const RunOptions& options);
  ~RunControl();

  Machine& machine() { return *machine_; }
  RunOutcome run();
  /// After a run that has ended with its --until-serial: what comes then has no condition any more.
  void continue_without_conditions();
  /// --screen-text, --screenshot and --stats.
  void write_results(const RunOutcome& outcome);

 private:
  class SerialTap;

  void set_cadence();
  Tick next_stop() const;
  std::optional<RunOutcome> look();
  std::optional<RunOutcome> look_at_script();
  std::optional<RunOutcome> look_at_host();
  std::optional<RunOutcome> look_at_limits();
  RunOutcome outcome_of(StopReason why);
  RunOutcome limit_outcome(const std::string& word, const std::string& message) const;
  bool has_condition() const { return until_serial_ || until_screen_ || scenario_; }
  void feed_serial();
  void keep_pace();
  void account();

  MachineConfig config_;
  RunOptions options_;
  std::unique_ptr<Machine> machine_;
  OutputText serial_text_;
  std::optional<OutputWatch> until_serial_;
  std::optional<Pattern> until_screen_;
  std::unique_ptr<Scenario> scenario_;
  bool scenario_done_ = false;
  std::unique_ptr<TrapLog> traps_;
  std::unique_ptr<HostOutput> serial_out_;
  std::unique_ptr<HostOutput> debugcon_out_;
  std::unique_ptr<SerialTap> tap_;
  std::unique_ptr<HostInput> host_input_;
  Tick cadence_ = 0;    ///< ticks between two regular looks
  Tick next_look_ = 0;
  std::uint64_t paced_halt_ = 0;
  std::chrono::steady_clock::time_point began_;
  Tick began_tick_ = 0;
  double host_seconds_ = 0;
  double cpu_seconds_ = 0;
};

}  // namespace ringside
