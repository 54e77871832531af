// Silicon judges: every SSE floating-point instruction, register and memory form, on random operands under
// random MXCSRs, on the host's processor and on ours, compared bit for bit. RINGSIDE_SILICON_ROUNDS=n sets the
// number of cases for each form (4000 if unset; a million takes a quarter of an hour).
#include "tests/cpu/simd/float_silicon.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "cpu/decode.h"
#include "cpu/opcodes.h"
#include "cpu/simd/operands.h"
#include "cpu/simd/rows.h"
#include "tests/cpu/cpu_fixture.h"
#include "tests/cpu/simd/float_operands.h"

namespace ringside::simd {
namespace {

#if defined(RINGSIDE_HAVE_SSE_SILICON)

using test::Guest;
using test::kDataAt;

unsigned rounds() {
  const char* text = std::getenv("RINGSIDE_SILICON_ROUNDS");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 4000;
}

std::vector<std::uint8_t> encode(const Row& row, bool memory, unsigned immediate) {
  std::vector<std::uint8_t> bytes;
  if (row.prefix == Prefix::k66) bytes.push_back(0x66);
  if (row.prefix == Prefix::kF3) bytes.push_back(0xF3);
  if (row.prefix == Prefix::kF2) bytes.push_back(0xF2);
  bytes.push_back(0x0F);
  bytes.push_back(row.opcode);
  bytes.push_back(memory ? 0x02 : 0xC1);  // register 0 from register 1 or [edx]
  if ((row.encoding & kImmByte) != 0) bytes.push_back(static_cast<std::uint8_t>(immediate));
  return bytes;
}

/// The instruction in our processor.
class Ours {
 public:
  explicit Ours(const std::vector<std::uint8_t>& code) : guest_(test::everything_model()) {
    guest_.enter_protected32();
    guest_.cpu.cr4 |= kCr4OSFXSR | kCr4OSXMMEXCPT;
    const Decoded d = decode(code.data(), static_cast<unsigned>(code.size()), guest_.cpu.mode, 0, guest_.cpu.model, op_);
    if (d.status != Decoded::kOk || op_.id == undefined_id()) throw std::runtime_error("not decoded");
    function_ = exact_function(op_.id);
  }
  void run(Registers& r) {
    Cpu& cpu = guest_.cpu;
    std::memcpy(cpu.x87.xmm, r.xmm, sizeof r.xmm);
    guest_.memory.write64(kDataAt, r.memory[0]);
    guest_.memory.write64(kDataAt + 8, r.memory[1]);
    enter_mmx(cpu.x87);
    for (unsigned i = 0; i < 2; ++i) set_mm(cpu, static_cast<std::uint8_t>(16 * i), r.mm[i]);
    cpu.gpr[kEAX] = r.eax;
    cpu.gpr[kECX] = r.ecx;
    cpu.gpr[kEDX] = kDataAt;
    cpu.flags.set_word(static_cast<std::uint32_t>(r.flags));
    cpu.x87.mxcsr = r.mxcsr;
    r.trapped = 0;
    try {
      function_(cpu, op_);
    } catch (const Fault& fault) {
      r.trapped = fault.cause == Cause::kXmUnmasked ? 1 : 2;
    }
    std::memcpy(r.xmm, cpu.x87.xmm, sizeof r.xmm);
    r.mm[0] = mm(cpu, 0);
    r.eax = cpu.gpr[kEAX];
    r.flags = cpu.flags.word();
    r.mxcsr = cpu.x87.mxcsr;
  }

 private:
  Guest guest_;
  ringside::Op op_{};
  ExactFn function_;
};

std::string text(const Registers& r) {
  char line[256];
  std::snprintf(line, sizeof line, "xmm0 %016llX_%016llX mm0 %016llX eax %08X flags %03X mxcsr %04X%s",
                static_cast<unsigned long long>(r.xmm[0][1]), static_cast<unsigned long long>(r.xmm[0][0]),
                static_cast<unsigned long long>(r.mm[0]), r.eax, static_cast<unsigned>(r.flags & kArithmeticFlags), r.mxcsr,
                r.trapped != 0 ? " trapped" : "");
  return line;
}

bool same(const Registers& a, const Registers& b) {
  return std::memcmp(a.xmm[0], b.xmm[0], 16) == 0 && a.mm[0] == b.mm[0] && a.eax == b.eax && a.mxcsr == b.mxcsr &&
         a.trapped == b.trapped && ((a.flags ^ b.flags) & kArithmeticFlags) == 0;
}

void fill(FloatOperands& random, Registers& r, bool memory) {
  const unsigned plain = random.below(8);
  std::uint64_t first[2], second[2];
  if (random.one_in(2)) {
    random.fill<std::uint32_t>(first, nullptr, plain);
    random.fill<std::uint32_t>(second, first, plain);
  } else {
    random.fill<std::uint64_t>(first, nullptr, plain);
    random.fill<std::uint64_t>(second, first, plain);
  }
  std::memcpy(r.xmm[0], first, 16);
  std::memcpy(memory ? r.memory : r.xmm[1], second, 16);
  std::memcpy(memory ? r.xmm[1] : r.memory, first, 16);
  // For the conversions from integers.
  r.mm[0] = random.bits();
  r.mm[1] = random.bits() >> random.below(32);
  r.eax = static_cast<std::uint32_t>(random.bits());
  r.ecx = static_cast<std::uint32_t>(static_cast<std::int32_t>(random.bits()) >> random.below(32));
  r.mxcsr = random.mxcsr();
  r.flags = 0x202 | (random.bits() & kArithmeticFlags);
  r.trapped = 0;
}

std::string differences(const Row& row, bool memory, unsigned immediate, unsigned count) {
  const std::vector<std::uint8_t> code = encode(row, memory, immediate);
  const SseSilicon silicon(code);
  Ours ours(code);
  const bool from_double = row.prefix == Prefix::k66 || row.prefix == Prefix::kF2;
  FloatOperands random(row.opcode * 4096u + static_cast<unsigned>(row.prefix) * 512u + immediate * 2 + memory +
                       (count > 4000 ? 1000003 * count : 0) + (from_double ? 1 : 0));
  std::string report;
  unsigned wrong = 0;
  for (unsigned round = 0; round < count; ++round) {
    Registers before{};
    fill(random, before, memory);
    Registers theirs = before, mine = before;
    silicon.run(theirs);
    ours.run(mine);
    if (same(mine, theirs) || ++wrong > 4) continue;
    char line[200];
    std::snprintf(line, sizeof line, "\n  source %016llX_%016llX mm1 %016llX ecx %08X",
                  static_cast<unsigned long long>(memory ? before.memory[1] : before.xmm[1][1]),
                  static_cast<unsigned long long>(memory ? before.memory[0] : before.xmm[1][0]),
                  static_cast<unsigned long long>(before.mm[1]), before.ecx);
    report += line;
    report += "\n  before  " + text(before) + "\n  ours    " + text(mine) + "\n  silicon " + text(theirs);
  }
  if (wrong != 0) report = std::to_string(wrong) + " of " + std::to_string(count) + " differ" + report;
  return report;
}

class EveryFloatRow : public testing::TestWithParam<std::size_t> {};

TEST_P(EveryFloatRow, AgreesWithSilicon) {
  const Row& row = float_rows()[GetParam()];
  // AMD's approximations differ from Intel's, and only Intel's are ours.
  const bool approximation = row.opcode == 0x52 || row.opcode == 0x53;
  if (approximation && !__builtin_cpu_is("intel")) GTEST_SKIP() << "the host's approximations are not Intel's";
  // Of the comparisons' immediate only three bits count.
  const unsigned immediates = (row.encoding & kImmByte) != 0 ? 16 : 1;
  for (const bool memory : {false, true})
    for (unsigned i = 0; i < immediates; ++i) {
      const unsigned immediate = i < 8 ? i : i * 17 & 0xFF;
      const std::string report = differences(row, memory, immediate, rounds() / immediates);
      if (!report.empty())
        ADD_FAILURE() << row.mnemonic << (memory ? " memory" : " registers") << " imm " << immediate << ": " << report;
    }
}

std::string row_name(const testing::TestParamInfo<std::size_t>& info) { return float_rows()[info.param].mnemonic; }

INSTANTIATE_TEST_SUITE_P(Sse, EveryFloatRow, testing::Range(std::size_t{0}, float_rows().size()), row_name);

#else

TEST(EveryFloatRow, AgreesWithSilicon) { GTEST_SKIP() << "the host has no SSE to compare with"; }

#endif

}  // namespace
}  // namespace ringside::simd
