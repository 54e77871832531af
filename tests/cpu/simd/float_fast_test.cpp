// Loops of random SSE floating-point instructions on the reference executor, on the fast path's threaded handlers and on
// their copies: the same state at the end. Results that are forwarded from one instruction to the next, and handlers
// that give up in the middle of that, are what this is about.
#include <gtest/gtest.h>

#include <array>

#include "cpu/block_cache.h"
#include "tests/cpu/cpu_fixture.h"
#include "tests/cpu/simd/float_operands.h"

namespace ringside::test {
namespace {

constexpr unsigned kTurns = 24, kSlots = 16;  // enough turns for copies

class Program {
 public:
  explicit Program(simd::FloatOperands& random) : random_(random) {
    const unsigned length = 3 + random_.below(14);
    for (unsigned i = 0; i < length; ++i) instruction();
    instructions_ = length + 2;
    code_.insert(code_.end(), {0x49, 0x0F, 0x85});  // DEC ECX, JNZ to the begin
    const auto back = static_cast<std::uint32_t>(-static_cast<std::int32_t>(code_.size() + 4));
    for (unsigned i = 0; i < 4; ++i) code_.push_back(static_cast<int>(back >> 8 * i & 0xFF));
  }
  const std::vector<int>& code() const { return code_; }
  unsigned steps() const { return instructions_ * kTurns + 1; }

 private:
  void opcode(int prefix, int byte) {
    if (prefix != 0) code_.push_back(prefix);
    code_.push_back(0x0F);
    code_.push_back(byte);
  }
  /// A register, mostly one of few, so that instructions depend on each other.
  int xmm() { return static_cast<int>(random_.one_in(4) ? random_.below(8) : random_.below(3)); }
  void modrm(int reg, int rm_register) {
    const auto slot = static_cast<int>(16 * random_.below(kSlots / 2));
    switch (random_.below(5)) {
      case 0:  // [EBX + disp8], once in a while not aligned
        code_.insert(code_.end(), {0x43 | reg << 3, slot + (random_.one_in(20) ? 8 : 0)});
        break;
      case 1: code_.insert(code_.end(), {0x44 | reg << 3, 0xF3, slot}); break;  // [EBX + ESI * 8 + disp8]
      default: code_.push_back(0xC0 | reg << 3 | rm_register); break;
    }
  }
  void instruction() {
    static constexpr int kPrefixes[] = {0, 0x66, 0xF3, 0xF2};
    static constexpr int kArithmetic[] = {0x51, 0x58, 0x58, 0x59, 0x59, 0x5C, 0x5D, 0x5E, 0x5F};
    static constexpr int kGeneral[] = {0, 2, 5, 7};
    // Scalar doubles mostly, then scalar singles.
    const int prefix = kPrefixes[random_.one_in(2) ? 3 : random_.one_in(2) ? 2 : random_.below(2)];
    const int general = kGeneral[random_.below(4)];
    switch (random_.below(12)) {
      case 0:
        opcode(prefix, 0x10);
        return modrm(xmm(), xmm());
      case 1:
        opcode(random_.one_in(2) ? 0x66 : 0, 0x28);
        return modrm(xmm(), xmm());
      case 2:
        opcode(random_.one_in(2) ? 0x66 : 0, 0x2E + static_cast<int>(random_.below(2)));
        return modrm(xmm(), xmm());
      case 3:
        opcode(random_.one_in(2) ? 0xF3 : 0xF2, 0x2C + static_cast<int>(random_.below(2)));
        return modrm(general, xmm());
      case 4:
        opcode(random_.one_in(2) ? 0xF3 : 0xF2, 0x2A);
        return modrm(xmm(), general);
      case 5: {
        static constexpr int kOthers[] = {0x5A, 0x5B, 0x54, 0x57, 0x14, 0xC6, 0xC2};
        const int byte = kOthers[random_.below(7)];
        const bool packed_only = byte != 0x5A && byte != 0x5B && byte != 0xC2;
        opcode(packed_only ? prefix & 0x66 : byte == 0x5B && prefix == 0xF2 ? 0 : prefix, byte);
        modrm(xmm(), xmm());
        if (byte == 0xC6 || byte == 0xC2) code_.push_back(static_cast<int>(byte == 0xC2 ? random_.below(8) : random_.below(256)));
        return;
      }
      case 6:  // a store beside the operands
        opcode(prefix, 0x11);
        code_.insert(code_.end(), {0x43 | xmm() << 3, static_cast<int>(128 + 16 * random_.below(8)) - 256});
        return;
      default:
        opcode(prefix, kArithmetic[random_.below(std::size(kArithmetic))]);
        return modrm(xmm(), xmm());
    }
  }

  simd::FloatOperands& random_;
  std::vector<int> code_;
  unsigned instructions_ = 0;
};

struct Start {
  std::array<std::uint64_t, 2 * kSlots> slots;
  std::uint64_t xmm[8][2];
  std::uint32_t mxcsr;
};

/// Operands of one format for nearly all, so that something sensible is calculated.
Start start(simd::FloatOperands& random) {
  Start s;
  const unsigned plain = random.one_in(3) ? 6 : 8;
  const bool singles = random.one_in(3);
  const auto two = [&] {
    if (!singles) return random.value<std::uint64_t>(plain);
    return std::uint64_t{random.value<std::uint32_t>(plain)} << 32 | random.value<std::uint32_t>(plain);
  };
  for (auto& slot : s.slots) slot = two();
  for (auto& reg : s.xmm) reg[0] = two(), reg[1] = two();
  static constexpr std::uint32_t kOthers[] = {0x1F80, 0x3FA0, 0x5F80, 0x7FA0, 0x9FE0, 0x1FC0};
  s.mxcsr = random.one_in(3) ? kOthers[random.below(6)] : 0x1FA0;
  return s;
}

void prepare(Guest& g, const Program& program, const Start& s) {
  g.cpu.x87 = X87State{};
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned half = 0; half < 2; ++half) g.cpu.x87.xmm[i][half] = s.xmm[i][half];
  g.cpu.x87.mxcsr = s.mxcsr;
  for (auto& r : g.cpu.gpr) r = 1000;
  g.cpu.gpr[kEBX] = kDataAt;
  g.cpu.gpr[kESI] = 4;
  g.cpu.gpr[kECX] = kTurns;
  g.cpu.gpr[kESP] = kStack0At;
  g.cpu.flags.set_word(0);
  for (unsigned i = 0; i < s.slots.size(); ++i) g.memory.write64(kDataAt + 8 * i, s.slots[i]);
  for (unsigned i = 0; i < 32; ++i) g.memory.write64(kDataAt - 256 + 8 * i, 0);
  g.cpu.eip = kCodeAt;
  g.cpu.halted = false;
  g.observer.seen.clear();
  g.cpu.drop_fast_tlb();  // so that handlers give up at the first access
  g.code(program.code());
}

void expect_same(Guest& a, Guest& b) {
  for (unsigned i = 0; i < 8; ++i) {
    EXPECT_EQ(a.cpu.x87.xmm[i][0], b.cpu.x87.xmm[i][0]) << i;
    EXPECT_EQ(a.cpu.x87.xmm[i][1], b.cpu.x87.xmm[i][1]) << i;
    EXPECT_EQ(a.cpu.gpr[i], b.cpu.gpr[i]) << i;
  }
  EXPECT_EQ(a.cpu.x87.mxcsr, b.cpu.x87.mxcsr);
  EXPECT_EQ(a.cpu.eflags(), b.cpu.eflags());
  EXPECT_EQ(a.cpu.eip, b.cpu.eip);
  for (std::uint32_t at = kDataAt - 256; at < kDataAt + 256; at += 4) EXPECT_EQ(a.read32(at), b.read32(at)) << at;
  EXPECT_EQ(a.observer.seen.size(), b.observer.seen.size());
}

TEST(FloatFast, LoopsAgreeWithTheReferenceExecutor) {
  simd::FloatOperands random(20);
  Guest exact(default_cpu_model(), How::kStep), threaded(default_cpu_model(), How::kRun), copied(default_cpu_model(), How::kRun);
  threaded.cpu.blocks->set_copying(false);
  for (Guest* g : {&exact, &threaded, &copied}) {
    g->enter_protected32();
    g->cpu.cr4 |= kCr4OSFXSR | kCr4OSXMMEXCPT;
    g->cpu.update_mode();
  }
  for (unsigned round = 0; round < 6000; ++round) {
    const Program program(random);
    const Start s = start(random);
    for (Guest* g : {&exact, &threaded, &copied}) {
      prepare(*g, program, s);
      g->run(program.steps());
    }
    testing::Message what;
    for (const int byte : program.code()) what << std::hex << (byte & 0xFF) << ' ';
    SCOPED_TRACE(what << "round " << std::dec << round << " mxcsr " << std::hex << s.mxcsr);
    expect_same(exact, threaded);
    expect_same(exact, copied);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace ringside::test
