// The log of remarks, and figures.
#include <algorithm>

#include "debugger/inspect/device_views.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

/// Traps of each kind in the last guest second, or since power-on where that is shorter.
struct Recent {
  double seconds = 0;
  std::uint64_t of_kind[7] = {};
  bool complete = true;  ///< the log reaches back that far
};

Recent recent_traps(const Session& session) {
  Recent recent;
  const Machine& machine = session.machine();
  const Tick second = session.config().ips, now = machine.now();
  const Tick from = now > second ? now - second : 0;
  const std::deque<KnownTrap>& traps = session.traps().traps();
  for (auto t = traps.rbegin(); t != traps.rend() && t->event.tick >= from; ++t)
    if (t->moment < machine.moment()) ++recent.of_kind[static_cast<std::size_t>(t->event.kind)];
  recent.complete = traps.size() < TrapHistory::kKept || traps.front().event.tick < from;
  recent.seconds = static_cast<double>(now - from) / static_cast<double>(second);
  return recent;
}

void add_vectors(Document& document, const Session& session, TrapKind kind, const std::string& title) {
  const TrapHistory& traps = session.traps();
  if (traps.count_of(kind) == 0) return;
  Table& table = document.table(title, {"vector", "", "times"});
  for (unsigned v = 0; v < 256; ++v) {
    const std::uint64_t n = traps.count_of_vector(kind, v);
    if (n == 0) continue;
    std::string name;
    if (kind == TrapKind::kException) name = vector_mnemonic(static_cast<Vector>(v));
    if (kind == TrapKind::kExternal) name = irq_name(session, v);
    table.add({label(format("%02Xh", v)), plain(name == "#??" ? "" : name), plain(grouped(n))});
  }
}

}  // namespace

Document view_log(const Session& session) {
  Document document;
  const std::deque<Remark>& remarks = session.remarks();
  if (remarks.empty()) {
    document.say("Nothing to remark: no device has met a mistake of the guest so far.", Tone::kGood);
    return document;
  }
  Table& table = document.untitled("Remarks", {"tick", "device", "remark"});
  for (auto r = remarks.rbegin(); r != remarks.rend(); ++r)
    table.add({plain(grouped(r->tick), "Click to travel there", {LinkKind::kTick, r->tick}), label(r->device), plain(r->sentence)});
  return document;
}

Document view_statistics(const Session& session) {
  Document document;
  const Machine& machine = session.machine();
  const TrapHistory& traps = session.traps();
  const std::uint64_t ns = machine.events().clock().nanoseconds(machine.now());
  const double busy = machine.now() != 0 ? static_cast<double>(machine.instructions()) / static_cast<double>(machine.now()) : 0;
  const Recent recent = recent_traps(session);
  Table& table = document.untitled("Since power-on", {"", "in all", "a second"});
  table.add({label("guest time"), plain(time_text(ns))});
  table.add({label("instructions"), plain(grouped(machine.instructions()))});
  table.add({label("load", "The part of guest time that the processor was not halted."), plain(format("%.1f %%", busy * 100))});
  const auto row = [&](const char* name, TrapKind kind) {
    const double rate = recent.seconds > 0 ? static_cast<double>(recent.of_kind[static_cast<std::size_t>(kind)]) / recent.seconds : 0;
    table.add({label(name), plain(grouped(traps.count_of(kind))), dim((recent.complete ? "" : "over ") + format("%.0f", rate), "In the last second of guest time")});
  };
  row("exceptions", TrapKind::kException);
  row("device interrupts", TrapKind::kExternal);
  row("software interrupts", TrapKind::kSoftwareInterrupt);
  row("IRET", TrapKind::kIret);
  row("task switches", TrapKind::kTaskSwitch);
  table.add({label("ring 3 to 0"), plain(grouped(traps.transitions(3, 0)))});
  add_vectors(document, session, TrapKind::kException, "Exceptions");
  add_vectors(document, session, TrapKind::kExternal, "Device interrupts");
  add_vectors(document, session, TrapKind::kSoftwareInterrupt, "INT n");
  if (const TimeTravel* time = session.time()) {
    Table& history = document.table("History");
    history.add({label("memory"), plain(format("%.1f of %.0f MiB", static_cast<double>(time->memory_used()) / 1048576, static_cast<double>(time->budget()) / 1048576))});
    history.add({label("checkpoints"), plain(std::to_string(time->checkpoints().size()))});
    history.add({label("futures given up"), plain(std::to_string(time->futures_forgotten()))});
  }
  return document;
}

}  // namespace ringside
