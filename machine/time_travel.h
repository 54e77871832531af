// Time as something to move in: checkpoints while the machine runs, seeking to any moment between the first of
// them and the latest moment that the machine has reached, and scanning the past backwards.
//
//   run, step     as Machine::run and Machine::step, with checkpoints on the way. In the past they repeat what
//                 happened, with the inputs of the log, and go on live where the known past ends
//   seek          nearest checkpoint, then run forward; what the machine does on the way is muted
//   scan_back     stretch by stretch into the past, for "the last time that ..."
//
// A machine without a TimeTravel pays nothing. Nothing here changes what the guest does: a run with history has
// the same state at every tick as one without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "machine/event_index.h"
#include "machine/machine.h"
#include "machine/moment.h"

namespace ringside {

class CheckpointStore;

struct HistoryOptions {
  std::size_t budget = std::size_t{512} << 20;  ///< bytes for checkpoints and the event index
  /// Ticks between checkpoints; 0: as far apart as the measured speed allows a step back to stay quick. Host
  /// time decides then where checkpoints are, which no guest can notice.
  Tick spacing = 0;
  bool index_events = true;
};

class TimeTravel {
 public:
  /// The past begins now. The machine must outlive this. Throws ConfigError where a disk is in mode `rw`: what is
  /// written through to a file cannot be taken back.
  explicit TimeTravel(Machine& machine, const HistoryOptions& options = {});
  ~TimeTravel();
  TimeTravel(const TimeTravel&) = delete;
  TimeTravel& operator=(const TimeTravel&) = delete;

  /// Forgets everything; the past begins now. To be called after Machine::load.
  void restart();

  // --- Moving --------------------------------------------------------------------------------------------
  /// Machine::run, from wherever the machine stands now. In the past everything happens again as it did; the
  /// outside (serial line, debug console, device remarks, trap log) is muted up to end(), observers are not - they ask
  /// Machine::reliving(). What stopped the first run (a breakpoint, power-off) stops this one too.
  StopReason run(Tick limit);
  /// Machine::step: one instruction, or one interrupt or fault delivered. Muted as run() is.
  StopReason step();
  /// To any moment in [begin(), end()]; moments outside are brought inside. All is muted, observers too, and what
  /// would stop the machine on the way (a debugger's hook) is stepped over; Machine::audience() says kNobody.
  void seek(Moment moment);
  void seek(Tick tick) { seek(Moment{tick, 0}); }
  /// The moment before the present one: undoes one step(). False at begin().
  bool step_back();
  /// Back to the last event before the present that `query` asks for, to the moment where it is about to happen.
  bool seek_previous(const EventQuery& query);
  bool seek_next(const EventQuery& query);

  // --- Where we are ----------------------------------------------------------------------------------------
  Moment present() const { return machine_.moment(); }
  Tick begin() const;
  /// The latest moment that this machine has reached on its present course.
  Moment end() const;
  bool in_past() const { return present() < end(); }

  // --- Another future ----------------------------------------------------------------------------------------
  /// True where a new input (Machine::key, mouse, serial) would end the known future: ask the user first. The input
  /// is taken all the same; what lay beyond is forgotten: checkpoints, events, inputs.
  bool input_starts_new_future() const;
  /// Called just before the future beyond `from` is forgotten, up to `until`.
  void set_new_future_callback(std::function<void(Moment from, Moment until)> callback);
  /// Forgets what lies beyond the present: it is the end now. Nothing to do at the end.
  void forget_future();
  /// How many futures were given up.
  std::uint64_t futures_forgotten() const { return futures_forgotten_; }

  // --- Scanning the past -------------------------------------------------------------------------------------
  /// Walks back from `before` in stretches between checkpoints, the latest first, until `look` returns true or the
  /// beginning is reached; says whether it did. The machine stands at `from` when `look` is called, everything
  /// muted; `look` lets it go on with relive(), as far as `to` and not beyond, and may take any number of
  /// stops on the way; step() stays muted in it too. Where the machine stands afterwards is where `look` left it: seek from there.
  bool scan_back(Moment before, const std::function<bool(Moment from, Moment to)>& look);
  /// Machine::run in the known past, muted but for the observers that are added with set_scan_observer(); makes no
  /// checkpoints. `limit` is cut to end().
  StopReason relive(Tick limit);
  /// An observer of relive() and of nothing else.
  void set_scan_observer(CpuObserver* observer) { scan_observer_ = observer; }

  // --- Figures -----------------------------------------------------------------------------------------------
  const EventIndex& events() const { return events_; }
  std::size_t budget() const { return options_.budget; }
  std::size_t memory_used() const;
  /// Ticks of the checkpoints, ascending, for a time bar.
  std::vector<Tick> checkpoints() const;
  Machine& machine() { return machine_; }

 private:
  class Indexer;
  class Muted;

  Machine::Audience audience() const;
  StopReason advance(Tick limit);
  bool checkpoint_due() const;
  void take_checkpoint();
  void go_to(Tick tick);
  bool reach(Tick tick);
  void restore(Tick checkpoint);
  double wanted_seconds() const;

  Machine& machine_;
  HistoryOptions options_;
  EventIndex events_;
  std::unique_ptr<CheckpointStore> store_;
  std::unique_ptr<Indexer> indexer_;
  CpuObserver* scan_observer_ = nullptr;
  std::function<void(Moment, Moment)> new_future_;
  std::uint64_t futures_forgotten_ = 0;
  Moment end_;
  Tick slice_ = 100'000;        ///< ticks that take a few milliseconds
  double since_base_ = 0;       ///< host seconds that were run since the last checkpoint
};

}  // namespace ringside
