#include <gtest/gtest.h>

#include "machine/errors.h"
#include "machine/host_disk.h"
#include "machine/temporary_file.h"

namespace ringside {
namespace {

std::vector<std::uint8_t> numbered(std::size_t sectors) {
  std::vector<std::uint8_t> bytes(sectors * 512);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i / 512);
  return bytes;
}

TEST(HostDisk, WhatIsNoImageIsRefused) {
  EXPECT_THROW(open_disk({"/tmp", DiskMode::kCopyOnWrite}), FileError);
  EXPECT_THROW(open_disk({"/nonexistent/disk.img", DiskMode::kCopyOnWrite}), FileError);
  EXPECT_THROW(open_disk({"/dev/null", DiskMode::kCopyOnWrite}), FileError);
  EXPECT_THROW(open_disk({TemporaryFile().path(), DiskMode::kCopyOnWrite}), FileError);
  const TemporaryFile odd(std::vector<std::uint8_t>(1000));
  EXPECT_THROW(open_disk({odd.path(), DiskMode::kCopyOnWrite}), FileError);
}

TEST(HostDisk, CopyOnWriteLeavesTheFileAlone) {
  const TemporaryFile file(numbered(4));
  const auto disk = open_disk({file.path(), DiskMode::kCopyOnWrite});
  EXPECT_EQ(disk->sectors(), 4u);
  const std::vector<std::uint8_t> data(512, 0xAA);
  std::vector<std::uint8_t> back(512);
  EXPECT_TRUE(disk->write_sector(2, data));
  EXPECT_TRUE(disk->read_sector(2, back));
  EXPECT_EQ(back, data);
  EXPECT_EQ(file.content(), numbered(4));
}

TEST(HostDisk, ReadWriteGoesThrough) {
  const TemporaryFile file(numbered(4));
  const auto disk = open_disk({file.path(), DiskMode::kReadWrite});
  const std::vector<std::uint8_t> data(512, 0xAA);
  EXPECT_TRUE(disk->write_sector(3, data));
  EXPECT_TRUE(disk->flush());
  EXPECT_EQ(file.content()[3 * 512], 0xAA);
  EXPECT_FALSE(disk->write_sector(4, data));
}

TEST(HostDisk, ReadOnlyRefusesWrites) {
  const TemporaryFile file(numbered(4));
  const auto disk = open_disk({file.path(), DiskMode::kReadOnly});
  EXPECT_TRUE(disk->read_only());
  EXPECT_FALSE(disk->write_sector(0, std::vector<std::uint8_t>(512)));
  std::vector<std::uint8_t> back(512);
  EXPECT_FALSE(disk->read_sector(4, back));
}

}  // namespace
}  // namespace ringside
