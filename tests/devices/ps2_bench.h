// A PS/2 device alone with its clock: what it answers, and its own timer.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tests/devices/chip_bench.h"

namespace ringside::bench {

template <typename Device>
class Ps2Bench : public testing::Test {
 protected:
  using Bytes = std::vector<int>;

  Bytes bytes() {
    Bytes result;
    while (device.has_byte()) result.push_back(device.take_byte());
    return result;
  }
  Bytes send(std::initializer_list<unsigned> values) {
    Bytes result;
    for (unsigned value : values) {
      device.receive(static_cast<std::uint8_t>(value));
      for (int byte : bytes()) result.push_back(byte);
    }
    return result;
  }
  void pass_ms(std::uint64_t ms) {
    const Tick end = clock.tick + clock.delay(ms * 1'000'000);
    while (device.timer_due() <= end) {
      clock.tick = device.timer_due();
      device.timer();
    }
    clock.tick = end;
  }
  /// A second device of the same kind takes over the state.
  void expect_complete(Device& twin) {
    load(twin, saved(device));
    EXPECT_EQ(saved(twin), saved(device));
    EXPECT_EQ(twin.timer_due(), device.timer_due());
  }

  HandClock clock;
  int changes = 0;
  Device device{clock, [this] { ++changes; }};
};

}  // namespace ringside::bench
