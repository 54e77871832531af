// The transcendental functions beside MPFR: within one unit in the last place of the exact result in every
// rounding, within a hair more than half a unit to nearest. Angles are reduced by the 66-bit pi (SDM Vol. 1,
// "Approximation of Pi"), which is what the instructions are defined by.
#include <gtest/gtest.h>
#include <mpfr.h>

#include "tests/cpu/x87/operands.h"

namespace ringside::x87 {
namespace {

constexpr int kRounds = 6000;
constexpr mpfr_prec_t kPrecisionBits = 400;

class Number {
 public:
  Number() { mpfr_init2(m, kPrecisionBits); }
  explicit Number(Float80 a) : Number() {
    mpfr_set_uj_2exp(m, a.significand, static_cast<intmax_t>(exponent_of(a)) - kBias - 63, MPFR_RNDN);
    if (sign_of(a)) mpfr_neg(m, m, MPFR_RNDN);
  }
  ~Number() { mpfr_clear(m); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  mpfr_t m;
};

/// |result - exact| in units of the last place of a 64-bit significand.
double error_in_units(Float80 result, const Number& exact) {
  Number difference(result);
  mpfr_sub(difference.m, difference.m, exact.m, MPFR_RNDN);
  mpfr_abs(difference.m, difference.m, MPFR_RNDN);
  mpfr_mul_2si(difference.m, difference.m, 64 - mpfr_get_exp(exact.m), MPFR_RNDN);
  return mpfr_get_d(difference.m, MPFR_RNDU);
}

/// Runs `ours` and `exact` on operands from `operands` in all roundings.
template <typename Operand, typename Ours, typename Exact>
void check(const char* name, std::uint64_t seed, Operand&& operand, Ours&& ours, Exact&& exact) {
  Operands random(seed);
  double worst = 0, worst_nearest = 0;
  int compared = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Float80 x = operand(random, 0), y = operand(random, 1);
    const unsigned rounding = static_cast<unsigned>(round) & 3;
    Arithmetic env(static_cast<std::uint16_t>(0x37F | rounding << 10));
    const Float80 result = ours(env, x, y);
    Number right;
    exact(right, Number(x), Number(y));
    const unsigned exponent = exponent_of(result);
    if (exponent == 0 || exponent == kMaxExponent || mpfr_zero_p(right.m) != 0) continue;
    ++compared;
    const double error = error_in_units(result, right);
    worst = std::max(worst, error);
    if (rounding == 0) worst_nearest = std::max(worst_nearest, error);
    ASSERT_LE(error, rounding == 0 ? 0.5001 : 1.0)
        << name << std::hex << " of " << x.sign_exp << ':' << x.significand << ", " << y.sign_exp << ':' << y.significand
        << " is " << result.sign_exp << ':' << result.significand << " rounding " << rounding;
  }
  EXPECT_GT(compared, kRounds / 2) << name;
  std::printf("%s: %d compared, worst %.4f units, to nearest %.4f\n", name, compared, worst, worst_nearest);
}

/// A number of either sign with an exponent from `low` on.
Float80 number(Operands& random, int low, unsigned count) {
  return pack(random.one_in(2), static_cast<unsigned>(kBias + low) + random.below(count), random.significand());
}

TEST(Mpfr, F2xm1) {
  check("F2XM1", 1, [](Operands& r, int) { return number(r, -70, 70); },
        [](Arithmetic& e, Float80 x, Float80) { return f2xm1(e, x); },
        [](Number& out, const Number& x, const Number&) {
          Number ln2;
          mpfr_const_log2(ln2.m, MPFR_RNDN);
          mpfr_mul(out.m, x.m, ln2.m, MPFR_RNDN);
          mpfr_expm1(out.m, out.m, MPFR_RNDN);
        });
}

TEST(Mpfr, Fyl2x) {
  check("FYL2X", 2,
        [](Operands& r, int which) {
          if (which != 0) return number(r, -60, 120);
          Float80 x = r.one_in(2) ? number(r, -2, 4) : number(r, -8000, 16000);
          if (r.one_in(4)) x = pack(false, static_cast<unsigned>(kBias), kIntegerBit | r.bits() >> 1 >> r.below(62));
          x.sign_exp &= 0x7FFF;
          return x;
        },
        [](Arithmetic& e, Float80 x, Float80 y) { return fyl2x(e, x, y); },
        [](Number& out, const Number& x, const Number& y) {
          mpfr_log2(out.m, x.m, MPFR_RNDN);
          mpfr_mul(out.m, out.m, y.m, MPFR_RNDN);
        });
}

TEST(Mpfr, Fyl2xp1) {
  check("FYL2XP1", 3, [](Operands& r, int which) { return which != 0 ? number(r, -60, 120) : number(r, -70, 68); },
        [](Arithmetic& e, Float80 x, Float80 y) { return fyl2xp1(e, x, y); },
        [](Number& out, const Number& x, const Number& y) {
          Number ln2;
          mpfr_const_log2(ln2.m, MPFR_RNDN);
          mpfr_log1p(out.m, x.m, MPFR_RNDN);
          mpfr_div(out.m, out.m, ln2.m, MPFR_RNDN);
          mpfr_mul(out.m, out.m, y.m, MPFR_RNDN);
        });
}

TEST(Mpfr, Fpatan) {
  check("FPATAN", 4, [](Operands& r, int) { return number(r, -40, 80); },
        [](Arithmetic& e, Float80 x, Float80 y) { return fpatan(e, x, y); },
        [](Number& out, const Number& x, const Number& y) { mpfr_atan2(out.m, y.m, x.m, MPFR_RNDN); });
}

/// The rest of x after as many halves of the 66-bit pi as there are; their number's last two bits.
unsigned reduce(Number& rest, const Number& x) {
  if (mpfr_cmp_d(x.m, 0.78) < 0 && mpfr_cmp_d(x.m, -0.78) > 0) {  // the instructions do not reduce these
    mpfr_set(rest.m, x.m, MPFR_RNDN);
    return 0;
  }
  Number half, count;
  mpfr_set_uj(half.m, 0x3243F6A8885A308D, MPFR_RNDN);
  mpfr_mul_ui(half.m, half.m, 16, MPFR_RNDN);
  mpfr_add_ui(half.m, half.m, 3, MPFR_RNDN);
  mpfr_div_2ui(half.m, half.m, 65, MPFR_RNDN);
  mpfr_div(count.m, x.m, half.m, MPFR_RNDN);
  mpfr_rint(count.m, count.m, MPFR_RNDN);
  mpfr_mul(rest.m, count.m, half.m, MPFR_RNDN);
  mpfr_sub(rest.m, x.m, rest.m, MPFR_RNDN);
  return static_cast<unsigned>(mpfr_get_sj(count.m, MPFR_RNDZ)) & 3;
}
/// Quarters turned: 0 sine, 1 cosine, 2 and 3 their negatives.
void turned_sine(Number& out, const Number& rest, unsigned quarter) {
  if ((quarter & 1) == 0) mpfr_sin(out.m, rest.m, MPFR_RNDN);
  else mpfr_cos(out.m, rest.m, MPFR_RNDN);
  if ((quarter & 2) != 0) mpfr_neg(out.m, out.m, MPFR_RNDN);
}

Float80 angle(Operands& r, int) { return r.one_in(3) ? number(r, -38, 100) : number(r, -10, 14); }

TEST(Mpfr, Sine) {
  check("FSIN", 5, angle,
        [](Arithmetic& e, Float80 x, Float80) {
          Float80 result{};
          sine_cosine(e, x, &result, nullptr, nullptr);
          return result;
        },
        [](Number& out, const Number& x, const Number&) {
          Number rest;
          const unsigned quarter = reduce(rest, x);
          turned_sine(out, rest, quarter);
        });
}

TEST(Mpfr, Cosine) {
  check("FCOS", 6, angle,
        [](Arithmetic& e, Float80 x, Float80) {
          Float80 result{};
          sine_cosine(e, x, nullptr, &result, nullptr);
          return result;
        },
        [](Number& out, const Number& x, const Number&) {
          Number rest;
          const unsigned quarter = reduce(rest, x);
          turned_sine(out, rest, (quarter + 1) & 3);
        });
}

TEST(Mpfr, Tangent) {
  check("FPTAN", 7, angle,
        [](Arithmetic& e, Float80 x, Float80) {
          Float80 result{};
          sine_cosine(e, x, nullptr, nullptr, &result);
          return result;
        },
        [](Number& out, const Number& x, const Number&) {
          Number rest, cosine;
          const unsigned quarter = reduce(rest, x);
          turned_sine(out, rest, quarter);
          turned_sine(cosine, rest, (quarter + 1) & 3);
          mpfr_div(out.m, out.m, cosine.m, MPFR_RNDN);
        });
}

}  // namespace
}  // namespace ringside::x87
