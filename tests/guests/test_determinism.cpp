// A real guest - the demo: BIOS, real and protected mode, paging, ring 3, a tour of the exceptions, input over COM1 -
// ends in the same state however its life is cut up, saved, or divided between the two executors.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "machine/machine.h"
#include "machine/state_diff.h"

namespace ringside {
namespace {

constexpr Tick kTyped = 95'000'000;  // the demo's prompt is there by now
constexpr Tick kEnd = 102'000'000;

MachineConfig demo(bool from_disk) {
  const std::string folder = std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/";
  MachineConfig config;
  config.memory = 16 << 20;
  if (from_disk) {
    config.disks[0] = DiskConfig{folder + "demo.img", DiskMode::kCopyOnWrite};
  } else {
    config.kernel = folder + "demo.elf";
  }
  return config;
}

InputLog conversation() {
  InputLog log;
  log.append({.tick = 0, .kind = InputKind::kDate, .value = 946'684'800});
  Tick tick = kTyped;
  for (const char c : std::string("faults\n"))
    log.append({.tick = tick += 12'345, .kind = InputKind::kSerial, .value = static_cast<std::uint8_t>(c)});
  return log;
}

class Determinism : public testing::TestWithParam<bool> {
 protected:
  using Life = std::function<void(std::unique_ptr<Machine>&)>;

  std::unique_ptr<Machine> fresh() { return std::make_unique<Machine>(demo(GetParam()), conversation()); }

  /// What `life` makes of a machine must be what an undisturbed run makes of it.
  void expect_same_as_undisturbed(const Life& life) {
    auto undisturbed = fresh();
    ASSERT_EQ(undisturbed->run(kEnd), StopReason::kLimit);
    auto other = fresh();
    life(other);
    ASSERT_EQ(other->run(kEnd), StopReason::kLimit);
    EXPECT_EQ(other->instructions(), undisturbed->instructions());
    EXPECT_EQ(other->state_hash(), undisturbed->state_hash());
    if (!HasFailure()) return;
    for (const std::string& line : state_difference(*undisturbed, *other)) ADD_FAILURE() << line;
  }

  Tick some(Tick most) { return 1 + random_() % most; }

 private:
  std::mt19937_64 random_{20'000'101};
};

TEST_P(Determinism, ASecondRunIsTheSame) {
  expect_same_as_undisturbed([](auto&) {});
}

TEST_P(Determinism, WhereItIsCutDoesNotMatter) {
  expect_same_as_undisturbed([this](auto& machine) {
    while (machine->now() < kEnd) machine->run(std::min(kEnd, machine->now() + some(20'000)));
  });
}

TEST_P(Determinism, CachesMayBeDroppedAtAnyTime) {
  expect_same_as_undisturbed([this](auto& machine) {
    while (machine->now() < kEnd) {
      machine->run(std::min(kEnd, machine->now() + some(200'000)));
      machine->cpu().drop_caches();
    }
  });
}

TEST_P(Determinism, SavedAndLoadedItGoesOnAsBefore) {
  expect_same_as_undisturbed([this](auto& machine) {
    while (machine->now() < kEnd) {
      machine->run(std::min(kEnd, machine->now() + some(6'000'000)));
      auto next = fresh();
      next->load(machine->save());
      ASSERT_EQ(next->state_hash(), machine->state_hash()) << "at " << machine->now();
      machine = std::move(next);
    }
  });
}

TEST_P(Determinism, BothExecutorsAgree) {
  expect_same_as_undisturbed([this](auto& machine) {
    // A step may jump over a halt to the next event, and so beyond the end.
    constexpr Tick kLast = kEnd - 2'000'000;
    while (machine->now() < kLast) {
      machine->run(machine->now() + some(400'000));
      for (Tick steps = some(40'000); steps > 0 && machine->now() < kLast; --steps)
        ASSERT_EQ(machine->step(), StopReason::kLimit);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Demo, Determinism, testing::Values(true, false),
                         [](const auto& info) { return info.param ? "Disk" : "Kernel"; });

}  // namespace
}  // namespace ringside
