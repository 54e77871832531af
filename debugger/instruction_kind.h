// What a step has to know of the instruction at the present CS:EIP.
#pragma once

#include <cstdint>

#include "cpu/cpu.h"

namespace ringside {

enum class InstructionKind : std::uint8_t {
  kPlain,
  kCall,       ///< CALL, near or far; returns behind itself
  kInterrupt,  ///< INT n, INT3, INTO: likewise
  kRepeated,   ///< a string instruction with a repeat prefix
  kReturn,     ///< RET, RETF
  kIret,
  kUnreadable,
};

struct InstructionShape {
  InstructionKind kind = InstructionKind::kUnreadable;
  unsigned length = 0;
};

/// Reads without side effects.
InstructionShape shape_at(const Cpu& cpu, std::uint32_t linear);
inline InstructionShape shape_here(const Cpu& cpu) { return shape_at(cpu, cpu.seg[kCS].base + cpu.eip); }

/// Whether a CALL (of any form) ends just below `linear`: then `linear` may be a return address.
bool follows_call(const Cpu& cpu, std::uint32_t linear);

}  // namespace ringside
