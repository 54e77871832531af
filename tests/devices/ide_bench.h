// The first IDE channel with one disk of 4096 sectors.
#pragma once

#include <gtest/gtest.h>

#include <array>

#include "devices/ide_controller.h"
#include "tests/devices/chip_bench.h"
#include "tests/devices/memory_medium.h"

namespace ringside {

class Ide : public testing::Test {
 protected:
  using MemoryMedium = bench::MemoryMedium;
  static constexpr std::uint16_t kData = 0x1F0, kError = 0x1F1, kCount = 0x1F2, kLow = 0x1F3, kMid = 0x1F4,
                                 kHigh = 0x1F5, kDevice = 0x1F6, kStatus = 0x1F7, kCommand = 0x1F7,
                                 kControl = 0x3F6;
  static constexpr unsigned kReady = 0x50, kReadyData = 0x58, kReadyError = 0x51;

  Ide() { ide.attach(0, &disk); }
  void address(std::uint64_t lba, unsigned count, unsigned device = 0xE0) {
    b.out8(kDevice, device | static_cast<unsigned>(lba >> 24 & 15));
    b.out8(kCount, count);
    b.out8(kLow, static_cast<unsigned>(lba));
    b.out8(kMid, static_cast<unsigned>(lba >> 8));
    b.out8(kHigh, static_cast<unsigned>(lba >> 16));
  }
  void address48(std::uint64_t lba, unsigned count) {
    b.out8(kDevice, 0xE0);
    b.out8(kCount, count >> 8);
    b.out8(kLow, static_cast<unsigned>(lba >> 24));
    b.out8(kMid, static_cast<unsigned>(lba >> 32));
    b.out8(kHigh, static_cast<unsigned>(lba >> 40));
    b.out8(kCount, count);
    b.out8(kLow, static_cast<unsigned>(lba));
    b.out8(kMid, static_cast<unsigned>(lba >> 8));
    b.out8(kHigh, static_cast<unsigned>(lba >> 16));
  }
  void command(unsigned code) {
    b.out8(kCommand, code);
    EXPECT_EQ(b.in8(kControl), 0x80) << "busy at once";
    b.pass(100'000);
  }
  void expect_sector(std::uint64_t sector) {
    for (unsigned i = 0; i < 512; i += 2) {
      const unsigned expected =
          MemoryMedium::pattern(sector, i) | static_cast<unsigned>(MemoryMedium::pattern(sector, i + 1)) << 8;
      ASSERT_EQ(b.in16(kData), expected) << "sector " << sector << " offset " << i;
    }
  }
  void write_words(unsigned first, unsigned words) {
    for (unsigned i = 0; i < words; ++i) b.out16(kData, first + i);
  }
  std::array<std::uint16_t, 256> identify() {
    command(0xEC);
    EXPECT_EQ(b.in8(kStatus), kReadyData);
    std::array<std::uint16_t, 256> words{};
    for (auto& word : words) word = b.in16(kData);
    EXPECT_EQ(b.in8(kStatus), kReady);
    return words;
  }

  bench::Bench b;
  MemoryMedium disk{4096};
  IdeController ide{b.ports, b.events, b.irqs, b.log, 0};
};

}  // namespace ringside
