// SSE arithmetic on any host: known answers, and how exceptions and availability are reported.
#include <gtest/gtest.h>

#include "cpu/simd/float_arithmetic.h"
#include "tests/cpu/cpu_fixture.h"

namespace ringside::simd {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using test::Guest;
using test::kDataAt;

constexpr u32 kMasked = 0x1F80;

template <typename B>
struct Known {
  const char* name;
  B (*function)(FloatEnv&, B, B);
  u32 mxcsr;
  B a, b, result;
  u32 raised;
};

template <typename B>
B root(FloatEnv& env, B a, B) {
  return square_root(env, a);
}

TEST(FloatKnown, Single) {
  constexpr u32 kDown = 1 << 13, kUp = 2 << 13, kChop = 3 << 13;
  const Known<u32> cases[] = {
      {"1 + 1", add, kMasked, 0x3F800000, 0x3F800000, 0x40000000, 0},
      {"1 + 2^-24: a tie to even", add, kMasked, 0x3F800000, 0x33800000, 0x3F800000, kPrecision},
      {"... up", add, kMasked | kUp, 0x3F800000, 0x33800000, 0x3F800001, kPrecision},
      {"1 - 1 is -0 downwards", subtract, kMasked | kDown, 0x3F800000, 0x3F800000, 0x80000000, 0},
      {"largest + largest", add, kMasked, 0x7F7FFFFF, 0x7F7FFFFF, 0x7F800000, kOverflow | kPrecision},
      {"... toward zero", add, kMasked | kChop, 0x7F7FFFFF, 0x7F7FFFFF, 0x7F7FFFFF, kOverflow | kPrecision},
      {"infinity - infinity", subtract, kMasked, 0x7F800000, 0x7F800000, 0xFFC00000, kInvalid},
      {"the first NaN wins", add, kMasked, 0x7FC00001, 0x7F800002, 0x7FC00001, kInvalid},
      {"a signaling NaN is quieted", multiply, kMasked, 0x7F800002, 0x3F800000, 0x7FC00002, kInvalid},
      {"denormal operand", add, kMasked, 0x00000001, 0x3F800000, 0x3F800000, kDenormal | kPrecision},
      {"... as zero", add, kMasked | kDenormalsAreZeros, 0x80000001, 0x3F800000, 0x3F800000, 0},
      {"denormal exact result", multiply, kMasked, 0x00800000, 0x3F000000, 0x00400000, 0},
      {"... flushed", multiply, kMasked | kFlushToZero, 0x80800000, 0x3F000000, 0x80000000, kUnderflow | kPrecision},
      {"tiny after rounding only", multiply, kMasked, 0x00FFFFFF, 0x3F000000, 0x00800000, kUnderflow | kPrecision},
      {"1 / 0", divide, kMasked, 0xBF800000, 0, 0xFF800000, kZeroDivide},
      {"0 / 0", divide, kMasked, 0, 0, 0xFFC00000, kInvalid},
      {"1 / 3", divide, kMasked, 0x3F800000, 0x40400000, 0x3EAAAAAB, kPrecision},
      {"root of 2", root, kMasked, 0x40000000, 0, 0x3FB504F3, kPrecision},
      {"root of -1", root, kMasked, 0xBF800000, 0, 0xFFC00000, kInvalid},
      {"root of -0", root, kMasked, 0x80000000, 0, 0x80000000, 0},
      {"minimum with a NaN is the second", minimum, kMasked, 0x7FC00000, 0x3F800000, 0x3F800000, kInvalid},
      {"maximum of zeros is the second", maximum, kMasked, 0, 0x80000000, 0x80000000, 0},
  };
  for (const auto& c : cases) {
    FloatEnv env(c.mxcsr);
    EXPECT_EQ(c.function(env, c.a, c.b), c.result) << c.name;
    EXPECT_EQ(env.raised, c.raised) << c.name;
  }
}

TEST(FloatKnown, Double) {
  const Known<u64> cases[] = {
      {"0.1 + 0.2", add, kMasked, 0x3FB999999999999A, 0x3FC999999999999A, 0x3FD3333333333334, kPrecision},
      {"1 / 3", divide, kMasked, 0x3FF0000000000000, 0x4008000000000000, 0x3FD5555555555555, kPrecision},
      {"root of 2", root, kMasked, 0x4000000000000000, 0, 0x3FF6A09E667F3BCD, kPrecision},
      {"root of nearly 2^108", root, kMasked, 0x46AFFFFFFFFFFFFF, 0, 0x434FFFFFFFFFFFFF, kPrecision},
      {"pi * e", multiply, kMasked, 0x400921FB54442D18, 0x4005BF0A8B145769, 0x402114580B45D474, kPrecision},
  };
  for (const auto& c : cases) {
    FloatEnv env(c.mxcsr);
    EXPECT_EQ(c.function(env, c.a, c.b), c.result) << c.name;
    EXPECT_EQ(env.raised, c.raised) << c.name;
  }
}

TEST(FloatKnown, Conversions) {
  FloatEnv env(kMasked);
  EXPECT_EQ(to_int32<u64>(env, 0x4004000000000000, Rounding::kNearest), 2);  // 2.5
  EXPECT_EQ(env.raised, kPrecision);
  EXPECT_EQ(to_int32<u64>(env, 0xC00C000000000000, Rounding::kZero), -3);  // -3.5
  EXPECT_EQ(to_int32<u32>(env, 0xCF000000, Rounding::kZero), INT32_MIN);   // -2^31
  EXPECT_EQ(env.raised, kPrecision);
  EXPECT_EQ(to_int32<u32>(env, 0x4F000000, Rounding::kZero), INT32_MIN);  // 2^31: the indefinite
  EXPECT_EQ(env.raised, kPrecision | kInvalid);
  FloatEnv other(kMasked);
  EXPECT_EQ(from_int32<u32>(other, 16777217), 0x4B800000u);
  EXPECT_EQ(other.raised, kPrecision);
  EXPECT_EQ(narrow(other, widen(other, 0x00000001)), 0x00000001u);  // the smallest denormal, there and back
  EXPECT_EQ(other.raised, kPrecision | kDenormal);
  EXPECT_EQ(approximate_reciprocal(0x3F800000), 0x3F7FF000u);
  EXPECT_EQ(approximate_reciprocal_root(0x40800000), 0x3EFFF000u);
  EXPECT_EQ(approximate_reciprocal_root(0x80000001), 0xFF800000u);
}

// ----- In a processor -------------------------------------------------------------------------------

constexpr u32 kOne = 0x3F800000;

/// Ring 0 with SSE enabled by the operating system, EDX at data, every exception masked.
void prepare(Guest& g, u32 cr4 = kCr4OSFXSR | kCr4OSXMMEXCPT) {
  g.enter_protected32();
  g.cpu.cr4 |= cr4;
  g.cpu.update_mode();
  g.cpu.gpr[kEDX] = kDataAt;
  g.cpu.x87.mxcsr = kMasked;
  for (auto& x : g.cpu.x87.xmm) x[0] = x[1] = u64{kOne} << 32 | kOne;
}

template <typename Body>
void on_everything(Body&& body) {
  test::both_ways(body, test::everything_model());
}

TEST(FloatFaults, UnmaskedIsXmAndWritesNoResult) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.x87.mxcsr = kMasked & ~(kZeroDivide << kMaskShift);
    g.cpu.x87.xmm[1][0] = 0;
    g.code({0x0F, 0x5E, 0xC1});  // divps xmm0, xmm1
    g.run();
    EXPECT_FAULT(g, kXmUnmasked, 0);
    EXPECT_EQ(g.cpu.x87.xmm[0][0], u64{kOne} << 32 | kOne);
    EXPECT_EQ(g.cpu.x87.mxcsr & kAllExceptions, kZeroDivide);
  });
}

TEST(FloatFaults, UnmaskedIsUdWhereTheSystemDoesNotTakeXm) {
  on_everything([](Guest& g) {
    prepare(g, kCr4OSFXSR);
    g.cpu.x87.mxcsr = kMasked & ~(kPrecision << kMaskShift);
    g.cpu.x87.xmm[1][0] = 0x40400000;
    g.code({0xF3, 0x0F, 0x5E, 0xC1});  // divss xmm0, xmm1
    g.run();
    EXPECT_FAULT(g, kUdSimdException, 0);
    EXPECT_EQ(g.cpu.x87.mxcsr & kAllExceptions, kPrecision);
  });
}

TEST(FloatFaults, ExceptionsBeforeTheComputationHideThoseOfIt) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.x87.mxcsr = kMasked & ~(kDenormal << kMaskShift);
    g.cpu.x87.xmm[1][0] = u64{0x40400000} << 32 | 1;  // element 0 denormal, element 1 inexact
    g.code({0x0F, 0x5E, 0xC1});
    g.run();
    EXPECT_FAULT(g, kXmUnmasked, 0);
    EXPECT_EQ(g.cpu.x87.mxcsr & kAllExceptions, kDenormal);
  });
}

TEST(FloatFaults, Availability) {
  on_everything([](Guest& g) {
    prepare(g, 0);
    g.code({0x0F, 0x58, 0xC1});
    g.run();
    EXPECT_FAULT(g, kUdSseDisabled, 0);
  });
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.cr0 |= kCr0TS;
    g.code({0x0F, 0x2A, 0xC1});  // cvtpi2ps xmm0, mm1
    g.run();
    EXPECT_FAULT(g, kNmTaskSwitched, 0);
  });
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.cr0 |= kCr0EM | kCr0TS;
    g.code({0x66, 0x0F, 0x5A, 0xC1});
    g.run();
    EXPECT_FAULT(g, kUdFxsrDisabled, 0);
  });
}

TEST(FloatFaults, Alignment) {
  on_everything([](Guest& g) {
    prepare(g);
    g.code({0x0F, 0x58, 0x42, 0x04});  // addps xmm0, [edx + 4]
    g.run();
    EXPECT_FAULT(g, kGpSimdAlignment, 0);
  });
  on_everything([](Guest& g) {  // half an operand, a scalar: any address
    prepare(g);
    g.code({0x0F, 0x5A, 0x42, 0x01, 0xF3, 0x0F, 0x58, 0x42, 0x02});  // cvtps2pd xmm0, [edx + 1]; addss xmm0, [edx + 2]
    g.run();
    EXPECT_EQ(g.last_fault(), nullptr) << g.history();
  });
}

TEST(FloatMmx, RegistersMakeTheX87EnterMmxState) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.x87.status = 5 << 11;
    g.cpu.x87.tags = 0xFFFF;
    g.cpu.x87.reg[1].significand = 7;
    g.code({0x0F, 0x2A, 0xC1});  // cvtpi2ps xmm0, mm1
    g.run();
    EXPECT_EQ(g.cpu.x87.status & 0x3800, 0);
    EXPECT_EQ(g.cpu.x87.tags & g.cpu.x87.tags >> 1 & 0x5555, 0);
    EXPECT_EQ(static_cast<u32>(g.cpu.x87.xmm[0][0]), 0x40E00000u);
  });
}

TEST(FloatMmx, AMemoryOperandDoesNot) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.cr0 |= kCr0NE;
    g.cpu.x87.control = 0x37E;
    g.cpu.x87.status = 5 << 11 | 0x8081;  // a pending invalid operation
    g.cpu.x87.tags = 0xFFFF;
    g.code({0x0F, 0x2A, 0x02, 0x66, 0x0F, 0x2A, 0x0A, 0x0F, 0x2A, 0xC1});  // two from [edx], then mm1
    g.run();
    EXPECT_FAULT(g, kMfPending, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_eip, test::kCodeAt + 7u);
    EXPECT_EQ(g.cpu.x87.tags, 0xFFFF);
  });
}

TEST(FloatMmx, AnUnmaskedExceptionComesAfterTheTransition) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.x87.mxcsr = kMasked & ~(kInvalid << kMaskShift);
    g.cpu.x87.status = 5 << 11;
    g.cpu.x87.tags = 0xFFFF;
    g.cpu.x87.xmm[1][0] = 0x7FC00000;
    g.code({0x0F, 0x2D, 0xC1});  // cvtps2pi mm0, xmm1
    g.run();
    EXPECT_FAULT(g, kXmUnmasked, 0);
    EXPECT_EQ(g.cpu.x87.status & 0x3800, 0);
    EXPECT_EQ(g.cpu.x87.tags & g.cpu.x87.tags >> 1 & 0x5555, 0);
  });
}

TEST(FloatFlags, ComparisonSetsSixFlags) {
  on_everything([](Guest& g) {
    prepare(g);
    g.cpu.x87.xmm[1][0] = 0x40000000;
    g.cpu.flags.set_word(kArithmeticFlags);
    g.code({0x0F, 0x2F, 0xC1});  // comiss xmm0, xmm1
    g.run();
    EXPECT_EQ(g.cpu.flags.word(), kCF);
  });
}

}  // namespace
}  // namespace ringside::simd
