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

// The same cases on the processor that the test runs on, where that is possible.
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
