// A place in a machine's life.
#pragma once

#include <compare>
#include <cstdint>

#include "devices/event_queue.h"

namespace ringside {

/// Several things can happen at one tick, since taking an interrupt or delivering a fault retires no instruction:
/// `step` counts those at this tick so far. Step 0 is where Machine::run() with this tick as its limit stops.
struct Moment {
  Tick tick = 0;
  std::uint32_t step = 0;

  auto operator<=>(const Moment&) const = default;
};

}  // namespace ringside
