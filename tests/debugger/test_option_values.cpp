#include <gtest/gtest.h>

#include <vector>

#include "debugger/option_values.h"
#include "machine/errors.h"
#include "machine/temporary_file.h"

namespace ringside {
namespace {

TEST(OptionValues, Sizes) {
  EXPECT_EQ(parse_size("65536", ""), 65536u);
  EXPECT_EQ(parse_size("640K", ""), 640u << 10);
  EXPECT_EQ(parse_size("128m", ""), 128u << 20);
  EXPECT_EQ(parse_size("2G", ""), std::uint64_t{2} << 30);
  for (const char* wrong : {"", "K", "-1", "1.5G", "12X", "12KB", " 12", "99999999999999999999", "99999999999999999G"})
    EXPECT_THROW(parse_size(wrong, "--memory"), ConfigError) << wrong;
}

TEST(OptionValues, Dates) {
  EXPECT_EQ(parse_date("1970-01-01", ""), 0);
  EXPECT_EQ(parse_date("2000-01-01T00:00:00Z", ""), 946684800);
  EXPECT_EQ(parse_date("2024-02-29T12:34:56", ""), 1709210096);
  for (const char* wrong : {"", "now", "2000", "2000-13-01", "2023-02-29", "2000-01-01T24:00:00Z", "2000-01-01T00:00:00+1",
                            "2000-01-01x", "1969-12-31", "20000-01-01"})
    EXPECT_THROW(parse_date(wrong, "--rtc"), ConfigError) << wrong;
}

TEST(OptionValues, Disks) {
  EXPECT_EQ(parse_disk("a.img").mode, DiskMode::kCopyOnWrite);
  EXPECT_EQ(parse_disk("a.img,rw").mode, DiskMode::kReadWrite);
  EXPECT_EQ(parse_disk("a.img,ro").path, "a.img");
  EXPECT_EQ(parse_disk("a,b.img").path, "a,b.img");
  const TemporaryFile file(std::vector<std::uint8_t>{1});
  EXPECT_THROW(parse_disk(file.path() + ",wr"), ConfigError);
}

}  // namespace
}  // namespace ringside
