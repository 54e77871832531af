// The history that can be travelled, as a bar: which ring the processor was in, and what happened where.
#pragma once

#include <cstdint>
#include <vector>

#include "debugger/inspect/session.h"

namespace ringside {

struct TimeBar {
  struct Piece {
    std::uint8_t ring = 0;      ///< at the piece's end
    bool exception = false, interrupt = false, software = false;
  };
  Tick begin = 0, end = 0, present = 0;
  std::uint64_t ips = 1;
  std::vector<Piece> pieces;    ///< of equal length

  Tick tick_of(double share) const { return begin + static_cast<Tick>(share * static_cast<double>(end - begin)); }
};

TimeBar time_bar(const Session& session, unsigned pieces);

}  // namespace ringside
