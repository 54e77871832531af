// What kinds of instructions a guest executes, and where: told from samples, taken while somebody looks.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "debugger/inspect/document.h"
#include "debugger/inspect/session.h"

namespace ringside {

class InstructionMix {
 public:
  /// Looks at the present instruction, unless the machine has not moved since.
  void sample(const Session& session);
  std::uint64_t samples() const { return samples_; }
  Document view() const;

 private:
  static constexpr std::size_t kMostPlaces = 4'096;

  void note_place(const Session& session, std::uint32_t linear);

  Tick last_ = ~Tick{0};
  std::uint64_t samples_ = 0, halted_ = 0;
  std::array<std::uint64_t, 4> rings_{};
  std::map<std::string, std::uint64_t> kinds_, places_;
};

}  // namespace ringside
