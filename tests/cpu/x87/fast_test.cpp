// The fast path's x87 handlers against the reference executor: random instructions on random states, the whole
// state afterwards the same, memory and pointers included.
#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "cpu/x87/unit.h"
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

using Random = std::mt19937_64;

Float80 number(Random& random) {
  const std::uint64_t kind = random() % 16;
  const auto sign = static_cast<std::uint16_t>((random() & 1) << 15);
  if (kind == 0) return {0, sign};
  if (kind == 1) return {std::uint64_t{1} << 63, static_cast<std::uint16_t>(sign | 0x7FFF)};
  if (kind == 2) return {random(), static_cast<std::uint16_t>(random())};
  // Near 1, often with few significant bits, so that results are exact, tie, cancel, or fit an integer.
  const unsigned bits = static_cast<unsigned>(random() % 64);
  return {(random() | std::uint64_t{1} << 63) >> bits << bits, static_cast<std::uint16_t>(sign | (0x3FFF - 20 + random() % 60))};
}

std::uint64_t memory_operand(Random& random) {
  switch (random() % 5) {
    case 0: return random() % 1000 - 500;
    case 1: return (random() & 0x800FFFFFFFFFFFFF) | (0x3F0 + random() % 32) << 52;
    case 2: return (random() & 0x807FFFFF807FFFFF) | (0x78 + random() % 16) << 23;
    case 3: return 0;
    default: return random();
  }
}

void randomise(X87State& s, Random& random) {
  static constexpr std::uint16_t kControls[] = {0x037F, 0x027F, 0x007F, 0x0F7F, 0x077F, 0x033F, 0x0B7F, 0x035F};
  s = X87State{};
  s.control = random() % 2 == 0 ? 0x037F : kControls[random() % std::size(kControls)];
  s.status = static_cast<std::uint16_t>((random() & 0x7FFF & ~0x803Fu) | (random() % 4 == 0 ? random() & 0x3F : 0));
  for (Float80& r : s.reg) r = number(random);
  x87::Unit unit(s);
  unit.set_control(s.control);
  std::uint16_t tags = 0;
  for (unsigned n = 0; n < 8; ++n) tags = static_cast<std::uint16_t>(tags | (random() % 3 == 0 ? 3u : 0u) << 2 * n);
  unit.set_tags(tags);
}

void expect_same(Guest& a, Guest& b) {
  const X87State &s = a.cpu.x87, &t = b.cpu.x87;
  EXPECT_EQ(s.status, t.status);
  EXPECT_EQ(s.control, t.control);
  EXPECT_EQ(s.tags, t.tags);
  EXPECT_EQ(s.opcode, t.opcode);
  EXPECT_EQ(s.ip_offset, t.ip_offset);
  EXPECT_EQ(s.ip_selector, t.ip_selector);
  EXPECT_EQ(s.data_offset, t.data_offset);
  EXPECT_EQ(s.data_selector, t.data_selector);
  for (unsigned i = 0; i < 8; ++i) {
    EXPECT_EQ(s.reg[i].significand, t.reg[i].significand) << i;
    EXPECT_EQ(s.reg[i].sign_exp, t.reg[i].sign_exp) << i;
  }
  EXPECT_EQ(a.reg(kEAX), b.reg(kEAX));
  EXPECT_EQ(a.cpu.eflags(), b.cpu.eflags());
  for (std::uint32_t at = kDataAt; at < kDataAt + 32; at += 4) EXPECT_EQ(a.read32(at), b.read32(at)) << at;
  EXPECT_EQ(a.observer.seen.size(), b.observer.seen.size());
}

TEST(X87Fast, AgreesWithTheReferenceExecutor) {
  Random random(87);
  Guest exact(default_cpu_model(), How::kStep), fast(default_cpu_model(), How::kRun);
  for (Guest* g : {&exact, &fast}) {
    g->enter_protected32();
    g->cpu.cr0 |= kCr0NE;
    g->cpu.update_mode();
  }
  for (unsigned round = 0; round < 60000; ++round) {
    const auto opcode = static_cast<int>(0xD8 + random() % 8);
    const bool memory = random() % 2 == 0;
    int modrm = static_cast<int>(memory ? (random() & 7) << 3 | 3 : 0xC0 | (random() & 63));
    // Environments and whole states are not the fast path's.
    if (memory && (opcode == 0xD9 || opcode == 0xDD) && (modrm >> 3 == 4 || modrm >> 3 == 6)) modrm = 3;
    X87State state;
    randomise(state, random);
    const std::uint64_t operands[2] = {memory_operand(random), memory_operand(random) & 0xFFFF};
    for (Guest* g : {&exact, &fast}) {
      g->cpu.x87 = state;
      g->cpu.gpr[kEAX] = 0;
      g->cpu.gpr[kEBX] = kDataAt;
      g->cpu.gpr[kESP] = kStack0At;
      g->cpu.flags.set_word(0);
      for (unsigned i = 0; i < 2; ++i) g->memory.write64(kDataAt + 8 * i, operands[i]);
      g->memory.write64(kDataAt + 16, 0);
      g->cpu.eip = kCodeAt;
      g->cpu.halted = false;
      g->observer.seen.clear();
      g->code({opcode, modrm});
      g->run(3);
    }
    SCOPED_TRACE(testing::Message() << std::hex << opcode << ' ' << modrm << " control " << state.control << " round "
                                    << std::dec << round);
    expect_same(exact, fast);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace ringside::test
