#include <gtest/gtest.h>

#include "devices/rtc_mc146818.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

constexpr std::uint64_t kIps = 1'000'000'000;
constexpr Tick kMicrosecond = kIps / 1'000'000;
constexpr std::int64_t kDay = 86'400;

class Rtc : public ::testing::Test {
 protected:
  std::uint8_t get(unsigned index) {
    b.out(0x70, index);
    return static_cast<std::uint8_t>(b.in(0x71));
  }
  void set(unsigned index, unsigned value) {
    b.out(0x70, index);
    b.out(0x71, value);
  }
  void seconds(unsigned n) { b.run_for(kIps * n); }
  void set_clock(unsigned hour, unsigned minute, unsigned second) {
    set(4, hour);
    set(2, minute);
    set(0, second);
  }

  bench::Bench b{kIps};
  RtcMc146818 rtc{b.ports, b.events, b.irqs, b.log};
};

TEST_F(Rtc, PowerOnRegisters) {
  EXPECT_EQ(get(0x0A), 0x26);
  EXPECT_EQ(get(0x0B), 0x02);
  EXPECT_EQ(get(0x0C), 0x00);
  EXPECT_EQ(get(0x0D), 0x80) << "VRT";
  EXPECT_EQ(b.in(0x70), 0xFFu) << "the index cannot be read";
}

TEST_F(Rtc, DateOfPowerOn) {
  rtc.set_time(1'700'000'000);  // Tuesday, 2023-11-14 22:13:20
  EXPECT_EQ(get(0), 0x20);
  EXPECT_EQ(get(2), 0x13);
  EXPECT_EQ(get(4), 0x22);
  EXPECT_EQ(get(6), 3);
  EXPECT_EQ(get(7), 0x14);
  EXPECT_EQ(get(8), 0x11);
  EXPECT_EQ(get(9), 0x23);
  EXPECT_EQ(get(0x32), 0x20);
}

TEST_F(Rtc, DatesOfManyCenturies) {
  struct {
    std::int64_t unix_seconds;
    unsigned century, year, month, day, weekday;
  } const dates[] = {
      {0, 0x19, 0x70, 0x01, 0x01, 5},
      {-1, 0x19, 0x69, 0x12, 0x31, 4},
      {951'782'400, 0x20, 0x00, 0x02, 0x29, 3},
      {951'782'400 + kDay, 0x20, 0x00, 0x03, 0x01, 4},
      {946'684'799, 0x19, 0x99, 0x12, 0x31, 6},
      {4'102'444'800, 0x21, 0x00, 0x01, 0x01, 6},
      {4'107'542'400, 0x21, 0x00, 0x03, 0x01, 2},
      {-2'208'988'800, 0x19, 0x00, 0x01, 0x01, 2},
      {253'402'300'799, 0x99, 0x99, 0x12, 0x31, 6},
  };
  for (const auto& d : dates) {
    rtc.set_time(d.unix_seconds);
    EXPECT_EQ(get(0x32), d.century) << d.unix_seconds;
    EXPECT_EQ(get(9), d.year) << d.unix_seconds;
    EXPECT_EQ(get(8), d.month) << d.unix_seconds;
    EXPECT_EQ(get(7), d.day) << d.unix_seconds;
    EXPECT_EQ(get(6), d.weekday) << d.unix_seconds;
  }
  rtc.set_time(INT64_MAX);
  rtc.set_time(INT64_MIN);
}

TEST_F(Rtc, TicksOnceASecond) {
  rtc.set_time(1'700'000'000);
  b.run_for(kIps - 1);
  EXPECT_EQ(get(0), 0x20);
  b.run_for(1);
  EXPECT_EQ(get(0), 0x21);
  seconds(39);
  EXPECT_EQ(get(0), 0x00);
  EXPECT_EQ(get(2), 0x14);
  seconds(3600);
  EXPECT_EQ(get(4), 0x23);
  EXPECT_EQ(b.events_run, 3640u) << "one event per second";
}

TEST_F(Rtc, CarriesThroughToTheCentury) {
  rtc.set_time(4'102'444'799);  // 2099-12-31 23:59:59, a Thursday
  EXPECT_EQ(get(6), 5);
  seconds(1);
  EXPECT_EQ(get(0) | get(2) | get(4), 0);
  EXPECT_EQ(get(6), 6);
  EXPECT_EQ(get(7), 1);
  EXPECT_EQ(get(8), 1);
  EXPECT_EQ(get(9), 0);
  EXPECT_EQ(get(0x32), 0x21);
}

TEST_F(Rtc, LengthsOfMonths) {
  const unsigned lengths[] = {0x31, 0x28, 0x31, 0x30, 0x31, 0x30, 0x31, 0x31, 0x30, 0x31, 0x30, 0x31};
  for (unsigned m = 1; m <= 12; ++m) {
    set(0x0B, 0x82);
    set_clock(0x23, 0x59, 0x59);
    set(7, lengths[m - 1]);
    set(8, m < 10 ? m : m + 6);
    set(9, 0x23);
    set(0x0B, 0x02);
    seconds(1);
    EXPECT_EQ(get(7), 1) << m;
    EXPECT_EQ(get(8), m == 12 ? 1u : m + 1 < 10 ? m + 1 : m + 7) << m;
  }
  set(9, 0x24);
  set(8, 2);
  set(7, 0x28);
  set_clock(0x23, 0x59, 0x59);
  seconds(1);
  EXPECT_EQ(get(7), 0x29) << "a leap year";
}

TEST_F(Rtc, BinaryMode) {
  set(0x0B, 0x06);
  rtc.set_time(1'700'000'000);
  EXPECT_EQ(get(0), 20);
  EXPECT_EQ(get(4), 22);
  EXPECT_EQ(get(9), 23);
  EXPECT_EQ(get(0x32), 20);
  set_clock(22, 59, 59);
  seconds(1);
  EXPECT_EQ(get(4), 23);
  EXPECT_EQ(get(2), 0);
}

TEST_F(Rtc, TwelveHourMode) {
  set(0x0B, 0x00);
  const unsigned hours[] = {0x12, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11,
                            0x92, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x90, 0x91};
  for (unsigned h = 0; h < 24; ++h) {
    rtc.set_time(h * 3600 + 3599);
    EXPECT_EQ(get(4), hours[h]) << h;
    seconds(1);
    EXPECT_EQ(get(4), hours[(h + 1) % 24]) << h;
  }
  EXPECT_EQ(get(7), 2) << "the day changed at midnight, not at noon";
  set(0x0B, 0x04);
  rtc.set_time(13 * 3600);
  EXPECT_EQ(get(4), 0x81);
  rtc.set_time(22 * 3600);
  EXPECT_EQ(get(4), 0x8A);
}

TEST_F(Rtc, NonsenseStaysUntilItsCarry) {
  set(0, 0x7F);
  EXPECT_EQ(get(0), 0x7F);
  seconds(1);
  EXPECT_EQ(get(0), 0x00) << "beyond 59 is the last second";
  for (unsigned r = 0; r < 10; ++r) set(r, 0xFF);
  set(0x32, 0xFF);
  seconds(100);
  for (unsigned r : {0u, 2u, 4u, 6u, 7u, 8u, 9u}) EXPECT_NE(get(r), 0xFF) << r;
}

TEST_F(Rtc, UipComesBeforeTheUpdate) {
  rtc.set_time(0);
  EXPECT_EQ(get(0x0A) & 0x80, 0);
  b.run_for(kIps - 2300 * kMicrosecond);
  EXPECT_EQ(get(0x0A) & 0x80, 0);
  b.run_for(80 * kMicrosecond);
  EXPECT_EQ(get(0x0A) & 0x80, 0x80) << "2220 us before the end of the update";
  EXPECT_EQ(get(0), 0);
  EXPECT_EQ(b.log.lints.size(), 1u) << "a read in the window is remarked on";
  b.run_for(2219 * kMicrosecond);
  EXPECT_EQ(get(0x0A) & 0x80, 0x80);
  b.run_for(1 * kMicrosecond);
  EXPECT_EQ(get(0x0A) & 0x80, 0);
  EXPECT_EQ(get(0), 1);
  EXPECT_EQ(b.log.lints.size(), 1u);
}

TEST_F(Rtc, SetHoldsTheClock) {
  rtc.set_time(0);
  set(0x0B, 0x82);
  b.run_for(kIps - 1000 * kMicrosecond);
  EXPECT_EQ(get(0x0A) & 0x80, 0) << "no UIP";
  seconds(5);
  EXPECT_EQ(get(0), 0);
  EXPECT_EQ(get(0x0C) & 0x30, 0) << "no update-ended, no alarm";
  set(0x0B, 0x02);
  seconds(1);
  EXPECT_EQ(get(0), 1);
}

TEST_F(Rtc, SetClearsUie) {
  set(0x0B, 0x12);
  set(0x0B, 0x92);
  EXPECT_EQ(get(0x0B), 0x82);
}

TEST_F(Rtc, DividerResetRestartsTheSecondAtHalf) {
  rtc.set_time(0);
  b.run_for(kIps / 4);
  set(0x0A, 0x76);
  seconds(10);
  EXPECT_EQ(get(0), 0) << "held in reset";
  EXPECT_FALSE(b.events.pending(EventId::kRtcUpdate));
  set(0x0A, 0x26);
  b.run_for(kIps / 2 - 50 * kMicrosecond);
  EXPECT_EQ(get(0), 0);
  b.run_for(100 * kMicrosecond);
  EXPECT_EQ(get(0), 1);
  seconds(1);
  EXPECT_EQ(get(0), 2);
}

TEST_F(Rtc, UpdateEndedInterrupt) {
  set(0x0B, 0x12);
  seconds(1);
  EXPECT_TRUE(b.irqs.level[8]);
  EXPECT_EQ(rtc.peek(0x0C) & 0x90, 0x90);
  EXPECT_TRUE(b.irqs.level[8]) << "a peek clears nothing";
  seconds(3);
  EXPECT_EQ(b.irqs.rises[8], 1u) << "no new edge until register C is read";
  EXPECT_EQ(get(0x0C) & 0xB0, 0x90);
  EXPECT_FALSE(b.irqs.level[8]);
  EXPECT_EQ(get(0x0C) & 0xB0, 0x00);
  seconds(1);
  EXPECT_EQ(b.irqs.rises[8], 2u);
}

TEST_F(Rtc, FlagsAreSetWithoutTheirEnables) {
  seconds(1);
  EXPECT_EQ(get(0x0C), 0x50) << "UF and PF, no IRQF";
  EXPECT_EQ(b.irqs.rises[8], 0u);
  seconds(1);
  set(0x0B, 0x12);
  EXPECT_TRUE(b.irqs.level[8]) << "enabling a flag that is set raises the line";
  set(0x0B, 0x02);
  EXPECT_FALSE(b.irqs.level[8]);
}

TEST_F(Rtc, AlarmAtOneTime) {
  rtc.set_time(0);
  set(1, 0x05);
  set(3, 0x01);
  set(5, 0x00);
  set(0x0B, 0x22);
  seconds(64);
  EXPECT_EQ(b.irqs.rises[8], 0u);
  seconds(1);
  EXPECT_TRUE(b.irqs.level[8]);
  EXPECT_EQ(get(0x0C) & 0xA0, 0xA0);
  seconds(3600);
  EXPECT_EQ(b.irqs.rises[8], 1u);
}

TEST_F(Rtc, AlarmWithDoNotCare) {
  rtc.set_time(0);
  set(1, 0x30);
  set(3, 0xC0);
  set(5, 0xFF);
  set(0x0B, 0x22);
  for (unsigned minute = 0; minute < 5; ++minute) {
    seconds(30);
    EXPECT_EQ(b.irqs.rises[8], minute + 1);
    get(0x0C);
    seconds(30);
  }
  set(1, 0xC0);
  seconds(1);
  EXPECT_EQ(b.irqs.rises[8], 6u) << "every second";
  get(0x0C);
  seconds(1);
  EXPECT_EQ(b.irqs.rises[8], 7u);
}

TEST_F(Rtc, PeriodicRates) {
  for (unsigned rate = 1; rate <= 15; ++rate) {
    set(0x0A, 0x20 | rate);
    set(0x0B, 0x42);
    get(0x0C);
    const unsigned before = b.irqs.rises[8];
    const Tick end = b.clock.tick + 2 * kIps;
    while (b.events.next() <= end) {
      b.run_to(b.events.next());
      get(0x0C);
    }
    b.run_to(end);
    const unsigned hz = rate == 1 ? 256 : rate == 2 ? 128 : 65536u >> rate;
    EXPECT_NEAR(b.irqs.rises[8] - before, 2 * hz, 1) << rate;
  }
  set(0x0A, 0x20);
  get(0x0C);
  EXPECT_FALSE(b.events.pending(EventId::kRtcPeriodic)) << "rate 0 is off";
}

TEST_F(Rtc, PeriodicWaitsForRegisterC) {
  set(0x0B, 0x42);
  b.run_for(kIps / 2);
  EXPECT_EQ(b.irqs.rises[8], 1u);
  EXPECT_FALSE(b.events.pending(EventId::kRtcPeriodic)) << "no events for edges that nobody can see";
  EXPECT_EQ(get(0x0C) & 0xC0, 0xC0);
  EXPECT_EQ(b.irqs.falls[8], 1u);
  b.run_for(977 * kMicrosecond);
  EXPECT_EQ(b.irqs.rises[8], 2u);
}

TEST_F(Rtc, PeriodicFlagIsFoundLazily) {
  get(0x0C);
  b.run_for(900 * kMicrosecond);
  EXPECT_EQ(get(0x0C) & 0x40, 0);
  b.run_for(100 * kMicrosecond);
  EXPECT_EQ(rtc.peek(0x0C) & 0x40, 0x40);
  EXPECT_EQ(get(0x0C) & 0x40, 0x40);
  EXPECT_EQ(get(0x0C) & 0x40, 0x00);
}

TEST_F(Rtc, NmiMaskIsBit7OfTheIndexPort) {
  EXPECT_FALSE(rtc.nmi_masked());
  b.out(0x70, 0x8D);
  EXPECT_TRUE(rtc.nmi_masked());
  EXPECT_EQ(b.in(0x71), 0x80u) << "and is no part of the index";
  b.out(0x70, 0x0D);
  EXPECT_FALSE(rtc.nmi_masked());
}

TEST_F(Rtc, CmosRam) {
  for (unsigned i = 0x0E; i < 0x80; ++i) set(i, i ^ 0x5A);
  for (unsigned i = 0x0E; i < 0x80; ++i) {
    if (i == 0x32) continue;
    EXPECT_EQ(get(i), i ^ 0x5A);
    EXPECT_EQ(rtc.cmos(i), i ^ 0x5A);
  }
  rtc.set_cmos(0x15, 0x80);
  EXPECT_EQ(get(0x15), 0x80);
}

TEST_F(Rtc, RegistersCAndDAreReadOnly) {
  get(0x0C);
  set(0x0C, 0xFF);
  set(0x0D, 0x00);
  EXPECT_EQ(get(0x0C), 0);
  EXPECT_EQ(get(0x0D), 0x80);
  set(0x0A, 0xA6);
  EXPECT_EQ(get(0x0A), 0x26) << "UIP too";
}

TEST_F(Rtc, ResetStopsInterruptsAndKeepsTheTime) {
  rtc.set_time(1'700'000'000);
  set(0x40, 0x99);
  set(0x0B, 0x7A);
  seconds(1);
  EXPECT_TRUE(b.irqs.level[8]);
  b.out(0x70, 0x80);
  rtc.reset();
  EXPECT_FALSE(b.irqs.level[8]);
  EXPECT_FALSE(rtc.nmi_masked());
  EXPECT_EQ(get(0x0B), 0x02);
  EXPECT_EQ(get(0x0C), 0x00);
  EXPECT_EQ(get(0), 0x21);
  EXPECT_EQ(get(0x40), 0x99);
}

TEST_F(Rtc, SaveAndLoadGoOnAlike) {
  rtc.set_time(1'700'000'000);
  set(0x0A, 0x2A);
  set(0x0B, 0x52);
  b.run_for(kIps / 3);
  bench::Bench other(kIps);
  RtcMc146818 copy(other.ports, other.events, other.irqs, other.log);
  bench::move_over(rtc, b, copy, other);
  for (int i = 0; i < 100; ++i) {
    b.run_for(kIps / 7);
    other.run_for(kIps / 7);
    b.out(0x70, 0x0C);
    other.out(0x70, 0x0C);
    ASSERT_EQ(b.in(0x71), other.in(0x71));
    ASSERT_EQ(bench::saved(copy), bench::saved(rtc));
    ASSERT_EQ(bench::saved(other.events), bench::saved(b.events));
  }
}

TEST(RtcSlowMachine, KeepsTimeWithFewTicks) {
  bench::Bench b(10);
  RtcMc146818 rtc(b.ports, b.events, b.irqs, b.log);
  b.out(0x70, 0x0A);
  b.out(0x71, 0x23);
  b.out(0x70, 0x0B);
  b.out(0x71, 0x72);
  for (int i = 0; i < 600; ++i) {
    b.run_for(1);
    b.out(0x70, 0x0C);
    b.in(0x71);
  }
  b.out(0x70, 2);
  EXPECT_EQ(b.in(0x71), 1u);
  EXPECT_LE(b.events_run, 1300u);
}

}  // namespace
}  // namespace ringside
