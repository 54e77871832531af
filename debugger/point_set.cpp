#include "debugger/point_set.h"

#include <algorithm>
#include <unordered_set>

#include "machine/errors.h"

namespace ringside {
namespace {

bool same(const std::vector<WatchRange>& a, const std::vector<WatchRange>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const WatchRange& x, const WatchRange& y) {
    return x.first == y.first && x.last == y.last && x.physical == y.physical && x.kinds == y.kinds;
  });
}

void check_range(const StopPointSpec& spec) {
  if (spec.kind == PointKind::kMemory) {
    if (spec.space == AddressSpace::kFar) throw DebuggerError("memory is watched at a linear or a physical address");
    if (spec.size == 0) throw DebuggerError("a watched range has no bytes");
    if (spec.address >= PhysicalMemory::kSpan || spec.size > PhysicalMemory::kSpan - spec.address)
      throw DebuggerError("a watched range reaches beyond 4 GiB");
  }
  if (spec.kind == PointKind::kInstruction && spec.address >= PhysicalMemory::kSpan)
    throw DebuggerError("the address lies beyond 4 GiB");
  if (spec.kind == PointKind::kPort && spec.first_port > spec.last_port) throw DebuggerError("a range of ports is empty");
  const bool accesses = spec.kind == PointKind::kMemory || spec.kind == PointKind::kPort;
  if (accesses && !spec.on_read && !spec.on_write) throw DebuggerError("neither reads nor writes are watched");
  if (spec.kind == PointKind::kVector && (spec.vector_kinds & kAnyVector) == 0)
    throw DebuggerError("no way into a handler is watched");
}

}  // namespace

void PointSet::prepare(const StopPointSpec& spec, PreparedPoint& out, const Expression::SymbolLookup& symbols) const {
  check_range(spec);
  if (!spec.condition.empty()) out.condition = Expression::parse(spec.condition, symbols);
  if (spec.kind != PointKind::kScreenText && spec.kind != PointKind::kSerialText) return;
  if (spec.text.empty()) throw DebuggerError("a text to wait for is empty");
  try {
    out.pattern.emplace(spec.text, "text");
  } catch (const ConfigError& error) {
    throw DebuggerError(error.what());
  }
}

int PointSet::add(const StopPointSpec& spec, const Expression::SymbolLookup& symbols) {
  PreparedPoint prepared;
  prepare(spec, prepared, symbols);
  StopPoint point;
  static_cast<StopPointSpec&>(point) = spec;
  point.id = next_id_++;
  points_.push_back(std::move(point));
  prepared_.push_back(std::move(prepared));
  return points_.back().id;
}

int PointSet::add_internal(const StopPointSpec& spec, std::function<bool(const Cpu&)> also) {
  const int id = add(spec, {});
  prepared_.back().also = std::move(also);
  prepared_.back().internal = true;
  return id;
}

void PointSet::remove(const std::vector<int>& ids) {
  const std::unordered_set<int> gone(ids.begin(), ids.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (gone.count(points_[i].id) != 0) continue;
    if (kept != i) {
      points_[kept] = std::move(points_[i]);
      prepared_[kept] = std::move(prepared_[i]);
    }
    ++kept;
  }
  points_.resize(kept);
  prepared_.resize(kept);
}

void PointSet::remove_all() {
  points_.clear();
  prepared_.clear();
}

StopPoint* PointSet::find(int id) {
  for (StopPoint& p : points_)
    if (p.id == id) return &p;
  return nullptr;
}
const StopPoint* PointSet::find(int id) const { return const_cast<PointSet*>(this)->find(id); }

void PointSet::set_condition(int id, const std::string& text, const Expression::SymbolLookup& symbols) {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (points_[i].id != id) continue;
    StopPointSpec changed = points_[i];
    changed.condition = text;
    PreparedPoint prepared;
    prepare(changed, prepared, symbols);
    points_[i].condition = text;
    prepared_[i].condition = std::move(prepared.condition);
  }
}

bool PointSet::apply() {
  kinds_ = 0;
  by_linear_.clear();
  by_eip_.clear();
  by_physical_.clear();
  std::vector<std::uint32_t> linear, eip;
  std::vector<PhysAddr> physical;
  std::vector<WatchRange> watched;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const StopPoint& p = points_[i];
    if (!p.enabled) continue;
    kinds_ |= 1u << static_cast<unsigned>(p.kind);
    if (p.kind == PointKind::kMemory) {
      const unsigned kinds = (p.on_read ? unsigned{kWatchRead} : 0) | (p.on_write ? unsigned{kWatchWrite} : 0);
      watched.push_back({p.address, p.address + p.size - 1, p.space == AddressSpace::kPhysical,
                         static_cast<std::uint8_t>(kinds)});
    }
    if (p.kind != PointKind::kInstruction) continue;
    if (p.space == AddressSpace::kPhysical) {
      by_physical_.emplace(p.address, i);
      physical.push_back(p.address);
    } else if (p.space == AddressSpace::kFar) {
      by_eip_.emplace(p.address, i);
      eip.push_back(static_cast<std::uint32_t>(p.address));
    } else {
      by_linear_.emplace(p.address, i);
      linear.push_back(static_cast<std::uint32_t>(p.address));
    }
  }
  if (linear == marked_linear_ && eip == marked_eip_ && physical == marked_physical_ && same(watched, watched_)) return false;
  marked_linear_ = linear;
  marked_eip_ = eip;
  marked_physical_ = physical;
  watched_ = watched;
  marks_.set_code(std::move(linear), std::move(eip), std::move(physical));
  marks_.set_watches(std::move(watched));
  return true;
}

bool PointSet::any_observed() const {
  for (const PointKind kind : {PointKind::kPort, PointKind::kVector, PointKind::kRingChange, PointKind::kControlRegister,
                               PointKind::kMsr, PointKind::kTaskSwitch, PointKind::kSerialText})
    if (any(kind)) return true;
  return false;
}

Tick PointSet::next_look(Tick now) const {
  Tick next = kNever;
  if (any(PointKind::kScreenText)) next = (now / kScreenLook + 1) * kScreenLook;
  if (!any(PointKind::kTick)) return next;
  for (std::size_t i = 0; i < points_.size(); ++i)
    if (points_[i].kind == PointKind::kTick && counts(i) && points_[i].tick > now) next = std::min(next, points_[i].tick);
  return next;
}

}  // namespace ringside
