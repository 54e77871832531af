// Run control for people and programs that look at a machine: points to stop at, steps, and both directions of
// time. The window, the gdb stub, scenarios and the monitor's commands are faces of this class.
//
// Nothing here changes the guest: points are decode-time marks and missing fast TLB entries (cpu/debug_marks.h) and
// observations; a debugged run has the hashes of a free one. What is not hit costs nothing.
//
// Forwards a point stops behind what it watches for (before the instruction, for an instruction's address).
// Backwards it stops in front of it, so that the next step does it. `back` functions need a TimeTravel.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "debugger/stop_points.h"
#include "machine/machine.h"
#include "machine/moment.h"

namespace ringside {

class Course;
class TimeTravel;
class Symbols;

enum class StopWhy : std::uint8_t {
  kPoint,        ///< `hits` says which
  kStepped,      ///< a step is done
  kLimit,        ///< the tick that was asked for
  kInterrupted,  ///< interrupt()
  kMachine,      ///< `machine` says why: power-off, triple fault, ...
  kEnd,          ///< the end of the course: set_course()
  kBeginning,    ///< backwards: the beginning of what is remembered
  kNotFound,     ///< backwards or stepping out: the place was not found within `Debugger::kSearchTicks`; nothing has moved
};

struct Stop {
  StopWhy why = StopWhy::kStepped;
  StopReason machine = StopReason::kLimit;
  Moment moment;
  std::vector<Hit> hits;
};

/// One line for people.
std::string describe(const Stop& stop);

class Debugger {
 public:
  /// Observes `machine` until it is destroyed. Without `time` there is no way back.
  explicit Debugger(Machine& machine, TimeTravel* time = nullptr);
  ~Debugger();
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  Machine& machine() { return machine_; }
  const Machine& machine() const { return machine_; }
  TimeTravel* time() { return time_; }
  Symbols& symbols() { return *symbols_; }
  const Symbols& symbols() const { return *symbols_; }
  /// Reads symbols and lines; `bias` is added to the file's addresses. Throws FileError.
  void load_symbols(const std::string& path, std::uint32_t bias = 0);

  // --- Points ------------------------------------------------------------------------------------------
  /// Throws DebuggerError: a condition that is no expression, an empty range, a pattern that is none.
  int add(const StopPointSpec& spec);
  /// Many at once.
  std::vector<int> add(const std::vector<StopPointSpec>& specs);
  void remove(int id);
  void remove(const std::vector<int>& ids);
  void remove_all();
  void set_enabled(int id, bool enabled);
  void set_condition(int id, const std::string& condition);
  void set_ignore(int id, std::uint64_t hits);
  const std::vector<StopPoint>& points() const;
  const StopPoint* point(int id) const;
  /// An enabled stop point at this instruction address, for listings; 0: none.
  int point_at(std::uint32_t linear) const;
  /// Told of hits of points that trace, with the point's description.
  void set_trace_listener(std::function<void(const Hit&)> listener);

  // --- Forwards ----------------------------------------------------------------------------------------
  /// Until a point stops, the machine ends, or `limit`. Points at the present moment are passed. In slices, for a
  /// window: run(now + slice) and go on while it says kLimit.
  Stop run(Tick limit = kNever);
  /// Until the point that `spec` describes is met (or another one that stops).
  Stop run_to(const StopPointSpec& spec, Tick limit = kNever);
  /// One instruction (of a repeated one: one iteration), or one interrupt or fault delivered.
  Stop step();
  /// One instruction or iteration, or one fault delivered; the handler of a hardware interrupt that comes first is run
  /// through. What a person who follows one course of instructions means by a step.
  Stop step_through();
  /// One instruction, all its iterations; what interrupts it is run through.
  Stop step_repeated();
  /// As step_repeated, and calls and software interrupts are run through.
  Stop step_over();
  /// Until the present function, or handler, has returned.
  Stop step_out();
  /// Until another source line of the symbols begins; `over`: calls are run through.
  Stop step_line(bool over);

  // --- Backwards ---------------------------------------------------------------------------------------
  bool can_go_back() const { return time_ != nullptr; }
  /// Undoes one step().
  Stop step_back();
  /// Undoes one step_through().
  Stop step_back_through();
  Stop step_back_repeated();
  /// Undoes one step_over(): a call that has returned here is undone as a whole.
  Stop step_back_over();
  /// To the call, or the interrupted instruction, that led into the present function or handler.
  Stop step_back_out();
  Stop step_line_back(bool over);
  /// To the last point that stops, before the present moment.
  Stop run_back();
  /// To the last time before the present that the point which `spec` describes was met. Other points do not stop.
  Stop run_back_to(const StopPointSpec& spec);
  /// To any moment that is remembered.
  Stop seek(Moment moment);

  /// From a signal handler or another thread: what runs now ends with kInterrupted.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }

  /// For listeners that are called during run(): it comes back soon, between two instructions, with kLimit, as if its
  /// limit were reached here. Steps and what runs backwards take no notice.
  void pause() {
    pause_ = true;
    machine_.request_stop();
  }

  /// Asked between slices of whatever runs: true is as interrupt().
  void set_poll(std::function<bool()> poll) { poll_ = std::move(poll); }

  /// Whatever moves the machine forwards keeps to it, from now on. It must outlive this.
  void set_course(Course* course) { course_ = course; }
  const Course* course() const { return course_; }

  /// How far step_out looks for the return.
  static constexpr Tick kSearchTicks = 2'000'000'000;

 private:
  class Hooks;
  struct Frame;

  /// Ticks between two looks at interrupt(): a millisecond of guest code, a second where a guest does nothing but fault.
  static constexpr Tick kSlice = 500'000;

  void points_changed();
  std::function<std::optional<std::uint32_t>(const std::string&)> symbol_lookup() const;
  // debugger.cpp
  Stop stopped(StopWhy why, StopReason machine = StopReason::kLimit, std::vector<Hit> hits = {});
  StopReason go(Tick limit);
  Stop run_on(Tick limit, bool pauses);
  bool interrupted();
  bool in_past() const;
  bool on_course();
  bool halt_on_course();
  Stop single_step();
  /// Runs to `target` with the stack where it is now (or above), or to a point that stops.
  Stop run_to_return(std::uint32_t target, std::uint32_t esp, bool exactly, Tick limit);
  // debugger_back.cpp
  enum class Found : std::uint8_t { kYes, kNo, kInterrupted };
  Found search_back(Moment before, Hit& found);
  /// The last write to [linear, linear + size) that began before `before`; internal, so no point but this one counts.
  Found last_write(std::uint32_t linear, std::uint32_t size, Moment before, Hit& found);
  Stop back_to(Moment before, Found found, const Hit& hit, StopWhy otherwise);
  void require_history() const;

  Machine& machine_;
  TimeTravel* time_;
  Course* course_ = nullptr;
  std::unique_ptr<Symbols> symbols_;
  std::unique_ptr<Hooks> hooks_;
  std::optional<Moment> passed_;  ///< the moment of the last stop: its instruction points have had theirs
  bool observing_ = false;
  bool pause_ = false;
  std::function<bool()> poll_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace ringside
