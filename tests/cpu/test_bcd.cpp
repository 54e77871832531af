// Decimal adjustments against what an Intel Core did with every AX, CF and AF in 32-bit mode.
#include "cpu/exact_integer.h"
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

/// FNV-1a over AX and the six flags after the instruction, for AX = 0..FFFFh, CF and AF in all states (SF,
/// ZF, PF and OF set before it where both are).
std::uint64_t results(ExactFn instruction, std::uint32_t immediate) {
  Guest g;
  Op op{};
  op.imm = immediate;
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (std::uint32_t ax = 0; ax < 0x10000; ++ax) {
    for (std::uint32_t state = 0; state < 4; ++state) {
      g.cpu.gpr[kEAX] = ax;
      g.cpu.flags.set_word(((state & 1) != 0 ? kCF : 0) | ((state & 2) != 0 ? kAF : 0) |
                           (state == 3 ? kSF | kZF | kPF | kOF : 0));
      instruction(g.cpu, op);
      const std::uint32_t seen = (g.cpu.gpr[kEAX] & 0xFFFF) | g.cpu.flags.word() << 16;
      for (unsigned i = 0; i < 4; ++i) hash = (hash ^ (seen >> (8 * i) & 0xFF)) * 0x100000001B3u;
    }
  }
  return hash;
}

TEST(Bcd, EveryResultIsTheProcessors) {
  EXPECT_EQ(results(exact::daa, 0), 0xF8A454B9364D6125u);
  EXPECT_EQ(results(exact::das, 0), 0x8A657678E1E2FD25u);
  EXPECT_EQ(results(exact::aaa, 0), 0xFF871FF615639925u);
  EXPECT_EQ(results(exact::aas, 0), 0x872A69964A69FF25u);
  EXPECT_EQ(results(exact::aam, 10), 0xCA9C0CE76F253B25u);
  EXPECT_EQ(results(exact::aad, 10), 0x4DAB17B7E9B2C325u);
  EXPECT_EQ(results(exact::aam, 7), 0x47B40FCCE80B4325u);
  EXPECT_EQ(results(exact::aad, 200), 0x9214349C81C6FF25u);
}

TEST(Bcd, Opcodes) {
  each_mode([](IntegerMachine& m) {
    const struct {
      Bytes code;
      std::uint32_t before, flags_before, after;
    } cases[] = {
        {{0x27}, 0x9A, 0, 0x00},
        {{0x27}, 0x0F, 0, 0x15},
        {{0x27}, 0xFFFF0A00, kCF, 0xFFFF0A60},
        {{0x2F}, 0x00, kAF, 0xFA},
        {{0x2F}, 0xEE, kCF | kAF, 0x88},
        {{0x37}, 0x00FA, 0, 0x0200},
        {{0x37}, 0x0205, 0, 0x0205},
        {{0x3F}, 0x0200, kAF, 0x000A},
        {{0xD4, 0x0A}, 0xFF, 0, 0x1905},
        {{0xD4, 0x10}, 0xA7, 0, 0x0A07},
        {{0xD5, 0x0A}, 0x0905, 0, 0x5F},
        {{0xD5, 0x10}, 0x0A07, 0, 0xA7},
    };
    for (const auto& c : cases) {
      m.cpu().gpr[kEAX] = c.before;
      m.set_flags(c.flags_before);
      m.run(c.code);
      EXPECT_EQ(m.cpu().gpr[kEAX], c.after) << std::hex << int{c.code[0]} << " " << c.before;
    }
    m.cpu().gpr[kEAX] = 0x1234;
    m.run({0xD4, 0x00});
    EXPECT_FAULT(m.g, kDeAamZero, 0);
    EXPECT_EQ(m.cpu().gpr[kEAX], 0x1234u);
  });
}

}  // namespace
}  // namespace ringside::test
