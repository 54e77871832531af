#include "debugger/inspect/time_bar.h"

#include <algorithm>

namespace ringside {

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
  constexpr std::uint32_t kExceptions = kind_bit(EventKind::kException), kInterrupts = kind_bit(EventKind::kExternal),
                          kSoftware = kind_bit(EventKind::kSoftwareInterrupt), kRings = kind_bit(EventKind::kRingChange);
  std::uint8_t ring = 0;
  for (unsigned i = 0; i < count; ++i) {
    TimeBar::Piece& piece = bar.pieces[i];
    const Tick from = place(i), to = std::max(place(i + 1), from + 1);
    const std::uint32_t kinds = events.kinds_between(from, to, kExceptions | kInterrupts | kSoftware | kRings);
    piece.exception = (kinds & kExceptions) != 0;
    piece.interrupt = (kinds & kInterrupts) != 0;
    piece.software = (kinds & kSoftware) != 0;
    if (i == 0 || (kinds & kRings) != 0) {
      const auto change = events.previous({to, 0}, {kRings, std::nullopt});
      ring = change ? static_cast<std::uint8_t>(change->detail & 3) : 0;
    }
    piece.ring = ring;
  }
  return bar;
}

}  // namespace ringside
