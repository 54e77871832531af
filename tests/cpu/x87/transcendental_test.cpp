// The transcendental instructions beside the host's: results within one unit in the last place, the same
// exceptions and condition codes (C1 apart, which tells how a result was rounded).
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/cpu/x87/operands.h"
#include "tests/cpu/x87/silicon.h"

#if defined(RINGSIDE_HAVE_SILICON)
namespace ringside::x87 {
namespace {

constexpr int kRounds = 20000;

Float80 register_of(const SavedState& s, unsigned i) {
  Float80 r;
  std::memcpy(&r.significand, s.registers + 10 * i, 8);
  std::memcpy(&r.sign_exp, s.registers + 10 * i + 8, 2);
  return r;
}

/// Distance in units of the last place, saturated.
std::uint64_t distance(Float80 a, Float80 b) {
  if (a.sign_exp == b.sign_exp) {
    return a.significand > b.significand ? a.significand - b.significand : b.significand - a.significand;
  }
  const auto order = [](Float80 x) { return (Wide{exponent_of(x)} << 63) + (x.significand & ~kIntegerBit); };
  if (sign_of(a) != sign_of(b)) return ~std::uint64_t{0};
  const Wide d = order(a) > order(b) ? order(a) - order(b) : order(b) - order(a);
  return d > 1000 ? 1000 : static_cast<std::uint64_t>(d);
}

struct Instruction {
  const char* name;
  std::uint8_t modrm;
  unsigned arguments;
};

class Transcendental : public testing::TestWithParam<Instruction> {};

/// An operand from where the instruction is defined; now and then anything.
Float80 argument(Operands& random, std::uint8_t modrm, bool first) {
  if (random.one_in(8)) return random.value();
  const bool sign = random.one_in(2);
  const auto near_one = [&](unsigned below, unsigned above) {
    return pack(sign, static_cast<unsigned>(kBias) - below + random.below(below + above), random.significand());
  };
  switch (modrm) {
    case 0xF0: return near_one(66, 0);
    case 0xF1: {
      Float80 x = first ? near_one(20, 20) : near_one(60, 60);
      if (first) {
        x.sign_exp &= 0x7FFF;
        if (random.one_in(3)) x = {kIntegerBit | random.bits() >> 1 >> random.below(62), kBias};
        if (random.one_in(3)) x = {~(random.bits() >> 1 >> random.below(62)), kBias - 1};
      }
      return x;
    }
    case 0xF9: return first ? near_one(66, random.one_in(2) ? 0 : 0) : near_one(60, 60);
    case 0xF3: return near_one(40, 40);
    default: return near_one(66, 63);
  }
}

TEST_P(Transcendental, IsWithinOneUnitOfSilicon) {
  const Instruction instruction = GetParam();
  const Silicon silicon({0xD9, instruction.modrm});
  Operands random(instruction.modrm);
  int unequal = 0, wrong = 0;
  for (int round = 0; round < kRounds; ++round) {
    X87State s = random.state();
    s.control |= 0x3F;
    const bool nearest = !random.one_in(4);
    if (nearest) s.control &= 0xF3FF;
    const unsigned top = s.status >> 11 & 7u;
    s.reg[top] = argument(random, instruction.modrm, true);
    s.reg[(top + 1) & 7] = argument(random, instruction.modrm, false);
    // The ranges beyond which the results are undefined.
    const Float80 x = s.reg[top];
    if (instruction.modrm == 0xF0 && exponent_of(x) >= kBias && classify(x) == Kind::kNormal) continue;
    if (instruction.modrm == 0xF9 && exponent_of(x) >= kBias - 2 && (classify(x) == Kind::kNormal || classify(x) == Kind::kInfinity)) continue;
    s.tags = 0;
    for (unsigned n = 0; n < 8; ++n)
      s.tags = static_cast<std::uint16_t>(s.tags | (n == ((top + 7) & 7) ? kTagEmpty : tag_of(s.reg[n])) << (2 * n));
    const SavedState in = to_saved(s);
    SavedState theirs{};
    std::uint64_t flags = 0x202;
    Image unused;
    silicon.run(in, theirs, &unused, flags);
    LazyFlags lazy;
    ASSERT_TRUE(Unit(s).execute(1, instruction.modrm, lazy, true));
    const SavedState ours = to_saved(s);
    // Where the sine of a pseudo-denormal is rounded down, it is tiny or not by less than a unit.
    const unsigned underflow = classify(x) == Kind::kDenormal ? unsigned{kUnderflow} : 0u;
    const bool codes = ((ours.status ^ theirs.status) & (0xFFFFu - kC1 - underflow)) == 0 &&
                       (underflow != 0 || ours.tags == (theirs.tags & 0xFFFF));
    std::uint64_t worst = 0;
    for (unsigned i = 0; i < 8; ++i) worst = std::max(worst, distance(register_of(ours, i), register_of(theirs, i)));
    if (worst != 0) ++unequal;
    if (codes && worst <= 1) continue;
    if (++wrong > 4) continue;
    const Float80 a = register_of(in, 0), b = register_of(in, 1);
    std::string line;
    char text[200];
    for (const SavedState* state : {&ours, const_cast<const SavedState*>(&theirs)}) {
      const Float80 r = register_of(*state, 0), q = register_of(*state, 1);
      std::snprintf(text, sizeof text, "\n   sw %04X tw %04X %04X:%016llX %04X:%016llX", state->status & 0xFFFF, state->tags & 0xFFFF, r.sign_exp,
                    static_cast<unsigned long long>(r.significand), q.sign_exp, static_cast<unsigned long long>(q.significand));
      line += text;
    }
    std::snprintf(text, sizeof text, "%s cw %04X sw %04X (%04X:%016llX, %04X:%016llX)", instruction.name, in.control, in.status & 0xFFFF, a.sign_exp,
                  static_cast<unsigned long long>(a.significand), b.sign_exp, static_cast<unsigned long long>(b.significand));
    ADD_FAILURE() << text << line;
  }
  EXPECT_EQ(wrong, 0);
  RecordProperty("unequal", unequal);
  std::printf("%s: %d of %d not bit for bit the same\n", instruction.name, unequal, kRounds);
}

INSTANTIATE_TEST_SUITE_P(X87, Transcendental,
                         testing::Values(Instruction{"F2XM1", 0xF0, 1}, Instruction{"FYL2X", 0xF1, 2},
                                         Instruction{"FPTAN", 0xF2, 1}, Instruction{"FPATAN", 0xF3, 2},
                                         Instruction{"FYL2XP1", 0xF9, 2}, Instruction{"FSINCOS", 0xFB, 1},
                                         Instruction{"FSIN", 0xFE, 1}, Instruction{"FCOS", 0xFF, 1}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ringside::x87
#endif
