#include "debugger/inspect/session.h"

#include <algorithm>

#include "debugger/inspect/text.h"
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

Session::Session(const MachineConfig& config, const SessionOptions& options) : config_(config), options_(options) { build(); }

Session::~Session() = default;

void Session::build() {
  typist_.reset();
  traps_.reset();
  debugger_.reset();
  time_.reset();
  machine_ = std::make_unique<Machine>(config_);
  const bool writes_through = std::any_of(config_.disks.begin(), config_.disks.end(),
                                          [](const auto& disk) { return disk && disk->mode == DiskMode::kReadWrite; });
  if (options_.history != 0 && !writes_through) {
    HistoryOptions history;
    history.budget = options_.history;
    time_ = std::make_unique<TimeTravel>(*machine_, history);
    time_->set_new_future_callback([this](Moment from, Moment) { traps_->truncate(from); });
  }
  debugger_ = std::make_unique<Debugger>(*machine_, time_.get());
  if (config_.bios.empty()) debugger_->symbols().load_bios();
  if (!options_.symbols.empty()) debugger_->load_symbols(options_.symbols);
  traps_ = std::make_unique<TrapHistory>(*machine_);
  typist_ = std::make_unique<Typist>(*machine_);
  remarks_.machine = machine_.get();
  machine_->set_serial_sink(&sink_);
  machine_->set_device_log(&remarks_);
  last_stop_ = {};
  last_stop_.moment = machine_->moment();
}

const Naming& Session::names() const { return debugger_->symbols(); }

void Session::power_cycle() {
  const std::vector<StopPoint> points = debugger_->points();
  sink_.text = {};
  remarks_.list.clear();
  serial_waiting_.clear();
  build();
  for (const StopPoint& point : points) debugger_->add(static_cast<const StopPointSpec&>(point));
}

void Session::insert(const MachineConfig& config) {
  Machine trial(config);  // whether there can be such a machine at all
  config_ = config;
  options_.symbols.clear();
  options_.ready.clear();
  power_cycle();
}

// ===== Moving =========================================================================================

Stop Session::note(Stop stop) {
  last_stop_ = stop;
  return stop;
}

Stop Session::run_slice(Tick ticks) {
  while (!serial_waiting_.empty() && !refuses_input() && machine_->serial(serial_waiting_.front())) serial_waiting_.pop_front();
  const Tick limit = machine_->now() + ticks;
  for (;;) {
    typist_->work();
    Stop stop = debugger_->run(std::min(limit, typist_->next()));
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
