// Silicon judges: every x87 opcode on random states, on the host's x87 and on ours, compared bit for bit.
#include "tests/cpu/x87/silicon.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/cpu/x87/operands.h"

#if defined(RINGSIDE_HAVE_SILICON)
namespace ringside::x87 {
namespace {

constexpr int kRounds = 4000;  // states per opcode

std::string text(const SavedState& s) {
  char line[512];
  std::string out;
  std::snprintf(line, sizeof line, "cw %04X sw %04X tw %04X", s.control & 0xFFFF, s.status & 0xFFFF, s.tags & 0xFFFF);
  out = line;
  for (unsigned i = 0; i < 8; ++i) {
    Float80 r;
    std::memcpy(&r.significand, s.registers + 10 * i, 8);
    std::memcpy(&r.sign_exp, s.registers + 10 * i + 8, 2);
    std::snprintf(line, sizeof line, "%s%04X:%016llX", i == 4 ? "\n      " : " ", r.sign_exp,
                  static_cast<unsigned long long>(r.significand));
    out += line;
  }
  return out;
}

struct Case {
  X87State state;
  LazyFlags flags;
  Image memory;
};

/// Runs ours on `c`; false where the opcode is not defined.
bool run_ours(unsigned opcode, std::uint8_t modrm, Case& c) {
  Unit unit(c.state);
  if (modrm >= 0xC0) return unit.execute(opcode, modrm, c.flags, true);
  const MemoryForm form = memory_form(opcode, modrm >> 3 & 7u);
  switch (form.action) {
    case MemoryAction::kArithmetic: unit.arithmetic(modrm >> 3 & 7u, form.format, c.memory); return true;
    case MemoryAction::kLoad: unit.load(form.format, c.memory); return true;
    case MemoryAction::kStore:
    case MemoryAction::kStorePop: {
      Image image;
      if (unit.store(form.format, form.action == MemoryAction::kStorePop, image))
        std::memcpy(&c.memory, &image, size_of(form.format));
      return true;
    }
    case MemoryAction::kLoadControl: unit.set_control(static_cast<std::uint16_t>(c.memory.low)); return true;
    case MemoryAction::kStoreStatus: std::memcpy(&c.memory.low, &c.state.status, 2); return true;
    case MemoryAction::kStoreControl: std::memcpy(&c.memory.low, &c.state.control, 2); return true;
    default: return false;
  }
}

/// A memory operand worth converting.
Image operand(Operands& random, MemoryFormat format, Float80 near) {
  Image image{random.bits(), static_cast<std::uint16_t>(random.bits())};
  Arithmetic env(0x37F);
  const Float80 value = random.partner(near);
  switch (format) {
    case MemoryFormat::kFloat32:
      if (!random.one_in(4)) image.low = to_float32(env, value);
      if (random.one_in(8)) image.low &= 0x807FFFFF;
      if (random.one_in(8)) image.low = 0x7F800000 | (random.bits() & 0x803FFFFF);
      break;
    case MemoryFormat::kFloat64:
      if (!random.one_in(4)) image.low = to_float64(env, value);
      if (random.one_in(8)) image.low &= 0x800FFFFFFFFFFFFF;
      if (random.one_in(8)) image.low = 0x7FF0000000000000 | (random.bits() & 0x8007FFFFFFFFFFFF);
      break;
    case MemoryFormat::kFloat80: image = {value.significand, value.sign_exp}; break;
    case MemoryFormat::kBcd: {
      image.low = 0;
      for (unsigned i = 0; i < 16; ++i) image.low |= std::uint64_t{random.below(10)} << (4 * i);
      image.high = static_cast<std::uint16_t>((random.bits() & 0x8000) | random.below(10) << 4 | random.below(10));
      if (random.one_in(8)) image.low = 0;
      break;
    }
    default:
      if (random.one_in(2)) image.low = static_cast<std::uint64_t>(to_integer(env, value, 64)) >> random.below(64);
      break;
  }
  return image;
}

/// The six arithmetic flags of a RFLAGS value.
constexpr std::uint64_t kFlagMask = kArithmeticFlags;

std::string differences(unsigned opcode, std::uint8_t modrm, int rounds) {
  std::vector<std::uint8_t> code = {static_cast<std::uint8_t>(0xD8 + opcode), modrm};
  const Silicon silicon(code);
  Operands random(opcode * 256u + modrm + 1);
  std::string report;
  int wrong = 0;
  for (int round = 0; round < rounds; ++round) {
    Case c;
    c.state = random.state();
    c.flags.set_word(static_cast<std::uint32_t>(random.bits() & kArithmeticFlags));
    c.memory = operand(random, memory_form(opcode, modrm >> 3 & 7u).format, c.state.reg[c.state.status >> 11 & 7]);
    const Case before = c;
    Image memory = c.memory;
    std::uint64_t flags = 0x202 | c.flags.word();
    SavedState theirs{};
    const SavedState in = to_saved(c.state);
    silicon.run(in, theirs, &memory, flags);
    if (!run_ours(opcode, modrm, c)) return "not defined here";
    const SavedState ours = to_saved(c.state);
    const bool same = ours.control == (theirs.control & 0xFFFF) && ours.status == (theirs.status & 0xFFFF) &&
                      ours.tags == (theirs.tags & 0xFFFF) &&
                      std::memcmp(ours.registers, theirs.registers, 80) == 0 &&
                      c.flags.word() == (flags & kFlagMask) && std::memcmp(&c.memory, &memory, 10) == 0;
    if (same) continue;
    if (++wrong > 3) continue;
    char line[300];
    std::snprintf(line, sizeof line, "\n  memory %04X:%016llX flags %03X; ours %04X:%016llX %03X, silicon %04X:%016llX %03X",
                  before.memory.high, static_cast<unsigned long long>(before.memory.low), before.flags.word(),
                  c.memory.high, static_cast<unsigned long long>(c.memory.low), c.flags.word(), memory.high,
                  static_cast<unsigned long long>(memory.low), static_cast<unsigned>(flags & kFlagMask));
    report += "\n  before  " + text(in) + "\n  ours    " + text(ours) + "\n  silicon " + text(theirs) + line;
  }
  if (wrong != 0) report = std::to_string(wrong) + " of " + std::to_string(rounds) + " differ" + report;
  return report;
}

bool transcendental(unsigned opcode, unsigned modrm) {
  if (opcode != 1) return false;
  for (const unsigned m : {0xF0u, 0xF1u, 0xF2u, 0xF3u, 0xF9u, 0xFBu, 0xFEu, 0xFFu})
    if (m == modrm) return true;
  return false;
}

class EveryOpcode : public testing::TestWithParam<unsigned> {};

TEST_P(EveryOpcode, RegisterForms) {
  const unsigned opcode = GetParam();
  for (unsigned modrm = 0xC0; modrm < 0x100; ++modrm) {
    if (transcendental(opcode, modrm) || (opcode == 7 && modrm == 0xE0)) continue;
    X87State probe;
    LazyFlags flags;
    if (!Unit(probe).execute(opcode, static_cast<std::uint8_t>(modrm), flags, true)) continue;
    const std::string report = differences(opcode, static_cast<std::uint8_t>(modrm), kRounds);
    if (!report.empty()) ADD_FAILURE() << std::hex << 0xD8 + opcode << " " << modrm << ": " << report;
  }
}

TEST_P(EveryOpcode, MemoryForms) {
  const unsigned opcode = GetParam();
  for (unsigned reg = 0; reg < 8; ++reg) {
    const MemoryForm form = memory_form(opcode, reg);
    if (form.action == MemoryAction::kUndefined || form.action == MemoryAction::kLoadEnvironment ||
        form.action == MemoryAction::kStoreEnvironment || form.action == MemoryAction::kRestore ||
        form.action == MemoryAction::kSave)
      continue;
    const auto modrm = static_cast<std::uint8_t>(reg << 3 | 2);  // [rdx]
    const std::string report = differences(opcode, modrm, 8 * kRounds);
    if (!report.empty()) ADD_FAILURE() << std::hex << 0xD8 + opcode << " /" << reg << ": " << report;
  }
}

INSTANTIATE_TEST_SUITE_P(Escape, EveryOpcode, testing::Range(0u, 8u));

}  // namespace
}  // namespace ringside::x87
#endif
