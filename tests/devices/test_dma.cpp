#include <gtest/gtest.h>

#include "devices/dma_8237a.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

class Dma : public ::testing::Test {
 protected:
  bench::Bench b;
  Dma8237a dma{b.ports, b.log};
};

TEST_F(Dma, AddressAndCountGoThroughTheFlipFlop) {
  for (std::uint16_t reg = 0; reg < 8; ++reg) {
    b.out(0x0C, 0);
    b.out(reg, 0x30u + reg);
    b.out(reg, 0xA0u + reg);
    EXPECT_EQ(b.in(reg), 0x30u + reg);
    EXPECT_EQ(b.in(reg), 0xA0u + reg);
  }
  for (unsigned channel = 0; channel < 4; ++channel) {
    const auto& c = dma.state().controllers[0].channels[channel];
    EXPECT_EQ(c.address, 0xA030 + channel * 2 * 0x101);
    EXPECT_EQ(c.base_address, c.address);
    EXPECT_EQ(c.count, 0xA131 + channel * 2 * 0x101);
    EXPECT_EQ(c.base_count, c.count);
  }
}

TEST_F(Dma, SecondControllerIsSpacedByTwo) {
  for (unsigned reg = 0; reg < 8; ++reg) {
    const auto port = static_cast<std::uint16_t>(0xC0 + 2 * reg);
    b.out(0xD8, 0);
    b.out(port, 0x11u + reg);
    b.out(static_cast<std::uint16_t>(port + 1), 0x22u + reg);  // A0 is not decoded
    EXPECT_EQ(b.in(port), 0x11u + reg);
    EXPECT_EQ(b.in(port), 0x22u + reg);
  }
  EXPECT_EQ(dma.state().controllers[1].channels[1].address, 0x2413);
  EXPECT_EQ(dma.state().controllers[0].channels[1].address, 0);
}

TEST_F(Dma, PeekLeavesTheFlipFlop) {
  b.out(0x02, 0x34);
  b.out(0x02, 0x12);
  EXPECT_EQ(dma.peek(0x02), 0x34);
  EXPECT_EQ(dma.peek(0x02), 0x34);
  EXPECT_EQ(b.in(0x02), 0x34u);
  EXPECT_EQ(dma.peek(0x02), 0x12);
}

TEST_F(Dma, FlipFlopIsSharedByAllRegistersOfAController) {
  b.out(0x00, 0x01);
  b.out(0x03, 0x02);  // goes to the high byte
  EXPECT_EQ(dma.state().controllers[0].channels[0].address, 0x0001);
  EXPECT_EQ(dma.state().controllers[0].channels[1].count, 0x0200);
}

TEST_F(Dma, MasksOneByOneAndAtOnce) {
  EXPECT_EQ(b.in(0x0F), 0xFFu) << "all masked at power-on";
  b.out(0x0A, 0x02);
  EXPECT_EQ(b.in(0x0F), 0xFBu);
  EXPECT_FALSE(dma.masked(2));
  EXPECT_TRUE(dma.masked(3));
  EXPECT_TRUE(dma.masked(6));
  b.out(0x0A, 0x06);
  EXPECT_TRUE(dma.masked(2));
  b.out(0x0E, 0);
  EXPECT_EQ(b.in(0x0F), 0xF0u);
  b.out(0x0F, 0xF5);
  EXPECT_EQ(b.in(0x0F), 0xF5u);
  b.out(0xD4, 0x00);
  EXPECT_FALSE(dma.masked(4));
  EXPECT_EQ(b.in(0xDE), 0xFEu);
}

TEST_F(Dma, ModeAndCommandAndRequest) {
  b.out(0x0B, 0x46);
  b.out(0x0B, 0x59);
  EXPECT_EQ(dma.state().controllers[0].channels[2].mode, 0x44);
  EXPECT_EQ(dma.state().controllers[0].channels[1].mode, 0x58);
  b.out(0xD6, 0xC0);
  EXPECT_EQ(dma.state().controllers[1].channels[0].mode, 0xC0);
  b.out(0x08, 0x10);
  EXPECT_EQ(dma.state().controllers[0].command, 0x10);
  b.out(0x09, 0x05);
  EXPECT_EQ(b.in(0x08), 0x20u) << "a software request shows in the status";
  b.out(0x09, 0x01);
  EXPECT_EQ(b.in(0x08), 0x00u);
}

TEST_F(Dma, MasterClear) {
  b.out(0x08, 0x10);
  b.out(0x0E, 0);
  b.out(0x09, 0x04);
  b.out(0x00, 0x77);
  b.out(0x0D, 0);
  EXPECT_EQ(dma.state().controllers[0].command, 0);
  EXPECT_EQ(b.in(0x0F), 0xFFu);
  EXPECT_EQ(b.in(0x08), 0u);
  EXPECT_EQ(b.in(0x0D), 0u);
  EXPECT_EQ(b.in(0x00), 0x77u) << "the flip-flop is back, and the address is kept";
}

TEST_F(Dma, WriteOnlyRegistersFloat) {
  for (std::uint16_t port = 0x09; port <= 0x0C; ++port) EXPECT_EQ(b.in(port), 0xFFu);
  EXPECT_EQ(b.in(0x0E), 0xFFu);
}

TEST_F(Dma, PageRegistersAndPostCode) {
  for (unsigned i = 0; i < 16; ++i) b.out(static_cast<std::uint16_t>(0x80 + i), 0xE0u + i);
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(b.in(static_cast<std::uint16_t>(0x80 + i)), 0xE0u + i);
  EXPECT_EQ(dma.post_code(), 0xE0);
  b.out(0x80, 0x42);
  EXPECT_EQ(dma.post_code(), 0x42);
}

TEST_F(Dma, PhysicalAddresses) {
  const std::uint16_t pages[] = {0x87, 0x83, 0x81, 0x82, 0x8F, 0x8B, 0x89, 0x8A};
  for (unsigned channel = 0; channel < 8; ++channel) {
    const auto port = static_cast<std::uint16_t>(channel < 4 ? channel * 2 : 0xC0 + (channel - 4) * 4);
    b.out(channel < 4 ? 0x0C : 0xD8, 0);
    b.out(port, 0x34);
    b.out(port, 0x92);
    b.out(pages[channel], 0x13);
    EXPECT_EQ(dma.physical_address(channel), channel < 4 ? 0x139234u : 0x132468u) << channel;
  }
  dma.physical_address(~0u);
  dma.masked(~0u);
}

TEST_F(Dma, LintOfProgrammingAnUnmaskedChannel) {
  b.out(0x04, 0);
  b.out(0x04, 0);
  EXPECT_TRUE(b.log.lints.empty());
  b.out(0x0A, 2);
  b.out(0x04, 0);
  b.out(0x04, 0);
  EXPECT_EQ(b.log.lints.size(), 1u);
}

TEST_F(Dma, ResetAndSave) {
  b.out(0x80, 0x12);
  b.out(0x04, 0x55);
  b.out(0xD4, 0x01);
  const auto saved = bench::saved(dma);
  dma.reset();
  EXPECT_EQ(dma.post_code(), 0);
  EXPECT_TRUE(dma.masked(5));
  bench::load(dma, saved);
  EXPECT_EQ(dma.post_code(), 0x12);
  EXPECT_FALSE(dma.masked(5));
  EXPECT_TRUE(dma.state().controllers[0].high_byte_next);
  EXPECT_EQ(bench::saved(dma), saved);
}

}  // namespace
}  // namespace ringside
