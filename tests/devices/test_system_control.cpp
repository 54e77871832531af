#include <gtest/gtest.h>

#include "devices/debug_ports.h"
#include "devices/system_control.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

class Board : public ::testing::Test {
 protected:
  bench::Bench b;
  Pit8254 pit{b.ports, b.events, b.irqs, b.log};
  SystemControl control{b.ports, pit, b.system};
};

TEST_F(Board, Port61KeepsItsFourBits) {
  b.out(0x61, 0xFF);
  EXPECT_EQ(b.in(0x61) & 0xCF, 0x0Fu) << "bits 6 and 7 tell of errors that never happen";
  b.out(0x61, 0x00);
  EXPECT_EQ(b.in(0x61) & 0xCF, 0x00u);
  b.out(0x61, 0x06);
  EXPECT_EQ(b.in(0x61) & 0x0F, 0x06u);
}

TEST_F(Board, RefreshTogglesEvery18Clocks) {
  unsigned changes = 0;
  std::uint32_t last = b.in(0x61) & 0x10;
  for (std::uint64_t cycle = 1; cycle <= 1800; ++cycle) {
    b.run_to_cycle(cycle, Pit8254::kHz);
    const std::uint32_t now = b.in(0x61) & 0x10;
    if (now != last) {
      ++changes;
      EXPECT_EQ(cycle % 18, 0u);
    }
    last = now;
  }
  EXPECT_EQ(changes, 100u);
}

TEST_F(Board, Gate2AndOut2) {
  b.out(0x61, 0x00);
  b.out(0x43, 0xB0);  // counter 2, mode 0
  b.out(0x42, 100);
  b.out(0x42, 0);
  b.run_to_cycle(1000, Pit8254::kHz);
  EXPECT_EQ(b.in(0x61) & 0x20, 0u) << "held by GATE2";
  b.out(0x61, 0x01);
  b.run_to_cycle(1099, Pit8254::kHz);
  EXPECT_EQ(b.in(0x61) & 0x20, 0u);
  b.run_to_cycle(1100, Pit8254::kHz);
  EXPECT_EQ(b.in(0x61) & 0x20, 0x20u);
  EXPECT_FALSE(control.speaker());
  b.out(0x61, 0x03);
  EXPECT_TRUE(control.speaker());
}

TEST_F(Board, Port92SwitchesItsA20Gate) {
  EXPECT_FALSE(b.system.a20[1]);
  b.out(0x92, 0x02);
  EXPECT_TRUE(b.system.a20[1]);
  EXPECT_FALSE(b.system.a20[0]) << "the 8042's gate is another one";
  EXPECT_EQ(b.in(0x92), 0x02u);
  b.out(0x92, 0x00);
  EXPECT_FALSE(b.system.a20[1]);
}

TEST_F(Board, FastResetOnTheRisingEdgeOnly) {
  b.out(0x92, 0x02);
  EXPECT_EQ(b.system.warm_resets, 0u);
  b.out(0x92, 0x03);
  EXPECT_EQ(b.system.warm_resets, 1u);
  b.out(0x92, 0x03);
  EXPECT_EQ(b.system.warm_resets, 1u);
  b.out(0x92, 0x00);
  b.out(0x92, 0x01);
  EXPECT_EQ(b.system.warm_resets, 2u);
  EXPECT_EQ(b.system.cold_resets, 0u);
}

TEST_F(Board, ResetControl) {
  b.out(0xCF9, 0x02);
  EXPECT_EQ(b.in(0xCF9), 0x02u);
  EXPECT_EQ(b.system.cold_resets + b.system.warm_resets, 0u) << "bit 1 only chooses";
  b.out(0xCF9, 0x06);
  EXPECT_EQ(b.system.cold_resets, 1u);
  b.out(0xCF9, 0x06);
  EXPECT_EQ(b.system.cold_resets, 1u);
  b.out(0xCF9, 0x00);
  b.out(0xCF9, 0x04);
  EXPECT_EQ(b.system.warm_resets, 1u);
  b.out(0xCF9, 0x00);
  b.out(0xCF9, 0x0E);
  EXPECT_EQ(b.system.cold_resets, 2u);
}

TEST_F(Board, ResetClosesGates) {
  b.out(0x61, 0x0F);
  b.out(0x92, 0x02);
  control.reset();
  EXPECT_FALSE(b.system.a20[1]);
  EXPECT_EQ(b.in(0x61) & 0x0F, 0u);
  EXPECT_FALSE(pit.state().counters[2].state().gate);
}

TEST_F(Board, SaveAndLoadRestoreA20) {
  b.out(0x61, 0x0A);
  b.out(0x92, 0x02);
  b.out(0xCF9, 0x02);
  const auto saved = bench::saved(control);
  bench::Bench other;
  Pit8254 other_pit(other.ports, other.events, other.irqs, other.log);
  SystemControl copy(other.ports, other_pit, other.system);
  bench::load(copy, saved);
  EXPECT_TRUE(other.system.a20[1]);
  EXPECT_EQ(other.in(0x92), 0x02u);
  EXPECT_EQ(other.in(0x61) & 0x0F, 0x0Au);
  EXPECT_EQ(bench::saved(copy), saved);
}

TEST(DebugPort, ConsoleBytes) {
  bench::Bench b;
  DebugPorts debug(b.ports, b.system);
  b.out(0xE9, 'x');  // nobody listens
  bench::RecordedBytes sink;
  debug.set_sink(&sink);
  for (const char c : std::string("hello")) b.out(0xE9, static_cast<std::uint8_t>(c));
  EXPECT_EQ(sink.text, "hello");
  EXPECT_EQ(b.in(0xE9), 0xE9u);
  EXPECT_EQ(debug.state().last, 'o');
}

TEST(DebugPort, ExitOnlyWhereEnabled) {
  bench::Bench b;
  DebugPorts debug(b.ports, b.system);
  b.out(0xF4, 3);
  EXPECT_TRUE(b.system.exits.empty());
  EXPECT_EQ(b.log.unclaimed.size(), 1u) << "off, the port is nobody's";
  debug.enable_debug_exit(true);
  b.out(0xF4, 3);
  b.out(0xF4, 0x12345678, 4);
  b.out(0xF4, 0x1234, 2);
  EXPECT_EQ(b.system.exits, (std::vector<std::uint8_t>{3, 0x78, 0x34}));
  EXPECT_EQ(b.in(0xF4, 4), 0xFFFFFFFFu);
  EXPECT_EQ(b.in(0xF4, 1), 0xFFu);
  debug.enable_debug_exit(false);
  b.out(0xF4, 9);
  EXPECT_EQ(b.system.exits.size(), 3u);
}

}  // namespace
}  // namespace ringside
