// The lean bodies against the complete arithmetic: where one says that it applies, the result must be the same. Most
// operands are ordinary numbers with exponents near each other, for what is hard about these: cancellation, ties and
// their neighbours, carries, results at the edges of what the bodies take.
#include <gtest/gtest.h>

#include "cpu/simd/float_lean_body.h"
#include "tests/cpu/simd/float_operands.h"

namespace ringside::simd {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
constexpr int kRounds = 300000;
constexpr u32 kSettled = 0x1FA0;

/// A number whose exponent is at most `spread` from that of `other`, and whose fraction is near a power of two, near
/// the other's, short, or any.
template <typename B>
B neighbour(FloatOperands& random, B other, unsigned spread) {
  using F = Format<B>;
  const unsigned top = static_cast<unsigned>(F::kMaxExponent);
  const unsigned exponent =
      (static_cast<unsigned>(magnitude(other) >> F::kFractionBits) + random.below(2 * spread + 1) + top - spread) % top;
  B fraction = random.fraction<B>();
  switch (random.below(4)) {
    case 0: fraction = (other + static_cast<B>(random.below(5)) - 2) & F::kFraction; break;
    case 1: fraction = (F::kFraction + static_cast<B>(random.below(6))) & F::kFraction; break;
    case 2: fraction &= static_cast<B>(~B{0} << random.below(F::kFractionBits)); break;
    default: break;
  }
  return static_cast<B>(random.bits() << (F::kBits - 1)) | static_cast<B>(exponent) << F::kFractionBits | fraction;
}
template <typename B>
void fill_near(FloatOperands& random, Vector128& a, Vector128& b) {
  using F = Format<B>;
  const unsigned spread = random.one_in(2) ? 2 : F::kPrecision + 4;
  for (unsigned i = 0; i < 16 / sizeof(B); ++i) {
    const B first = random.one_in(200) ? random.value<B>(0) : neighbour<B>(random, static_cast<B>(F::kBias) << F::kFractionBits, 60);
    a.set_lane<B>(i, first);
    b.set_lane<B>(i, random.one_in(200) ? random.partner<B>(first, 2) : neighbour<B>(random, first, spread));
    for (Vector128* v : {&a, &b})
      if (random.one_in(10)) v->set_lane<B>(i, random.one_in(2) ? F::kSign : 0);
  }
}

template <FloatOp op, typename B>
void check_scalar(const Vector128& a, const Vector128& b, int& applied) {
  u64 out = 0;
  if (!lean_scalar<op, B>(a.q[0], b.lane<B>(0), out)) return;
  ++applied;
  FloatEnv env(kSettled);
  const B expected = calculate<op, B>(env, a.lane<B>(0), b.lane<B>(0));
  ASSERT_EQ(env.raised & ~kPrecision, 0u) << std::hex << a.q[0] << " " << b.q[0];
  ASSERT_EQ(static_cast<B>(out), expected) << std::hex << a.q[0] << " " << b.q[0];
  if (sizeof(B) == 4) {
    ASSERT_EQ(out >> 32, a.q[0] >> 32);
  }
}
template <FloatOp op, typename B, bool lane_shifts>
void check_packed(const Vector128& a, const Vector128& b, int& applied) {
  Vector128 ours = a;
  if (!lean_packed<op, B, lane_shifts>(reinterpret_cast<u8*>(ours.q), reinterpret_cast<const u8*>(b.q))) {
    ASSERT_TRUE(ours.q[0] == a.q[0] && ours.q[1] == a.q[1]) << "changed what it refused";
    return;
  }
  ++applied;
  FloatEnv env(kSettled);
  const Vector128 expected = packed<op, B>(env, a, b);
  ASSERT_EQ(env.raised & ~kPrecision, 0u);
  ASSERT_TRUE(ours.q[0] == expected.q[0] && ours.q[1] == expected.q[1])
      << std::hex << a.q[1] << " " << a.q[0] << ", " << b.q[1] << " " << b.q[0] << ": " << ours.q[1] << " " << ours.q[0]
      << " for " << expected.q[1] << " " << expected.q[0];
}
template <FloatOp op, typename B>
void check_operation() {
  FloatOperands random(2027 + static_cast<unsigned>(op) * 2 + sizeof(B));
  int scalars = 0, vectors = 0, shifted_vectors = 0;
  for (int round = 0; round < kRounds; ++round) {
    Vector128 a, b;
    fill_near<B>(random, a, b);
    check_scalar<op, B>(a, b, scalars);
    check_packed<op, B, false>(a, b, vectors);
    check_packed<op, B, true>(a, b, shifted_vectors);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(scalars, kRounds / 4);
  EXPECT_GT(vectors, kRounds / 100);
  EXPECT_GT(shifted_vectors, kRounds / 100);
}
template <typename B>
void check_all() {
  check_operation<FloatOp::kAdd, B>();
  check_operation<FloatOp::kSubtract, B>();
  check_operation<FloatOp::kMultiply, B>();
  check_operation<FloatOp::kDivide, B>();
  check_operation<FloatOp::kSquareRoot, B>();
  check_operation<FloatOp::kMinimum, B>();
  check_operation<FloatOp::kMaximum, B>();
}

TEST(FloatLean, Singles) { check_all<u32>(); }
TEST(FloatLean, Doubles) { check_all<u64>(); }

template <typename B>
void check_truncation() {
  FloatOperands random(31 + sizeof(B));
  int applied = 0;
  for (int round = 0; round < kRounds; ++round) {
    const B a = random.one_in(8) ? random.value<B>(3)
                                 : neighbour<B>(random, static_cast<B>(Format<B>::kBias + 16) << Format<B>::kFractionBits, 18);
    std::int32_t out;
    if (!lean_truncate_to_int32<B>(a, out)) continue;
    ++applied;
    FloatEnv env(kSettled);
    const std::int32_t expected = to_int32<B>(env, a, Rounding::kZero);
    ASSERT_EQ(env.raised & ~kPrecision, 0u) << std::hex << a;
    ASSERT_EQ(out, expected) << std::hex << a;
  }
  EXPECT_GT(applied, kRounds / 2);
}

TEST(FloatLean, Integers) {
  check_truncation<u32>();
  check_truncation<u64>();
  FloatOperands random(5);
  for (int round = 0; round < kRounds; ++round) {
    const auto a = static_cast<std::int32_t>(static_cast<std::int64_t>(random.bits()) >> (32 + random.below(32)));
    FloatEnv env(kSettled);
    ASSERT_EQ(lean_from_int32(a), from_int32<u64>(env, a)) << a;
  }
}

TEST(FloatLean, RootsOfAllSinglesOfTwoBinades) {
  for (u32 a = 0x3F800000; a < 0x40800000; a += 3) {
    u32 out;
    if (!lean_square_root<u32>(a, out)) continue;
    FloatEnv env(kSettled);
    ASSERT_EQ(out, square_root<u32>(env, a)) << std::hex << a;
  }
}

TEST(FloatLean, SettledIsTheOrdinaryMxcsrOnly) {
  EXPECT_TRUE(is_settled(0x1FA0));
  EXPECT_TRUE(is_settled(0x9FE0 | 0x1F)) << "DAZ and FTZ do not matter to normal numbers, nor do other flags";
  EXPECT_FALSE(is_settled(0x1F80)) << "Precision is not set yet";
  EXPECT_FALSE(is_settled(0x0FA0)) << "nor masked";
  for (u32 rounding = 1; rounding < 4; ++rounding) EXPECT_FALSE(is_settled(0x1FA0 | rounding << kRoundingShift));
}

}  // namespace
}  // namespace ringside::simd
