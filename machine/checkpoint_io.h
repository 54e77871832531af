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

  std::vector<std::uint8_t>& written() { return out_; }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  std::vector<std::uint8_t> out_;
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
