// Random 32-bit programs that keep going: loops, faults, self-modification, string instructions, stack and
// flag games, in ring 3 of flat protected mode with paging; the handlers go on somewhere else after each fault.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/fuzz/program_layout.h"

namespace ringside::test {

/// The bytes of a program and its starting points; the same for the same seed, on every host.
class RandomProgram {
 public:
  /// `origin` is added to the offsets of code and data. `tame_flags`: POPF leaves TF, NT, AC and ID alone.
  explicit RandomProgram(std::uint64_t seed, std::uint32_t origin = 0, bool tame_flags = false)
      : origin_(origin), tame_flags_(tame_flags), random_(seed) {
    generate();
  }
  const std::vector<std::uint8_t>& code() const { return code_; }
  const std::vector<std::uint32_t>& starts() const { return starts_; }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  void byte(unsigned b) { code_.push_back(static_cast<std::uint8_t>(b)); }
  void dword(std::uint32_t v) {
    for (int i = 0; i < 4; ++i) byte(v >> (8 * i) & 0xFF);
  }
  void generate();
  void instruction();
  void modrm(unsigned reg, bool memory_only = false);
  void immediate(bool operand32, bool is_byte);
  std::uint32_t interesting();

  std::uint32_t origin_;
  bool tame_flags_;
  std::mt19937_64 random_;
  std::vector<std::uint8_t> code_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace ringside::test
