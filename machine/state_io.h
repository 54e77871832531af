// A machine's state as bytes: the two visitors that write and read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "memory/state_visitor.h"

namespace ringside {

/// Appends everything visited to a buffer.
class StateWriter final : public StateVisitor {
 public:
  void begin(const char* part) override;
  void end() override {}
  bool loading() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

  std::vector<std::uint8_t> take() { return std::move(out_); }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  std::vector<std::uint8_t> out_;
};

/// Reads back what a StateWriter wrote. Throws StateError where the bytes end too early or belong to
/// another part than the one that asks.
class StateReader final : public StateVisitor {
 public:
  explicit StateReader(std::span<const std::uint8_t> in) : in_(in) {}

  void begin(const char* part) override;
  void end() override {}
  bool loading() const override { return true; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

  bool finished() const { return in_.empty(); }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  std::span<const std::uint8_t> need(const char* name, std::size_t size);

  std::span<const std::uint8_t> in_;
  std::string part_;
};

}  // namespace ringside
