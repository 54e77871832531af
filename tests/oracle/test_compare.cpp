// What two results of one case count as.
#include <gtest/gtest.h>

#include "tests/oracle/compare.h"

namespace ringside::oracle {
namespace {

/// A result with that number, negative, in ST(0).
Result with_st0(std::uint16_t exponent, std::uint64_t significand) {
  Result r;
  r.fpu.set_quad(FpuImage::kStack, significand);
  r.fpu.set_quad(FpuImage::kStack + 8, 0x8000u | exponent);
  return r;
}

bool by_a_last_place(const Result& a, const Result& b) {
  std::uint32_t flags = 0;
  return (differences(Case{}, a, b, flags) & kDiffUlp) != 0;
}

TEST(Compare, NeighboursDifferByALastPlace) {
  const Result one = with_st0(0x3FFF, 0x8000000000000000);
  EXPECT_TRUE(by_a_last_place(one, with_st0(0x3FFF, 0x8000000000000001)));
  EXPECT_TRUE(by_a_last_place(one, with_st0(0x3FFE, 0xFFFFFFFFFFFFFFFF)));
  EXPECT_FALSE(by_a_last_place(one, with_st0(0x3FFF, 0x8000000000000002)));
  EXPECT_FALSE(by_a_last_place(one, with_st0(0x3FFE, 0xFFFFFFFFFFFFFFFE)));
  EXPECT_FALSE(by_a_last_place(one, one));
}

TEST(Compare, NeighboursMeetAtTheDenormalsBorder) {
  const Result smallest = with_st0(1, 0x8000000000000000);
  EXPECT_TRUE(by_a_last_place(smallest, with_st0(0, 0x7FFFFFFFFFFFFFFF)));
  EXPECT_TRUE(by_a_last_place(with_st0(0, 0x7FFFFFFFFFFFFFFF), smallest));
  EXPECT_FALSE(by_a_last_place(smallest, with_st0(0, 0x7FFFFFFFFFFFFFFE)));
  EXPECT_FALSE(by_a_last_place(with_st0(2, 0x8000000000000000), with_st0(0, 0x7FFFFFFFFFFFFFFF)));
}

TEST(Compare, AFetchBeyondTheFifteenthByteIsToldByTheDistance) {
  const auto fault = [](std::uint32_t eip, std::uint8_t vector = 14) {
    Result r;
    r.vector = vector;
    r.cr2 = 0x20202000;
    r.registers.eip = eip;
    r.registers.seg[kCS] = 0x23;
    return r;
  };
  EXPECT_FALSE(fetched_beyond_fifteen(fault(0x20201FF2)));  // its fifteenth byte lies on the page
  EXPECT_TRUE(fetched_beyond_fifteen(fault(0x20201FF1)));
  EXPECT_TRUE(fetched_beyond_fifteen(fault(0x20201FE2)));
  EXPECT_FALSE(fetched_beyond_fifteen(fault(0x20201FE1)));  // further than any fetch: an operand
  EXPECT_FALSE(fetched_beyond_fifteen(fault(0x20201FF1, 13)));
}

}  // namespace
}  // namespace ringside::oracle
