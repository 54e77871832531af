// Cases that Ringside once got wrong, with silicon's results. oracle_campaign prints them in this form.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/oracle/compare.h"
#include "tests/oracle/silicon.h"
#include "tests/oracle/simulated.h"

namespace ringside::oracle {
namespace {

void add(Bytes& bytes, std::uint32_t linear, const std::string& hex) {
  std::istringstream in(hex);
  std::vector<std::uint8_t> data;
  for (std::string digits; in >> digits;) data.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
  bytes.add(linear, data);
}

/// A result that leaves everything as it was; the tests set what did change.
Result untouched(const Case& c) {
  Result r;
  r.registers = c.registers;
  r.fpu = c.fpu;
  return r;
}

void expect(const Case& c, const Result& silicon) {
  static SimulatedProcessor processor;
  Result ours;
  for (const Executor e : {Executor::kExact, Executor::kFast}) {
    processor.run(c, e, ours);
    std::uint32_t flags = 0;
    const std::uint32_t bits = differences(c, silicon, ours, flags);
    EXPECT_EQ(bits, 0u) << (e == Executor::kExact ? "reference: " : "fast: ") << describe_differences(bits, flags) << "\n"
                        << describe(c) << "expected " << describe(silicon) << "ours     " << describe(ours);
  }
}

// The tag of an empty TLB entry was equal to what an aligned probe of linear address 1 compares.
TEST(Findings, AlignedStoreAtOne) {
  Case c;
  c.registers = {{0, 0, 0, 0, 0x20101000, 0, 0, 0}, 0x20200080, 0x202, {0x2B, 0x23, 0x2B, 0x2B, 0x2B, 0x2B}};
  add(c.patches, 0x20200080, "0F 29 05 01 00 00 00");
  Result silicon = untouched(c);
  silicon.vector = 13;
  silicon.registers.eflags |= kRF;
  expect(c, silicon);
}

// Silicon looks at the alignment before it finds that the segment cannot be read.
TEST(Findings, FxrstorAlignmentOfAnExecuteOnlySegment) {
  Case c;
  c.registers = {{0x0, 0x0, 0x0, 0x1, 0x80002451, 0x0, 0x0, 0x0}, 0x389, 0x40302, {0x2B, 0x37, 0x127, 0x2B, 0x2B, 0x2B}};
  add(c.patches, 0x20200389, "2E 0F AE 00");
  Result silicon = untouched(c);
  silicon.vector = 17;
  silicon.registers = {{0x0, 0x0, 0x0, 0x1, 0x80002451, 0x0, 0x0, 0x0}, 0x389, 0x50302, {0x2B, 0x37, 0x127, 0x2B, 0x2B, 0x2B}};
  expect(c, silicon);
}

// The limit lies between the halves of XMM5, which is left alone.
TEST(Findings, FxrstorUpToALimitInsideARegister) {
  Case c;
  c.registers = {{0x0, 0x0, 0x0, 0x4C8B, 0x0, 0x0, 0xB26E, 0x0}, 0x1AD, 0x202, {0x2B, 0x17, 0x12F, 0xDF, 0x2B, 0x2B}};
  add(c.patches, 0x2000FF00, "7F 02 40 52 FF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 A9 3F 00 00 "
      "00 00 00 00 BB 17 E6 D6 4B 9A 88 72 3C 61 00 00 00 00 00 00 00 F3 2F FD 77 70 5B 1F 3C 61 00 00 00 00 00 00 "
      "00 96 04 2A FF 1F B6 5F 0E C0 00 00 00 00 00 00 00 FF 7F 01 02 FD 02 7E D5 BF 00 00 00 00 00 00 AF CC 16 C0 "
      "01 3D FB 45 3E C0 00 00 00 00 00 00 B5 25 13 71 05 D1 28 B5 00 80 00 00 00 00 00 00 FD 7F 7F C0 FF 80 02 97 "
      "00 00 00 00 00 00 00 00 FE FF 00 00 FE 7F FA 00 FF 7F 00 00 00 00 00 00 FF FF 02 00 FF FF FF 07 00 00 00 00 "
      "00 00 F0 FF FF 7F 01 00 00 01 11 00 01 00 00 00 00 00 00 00 0F 5C AF C0 68 0D DA 7B FF FF 7F FF 21 A4 16 71 "
      "FF 7F 7F 81 B8 02 04 FD 00 00 80 CF 00 00 80 FF FF FF FF 4B BE 93 01 80 FD FF FF FF FF FF FF FF 21 9F B7 A4 "
      "F1 F1 1B 80 92 A0 20 14 95 24 5B EE 00 00 00 80 13 4F BC F6 17 F9 CD 47 D4 F8 C7 CB D6 03 D6 4B FF FF 7F 7F "
      "07 00 FF C8 FF FF FF FF");
  add(c.patches, 0x202001AD, "0F AE 08");
  Result silicon = untouched(c);
  silicon.vector = 13;
  silicon.registers = {{0x0, 0x0, 0x0, 0x4C8B, 0x0, 0x0, 0xB26E, 0x0}, 0x1AD, 0x10202, {0x2B, 0x17, 0x12F, 0xDF, 0x2B, 0x2B}};
  silicon.fpu.set_quad(0, 0xFF5240027F);
  silicon.fpu.set_quad(24, 0x3FA9);
  silicon.fpu.set_quad(32, 0x72889A4BD6E617BB);
  silicon.fpu.set_quad(40, 0x613C);
  silicon.fpu.set_quad(48, 0x1F5B7077FD2FF300);
  silicon.fpu.set_quad(56, 0x613C);
  silicon.fpu.set_quad(64, 0x5FB61FFF2A049600);
  silicon.fpu.set_quad(72, 0xC00E);
  silicon.fpu.set_quad(80, 0x7E02FD02017FFF00);
  silicon.fpu.set_quad(88, 0xBFD5);
  silicon.fpu.set_quad(96, 0x45FB3D01C016CCAF);
  silicon.fpu.set_quad(104, 0xC03E);
  silicon.fpu.set_quad(112, 0xB528D105711325B5);
  silicon.fpu.set_quad(120, 0x8000);
  silicon.fpu.set_quad(128, 0x970280FFC07F7FFD);
  silicon.fpu.set_quad(144, 0xFA7FFE0000FFFE);
  silicon.fpu.set_quad(152, 0x7FFF);
  silicon.fpu.set_quad(160, 0x7FFFFFF0002FFFF);
  silicon.fpu.set_quad(168, 0xFFF0000000000000);
  silicon.fpu.set_quad(176, 0x11010000017FFF);
  silicon.fpu.set_quad(184, 0x1);
  silicon.fpu.set_quad(192, 0x7BDA0D68C0AF5C0F);
  silicon.fpu.set_quad(200, 0x7116A421FF7FFFFF);
  silicon.fpu.set_quad(208, 0xFD0402B8817F7FFF);
  silicon.fpu.set_quad(216, 0xFF800000CF800000);
  silicon.fpu.set_quad(224, 0x800193BE4BFFFFFF);
  silicon.fpu.set_quad(232, 0xFFFFFFFFFFFFFFFD);
  expect(c, silicon);
}

// Rounding down, the angle of the smallest normal number is that number, and there is no underflow.
TEST(Findings, FpatanOfTheSmallestNormal) {
  Case c;
  c.registers = {{0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0}, 0x20200312, 0x202, {0x2B, 0x23, 0x2B, 0x2B, 0x2B, 0x2B}};
  c.fpu.set_quad(0, 0xFF7A2B0E7F);
  c.fpu.set_quad(32, 0x8000000000000000);
  c.fpu.set_quad(40, 0x3FFF);
  c.fpu.set_quad(48, 0x8000000000000000);
  add(c.patches, 0x20200312, "D9 F3");
  Result silicon = untouched(c);
  silicon.vector = 13;
  silicon.registers = {{0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0}, 0x20200314, 0x10202, {0x2B, 0x23, 0x2B, 0x2B, 0x2B, 0x2B}};
  silicon.fpu.set_quad(0, 0x7F402B0E7F);
  silicon.fpu.set_quad(40, 0x1);
  silicon.fpu.set_quad(48, 0x0);
  silicon.fpu.set_quad(144, 0x8000000000000000);
  silicon.fpu.set_quad(152, 0x3FFF);
  expect(c, silicon);
}

// A limit within ST(7): tags and MXCSR were loaded after the registers.
TEST(Findings, FxrstorStoppedWithinARegisterHasLoadedTagsAndMxcsr) {
  Case c;
  c.registers = {{0x0, 0x0, 0x0, 0x0, 0x7FFF16C4, 0xFF59, 0x0, 0x0}, 0x7, 0x202, {0x2B, 0x1F, 0x13F, 0xDF, 0x2B, 0x2B}};
  add(c.patches, 0x2000FF60,
      "79 06 00 6A EF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 95 BF 00 00 00 00 00 00 "
      "84 EB A7 CB 7B 3B 4B 44 BD 7F 00 00 00 00 00 00 FF FF FF CB 55 19 A1 3A E1 BF 00 00 00 00 00 00 "
      "48 50 8E B1 D7 0D 62 33 0D 40 00 00 00 00 00 00 CF 03 6B BE 24 52 F0 1F F0 3F 00 00 00 00 00 00 "
      "BF CA 6C B7 5E 36 F0 7F 3F C0 00 00 00 00 00 00 79 05 FB 0A 75 C0 F7 FF 49 80 00 00 00 00 00 00 "
      "00 00 80 BA 00 00 80 7F 3A C0 00 00 00 00 00 00 93 F2 01 FF 02 93 01 7F 7D C0 00 00 00 00 00 00 "
      "00 00 00 04 00 00 00 00 B3 66 E0 48 7D 32 25 C1 D4 FD 00 2D 0F A7 41 FD 58 B1 0F C9 0B 9A 0B 08 "
      "FF FF FF FF FF FF EF FF FF FF 7F 7F 4D D8 C1 C1 9D CE A7 FF 9A 1B CD FF 00 00 80 3F 84 ED DF FF "
      "00 00 00 00 00 00 F0 7F 10 DA 00 FD FF 6F 7F 7F 31 1E A9 42 00 00 80 3F 00 00 00 00 70 9E 0A CE "
      "67 78 10 B6 FF FF 7F 50 2D 00 FF 7F 01 00 03 00 00 34 F2 3D 00 D8 47 48 00 00 80 7F 00 80 7F B3");
  add(c.patches, 0x20200007, "3E 0F AE 0B");
  Result silicon = untouched(c);
  silicon.vector = 13;
  silicon.registers = {{0x0, 0x0, 0x0, 0x0, 0x7FFF16C4, 0xFF59, 0x0, 0x0}, 0x7, 0x10202, {0x2B, 0x1F, 0x13F, 0xDF, 0x2B, 0x2B}};
  silicon.fpu.set_quad(0, 0xEF6A000679);
  silicon.fpu.set_quad(24, 0xBF95);
  silicon.fpu.set_quad(32, 0x444B3B7BCBA7EB84);
  silicon.fpu.set_quad(40, 0x7FBD);
  silicon.fpu.set_quad(48, 0x3AA11955CBFFFFFF);
  silicon.fpu.set_quad(56, 0xBFE1);
  silicon.fpu.set_quad(64, 0x33620DD7B18E5048);
  silicon.fpu.set_quad(72, 0x400D);
  silicon.fpu.set_quad(80, 0x1FF05224BE6B03CF);
  silicon.fpu.set_quad(88, 0x3FF0);
  silicon.fpu.set_quad(96, 0x7FF0365EB76CCABF);
  silicon.fpu.set_quad(104, 0xC03F);
  silicon.fpu.set_quad(112, 0xFFF7C0750AFB0579);
  silicon.fpu.set_quad(120, 0x8049);
  silicon.fpu.set_quad(128, 0x7F800000BA800000);
  silicon.fpu.set_quad(136, 0xC03A);
  expect(c, silicon);
}

// A case on the processor that the test runs on, where that is possible.
TEST(Findings, SiliconRunsACase) {
  if (const std::string obstacle = silicon_obstacle(); !obstacle.empty()) GTEST_SKIP() << obstacle;
  Case c;
  c.registers = {{1, 2, 0, 0, 0x20101000, 0, 0, 0}, 0x20200080, 0x302, {0x2B, 0x23, 0x2B, 0x2B, 0x2B, 0x2B}};
  add(c.patches, 0x20200080, "01 C8");
  Result silicon;
  run_on_silicon(c, silicon);
  EXPECT_EQ(silicon.vector, 1);
  EXPECT_EQ(silicon.registers.gpr[kEAX], 3u);
  EXPECT_EQ(silicon.registers.eip, 0x20200082u);
}

}  // namespace
}  // namespace ringside::oracle
