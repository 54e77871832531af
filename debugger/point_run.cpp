#include "debugger/point_run.h"

#include <cstdio>

#include "debugger/commands.h"
#include "machine/errors.h"

namespace ringside {

PointRun::PointRun(Machine& machine, const Options& options) {
  if (options.history != 0) {
    HistoryOptions history;
    history.budget = options.history;
    time_ = std::make_unique<TimeTravel>(machine, history);
  }
  if (options.told.empty() && options.ending.empty()) return;
  debugger_ = std::make_unique<Debugger>(machine, time_.get());
  try {
    if (!machine.config().kernel.empty()) debugger_->load_symbols(machine.config().kernel);
  } catch (const FileError&) {
    // A kernel without names; then addresses are numbers.
  }
  add(options.told, PointAction::kTrace, "--point");
  add(options.ending, PointAction::kStop, "--until-point");
  debugger_->set_trace_listener([](const Hit& hit) { std::fprintf(stderr, "ringside: %s\n", describe(hit).c_str()); });
}

void PointRun::add(const std::vector<std::string>& points, PointAction action, const char* option) {
  std::vector<StopPointSpec> specs;
  for (const std::string& words : points) {
    try {
      specs.push_back(parse_point(*debugger_, words));
      specs.back().action = action;
    } catch (const DebuggerError& error) {
      throw ConfigError(std::string(option) + ": " + error.what());
    }
  }
  try {
    debugger_->add(specs);
  } catch (const DebuggerError& error) {
    throw ConfigError(std::string(option) + ": " + error.what());
  }
}

StopReason PointRun::run(Tick limit) {
  if (!debugger_) return time_->run(limit);
  const Stop stop = debugger_->run(limit);
  switch (stop.why) {
    case StopWhy::kMachine: return stop.machine;
    case StopWhy::kPoint: met_ = stop.hits.empty() ? describe(stop) : describe(stop.hits.front()); return StopReason::kRequested;
    default: return StopReason::kLimit;
  }
}

void PointRun::pause(Machine& machine) {
  if (debugger_) debugger_->pause();
  else machine.request_stop();
}

}  // namespace ringside
