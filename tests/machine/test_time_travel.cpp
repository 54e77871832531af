// Time travel on small machines: every moment of the past is the one that was.
#include "machine/temporary_file.h"
#include "machine/time_travel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "machine/errors.h"
#include "machine/state_diff.h"
#include "tests/machine/time_guests.h"

namespace ringside {
namespace {

constexpr std::size_t kTicks = 200;

std::vector<Tick> random_ticks(const TimeGuest& guest, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < kTicks; ++i) ticks.push_back(guest.begin + random() % (guest.end - guest.begin + 1));
  return ticks;
}

/// The hashes that a run without history has at these ticks.
std::vector<std::string> straight_hashes(const TimeGuest& guest, const std::vector<Tick>& ticks) {
  std::vector<std::size_t> order(ticks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ticks[a] < ticks[b]; });
  Machine machine(guest.config, guest.inputs);
  std::vector<std::string> hashes(ticks.size());
  for (const std::size_t i : order) {
    machine.run(ticks[i]);
    EXPECT_EQ(machine.now(), ticks[i]);
    hashes[i] = machine.state_hash();
  }
  return hashes;
}

void expect_every_moment(const TimeGuest& guest, const HistoryOptions& options) {
  std::vector<Tick> ticks = random_ticks(guest, 2026);
  ticks.push_back(guest.end);
  const std::vector<std::string> hashes = straight_hashes(guest, ticks);
  Machine machine(guest.config, guest.inputs);
  machine.run(guest.begin);
  TimeTravel time(machine, options);
  time.run(guest.end);
  ASSERT_EQ(machine.now(), guest.end);
  ASSERT_EQ(machine.state_hash(), hashes.back()) << "a run with history differs";
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    time.seek(ticks[i]);
    ASSERT_EQ(time.present(), (Moment{ticks[i], 0}));
    ASSERT_EQ(machine.state_hash(), hashes[i]) << "sought tick " << ticks[i] << ", number " << i;
  }
  EXPECT_EQ(time.end(), (Moment{guest.end, 0}));
  EXPECT_LE(time.memory_used(), options.budget);
}

TEST(TimeTravel, TheDemoAtRandomTicks) { expect_every_moment(demo_guest(), {}); }

TEST(TimeTravel, TheDemoAtRandomTicksWithCheckpointsAtFixedDistances) {
  expect_every_moment(demo_guest(), {.budget = 16 << 20, .spacing = 500'000});
}

class WithDevices : public testing::Test {
 protected:
  TemporaryFile disk_{std::vector<std::uint8_t>(1024 * 512, 0xE5)};
  TimeGuest guest_ = device_guest(disk_.path());
};

TEST_F(WithDevices, AtRandomTicks) { expect_every_moment(guest_, {}); }

TEST_F(WithDevices, AtRandomTicksWithCheckpointsAtFixedDistances) {
  expect_every_moment(guest_, {.budget = 24 << 20, .spacing = 100'000});
}

TEST(TimeTravel, LinuxAtRandomTicks) {
  const auto guest = linux_guest();
  if (!guest) GTEST_SKIP() << "the Linux guest is not built";
  expect_every_moment(*guest, {});
}

}  // namespace
}  // namespace ringside
