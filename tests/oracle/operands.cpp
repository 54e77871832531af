// What single opcodes need to mean something: implicit registers, frames on the stack, far pointers, selectors.
#include <cstring>

#include "cpu/opcodes.h"
#include "cpu/x87/unit.h"
#include "tests/oracle/builder.h"

namespace ringside::oracle {

bool Builder::uses_stack() const {
  const unsigned n = number();
  if (n >= 0x50 && n <= 0x61) return true;
  switch (n) {
    case 0x06: case 0x07: case 0x0E: case 0x16: case 0x17: case 0x1E: case 0x1F: case 0x68: case 0x6A: case 0x8F:
    case 0x9A: case 0x9C: case 0x9D: case 0xC2: case 0xC3: case 0xC8: case 0xC9: case 0xCA: case 0xCB: case 0xCF:
    case 0xE8: case 0x1A0: case 0x1A1: case 0x1A8: case 0x1A9:
      return true;
    case 0xFF: return form_.reg == 2 || form_.reg == 3 || form_.reg == 6;
    default: return false;
  }
}

bool Builder::branches() const {
  const unsigned n = number();
  if ((n >= 0x70 && n <= 0x7F) || (n >= 0xE0 && n <= 0xE3) || (n >= 0xE8 && n <= 0xEB) || (n >= 0xC2 && n <= 0xC3) ||
      (n >= 0xCA && n <= 0xCF) || n == 0x9A || (n >= 0x180 && n <= 0x18F))
    return true;
  return n == 0xFF && form_.reg >= 2 && form_.reg <= 5;
}

unsigned Builder::operand_size() const {
  const unsigned n = number();
  if (form_.family == Family::kFloat) {
    const x87::MemoryForm f = x87::memory_form(form_.opcode & 7u, static_cast<unsigned>(modrm_ >= 0 ? modrm_ : form_.reg << 3) >> 3 & 7u);
    switch (f.action) {
      case x87::MemoryAction::kLoadEnvironment:
      case x87::MemoryAction::kStoreEnvironment: return operand32_ ? 28 : 14;
      case x87::MemoryAction::kRestore:
      case x87::MemoryAction::kSave: return operand32_ ? 108 : 94;
      default: return x87::size_of(f.format) != 0 ? x87::size_of(f.format) : 2;
    }
  }
  if (form_.family == Family::kSimd) {
    if (n == 0x1AE) return form_.reg < 2 ? 512 : form_.reg < 4 ? 4 : 1;
    return form_.mandatory == 0xF3 ? 4 : form_.mandatory == 0xF2 ? 8 : form_.mandatory == 0x66 ? 16 : 8;
  }
  switch (n) {
    case 0x62: return 2 * operand_bytes();
    case 0xC4: case 0xC5: case 0x1B2: case 0x1B4: case 0x1B5: return operand_bytes() + 2;
    case 0xFF: return form_.reg == 3 || form_.reg == 5 ? operand_bytes() + 2 : operand_bytes();
    case 0x8C: case 0x8E: case 0x63: case 0x100: case 0x102: case 0x103: case 0x1B7: case 0x1BF: return 2;
    case 0x101: return form_.reg == 6 ? 2 : form_.reg == 7 ? 1 : 6;
    case 0x1C7: return 8;
    case 0xA0: case 0xA2: return 1;
    default: break;
  }
  const bool rm_source = (form_.encoding & kRmSource) != 0;
  return (form_.encoding & (rm_source ? kSrcByte : kDstByte)) != 0 ? 1 : operand_bytes();
}

std::uint64_t Builder::operand_value() {
  const unsigned n = number();
  const unsigned size = operand_size();
  switch (n) {
    case 0x8E:
      return (modrm_ >> 3 & 7) == kSS ? pick_stack_selector() : pick_selector();
    case 0x63: case 0x100: case 0x102: case 0x103: return pick_selector();
    case 0xC4: case 0xC5: case 0x1B2: case 0x1B4: case 0x1B5: {
      const std::uint64_t selector = n == 0x1B2 ? pick_stack_selector() : pick_selector();
      return (random_.word() & (operand32_ ? 0xFFFFFFFFu : 0xFFFFu)) | selector << (8 * operand_bytes());
    }
    case 0xFF: {
      if (form_.reg == 2 || form_.reg == 4) return pick_target(view(kCS));
      if (form_.reg != 3 && form_.reg != 5) break;
      const std::uint16_t selector = pick_code_selector();
      const std::uint64_t target = pick_target(view_of(selector)) & (operand32_ ? 0xFFFFFFFFu : 0xFFFFu);
      return target | std::uint64_t{selector} << (8 * operand_bytes());
    }
    case 0x62: {
      pin(static_cast<unsigned>(modrm_) >> 3 & 7);
      const std::uint32_t index = gpr(static_cast<unsigned>(modrm_) >> 3 & 7);
      const std::uint64_t low = random_.one_in(4) ? random_.word() : index - random_.below(3);
      const std::uint64_t high = random_.one_in(4) ? random_.word() : index - 1 + random_.below(3);
      const std::uint64_t mask = operand32_ ? 0xFFFFFFFFu : 0xFFFFu;
      return (low & mask) | (high & mask) << (8 * operand_bytes());
    }
    case 0x1B0: case 0x1B1:
      if (random_.one_in(2)) return gpr(kEAX);
      break;
    case 0x1C7:
      if (random_.one_in(2)) return gpr(kEAX) | std::uint64_t{gpr(kEDX)} << 32;
      break;
    default: break;
  }
  operand_open_ = true;
  return random_.number(size > 8 ? 8 : size);
}

void Builder::patch_operand() {
  const std::uint32_t linear = view(segment_).base + offset_;
  if (form_.family == Family::kFloat) return patch_float_operand(linear);
  if (form_.family == Family::kSimd) return patch_vector_operand(linear);
  const unsigned n = number();
  const bool bit_test = n == 0x1A3 || n == 0x1AB || n == 0x1B3 || n == 0x1BB;
  if (bit_test) {
    // The bit offset reaches beyond the operand; near ones are more often mapped.
    const auto near = static_cast<std::uint32_t>(static_cast<std::int32_t>(random_.below(2048)) - 1024);
    const unsigned r = static_cast<unsigned>(modrm_) >> 3 & 7;
    if (!pinned(r) && !random_.one_in(8) && size_ > 0) {
      // Only where the register is no part of the address: it has been computed already.
      const bool sib_or_base = (modrm_ & 0xC7) != 5 && (modrm_ & 0xC7) != 6;
      if (!sib_or_base) gpr(r) = near;
    }
  }
  case_.patches.add_number(linear, operand_value(), operand_size() > 8 ? 8 : operand_size());
}

void Builder::set_operand_register(unsigned, unsigned rm) {
  if (pinned(rm) || (rm == kESP && !view(kSS).big)) return;
  switch (number()) {
    case 0x8E: case 0x63: case 0x100: case 0x102: case 0x103:
      set_register(rm, 2, static_cast<std::uint32_t>(operand_value()));
      break;
    case 0xFF:
      if (form_.reg == 2 || form_.reg == 4) gpr(rm) = pick_target(view(kCS));
      break;
    default: break;
  }
}

void Builder::prepare() {
  if (form_.family == Family::kSimd && number() == 0x1F7) prepare_string();  // MASKMOVQ stores at [EDI]
  if (form_.two_byte) return prepare_two_byte();
  switch (form_.opcode) {
    case 0x6C: case 0x6D: case 0x6E: case 0x6F: case 0xA4: case 0xA5: case 0xA6: case 0xA7: case 0xAA: case 0xAB:
    case 0xAC: case 0xAD: case 0xAE: case 0xAF:
      prepare_string();
      break;
    case 0xD2: case 0xD3:
      if (random_.percent(80)) set_register(kECX, 1, random_.below(40));
      pin(kECX);
      break;
    case 0xE0: case 0xE1: case 0xE2: case 0xE3:
      set_register(kECX, address32_ ? 4 : 2, random_.below(3));
      break;
    case 0xF6: case 0xF7:
      if (form_.reg >= 6) prepare_division();
      break;
    case 0xD7: {
      const unsigned segment = override_ >= 0 ? static_cast<unsigned>(override_) : unsigned{kDS};
      set_register(kEBX, address32_ ? 4 : 2, pick_offset(view(segment), 1, address32_) - (gpr(kEAX) & 0xFF));
      break;
    }
    case 0x07: case 0x17: case 0x1F: case 0x61: case 0x8F: case 0x9D: case 0xC2: case 0xC3: case 0xC8: case 0xC9:
    case 0xCA: case 0xCB: case 0xCF: case 0x58: case 0x5C:
      prepare_stack_frame();
      break;
    default: break;
  }
}

void Builder::prepare_two_byte() {
  switch (form_.opcode) {
    case 0xA5: case 0xAD:
      if (random_.percent(80)) set_register(kECX, 1, random_.below(40));
      pin(kECX);
      break;
    case 0xA1: case 0xA9: prepare_stack_frame(); break;
    case 0xB0: case 0xB1: pin(kEAX); break;
    case 0xC7: pin(kEAX), pin(kEDX); break;
    default: break;
  }
}

void Builder::prepare_string() {
  const unsigned size = form_.family == Family::kSimd ? 8 : (form_.opcode & 1) == 0 ? 1 : operand_bytes();
  const unsigned source = override_ >= 0 ? static_cast<unsigned>(override_) : unsigned{kDS};
  const unsigned width = address32_ ? 4 : 2;
  const bool simd = form_.family == Family::kSimd;
  set_register(kESI, width, pick_offset(view(source), size, address32_));
  set_register(kEDI, width, pick_offset(view(simd ? source : unsigned{kES}), size, address32_));
  if (simd) {
    pin(kEDI);
    return;
  }
  std::uint32_t count = random_.below(12);
  if (random_.one_in(6)) count = random_.below(600);
  if (random_.one_in(100)) count = random_.word();
  set_register(kECX, width, count);
  // Equal stretches for CMPS and SCAS to run through.
  if (random_.one_in(2)) {
    const std::uint8_t value = random_.byte();
    std::uint8_t run[24];
    std::memset(run, value, sizeof run);
    const std::uint32_t back = (case_.registers.eflags & kDF) != 0 ? 20 : 0;
    case_.patches.add(view(kES).base + gpr(kEDI) - back, {run, 1 + random_.below(24)});
    case_.patches.add(view(source).base + gpr(kESI) - back, {run, 1 + random_.below(24)});
    if (random_.one_in(2)) gpr(kEAX) = value * 0x01010101u;
  }
}

void Builder::prepare_division() {
  if (random_.one_in(5)) return;
  const bool is_byte = form_.opcode == 0xF6;
  if (is_byte) {
    set_register(kEAX, 2, random_.one_in(2) ? random_.below(0x2000) : 0xFFFFFFFF - random_.below(0x2000));
  } else {
    const std::uint32_t high = random_.one_in(2) ? 0 : random_.one_in(2) ? 0xFFFFFFFF : random_.below(0x100);
    set_register(kEDX, operand_bytes(), high);
  }
  pin(kEAX);
  pin(kEDX);
}

// What lies at the top of the stack (or at EBP), in the sizes that the instruction reads.
void Builder::prepare_stack_frame() {
  const std::uint32_t mask = view(kSS).big ? 0xFFFFFFFF : 0xFFFF;
  const unsigned n = number();
  const unsigned slot = operand_bytes();
  const auto at = [&](unsigned i) { return view(kSS).base + ((gpr(kESP) + i * slot) & mask); };
  const auto put = [&](unsigned i, std::uint32_t value) { case_.patches.add_number(at(i), value, slot); };
  switch (n) {
    case 0x07: case 0x1F: case 0x1A1: case 0x1A9: put(0, pick_selector() | random_.word() << 16); break;
    case 0x17: put(0, pick_stack_selector() | random_.word() << 16); break;
    case 0x9D: {
      std::uint32_t flags = random_.word() & ~(kTF | kAC | kNT);
      if (random_.one_in(8)) flags |= kTF;
      if (random_.one_in(8)) flags |= kAC;
      if (random_.one_in(8)) flags |= kNT;
      put(0, flags);
      break;
    }
    case 0xC2: case 0xC3: put(0, pick_target(view(kCS))); break;
    case 0xC8: case 0xC9: {
      const std::uint32_t base = random_.one_in(4) ? pick_offset(view(kSS), slot, view(kSS).big) : gpr(kESP) + 4 * random_.below(8);
      if (!view(kSS).big) gpr(kEBP) = (gpr(kEBP) & 0xFFFF0000) | (base & 0xFFFF);
      else gpr(kEBP) = base;
      break;
    }
    case 0xCA: case 0xCB: case 0xCF: {
      const std::uint16_t selector = pick_code_selector();
      put(0, pick_target(view_of(selector)));
      put(1, selector | random_.word() << 16);
      if (n != 0xCF) break;
      std::uint32_t flags = random_.word() & ~(kTF | kAC | kNT | 0x20000u);
      if (random_.one_in(8)) flags |= kTF;
      if (random_.one_in(8)) flags |= kAC;
      if (random_.one_in(8) && case_.stepped()) flags |= kNT;  // another IRET must not meet it
      put(2, flags);
      break;
    }
    default: break;
  }
}

}  // namespace ringside::oracle
