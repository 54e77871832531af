// Guest instructions as text (Zydis).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cpu/cpu.h"

namespace ringside {

struct DisassembledLine {
  std::uint16_t cs = 0;
  std::uint32_t eip = 0;
  std::string bytes;  ///< in hexadecimal
  std::string text;   ///< Intel syntax
  unsigned length = 0;
};

DisassembledLine disassemble(std::span<const std::uint8_t> code, bool code32, std::uint16_t cs, std::uint32_t eip);
/// The instruction at CS:EIP. Reads without side effects; what cannot be read is said in the text.
DisassembledLine disassemble_current(const Cpu& cpu);

/// All registers, several lines.
std::string format_registers(const Cpu& cpu);

}  // namespace ringside
