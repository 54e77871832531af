// How the debugger hears of what its points watch for while the machine runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpu/cpu_bus.h"
#include "cpu/debug_marks.h"
#include "debugger/debugger.h"
#include "debugger/point_set.h"

namespace ringside {

/// What may be a point's hit is noted during the run and ends it; between two instructions, where memory and registers
/// are what the instruction made of them, collect() decides. Instructions' addresses are decided at once.
class Debugger::Hooks final : public DebugHook, public CpuObserver {
 public:
  explicit Hooks(Machine& machine) : marks(*this), points(marks), machine_(machine) {}

  DebugMarks marks;
  PointSet points;
  std::function<void(const Hit&)> trace_listener;

  enum class Mode : std::uint8_t {
    kIdle,     ///< nothing counts: seeking, or somebody else runs the machine
    kForward,
    kStep,     ///< as kForward, but the present instruction is executed whatever is set there
    kScan,     ///< the past is searched: nothing is counted, instructions do not end the run
  };
  /// `passed`: the moment at which instruction points have had their stop.
  void begin(Mode mode, std::optional<Moment> passed = {});
  /// After the run: the points that were met, decided and (forwards) counted. Back to kIdle.
  std::vector<Hit> collect();
  /// Looks at the screen without a hit, after a jump in time.
  void refresh_texts();
  /// Instruction points at the present moment, for a search that walks step by step.
  void scan_instruction() { instruction_points(machine_.moment()); }

  bool stop_before_instruction() override;
  void watched(const WatchedAccess& access) override;
  void trap(const TrapEvent& event) override;
  void port(const PortEvent& event) override;
  void register_written(const RegisterEvent& event) override;

 private:
  struct Candidate {
    std::size_t index;
    Hit hit;
    bool decided;
  };
  bool listening() const { return mode_ != Mode::kIdle && machine_.audience() != Machine::Audience::kNobody; }
  bool instruction_points(Moment now);
  void note(std::size_t index, Hit hit);
  template <typename Fits>
  void note_all(PointKind kind, const Hit& hit, Fits&& fits);
  bool holds(std::size_t index, const Hit& hit) const;
  /// Counts a hit forwards; true if it stops.
  bool take(std::size_t index, const Hit& hit);
  void due_looks(std::vector<Candidate>& out);
  void serial_byte(std::uint8_t byte);
  Moment before(Moment moment) const;

  Machine& machine_;
  Mode mode_ = Mode::kIdle;
  std::optional<Moment> passed_;
  std::vector<Candidate> candidates_;
  std::string serial_line_;  // the line that the guest is sending; a pattern is looked for in it
};

}  // namespace ringside
