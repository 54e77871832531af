// The interval timer alone on its ports.
#pragma once

#include <gtest/gtest.h>

#include "devices/pit_8254.h"
#include "tests/devices/chip_bench.h"

namespace ringside {

class Pit : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kHz = Pit8254::kHz;

  void program(unsigned counter, unsigned mode, unsigned count, bool bcd = false) {
    b.out(0x43, counter << 6 | 0x30 | mode << 1 | (bcd ? 1 : 0));
    b.out(static_cast<std::uint16_t>(0x40 + counter), count & 0xFF);
    b.out(static_cast<std::uint16_t>(0x40 + counter), count >> 8 & 0xFF);
  }
  unsigned latched(unsigned counter) {
    b.out(0x43, counter << 6);
    const auto port = static_cast<std::uint16_t>(0x40 + counter);
    const unsigned low = b.in(port);
    return low | b.in(port) << 8;
  }
  unsigned status(unsigned counter) {
    b.out(0x43, 0xE0 | 2u << counter);
    return b.in(static_cast<std::uint16_t>(0x40 + counter));
  }
  void at(std::uint64_t cycle) { b.run_to_cycle(cycle, kHz); }

  bench::Bench b;
  Pit8254 pit{b.ports, b.events, b.irqs, b.log};
};

}  // namespace ringside
