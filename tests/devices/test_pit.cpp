#include <gtest/gtest.h>

#include <string>

#include "devices/pit_8254.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

constexpr std::uint64_t kHz = Pit8254::kHz;

class Pit : public ::testing::Test {
 protected:
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
  const std::string saved = bench::save(pit);
  const std::string queue = bench::save(b.events);

  bench::Bench other;
  Pit8254 copy(other.ports, other.events, other.irqs, other.log);
  other.clock.tick = b.clock.tick;
  bench::load(copy, saved);
  bench::load(other.events, queue);
  EXPECT_EQ(bench::save(copy), saved);
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
  EXPECT_EQ(bench::save(copy), bench::save(pit));
  EXPECT_EQ(bench::save(other.events), bench::save(b.events));
}

TEST_F(Pit, DamagedStateIsRefused) {
  std::string saved = bench::save(pit);
  saved[0] = static_cast<char>(0xC0);
  EXPECT_THROW(bench::load(pit, saved), StateError);
}

// ------------------------------------------------------------------------------------------------
// The counter against a model that takes every clock for itself, as the data sheet describes it.

class ClockedCounter {
 public:
  void control(unsigned rw_bits, unsigned mode_bits, bool bcd_bit) {
    rw = rw_bits;
    mode = mode_bits;
    modulus = bcd_bit ? 10000 : 65536;
    out = mode != 0;
    counting = written = load = trigger = second_byte = strobed = false;
  }
  void write(unsigned byte) {
    if (rw == 1) return complete(byte);
    if (rw == 2) return complete(byte << 8);
    second_byte = !second_byte;
    if (!second_byte) return complete(low | byte << 8);
    low = byte;
    if (mode == 0) out = false;
  }
  void set_gate(bool value) {
    const bool rising = value && !gate;
    gate = value;
    if ((mode == 2 || mode == 3) && !gate) {
      out = true;
      if (counting) load = false;
    }
    if (rising && written && mode != 0 && mode != 4) trigger = true;
    if (!gate && (mode == 2 || mode == 3)) trigger = false;
  }
  void clock() {
    switch (mode) {
      case 0:
        if (load) return begin();
        if (!counting || !gate || second_byte) return;
        if (decrement() == 0) out = true;
        return;
      case 1:
        if (trigger) {
          begin();
          out = false;
          return;
        }
        if (counting && decrement() == 0) out = true;
        return;
      case 2:
        if (load || trigger) return begin();
        if (!counting || !gate) return;
        if (ce == 1) {
          begin();
          out = true;
        } else {
          out = --ce != 1;
        }
        return;
      case 3:
        return clock_square();
      default:
        if (mode == 4 ? load : trigger) {
          begin();
          out = true;
          strobed = false;
          return;
        }
        if (!counting || (mode == 4 && !gate)) return;
        out = !(decrement() == 0 && !strobed);
        strobed = strobed || !out;
        return;
    }
  }
  unsigned shown() const { return ce % modulus; }

  unsigned rw = 3, mode = 0, modulus = 65536;
  bool out = false, gate = true, counting = false;

 private:
  void complete(unsigned count) {
    cr = count;
    written = true;
    if (mode == 0) out = false;
    if (mode == 0 || mode == 4 || ((mode == 2 || mode == 3) && !counting)) load = true;
  }
  unsigned value() const {
    unsigned v = cr;
    if (modulus == 10000) v = (cr >> 12) * 1000 + (cr >> 8 & 15) * 100 + (cr >> 4 & 15) * 10 + (cr & 15);
    return v == 0 ? modulus : v;
  }
  void begin() {
    n = ce = value();
    counting = true;
    load = trigger = false;
  }
  unsigned decrement() { return ce = (ce == 0 ? modulus : ce) - 1; }
  void clock_square() {
    if (load || trigger) {
      begin();
      ce = n & ~1u;
      out = true;
      return;
    }
    if (!counting || !gate) return;
    const bool late = out && (n & 1) != 0;  // an odd count stays high for one clock more
    const bool expired = late ? ce == 0 : ce == 2;
    if (!expired) {
      ce -= 2;
      return;
    }
    out = !out;
    begin();
    ce = n & ~1u;
  }

  bool written = false, load = false, trigger = false, second_byte = false, strobed = false;
  unsigned cr = 0, low = 0, n = 1, ce = 0;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  unsigned below(unsigned n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>(state_ >> 33) % n;
  }

 private:
  std::uint64_t state_;
};

std::uint8_t bcd_byte(Random& random) {
  return static_cast<std::uint8_t>(random.below(10) << 4 | random.below(10));
}

class CounterAgainstClocks : public ::testing::TestWithParam<unsigned> {};

TEST_P(CounterAgainstClocks, EveryClockAgrees) {
  const unsigned mode = GetParam() % 6;
  const bool bcd = GetParam() >= 6;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Random random(seed * 12 + GetParam());
    ClockedCounter model;
    PitCounter chip;
    chip.reset(true);
    bool awake = false;
    std::uint64_t predicted = PitCounter::kNoEdge;
    for (std::uint64_t t = 1; t < 3000; ++t) {
      const bool before = model.out;
      model.clock();
      const bool rose = !before && model.out;
      ASSERT_EQ(chip.advance(t), rose) << "mode " << mode << " seed " << seed << " clock " << t;
      if (rose) {
        ASSERT_EQ(predicted, t) << "an edge that next_edge() did not tell";
      }
      ASSERT_EQ(chip.out(t), model.out) << "mode " << mode << " seed " << seed << " clock " << t;
      if (awake && model.counting) {
        const unsigned n = model.shown();
        const unsigned digits = (n / 1000) << 12 | (n / 100 % 10) << 8 | (n / 10 % 10) << 4 | n % 10;
        ASSERT_EQ(chip.count(t), bcd ? digits : n) << "mode " << mode << " seed " << seed << " clock " << t;
      }
      switch (random.below(awake ? 60 : 2)) {
        case 0:
          if (awake && random.below(4) != 0) break;
          {
            const unsigned rw = 1 + random.below(3);
            model.control(rw, mode, bcd);
            chip.write_control(t, static_cast<std::uint8_t>(rw << 4 | mode << 1 | (bcd ? 1 : 0)));
            awake = true;
          }
          break;
        case 1:
        case 2:
        case 3: {
          if (!awake) break;
          // Small counts, so that much happens, but not the illegal 1.
          std::uint8_t byte = bcd ? bcd_byte(random) : static_cast<std::uint8_t>(random.below(64));
          if (model.rw == 3 || model.rw == 2)
            byte = random.below(3) == 0 ? byte : static_cast<std::uint8_t>(0);
          if (byte == 1) byte = 2;
          model.write(byte);
          chip.write(t, byte);
          break;
        }
        case 4:
        case 5: {
          const bool gate = random.below(2) == 0;
          model.set_gate(gate);
          chip.set_gate(t, gate);
          break;
        }
        default:
          break;
      }
      ASSERT_EQ(chip.out(t), model.out)
          << "after a write, mode " << mode << " seed " << seed << " clock " << t;
      predicted = chip.next_edge();
      ASSERT_GT(predicted, t);
    }
  }
}

TEST_P(CounterAgainstClocks, LazyEqualsEager) {
  const unsigned mode = GetParam() % 6;
  for (unsigned seed = 0; seed < 40; ++seed) {
    Random random(seed * 31 + GetParam());
    PitCounter eager;
    PitCounter lazy;
    for (PitCounter* c : {&eager, &lazy}) {
      c->reset(true);
      c->write_control(0, static_cast<std::uint8_t>(0x30 | mode << 1 | (GetParam() >= 6 ? 1 : 0)));
    }
    bool eager_rose = false;
    for (std::uint64_t t = 0; t < 5000; ++t) {
      eager_rose = eager.advance(t) || eager_rose;
      if (random.below(100) != 0) continue;
      ASSERT_EQ(lazy.advance(t), eager_rose);
      eager_rose = false;
      ASSERT_EQ(lazy.out(t), eager.out(t));
      ASSERT_EQ(lazy.count(t), eager.count(t));
      const auto byte = static_cast<std::uint8_t>(random.below(10) << 4 | random.below(10));
      const bool gate = random.below(3) != 0;
      for (PitCounter* c : {&eager, &lazy}) {
        c->write(t, byte);
        c->set_gate(t, gate);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllModes, CounterAgainstClocks, ::testing::Range(0u, 12u));

}  // namespace
}  // namespace ringside
