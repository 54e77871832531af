#include "debugger/inspect/trap_views.h"

#include <algorithm>

#include "debugger/inspect/device_views.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

bool passes(const TrapFilter& filter, const TrapEvent& event) {
  if (filter.vector && (!has_vector(event.kind) || event.vector != *filter.vector)) return false;
  switch (event.kind) {
    case TrapKind::kException: return filter.exceptions;
    case TrapKind::kSoftwareInterrupt: return filter.software;
    case TrapKind::kExternal:
    case TrapKind::kNmi: return filter.interrupts;
    case TrapKind::kIret: return filter.returns;
    default: return filter.others;
  }
}

std::string place(const Session& session, std::uint16_t cs, std::uint32_t eip) {
  // Names go by linear addresses; flat segments are what guests with symbols have.
  const std::string name = session.names().name_of(eip);
  return logical(cs, eip) + (name.empty() ? "" : " " + name);
}

TrapRow row_of(const Session& session, const KnownTrap& trap) {
  TrapRow row;
  row.number = trap.number;
  row.moment = trap.moment;
  row.kind = trap.event.kind;
  row.name = trap_name(trap.event);
  row.from = place(session, trap.event.from_cs, trap.event.from_eip);
  row.to = place(session, trap.event.to_cs, trap.event.to_eip);
  row.rings = format("%u -> %u", trap.event.from_cpl, trap.event.to_cpl);
  if (trap.fault) row.sentence = describe(*trap.fault);
  if (trap.event.kind == TrapKind::kExternal) row.sentence = irq_name(session, trap.event.vector);
  row.past = trap.moment < session.machine().moment();
  return row;
}

}  // namespace

std::string trap_name(const TrapEvent& event) {
  switch (event.kind) {
    case TrapKind::kException: return vector_mnemonic(static_cast<Vector>(event.vector));
    case TrapKind::kSoftwareInterrupt: return event.vector == 3 ? "INT3" : format("INT %02Xh", event.vector);
    case TrapKind::kExternal: return format("interrupt %02Xh", event.vector);
    case TrapKind::kNmi: return "NMI";
    case TrapKind::kIret: return "IRET";
    case TrapKind::kTaskSwitch: return "task switch";
    case TrapKind::kRingChange: return event.to_cpl < event.from_cpl ? "far call or SYSENTER" : "far return or SYSEXIT";
  }
  return "";
}

std::vector<TrapRow> trap_rows(const Session& session, const TrapFilter& filter, std::size_t most) {
  std::vector<TrapRow> rows;
  const std::deque<KnownTrap>& traps = session.traps().traps();
  for (auto trap = traps.rbegin(); trap != traps.rend() && rows.size() < most; ++trap) {
    if (!passes(filter, trap->event)) continue;
    TrapRow row = row_of(session, *trap);
    if (!filter.text.empty() && (row.name + " " + row.from + " " + row.to + " " + row.sentence).find(filter.text) == std::string::npos) continue;
    rows.push_back(std::move(row));
  }
  return rows;
}

TrapTimeline trap_timeline(const Session& session, const TrapFilter& filter, unsigned count) {
  TrapTimeline line;
  const std::deque<KnownTrap>& traps = session.traps().traps();
  line.present = line.end = session.machine().now();
  if (traps.empty() || count == 0) return line;
  line.begin = traps.front().event.tick;
  line.end = std::max(line.present, traps.back().event.tick) + 1;
  line.pieces.resize(count);
  const double span = static_cast<double>(line.end - line.begin);
  for (const KnownTrap& trap : traps) {
    if (!passes(filter, trap.event)) continue;
    const auto place = static_cast<std::size_t>(static_cast<double>(trap.event.tick - line.begin) / span * count);
    TrapTimeline::Piece& piece = line.pieces[std::min<std::size_t>(place, count - 1)];
    switch (trap.event.kind) {
      case TrapKind::kException: ++piece.exceptions; break;
      case TrapKind::kExternal:
      case TrapKind::kNmi: ++piece.interrupts; break;
      case TrapKind::kSoftwareInterrupt: ++piece.software; break;
      default: ++piece.others; break;
    }
    if (piece.first) continue;
    piece.first = trap.number;
    piece.moment = trap.moment;
  }
  return line;
}

RingView view_rings(const Session& session, std::size_t most) {
  RingView view;
  view.cpl = session.machine().cpu().cpl;
  view.v86 = session.machine().cpu().v86();
  const TrapHistory& traps = session.traps();
  for (unsigned from = 0; from < 4; ++from)
    for (unsigned to = 0; to < 4; ++to) {
      view.transitions[from][to] = traps.transitions(from, to);
      for (unsigned way = 0; way < static_cast<unsigned>(TrapWay::kCount); ++way)
        if (const std::uint64_t n = traps.transitions(from, to, static_cast<TrapWay>(way)); n != 0)
          view.ways.push_back({from, to, trap_way_name(static_cast<TrapWay>(way)), n});
    }
  for (auto trap = traps.traps().rbegin(); trap != traps.traps().rend() && view.latest.size() < most; ++trap) {
    const TrapEvent& e = trap->event;
    if (e.from_cpl == e.to_cpl || trap->moment >= session.machine().moment()) continue;
    const bool named = e.kind == TrapKind::kRingChange;
    view.latest.push_back({trap->number, trap->moment, named ? trap_way_name(trap->way) : trap_name(e), place(session, e.from_cs, e.from_eip), place(session, e.to_cs, e.to_eip),
                           e.from_cpl, e.to_cpl});
  }
  return view;
}

Document ring_ways_document(const RingView& view) {
  Document document;
  Table& ways = document.untitled("Ways", {"ring", "by", "times"});
  for (const RingView::Count& c : view.ways)
    ways.add({plain(format("%u -> %u", c.from, c.to)), toned(c.by, c.to < c.from ? Tone::kWarning : Tone::kGood), plain(grouped(c.times))});
  if (view.ways.empty()) document.parts.pop_back();
  return document;
}

Document rings_document(const RingView& view) {
  Document document;
  Table& table = document.table("Latest ring changes", {"ring", "by", "from", "to"});
  for (const RingView::Step& step : view.latest)
    table.add({plain(format("%u -> %u", step.from_ring, step.to_ring), "Click to have it explained", {LinkKind::kTrap, step.number}),
               toned(step.how, step.to_ring < step.from_ring ? Tone::kWarning : Tone::kGood), plain(step.from), plain(step.to)});
  if (view.latest.empty()) document.say("The guest has not left ring 0 yet.", Tone::kDim);
  return document;
}

}  // namespace ringside
