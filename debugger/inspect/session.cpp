#include "debugger/inspect/session.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "debugger/inspect/text.h"
#include "debugger/run_recording.h"
#include "debugger/symbols.h"
#include "machine/errors.h"

namespace ringside {
namespace {

StopPointSpec any_trap() {
  StopPointSpec spec;
  spec.kind = PointKind::kVector;
  return spec;
}

StopPointSpec instruction_at(std::uint32_t linear) {
  StopPointSpec spec;
  spec.kind = PointKind::kInstruction;
  spec.address = linear;
  return spec;
}

}  // namespace

void Session::RemarkList::add(Remark remark) {
  if (list.size() == kKept) list.pop_front();
  list.push_back(std::move(remark));
}

void Session::RemarkList::lint(const char* device, const std::string& message) { add({machine->now(), device, message}); }

void Session::RemarkList::unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) {
  add({machine->now(), "port " + hex16(port) + "h",
       write ? format("nobody answers; the guest wrote %X", value) : std::string("nobody answers; the guest reads FFh in every byte")});
}

Session::Session(const MachineConfig& config, const SessionOptions& options)
    : config_(config), options_(options), origin_(config) {
  build(origin_.machine());
}

Session::~Session() {
  try {
    end_recording();
  } catch (const FileError&) {
    // Without its end the recording is good up to its last part.
  }
}

void Session::build(std::unique_ptr<Machine> machine) {
  typist_.reset();
  disks_.reset();
  traps_.reset();
  debugger_.reset();
  time_.reset();
  machine_ = std::move(machine);
  const bool writes_through = std::any_of(config_.disks.begin(), config_.disks.end(),
                                          [](const auto& disk) { return disk && disk->mode == DiskMode::kReadWrite; });
  if (options_.history != 0 && !writes_through) {
    HistoryOptions history;
    history.budget = options_.history;
    time_ = std::make_unique<TimeTravel>(*machine_, history);
    time_->set_new_future_callback([this](Moment from, Moment) {
      traps_->truncate(from);
      disks_->truncate(from);
    });
  }
  debugger_ = std::make_unique<Debugger>(*machine_, time_.get());
  if (config_.bios.empty()) debugger_->symbols().load_bios();
  for (const std::string& path : options_.symbols) debugger_->load_symbols(path);
  traps_ = std::make_unique<TrapHistory>(*machine_);
  disks_ = std::make_unique<DiskHistory>(*machine_);
  typist_ = std::make_unique<Typist>(*machine_);
  remarks_.machine = machine_.get();
  machine_->set_serial_sink(&sink_);
  machine_->set_device_log(&remarks_);
  last_stop_ = {};
  last_stop_.moment = machine_->moment();
}

const Naming& Session::names() const { return debugger_->symbols(); }

std::unique_ptr<Machine> Session::machine_from_origin() { return replay_ ? origin_.again(*replay_) : origin_.machine(); }

void Session::power_cycle() { take(std::move(origin_), std::move(replay_), nullptr); }

// Whatever can fail has been done before: `machine` is the origin's, or to be made once more.
void Session::take(RunOrigin origin, std::optional<InputLog> replay, std::unique_ptr<Machine> machine) {
  end_recording();
  forget_aim();
  const std::vector<StopPoint> points = debugger_->points();
  origin_ = std::move(origin);
  replay_ = std::move(replay);
  if (machine == nullptr) machine = machine_from_origin();
  config_ = origin_.config();
  sink_.text = {};
  remarks_.list.clear();
  serial_waiting_.clear();
  build(std::move(machine));
  for (const StopPoint& point : points) debugger_->add(static_cast<const StopPointSpec&>(point));
}

void Session::insert(const MachineConfig& config) {
  RunOrigin origin(config);
  auto machine = origin.machine();  // whether there can be such a machine at all
  options_.symbols.clear();
  options_.ready.clear();
  replay_end_ = 0;
  take(std::move(origin), std::nullopt, std::move(machine));
}

// ===== Files ==========================================================================================

void Session::open(const std::string& path) {
  std::optional<PartFileKind> kind;
  {
    const FileInput file(path, "file");
    kind = part_file_kind(file);
  }
  if (!kind) throw FileError("file '" + path + "': is neither a snapshot nor a recording of Ringside");
  const bool recorded = *kind == PartFileKind::kRecording;
  std::optional<InputLog> log;
  Tick end = 0;
  if (recorded) {
    const FileInput file(path, "recording");
    Recording recording(file);
    log = recording.inputs();
    end = recording.last_tick();
  }
  RunOrigin origin = recorded ? RunOrigin::replayed(path) : RunOrigin::restored(path);
  auto machine = log ? origin.again(*log) : origin.machine();
  const auto medium = [](const MachineConfig& config) {
    return config.disks[0] ? std::filesystem::path(config.disks[0]->path).filename() : std::filesystem::path(config.kernel).filename();
  };
  if (medium(origin.config()) != medium(config_)) {
    options_.symbols.clear();
    options_.ready.clear();
  }
  replay_end_ = end;
  take(std::move(origin), std::move(log), std::move(machine));
}

void Session::record(const std::string& path) {
  end_recording();
  const bool untouched = machine_->moment() == Moment{} && origin_.at_power_on();
  recorder_ = std::make_unique<RunRecording>(*machine_, path, untouched ? Recorder::Start::kPowerOn : Recorder::Start::kState, HashIntervals{});
  recording_path_ = path;
}

// Named as a headless run names its ends: a replay compares them.
RecordingEnd Session::recording_end() const {
  RecordingEnd end;
  end.tick = machine_->now();
  end.instructions = machine_->instructions();
  end.stop_reason = "limit";
  end.message = "the recording was ended by hand";
  if (last_stop_.why != StopWhy::kMachine || last_stop_.moment != machine_->moment()) return end;
  const auto died = [&](const char* reason, const char* message) {
    end.died = true;
    end.stop_reason = reason;
    end.message = message;
  };
  switch (last_stop_.machine) {
    case StopReason::kPowerOff: died("power-off", "the guest switched itself off"); break;
    case StopReason::kDebugExit: died("debug-exit", "the guest ended the run through the debug exit port"); break;
    case StopReason::kTripleFault: died("triple-fault", "the guest died: triple fault"); break;
    case StopReason::kHalted: died("halted", "the guest died: halted, and nothing is left that could wake it"); break;
    case StopReason::kUnimplemented: died("unimplemented", "an instruction that the simulator does not have"); break;
    default: break;
  }
  return end;
}

void Session::end_recording() {
  if (recorder_ == nullptr) return;
  const auto recorder = std::move(recorder_);
  recording_path_.clear();
  recorder->look();
  RecordingEnd end = recording_end();
  if (end.died || machine_->moment().step == 0) end.state_hash = machine_->state_hash();
  recorder->end(end, false);
}

// ===== Moving =========================================================================================

Stop Session::note(Stop stop) {
  if (recorder_ != nullptr) recorder_->look();
  last_stop_ = stop;
  return stop;
}

void Session::aim(const StopPointSpec& spec) {
  forget_aim();
  aim_ = debugger_->add(spec);
}

void Session::forget_aim() {
  if (aim_ != 0) debugger_->remove(std::exchange(aim_, 0));
}

Stop Session::run_back_to(const StopPointSpec& spec) { return debugger_->can_go_back() ? note(debugger_->run_back_to(spec)) : last_stop_; }

Stop Session::run_slice(Tick ticks) {
  while (!serial_waiting_.empty() && !refuses_input() && machine_->serial(serial_waiting_.front())) serial_waiting_.pop_front();
  const Tick limit = machine_->now() + ticks;
  for (;;) {
    typist_->work();
    Stop stop = debugger_->run(std::min(limit, typist_->next()));
    if (stop.why != StopWhy::kLimit) forget_aim();
    if (stop.why != StopWhy::kLimit || machine_->now() >= limit) return note(std::move(stop));
  }
}

Stop Session::act(RunAction action, std::uint32_t address) {
  Debugger& d = *debugger_;
  switch (action) {
    case RunAction::kStep: return note(d.step());
    case RunAction::kStepOver: return note(d.step_over());
    case RunAction::kStepOut: return note(d.step_out());
    case RunAction::kStepLine: return note(d.step_line(true));
    case RunAction::kNextTrap: return note(d.run_to(any_trap(), machine_->now() + Debugger::kSearchTicks));
    case RunAction::kRunTo: return note(d.run_to(instruction_at(address), machine_->now() + Debugger::kSearchTicks));
    default: break;
  }
  if (!d.can_go_back()) return last_stop_;
  switch (action) {
    case RunAction::kStepBack: return note(d.step_back());
    case RunAction::kStepBackOver: return note(d.step_back_over());
    case RunAction::kStepBackOut: return note(d.step_back_out());
    case RunAction::kStepLineBack: return note(d.step_line_back(true));
    case RunAction::kPreviousTrap: return note(d.run_back_to(any_trap()));
    case RunAction::kRunBackTo: return note(d.run_back_to(instruction_at(address)));
    case RunAction::kRunBack: return note(d.run_back());
    default: return last_stop_;
  }
}

Stop Session::travel(Moment moment) {
  if (!debugger_->can_go_back()) return last_stop_;
  return note(debugger_->seek(moment));
}

void Session::toggle_breakpoint(std::uint32_t linear) {
  if (const int id = debugger_->point_at(linear); id != 0) {
    debugger_->remove(id);
  } else {
    debugger_->add(instruction_at(linear));
  }
}

// ===== What enters ====================================================================================

bool Session::refuses_input() const { return time_ != nullptr && time_->input_starts_new_future(); }

bool Session::key(KeyCode code, bool down) {
  if (refuses_input()) return false;
  machine_->key(code, down);
  return true;
}

bool Session::mouse(int dx, int dy, int dz, unsigned buttons) {
  if (refuses_input()) return false;
  machine_->mouse(dx, dy, dz, buttons);
  return true;
}

bool Session::serial_input(const std::string& bytes) {
  if (refuses_input()) return false;
  for (const char c : bytes)
    if (serial_waiting_.size() < 64 * 1024) serial_waiting_.push_back(static_cast<std::uint8_t>(c));
  return true;
}

bool Session::type(const std::string& text) {
  if (refuses_input()) return false;
  std::vector<KeyStroke> strokes;
  for (const char c : text) {
    if (c == '\r') continue;
    std::string one(1, c);
    if (c == '\n') one = "\\n";
    if (c == '\t') one = "\\t";
    if (c == '\\') one = "\\\\";
    if (c == '<') one = "\\<";
    try {
      for (const KeyStroke stroke : keystrokes(one)) strokes.push_back(stroke);
    } catch (const ConfigError&) {
      // No key types it.
    }
    if (strokes.size() > 20'000) break;
  }
  typist_->type(strokes);
  return true;
}

void Session::start_new_future() {
  if (time_ != nullptr) time_->forget_future();
}

void Session::edited() { start_new_future(); }

}  // namespace ringside
