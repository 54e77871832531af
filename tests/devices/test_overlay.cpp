#include "devices/disk_overlay.h"

#include <memory>

#include "tests/devices/memory_medium.h"
#include "tests/devices/saved_state.h"

namespace ringside {
namespace {

using bench::MemoryMedium;
using Sector = DiskOverlay::Sector;

struct Overlay : testing::Test {
  Overlay() {
    auto medium = std::make_unique<MemoryMedium>(100);
    medium->protect = true;
    base = medium.get();
    overlay = std::make_unique<DiskOverlay>(std::move(medium));
  }
  Sector filled(std::uint8_t byte) {
    Sector data;
    data.fill(byte);
    return data;
  }
  Sector read(std::uint64_t sector) {
    Sector data{};
    EXPECT_TRUE(overlay->read_sector(sector, data));
    return data;
  }
  MemoryMedium* base;
  std::unique_ptr<DiskOverlay> overlay;
};

TEST_F(Overlay, WritesStayAboveTheBase) {
  EXPECT_EQ(overlay->sectors(), 100u);
  EXPECT_FALSE(overlay->read_only());
  EXPECT_EQ(read(5)[3], MemoryMedium::pattern(5, 3));
  EXPECT_TRUE(overlay->write_sector(5, filled(0xAB)));
  EXPECT_EQ(read(5), filled(0xAB));
  EXPECT_EQ(read(4)[3], MemoryMedium::pattern(4, 3));
  EXPECT_TRUE(overlay->write_sector(5, filled(0xCD)));
  EXPECT_EQ(read(5), filled(0xCD));
  EXPECT_TRUE(overlay->flush());
  EXPECT_EQ(base->writes, 0);
  EXPECT_EQ(base->flushes, 0);
  overlay->reset();
  EXPECT_EQ(read(5)[3], MemoryMedium::pattern(5, 3));
}

TEST_F(Overlay, RefusesWhatDoesNotFit) {
  Sector data{};
  EXPECT_FALSE(overlay->read_sector(100, data));
  EXPECT_FALSE(overlay->write_sector(100, data));
  EXPECT_FALSE(overlay->write_sector(~std::uint64_t{0}, data));
  EXPECT_FALSE(overlay->write_sector(1, std::span<const std::uint8_t>(data).first(100)));
  EXPECT_TRUE(overlay->written().empty());
  EXPECT_THROW(DiskOverlay(nullptr), std::invalid_argument);
}

TEST_F(Overlay, BadBaseSectorCanBeWrittenOver) {
  base->bad = 9;
  Sector data{};
  EXPECT_FALSE(overlay->read_sector(9, data));
  EXPECT_TRUE(overlay->write_sector(9, filled(1)));
  EXPECT_EQ(read(9), filled(1));
}

TEST_F(Overlay, StateDoesNotDependOnTheOrderOfWrites) {
  DiskOverlay other(std::make_unique<MemoryMedium>(100));
  for (std::uint64_t s : {50u, 3u, 99u, 7u}) overlay->write_sector(s, filled(static_cast<std::uint8_t>(s)));
  for (std::uint64_t s : {7u, 99u, 3u, 50u}) other.write_sector(s, filled(static_cast<std::uint8_t>(s)));
  EXPECT_EQ(bench::saved(*overlay), bench::saved(other));
  DiskOverlay third(std::make_unique<MemoryMedium>(100));
  third.write_sector(1, filled(1));
  bench::load(third, bench::saved(*overlay));
  EXPECT_EQ(third.written(), overlay->written());
}

TEST_F(Overlay, DamagedStateIsRefused) {
  overlay->write_sector(3, filled(3));
  overlay->write_sector(4, filled(4));
  const auto good = bench::saved(*overlay);
  DiskOverlay smaller(std::make_unique<MemoryMedium>(99));
  EXPECT_THROW(bench::load(smaller, good), StateError);
  auto bad = good;
  bad[8] = 101;  // more sectors than the disk has
  EXPECT_THROW(bench::load(*overlay, bad), StateError);
  bad = good;
  bad[16] = 4;  // the same sector twice
  EXPECT_THROW(bench::load(*overlay, bad), StateError);
  bad = good;
  bad[16] = 200;  // beyond the end
  EXPECT_THROW(bench::load(*overlay, bad), StateError);
  bad = good;
  bad.resize(bad.size() - 1);
  EXPECT_THROW(bench::load(*overlay, bad), StateError);
  EXPECT_EQ(overlay->written().size(), 2u) << "a refused load leaves the overlay alone";
  EXPECT_EQ(read(4), filled(4));
}

}  // namespace
}  // namespace ringside
