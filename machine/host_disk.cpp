#include "machine/host_disk.h"

#include "devices/disk_overlay.h"
#include "machine/errors.h"

namespace ringside {

HostDisk::HostDisk(const std::string& path, bool writable)
    : file_(path, "disk image", writable), writable_(writable) {
  if (file_.size() == 0) throw FileError("disk image '" + path + "': is empty");
  if (file_.size() % kSectorSize != 0)
    throw FileError("disk image '" + path + "': its size of " + std::to_string(file_.size()) +
                    " bytes is not a multiple of 512; it is truncated or no raw image");
}

bool HostDisk::read_sector(std::uint64_t sector, std::span<std::uint8_t> out) {
  return sector < sectors() && file_.read(sector * kSectorSize, out.first(kSectorSize));
}

bool HostDisk::write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) {
  return writable_ && sector < sectors() && file_.write(sector * kSectorSize, data.first(kSectorSize));
}

namespace {

/// What is written belongs to the machine no more than a file in mode `rw` does.
class DiscardedWrites final : public DiskOverlay {
 public:
  using DiskOverlay::DiskOverlay;
  void visit(StateVisitor&) override {}
};

}  // namespace

std::unique_ptr<BlockMedium> open_disk(const DiskConfig& config) {
  auto file = std::make_unique<HostDisk>(config.path, config.mode == DiskMode::kReadWrite);
  if (config.mode == DiskMode::kCopyOnWrite) return std::make_unique<DiskOverlay>(std::move(file));
  if (config.mode == DiskMode::kDiscard) return std::make_unique<DiscardedWrites>(std::move(file));
  return file;
}

}  // namespace ringside
