#include "machine/part_hashes.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <new>

#include "devices/disk_overlay.h"
#include "machine/little_endian.h"

namespace ringside {
namespace {

/// A hash for every group that is opened outside of all others.
class PartHasher final : public StateVisitor {
 public:
  PartHasher() {
    if (state_ == nullptr) throw std::bad_alloc();
  }

  void begin(const char* part) override {
    if (depth_++ != 0) return;
    hashes.names.emplace_back(part);
    XXH3_64bits_reset(state_.get());
  }
  void end() override {
    if (--depth_ != 0) return;
    drain();
    hashes.values.push_back(XXH3_64bits_digest(state_.get()));
  }
  bool loading() const override { return false; }
  void bytes(const char*, void* data, std::size_t size) override {
    drain();
    XXH3_64bits_update(state_.get(), data, size);
  }
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) override {
    std::uint64_t size = data.size();
    scalar(name, size, 8);
    bytes(name, data.data(), data.size());
  }

  PartHashes hashes;

 protected:
  void scalar(const char*, std::uint64_t& value, unsigned width) override {
    if (used_ + 8 > small_.size()) drain();
    for (unsigned i = 0; i < width; ++i) small_[used_ + i] = static_cast<std::uint8_t>(value >> (8 * i));
    used_ += width;
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  void drain() {
    XXH3_64bits_update(state_.get(), small_.data(), used_);
    used_ = 0;
  }

  std::unique_ptr<XXH3_state_t, Free> state_{XXH3_createState()};
  unsigned depth_ = 0;
  std::array<std::uint8_t, 4096> small_{};
  std::size_t used_ = 0;
};

}  // namespace

PartHashes hash_parts(Machine& machine) {
  PartHasher hasher;
  machine.visit_parts(hasher);
  return std::move(hasher.hashes);
}

std::vector<std::uint64_t> hash_storage(Machine& machine) {
  std::vector<std::uint64_t> hashes;
  const auto ram = machine.memory().ram();
  for (std::size_t at = 0; at < ram.size(); at += kHashedRamPiece)
    hashes.push_back(XXH3_64bits(ram.data() + at, std::min<std::size_t>(kHashedRamPiece, ram.size() - at)));
  PartHasher hasher;
  for (DiskOverlay* overlay : machine.overlays()) overlay->visit(hasher);
  hashes.insert(hashes.end(), hasher.hashes.values.begin(), hasher.hashes.values.end());
  return hashes;
}

std::string storage_name(const Machine& machine, std::size_t index) {
  const std::uint64_t pieces = (machine.memory().ram_size() + kHashedRamPiece - 1) / kHashedRamPiece;
  if (index >= pieces) return "disk overlay " + std::to_string(index - pieces + 1);
  char text[64];
  std::snprintf(text, sizeof(text), "RAM %08llXh..%08llXh", static_cast<unsigned long long>(index * kHashedRamPiece),
                static_cast<unsigned long long>((index + 1) * kHashedRamPiece - 1));
  return text;
}

}  // namespace ringside
