#include "devices/ide_controller.h"
#include "tests/devices/device_bench.h"

namespace ringside {
namespace {

using device_bench::Bench;
using device_bench::MemoryMedium;

constexpr std::uint16_t kData = 0x1F0, kError = 0x1F1, kCount = 0x1F2, kLow = 0x1F3, kMid = 0x1F4,
                        kHigh = 0x1F5, kDevice = 0x1F6, kStatus = 0x1F7, kCommand = 0x1F7, kControl = 0x3F6;
constexpr unsigned kReady = 0x50, kReadyData = 0x58, kReadyError = 0x51;

class Ide : public testing::Test {
 protected:
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

  Bench b;
  MemoryMedium disk{4096};
  IdeController ide{b.bus, b.queue, b.lines, b.log, 0};
};

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
  EXPECT_FALSE(b.lines.irq[14]);
  b.pass(20'000);
  EXPECT_EQ(b.in8(kStatus), 0x80) << "still busy after 20 us";
  b.pass(40'000);
  EXPECT_TRUE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kControl), kReadyData);
  EXPECT_TRUE(b.lines.irq[14]) << "the alternate status acknowledges nothing";
  EXPECT_EQ(ide.peek(kStatus), kReadyData);
  EXPECT_TRUE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  EXPECT_FALSE(b.lines.irq[14]);
  expect_sector(5);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_FALSE(b.lines.irq[14]) << "no interrupt after the last block of a read";
}

TEST_F(Ide, ReadsSeveralSectorsOneInterruptEach) {
  address(100, 4);
  command(0x20);
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(b.lines.edges[14], static_cast<int>(i + 1));
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
  EXPECT_FALSE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0x1000, 256);
  EXPECT_EQ(b.in8(kControl), 0x80);
  b.pass(50'000);
  EXPECT_TRUE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  write_words(0x2000, 256);
  b.pass(50'000);
  EXPECT_TRUE(b.lines.irq[14]);
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
  const int before = b.lines.edges[14];
  command(0xC4);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  for (unsigned i = 0; i < 4; ++i) expect_sector(20 + i);
  b.pass(50'000);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(24);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(25);
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.lines.edges[14], before + 2);
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
  EXPECT_TRUE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x10);
  EXPECT_EQ(b.in8(kLow) | b.in8(kMid) << 8, 4096);
  EXPECT_EQ(b.in8(kCount), 2) << "sectors that were not read";
  address(4096, 1);
  command(0x30);
  EXPECT_EQ(b.in8(kStatus), kReadyError);
  EXPECT_EQ(b.in8(kError), 0x10);
}

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
    EXPECT_TRUE(b.lines.irq[14]);
    EXPECT_EQ(b.in8(kStatus), kReadyError) << code;
    EXPECT_EQ(b.in8(kError), 0x04) << code;
  }
}

TEST_F(Ide, CommandsWithoutData) {
  for (unsigned code : {0x10u, 0x1Fu, 0xE0u, 0xE1u, 0xE2u, 0xE3u, 0xE6u, 0xE7u, 0xEAu, 0x95u, 0x97u}) {
    command(code);
    EXPECT_TRUE(b.lines.irq[14]);
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
  EXPECT_FALSE(b.lines.irq[14]);
  b.out8(kControl, 0x00);
  EXPECT_TRUE(b.lines.irq[14]);
  b.in8(kStatus);
  EXPECT_FALSE(b.lines.irq[14]);
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
  EXPECT_FALSE(b.lines.irq[14]);
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
  EXPECT_EQ(b.lines.edges[14], 1);
  EXPECT_EQ(b.in8(kDevice) & 0x10, 0) << "drive 0 is selected";
  EXPECT_EQ(b.in8(kStatus), kReady);
  EXPECT_EQ(b.in8(kError), 1);
  b.out8(kDevice, 0xF0);
  EXPECT_FALSE(b.lines.irq[14]);
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
  EXPECT_FALSE(b.lines.irq[14]);
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
  EXPECT_EQ(b.lines.edges[14], 0);
}

TEST_F(Ide, DrivesKeepTheirOwnStatus) {
  MemoryMedium second(1000);
  ide.attach(1, &second);
  address(3, 1, 0xF0);
  command(0x20);
  EXPECT_TRUE(b.lines.irq[14]);
  b.out8(kDevice, 0xE0);
  EXPECT_FALSE(b.lines.irq[14]) << "the request is the other drive's";
  EXPECT_EQ(b.in8(kStatus), kReady);
  b.out8(kDevice, 0xF0);
  EXPECT_TRUE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(kStatus), kReadyData);
  expect_sector(3);
}

TEST_F(Ide, SecondChannelHasItsOwnPorts) {
  MemoryMedium other(10);
  IdeController secondary(b.bus, b.queue, b.lines, b.log, 1);
  secondary.attach(0, &other);
  b.out8(0x176, 0xE0);
  b.out8(0x172, 1);
  b.out8(0x173, 2);
  b.out8(0x174, 0);
  b.out8(0x175, 0);
  b.out8(0x177, 0x20);
  b.pass(100'000);
  EXPECT_TRUE(b.lines.irq[15]);
  EXPECT_FALSE(b.lines.irq[14]);
  EXPECT_EQ(b.in8(0x376), kReadyData);
  EXPECT_EQ(b.in16(0x170), MemoryMedium::pattern(2, 0) | MemoryMedium::pattern(2, 1) << 8);
}

TEST_F(Ide, MistakesAreNoted) {
  b.in16(kData);
  ASSERT_EQ(b.log.remarks.size(), 1u);
  b.out16(kData, 1);
  ASSERT_EQ(b.log.remarks.size(), 2u);
  address(0, 1);
  b.out8(kCommand, 0x20);
  b.out8(kCommand, 0xEC);  // busy
  b.out8(kLow, 0x77);
  ASSERT_EQ(b.log.remarks.size(), 4u);
  b.pass(100'000);
  expect_sector(0);
  address(0, 1);
  command(0x20);
  b.out8(kCommand, 0xEC);  // data not fetched
  ASSERT_EQ(b.log.remarks.size(), 5u);
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
  const auto state = device_bench::saved(ide);

  Bench other;
  IdeController twin(other.bus, other.queue, other.lines, other.log, 0);
  twin.attach(0, &disk);
  device_bench::load(twin, state);
  EXPECT_EQ(device_bench::saved(twin), state);
  for (int i = 100; i < 256; ++i) ASSERT_EQ(other.in16(kData), b.in16(kData));
  other.clock.tick = b.clock.tick;
  b.pass(50'000);
  other.pass(50'000);
  EXPECT_EQ(other.in8(kStatus), b.in8(kStatus));
  for (int i = 0; i < 256; ++i) ASSERT_EQ(other.in16(kData), b.in16(kData));
  IdeController empty(other.bus, other.queue, other.lines, other.log, 0);
  EXPECT_THROW(device_bench::load(empty, state), StateError);
}

TEST_F(Ide, DamagedStateIsRefusedOrHarmless) {
  address(100, 3);
  command(0x20);
  device_bench::load_damaged(ide, [this] {
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
