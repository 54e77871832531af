#include <gtest/gtest.h>

#include "devices/pic_8259a.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

class Pic : public ::testing::Test {
 protected:
  Pic() { init(); }

  void init(std::uint8_t master_icw4 = 0x01, std::uint8_t slave_icw4 = 0x01, std::uint8_t icw1 = 0x11) {
    init_chip(0x20, icw1, 0x20, 0x04, master_icw4);
    init_chip(0xA0, icw1, 0x70, 0x02, slave_icw4);
  }
  void init_chip(std::uint16_t port, std::uint8_t icw1, std::uint8_t icw2, std::uint8_t icw3,
                 std::uint8_t icw4) {
    b.out(port, icw1);
    const auto data = static_cast<std::uint16_t>(port + 1);
    b.out(data, icw2);
    b.out(data, icw3);
    b.out(data, icw4);
  }
  void raise(unsigned line) { pic.set_irq(line, true); }
  void lower(unsigned line) { pic.set_irq(line, false); }
  void pulse(unsigned line) {
    lower(line);
    raise(line);
  }
  std::uint8_t irr(std::uint16_t port = 0x20) {
    b.out(port, 0x0A);
    return static_cast<std::uint8_t>(b.in(port));
  }
  std::uint8_t isr(std::uint16_t port = 0x20) {
    b.out(port, 0x0B);
    return static_cast<std::uint8_t>(b.in(port));
  }

  bench::Bench b;
  Pic8259a pic{b.ports, b.system, b.log};
};

TEST_F(Pic, InitializationClearsMaskAndSelectsIrr) {
  EXPECT_EQ(b.in(0x21), 0u);
  EXPECT_EQ(b.in(0xA1), 0u);
  b.out(0x21, 0xFB);
  EXPECT_EQ(b.in(0x21), 0xFBu);
  b.out(0x20, 0x0B);
  init();
  EXPECT_EQ(b.in(0x21), 0u);
  raise(3);
  EXPECT_EQ(b.in(0x20), 0x08u) << "status read is IRR after ICW1";
  EXPECT_TRUE(b.log.lints.empty());
}

TEST_F(Pic, RequestIsAcknowledgedWithItsVector) {
  for (unsigned line = 0; line < 8; ++line) {
    if (line == 2) continue;
    raise(line);
    EXPECT_TRUE(b.system.intr);
    EXPECT_EQ(irr(), 1u << line);
    EXPECT_EQ(pic.acknowledge(), 0x20 + line);
    EXPECT_FALSE(b.system.intr);
    EXPECT_EQ(irr(), 0);
    EXPECT_EQ(isr(), 1u << line);
    b.out(0x20, 0x20);
    EXPECT_EQ(isr(), 0);
    lower(line);
  }
}

TEST_F(Pic, SlaveRequestsGoThroughIr2) {
  for (unsigned line = 8; line < 16; ++line) {
    raise(line);
    EXPECT_TRUE(pic.intr());
    EXPECT_EQ(irr(0x20), 0x04);
    EXPECT_EQ(irr(0xA0), 1u << (line - 8));
    EXPECT_EQ(pic.acknowledge(), 0x70 + line - 8);
    EXPECT_EQ(isr(0x20), 0x04);
    EXPECT_EQ(isr(0xA0), 1u << (line - 8));
    EXPECT_EQ(irr(0x20), 0);
    b.out(0xA0, 0x20);
    b.out(0x20, 0x20);
    EXPECT_EQ(isr(0x20) | isr(0xA0), 0);
    lower(line);
  }
}

TEST_F(Pic, VectorKeepsOnlyTheHighFiveBitsOfIcw2) {
  init_chip(0x20, 0x11, 0x0F, 0x04, 0x01);
  raise(1);
  EXPECT_EQ(pic.acknowledge(), 0x09);
}

TEST_F(Pic, FullyNestedPriority) {
  raise(4);
  EXPECT_EQ(pic.acknowledge(), 0x24);
  raise(6);
  EXPECT_FALSE(pic.intr()) << "lower than what is in service";
  raise(4);
  EXPECT_FALSE(pic.intr());
  pulse(4);
  EXPECT_FALSE(pic.intr()) << "the same level waits too";
  raise(1);
  EXPECT_TRUE(pic.intr());
  EXPECT_EQ(pic.acknowledge(), 0x21);
  EXPECT_EQ(isr(), 0x12);
  b.out(0x20, 0x20);
  EXPECT_EQ(isr(), 0x10) << "non-specific EOI ends the highest";
  EXPECT_FALSE(pic.intr());
  b.out(0x20, 0x20);
  EXPECT_EQ(pic.acknowledge(), 0x24) << "the second edge of IR4 comes before IR6";
  b.out(0x20, 0x20);
  EXPECT_EQ(pic.acknowledge(), 0x26);
}

TEST_F(Pic, SimultaneousRequestsAreServedInOrder) {
  for (unsigned line : {7u, 5u, 9u, 15u, 0u, 3u}) raise(line);
  const std::uint8_t expected[] = {0x20, 0x71, 0x77, 0x23, 0x25, 0x27};
  for (const std::uint8_t vector : expected) {
    ASSERT_TRUE(pic.intr());
    EXPECT_EQ(pic.acknowledge(), vector);
    if (vector >= 0x70) b.out(0xA0, 0x20);
    b.out(0x20, 0x20);
  }
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, MaskHoldsBackButIrrRemembers) {
  b.out(0x21, 0x08);
  raise(3);
  EXPECT_FALSE(pic.intr());
  EXPECT_EQ(irr(), 0x08);
  b.out(0x21, 0x00);
  EXPECT_TRUE(pic.intr());
  b.out(0x21, 0x08);
  EXPECT_FALSE(pic.intr());
  b.out(0x21, 0x00);
  EXPECT_EQ(pic.acknowledge(), 0x23);
}

TEST_F(Pic, MaskedCascadeHoldsBackAllOfTheSlave) {
  b.out(0x21, 0x04);
  raise(8);
  EXPECT_FALSE(pic.intr());
  b.out(0x21, 0x00);
  EXPECT_TRUE(pic.intr());
}

TEST_F(Pic, EdgeModeNeedsAnEdge) {
  raise(5);
  pic.acknowledge();
  b.out(0x20, 0x20);
  EXPECT_FALSE(pic.intr()) << "still high, but no new edge";
  pulse(5);
  EXPECT_TRUE(pic.intr());
}

TEST_F(Pic, InputsThatAreHighAtIcw1NeedANewEdge) {
  raise(5);
  init();
  EXPECT_FALSE(pic.intr());
  EXPECT_EQ(irr(), 0);
  pulse(5);
  EXPECT_TRUE(pic.intr());
}

TEST_F(Pic, RequestWithdrawnBeforeInta) {
  raise(5);
  lower(5);
  EXPECT_FALSE(pic.intr());
  EXPECT_EQ(irr(), 0);
  EXPECT_EQ(pic.acknowledge(), 0x27) << "spurious IRQ 7";
  EXPECT_EQ(isr(), 0) << "with nothing in service";
}

TEST_F(Pic, RequestWithdrawnAtTheSlave) {
  raise(14);
  ASSERT_TRUE(pic.intr());
  lower(14);
  EXPECT_FALSE(pic.intr()) << "IR2 falls with it";
  EXPECT_EQ(irr(0x20), 0);
  raise(14);
  b.out(0xA1, 0x40);
  EXPECT_FALSE(pic.intr()) << "so does masking it";
  EXPECT_EQ(pic.acknowledge(), 0x27);
}

TEST_F(Pic, PollOfTheMasterLeavesTheSlaveAlone) {
  raise(14);
  b.out(0x20, 0x0C);
  EXPECT_EQ(b.in(0x20), 0x82u);
  EXPECT_EQ(isr(0x20), 0x04);
  EXPECT_EQ(isr(0xA0), 0x00);
  b.out(0xA0, 0x0C);
  EXPECT_EQ(b.in(0xA0), 0x86u) << "the second poll tells which of the slave's";
  EXPECT_EQ(isr(0xA0), 0x40);
}

TEST_F(Pic, NonSpecificEoiWithNothingInService) {
  b.out(0x20, 0x20);
  ASSERT_EQ(b.log.lints.size(), 1u);
  EXPECT_EQ(isr(), 0);
}

TEST_F(Pic, SpecificEoi) {
  raise(6);
  pic.acknowledge();
  raise(1);
  pic.acknowledge();
  b.out(0x20, 0x66);
  EXPECT_EQ(isr(), 0x02);
  b.out(0x20, 0x63);
  EXPECT_EQ(isr(), 0x02) << "a level that is not in service";
  b.out(0x20, 0x61);
  EXPECT_EQ(isr(), 0x00);
}

TEST_F(Pic, AutomaticEoi) {
  init(0x03, 0x03);
  raise(3);
  EXPECT_EQ(pic.acknowledge(), 0x23);
  EXPECT_EQ(isr(), 0);
  raise(10);
  EXPECT_EQ(pic.acknowledge(), 0x72);
  EXPECT_EQ(isr(0x20), 0);
  EXPECT_EQ(isr(0xA0), 0);
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, AutomaticEoiShowsASecondSlaveRequest) {
  init(0x03, 0x03);
  raise(10);
  raise(11);
  EXPECT_EQ(pic.acknowledge(), 0x72);
  ASSERT_TRUE(pic.intr()) << "the slave's INT must make a new edge at IR2";
  EXPECT_EQ(pic.acknowledge(), 0x73);
  EXPECT_FALSE(pic.intr());
}

TEST_F(Pic, RotationInAutomaticEoi) {
  init(0x03, 0x01);
  b.out(0x20, 0x80);
  raise(3);
  raise(4);
  EXPECT_EQ(pic.acknowledge(), 0x23);
  raise(0);
  EXPECT_EQ(pic.acknowledge(), 0x24) << "after IR3, IR4 is the highest and IR0 the fifth";
  EXPECT_EQ(pic.acknowledge(), 0x20);
  b.out(0x20, 0x00);
  pulse(3);
  EXPECT_EQ(pic.acknowledge(), 0x23);
  EXPECT_EQ(pic.state().chips[0].lowest, 0) << "rotation is off: IR0 stays where its service put it";
}

TEST_F(Pic, RotateOnNonSpecificEoi) {
  raise(4);
  pic.acknowledge();
  b.out(0x20, 0xA0);
  EXPECT_EQ(isr(), 0);
  raise(4);
  pulse(4);
  raise(7);
  EXPECT_EQ(pic.acknowledge(), 0x27) << "IR4 is the lowest now";
  b.out(0x20, 0x20);
  EXPECT_EQ(pic.acknowledge(), 0x24);
}

TEST_F(Pic, RotateOnSpecificEoiAndSetPriority) {
  raise(2 + 1);
  pic.acknowledge();
  b.out(0x20, 0xE3);
  EXPECT_EQ(isr(), 0);
  EXPECT_EQ(pic.state().chips[0].lowest, 3);
  b.out(0x20, 0xC5);
  raise(5);
  raise(6);
  raise(0);
  EXPECT_EQ(pic.acknowledge(), 0x26);
  b.out(0x20, 0x20);
  EXPECT_EQ(pic.acknowledge(), 0x20);
  b.out(0x20, 0x20);
  EXPECT_EQ(pic.acknowledge(), 0x25);
  b.out(0x20, 0x40);
  EXPECT_EQ(isr(), 0x20) << "40h is no operation";
}

TEST_F(Pic, NonSpecificEoiFollowsRotatedPriority) {
  b.out(0x20, 0xC3);  // IR4 highest, IR3 lowest
  raise(1);
  pic.acknowledge();
  raise(5);
  EXPECT_EQ(pic.acknowledge(), 0x25);
  b.out(0x20, 0x20);
  EXPECT_EQ(isr(), 0x02);
}

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
  const std::string saved = bench::save(pic);

  bench::Bench other;
  Pic8259a copy(other.ports, other.system, other.log);
  bench::load(copy, saved);
  EXPECT_EQ(bench::save(copy), saved);
  EXPECT_EQ(other.system.intr, b.system.intr);
  EXPECT_EQ(other.in(0x20), 0x10u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(copy.acknowledge(), pic.acknowledge());
    b.out(0x20, 0x20);
    other.out(0x20, 0x20);
    EXPECT_EQ(copy.intr(), pic.intr());
  }
  EXPECT_EQ(bench::save(copy), bench::save(pic));
}

TEST_F(Pic, DamagedStateIsRefused) {
  std::string saved = bench::save(pic);
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
