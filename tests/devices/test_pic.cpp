// Requests, masks, priority, end of interrupt and rotation.
#include "tests/devices/pic_bench.h"

namespace ringside {
namespace {

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

}  // namespace
}  // namespace ringside
