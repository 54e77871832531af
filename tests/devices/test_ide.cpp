// Registers and data transfers of an ATA disk.
#include "tests/devices/ide_bench.h"

namespace ringside {
namespace {

TEST_F(Ide, SignatureAfterPowerOn) {
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kError), 1);
  EXPECT_EQ(b.in8(kCount), 1);
  EXPECT_EQ(b.in8(kLow), 1);
  EXPECT_EQ(b.in8(kMid), 0);
  EXPECT_EQ(b.in8(kHigh), 0);
}

TEST_F(Ide, RegistersHoldWhatIsWritten) {
  for (std::uint16_t port : {kCount, kLow, kMid, kHigh}) {
    b.out8(port, 0x55);
    EXPECT_EQ(b.in8(port), 0x55);
    b.out8(port, 0xAA);
    EXPECT_EQ(b.in8(port), 0xAA);
    b.out8(kControl, 0x80);  // HOB: what was there before
    EXPECT_EQ(b.in8(port), 0x55);
    b.out8(kControl, 0x00);
  }
}

TEST_F(Ide, IdentifyDescribesTheDisk) {
  const auto words = identify();
  EXPECT_EQ(words[0], 0x0040);
  EXPECT_EQ(words[1], 4);  // 4096 / (16 * 63)
  EXPECT_EQ(words[3], 16);
  EXPECT_EQ(words[6], 63);
  EXPECT_EQ(words[47], 0x8010);
  EXPECT_EQ(words[49] & 0x0300, 0x0200) << "LBA, no DMA";
  EXPECT_EQ(words[60] | words[61] << 16, 4096);
  EXPECT_EQ(words[57] | words[58] << 16, 4 * 16 * 63);
  EXPECT_EQ(words[83] & 0xC400, 0x4400) << "48-bit addresses";
  EXPECT_EQ(words[100], 4096);
  EXPECT_EQ(words[103], 0);
  std::string model;
  for (unsigned w = 27; w < 47; ++w) {
    model += static_cast<char>(words[w] >> 8);
    model += static_cast<char>(words[w] & 0xFF);
  }
  EXPECT_EQ(model, "RINGSIDE HARD DISK                      ");
  unsigned sum = 0;
  for (auto word : words) sum += (word & 0xFFu) + (word >> 8);
  EXPECT_EQ(sum & 0xFF, 0u) << "checksum";
}

TEST_F(Ide, InterruptComesWithDataAndStatusAcknowledges) {
  address(5, 1);
  b.out8(kCommand, 0x20);
  EXPECT_FALSE(b.irqs.level[14]);
  b.pass(20'000);
  EXPECT_EQ(b.in8(kStatus), 0x80) << "still busy after 20 us";
  b.pass(40'000);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kControl), kReadyData);
  EXPECT_TRUE(b.irqs.level[14]) << "the alternate status acknowledges nothing";
  EXPECT_EQ(ide.peek(kStatus), kReadyData);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  EXPECT_FALSE(b.irqs.level[14]);
  expect_sector(5);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_FALSE(b.irqs.level[14]) << "no interrupt after the last block of a read";
}

TEST_F(Ide, ReadsSeveralSectorsOneInterruptEach) {
  address(100, 4);
  command(0x20);
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(b.irqs.rises[14], i + 1);
    EXPECT_EQ(b.in8(kStatus), kReadyData);
    expect_sector(100 + i);
    b.pass(50'000);
  }
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kLow), 103) << "the last sector read";
  EXPECT_EQ(b.in8(kCount), 0);
}

TEST_F(Ide, CountZeroIs256) {
  address(0, 0);
  command(0x20);
  for (unsigned i = 0; i < 256; ++i) {
    ASSERT_EQ(b.in8(kStatus), kReadyData) << i;
    expect_sector(i);
    b.pass(50'000);
  }
  EXPECT_EQ(b.in8(kStatus), kReady);
}

TEST_F(Ide, DataPortTakesBytesWordsAndDwords) {
  address(9, 1);
  command(0x20);
  EXPECT_EQ(b.in32(kData), MemoryMedium::pattern(9, 0) |
                               static_cast<unsigned>(MemoryMedium::pattern(9, 1)) << 8 |
                               static_cast<unsigned>(MemoryMedium::pattern(9, 2)) << 16 |
                               static_cast<unsigned>(MemoryMedium::pattern(9, 3)) << 24);
  EXPECT_EQ(b.in8(kData), MemoryMedium::pattern(9, 4));
  EXPECT_EQ(b.in8(kData), MemoryMedium::pattern(9, 5));
  for (unsigned i = 6; i < 510; i += 2) b.in16(kData);
  EXPECT_EQ(b.in32(kData) >> 16, 0xFFFFu) << "a dword that begins at the last word";
  EXPECT_EQ(b.in8(kStatus), kReady);
}

TEST_F(Ide, WriteGivesDataRequestWithoutInterruptFirst) {
  address(7, 2);
  command(0x30);
  EXPECT_FALSE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0x1000, 256);
  EXPECT_EQ(b.in8(kControl), 0x80);
  b.pass(50'000);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0x2000, 256);
  b.pass(50'000);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(disk.writes, 2);
  EXPECT_EQ(disk.bytes[7 * 512], 0x00);
  EXPECT_EQ(disk.bytes[7 * 512 + 1], 0x10);
  EXPECT_EQ(disk.bytes[8 * 512 + 510], 0xFF);
  EXPECT_EQ(disk.bytes[8 * 512 + 511], 0x20);
}

TEST_F(Ide, MultipleMovesBlocks) {
  EXPECT_EQ(identify()[59], 0x0110) << "the default";
  b.out8(kCount, 0);
  command(0xC6);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(identify()[59], 0x0000) << "switched off";
  address(0, 4);
  command(0xC4);
  EXPECT_EQ(b.in8(kStatus), kReadyError) << "after it was switched off";
  EXPECT_EQ(b.in8(kError), 0x04);
  b.out8(kCount, 3);
  command(0xC6);
  EXPECT_EQ(b.in8(kStatus), kReadyError) << "not a power of two";
  b.out8(kCount, 32);
  command(0xC6);
  EXPECT_EQ(b.in8(kStatus), kReadyError) << "more than the drive has";
  b.out8(kCount, 4);
  command(0xC6);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(identify()[59], 0x0104);
  address(20, 6);
  const unsigned before = b.irqs.rises[14];
  command(0xC4);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  for (unsigned i = 0; i < 4; ++i) expect_sector(20 + i);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(24);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(25);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.irqs.rises[14], before + 2);
  address(30, 6);
  command(0xC5);
  write_words(0, 4 * 256);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0, 2 * 256);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(disk.writes, 6);
  EXPECT_EQ(disk.last_written, 35u);
}

TEST_F(Ide, ReachesBeyond28Bits) {
  MemoryMedium big(1, std::uint64_t{1} << 33);
  ide.attach(0, &big);
  const auto words = identify();
  EXPECT_EQ(words[60] | static_cast<unsigned>(words[61]) << 16, 0x0FFFFFFFu);
  EXPECT_EQ(words[102], 2) << "2^33 sectors";
  EXPECT_EQ(words[1], 16383);
  const std::uint64_t far = 0x1'2345'6789;
  address48(far, 2);
  command(0x24);
  expect_sector(far);
  b.pass(50'000);
  expect_sector(far + 1);
  EXPECT_EQ(b.in8(kStatus), kReady);
  address48(far, 1);
  command(0x34);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0, 256);
  b.pass(50'000);
  EXPECT_EQ(big.last_written, far);
  address48(std::uint64_t{1} << 33, 1);
  command(0x24);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x10);
  b.out8(kDevice, 0xE0);
  command(0x27);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kLow), 0xFF);
  b.out8(kControl, 0x80);
  EXPECT_EQ(b.in8(kLow), 0xFF);
  EXPECT_EQ(b.in8(kMid), 0x01);
}

TEST_F(Ide, CountZeroIs65536In48Bits) {
  MemoryMedium big(1, 70000);
  ide.attach(0, &big);
  address48(0, 0);
  command(0x42);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kLow) | b.in8(kMid) << 8, 65535);
  address48(5000, 0);
  command(0x42);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kLow) | b.in8(kMid) << 8 | b.in8(kHigh) << 16, 70000);
}

TEST_F(Ide, CylinderHeadSector) {
  // Cylinder 1, head 2, sector 3 is (1 * 16 + 2) * 63 + 2.
  b.out8(kDevice, 0xA2);
  b.out8(kCount, 1);
  b.out8(kLow, 3);
  b.out8(kMid, 1);
  b.out8(kHigh, 0);
  command(0x20);
  expect_sector(1136);
  EXPECT_EQ(b.in8(kLow), 3);
  EXPECT_EQ(b.in8(kMid), 1);
  EXPECT_EQ(b.in8(kDevice) & 15, 2);
  for (unsigned sector : {0u, 64u}) {
    b.out8(kLow, sector);
    command(0x20);
    EXPECT_EQ(b.in8(kStatus), kReadyError) << "sector " << sector;
    EXPECT_EQ(b.in8(kError), 0x10);
  }
  b.out8(kLow, 1);
  b.out8(kMid, 4);
  command(0x20);
  EXPECT_EQ(b.in8(kStatus), kReadyError) << "beyond the last cylinder";
}

TEST_F(Ide, InitializeDeviceParametersChangesTheTranslation) {
  b.out8(kDevice, 0xA3);  // four heads
  b.out8(kCount, 17);
  command(0x91);
  EXPECT_EQ(b.in8(kStatus), kReady);
  const auto words = identify();
  EXPECT_EQ(words[54], 4096 / (4 * 17));
  EXPECT_EQ(words[55], 4);
  EXPECT_EQ(words[56], 17);
  b.out8(kDevice, 0xA3);
  b.out8(kCount, 1);
  b.out8(kLow, 17);
  b.out8(kMid, 10);
  b.out8(kHigh, 0);
  command(0x20);
  expect_sector((10 * 4 + 3) * 17 + 16);
  b.out8(kCount, 0);
  command(0x91);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
}

TEST_F(Ide, BeyondTheEndIsNotFoundAtThatSector) {
  address(4094, 4);
  command(0x20);
  expect_sector(4094);
  b.pass(50'000);
  expect_sector(4095);
  b.pass(50'000);
  EXPECT_TRUE(b.irqs.level[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x10);
  EXPECT_EQ(b.in8(kLow) | b.in8(kMid) << 8, 4096);
  EXPECT_EQ(b.in8(kCount), 2) << "sectors that were not read";
  address(4096, 1);
  command(0x30);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x10);
}

}  // namespace
}  // namespace ringside
