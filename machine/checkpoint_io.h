// The visitors that keep and put back the small parts of a checkpoint. No names are kept: such a state never leaves
// the machine that it was taken from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "memory/state_visitor.h"

namespace ringside {

class PartsWriter final : public StateVisitor {
 public:
  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return false; }
  bool bulk() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

  std::span<const std::uint8_t> written() const { return std::span(out_).first(used_); }
  /// To be filled anew, in the same memory.
  void clear() { used_ = 0; }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  /// Room for so many bytes more.
  std::uint8_t* room(std::size_t size);

  std::vector<std::uint8_t> out_;
  std::size_t used_ = 0;
};

class PartsReader final : public StateVisitor {
 public:
  explicit PartsReader(std::span<const std::uint8_t> in) : in_(in) {}

  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return true; }
  bool bulk() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  const std::uint8_t* take(std::size_t size);

  std::span<const std::uint8_t> in_;
};

}  // namespace ringside
