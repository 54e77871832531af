// A headless run under the debugger: with points that are told of or end it, and with a history.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "debugger/debugger.h"
#include "machine/time_travel.h"

namespace ringside {

class PointRun {
 public:
  struct Options {
    std::size_t history = 0;          ///< bytes; 0: none
    std::vector<std::string> told;    ///< points in words, reported on standard error
    std::vector<std::string> ending;  ///< points that end the run
  };
  /// Throws ConfigError: a point that is none, a history of what cannot be taken back.
  PointRun(Machine& machine, const Options& options);

  /// Machine::run; kRequested also where a point has ended the run.
  StopReason run(Tick limit);
  /// For listeners during the run: run() comes back at this tick.
  void pause(Machine& machine);
  /// The point that ended the run, in words; empty: none has.
  const std::string& met() const { return met_; }

 private:
  void add(const std::vector<std::string>& points, PointAction action, const char* option);

  std::unique_ptr<TimeTravel> time_;
  std::unique_ptr<Debugger> debugger_;  // only where there are points
  std::string met_;
};

}  // namespace ringside
