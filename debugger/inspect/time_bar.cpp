#include "debugger/inspect/time_bar.h"

#include <algorithm>

namespace ringside {
namespace {

bool happens(const EventIndex& events, EventKind kind, Tick from, Tick to) {
  const auto event = events.next({from, 0}, {kind_bit(kind), std::nullopt});
  return event && event->moment.tick < to;
}

}  // namespace

TimeBar time_bar(const Session& session, unsigned count) {
  TimeBar bar;
  bar.present = session.machine().now();
  bar.end = bar.present;
  bar.ips = session.config().ips;
  const TimeTravel* time = session.time();
  if (time == nullptr) return bar;
  bar.begin = time->begin();
  bar.end = std::max(time->end().tick, bar.present);
  if (bar.end <= bar.begin || count == 0) return bar;
  bar.pieces.resize(count);
  const EventIndex& events = time->events();
  const auto place = [&](unsigned i) { return bar.begin + static_cast<Tick>(static_cast<double>(bar.end - bar.begin) * i / count); };
  for (unsigned i = 0; i < count; ++i) {
    TimeBar::Piece& piece = bar.pieces[i];
    const Tick from = place(i), to = std::max(place(i + 1), from + 1);
    piece.exception = happens(events, EventKind::kException, from, to);
    piece.interrupt = happens(events, EventKind::kExternal, from, to);
    piece.software = happens(events, EventKind::kSoftwareInterrupt, from, to);
    const auto ring = events.previous({to, 0}, {kind_bit(EventKind::kRingChange), std::nullopt});
    piece.ring = ring ? static_cast<std::uint8_t>(ring->detail & 3) : 0;
  }
  return bar;
}

}  // namespace ringside
