// A raw disk image in a host file.
#pragma once

#include <memory>
#include <string>

#include "devices/lines.h"
#include "machine/host_file.h"
#include "machine/machine_config.h"

namespace ringside {

/// Throws FileError for anything that cannot be a raw image: a directory, an empty file, a size that is
/// not a multiple of 512 bytes.
class HostDisk final : public BlockMedium {
 public:
  static constexpr std::uint64_t kSectorSize = 512;

  HostDisk(const std::string& path, bool writable);

  std::uint64_t sectors() const override { return file_.size() / kSectorSize; }
  bool read_only() const override { return !writable_; }
  bool read_sector(std::uint64_t sector, std::span<std::uint8_t> out) override;
  bool write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) override;
  bool flush() override { return !writable_ || file_.sync(); }
  /// The file's content is not part of the machine: with mode `rw` a run is only repeatable if the file is.
  void visit(StateVisitor&) override {}

 private:
  HostFile file_;
  bool writable_;
};

/// The medium that `config` asks for.
std::unique_ptr<BlockMedium> open_disk(const DiskConfig& config);

}  // namespace ringside
