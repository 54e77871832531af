// The points that are set, arranged for the questions that a running machine asks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpu/debug_marks.h"
#include "debugger/conditions.h"
#include "debugger/pattern.h"
#include "debugger/stop_points.h"

namespace ringside {

/// A point with what was made of its texts. Internal points (of steps) have no id and ask `also`.
struct PreparedPoint {
  std::optional<Expression> condition;
  std::optional<Pattern> pattern;
  std::function<bool(const Cpu&)> also;
  bool internal = false;
  bool matched = false;  ///< text points: when last looked at
};

class PointSet {
 public:
  explicit PointSet(DebugMarks& marks) : marks_(marks) {}

  /// Throws DebuggerError. `apply` must follow.
  int add(const StopPointSpec& spec, const Expression::SymbolLookup& symbols);
  /// For a step: instruction at a linear address, or a write of linear memory.
  int add_internal(const StopPointSpec& spec, std::function<bool(const Cpu&)> also);
  void remove(int id) { remove(std::vector<int>{id}); }
  void remove(const std::vector<int>& ids);
  void remove_all();
  StopPoint* find(int id);
  const StopPoint* find(int id) const;
  void set_condition(int id, const std::string& text, const Expression::SymbolLookup& symbols);
  /// Sets the marks. True if they have changed.
  bool apply();

  const std::vector<StopPoint>& points() const { return points_; }
  PreparedPoint& prepared(std::size_t index) { return prepared_[index]; }
  const PreparedPoint& prepared(std::size_t index) const { return prepared_[index]; }
  StopPoint& at(std::size_t index) { return points_[index]; }
  std::size_t size() const { return points_.size(); }

  /// Only these points count while it is set: run_back_to, step_back_out. 0: all.
  void set_only(int id) { only_ = id; }
  bool counts(std::size_t index) const { return points_[index].enabled && (only_ == 0 || points_[index].id == only_); }

  /// Indices of the enabled instruction points at this place.
  template <typename F>
  void at_instruction(std::uint32_t linear, std::uint16_t cs, std::uint32_t eip, const std::optional<PhysAddr>& physical,
                      F&& f) const;
  bool any(PointKind kind) const { return (kinds_ >> static_cast<unsigned>(kind) & 1) != 0; }
  bool any_physical_code() const { return !by_physical_.empty(); }
  bool any_observed() const;
  /// The next tick after `now` at which a tick point or a look at the screen is due.
  Tick next_look(Tick now) const;

 private:
  using Index = std::unordered_multimap<std::uint64_t, std::size_t>;
  void prepare(const StopPointSpec& spec, PreparedPoint& out, const Expression::SymbolLookup& symbols) const;

  DebugMarks& marks_;
  int next_id_ = 1;
  int only_ = 0;
  unsigned kinds_ = 0;
  std::vector<StopPoint> points_;
  std::vector<PreparedPoint> prepared_;
  Index by_linear_, by_eip_, by_physical_;
  std::vector<std::uint32_t> marked_linear_, marked_eip_;
  std::vector<PhysAddr> marked_physical_;
  std::vector<WatchRange> watched_;
};

template <typename F>
void PointSet::at_instruction(std::uint32_t linear, std::uint16_t cs, std::uint32_t eip,
                              const std::optional<PhysAddr>& physical, F&& f) const {
  const auto each = [&](const Index& index, std::uint64_t key, auto&& fits) {
    const auto [first, last] = index.equal_range(key);
    for (auto i = first; i != last; ++i)
      if (counts(i->second) && fits(points_[i->second])) f(i->second);
  };
  each(by_linear_, linear, [](const StopPoint&) { return true; });
  each(by_eip_, eip, [cs](const StopPoint& p) { return p.selector == cs; });
  if (physical) each(by_physical_, *physical, [](const StopPoint&) { return true; });
}

}  // namespace ringside
