#include <gtest/gtest.h>

#include "debugger/disk_info.h"
#include "machine/errors.h"
#include "machine/temporary_file.h"

namespace ringside {
namespace {

std::vector<std::uint8_t> disk_with_partition(std::uint8_t type, std::uint8_t first, std::uint8_t count) {
  std::vector<std::uint8_t> disk(64 * 512);
  disk[446] = 0x80;
  disk[446 + 4] = type;
  disk[446 + 8] = first;
  disk[446 + 12] = count;
  disk[510] = 0x55;
  disk[511] = 0xAA;
  return disk;
}

TEST(DiskInfo, TellsPartitions) {
  const TemporaryFile file(disk_with_partition(0x0E, 8, 16));
  const std::string text = describe_disk(file.path());
  EXPECT_NE(text.find("32768 bytes, 64 sectors"), std::string::npos) << text;
  EXPECT_NE(text.find("partition 1: FAT16 (0Eh), active, sectors 8 to 23"), std::string::npos) << text;
  EXPECT_EQ(text.find("not inside"), std::string::npos) << text;
}

TEST(DiskInfo, TellsWrongPartitions) {
  const TemporaryFile file(disk_with_partition(0x83, 60, 16));
  EXPECT_NE(describe_disk(file.path()).find("not inside the disk"), std::string::npos);
}

TEST(DiskInfo, WhatIsNoDiskIsRefused) {
  EXPECT_THROW(describe_disk("/tmp"), FileError);
  EXPECT_THROW(describe_disk("/nonexistent"), FileError);
  const TemporaryFile odd(std::vector<std::uint8_t>(100));
  EXPECT_THROW(describe_disk(odd.path()), FileError);
}

}  // namespace
}  // namespace ringside
