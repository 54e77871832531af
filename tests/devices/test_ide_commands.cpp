// Errors, the other commands, resets, and two drives and channels of the IDE controller.
#include "tests/devices/ide_bench.h"

namespace ringside {
namespace {

TEST_F(Ide, BadSectors) {
  disk.bad = 50;
  address(49, 3);
  command(0x20);
  expect_sector(49);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x40);
  EXPECT_EQ(b.in8(kLow), 50);
  address(40, 20);
  command(0x40);
  EXPECT_EQ(b.in8(kError), 0x40);
  EXPECT_EQ(b.in8(kLow), 50);
  address(50, 1);
  command(0x30);
  write_words(0, 256);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReadyError | 0x20) << "device fault";
}

TEST_F(Ide, ReadOnlyMediumAbortsWrites) {
  disk.protect = true;
  for (unsigned code : {0x30u, 0x31u, 0x34u}) {
    address(1, 1);
    command(code);
    EXPECT_EQ(b.in8(kStatus), kReadyError);
    EXPECT_EQ(b.in8(kError), 0x04);
  }
  EXPECT_EQ(disk.writes, 0);
}

TEST_F(Ide, UnknownCommandsAreAborted) {
  for (unsigned code :
       {0x00u, 0x08u, 0x0Fu, 0x50u, 0xA0u, 0xA1u, 0xB0u, 0xC8u, 0xCAu, 0x25u, 0x35u, 0xF5u, 0xFFu}) {
    command(code);
    EXPECT_TRUE(b.irqs.level[14]);
    EXPECT_EQ(b.in8(kStatus), kReadyError) << code;
    EXPECT_EQ(b.in8(kError), 0x04) << code;
  }
}

TEST_F(Ide, CommandsWithoutData) {
  for (unsigned code : {0x10u, 0x1Fu, 0xE0u, 0xE1u, 0xE2u, 0xE3u, 0xE6u, 0xE7u, 0xEAu, 0x95u, 0x97u}) {
    command(code);
    EXPECT_TRUE(b.irqs.level[14]);
    EXPECT_EQ(b.in8(kStatus), kReady) << code;
    EXPECT_EQ(b.in8(kError), 0) << code;
  }
  EXPECT_EQ(disk.flushes, 2);
  address(4095, 1);
  command(0x70);
  EXPECT_EQ(b.in8(kStatus), kReady);
  address(4096, 1);
  command(0x70);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  b.out8(kDevice, 0xE0);
  command(0xF8);
  EXPECT_EQ(b.in8(kLow) | b.in8(kMid) << 8 | b.in8(kHigh) << 16 | (b.in8(kDevice) & 15) << 24, 4095);
}

TEST_F(Ide, PowerModes) {
  command(0xE5);
  EXPECT_EQ(b.in8(kCount), 0xFF);
  command(0xE0);
  command(0xE5);
  EXPECT_EQ(b.in8(kCount), 0x00);
  address(0, 1);
  command(0x20);
  expect_sector(0);
  command(0x98);
  EXPECT_EQ(b.in8(kCount), 0xFF) << "a read wakes the drive";
}

TEST_F(Ide, SetFeatures) {
  const auto set = [this](unsigned feature, unsigned count) {
    b.out8(kError, feature);
    b.out8(kCount, count);
    command(0xEF);
    return b.in8(kStatus);
  };
  for (unsigned mode : {0x00u, 0x01u, 0x08u, 0x0Bu, 0x0Cu}) EXPECT_EQ(set(0x03, mode), kReady) << mode;
  for (unsigned mode : {0x0Du, 0x10u, 0x20u, 0x40u, 0x45u}) EXPECT_EQ(set(0x03, mode), kReadyError) << mode;
  EXPECT_EQ(set(0x82, 0), kReady);
  EXPECT_EQ(identify()[85] & 0x20, 0);
  EXPECT_EQ(set(0x02, 0), kReady);
  EXPECT_EQ(identify()[85] & 0x20, 0x20);
  EXPECT_EQ(set(0x55, 0), kReady);
  EXPECT_EQ(identify()[85] & 0x40, 0);
  EXPECT_EQ(set(0x77, 0), kReadyError);
}

TEST_F(Ide, ReadAndWriteBuffer) {
  command(0xE8);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0x4321, 256);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReady);
  command(0xE4);
  EXPECT_EQ(b.in16(kData), 0x4321);
  for (unsigned i = 1; i < 255; ++i) b.in16(kData);
  EXPECT_EQ(b.in16(kData), 0x4420);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(disk.writes, 0);
}

TEST_F(Ide, InterruptEnableHoldsTheLineNotTheRequest) {
  b.out8(kControl, 0x02);
  address(1, 1);
  command(0x20);
  EXPECT_FALSE(b.irqs.level[14]);
  b.out8(kControl, 0x00);
  EXPECT_TRUE(b.irqs.level[14]);
  b.in8(kStatus);
  EXPECT_FALSE(b.irqs.level[14]);
}

TEST_F(Ide, SoftwareReset) {
  address(0x123456, 9);
  command(0x20);
  b.out8(kControl, 0x04);
  EXPECT_EQ(b.in8(kStatus), 0x80);
  b.pass_ms(10);
  EXPECT_EQ(b.in8(kStatus), 0x80) << "as long as SRST is held";
  b.out8(kControl, 0x00);
  EXPECT_EQ(b.in8(kStatus), 0x80);
  b.pass_ms(5);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_FALSE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kError), 1);
  EXPECT_EQ(b.in8(kCount), 1);
  EXPECT_EQ(b.in8(kLow), 1);
  EXPECT_EQ(b.in8(kMid), 0);
}

TEST_F(Ide, DiagnosticRunsOnBothDrives) {
  MemoryMedium second(100);
  ide.attach(1, &second);
  b.out8(kDevice, 0xF0);
  b.out8(kCommand, 0x90);
  b.pass(100'000);
  EXPECT_EQ(b.irqs.rises[14], 1u);
  EXPECT_EQ(b.in8(kDevice) & 0x10, 0) << "drive 0 is selected";
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kError), 1);
  b.out8(kDevice, 0xF0);
  EXPECT_FALSE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kError), 1);
}

TEST_F(Ide, LoneDrive0AnswersForDrive1) {
  b.out8(kDevice, 0xB0);
  EXPECT_EQ(b.in8(kStatus), 0x00);
  EXPECT_EQ(b.in8(kControl), 0x00);
  b.out8(kCommand, 0xEC);
  b.pass_ms(1);
  EXPECT_EQ(b.in8(kStatus), 0x00);
  EXPECT_FALSE(b.irqs.level[14]);
  EXPECT_EQ(b.in16(kData), 0xFFFF);
}

TEST_F(Ide, EmptyChannelFloats) {
  ide.attach(0, nullptr);
  for (std::uint16_t port = 0x1F1; port <= 0x1F7; ++port) EXPECT_EQ(b.in8(port), 0xFF);
  EXPECT_EQ(b.in8(kControl), 0xFF);
  EXPECT_EQ(b.in16(kData), 0xFFFF);
  b.out8(kCommand, 0xEC);
  b.out8(kControl, 0x04);
  b.out8(kControl, 0x00);
  b.pass_ms(10);
  EXPECT_EQ(b.in8(kStatus), 0xFF);
  EXPECT_EQ(b.irqs.rises[14], 0u);
}

TEST_F(Ide, DrivesKeepTheirOwnStatus) {
  MemoryMedium second(1000);
  ide.attach(1, &second);
  address(3, 1, 0xF0);
  command(0x20);
  EXPECT_TRUE(b.irqs.level[14]);
  b.out8(kDevice, 0xE0);
  EXPECT_FALSE(b.irqs.level[14]) << "the request is the other drive's";
  EXPECT_EQ(b.in8(kStatus), kReady);
  b.out8(kDevice, 0xF0);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(3);
}

TEST_F(Ide, SecondChannelHasItsOwnPorts) {
  MemoryMedium other(10);
  IdeController secondary(b.ports, b.events, b.irqs, b.log, 1);
  secondary.attach(0, &other);
  b.out8(0x176, 0xE0);
  b.out8(0x172, 1);
  b.out8(0x173, 2);
  b.out8(0x174, 0);
  b.out8(0x175, 0);
  b.out8(0x177, 0x20);
  b.pass(100'000);
  EXPECT_TRUE(b.irqs.level[15]);
  EXPECT_FALSE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(0x376), kReadyData);
  EXPECT_EQ(b.in16(0x170), MemoryMedium::pattern(2, 0) | MemoryMedium::pattern(2, 1) << 8);
}

TEST_F(Ide, MistakesAreNoted) {
  b.in16(kData);
  ASSERT_EQ(b.log.lints.size(), 1u);
  b.out16(kData, 1);
  ASSERT_EQ(b.log.lints.size(), 2u);
  address(0, 1);
  b.out8(kCommand, 0x20);
  b.out8(kCommand, 0xEC);  // busy
  b.out8(kLow, 0x77);
  ASSERT_EQ(b.log.lints.size(), 4u);
  b.pass(100'000);
  expect_sector(0);
  address(0, 1);
  command(0x20);
  b.out8(kCommand, 0xEC);  // data not fetched
  ASSERT_EQ(b.log.lints.size(), 5u);
  b.pass(100'000);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  EXPECT_EQ(b.in16(kData), 0x0040);
}

TEST_F(Ide, StateGoesOnElsewhere) {
  address(100, 3);
  command(0x20);
  expect_sector(100);
  b.pass(50'000);
  for (int i = 0; i < 100; ++i) b.in16(kData);
  const auto state = bench::saved(ide);

  bench::Bench other;
  IdeController twin(other.ports, other.events, other.irqs, other.log, 0);
  twin.attach(0, &disk);
  bench::load(twin, state);
  EXPECT_EQ(bench::saved(twin), state);
  for (int i = 100; i < 256; ++i) ASSERT_EQ(other.in16(kData), b.in16(kData));
  other.clock.tick = b.clock.tick;
  b.pass(50'000);
  other.pass(50'000);
  EXPECT_EQ(other.in8(kStatus), b.in8(kStatus));
  for (int i = 0; i < 256; ++i) ASSERT_EQ(other.in16(kData), b.in16(kData));
  IdeController empty(other.ports, other.events, other.irqs, other.log, 0);
  EXPECT_THROW(bench::load(empty, state), StateError);
}

TEST_F(Ide, DamagedStateIsRefusedOrHarmless) {
  address(100, 3);
  command(0x20);
  bench::load_damaged(ide, [this] {
    for (int i = 0; i < 20; ++i) b.in32(kData);
    b.pass(100'000);
    b.out8(kDevice, 0xA0);
    b.out8(kCommand, 0x20);
    b.pass(100'000);
    for (int i = 0; i < 600; ++i) b.in16(kData);
    for (int i = 0; i < 600; ++i) b.out32(kData, 1);
    b.in8(kStatus);
    b.pass(100'000);
  });
}

TEST(DiskGeometry, FromSize) {
  EXPECT_EQ(ata_geometry(1008), (DiskGeometry{1, 16, 63}));
  EXPECT_EQ(ata_geometry(10), (DiskGeometry{1, 16, 63}));
  EXPECT_EQ(ata_geometry(1008 * 1024), (DiskGeometry{1024, 16, 63}));
  EXPECT_EQ(ata_geometry(std::uint64_t{1} << 40), (DiskGeometry{16383, 16, 63}));
  EXPECT_EQ(bios_geometry(1008 * 1024), (DiskGeometry{1024, 16, 63}));
  EXPECT_EQ(bios_geometry(1008 * 1025), (DiskGeometry{512, 32, 63}));
  EXPECT_EQ(bios_geometry(std::uint64_t{1} << 24), (DiskGeometry{1024, 255, 63}));
  std::uint64_t lba = 0;
  const DiskGeometry g{10, 16, 63};
  EXPECT_TRUE(g.to_lba(0, 0, 1, lba));
  EXPECT_EQ(lba, 0u);
  EXPECT_TRUE(g.to_lba(9, 15, 63, lba));
  EXPECT_EQ(lba, 10u * 16 * 63 - 1);
  EXPECT_FALSE(g.to_lba(10, 0, 1, lba));
  EXPECT_FALSE(g.to_lba(0, 16, 1, lba));
  EXPECT_FALSE(g.to_lba(0, 0, 0, lba));
  EXPECT_FALSE(g.to_lba(0, 0, 64, lba));
}

}  // namespace
}  // namespace ringside
