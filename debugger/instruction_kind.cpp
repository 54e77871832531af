#include "debugger/instruction_kind.h"

#include <algorithm>

#include "cpu/decode.h"
#include "debugger/machine_values.h"

namespace ringside {
namespace {

bool is_prefix(std::uint8_t byte) {
  switch (byte) {
    case 0x26: case 0x2E: case 0x36: case 0x3E: case 0x64: case 0x65: case 0x66: case 0x67: case 0xF0: case 0xF2: case 0xF3:
      return true;
    default: return false;
  }
}

bool is_string(std::uint8_t opcode) {
  return (opcode >= 0x6C && opcode <= 0x6F) || (opcode >= 0xA4 && opcode <= 0xA7) || (opcode >= 0xAA && opcode <= 0xAF);
}

InstructionKind kind_of(const std::uint8_t* bytes, unsigned length) {
  unsigned i = 0;
  bool repeat = false;
  for (; i < length && is_prefix(bytes[i]); ++i) repeat |= bytes[i] >= 0xF2;
  if (i == length) return InstructionKind::kPlain;
  const std::uint8_t opcode = bytes[i];
  switch (opcode) {
    case 0xE8:
    case 0x9A: return InstructionKind::kCall;
    case 0xC2: case 0xC3: case 0xCA: case 0xCB: return InstructionKind::kReturn;
    case 0xCC: case 0xCD: case 0xCE: return InstructionKind::kInterrupt;
    case 0xCF: return InstructionKind::kIret;
    case 0xFF: {
      const unsigned extension = i + 1 < length ? bytes[i + 1] >> 3 & 7u : 0u;
      return extension == 2 || extension == 3 ? InstructionKind::kCall : InstructionKind::kPlain;
    }
    default: return repeat && is_string(opcode) ? InstructionKind::kRepeated : InstructionKind::kPlain;
  }
}

}  // namespace

InstructionShape shape_at(const Cpu& cpu, std::uint32_t linear) {
  std::uint8_t bytes[kMaxInstructionLength];
  unsigned have = 0;
  while (have < kMaxInstructionLength && peek_linear(cpu, linear + have, bytes + have, 1)) ++have;
  if (have == 0) return {};
  Op op;
  const Decoded decoded = decode(bytes, have, cpu.mode, linear - cpu.seg[kCS].base, cpu.model, op);
  if (decoded.status != Decoded::kOk) return {};
  return {kind_of(bytes, op.length), op.length};
}

bool follows_call(const Cpu& cpu, std::uint32_t linear) {
  for (unsigned back = 2; back <= 7; ++back) {
    const InstructionShape shape = shape_at(cpu, linear - back);
    if (shape.kind == InstructionKind::kCall && shape.length == back) return true;
  }
  return false;
}

}  // namespace ringside
