// Copy-on-write: a medium whose written sectors stay in the session.
//
//   in        any medium; it is never written, so it may be read-only
//   out       a writable medium of the same size
//   state     the written sectors, in ascending order
//
// Not implemented: limits on the memory that a guest can fill this way (at most the disk's size).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "devices/lines.h"

namespace ringside {

class DiskOverlay : public BlockMedium {
 public:
  static constexpr std::size_t kSectorSize = 512;
  using Sector = std::array<std::uint8_t, kSectorSize>;

  /// Throws std::invalid_argument without a base.
  explicit DiskOverlay(std::unique_ptr<BlockMedium> base);

  std::uint64_t sectors() const override { return base_->sectors(); }
  bool read_only() const override { return false; }
  bool read_sector(std::uint64_t sector, std::span<std::uint8_t> out) override;
  bool write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) override;
  bool flush() override { return true; }
  void visit(StateVisitor& visitor) override;

  /// Forgets all that was written.
  void reset() { written_.clear(); }
  const std::map<std::uint64_t, Sector>& written() const { return written_; }

  /// For checkpoints: the sectors written since the last call, ascending. The first call begins the journal.
  std::vector<std::uint64_t> take_journal();
  void stop_journal() { journal_on_ = false, journal_.clear(); }
  /// Puts back what a written sector held; nullptr: it was not written then.
  void restore_sector(std::uint64_t sector, const std::uint8_t* data);

 private:
  std::unique_ptr<BlockMedium> base_;
  std::map<std::uint64_t, Sector> written_;
  bool journal_on_ = false;  // not state: who keeps checkpoints asks for it
  std::vector<std::uint64_t> journal_;
};

}  // namespace ringside
