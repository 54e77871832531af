#include "tests/privileged/cases/assembler.h"

namespace privileged {

void Assembler::begin(Kind kind, unsigned size) {
  op_ = Op{};
  op_.kind = kind;
  op_.size = static_cast<uint8_t>(size);
  cursor_ = at_;
}

void Assembler::end() {
  op_.length = static_cast<uint8_t>(cursor_ - at_);
  place(at_, op_);
  at_ = cursor_;
}

void Assembler::operand_prefix(unsigned size) {
  if ((size == 2 && bits_ == 32) || (size == 4 && bits_ == 16)) byte(0x66);
}

void Assembler::absolute(unsigned reg, uint32_t address) {
  byte(reg << 3 | 5);
  dword(address);
  op_.address = address;
}

void Assembler::simple(Kind kind, unsigned first, int second) {
  begin(kind);
  byte(first);
  if (second >= 0) byte(static_cast<unsigned>(second));
  end();
}

void Assembler::two_bytes(Kind kind, unsigned first, unsigned second) {
  begin(kind);
  byte(first);
  byte(second);
  end();
}

void Assembler::three(Kind kind, unsigned first, unsigned second, unsigned third) {
  begin(kind);
  operand_prefix(4);
  byte(first);
  byte(second);
  byte(third);
  end();
}

void Assembler::sized(Kind kind, unsigned size, unsigned opcode) {
  begin(kind, size);
  operand_prefix(size);
  byte(opcode);
  end();
}

void Assembler::control(Kind kind, unsigned opcode, unsigned n) {
  begin(kind);
  op_.reg = static_cast<uint8_t>(n);
  byte(0x0F);
  byte(opcode);
  byte(0xC0 | n << 3);
  end();
}

void Assembler::mov_to_sreg(unsigned reg) {
  begin(Kind::kMovToSreg, 2);
  op_.reg = static_cast<uint8_t>(reg);
  byte(0x8E);
  byte(0xC0 | reg << 3);
  end();
}

void Assembler::mov_from_sreg(unsigned reg) {
  begin(Kind::kMovFromSreg);
  op_.reg = static_cast<uint8_t>(reg);
  operand_prefix(4);
  byte(0x8C);
  byte(0xC0 | reg << 3);
  end();
}

void Assembler::push_sreg(unsigned reg, unsigned size) {
  begin(Kind::kPushSreg, size);
  op_.reg = static_cast<uint8_t>(reg);
  operand_prefix(size);
  if (reg >= kFs) byte(0x0F);
  byte(reg >= kFs ? 0x80 | reg << 3 : 6 | reg << 3);
  end();
}

void Assembler::pop_sreg(unsigned reg, unsigned size) {
  begin(Kind::kPopSreg, size);
  op_.reg = static_cast<uint8_t>(reg);
  operand_prefix(size);
  if (reg >= kFs) byte(0x0F);
  byte(reg >= kFs ? 0x81 | reg << 3 : 7 | reg << 3);
  end();
}

void Assembler::load_far(unsigned reg, uint32_t address, unsigned size) {
  begin(Kind::kLoadFar, size);
  op_.reg = static_cast<uint8_t>(reg);
  operand_prefix(size);
  address_prefix();
  switch (reg) {
    case kEs:
      byte(0xC4);
      break;
    case kDs:
      byte(0xC5);
      break;
    case kSs:
      byte(0x0F), byte(0xB2);
      break;
    case kFs:
      byte(0x0F), byte(0xB4);
      break;
    default:
      byte(0x0F), byte(0xB5);
      break;
  }
  absolute(0, address);
  end();
}

void Assembler::far_pointer(Kind kind, unsigned opcode, uint32_t selector, uint32_t offset, unsigned size) {
  begin(kind, size);
  operand_prefix(size);
  byte(opcode);
  if (size == 4)
    dword(offset);
  else
    word(offset);
  word(selector);
  op_.address = size == 4 ? offset : offset & 0xFFFF;
  op_.selector = selector;
  end();
}

void Assembler::call_far(uint32_t selector, uint32_t offset, unsigned size) {
  far_pointer(Kind::kCallFar, 0x9A, selector, offset, size);
}

void Assembler::jmp_far(uint32_t selector, uint32_t offset, unsigned size) {
  far_pointer(Kind::kJmpFar, 0xEA, selector, offset, size);
}

void Assembler::ret_far(unsigned size, unsigned release) {
  begin(Kind::kRetFar, size);
  operand_prefix(size);
  byte(0xCA);
  word(release);
  op_.address = release;
  end();
}

void Assembler::int_n(unsigned vector) {
  begin(Kind::kInt);
  byte(0xCD);
  byte(vector);
  op_.address = vector;
  end();
}

void Assembler::group6(Kind kind) {
  unsigned reg = 0;
  switch (kind) {
    case Kind::kSldt:
      reg = 0;
      break;
    case Kind::kStr:
      reg = 1;
      break;
    case Kind::kLldt:
      reg = 2;
      break;
    case Kind::kLtr:
      reg = 3;
      break;
    case Kind::kVerr:
      reg = 4;
      break;
    default:
      reg = 5;
      break;
  }
  three(kind, 0x0F, 0x00, 0xC0 | reg << 3);
}

void Assembler::group7(Kind kind, uint32_t address) {
  unsigned reg = 0;
  switch (kind) {
    case Kind::kSgdt:
      reg = 0;
      break;
    case Kind::kSidt:
      reg = 1;
      break;
    case Kind::kLgdt:
      reg = 2;
      break;
    case Kind::kLidt:
      reg = 3;
      break;
    default:
      reg = 7;
      break;
  }
  begin(kind);
  operand_prefix(4);
  address_prefix();
  byte(0x0F);
  byte(0x01);
  absolute(reg, address);
  end();
}

void Assembler::in(unsigned size) {
  begin(Kind::kIn, size);
  operand_prefix(size);
  byte(size == 1 ? 0xEC : 0xED);
  op_.address = ~0u;
  end();
}

void Assembler::out(unsigned size) {
  begin(Kind::kOut, size);
  operand_prefix(size);
  byte(size == 1 ? 0xEE : 0xEF);
  op_.address = ~0u;
  end();
}

void Assembler::in_imm(unsigned port, unsigned size) {
  begin(Kind::kIn, size);
  operand_prefix(size);
  byte(size == 1 ? 0xE4 : 0xE5);
  byte(port);
  op_.address = port;
  end();
}

void Assembler::arpl() { two_bytes(Kind::kArpl, 0x63, 0xD0); }

void Assembler::memory(Kind kind, unsigned opcode, unsigned segment, uint32_t address, unsigned size) {
  static constexpr uint8_t kOverride[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
  begin(kind, size);
  op_.reg = static_cast<uint8_t>(segment);
  byte(kOverride[segment]);
  operand_prefix(size == 1 ? bits_ / 8 : size);
  address_prefix();
  byte(size == 1 ? opcode : opcode | 1);
  absolute(0, address);
  end();
}

void Assembler::jmp(uint32_t address, uint32_t base) {
  begin(Kind::kJmp);
  operand_prefix(4);
  byte(0xE9);
  dword(address - (cursor_ + 4));
  op_.address = address - base;
  end();
}

void Assembler::div_ecx() {
  begin(Kind::kDiv);
  operand_prefix(4);
  byte(0xF7);
  byte(0xF1);
  end();
}

void Assembler::bound(uint32_t address) {
  begin(Kind::kBound);
  operand_prefix(4);
  address_prefix();
  byte(0x62);
  absolute(0, address);
  end();
}

void Assembler::mov_imm(unsigned reg, uint32_t value) {
  begin(Kind::kMovImm);
  op_.reg = static_cast<uint8_t>(reg);
  operand_prefix(4);
  byte(0xB8 | reg);
  dword(value);
  op_.address = value;
  end();
}

void Assembler::fixed(Kind kind, uint32_t bytes, unsigned count, uint32_t fact) {
  begin(kind);
  op_.selector = fact;
  for (unsigned i = 0; i < count; ++i) byte(bytes >> (8 * i) & 0xFF);
  end();
}

void Assembler::fixed_memory(Kind kind, uint32_t bytes, unsigned count, unsigned reg, uint32_t address, uint32_t fact) {
  begin(kind);
  op_.reg = static_cast<uint8_t>(reg);
  op_.selector = fact;
  address_prefix();
  for (unsigned i = 0; i < count; ++i) byte(bytes >> (8 * i) & 0xFF);
  absolute(reg, address);
  end();
}

void Assembler::locked(bool refused, uint32_t bytes, unsigned count, unsigned reg, uint32_t address,
                       unsigned immediate) {
  begin(refused ? Kind::kUndefined : Kind::kLocked);
  for (unsigned i = 0; i < count; ++i) byte(bytes >> (8 * i) & 0xFF);
  absolute(reg, address);
  for (unsigned i = 0; i < immediate; ++i) byte(0);
  end();
}

void Assembler::too_long() {
  begin(Kind::kTooLong);
  for (unsigned i = 0; i < 15; ++i) byte(0x3E);
  byte(0x90);
  end();
}

}  // namespace privileged
