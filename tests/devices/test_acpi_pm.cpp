#include <gtest/gtest.h>

#include "devices/acpi_pm.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

constexpr std::uint64_t kHz = AcpiPm::kHz;

class Pm : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kStatus = 0x600;
  static constexpr std::uint16_t kEnable = 0x602;
  static constexpr std::uint16_t kControl = 0x604;
  static constexpr std::uint16_t kTimer = 0x608;

  bench::Bench b;
  AcpiPm pm{b.ports, b.events, b.irqs, b.system};
};

TEST_F(Pm, TimerCounts24BitsOfGuestTime) {
  EXPECT_EQ(b.in(kTimer, 4), 0u);
  b.run_to_cycle(12345, kHz);
  EXPECT_EQ(b.in(kTimer, 4), 12345u);
  b.run_to(b.clock.ips() * 2);
  EXPECT_EQ(b.in(kTimer, 4), kHz * 2);
  b.run_to_cycle(0x1000005, kHz);
  EXPECT_EQ(b.in(kTimer, 4), 5u) << "bits 24-31 are zero";
  EXPECT_EQ(pm.timer(), 5u);
}

TEST_F(Pm, TimerReadsBytewise) {
  b.run_to_cycle(0x123456, kHz);
  EXPECT_EQ(b.in(kTimer), 0x56u);
  EXPECT_EQ(b.in(kTimer + 1), 0x34u);
  EXPECT_EQ(b.in(kTimer + 2, 2), 0x12u);
  b.out(kTimer, 0, 4);
  EXPECT_EQ(b.in(kTimer, 4), 0x123456u) << "read only";
}

TEST_F(Pm, OverflowStatusAtEveryChangeOfBit23) {
  b.run_to_cycle(0x7FFFFF, kHz);
  EXPECT_EQ(b.in(kStatus, 2), 0u);
  b.run_to_cycle(0x800000, kHz);
  EXPECT_EQ(b.in(kStatus, 2), 1u);
  EXPECT_EQ(b.events_run, 0u) << "noticed without an event";
  b.out(kStatus, 0, 2);
  EXPECT_EQ(b.in(kStatus, 2), 1u) << "a 0 clears nothing";
  b.out(kStatus, 1, 2);
  EXPECT_EQ(b.in(kStatus, 2), 0u);
  b.run_to_cycle(0x1000000, kHz);
  EXPECT_EQ(b.in(kStatus, 2), 1u) << "the falling edge counts too";
}

TEST_F(Pm, OverflowInterrupt) {
  b.out(kControl, 1, 2);
  b.out(kEnable, 1, 2);
  b.run_to_cycle(0x7FFFFF, kHz);
  EXPECT_FALSE(b.irqs.level[9]);
  b.run_to_cycle(0x800000, kHz);
  EXPECT_TRUE(b.irqs.level[9]);
  b.run_to_cycle(0x1800000, kHz);
  EXPECT_EQ(b.events_run, 1u) << "no further events while the status is set";
  b.out(kStatus, 1, 2);
  EXPECT_FALSE(b.irqs.level[9]);
  b.run_to_cycle(0x2000000, kHz);
  EXPECT_TRUE(b.irqs.level[9]);
  b.out(kEnable, 0, 2);
  EXPECT_FALSE(b.irqs.level[9]);
}

TEST_F(Pm, SciNeedsSciEn) {
  b.out(kEnable, 0x100, 2);
  pm.press_power_button();
  EXPECT_EQ(b.in(kStatus, 2), 0x100u);
  EXPECT_FALSE(b.irqs.level[9]);
  b.out(kControl, 1, 2);
  EXPECT_TRUE(b.irqs.level[9]);
  b.out(kControl, 0, 2);
  EXPECT_FALSE(b.irqs.level[9]);
  b.out(kControl, 1, 2);
  b.out(kStatus + 1, 0x01);
  EXPECT_FALSE(b.irqs.level[9]);
}

TEST_F(Pm, SmiCommandPortSwitchesAcpi) {
  EXPECT_EQ(b.in(kControl, 2), 0u);
  b.out(0xB2, 0xF1);
  EXPECT_EQ(b.in(kControl, 2), 1u);
  EXPECT_EQ(b.in(0xB2), 0xF1u);
  b.out(0xB2, 0x55);
  EXPECT_EQ(b.in(kControl, 2), 1u);
  b.out(0xB2, 0xF0);
  EXPECT_EQ(b.in(kControl, 2), 0u);
  b.out(0xB3, 0x77);
  EXPECT_EQ(b.in(0xB3), 0x77u);
  b.out(0xB2, 0x34F1, 2);
  EXPECT_EQ(b.in(kControl, 2), 1u);
  EXPECT_EQ(b.in(0xB3), 0x34u);
}

TEST_F(Pm, SoftOff) {
  b.out(kControl, 0x0001, 2);
  EXPECT_EQ(b.system.power_offs, 0u) << "SLP_TYP alone does nothing";
  b.out(kControl, 0x2401, 2);
  EXPECT_EQ(b.system.power_offs, 0u) << "another sleeping state";
  EXPECT_EQ(b.in(kControl, 2), 0x0401u) << "SLP_EN reads 0";
  b.out(kControl, 0x2001, 2);
  EXPECT_EQ(b.system.power_offs, 1u);
  b.out(kControl + 1, 0x20);
  EXPECT_EQ(b.system.power_offs, 2u) << "as a byte";
  b.out(kControl, 0x2000, 4);
  EXPECT_EQ(b.system.power_offs, 3u) << "as a doubleword";
}

TEST_F(Pm, OnlyDefinedBitsAreKept) {
  b.out(kEnable, 0xFFFF, 2);
  EXPECT_EQ(b.in(kEnable, 2), 0x0521u);
  b.out(kEnable, 0, 2);
  b.out(kControl, 0xDFFE, 2);
  EXPECT_EQ(b.in(kControl, 2), 0x1C02u) << "GBL_RLS and SLP_EN are write-only";
  for (std::uint16_t port = 0x610; port < 0x640; ++port) EXPECT_EQ(b.in(port), 0u) << port;
  EXPECT_EQ(b.in(0x60C, 2), 0u);
}

TEST_F(Pm, StatusAndEnableInOneAccess) {
  pm.press_power_button();
  b.out(kControl, 1, 2);
  b.out(kStatus, 0x01000000, 4);
  EXPECT_TRUE(b.irqs.level[9]);
  EXPECT_EQ(b.in(kStatus, 4), 0x01000100u);
  b.out(kStatus, 0x01000100, 4);
  EXPECT_FALSE(b.irqs.level[9]);
  EXPECT_EQ(b.in(kStatus, 4), 0x01000000u);
}

TEST_F(Pm, BaseMovesAndCloses) {
  b.run_to_cycle(1000, kHz);
  pm.set_base(0xB000, true);
  EXPECT_EQ(b.in(0xB008, 4), 1000u);
  EXPECT_EQ(b.in(kTimer, 4), 0xFFFFFFFFu) << "nobody's any more";
  pm.set_base(0xB123, true);
  EXPECT_EQ(b.in(0xB108, 4), 1000u) << "aligned to 64";
  pm.set_base(0xB100, false);
  EXPECT_EQ(b.in(0xB108, 4), 0xFFFFFFFFu);
  pm.set_base(0xFFC0, true);
  EXPECT_EQ(b.in(0xFFC8, 4), 1000u);
  EXPECT_EQ(b.in(0xFFFE, 4) & 0xFFFF, 0u) << "an access that wraps round the end";
  b.out(0xFFFE, 0xFFFFFFFF, 4);
  pm.set_base(0x80, true);
  EXPECT_EQ(b.in(0x88, 4), 1000u);
  b.out(0xB2, 0xF1);
  EXPECT_EQ(b.in(0xB2), 0xF1u) << "the APM ports stay under a block that lies over them";
  EXPECT_EQ(b.in(0x84, 2), 1u);
  pm.reset();
  EXPECT_EQ(b.in(kTimer, 4), 1000u);
}

TEST_F(Pm, ResetClearsAllButTheTimer) {
  b.run_to_cycle(0x900000, kHz);
  b.out(kControl, 1, 2);
  b.out(kEnable, 0x101, 2);
  pm.press_power_button();
  EXPECT_TRUE(b.irqs.level[9]);
  pm.reset();
  EXPECT_FALSE(b.irqs.level[9]);
  EXPECT_EQ(b.in(kStatus, 4), 0u);
  EXPECT_EQ(b.in(kControl, 2), 0u);
  EXPECT_EQ(b.in(kTimer, 4), 0x900000u);
  EXPECT_FALSE(b.events.pending(EventId::kAcpiTimer));
}

TEST_F(Pm, SaveAndLoadMoveTheBlock) {
  pm.set_base(0x1000, true);
  b.out(0x1002, 0x0101, 2);
  b.out(0x1004, 1, 2);
  b.run_to_cycle(0x7FFF00, kHz);
  bench::Bench other;
  AcpiPm copy(other.ports, other.events, other.irqs, other.system);
  bench::move_over(pm, b, copy, other);
  EXPECT_EQ(other.in(0x1002, 2), 0x0101u);
  EXPECT_EQ(other.in(kEnable, 2), 0xFFFFu) << "no longer at the default base";
  b.run_to_cycle(0x800000, kHz);
  other.run_to_cycle(0x800000, kHz);
  EXPECT_TRUE(other.irqs.level[9]);
  EXPECT_EQ(bench::saved(copy), bench::saved(pm));
}

TEST(PmSlowMachine, TimerEventsNeverHang) {
  bench::Bench b(1);
  AcpiPm pm(b.ports, b.events, b.irqs, b.system);
  b.out(0x604, 1, 2);
  b.out(0x602, 1, 2);
  for (int i = 0; i < 100; ++i) {
    b.run_for(1);
    b.out(0x600, 1, 2);
  }
  EXPECT_LE(b.events_run, 100u);
}

}  // namespace
}  // namespace ringside
