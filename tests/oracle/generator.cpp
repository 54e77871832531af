// The course of a generation: state first, then the instruction, then what surrounds it.
#include "tests/oracle/generator.h"

#include <algorithm>
#include <cstring>

#include "cpu/opcodes.h"
#include "tests/oracle/builder.h"

namespace ringside::oracle {

std::uint64_t case_seed(std::uint64_t seed, const Form& form, Mode mode, std::uint64_t index) {
  std::uint64_t h = mix(seed ^ (mode == Mode::k32 ? 0x32u : 0x16u));
  for (const char letter : form.key) h = mix(h ^ static_cast<unsigned char>(letter));
  return mix(h ^ mix(index));
}

void generate(const Form& form, Mode mode, std::uint64_t seed, Case& c) {
  c.clear();
  Builder(form, mode, seed, c).build();
}

void Builder::build() {
  choose_segments();
  choose_flags();
  choose_registers();
  choose_stack();
  if (form_.family == Family::kFloat || form_.family == Family::kSimd) choose_float_state();
  if (!case_.stepped()) emit_before();
  choose_prefixes();
  prepare();
  emit_instruction();
  if (!case_.stepped() && !branches()) emit_after();
  place_code();
  open_values();
}

void Builder::choose_segments() {
  static constexpr std::uint8_t kCode32[] = {1, 1, 4, 5, 7, 13};
  static constexpr std::uint8_t kCode16[] = {2, 2, 3, 6, 8, 12};
  static constexpr std::uint8_t kStacks[] = {16, 18, 36, 36, 37, 37, 38, 39, 40, 41, 42, 45};
  static constexpr std::uint8_t kDatas[] = {16, 16, 17, 17, 18, 18, 19, 20, 21, 22, 23, 24, 26, 27,
                                            28, 29, 30, 31, 32, 36, 37, 43, 1, 2};
  auto& seg = case_.registers.seg;
  seg[kCS] = mode32_ && random_.one_in(2) ? kFlatCode : local(random_.pick(mode32_ ? kCode32 : kCode16));
  if (mode32_ && random_.one_in(40)) seg[kCS] = local(14);
  seg[kSS] = mode32_ && random_.one_in(2) ? kFlatData : local(random_.pick(kStacks));
  for (const unsigned s : {kES, kDS, kFS, kGS}) {
    const std::uint32_t choice = random_.below(100);
    if (choice < (mode32_ ? 50u : 15u)) seg[s] = kFlatData;
    else if (choice < (mode32_ ? 60u : 55u)) seg[s] = local(17 + random_.below(2));
    else if (choice < 96) seg[s] = local(random_.pick(kDatas));
    else seg[s] = 0;
  }
  for (unsigned s = 0; s < 6; ++s) views_[s] = view_of(seg[s]);
}

void Builder::choose_flags() {
  std::uint32_t flags = 2 | kIF | (random_.word() & kArithmetic);
  if (random_.one_in(4)) flags |= kDF;
  if (random_.one_in(4)) flags |= kID;
  if (random_.one_in(24)) flags |= kAC;
  if (random_.one_in(24) && number() != 0xCF) flags |= kNT;
  if (random_.one_in(4)) flags |= kTF;
  case_.registers.eflags = flags;
}

void Builder::choose_registers() {
  for (std::uint32_t& r : case_.registers.gpr) r = static_cast<std::uint32_t>(random_.number(4));
  first_ = case_.registers.gpr;
}

void Builder::choose_stack() {
  const SegmentView& ss = view(kSS);
  std::uint32_t offset;
  if (uses_stack() ? random_.percent(62) : random_.percent(90)) {
    offset = inside_offset(ss, 64, ss.big) + 32;
    if (random_.percent(70)) offset &= ~3u;
  } else {
    offset = pick_offset(ss, 4, ss.big) + (random_.one_in(2) ? 4u : 0u);
  }
  // The oracle can set the upper half of ESP freely only for a 32-bit stack.
  gpr(kESP) = ss.big ? offset : (offset & 0xFFFF) | static_cast<std::uint32_t>(random_.pick(kEspHighs)) << 16;
  if (uses_stack() || !ss.big || random_.percent(80)) pin(kESP);
}

void Builder::choose_prefixes() {
  const bool simd = form_.family == Family::kSimd;
  const bool bit_scan = number() == 0x1BC || number() == 0x1BD;
  operand_prefix_ = (!simd && (!form_.no_repeat || bit_scan)) && random_.percent(30);
  address_prefix_ = random_.percent(25);
  operand32_ = mode32_ != operand_prefix_;
  address32_ = mode32_ != address_prefix_;
  if (random_.percent(25)) override_ = static_cast<int>(random_.below(6));
  lock_ = random_.percent((form_.encoding & kLockable) != 0 ? 12 : 2);
  const bool string = !form_.two_byte && ((form_.opcode >= 0xA4 && form_.opcode <= 0xAF && (form_.opcode & 0xFE) != 0xA8) ||
                                          (form_.opcode >= 0x6C && form_.opcode <= 0x6F));
  if (!form_.no_repeat && !simd && random_.percent(string ? 65 : 4)) repeat_ = random_.one_in(2) ? 0xF2 : 0xF3;
}

void Builder::emit_prefixes() {
  static constexpr std::uint8_t kOverride[6] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
  std::uint8_t list[12];
  unsigned count = 0;
  if (operand_prefix_) list[count++] = 0x66;
  if (address_prefix_) list[count++] = 0x67;
  if (override_ >= 0) list[count++] = kOverride[override_];
  if (lock_) list[count++] = 0xF0;
  if (repeat_ != 0) list[count++] = repeat_;
  if (form_.mandatory != 0) list[count++] = form_.mandatory;
  if (count != 0 && random_.one_in(20)) {
    list[count] = list[random_.below(count)];  // twice the same
    ++count;
  }
  // Of two overrides and of two repeat prefixes the last counts; it is emitted last below.
  if (override_ >= 0 && random_.one_in(30)) list[count++] = random_.pick(kOverride);
  for (unsigned i = count; i > 1; --i) std::swap(list[i - 1], list[random_.below(i)]);
  for (unsigned i = 0; i < count; ++i) byte(list[i]);
  if (override_ >= 0) {
    unsigned last = 0;
    for (unsigned i = 0; i < count; ++i)
      if (std::find(std::begin(kOverride), std::end(kOverride), list[i]) != std::end(kOverride)) last = list[i];
    if (last != kOverride[override_]) byte(kOverride[override_]);
  }
}

// An instruction that leaves nothing but flags, so that the next one meets them as the executors keep them.
void Builder::emit_before() {
  if (!random_.percent(25)) return;
  const unsigned r = 0xC0 | random_.below(64);
  switch (random_.below(8)) {
    case 0: byte(0x39), byte(r); break;
    case 1: byte(0x38), byte(r); break;
    case 2: byte(0x85), byte(r); break;
    case 3: byte(0x83), byte(0xF8 | (r & 7)), byte(random_.byte()); break;
    case 4: byte(0xF5); break;
    case 5: byte(0x9E); break;
    case 6: byte(0x0F), byte(0xA3), byte(r); break;
    default: byte(0xF8 | random_.below(2)); break;
  }
}

void Builder::emit_instruction() {
  start_ = size_;
  emit_prefixes();
  if (form_.two_byte) byte(0x0F);
  byte(form_.opcode);
  if ((form_.encoding & kModRM) != 0 || form_.reg >= 0) emit_modrm();
  emit_immediate();
  if (!random_.one_in(60) || relative_at_ >= 0) return;
  // Padded with a prefix that says nothing new, up to the limit of 15 bytes and beyond.
  const unsigned length = size_ - start_, wanted = 13 + random_.below(5);
  if (length >= wanted || override_ < 0) return;
  static constexpr std::uint8_t kOverride[6] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
  const unsigned pad = wanted - length;
  std::memmove(code_ + start_ + pad, code_ + start_, length);
  std::memset(code_ + start_, kOverride[override_], pad);
  size_ += pad;
}

void Builder::emit_immediate() {
  switch (form_.encoding & kImmMask) {
    case kImmByte: byte(form_.opcode == 0xCD && !form_.two_byte ? random_.below(0x80) : random_.one_in(3) ? random_.below(36)
                        : static_cast<std::uint32_t>(random_.number(1))); break;
    case kImmByteSigned: byte(static_cast<std::uint32_t>(random_.number(1))); break;
    case kImmWord: bytes(random_.one_in(4) ? random_.word() : random_.below(16) * 2, 2); break;
    case kImmFull: bytes(static_cast<std::uint32_t>(random_.number(4)), operand_bytes()); break;
    case kImmWordByte:
      bytes(random_.one_in(4) ? random_.word() : random_.below(64), 2);
      byte(random_.one_in(4) ? random_.byte() : random_.below(5));
      break;
    case kRelByte:
      relative_at_ = static_cast<int>(size_);
      relative_size_ = 1;
      byte(0);
      break;
    case kRelFull:
      relative_at_ = static_cast<int>(size_);
      relative_size_ = operand_bytes();
      bytes(0, relative_size_);
      break;
    case kFarPointer: {
      const std::uint16_t selector = pick_code_selector();
      bytes(pick_target(view_of(selector)), operand_bytes());
      bytes(selector, 2);
      break;
    }
    case kMoffs:
      memory_ = true;
      offset_ = wanted_offset(kDS);
      bytes(offset_, address32_ ? 4 : 2);
      patch_operand();
      break;
    default: break;
  }
}

// An instruction that makes use of what the one under test has left: its flags, or the segment that it loaded.
void Builder::emit_after() {
  const unsigned r = random_.below(8);
  int loaded = -1;
  switch (number()) {
    case 0x8E: loaded = modrm_ >> 3 & 7; break;
    case 0x07: case 0xC4: loaded = kES; break;
    case 0x17: case 0x1B2: loaded = kSS; break;
    case 0x1F: case 0xC5: loaded = kDS; break;
    case 0x1A1: case 0x1B4: loaded = kFS; break;
    case 0x1A9: case 0x1B5: loaded = kGS; break;
    default: break;
  }
  if (loaded >= 0 && loaded < 6 && loaded != kCS && random_.percent(60)) {
    static constexpr std::uint8_t kOverride[6] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
    if (loaded == kSS && random_.one_in(2)) {
      byte(0x50 | r);
      return;
    }
    byte(kOverride[loaded]);
    byte(0xA0 | random_.below(4));
    const std::uint32_t base = random_.one_in(4) ? 0u : random_.one_in(2) ? std::uint32_t{kDataAt} : std::uint32_t{kStackAt};
    SegmentView any;
    any.base = base;
    any.limit = 0xFFFF;
    bytes(pick_offset(any, 4, mode32_), mode32_ ? 4 : 2);
    return;
  }
  if (form_.family == Family::kFloat) {
    if (random_.percent(25)) byte(0x9B);  // reports what is pending
    return;
  }
  if (!random_.percent(30)) return;
  switch (random_.below(10)) {
    case 0: byte(0x9C); break;
    case 1: byte(0x9F); break;
    case 2: byte(0x0F), byte(0x90 | random_.below(16)), byte(0xC0 | r); break;
    case 3: byte(0x11 | random_.below(2) << 3), byte(0xC0 | random_.below(64)); break;
    case 4: byte(0xD1), byte(0xD0 | random_.below(16)); break;
    case 5: byte(0x0F), byte(0x40 | random_.below(16)), byte(0xC0 | random_.below(64)); break;
    case 6: byte(0x70 | random_.below(16)), byte(random_.below(64)); break;
    case 7: byte(0x40 | random_.below(16)); break;
    case 8: byte(0xD6); break;
    default: byte(0x27 | random_.below(4) << 3); break;
  }
}

void Builder::place_code() {
  const SegmentView& cs = view(kCS);
  std::uint32_t eip;
  const std::uint32_t choice = random_.below(100);
  if (choice < 86) eip = kCodeAt + 0x20 + random_.below(0x3B0) - cs.base;
  else if (choice < 90) eip = kCodeAt + 0x1000 - random_.below(size_ + 1) - cs.base;
  else if (choice < 94) eip = kCodeAt + 0x2000 - 1 - random_.below(size_ + 1) - cs.base;
  else if (choice < 97) eip = cs.last() - random_.below(size_ + 1);
  else eip = kCodeAt + 0x10000 - 1 - random_.below(size_ + 1) - cs.base;
  // IRETQ does not enter beyond the limit.
  if (eip > cs.last()) eip = random_.below(cs.last() < 16 ? cs.last() + 1 : 16);
  case_.registers.eip = eip;
  if (relative_at_ >= 0) {
    const std::uint32_t next = eip + static_cast<std::uint32_t>(relative_at_) + relative_size_;
    std::uint32_t relative = pick_target(cs) - next;
    if (relative_size_ == 1) {
      relative = random_.byte();
      // Not back into the instruction itself: it might never end.
      if (relative >= 0x80 && 0x100 - relative <= size_ + 1) relative = 0x80;
    }
    for (unsigned i = 0; i < relative_size_; ++i)
      code_[static_cast<unsigned>(relative_at_) + i] = static_cast<std::uint8_t>(relative >> (8 * i));
  }
  case_.code_at = cs.base + eip;
  case_.code_size = static_cast<std::uint8_t>(size_);
  case_.patches.add(case_.code_at, {code_, size_});
}

}  // namespace ringside::oracle
