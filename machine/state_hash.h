// One number for the whole state of a machine: XXH3, 128 bits, over everything visited.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "memory/state_visitor.h"

namespace ringside {

class StateHasher final : public StateVisitor {
 public:
  StateHasher();
  ~StateHasher() override;

  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

  /// 32 hexadecimal digits, the canonical (big-endian) form.
  std::string digest();

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  struct Engine;
  void drain();

  std::unique_ptr<Engine> engine_;
  std::array<std::uint8_t, 4096> small_{};  // scalars are gathered: the hash is not fast on single bytes
  std::size_t used_ = 0;
};

}  // namespace ringside
