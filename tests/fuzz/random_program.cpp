#include "tests/fuzz/random_program.h"

namespace ringside::test {

using L = ProgramLayout;

std::uint32_t RandomProgram::interesting() {
  static constexpr std::uint32_t kEdges[] = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF,
                                             0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 31, 32, 33};
  return below(3) == 0 ? static_cast<std::uint32_t>(random_()) : kEdges[below(std::size(kEdges))];
}

void RandomProgram::modrm(unsigned reg, bool memory_only) {
  static constexpr unsigned kPointers[] = {3, 5, 6, 7};  // EBX EBP ESI EDI usually point at data
  if (!memory_only && below(2) == 0) {
    byte(0xC0 | reg << 3 | below(8));
    return;
  }
  switch (below(4)) {
    case 0:  // [pointer + disp8]
      byte(0x40 | reg << 3 | kPointers[below(4)]);
      byte(below(256));
      break;
    case 1:  // [pointer + index * scale + disp8]: small indices happen, wild ones fault
      byte(0x44 | reg << 3);
      byte(below(4) << 6 | (below(4) == 0 ? below(8) : 4u) << 3 | kPointers[below(4)]);
      byte(below(256));
      break;
    case 2:  // [disp32] in the data pages, near page ends rather often
      byte(0x05 | reg << 3);
      dword(origin_ + L::kData + below(8) * 0x1000 + (below(3) == 0 ? 0xFF8 + below(8) : below(0x1000)));
      break;
    default:  // [ESP + disp8]
      byte(0x44 | reg << 3);
      byte(0x24);
      byte(below(64));
      break;
  }
}

void RandomProgram::immediate(bool operand32, bool is_byte) {
  const std::uint32_t v = interesting();
  byte(v & 0xFF);
  if (is_byte) return;
  byte(v >> 8 & 0xFF);
  if (!operand32) return;
  byte(v >> 16 & 0xFF);
  byte(v >> 24);
}

void RandomProgram::instruction() {
  bool operand32 = true;
  if (below(8) == 0) {
    byte(0x66);
    operand32 = false;
  }
  if (below(60) == 0) byte(0xF0);
  if (below(60) == 0) byte(0x26 + 8 * below(4));
  const unsigned reg = below(8);
  switch (below(34)) {
    case 0: case 1: case 2:  // ALU r/m,reg and reg,r/m
      byte(below(8) << 3 | below(4));
      modrm(reg);
      break;
    case 3: case 4: {  // ALU r/m,imm
      const unsigned form = below(3);
      byte(form == 0 ? 0x80 : form == 1 ? 0x81 : 0x83);
      modrm(reg);
      immediate(operand32, form != 1);
      break;
    }
    case 5: case 6:
      byte(0x88 + below(4));
      modrm(reg);
      break;
    case 7: {  // a pointer into the data
      static constexpr unsigned kPointers[] = {3, 5, 6, 7};
      byte(0xB8 + kPointers[below(4)]);
      dword(origin_ + L::kData + below(7) * 0x1000 + below(0x1000));
      break;
    }
    case 8:  // rarely a pointer into the code: a store there modifies the program
      byte(0xB8 + (below(2) == 0 ? 7 : 3));
      dword(origin_ + (below(4) == 0 ? L::kCode + below(L::kCodeBytes) : L::kData + below(0x6000)));
      break;
    case 9: {
      const bool is_byte = below(2) == 0;
      byte(is_byte ? 0xC6 : 0xC7);
      modrm(0);
      immediate(operand32, is_byte);
      break;
    }
    case 10: byte(0x40 + below(16)); break;
    case 11: byte(0x50 + below(16)); break;
    case 12: byte(0xFE + below(2)); modrm(below(2)); break;
    case 13: {  // shifts
      static constexpr unsigned kShift[] = {0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3};
      const unsigned which = below(6);
      byte(kShift[which]);
      modrm(reg);
      if (which < 2) byte(below(40));
      break;
    }
    case 14: case 15: case 16:  // short forward and backward conditional jumps
      byte(0x70 + below(16));
      byte(below(4) == 0 ? 0x100 - below(60) : below(40));
      break;
    case 17:
      byte(0x0F);
      byte(0x80 + below(16));
      dword(static_cast<std::uint32_t>(below(0x400)) - 0x200);
      break;
    case 18:
      byte(below(2) == 0 ? 0xE8 : 0xE9);
      dword(static_cast<std::uint32_t>(below(0x800)) - 0x400);
      break;
    case 19: byte(below(3) == 0 ? 0xC2 : 0xC3); if (code_.back() == 0xC2) { byte(below(4) * 4); byte(0); } break;
    case 20: byte(0x0F); byte(0x40 + below(16)); modrm(reg); break;
    case 21: byte(0x0F); byte(0x90 + below(16)); modrm(0); break;
    case 22: {
      static constexpr unsigned kTwoByte[] = {0xB6, 0xB7, 0xBE, 0xBF, 0xAF, 0xA3, 0xAB, 0xB3, 0xBB, 0xBC, 0xBD, 0xC1, 0xB1};
      byte(0x0F);
      byte(kTwoByte[below(std::size(kTwoByte))]);
      modrm(reg);
      break;
    }
    case 23: byte(0x0F); byte(below(2) == 0 ? 0xA4 : 0xAC); modrm(reg); byte(below(40)); break;
    case 24: byte(0xF6 + below(2)); {
      const bool is_byte = code_.back() == 0xF6;
      const unsigned sub = below(8);
      modrm(sub);
      if (sub < 2) immediate(operand32, is_byte);
      break;
    }
    case 25: {  // string instructions with a small count
      byte(0xB9);
      dword(below(5) == 0 ? below(0x1800) : below(20));
      if (below(3) != 0) byte(0xF2 + below(2));
      byte(0xA4 + below(4));
      break;
    }
    case 26: {
      byte(0xB9);
      dword(below(40));
      if (below(3) != 0) byte(0xF2 + below(2));
      byte(0xAA + below(6));
      break;
    }
    case 27: byte(0x8D); modrm(reg, true); break;
    case 28: byte(below(2) == 0 ? 0x86 : 0x87); modrm(reg); break;
    case 29: {
      static constexpr unsigned kSingle[] = {0x98, 0x99, 0x9C, 0x9D, 0x9E, 0x9F, 0xF5, 0xF8, 0xF9, 0xFC, 0xFD, 0xFA,
                                             0xFB, 0x27, 0x2F, 0x37, 0x3F, 0xD6, 0xD7, 0x90, 0xC9, 0x60, 0x61, 0xCC};
      const unsigned single = kSingle[below(std::size(kSingle))];
      if (single == 0x9D && tame_flags_) {  // and dword [esp], 0CD5h
        if (!operand32) code_.pop_back();
        byte(0x81), byte(0x24), byte(0x24), dword(0x0CD5);
      }
      byte(single);
      break;
    }
    case 30: byte(0xE0 + below(4)); byte(below(3) == 0 ? 0x100 - below(20) : below(20)); break;
    case 31: byte(0x69 + 2 * below(2)); modrm(reg); immediate(operand32, code_[code_.size() - 1] == 0); break;
    case 32: byte(0x0F); byte(0xC8 + below(8)); break;
    default: byte(0xFF); modrm(below(8)); break;
  }
}

void RandomProgram::generate() {
  while (code_.size() < L::kCodeBytes) {
    if (below(4) == 0) starts_.push_back(origin_ + L::kCode + static_cast<std::uint32_t>(code_.size()));
    instruction();
  }
  code_.resize(L::kCodeBytes);
}

}  // namespace ringside::test
