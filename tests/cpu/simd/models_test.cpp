// The processor models from the Pentium MMX on: what CPUID says, and which instructions and control bits exist.
#include <array>

#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

using Leaf = std::array<std::uint32_t, 4>;  // EAX, EBX, ECX, EDX

Leaf cpuid(const char* model, std::uint32_t leaf) {
  Guest g(*find_cpu_model(model));
  g.enter_protected32();
  g.code(bytes_of({mov32(kEAX, leaf), {0x0F, 0xA2}}));
  g.run();
  EXPECT_EQ(g.last_fault(), nullptr) << g.history();
  return {g.reg(kEAX), g.reg(kEBX), g.reg(kECX), g.reg(kEDX)};
}

TEST(Models, Cpuid) {
  const struct {
    const char* name;
    Leaf leaf1, leaf2;
    std::uint32_t highest;
  } models[] = {
      {"pentium-mmx", {0x0543, 0, 0, 0x008001BF}, {0x0543, 0, 0, 0x008001BF}, 1},
      {"pentium-pro", {0x0619, 0, 0, 0x0000F9FF}, {0x03020101, 0, 0, 0x06040A42}, 2},
      {"pentium2", {0x0652, 0, 0, 0x0183F9FF}, {0x03020101, 0, 0, 0x0C040843}, 2},
      {"pentium3", {0x0686, 2, 0, 0x0383F9FF}, {0x03020101, 0, 0, 0x0C040882}, 2},
      {"pentium4", {0x0F29, 0x0809, 0, 0x0F8BF9FF}, {0x665B5101, 0, 0, 0x007B7040}, 2},
  };
  for (const auto& m : models) {
    SCOPED_TRACE(m.name);
    EXPECT_EQ(cpuid(m.name, 0), (Leaf{m.highest, 0x756E6547, 0x6C65746E, 0x49656E69}));
    EXPECT_EQ(cpuid(m.name, 1), m.leaf1);
    EXPECT_EQ(cpuid(m.name, 2), m.leaf2);
    EXPECT_EQ(cpuid(m.name, 99), m.leaf2);  // beyond the end: as the last one
  }
}

TEST(Models, BrandOfThePentium4) {
  EXPECT_EQ(cpuid("pentium4", 0x80000000)[0], 0x80000004u);
  EXPECT_EQ(cpuid("pentium4", 0x80000001), (Leaf{0, 0, 0, 0}));
  std::string text;
  for (std::uint32_t leaf = 0x80000002; leaf <= 0x80000004; ++leaf)
    for (const std::uint32_t part : cpuid("pentium4", leaf))
      for (unsigned i = 0; i < 4; ++i) text.push_back(static_cast<char>(part >> 8 * i));
  EXPECT_EQ(text, std::string("              Intel(R) Pentium(R) 4 CPU 2.40GHz\0\0\0", 48).substr(0, 48));
  EXPECT_EQ(cpuid("pentium3", 0x80000000), cpuid("pentium3", 2));  // no extended leaves
}

struct Instruction {
  std::vector<int> code;
  Feature feature;
};
const Instruction kInstructions[] = {
    {{0x0F, 0x6F, 0xC1}, kFeatureMmx},        // movq mm0, mm1
    {{0x0F, 0x77}, kFeatureMmx},              // emms
    {{0x0F, 0x33}, kFeaturePmc},              // rdpmc
    {{0x0F, 0x44, 0xC1}, kFeatureCmov},       // cmove eax, ecx
    {{0x0F, 0xAE, 0x03}, kFeatureFxsr},       // fxsave [ebx]
    {{0x0F, 0x28, 0xC1}, kFeatureSse},        // movaps xmm0, xmm1
    {{0x0F, 0xAE, 0x13}, kFeatureSse},        // ldmxcsr [ebx]
    {{0x0F, 0xAE, 0xF8}, kFeatureSse},        // sfence
    {{0x0F, 0xE0, 0xC1}, kFeatureSse},        // pavgb mm0, mm1
    {{0x0F, 0x70, 0xC1, 0}, kFeatureSse},     // pshufw mm0, mm1, 0
    {{0x0F, 0x58, 0xC1}, kFeatureSse},        // addps xmm0, xmm1
    {{0x66, 0x0F, 0xFC, 0xC1}, kFeatureSse2}, // paddb xmm0, xmm1
    {{0x66, 0x0F, 0x58, 0xC1}, kFeatureSse2}, // addpd xmm0, xmm1
    {{0x0F, 0xD4, 0xC1}, kFeatureSse2},       // paddq mm0, mm1
    {{0x0F, 0xC3, 0x03}, kFeatureSse2},       // movnti [ebx], eax
    {{0x0F, 0xAE, 0xE8}, kFeatureSse2},       // lfence
    {{0x0F, 0xAE, 0x3B}, kFeatureClflush},    // clflush [ebx]
    {{0x0F, 0x18, 0x03}, kFeatureLongNop},    // prefetchnta [ebx]: a hint to processors before SSE as well
};

TEST(Models, ExactlyTheirInstructions) {
  for (const CpuModel& model : cpu_models()) {
    for (const Instruction& instruction : kInstructions) {
      both_ways(
          [&](Guest& g) {
            SCOPED_TRACE(std::string(model.name) + testing::PrintToString(instruction.code));
            g.enter_protected32();
            g.cpu.cr4 = model.has(kFeatureFxsr) ? std::uint32_t{kCr4OSFXSR} : 0u;
            g.cpu.x87.control = 0x037F;
            g.cpu.gpr[kEBX] = kDataAt;
            g.cpu.gpr[kECX] = 0;
            g.memory.write32(kDataAt, 0x1F80);
            g.code(instruction.code);
            g.run();
            if (model.has(instruction.feature)) {
              EXPECT_NO_FAULT(g);
            } else {
              EXPECT_FAULT(g, kUdOpcode, 0);
            }
          },
          model);
    }
  }
}

TEST(Models, BitsOfCr4) {
  const struct {
    const char* name;
    std::uint32_t bits;
  } models[] = {{"pentium", 0x5F},
                {"pentium-mmx", 0x15F},
                {"pentium-pro", 0x1FF},
                {"pentium2", 0x3FF},
                {"pentium3", 0x7FF},
                {"pentium4", 0x7FF}};
  for (const auto& m : models) {
    SCOPED_TRACE(m.name);
    for (unsigned bit = 0; bit < 32; ++bit) {
      Guest g(*find_cpu_model(m.name));
      g.enter_protected32();
      g.code(bytes_of({mov32(kEAX, 1u << bit), {0x0F, 0x22, 0xE0}}));
      g.run();
      EXPECT_EQ(g.last_fault() == nullptr, (m.bits >> bit & 1) != 0) << bit;
    }
  }
}

TEST(Models, MxcsrBitsFollowTheModel) {
  for (const auto& [name, mask] : {std::pair{"pentium3", 0xFFBFu}, std::pair{"pentium4", 0xFFFFu}}) {
    SCOPED_TRACE(name);
    for (unsigned bit = 0; bit < 32; ++bit) {
      Guest g(*find_cpu_model(name));
      g.enter_protected32();
      g.cpu.cr4 = kCr4OSFXSR;
      g.memory.write32(kDataAt, 1u << bit);
      g.code({0x0F, 0xAE, 0x15, 0x00, 0x00, 0x04, 0x00});  // ldmxcsr [40000h]
      g.run();
      EXPECT_EQ(g.last_fault() == nullptr, (mask >> bit & 1) != 0) << bit;
      if ((mask >> bit & 1) == 0) {
        EXPECT_FAULT(g, kGpMxcsrReserved, 0);
      }
    }
    Guest g(*find_cpu_model(name));
    g.enter_protected32();
    g.cpu.cr4 = kCr4OSFXSR;
    g.code({0x0F, 0xAE, 0x05, 0x00, 0x00, 0x04, 0x00});  // fxsave [40000h]
    g.run();
    EXPECT_EQ(g.read32(kDataAt + 28), mask == 0xFFFF ? mask : 0u);
  }
}

}  // namespace
}  // namespace ringside::test
