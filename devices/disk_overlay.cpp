#include "devices/disk_overlay.h"

#include <algorithm>
#include <stdexcept>

namespace ringside {

DiskOverlay::DiskOverlay(std::unique_ptr<BlockMedium> base) : base_(std::move(base)) {
  if (base_ == nullptr) throw std::invalid_argument("an overlay needs a medium below it");
}

bool DiskOverlay::read_sector(std::uint64_t sector, std::span<std::uint8_t> out) {
  if (sector >= sectors() || out.size() != kSectorSize) return false;
  const auto found = written_.find(sector);
  if (found == written_.end()) return base_->read_sector(sector, out);
  std::copy(found->second.begin(), found->second.end(), out.begin());
  return true;
}

bool DiskOverlay::write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) {
  if (sector >= sectors() || data.size() != kSectorSize) return false;
  std::copy(data.begin(), data.end(), written_[sector].begin());
  if (journal_on_) journal_.push_back(sector);
  return true;
}

std::vector<std::uint64_t> DiskOverlay::take_journal() {
  journal_on_ = true;
  std::vector<std::uint64_t> taken;
  taken.swap(journal_);
  std::sort(taken.begin(), taken.end());
  taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
  return taken;
}

void DiskOverlay::restore_sector(std::uint64_t sector, const std::uint8_t* data) {
  if (data == nullptr) {
    written_.erase(sector);
  } else {
    std::copy(data, data + kSectorSize, written_[sector].begin());
  }
}

void DiskOverlay::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "overlay");
  std::uint64_t disk = sectors();
  visitor.field("disk_sectors", disk);
  if (disk != sectors()) throw StateError("the saved disk has another size");
  if (!visitor.bulk()) return;
  std::uint64_t count = written_.size();
  visitor.field("written", count);
  if (count > disk) throw StateError("more sectors were written than the disk has");
  if (!visitor.loading()) {
    for (auto& [sector, data] : written_) {
      std::uint64_t number = sector;
      visitor.field("sector", number);
      visitor.bytes("data", data.data(), data.size());
    }
    return;
  }
  std::map<std::uint64_t, Sector> loaded;
  std::uint64_t first_allowed = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t number = 0;
    visitor.field("sector", number);
    if (number < first_allowed || number >= disk) throw StateError("the overlay's sectors are out of order");
    first_allowed = number + 1;
    Sector& data = loaded.emplace_hint(loaded.end(), number, Sector{})->second;
    visitor.bytes("data", data.data(), data.size());
  }
  written_ = std::move(loaded);
}

}  // namespace ringside
