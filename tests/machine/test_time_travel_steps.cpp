// Single steps in both directions, the event index against what an observer has seen, searches, new futures.
#include <gtest/gtest.h>

#include <string>

#include "machine/errors.h"
#include "machine/temporary_file.h"
#include "machine/time_travel.h"
#include "tests/machine/time_guests.h"

namespace ringside {
namespace {

class TimeSteps : public testing::Test {
 protected:
  TemporaryFile disk_{std::vector<std::uint8_t>(1024 * 512, 0xE5)};
  TimeGuest guest_ = device_guest(disk_.path());
  Machine machine_{guest_.config, guest_.inputs};
  TimeTravel time_{machine_, {.spacing = 200'000}};
};

constexpr std::uint32_t kDeliveries =
    kind_bit(EventKind::kException) | kind_bit(EventKind::kExternal) | kind_bit(EventKind::kNmi);

struct Collector final : ByteSink {
  std::string text;
  void put(std::uint8_t byte) override { text += static_cast<char>(byte); }
};

/// All that happens, as the index should have it.
struct Witness final : CpuObserver {
  explicit Witness(Machine& watched) : machine(watched) {}
  void trap(const TrapEvent& event) override {
    if (event.kind == TrapKind::kException) exceptions.push_back(event.tick);
    if (event.kind == TrapKind::kExternal) interrupts.push_back(event.tick);
  }
  void port(const PortEvent& event) override {
    if (event.port == 0x1F0 && !event.write) data_reads.push_back(event.tick);
  }
  Machine& machine;
  std::vector<Tick> exceptions, interrupts, data_reads;
};

TEST_F(TimeSteps, TheGuestKeepsEveryDeviceBusy) {
  time_.run(guest_.end);
  const EventIndex& events = time_.events();
  for (const EventKind kind : {EventKind::kException, EventKind::kExternal, EventKind::kIret, EventKind::kCr0Write,
                               EventKind::kCr3Write, EventKind::kPortRead, EventKind::kPortWrite})
    EXPECT_GT(events.count(kind), 2u) << event_kind_name(kind);
  EXPECT_GT(machine_.overlays().front()->written().size(), 100u);
  EXPECT_GT(machine_.instructions(), 1'000'000u);
  EXPECT_LT(machine_.instructions(), machine_.now()) << "it never halts";
}

TEST_F(TimeSteps, EveryStepIsUndone) {
  struct Seen {
    Moment moment;
    std::string hash;
  };
  for (const Tick tick : {1'234'567u, 7'000'001u, 20'202'020u}) {
    time_.run(tick);
    // A stretch with faults and interrupts in it.
    std::vector<Seen> seen;
    for (int i = 0; i < 400; ++i) {
      if (i % 200 == 100) {
        // On to where something is delivered.
        time_.run(time_.present().tick + 40'000);
        const auto event = time_.events().previous(time_.present(), {kDeliveries, {}});
        ASSERT_TRUE(event);
        time_.seek(event->moment);
        seen.clear();
      }
      seen.push_back({time_.present(), machine_.state_hash()});
      ASSERT_EQ(time_.step(), StopReason::kLimit);
    }
    while (!seen.empty()) {
      ASSERT_TRUE(time_.step_back());
      ASSERT_EQ(time_.present(), seen.back().moment);
      ASSERT_EQ(machine_.state_hash(), seen.back().hash) << "at " << seen.back().moment.tick;
      seen.pop_back();
    }
  }
}

TEST_F(TimeSteps, StepsBackGoThroughDeliveriesAndHalts) {
  time_.run(5'000'000);
  time_.step();  // out of the middle of a halt
  int deliveries = 0, halts = 0;
  for (int i = 0; i < 3'000 && (deliveries < 3 || halts < 1); ++i) {
    const Moment from = time_.present();
    ASSERT_TRUE(time_.step_back());
    const Moment to = time_.present();
    ASSERT_LT(to, from);
    if (from.step > 0 || to.step > 0) ++deliveries;
    if (machine_.halted()) {
      ++halts;
      EXPECT_GT(from.tick, to.tick + 1);
    }
    time_.step();
    ASSERT_EQ(time_.present(), from);
    if (i % 20 == 19) time_.seek_previous({kDeliveries, {}});
    else time_.seek(to);
  }
  EXPECT_GE(deliveries, 3);
  EXPECT_GE(halts, 1);
}

TEST_F(TimeSteps, ARepeatedInstructionIsManySteps) {
  time_.run(3'000'000);
  // Back to an OUTS to the disk's data port: 256 words, one by one.
  ASSERT_TRUE(time_.seek_previous({kind_bit(EventKind::kPortWrite), 0x1F0}));
  const std::uint32_t eip = machine_.cpu().eip;
  std::uint32_t left = machine_.cpu().gpr[kECX];
  EXPECT_EQ(left, 1u);
  for (; left < 256; ++left) {
    ASSERT_EQ(machine_.cpu().gpr[kECX], left);
    ASSERT_EQ(machine_.cpu().eip, eip);
    ASSERT_TRUE(time_.step_back());
  }
}

TEST_F(TimeSteps, TheIndexHasWhatAnObserverSaw) {
  Machine other(guest_.config, guest_.inputs);
  Witness witness(other);
  other.add_observer(&witness);
  constexpr Tick kEnd = 4'000'000;
  other.run(kEnd);
  time_.run(kEnd);
  // Some detours, which must leave no traces.
  time_.seek(1'000'000);
  time_.run(2'000'000);
  time_.seek(kEnd);
  const auto walk = [&](EventKind kind, std::optional<std::uint32_t> detail, const std::vector<Tick>& expected) {
    ASSERT_FALSE(expected.empty());
    const EventQuery query{kind_bit(kind), detail};
    std::vector<Tick> back, forth;
    Moment at{kEnd, 0};
    while (const auto event = time_.events().previous(at, query)) back.push_back((at = event->moment).tick);
    std::reverse(back.begin(), back.end());
    EXPECT_EQ(back, expected) << event_kind_name(kind);
    at = {0, 0};
    while (const auto event = time_.events().next(at, query)) forth.push_back((at = event->moment).tick);
    EXPECT_EQ(forth, expected) << event_kind_name(kind);
  };
  walk(EventKind::kException, {}, witness.exceptions);
  walk(EventKind::kExternal, {}, witness.interrupts);
  walk(EventKind::kPortRead, 0x1F0, witness.data_reads);
}

TEST_F(TimeSteps, AnEventIsAboutToHappenWhereItIsSought) {
  time_.run(4'000'000);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(time_.seek_previous({kind_bit(EventKind::kException), 14}));
    const Moment before = time_.present();
    const std::uint32_t faulting = machine_.cpu().eip;
    EXPECT_EQ(machine_.cpu().cr2, 0x300008u);  // of the fault before, and of this one
    time_.step();
    EXPECT_EQ(time_.present(), (Moment{before.tick, before.step + 1}));
    EXPECT_NE(machine_.cpu().eip, faulting);
    time_.seek(before);
    ASSERT_TRUE(time_.seek_previous({kind_bit(EventKind::kExternal), {}}));
    time_.step();
    EXPECT_EQ(time_.events().previous(time_.present(), {kind_bit(EventKind::kExternal), {}})->detail, 0x20u);
  }
}

TEST_F(TimeSteps, NothingIsSaidTwice) {
  Collector serial;
  machine_.set_serial_sink(&serial);
  Machine other(guest_.config, guest_.inputs);
  Collector expected;
  other.set_serial_sink(&expected);
  other.run(8'000'000);
  time_.run(4'000'000);
  const std::uint64_t traps = time_.events().count(EventKind::kExternal);
  time_.seek(1'000'000);
  time_.run(3'000'000);
  for (int i = 0; i < 10; ++i) time_.step_back();
  time_.scan_back(time_.present(), [&](Moment, Moment to) {
    time_.relive(to.tick);
    return false;
  });
  EXPECT_EQ(time_.events().count(EventKind::kExternal), traps);
  time_.seek(1'500'000);
  time_.run(8'000'000);
  EXPECT_FALSE(expected.text.empty());
  EXPECT_EQ(serial.text, expected.text);
  EXPECT_EQ(machine_.state_hash(), other.state_hash());
}

TEST_F(TimeSteps, ASearchComesByEverythingOnce) {
  constexpr Tick kEnd = 4'000'000;
  time_.run(kEnd);
  Witness all(machine_);
  time_.set_scan_observer(&all);
  std::vector<Tick> ends;
  EXPECT_FALSE(time_.scan_back(time_.end(), [&](Moment from, Moment to) {
    EXPECT_EQ(time_.present(), from);
    EXPECT_EQ(time_.relive(to.tick), StopReason::kLimit);
    EXPECT_EQ(time_.present(), to);
    ends.push_back(to.tick);
    return false;
  }));
  EXPECT_EQ(ends.size(), kEnd / 200'000);
  EXPECT_EQ(all.interrupts.size(), time_.events().count(EventKind::kExternal));
  EXPECT_TRUE(time_.scan_back(Moment{1'000'000, 0}, [&](Moment, Moment to) { return to.tick < 700'000; }));
}

TEST_F(TimeSteps, ANewInputInThePastMakesANewFuture) {
  TimeGuest without = guest_;
  without.inputs = date_only();
  Machine machine(without.config, without.inputs);
  TimeTravel time(machine, {.spacing = 200'000});
  time.run(1'000'000);
  ASSERT_TRUE(machine.serial('a'));
  time.run(3'000'000);
  ASSERT_TRUE(machine.serial('b'));
  time.run(6'000'000);
  int asked = 0;
  time.set_new_future_callback([&](Moment from, Moment until) {
    ++asked;
    EXPECT_EQ(from, (Moment{2'000'000, 0}));
    EXPECT_EQ(until, (Moment{6'000'000, 0}));
  });
  time.seek(2'000'000);
  EXPECT_TRUE(time.input_starts_new_future());
  ASSERT_TRUE(machine.serial('c'));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(time.futures_forgotten(), 1u);
  EXPECT_FALSE(time.in_past());
  EXPECT_EQ(time.end().tick, 2'000'000u);
  EXPECT_LE(time.checkpoints().back(), 2'000'000u);
  EXPECT_FALSE(time.events().next(time.present(), {~0u, {}}));
  time.run(5'000'000);

  InputLog expected = date_only();
  expected.append({.tick = 1'000'000, .kind = InputKind::kSerial, .value = 'a'});
  expected.append({.tick = 2'000'000, .kind = InputKind::kSerial, .value = 'c'});
  EXPECT_TRUE(std::equal(expected.entries().begin(), expected.entries().end(), machine.input_log().entries().begin(),
                         machine.input_log().entries().end()));
  Machine straight(without.config, expected);
  straight.run(5'000'000);
  EXPECT_EQ(machine.state_hash(), straight.state_hash());
  time.seek(1'500'000);
  time.seek(time.end());
  EXPECT_EQ(machine.state_hash(), straight.state_hash());
}

TEST_F(TimeSteps, AnInputAfterADeliveryEntersWhereAReplayHasIt) {
  MachineConfig config = guest_.config;
  Machine machine(config, date_only());
  TimeTravel time(machine, {.spacing = 200'000});
  time.run(2'000'000);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(time.seek_previous({kDeliveries, {}}));
    time.step();
    ASSERT_GT(time.present().step, 0u);
    machine.key(static_cast<KeyCode>(20), true);
    ASSERT_TRUE(machine.serial('x'));
    machine.key(static_cast<KeyCode>(20), false);
    time.run(time.present().tick + 300'000);
  }
  Machine straight(config, machine.input_log());
  straight.run(machine.now());
  EXPECT_EQ(machine.state_hash(), straight.state_hash());
}

TEST_F(TimeSteps, ATightBudgetIsKept) {
  Machine machine(guest_.config, guest_.inputs);
  constexpr std::size_t kBudget = 3 << 20;
  TimeTravel time(machine, {.budget = kBudget, .spacing = 20'000});
  Machine straight(guest_.config, guest_.inputs);
  for (Tick tick = 1'000'000; tick <= 10'000'000; tick += 1'000'000) {
    time.run(tick);
    EXPECT_LE(time.memory_used(), kBudget);
    EXPECT_GE(time.checkpoints().size(), 3u);
    // Denser towards the end.
    const std::vector<Tick> ticks = time.checkpoints();
    EXPECT_LE(tick - ticks[ticks.size() - 2], tick / 2);
    straight.run(tick - 123'456);
    time.seek(tick - 123'456);
    EXPECT_EQ(machine.state_hash(), straight.state_hash());
  }
}

TEST_F(TimeSteps, ADiskThatIsWrittenThroughHasNoPast) {
  MachineConfig config = guest_.config;
  config.disks[0]->mode = DiskMode::kReadWrite;
  Machine machine(config);
  EXPECT_THROW(TimeTravel time(machine), ConfigError);
}

TEST_F(TimeSteps, OutsideIsBroughtInside) {
  time_.run(500'000);
  time_.seek(kNever);
  EXPECT_EQ(time_.present(), time_.end());
  while (time_.present().tick > 499'990) ASSERT_TRUE(time_.step_back());
  time_.seek(Tick{0});
  EXPECT_FALSE(time_.step_back());
  EXPECT_FALSE(time_.seek_previous({~0u, {}}));
  EXPECT_FALSE(time_.in_past() && time_.present() == time_.end());
}

}  // namespace
}  // namespace ringside
