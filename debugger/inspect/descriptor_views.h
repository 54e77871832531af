// Descriptor tables decoded, and what would happen if a selector were used.
#pragma once

#include <cstdint>

#include "cpu/cpu.h"
#include "debugger/inspect/document.h"

namespace ringside {

enum class DescriptorTable : std::uint8_t { kGdt, kLdt, kIdt, kTss };

/// A table with an entry a row; wrong ones are marked. `names` may be null.
class Naming;
Document view_descriptor_table(const Cpu& cpu, DescriptorTable table, const Naming* names);
/// One descriptor bit by bit, found by its selector.
Document view_descriptor(const Cpu& cpu, std::uint16_t selector);

enum class SelectorUse : std::uint8_t {
  kLoadData,   ///< MOV to DS, ES, FS, GS
  kLoadStack,  ///< MOV to SS
  kFarJump,
  kFarCall,    ///< call gates too
  kInterrupt,  ///< INT n: the selector is the vector
};
struct SelectorQuestion {
  std::uint16_t selector = 0;
  unsigned cpl = 0;
  SelectorUse use = SelectorUse::kLoadData;
};
struct SelectorAnswer {
  bool allowed = false;
  Cause cause = Cause::kCount;
  unsigned new_cpl = 0;
};
/// The checks of SDM Vol. 3A, "Protection", in their order, as protected mode makes them. Changes nothing.
SelectorAnswer check_selector(const Cpu& cpu, const SelectorQuestion& question);
/// The same, told step by step.
Document view_selector_check(const Cpu& cpu, const SelectorQuestion& question);

}  // namespace ringside
