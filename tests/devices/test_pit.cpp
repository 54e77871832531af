// What the six modes of a counter do on OUT, and BCD.
#include "tests/devices/pit_bench.h"

namespace ringside {
namespace {

// The machines below start at cycle 0: a count written there is loaded by clock 1.

TEST_F(Pit, Mode0RaisesIrq0NPlusOneClocksAfterTheWrite) {
  program(0, 0, 1000);
  EXPECT_FALSE(b.irqs.level[0]);
  at(1000);
  EXPECT_FALSE(b.irqs.level[0]);
  at(1001);
  EXPECT_TRUE(b.irqs.level[0]);
  at(300'000);
  EXPECT_TRUE(b.irqs.level[0]) << "OUT stays high";
  EXPECT_EQ(b.irqs.rises[0], 1u);
  EXPECT_EQ(b.events_run, 1u);
}

TEST_F(Pit, Mode0CountsOnThroughZero) {
  program(2, 0, 10);
  pit.set_gate2(true);
  at(11);
  EXPECT_EQ(latched(2), 0u);
  at(12);
  EXPECT_EQ(latched(2), 0xFFFFu);
  at(11 + 65536);
  EXPECT_EQ(latched(2), 0u);
}

TEST_F(Pit, Mode0FirstByteStopsTheCounting) {
  program(0, 0, 1000);
  at(501);
  EXPECT_EQ(latched(0), 500u);
  b.out(0x40, 0x10);
  at(5000);
  EXPECT_EQ(latched(0), 500u);
  EXPECT_FALSE(b.irqs.level[0]);
  b.out(0x40, 0x00);
  at(5001);
  EXPECT_EQ(latched(0), 16u);
  at(5016);
  EXPECT_FALSE(b.irqs.level[0]);
  at(5017);
  EXPECT_TRUE(b.irqs.level[0]);
  b.out(0x40, 0x10);
  EXPECT_FALSE(b.irqs.level[0]) << "and takes OUT low at once";
}

TEST_F(Pit, Mode2IsPeriodicWithoutDrift) {
  program(0, 2, 11932);
  at(kHz * 100);
  EXPECT_EQ(b.irqs.rises[0], kHz * 100 / 11932 + 1) << "one more: OUT goes high with the control word";
  EXPECT_EQ(b.events_run, b.irqs.rises[0] - 1) << "one event for each edge";
  EXPECT_TRUE(b.irqs.level[0]);
  const Tick due = b.events.due(EventId::kPitChannel0);
  const std::uint64_t periods = kHz * 100 / 11932 + 1;
  EXPECT_EQ(due, b.clock.tick_of_cycle(1 + periods * 11932, kHz));
}

TEST_F(Pit, Mode2IsLowForTheLastClock) {
  program(2, 2, 10);
  pit.set_gate2(true);
  at(5);
  // GATE2 rose at cycle 0, before the first clock: CE is loaded by clock 1.
  EXPECT_EQ(latched(2), 6u);
  at(9);
  EXPECT_TRUE(pit.out2());
  at(10);
  EXPECT_FALSE(pit.out2());
  EXPECT_EQ(latched(2), 1u);
  at(11);
  EXPECT_TRUE(pit.out2());
  EXPECT_EQ(latched(2), 10u);
  at(20);
  EXPECT_FALSE(pit.out2());
}

TEST_F(Pit, Mode2TakesANewCountWhenThePeriodEnds) {
  program(0, 2, 1000);
  at(501);
  b.out(0x40, 100);
  EXPECT_EQ(status(0) & 0x40, 0u) << "only half written";
  b.out(0x40, 0);
  EXPECT_EQ(status(0) & 0x40, 0x40u) << "null count until it is in CE";
  EXPECT_EQ(latched(0), 500u);
  at(1001);
  EXPECT_EQ(status(0) & 0x40, 0u);
  EXPECT_EQ(latched(0), 100u);
  const unsigned rises = b.irqs.rises[0];
  at(1101);
  EXPECT_EQ(b.irqs.rises[0], rises + 1);
  at(1201);
  EXPECT_EQ(b.irqs.rises[0], rises + 2);
}

TEST_F(Pit, Mode2GateHoldsAndRestarts) {
  pit.set_gate2(true);
  program(2, 2, 100);
  at(31);
  pit.set_gate2(false);
  EXPECT_TRUE(pit.out2());
  at(500);
  EXPECT_EQ(latched(2), 70u);
  EXPECT_TRUE(pit.out2());
  pit.set_gate2(true);
  at(501);
  EXPECT_EQ(latched(2), 100u) << "the rising edge loads the count again";
  at(600);
  EXPECT_FALSE(pit.out2());
}

TEST_F(Pit, Mode2GateLowEndsThePulse) {
  pit.set_gate2(true);
  program(2, 2, 100);
  at(100);
  EXPECT_FALSE(pit.out2());
  pit.set_gate2(false);
  EXPECT_TRUE(pit.out2());
}

TEST_F(Pit, Mode3EvenAndOddHalves) {
  pit.set_gate2(true);
  program(2, 3, 6);
  std::string wave;
  for (std::uint64_t cycle = 1; cycle <= 18; ++cycle) {
    at(cycle);
    wave += pit.out2() ? '1' : '0';
  }
  EXPECT_EQ(wave, "111000111000111000");
  b.run_to_cycle(100, kHz);
  program(2, 3, 7);
  wave.clear();
  for (std::uint64_t cycle = 101; cycle <= 121; ++cycle) {
    at(cycle);
    wave += pit.out2() ? '1' : '0';
  }
  EXPECT_EQ(wave, "111100011110001111000");
}

TEST_F(Pit, Mode3CountsByTwo) {
  pit.set_gate2(true);
  program(2, 3, 6);
  const unsigned even[] = {6, 4, 2, 6, 4, 2, 6};
  for (unsigned i = 0; i < 7; ++i) {
    at(1 + i);
    EXPECT_EQ(latched(2), even[i]) << i;
  }
  at(50);
  program(2, 3, 5);
  const unsigned odd[] = {4, 2, 0, 4, 2, 4, 2, 0, 4, 2};
  for (unsigned i = 0; i < 10; ++i) {
    at(51 + i);
    EXPECT_EQ(latched(2), odd[i]) << i;
  }
}

TEST_F(Pit, Mode3Irq0FollowsBothHalves) {
  program(0, 3, 65536);
  EXPECT_EQ(b.irqs.rises[0], 1u) << "OUT goes high with the control word";
  at(1 + 32768);
  EXPECT_FALSE(b.irqs.level[0]);
  at(1 + 65536);
  EXPECT_TRUE(b.irqs.level[0]);
  EXPECT_EQ(b.irqs.rises[0], 2u);
  at(1 + 65536 * 10);
  EXPECT_EQ(b.irqs.rises[0], 11u);
  EXPECT_EQ(b.irqs.falls[0], 10u);
}

TEST_F(Pit, Mode3TakesANewCountAtTheHalf) {
  pit.set_gate2(true);
  program(2, 3, 100);
  at(21);
  b.out(0x42, 20);
  b.out(0x42, 0);
  at(50);
  EXPECT_TRUE(pit.out2());
  at(51);
  EXPECT_FALSE(pit.out2());
  EXPECT_EQ(latched(2), 20u);
  at(60);
  EXPECT_FALSE(pit.out2());
  at(61);
  EXPECT_TRUE(pit.out2());
  at(71);
  EXPECT_FALSE(pit.out2());
}

TEST_F(Pit, Mode1IsAOneShot) {
  program(2, 1, 20);
  EXPECT_TRUE(pit.out2());
  at(100);
  EXPECT_TRUE(pit.out2()) << "waits for its trigger";
  EXPECT_EQ(status(2) & 0x40, 0x40u);
  pit.set_gate2(true);
  EXPECT_TRUE(pit.out2());
  at(101);
  EXPECT_FALSE(pit.out2());
  EXPECT_EQ(latched(2), 20u);
  pit.set_gate2(false);  // does not stop it
  at(110);
  pit.set_gate2(true);  // and this triggers it again
  at(121);
  EXPECT_FALSE(pit.out2());
  at(130);
  EXPECT_FALSE(pit.out2());
  at(131);
  EXPECT_TRUE(pit.out2());
}

TEST_F(Pit, Mode1NewCountWaitsForTheNextTrigger) {
  program(2, 1, 20);
  pit.set_gate2(true);
  at(5);
  b.out(0x42, 50);
  b.out(0x42, 0);
  at(21);
  EXPECT_TRUE(pit.out2());
  pit.set_gate2(false);
  pit.set_gate2(true);
  at(22);
  EXPECT_EQ(latched(2), 50u);
  EXPECT_FALSE(pit.out2());
}

TEST_F(Pit, Mode4StrobesOnce) {
  program(0, 4, 100);
  EXPECT_EQ(b.irqs.rises[0], 1u) << "OUT goes high with the control word";
  at(101);
  EXPECT_FALSE(pit.out(0)) << "low for one clock, N + 1 clocks after the write";
  at(102);
  EXPECT_TRUE(pit.out(0));
  EXPECT_EQ(b.irqs.rises[0], 2u);
  at(1'000'000);
  EXPECT_EQ(b.irqs.rises[0], 2u) << "the wrapped count strobes no more";
  b.out(0x40, 50);
  b.out(0x40, 0);
  at(1'000'051);
  EXPECT_FALSE(pit.out(0));
  at(1'000'052);
  EXPECT_EQ(b.irqs.rises[0], 3u);
}

TEST_F(Pit, Mode4GateHoldsTheCount) {
  pit.set_gate2(true);
  program(2, 4, 100);
  at(51);
  pit.set_gate2(false);
  at(200);
  EXPECT_EQ(latched(2), 50u);
  EXPECT_TRUE(pit.out2());
  pit.set_gate2(true);
  at(249);
  EXPECT_TRUE(pit.out2());
  at(250);
  EXPECT_FALSE(pit.out2());
  at(251);
  EXPECT_TRUE(pit.out2());
}

TEST_F(Pit, Mode5IsTriggeredByTheGate) {
  program(2, 5, 30);
  at(100);
  EXPECT_TRUE(pit.out2());
  pit.set_gate2(true);
  at(130);
  EXPECT_TRUE(pit.out2());
  at(131);
  EXPECT_FALSE(pit.out2());
  at(132);
  EXPECT_TRUE(pit.out2());
}

TEST_F(Pit, BcdCounting) {
  pit.set_gate2(true);
  program(2, 2, 0x0100, true);
  at(1);
  EXPECT_EQ(latched(2), 0x0100u);
  at(2);
  EXPECT_EQ(latched(2), 0x0099u);
  at(12);
  EXPECT_EQ(latched(2), 0x0089u);
  at(100);
  EXPECT_FALSE(pit.out2());
  at(101);
  EXPECT_EQ(latched(2), 0x0100u);
  at(1000);
  program(2, 0, 0, true);
  at(1001);
  EXPECT_EQ(latched(2), 0u) << "0 stands for 10000";
  at(1002);
  EXPECT_EQ(latched(2), 0x9999u);
  at(1001 + 9999);
  EXPECT_FALSE(pit.out2());
  at(1001 + 10000);
  EXPECT_TRUE(pit.out2());
}

TEST_F(Pit, InvalidBcdDigitsAreSurvived) {
  pit.set_gate2(true);
  for (unsigned mode = 0; mode < 6; ++mode) {
    program(2, mode, 0xFFFF, true);
    b.run_for(1'000'000);
    latched(2);
    pit.out2();
  }
}

}  // namespace
}  // namespace ringside
