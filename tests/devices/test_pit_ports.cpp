// Bytes, latches and status on the timer's ports; its state.
#include "tests/devices/pit_bench.h"

namespace ringside {
namespace {

TEST_F(Pit, LowByteOnlyAndHighByteOnly) {
  b.out(0x43, 0x94);  // counter 2, LSB, mode 2
  b.out(0x42, 0x80);
  at(1);
  EXPECT_EQ(b.in(0x42), 0x80u);
  EXPECT_EQ(b.in(0x42), 0x80u) << "no toggle";
  b.out(0x43, 0xA4);  // MSB
  b.out(0x42, 0x12);
  at(2);
  EXPECT_EQ(b.in(0x42), 0x12u);
  EXPECT_EQ(pit.count(2), 0x1200u);
}

TEST_F(Pit, LatchHoldsUntilItIsRead) {
  program(0, 2, 10000);
  at(101);
  b.out(0x43, 0x00);
  at(201);
  b.out(0x43, 0x00);  // ignored: the first latch has not been read
  at(301);
  EXPECT_EQ(b.in(0x40), 9900u & 0xFF);
  b.out(0x43, 0x00);  // still ignored
  EXPECT_EQ(b.in(0x40), 9900u >> 8);
  EXPECT_EQ(b.in(0x40), 9700u & 0xFF) << "live again";
  EXPECT_EQ(b.in(0x40), 9700u >> 8);
}

TEST_F(Pit, PeekDoesNotMoveTheToggle) {
  program(0, 2, 0x1234);
  at(1);
  EXPECT_EQ(pit.peek(0x40), 0x34);
  EXPECT_EQ(pit.peek(0x40), 0x34);
  EXPECT_EQ(b.in(0x40), 0x34u);
  EXPECT_EQ(pit.peek(0x40), 0x12);
  EXPECT_EQ(b.in(0x40), 0x12u);
}

TEST_F(Pit, ReadBackStatusThenCount) {
  program(0, 2, 1000);
  program(2, 3, 500);
  at(11);
  b.out(0x43, 0xC0 | 2 | 8);  // status and count of counters 0 and 2
  at(50);
  EXPECT_EQ(b.in(0x40), 0xB4u) << "OUT, both bytes, mode 2";
  EXPECT_EQ(b.in(0x40), 990u & 0xFF);
  EXPECT_EQ(b.in(0x40), 990u >> 8);
  EXPECT_EQ(b.in(0x42), 0xB6u);
}

TEST_F(Pit, StatusKeepsTheModeBitsAsWritten) {
  b.out(0x43, 0x3F);
  EXPECT_EQ(status(0), 0xFFu) << "mode 7 is mode 3, but reads 7; OUT high, null count";
  b.out(0x43, 0x30);
  EXPECT_EQ(status(0), 0x70u) << "mode 0: OUT low";
}

TEST_F(Pit, StatusLatchIsNotOverwritten) {
  program(0, 0, 100);
  b.out(0x43, 0xE2);
  at(200);
  b.out(0x43, 0xE2);
  EXPECT_EQ(b.in(0x40) & 0x80, 0u) << "as it was at the first command";
  EXPECT_EQ(status(0) & 0x80, 0x80u);
}

TEST_F(Pit, ControlWordClearsLatchesAndToggles) {
  program(0, 2, 0x1234);
  at(1);
  b.out(0x43, 0xC2);
  b.in(0x40);
  program(0, 2, 0x4321);
  at(2);
  EXPECT_EQ(b.in(0x40), 0x21u);
  EXPECT_EQ(b.in(0x40), 0x43u);
}

TEST_F(Pit, ControlPortReadsNothing) { EXPECT_EQ(b.in(0x43), 0xFFu); }

TEST_F(Pit, RewritingTheControlWordStopsIrq0) {
  program(0, 2, 100);
  at(1000);
  b.out(0x43, 0x30);
  EXPECT_FALSE(b.irqs.level[0]);
  EXPECT_FALSE(b.events.pending(EventId::kPitChannel0));
  const unsigned rises = b.irqs.rises[0];
  at(100'000);
  EXPECT_EQ(b.irqs.rises[0], rises);
}

TEST_F(Pit, ACountOfOneIsSaidToBeIllegal) {
  program(0, 2, 1);
  ASSERT_EQ(b.log.lints.size(), 1u);
  program(0, 3, 1);
  EXPECT_EQ(b.log.lints.size(), 1u);
  at(10'000);
  EXPECT_LT(b.events_run, 10u);
  program(0, 0, 1);
  at(10'001);
  EXPECT_FALSE(b.irqs.level[0]);
  at(10'002);
  EXPECT_TRUE(b.irqs.level[0]);
}

TEST(PitSlowMachine, ManyEdgesInOneTickAreOneEvent) {
  bench::Bench b(1000);  // 1193 clocks per tick
  Pit8254 pit(b.ports, b.events, b.irqs, b.log);
  for (unsigned mode = 0; mode < 8; ++mode) {
    for (unsigned count : {1u, 2u, 3u, 100u, 5000u, 0u}) {
      b.out(0x43, 0x30 | mode << 1);
      b.out(0x40, count & 0xFF);
      b.out(0x40, count >> 8);
      const std::uint64_t before = b.events_run;
      b.run_for(500);
      EXPECT_LE(b.events_run - before, 500u);
    }
  }
  b.out(0x43, 0x34);
  b.out(0x40, 2);
  b.out(0x40, 0);
  const unsigned rises = b.irqs.rises[0];
  b.run_for(100);
  EXPECT_EQ(b.irqs.rises[0], rises + 100) << "one visible pulse per tick";
}

TEST_F(Pit, SaveAndLoadGoOnAlike) {
  program(0, 3, 777);
  program(2, 2, 0x0345, true);
  pit.set_gate2(true);
  at(5000);
  b.out(0x40, 0x99);
  b.out(0x43, 0xC8);
  bench::Bench other;
  Pit8254 copy(other.ports, other.events, other.irqs, other.log);
  bench::move_over(pit, b, copy, other);
  const unsigned rises = b.irqs.rises[0];
  const unsigned others = other.irqs.rises[0];
  for (std::uint64_t cycle = 6000; cycle < 60'000; cycle += 997) {
    at(cycle);
    other.run_to_cycle(cycle, kHz);
    ASSERT_EQ(copy.out2(), pit.out2());
    ASSERT_EQ(other.in(0x42), b.in(0x42));
    ASSERT_EQ(other.in(0x40), b.in(0x40));
  }
  EXPECT_NEAR(static_cast<double>(other.irqs.rises[0] - others), b.irqs.rises[0] - rises, 1);
  EXPECT_EQ(bench::saved(copy), bench::saved(pit));
  EXPECT_EQ(bench::saved(other.events), bench::saved(b.events));
}

TEST_F(Pit, DamagedStateIsRefused) {
  auto saved = bench::saved(pit);
  saved[0] = 0xC0;
  EXPECT_THROW(bench::load(pit, saved), StateError);
}

}  // namespace
}  // namespace ringside
