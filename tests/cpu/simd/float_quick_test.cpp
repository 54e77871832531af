// The fast path's bodies against the complete arithmetic, which silicon has judged (float_silicon_test.cpp): where a
// quick one says that it applies, result and MXCSR must be the same; where it does not, nothing may have changed.
#include <gtest/gtest.h>

#include <cstring>

#include "cpu/simd/float_body.h"
#include "tests/cpu/simd/float_operands.h"

namespace ringside::simd {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
constexpr int kRounds = 100000;

struct Case {
  Vector128 a, b;
  u32 mxcsr;
  std::int32_t integer = 0;
  LazyFlags flags;
  u8* destination() { return reinterpret_cast<u8*>(a.q); }
  const u8* source() const { return reinterpret_cast<const u8*>(b.q); }
};

bool same(const Case& x, const Case& y) {
  return x.a.q[0] == y.a.q[0] && x.a.q[1] == y.a.q[1] && x.mxcsr == y.mxcsr && x.integer == y.integer &&
         x.flags.word() == y.flags.word();
}

/// `complete` gets an environment whose exceptions are entered afterwards; with one unmasked it need not be right.
template <typename B, typename Quick, typename Complete>
void check(const char* name, Quick&& quick, Complete&& complete) {
  FloatOperands random(std::strlen(name) * 997 + static_cast<u8>(name[0]));
  int applied = 0;
  for (int round = 0; round < kRounds; ++round) {
    Case c{};
    const unsigned plain = 5 + random.below(4);
    random.fill<B>(c.a.q, nullptr, plain);
    random.fill<B>(c.b.q, c.a.q, plain);
    c.mxcsr = random.one_in(3) ? random.mxcsr() : 0x1F80 | (random.one_in(2) ? kPrecision : 0);
    Case ours = c, theirs = c;
    if (!quick(ours)) {
      ours.integer = c.integer;  // the handler's own until it is accepted
      ASSERT_TRUE(same(ours, c)) << name << ": changed what it refused";
      continue;
    }
    ++applied;
    FloatEnv env(c.mxcsr);
    complete(theirs, env);
    ASSERT_EQ(env.unmasked(), 0u) << name;
    theirs.mxcsr |= env.raised;
    ASSERT_TRUE(same(ours, theirs)) << name << std::hex << " a " << c.a.q[1] << " " << c.a.q[0] << " b " << c.b.q[1] << " "
                                    << c.b.q[0] << " mxcsr " << c.mxcsr << ": " << ours.a.q[1] << " " << ours.a.q[0]
                                    << " for " << theirs.a.q[1] << " " << theirs.a.q[0] << " mxcsr " << ours.mxcsr << " for "
                                    << theirs.mxcsr;
  }
  EXPECT_GT(applied, kRounds / 100) << name << " hardly ever applies";
}

template <FloatOp op, typename B>
void check_arithmetic(const char* name) {
  check<B>(name, [](Case& c) { return quick_packed<op, B>(c.mxcsr, c.destination(), c.source()); },
           [](Case& c, FloatEnv& env) { c.a = packed<op, B>(env, c.a, c.b); });
  check<B>(name, [](Case& c) { return quick_scalar<op, B>(c.mxcsr, c.destination(), c.source()); },
           [](Case& c, FloatEnv& env) { c.a.set_lane<B>(0, calculate<op, B>(env, c.a.lane<B>(0), c.b.lane<B>(0))); });
}

template <typename B>
void check_all() {
  check_arithmetic<FloatOp::kAdd, B>("ADD");
  check_arithmetic<FloatOp::kSubtract, B>("SUB");
  check_arithmetic<FloatOp::kMultiply, B>("MUL");
  check_arithmetic<FloatOp::kDivide, B>("DIV");
  check_arithmetic<FloatOp::kSquareRoot, B>("SQRT");
  check_arithmetic<FloatOp::kMinimum, B>("MIN");
  check_arithmetic<FloatOp::kMaximum, B>("MAX");
  for (unsigned predicate = 0; predicate < 8; ++predicate) {
    check<B>("CMP packed",
             [=](Case& c) { return quick_compare_masks<B, 16 / sizeof(B)>(c.destination(), c.source(), predicate); },
             [=](Case& c, FloatEnv& env) {
               for (unsigned i = 0; i < 16 / sizeof(B); ++i)
                 c.a.set_lane<B>(i, compare_mask<B>(env, c.a.lane<B>(i), c.b.lane<B>(i), predicate));
             });
    check<B>("CMP scalar", [=](Case& c) { return quick_compare_masks<B, 1>(c.destination(), c.source(), predicate); },
             [=](Case& c, FloatEnv& env) {
               c.a.set_lane<B>(0, compare_mask<B>(env, c.a.lane<B>(0), c.b.lane<B>(0), predicate));
             });
  }
  check<B>("COMI", [](Case& c) { return quick_compare_flags<B>(c.destination(), c.source(), c.flags); },
           [](Case& c, FloatEnv& env) {
             set_order_flags(c.flags, compare<B>(env, c.a.lane<B>(0), c.b.lane<B>(0), false));
           });
  check<B>("CVT to integer", [](Case& c) { return quick_scalar_si<B, false>(c.mxcsr, c.source(), c.integer); },
           [](Case& c, FloatEnv& env) { c.integer = to_int32<B>(env, c.b.lane<B>(0), env.rounding()); });
  check<B>("CVTT to integer", [](Case& c) { return quick_scalar_si<B, true>(c.mxcsr, c.source(), c.integer); },
           [](Case& c, FloatEnv& env) { c.integer = to_int32<B>(env, c.b.lane<B>(0), Rounding::kZero); });
  check<B>("CVT from integer",
           [](Case& c) { return quick_si_scalar<B>(c.mxcsr, c.destination(), c.b.lane<std::int32_t>(0)); },
           [](Case& c, FloatEnv& env) { c.a.set_lane<B>(0, from_int32<B>(env, c.b.lane<std::int32_t>(0))); });
}

TEST(FloatQuick, Singles) { check_all<u32>(); }
TEST(FloatQuick, Doubles) { check_all<u64>(); }

TEST(FloatQuick, Formats) {
  check<u32>("CVTSS2SD", [](Case& c) { return quick_ss_sd(c.destination(), c.source()); },
             [](Case& c, FloatEnv& env) { c.a.q[0] = widen(env, c.b.lane<u32>(0)); });
  check<u64>("CVTSD2SS", [](Case& c) { return quick_sd_ss(c.mxcsr, c.destination(), c.source()); },
             [](Case& c, FloatEnv& env) { c.a.set_lane<u32>(0, narrow(env, c.b.q[0])); });
  check<u32>("CVTDQ2PS", [](Case& c) { return quick_dq_ps(c.mxcsr, c.destination(), c.source()); },
             [](Case& c, FloatEnv& env) {
               for (unsigned i = 0; i < 4; ++i) c.a.set_lane(i, from_int32<u32>(env, c.b.lane<std::int32_t>(i)));
             });
  check<u32>("CVTPS2DQ", [](Case& c) { return quick_ps_dq<false>(c.mxcsr, c.destination(), c.source()); },
             [](Case& c, FloatEnv& env) {
               for (unsigned i = 0; i < 4; ++i) c.a.set_lane(i, to_int32<u32>(env, c.b.lane<u32>(i), env.rounding()));
             });
  check<u32>("CVTTPS2DQ", [](Case& c) { return quick_ps_dq<true>(c.mxcsr, c.destination(), c.source()); },
             [](Case& c, FloatEnv& env) {
               for (unsigned i = 0; i < 4; ++i) c.a.set_lane(i, to_int32<u32>(env, c.b.lane<u32>(i), Rounding::kZero));
             });
}

}  // namespace
}  // namespace ringside::simd
