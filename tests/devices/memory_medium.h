// A disk in memory, for the chips that have one behind them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "devices/lines.h"

namespace ringside::bench {

/// A medium in memory, with places that can be made bad.
class MemoryMedium : public BlockMedium {
 public:
  explicit MemoryMedium(std::uint64_t sectors, std::uint64_t claimed = 0)
      : bytes(sectors * 512), sectors_(claimed != 0 ? claimed : sectors) {
    for (std::uint64_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern(i / 512, i % 512);
  }
  static std::uint8_t pattern(std::uint64_t sector, std::uint64_t offset) {
    return static_cast<std::uint8_t>(sector * 7 + offset * 13 + (offset >> 8));
  }
  std::uint64_t sectors() const override { return sectors_; }
  bool read_only() const override { return protect; }
  bool read_sector(std::uint64_t sector, std::span<std::uint8_t> out) override {
    if (sector == bad) return false;
    for (std::size_t i = 0; i < 512; ++i)
      out[i] = sector * 512 + i < bytes.size() ? bytes[sector * 512 + i] : pattern(sector, i);
    return true;
  }
  bool write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) override {
    if (sector == bad) return false;
    ++writes;
    if (sector * 512 < bytes.size())
      std::copy(data.begin(), data.end(), bytes.begin() + static_cast<long>(sector * 512));
    last_written = sector;
    return true;
  }
  bool flush() override {
    ++flushes;
    return true;
  }
  void visit(StateVisitor&) override {}
  std::vector<std::uint8_t> bytes;
  std::uint64_t bad = ~std::uint64_t{0};
  std::uint64_t last_written = 0;
  int writes = 0;
  int flushes = 0;
  bool protect = false;

 private:
  std::uint64_t sectors_;
};

}  // namespace ringside::bench
