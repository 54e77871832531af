// A machine with everything that is needed to look at it and to move it: what the window drives from its machine
// thread, and tests drive without a window. One thread only.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "debugger/debugger.h"
#include "debugger/inspect/disk_history.h"
#include "debugger/inspect/naming.h"
#include "debugger/inspect/trap_history.h"
#include "debugger/pattern.h"
#include "debugger/run_origin.h"
#include "debugger/typist.h"
#include "devices/device_log.h"
#include "machine/machine.h"
#include "machine/time_travel.h"

namespace ringside {

class RunRecording;

/// A remark of a device about the guest, or an unclaimed port.
struct Remark {
  Tick tick = 0;
  std::string device, sentence;
};

enum class RunAction : std::uint8_t {
  kStep, kStepOver, kStepOut, kStepLine, kNextTrap, kRunTo,
  kStepBack, kStepBackOver, kStepBackOut, kStepLineBack, kPreviousTrap, kRunBackTo, kRunBack,
};

struct SessionOptions {
  std::size_t history = std::size_t{512} << 20;  ///< bytes for time travel; 0: none
  std::vector<std::string> symbols;              ///< ELF files
  std::string ready;                             ///< the guest's line on COM1 when it has booted
};

class Session {
 public:
  /// Powers on. Throws ConfigError, FileError.
  Session(const MachineConfig& config, const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Machine& machine() { return *machine_; }
  const Machine& machine() const { return *machine_; }
  Debugger& debugger() { return *debugger_; }
  const Debugger& debugger() const { return *debugger_; }
  /// Null where a disk in mode rw, or the user, allows no history.
  const TimeTravel* time() const { return time_.get(); }
  const TrapHistory& traps() const { return *traps_; }
  const DiskHistory& disks() const { return *disks_; }
  const OutputText& serial() const { return sink_.text; }
  const std::deque<Remark>& remarks() const { return remarks_.list; }
  const Naming& names() const;
  const MachineConfig& config() const { return config_; }
  const SessionOptions& options() const { return options_; }

  // --- Moving ------------------------------------------------------------------------------------------
  /// Runs on for at most `ticks`; keys that are to be typed go in on the way. kLimit: go on with the next slice.
  Stop run_slice(Tick ticks);
  /// `address` is the cursor's, for kRunTo and kRunBackTo.
  Stop act(RunAction action, std::uint32_t address = 0);
  Stop travel(Moment moment);
  /// From now on run_slice() stops at this, too, until it has stopped for whatever reason: "run to", with the machine
  /// in view meanwhile.
  void aim(const StopPointSpec& spec);
  void forget_aim();
  Stop run_back_to(const StopPointSpec& spec);
  const Stop& last_stop() const { return last_stop_; }
  /// Whoever has moved the machine through debugger() says so with this.
  Stop note(Stop stop);
  /// A stop at an instruction: added, or removed where there is one.
  void toggle_breakpoint(std::uint32_t linear);

  // --- What enters -----------------------------------------------------------------------------------------
  /// All of these return false, and nothing has entered, where the machine stands in its past: ask the user, call
  /// start_new_future(), and try again.
  bool key(KeyCode code, bool down);
  bool mouse(int dx, int dy, int dz, unsigned buttons);
  bool serial_input(const std::string& bytes);
  /// Types on the keyboard, in guest time. Characters that no key types are left out.
  bool type(const std::string& text);
  bool typing() const { return !typist_->idle(); }
  void start_new_future();
  /// A change of registers or memory by hand; the future that was known is forgotten.
  void edited();

  /// The same machine from the beginning: power-on, or the snapshot or recording that was opened. Points stay.
  void power_cycle();
  /// Another machine in its place (other media); symbols of the old guest go. Throws as the constructor does, and
  /// then everything is as before.
  void insert(const MachineConfig& config);

  // --- Files ---------------------------------------------------------------------------------------------
  /// The machine of a snapshot, or of a recording, which it then lives again as far as that reaches. Symbols stay
  /// where the media are the same. Throws FileError, and then everything is as before.
  void open(const std::string& path);
  void save_snapshot(const std::string& path) { write_snapshot(*machine_, path); }
  /// From here on everything that enters goes into the file, until end_recording(), another machine, or the end of
  /// this session. Throws FileError.
  void record(const std::string& path);
  void end_recording();
  /// Empty: none is being made.
  const std::string& recording() const { return recording_path_; }
  /// Where the recording that was opened ends; 0: none was.
  Tick replay_end() const { return replay_end_; }

 private:
  struct SerialSink final : ByteSink {
    OutputText text;
    void put(std::uint8_t byte) override { text.put(byte); }
  };
  struct RemarkList final : DeviceLog {
    static constexpr std::size_t kKept = 2'000;
    Machine* machine = nullptr;
    std::deque<Remark> list;
    void lint(const char* device, const std::string& message) override;
    void unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) override;
    void add(Remark remark);
  };

  void build(std::unique_ptr<Machine> machine);
  void take(RunOrigin origin, std::optional<InputLog> replay, std::unique_ptr<Machine> machine);
  std::unique_ptr<Machine> machine_from_origin();
  RecordingEnd recording_end() const;
  bool refuses_input() const;

  MachineConfig config_;
  SessionOptions options_;
  RunOrigin origin_;
  std::optional<InputLog> replay_;  // of the recording that was opened
  Tick replay_end_ = 0;
  SerialSink sink_;
  RemarkList remarks_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<TimeTravel> time_;
  std::unique_ptr<Debugger> debugger_;
  std::unique_ptr<TrapHistory> traps_;
  std::unique_ptr<DiskHistory> disks_;
  std::unique_ptr<Typist> typist_;
  std::unique_ptr<RunRecording> recorder_;
  std::string recording_path_;
  int aim_ = 0;
  std::deque<std::uint8_t> serial_waiting_;
  Stop last_stop_;
};

}  // namespace ringside
