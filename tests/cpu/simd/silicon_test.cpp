// Every MMX and SSE row on random operands, bit for bit as the host's processor has it, with the reference executor
// and with the fast path. Exceptions are masked; faults are the oracle's affair.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "cpu/decode.h"
#include "cpu/simd/rows.h"
#include "cpu/x87/unit.h"
#include "tests/cpu/cpu_fixture.h"
#include "tests/cpu/simd/silicon.h"

#ifdef RINGSIDE_HAVE_SILICON
namespace ringside::simd::test {
namespace {

using ringside::test::Guest;
using ringside::test::How;

std::uint64_t rounds() {
  const char* text = std::getenv("RINGSIDE_SIMD_ROUNDS");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 200;
}

/// Operands that mean something to all element types: saturation limits, equal elements, special floats.
class Operands {
 public:
  explicit Operands(std::uint64_t seed) : random_(seed) {}
  std::uint64_t number(std::uint64_t below) { return random_() % below; }
  std::uint64_t any() { return random_(); }
  std::uint64_t quad() {
    switch (number(6)) {
      case 0: return random_();
      case 1: return from(kBytes, 1);
      case 2: return from(kWords, 2);
      case 3: return from(kSingles, 4);
      case 4: return kDoubles[number(std::size(kDoubles))];
      default: return number(80);  // a shift count
    }
  }

 private:
  template <typename T, std::size_t n>
  std::uint64_t from(const T (&table)[n], unsigned size) {
    std::uint64_t value = 0;
    for (unsigned at = 0; at < 8; at += size)
      value |= static_cast<std::uint64_t>(number(4) == 0 ? static_cast<T>(random_()) : table[number(n)]) << 8 * at;
    return value;
  }
  static constexpr std::uint8_t kBytes[] = {0, 1, 2, 0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x55};
  static constexpr std::uint16_t kWords[] = {0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0x8001, 0xFF80, 0xFFFF};
  static constexpr std::uint32_t kSingles[] = {
      0, 0x80000000, 1, 0x807FFFFF, 0x00800000, 0x3F800000, 0xBF800000, 0x3F800001, 0x40490FDB, 0x7F7FFFFF, 0xFF7FFFFF,
      0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC12345, 0x7F812345, 0x4EFFFFFF, 0x4F000000, 0xCF000000, 0x3F000000};
  static constexpr std::uint64_t kDoubles[] = {
      0, 0x8000000000000000, 1, 0x800FFFFFFFFFFFFF, 0x0010000000000000, 0x3FF0000000000000, 0xBFF0000000000001,
      0x400921FB54442D18, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000,
      0x7FF0000012345678, 0x41DFFFFFFFC00000, 0x41E0000000000000, 0xC1E0000000100000, 0x36A0000000000000,
      0x380FFFFFF0000000, 0x47EFFFFFEFFFFFFF, 0x47EFFFFFF0000000, 0x3FE0000000000000};
  std::mt19937_64 random_;
};

struct Case {
  std::vector<std::uint8_t> code;
  State state{};
  unsigned offset = 0;  ///< of the operand in memory
};

std::vector<std::uint8_t> encode(const Row& row, Operands& random, bool memory) {
  static constexpr std::uint8_t kPrefixes[] = {0, 0x66, 0xF3, 0xF2};
  std::vector<std::uint8_t> code;
  if (row.prefix != Prefix::kNone) code.push_back(kPrefixes[static_cast<unsigned>(row.prefix)]);
  code.push_back(0x0F);
  code.push_back(row.opcode);
  if ((row.encoding & kModRM) == 0) return code;
  // A general register may be neither EBX, the operand's address, nor ESP.
  const auto pick = [&](bool vector) {
    static constexpr std::uint8_t kGeneral[] = {0, 1, 2, 5, 6, 7};
    return static_cast<unsigned>(vector ? random.number(8) : kGeneral[random.number(6)]);
  };
  const bool rm_source = (row.encoding & kRmSource) != 0;
  const bool dst_vector = (row.encoding & kDstVector) != 0, src_vector = (row.encoding & kSrcVector) != 0;
  const unsigned reg = row.reg >= 0 ? static_cast<unsigned>(row.reg) : pick(rm_source ? dst_vector : src_vector);
  const unsigned rm = memory ? 3 : pick(rm_source ? src_vector : dst_vector);
  code.push_back(static_cast<std::uint8_t>((memory ? 0x00 : 0xC0) | reg << 3 | rm));
  if ((row.encoding & kImmMask) == kImmByte) code.push_back(static_cast<std::uint8_t>(random.any() >> (random.number(2) * 5)));
  return code;
}

void fill(Case& c, Operands& random, bool aligned) {
  FxImage& fx = c.state.fx;
  fx.control = 0x037F;
  fx.status = static_cast<std::uint16_t>(random.number(8) << 11);
  fx.tags = static_cast<std::uint8_t>(random.number(3) == 0 ? random.any() : 0xFF);
  fx.mxcsr = 0x1F80 | static_cast<std::uint32_t>(random.number(4) << 13 | random.number(64));
  if (random.number(4) == 0) fx.mxcsr |= static_cast<std::uint32_t>(random.any() & 0x8040);
  for (auto& st : fx.st) st[0] = random.quad(), st[1] = static_cast<std::uint16_t>(random.any());
  for (auto& x : fx.xmm) x[0] = random.quad(), x[1] = random.quad();
  for (std::uint64_t& r : c.state.gpr) r = static_cast<std::uint32_t>(random.quad());
  c.state.flags = 0x202 | (random.any() & 0x8D5);
  for (unsigned i = 0; i < 64; i += 8) {
    const std::uint64_t value = random.quad();
    std::memcpy(c.state.memory + i, &value, 8);
  }
  c.offset = aligned ? 16 : static_cast<unsigned>(random.number(32));
}

// ----- Our side -------------------------------------------------------------------------------------------

constexpr std::uint32_t kMemoryAt = ringside::test::kDataAt + 0x100;

void enter(Guest& g, const Case& c) {
  Cpu& cpu = g.cpu;
  const FxImage& fx = c.state.fx;
  X87State& s = cpu.x87;
  s = X87State{};
  s.control = fx.control;
  s.status = fx.status;
  x87::Unit unit(s);
  for (unsigned i = 0; i < 8; ++i)
    unit.set_physical(unit.top() + i, {fx.st[i][0], static_cast<std::uint16_t>(fx.st[i][1])});
  unsigned tags = 0;
  for (unsigned n = 0; n < 8; ++n) tags |= ((fx.tags >> n & 1) != 0 ? 0u : x87::kTagEmpty) << (2 * n);
  unit.set_tags(static_cast<std::uint16_t>(tags));
  std::memcpy(s.xmm, fx.xmm, sizeof s.xmm);
  s.mxcsr = fx.mxcsr;
  for (unsigned r = 0; r < 8; ++r)
    if (r != kESP) cpu.gpr[r] = static_cast<std::uint32_t>(c.state.gpr[r]);
  cpu.gpr[kEBX] = kMemoryAt + c.offset;
  cpu.flags.set_word(static_cast<std::uint32_t>(c.state.flags) & kArithmeticFlags);
  for (unsigned i = 0; i < 64; ++i) g.memory.write8(kMemoryAt + i, c.state.memory[i]);
  for (std::size_t i = 0; i < c.code.size(); ++i)
    g.memory.write8(ringside::test::kCodeAt + static_cast<std::uint32_t>(i), c.code[i]);
  g.memory.write8(ringside::test::kCodeAt + static_cast<std::uint32_t>(c.code.size()), 0xF4);
  cpu.eip = ringside::test::kCodeAt;
  cpu.halted = false;
  cpu.update_mode();
}

void leave(Guest& g, State& out) {
  const X87State& s = g.cpu.x87;
  x87::Unit unit(g.cpu.x87);
  out.fx.control = s.control;
  out.fx.status = s.status;
  out.fx.tags = unit.abridged_tags();
  out.fx.mxcsr = s.mxcsr;
  for (unsigned i = 0; i < 8; ++i) out.fx.st[i][0] = unit.st(i).significand, out.fx.st[i][1] = unit.st(i).sign_exp;
  std::memcpy(out.fx.xmm, s.xmm, sizeof s.xmm);
  for (unsigned r = 0; r < 8; ++r) out.gpr[r] = g.cpu.gpr[r];
  out.flags = g.cpu.eflags();
  for (unsigned i = 0; i < 64; ++i) out.memory[i] = g.memory.read8(kMemoryAt + i);
}

std::string differences(const State& ours, const State& theirs) {
  std::ostringstream text;
  text << std::hex;
  const auto check = [&](const std::string& name, std::uint64_t a, std::uint64_t b) {
    if (a != b) text << name << " is " << a << ", on silicon " << b << "\n";
  };
  check("status", ours.fx.status, theirs.fx.status);
  check("tags", ours.fx.tags, theirs.fx.tags);
  check("mxcsr", ours.fx.mxcsr, theirs.fx.mxcsr);
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned half = 0; half < 2; ++half) {
      check("st" + std::to_string(i) + "." + std::to_string(half), ours.fx.st[i][half], theirs.fx.st[i][half]);
      check("xmm" + std::to_string(i) + "." + std::to_string(half), ours.fx.xmm[i][half], theirs.fx.xmm[i][half]);
    }
  for (const unsigned r : {0u, 1u, 2u, 5u, 6u, 7u})
    check("gpr" + std::to_string(r), ours.gpr[r], static_cast<std::uint32_t>(theirs.gpr[r]));
  check("flags", ours.flags & kArithmeticFlags, theirs.flags & kArithmeticFlags);
  for (unsigned i = 0; i < 64; ++i) check("memory" + std::to_string(i), ours.memory[i], theirs.memory[i]);
  return text.str();
}

std::string describe(const Row& row, const Case& c) {
  std::ostringstream text;
  text << row.mnemonic << std::hex;
  for (const unsigned b : c.code) text << ' ' << b;
  text << " mxcsr " << c.state.fx.mxcsr << " offset " << c.offset << "\n";
  for (unsigned i = 0; i < 8; ++i) text << "xmm" << i << ' ' << c.state.fx.xmm[i][1] << ' ' << c.state.fx.xmm[i][0] << '\n';
  return text.str();
}

/// Only what the tables on the approximations of RCPxx and RSQRTxx of the host's maker say would make these agree.
bool approximates(const Row& row) { return row.opcode == 0x52 || row.opcode == 0x53; }
bool wants_alignment(const Row& row) {
  const std::string name = row.mnemonic;
  return name != "MOVUPS" && name != "MOVUPD" && name != "MOVDQU" && (row.encoding & kDstVector) != 0;
}

class Bench {
 public:
  Bench() : step_(ringside::test::everything_model(), How::kStep), run_(ringside::test::everything_model(), How::kRun) {
    for (Guest* g : {&step_, &run_}) {
      g->enter_protected32();
      g->cpu.cr4 |= kCr4OSFXSR | kCr4OSXMMEXCPT;
      g->cpu.update_mode();
    }
  }
  /// False after a difference, which it has reported.
  bool compare(const Row& row, const Case& c) {
    State theirs = c.state;
    alignas(64) std::uint8_t memory[64];
    std::memcpy(memory, c.state.memory, 64);
    silicon_.run(c.code, theirs, memory + c.offset);
    std::memcpy(theirs.memory, memory, 64);
    for (Guest* g : {&step_, &run_}) {
      State ours = c.state;
      enter(*g, c);
      g->observer.seen.clear();
      g->run(2);
      leave(*g, ours);
      if (g->last_fault() != nullptr) {
        ADD_FAILURE() << describe(row, c) << g->history();
        return false;
      }
      const std::string text = differences(ours, theirs);
      if (text.empty()) continue;
      ADD_FAILURE() << (g == &run_ ? "fast path: " : "reference executor: ") << describe(row, c) << text;
      return false;
    }
    return true;
  }

 private:
  Guest step_, run_;
  Silicon silicon_;
};

void rows_agree(std::span<const Row> rows, std::uint64_t seed) {
  Bench bench;
  Operands random(seed);
  for (const Row& row : rows) {
    if (approximates(row) || row.opcode == 0xAE) continue;
    for (std::uint64_t i = 0; i < rounds(); ++i) {
      const bool can_register = (row.encoding & kMemoryOnly) == 0, can_memory = (row.encoding & kNoMemory) == 0;
      const bool memory = can_memory && (!can_register || random.number(3) == 0);
      Case c;
      c.code = encode(row, random, memory);
      fill(c, random, wants_alignment(row));
      if ((row.opcode == 0xF7 && row.prefix != Prefix::kF2 && row.prefix != Prefix::kF3)) continue;  // EDI is no host address
      if (!bench.compare(row, c)) break;
    }
  }
}

TEST(SimdSilicon, Moves) { rows_agree(move_rows(), 1); }
TEST(SimdSilicon, Integer) { rows_agree(integer_rows(), 2); }
TEST(SimdSilicon, Float) { rows_agree(float_rows(), 3); }

}  // namespace
}  // namespace ringside::simd::test
#endif
