// The faults of one delivery: what a report of a double fault or a shutdown prints.
#pragma once

#include <array>
#include <cstdint>

#include "cpu/fault.h"

namespace ringside {

/// The exception that began the present (or last) delivery, and those that were met while delivering it.
/// Not state that a guest can see, so no part of a snapshot.
struct FaultChain {
  struct Entry {
    Fault fault{};
    std::uint16_t cs = 0;    ///< CS:EIP when the fault was met
    std::uint32_t eip = 0;
    std::uint64_t tick = 0;
  };
  /// Enough for the longest chain of deliveries (see interrupt.cpp) and its double fault.
  std::array<Entry, 10> entries{};
  unsigned count = 0;

  void clear() { count = 0; }
  void add(const Fault& fault, std::uint16_t cs, std::uint32_t eip, std::uint64_t tick) {
    if (count == entries.size()) return;
    Entry& e = entries[count++];
    e.fault = fault;
    e.cs = cs;
    e.eip = eip;
    e.tick = tick;
  }
};

}  // namespace ringside
