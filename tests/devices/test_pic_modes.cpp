// Special modes, polling, level triggering, protocol mistakes and state.
#include "tests/devices/pic_bench.h"

namespace ringside {
namespace {

TEST_F(Pic, SpecialMaskModeLetsLowerLevelsThrough) {
  raise(1);
  pic.acknowledge();
  raise(5);
  EXPECT_FALSE(pic.intr());
  b.out(0x21, 0x02);
  EXPECT_FALSE(pic.intr()) << "masking alone does not help";
  b.out(0x20, 0x68);
  ASSERT_TRUE(pic.intr());
  EXPECT_EQ(pic.acknowledge(), 0x25);
  EXPECT_EQ(isr(), 0x22);
  b.out(0x20, 0x20);
  EXPECT_EQ(isr(), 0x02) << "non-specific EOI passes over the masked level";
  b.out(0x20, 0x20);
  EXPECT_EQ(isr(), 0x02);
  b.out(0x20, 0x08);  // ESMM clear: no change
  pulse(5);
  EXPECT_TRUE(pic.intr());
  b.out(0x20, 0x48);
  EXPECT_FALSE(pic.intr());
  b.out(0x20, 0x61);
  EXPECT_TRUE(pic.intr());
}

TEST_F(Pic, SpecialFullyNestedMode) {
  raise(12);
  EXPECT_EQ(pic.acknowledge(), 0x74);
  raise(9);
  EXPECT_FALSE(pic.intr()) << "normally the master holds back the whole slave";
  init(0x11);
  lower(12);
  lower(9);
  raise(12);
  EXPECT_EQ(pic.acknowledge(), 0x74);
  raise(13);
  EXPECT_FALSE(pic.intr()) << "lower within the slave";
  raise(5);
  EXPECT_FALSE(pic.intr()) << "lower in the master";
  raise(9);
  ASSERT_TRUE(pic.intr());
  EXPECT_EQ(pic.acknowledge(), 0x71);
  EXPECT_EQ(isr(0xA0), 0x12);
}

TEST_F(Pic, PollMode) {
  b.out(0x20, 0x0C);
  EXPECT_EQ(b.in(0x20) & 0x80, 0u) << "nothing requests";
  raise(5);
  raise(3);
  b.out(0x20, 0x0C);
  EXPECT_EQ(pic.peek(0x20), 0x83);
  EXPECT_EQ(pic.state().chips[0].isr, 0) << "a peek acknowledges nothing";
  EXPECT_EQ(b.in(0x20), 0x83u);
  EXPECT_EQ(isr(), 0x08);
  EXPECT_EQ(irr(), 0x20);
  EXPECT_EQ(b.in(0x20), 0x20u) << "only one read is a poll";
  b.out(0x20, 0x20);
  b.out(0x20, 0x0C);
  EXPECT_EQ(b.in(0x21), 0x85u) << "either port answers a poll";
  EXPECT_EQ(b.in(0x21), 0x00u);
}

TEST_F(Pic, LevelTriggeredByElcr) {
  b.out(0x4D0, 0xFF);
  b.out(0x4D1, 0xFF);
  EXPECT_EQ(b.in(0x4D0), 0xF8u) << "IRQ 0, 1 and 2 cannot be levels";
  EXPECT_EQ(b.in(0x4D1), 0xDEu) << "nor can IRQ 8 and 13";
  raise(10);
  EXPECT_EQ(pic.acknowledge(), 0x72);
  EXPECT_EQ(irr(0xA0), 0x04) << "the request stays while the line is high";
  EXPECT_FALSE(pic.intr()) << "held back by its own service";
  b.out(0xA0, 0x20);
  b.out(0x20, 0x20);
  ASSERT_TRUE(pic.intr()) << "and comes again after EOI";
  EXPECT_EQ(pic.acknowledge(), 0x72);
  lower(10);
  b.out(0xA0, 0x20);
  b.out(0x20, 0x20);
  EXPECT_FALSE(pic.intr());
  raise(5);
  EXPECT_EQ(pic.acknowledge(), 0x25);
  b.out(0x20, 0x20);
  EXPECT_TRUE(pic.intr());
  lower(5);
  EXPECT_FALSE(pic.intr()) << "a level that falls takes its request back";
}

TEST_F(Pic, LevelTriggeredByIcw1) {
  init(0x01, 0x01, 0x19);
  raise(1);
  EXPECT_EQ(pic.acknowledge(), 0x21);
  b.out(0x20, 0x20);
  EXPECT_TRUE(pic.intr());
  lower(1);
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, SwitchingTheElcrOnALineThatIsHigh) {
  raise(11);
  pic.acknowledge();
  b.out(0xA0, 0x20);
  b.out(0x20, 0x20);
  EXPECT_FALSE(pic.intr());
  b.out(0x4D1, 0x08);
  EXPECT_TRUE(pic.intr());
  b.out(0x4D1, 0x00);
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, Ir2CannotBeDriven) {
  raise(2);
  EXPECT_FALSE(pic.intr());
  pic.set_irq(16, true);
  pic.set_irq(~0u, true);
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, Mcs80VectorsComeFromIcw1) {
  init_chip(0x20, 0x11, 0x20, 0x04, 0x00);
  ASSERT_EQ(b.log.lints.size(), 1u);
  raise(3);
  EXPECT_EQ(pic.acknowledge(), 0x18) << "interval of 8";
  b.out(0x20, 0x20);
  init_chip(0x20, 0x15, 0x20, 0x04, 0x00);
  pulse(3);
  EXPECT_EQ(pic.acknowledge(), 0x0C) << "interval of 4";
}

TEST_F(Pic, LintOfAMissingIcw3) {
  b.out(0x20, 0x13);
  b.out(0x21, 0x20);
  b.out(0x21, 0x01);
  ASSERT_EQ(b.log.lints.size(), 1u);
  EXPECT_NE(b.log.lints[0].find("ICW3"), std::string::npos);
  raise(8);
  ASSERT_TRUE(pic.intr());
  EXPECT_EQ(pic.acknowledge(), 0x22) << "alone, the master answers for IR2 itself";
}

TEST_F(Pic, WrongSlaveIdentityLeavesTheBusFloating) {
  init_chip(0xA0, 0x11, 0x70, 0x05, 0x01);
  ASSERT_EQ(b.log.lints.size(), 1u);
  raise(8);
  EXPECT_EQ(pic.acknowledge(), 0xFF);
}

TEST_F(Pic, LintOfAnInterruptedInitialization) {
  b.out(0x20, 0x11);
  b.out(0x21, 0x20);
  b.out(0x20, 0x0B);
  ASSERT_EQ(b.log.lints.size(), 1u);
  b.out(0x20, 0x0B);
  EXPECT_EQ(b.log.lints.size(), 1u) << "said once";
  raise(1);
  EXPECT_FALSE(pic.intr()) << "no INT before the sequence is complete";
  b.out(0x21, 0x04);
  b.out(0x21, 0x01);
  EXPECT_TRUE(pic.intr());
}

TEST_F(Pic, LintOfAMissingEoi) {
  raise(0);
  pic.acknowledge();
  for (int i = 0; i < 31; ++i) pulse(0);
  EXPECT_TRUE(b.log.lints.empty());
  pulse(0);
  ASSERT_EQ(b.log.lints.size(), 1u);
  EXPECT_NE(b.log.lints[0].find("EOI"), std::string::npos);
  for (int i = 0; i < 1000; ++i) pulse(0);
  EXPECT_EQ(b.log.lints.size(), 1u);
}

TEST(PicPowerOn, NothingHappensBeforeInitialization) {
  bench::Bench b;
  Pic8259a pic(b.ports, b.system, b.log);
  EXPECT_FALSE(b.system.intr);
  pic.set_irq(1, true);
  pic.set_irq(9, true);
  EXPECT_FALSE(pic.intr());
  b.out(0x21, 0xFB);
  EXPECT_EQ(b.in(0x21), 0xFBu);
  ASSERT_EQ(b.log.lints.size(), 1u);
  EXPECT_NE(b.log.lints[0].find("before ICW1"), std::string::npos);
  pic.acknowledge();  // whatever it answers
  EXPECT_EQ(pic.state().chips[0].isr, 0);
}

TEST_F(Pic, ResetForgetsAllButTheInputs) {
  raise(3);
  pic.acknowledge();
  raise(4);
  pic.reset();
  EXPECT_FALSE(b.system.intr);
  EXPECT_EQ(pic.state().chips[0].isr, 0);
  EXPECT_EQ(pic.state().chips[0].lines, 0x18);
  EXPECT_EQ(pic.state().chips[0].step, Pic8259a::Step::kPowerOn);
}

TEST_F(Pic, SaveAndLoadGoOnAlike) {
  b.out(0x20, 0xC2);
  raise(4);
  pic.acknowledge();
  raise(1);
  raise(9);
  b.out(0x20, 0x0B);
  const auto saved = bench::saved(pic);

  bench::Bench other;
  Pic8259a copy(other.ports, other.system, other.log);
  bench::load(copy, saved);
  EXPECT_EQ(bench::saved(copy), saved);
  EXPECT_EQ(other.system.intr, b.system.intr);
  EXPECT_EQ(other.in(0x20), 0x10u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(copy.acknowledge(), pic.acknowledge());
    b.out(0x20, 0x20);
    other.out(0x20, 0x20);
    EXPECT_EQ(copy.intr(), pic.intr());
  }
  EXPECT_EQ(bench::saved(copy), bench::saved(pic));
}

TEST_F(Pic, DamagedStateIsRefused) {
  auto saved = bench::saved(pic);
  saved[9] = 8;  // lowest
  EXPECT_THROW(bench::load(pic, saved), StateError);
}

TEST_F(Pic, RandomAccessesKeepTheInvariants) {
  std::uint32_t seed = 12345;
  const auto random = [&seed] { return (seed = seed * 1664525 + 1013904223) >> 8; };
  static constexpr std::uint16_t kPorts[] = {0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1};
  for (int i = 0; i < 200'000; ++i) {
    switch (random() % 4) {
      case 0:
        b.out(kPorts[random() % 6], random() & 0xFF);
        break;
      case 1:
        b.in(kPorts[random() % 6]);
        break;
      case 2:
        pic.set_irq(random() % 16, (random() & 1) != 0);
        break;
      case 3: {
        const bool requested = pic.intr();
        const std::uint8_t before = pic.state().chips[0].isr;
        pic.acknowledge();
        if (!requested) {
          ASSERT_EQ(pic.state().chips[0].isr, before);
        }
        break;
      }
    }
    ASSERT_EQ(pic.intr(), b.system.intr);
    ASSERT_LT(pic.state().chips[0].lowest, 8);
  }
}

}  // namespace
}  // namespace ringside
