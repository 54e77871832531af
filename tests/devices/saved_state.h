// A chip's state as bytes: saved, loaded again, and damaged on purpose.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "memory/state_visitor.h"

namespace ringside::bench {

/// Saves into bytes, and loads from them; a load that runs out of bytes throws StateError.
class BytesVisitor : public StateVisitor {
 public:
  BytesVisitor() = default;
  explicit BytesVisitor(std::vector<std::uint8_t> saved) : data(std::move(saved)), loading_(true) {}
  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return loading_; }
  void bytes(const char*, void* block, std::size_t size) override {
    auto* p = static_cast<std::uint8_t*>(block);
    if (!loading_) {
      data.insert(data.end(), p, p + size);
      return;
    }
    if (data.size() - at_ < size) throw StateError("truncated");
    std::memcpy(p, &data[at_], size);
    at_ += size;
  }
  void blob(const char*, std::vector<std::uint8_t>&, std::size_t) override { FAIL(); }
  std::vector<std::uint8_t> data;

 protected:
  void scalar(const char*, std::uint64_t& value, unsigned width) override {
    std::uint8_t raw[8] = {};
    for (unsigned i = 0; i < 8; ++i) raw[i] = static_cast<std::uint8_t>(value >> (8 * i));
    bytes("", raw, width);
    value = 0;
    for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{raw[i]} << (8 * i);
  }

 private:
  bool loading_ = false;
  std::size_t at_ = 0;
};

template <typename Part>
std::vector<std::uint8_t> saved(Part& part) {
  BytesVisitor visitor;
  part.visit(visitor);
  return visitor.data;
}

template <typename Part>
void load(Part& part, const std::vector<std::uint8_t>& data) {
  BytesVisitor visitor(data);
  part.visit(visitor);
}

/// Loads many damaged copies of the state of `part`: each is refused with StateError or accepted, and then
/// `use` must get by with it.
template <typename Part, typename Use>
void load_damaged(Part& part, Use use, std::size_t most = 4000) {
  const std::vector<std::uint8_t> good = saved(part);
  std::uint32_t seed = 12345;
  for (std::size_t round = 0; round < most; ++round) {
    std::vector<std::uint8_t> bad = good;
    for (int changes = 0; changes < 3; ++changes) {
      seed = seed * 1664525 + 1013904223;
      // The first kilobyte holds the registers; the rest is mostly buffers.
      bad[(seed >> 8) % std::min<std::size_t>(bad.size(), 1024)] = static_cast<std::uint8_t>(seed >> 24);
    }
    try {
      load(part, bad);
    } catch (const StateError&) {
      load(part, good);
      continue;
    }
    use();
  }
}

}  // namespace ringside::bench
