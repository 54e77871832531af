// The guest-physical address space.
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "memory/physical_memory.h"

namespace ringside {
namespace {

constexpr std::uint64_t kMebibyte = 1 << 20;

struct Recorder final : MemoryListener, MmioDevice {
  void code_written(PhysAddr address, std::uint32_t size) override { writes.push_back({address, size}); }
  void mapping_changed() override { ++changes; }
  std::uint32_t mmio_read(PhysAddr address, unsigned size) override {
    return static_cast<std::uint32_t>(address) + size;
  }
  void mmio_write(PhysAddr address, unsigned, std::uint32_t value) override { last = {address, value}; }
  std::vector<std::pair<PhysAddr, std::uint32_t>> writes;
  std::pair<PhysAddr, std::uint32_t> last{};
  int changes = 0;
};

TEST(PhysicalMemory, RefusesImpossibleSizes) {
  for (const std::uint64_t size : {std::uint64_t{0}, kMebibyte - 4096, kMebibyte + 1, 4096 * kMebibyte})
    EXPECT_THROW(PhysicalMemory{size}, std::invalid_argument) << size;
  EXPECT_NO_THROW(PhysicalMemory{3072 * kMebibyte});
}

TEST(PhysicalMemory, ReadsAndWritesAcrossPages) {
  PhysicalMemory memory(2 * kMebibyte);
  memory.write32(0x1FFE, 0x11223344);
  EXPECT_EQ(memory.read16(0x1FFE), 0x3344);
  EXPECT_EQ(memory.read16(0x2000), 0x1122);
  memory.write64(0x2FFC, 0x0102030405060708);
  EXPECT_EQ(memory.read64(0x2FFC), 0x0102030405060708u);
}

TEST(PhysicalMemory, NothingReadsAsOnes) {
  PhysicalMemory memory(2 * kMebibyte);
  EXPECT_EQ(memory.read32(0x00300000), 0xFFFFFFFFu);
  EXPECT_EQ(memory.read32(0x1234567890), 0xFFFFFFFFu);
  memory.write32(0x1234567890, 1);
  EXPECT_EQ(memory.read32(0xA0000), 0xFFFFFFFFu);  // left to the bus
}

TEST(PhysicalMemory, A20MasksBit20) {
  PhysicalMemory memory(4 * kMebibyte);
  memory.write8(0x000010, 1);
  memory.write8(0x100010, 2);
  memory.set_a20(false);
  EXPECT_EQ(memory.read8(0x100010), 1);
  EXPECT_EQ(memory.read8(0x300010), memory.read8(0x200010));
  memory.set_a20(true);
  EXPECT_EQ(memory.read8(0x100010), 2);
}

TEST(PhysicalMemory, RomAndShadow) {
  PhysicalMemory memory(2 * kMebibyte);
  std::array<std::uint8_t, 4096> rom;
  rom.fill(0x5A);
  memory.map_rom(0xF0000, rom);
  memory.write8(0xF0000, 1);
  EXPECT_EQ(memory.read8(0xF0000), 0x5A);
  memory.set_shadow(0xF0000, 0x1000, ShadowTarget::kBus, ShadowTarget::kRam);
  memory.write8(0xF0000, 7);
  EXPECT_EQ(memory.read8(0xF0000), 0x5A);
  memory.set_shadow(0xF0000, 0x1000, ShadowTarget::kRam, ShadowTarget::kBus);
  memory.write8(0xF0000, 9);
  EXPECT_EQ(memory.read8(0xF0000), 7);
  EXPECT_THROW(memory.set_shadow(0x90000, 0x1000, ShadowTarget::kRam, ShadowTarget::kRam), std::invalid_argument);
}

TEST(PhysicalMemory, MmioReachesItsDevice) {
  PhysicalMemory memory(2 * kMebibyte);
  Recorder device;
  memory.map_mmio(0xA0000, 0x20000, &device);
  EXPECT_EQ(memory.read16(0xA0010), 0xA0012 & 0xFFFF);
  memory.write8(0xBFFFF, 3);
  EXPECT_EQ(device.last, (std::pair<PhysAddr, std::uint32_t>{0xBFFFF, 3}));
  std::uint8_t peeked = 0;
  memory.peek(0xA0000, &peeked, 1);
  EXPECT_EQ(peeked, 0xFF);  // a look must not touch the device
}

TEST(PhysicalMemory, CodeMarksAreChunksOf128Bytes) {
  PhysicalMemory memory(2 * kMebibyte);
  Recorder listener;
  memory.set_listener(&listener);
  memory.mark_code(0x1100, 4);
  memory.write8(0x10FF, 1);
  memory.write8(0x1180, 1);
  EXPECT_TRUE(listener.writes.empty());
  memory.write8(0x117F, 1);
  ASSERT_EQ(listener.writes.size(), 1u);
  EXPECT_EQ(listener.writes[0].first, 0x117Fu);
  memory.clear_code_marks(0x1000, ~0u);
  memory.write8(0x1100, 1);
  EXPECT_EQ(listener.writes.size(), 1u);
}

TEST(PhysicalMemory, DirtyMarksFollowWrites) {
  PhysicalMemory memory(2 * kMebibyte);
  memory.clear_dirty();
  EXPECT_FALSE(memory.dirty(0x5000));
  memory.write8(0x5123, 1);
  EXPECT_TRUE(memory.dirty(0x5000));
  EXPECT_FALSE(memory.dirty(0x6000));
}

}  // namespace
}  // namespace ringside
