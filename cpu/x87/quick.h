// The quick cases of the x87: instructions on a state where they can raise nothing but a masked Precision
// exception. Bodies for the fast path; the reference executor's are in unit.cpp, and tests hold the two together.
//
// Each works on the state alone and returns false, with nothing changed, where it does not apply: an empty or full
// stack, an operand or result that is no normal number (or zero, where that is cheap), a rounding other than to
// nearest, PE unmasked. The caller has found nothing pending (`nothing_pending`) and CR0.EM and TS clear; it notes
// the instruction's pointers (FIP, FOP, FDP) afterwards.
//
// That tags are always exact (unit.h) makes it cheap: tag 0 is a normal number, 1 is zero.
#pragma once

#include "cpu/integer_root.h"
#include "cpu/lazy_flags.h"
#include "cpu/x87/float80.h"
#include "cpu/x87/unit.h"

namespace ringside::x87::quick {

#define RINGSIDE_QUICK [[gnu::always_inline]] inline

RINGSIDE_QUICK bool nothing_pending(const X87State& s) { return __builtin_expect((s.status & kErrorSummary) == 0, 1); }
/// Rounding to nearest, PE masked.
RINGSIDE_QUICK bool ordinary(const X87State& s) { return __builtin_expect((s.control & 0xC20) == 0x20, 1); }

// ===== The stack =====
RINGSIDE_QUICK unsigned top(const X87State& s) { return s.status >> 11 & 7u; }
RINGSIDE_QUICK unsigned physical(const X87State& s, unsigned i) { return ((s.status >> 11) + i) & 7u; }
RINGSIDE_QUICK unsigned tag(const X87State& s, unsigned number) { return s.tags >> (2 * number) & 3u; }
RINGSIDE_QUICK void set_tag(X87State& s, unsigned number, unsigned value) {
  s.tags = static_cast<std::uint16_t>((s.tags & ~(3u << (2 * number))) | value << (2 * number));
}
RINGSIDE_QUICK void set_c1(X87State& s, bool on) {
  s.status = static_cast<std::uint16_t>((s.status & ~kC1) | (on ? kC1 : 0));
}
RINGSIDE_QUICK void pop(X87State& s) {
  s.tags = static_cast<std::uint16_t>(s.tags | 3u << (2 * top(s)));
  s.status = static_cast<std::uint16_t>((s.status & ~kTopMask) | ((s.status + 0x800u) & kTopMask));
}
/// To a register that is known to be empty. C1 becomes 0.
RINGSIDE_QUICK void push(X87State& s, Float80 value, unsigned value_tag) {
  const unsigned number = physical(s, 7);
  s.reg[number] = value;
  s.tags = static_cast<std::uint16_t>(s.tags ^ (3u ^ value_tag) << (2 * number));
  s.status = static_cast<std::uint16_t>((s.status & ~(kTopMask | kC1)) | number << 11);
}
RINGSIDE_QUICK bool room(const X87State& s) { return __builtin_expect(tag(s, physical(s, 7)) == kTagEmpty, 1); }

// ===== Arithmetic =====
/// What an operation leaves in the status word.
struct Outcome {
  bool up = false;       ///< C1: the magnitude was rounded up
  bool inexact = false;
};
RINGSIDE_QUICK void enter(X87State& s, Outcome o) {
  s.status = static_cast<std::uint16_t>((s.status & ~kC1) | (o.up ? kC1 : 0) | (o.inexact ? kPrecision : 0));
}

/// Rounds high * 2^64 + low, bit 127 set, to nearest in the precision that PC selects.
RINGSIDE_QUICK bool round_nearest(std::uint16_t control, unsigned sign, unsigned exponent, std::uint64_t high,
                                  std::uint64_t low, Float80& out, Outcome& outcome) {
  const unsigned pc = control >> 8 & 3u;
  std::uint64_t rounded;
  bool carry;
  if (__builtin_expect((pc & 1) != 0, 1)) {
    outcome.inexact = low != 0;
    outcome.up = (low >> 63 & ((low << 1 != 0 ? 1 : 0) | (high & 1))) != 0;
    rounded = high + (outcome.up ? 1 : 0);
    carry = rounded < high;
  } else {
    const std::uint64_t mask = pc == 2 ? 0x7FF : 0xFFFFFFFFFF;
    const std::uint64_t sticky = high | (low != 0 ? 1 : 0), last = high & (mask + 1);
    outcome.inexact = (sticky & mask) != 0;
    rounded = sticky + (mask >> 1) + (last != 0 ? 1 : 0);
    carry = rounded < sticky;
    rounded &= ~mask;
    outcome.up = rounded != (high & ~mask);
  }
  exponent += carry ? 1 : 0;
  if (__builtin_expect(exponent - 1 >= kMaxExponent - 1, 0)) return false;
  out.significand = carry ? kIntegerBit : rounded;
  out.sign_exp = static_cast<std::uint16_t>(sign | exponent);
  return true;
}

/// All of these take normal numbers.
RINGSIDE_QUICK bool add(std::uint16_t control, Float80 a, Float80 b, unsigned turn, Float80& out, Outcome& outcome) {
  const unsigned exp_a = exponent_of(a), exp_b = exponent_of(b);
  const bool swap = exp_a < exp_b || (exp_a == exp_b && a.significand < b.significand);
  const unsigned sign_b = (b.sign_exp ^ turn) & 0x8000u;
  const unsigned sign = swap ? sign_b : a.sign_exp & 0x8000u;
  const unsigned exponent = swap ? exp_b : exp_a;
  const unsigned distance = exponent - (swap ? exp_a : exp_b);
  if (__builtin_expect(distance > 62, 0)) return false;
  const std::uint64_t big = swap ? b.significand : a.significand, small = swap ? a.significand : b.significand;
  // Leading bits at 126, so that the sum has room; nothing is lost at these distances.
  const Wide second = (static_cast<Wide>(small) << 63) >> distance;
  const Wide first = static_cast<Wide>(big) << 63;
  const bool differ = ((a.sign_exp ^ sign_b) & 0x8000u) != 0;
  const Wide sum = differ ? first - second : first + second;
  const auto high = static_cast<std::uint64_t>(sum >> 64), low = static_cast<std::uint64_t>(sum);
  if (__builtin_expect(high == 0, 0)) return false;
  const unsigned shift = static_cast<unsigned>(__builtin_clzll(high));
  return round_nearest(control, sign, exponent + 1 - shift, high << shift | (low >> 1) >> (63 - shift), low << shift,
                       out, outcome);
}

RINGSIDE_QUICK bool multiply(std::uint16_t control, Float80 a, Float80 b, Float80& out, Outcome& outcome) {
  const Wide product = static_cast<Wide>(a.significand) * b.significand;
  auto high = static_cast<std::uint64_t>(product >> 64), low = static_cast<std::uint64_t>(product);
  const bool carry = high >> 63 != 0;
  high = carry ? high : high << 1 | low >> 63;
  low = carry ? low : low << 1;
  return round_nearest(control, (a.sign_exp ^ b.sign_exp) & 0x8000u,
                       exponent_of(a) + exponent_of(b) - unsigned{kBias} + (carry ? 1 : 0), high, low, out, outcome);
}

RINGSIDE_QUICK bool divide(std::uint16_t control, Float80 a, Float80 b, Float80& out, Outcome& outcome) {
  const bool less = a.significand < b.significand;
  const std::uint64_t high = less ? a.significand : a.significand >> 1;
  const std::uint64_t low = less ? 0 : a.significand << 63;
  std::uint64_t quotient, rest;
#if defined(__x86_64__)
  // Compilers call a function for this; here it is known that the quotient fits.
  __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(low), "d"(high), "r"(b.significand) : "cc");
#else
  const Wide dividend = static_cast<Wide>(high) << 64 | low;
  quotient = static_cast<std::uint64_t>(dividend / b.significand);
  rest = static_cast<std::uint64_t>(dividend - static_cast<Wide>(quotient) * b.significand);
#endif
  // What is left decides the rounding by its relation to one half only; a tie cannot be.
  const std::uint64_t twice = rest << 1;
  const bool above = rest >> 63 != 0 || twice > b.significand;
  const std::uint64_t fraction = (rest != 0 ? kQuietBit : 0) | (above ? kIntegerBit : 0);
  if (__builtin_expect(twice == b.significand, 0)) return false;
  return round_nearest(control, (a.sign_exp ^ b.sign_exp) & 0x8000u,
                       exponent_of(a) - exponent_of(b) + unsigned{kBias} - (less ? 1 : 0), quotient, fraction, out,
                       outcome);
}

RINGSIDE_QUICK bool square_root(std::uint16_t control, Float80 a, Float80& out, Outcome& outcome) {
  if (__builtin_expect((a.sign_exp & 0x8000u) != 0, 0)) return false;
  // An even power of two goes outside; the bias is odd.
  const unsigned exponent = a.sign_exp;
  const bool even = (exponent & 1) != 0;
  Wide rest;
  const std::uint64_t root =
      root_of_128(even ? a.significand >> 1 : a.significand, even ? a.significand << 63 : 0, rest);
  const std::uint64_t fraction = rest == 0 ? 0 : rest > root ? kIntegerBit | kQuietBit : kQuietBit;
  return round_nearest(control, 0, (exponent + unsigned{kBias}) >> 1, root, fraction, out, outcome);
}

/// The operations of D8 and its kin, by the opcode's reg field: a is ST(0).
template <unsigned operation>
RINGSIDE_QUICK bool calculate(std::uint16_t control, Float80 a, Float80 b, Float80& out, Outcome& outcome) {
  static_assert(operation != 2 && operation != 3, "comparisons");
  if constexpr (operation == 0) return add(control, a, b, 0, out, outcome);
  if constexpr (operation == 1) return multiply(control, a, b, out, outcome);
  if constexpr (operation == 4) return add(control, a, b, 0x8000, out, outcome);
  if constexpr (operation == 5) return add(control, b, a, 0x8000, out, outcome);
  if constexpr (operation == 6) return divide(control, a, b, out, outcome);
  if constexpr (operation == 7) return divide(control, b, a, out, outcome);
}

/// ST(0) op ST(i) to ST(0), or with `to_i` to ST(i), with `pop_after` popped. `operation` is the reg field of D8, DC
/// and DE alike: DC /4 is FSUBR, ST(i) = ST(0) - ST(i).
template <unsigned operation, bool to_i, bool pop_after>
RINGSIDE_QUICK bool arithmetic_registers(X87State& s, unsigned i) {
  const unsigned first = top(s), second = (first + i) & 7u;
  if (__builtin_expect(((s.tags >> (2 * first) | s.tags >> (2 * second)) & 3u) != 0 || !ordinary(s), 0)) return false;
  Float80 result;
  Outcome outcome;
  if (__builtin_expect(!calculate<operation>(s.control, s.reg[first], s.reg[second], result, outcome), 0)) return false;
  s.reg[to_i ? second : first] = result;
  enter(s, outcome);
  if constexpr (pop_after) pop(s);
  return true;
}

/// ST(0) op a memory operand that `from_*` below has converted.
template <unsigned operation>
RINGSIDE_QUICK bool arithmetic_memory(X87State& s, Float80 operand) {
  const unsigned first = top(s);
  if (__builtin_expect(tag(s, first) != 0 || !ordinary(s), 0)) return false;
  Float80 result;
  Outcome outcome;
  if (__builtin_expect(!calculate<operation>(s.control, s.reg[first], operand, result, outcome), 0)) return false;
  s.reg[first] = result;
  enter(s, outcome);
  return true;
}

RINGSIDE_QUICK bool root(X87State& s) {
  const unsigned first = top(s);
  if (__builtin_expect(tag(s, first) != 0 || !ordinary(s), 0)) return false;
  Float80 result;
  Outcome outcome;
  if (__builtin_expect(!square_root(s.control, s.reg[first], result, outcome), 0)) return false;
  s.reg[first] = result;
  enter(s, outcome);
  return true;
}

// ===== Comparison =====
/// Of normal numbers and zeros.
RINGSIDE_QUICK Order order_of(Float80 a, Float80 b) {
  if (__builtin_expect(a.significand == 0 && b.significand == 0, 0)) return Order::kEqual;
  const bool negative = (a.sign_exp & 0x8000u) != 0;
  if (negative != ((b.sign_exp & 0x8000u) != 0)) return negative ? Order::kLess : Order::kGreater;
  if (a.sign_exp == b.sign_exp && a.significand == b.significand) return Order::kEqual;
  const bool smaller = a.sign_exp != b.sign_exp ? a.sign_exp < b.sign_exp : a.significand < b.significand;
  return smaller != negative ? Order::kLess : Order::kGreater;
}
RINGSIDE_QUICK void set_condition(X87State& s, Order order) {
  constexpr std::uint16_t kCodes[3] = {0, kC0, kC3};
  s.status = static_cast<std::uint16_t>((s.status & ~(kC0 | kC1 | kC2 | kC3)) | kCodes[static_cast<unsigned>(order)]);
}
/// FCOM, FCOMP, FCOMPP, FUCOM...: quiet or not is the same without NaNs.
template <unsigned pops>
RINGSIDE_QUICK bool compare_registers(X87State& s, unsigned i) {
  const unsigned first = top(s), second = (first + i) & 7u;
  if (__builtin_expect(tag(s, first) > 1 || tag(s, second) > 1, 0)) return false;
  set_condition(s, order_of(s.reg[first], s.reg[second]));
  if constexpr (pops > 0) pop(s);
  if constexpr (pops > 1) pop(s);
  return true;
}
/// FCOM(P) with a memory operand (FTST: zero).
template <unsigned pops>
RINGSIDE_QUICK bool compare_memory(X87State& s, Float80 operand) {
  if (__builtin_expect(tag(s, top(s)) > 1, 0)) return false;
  set_condition(s, order_of(s.reg[top(s)], operand));
  if constexpr (pops > 0) pop(s);
  return true;
}
/// FCOMI, FUCOMI and their popping forms; C1 stays.
template <bool pop_after>
RINGSIDE_QUICK bool compare_to_flags(X87State& s, unsigned i, LazyFlags& flags) {
  const unsigned first = top(s), second = (first + i) & 7u;
  if (__builtin_expect(tag(s, first) > 1 || tag(s, second) > 1, 0)) return false;
  const Order order = order_of(s.reg[first], s.reg[second]);
  flags.set_cf(order == Order::kLess);
  flags.set_of_af(false, false);
  flags.set_zsp(order == Order::kEqual, false, false);
  if constexpr (pop_after) pop(s);
  return true;
}

// ===== Operands from memory: false for denormals, infinities and NaNs; for arithmetic also for zeros =====
RINGSIDE_QUICK bool from_single(std::uint32_t bits, Float80& out) {
  const unsigned exponent = bits >> 23 & 0xFF;
  out.significand = kIntegerBit | std::uint64_t{bits} << 40;
  out.sign_exp = static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | (exponent + (kBias - 127)));
  return exponent - 1 < 0xFE;
}
RINGSIDE_QUICK bool from_double(std::uint64_t bits, Float80& out) {
  const unsigned exponent = static_cast<unsigned>(bits >> 52) & 0x7FF;
  out.significand = kIntegerBit | bits << 11;
  out.sign_exp = static_cast<std::uint16_t>((bits >> 48 & 0x8000u) | (exponent + (kBias - 1023)));
  return exponent - 1 < 0x7FE;
}
RINGSIDE_QUICK bool from_nonzero_integer(std::int64_t value, Float80& out) {
  const bool negative = value < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  if (__builtin_expect(size == 0, 0)) return false;
  const unsigned shift = static_cast<unsigned>(__builtin_clzll(size));
  out.significand = size << shift;
  out.sign_exp = static_cast<std::uint16_t>((negative ? 0x8000u : 0u) | (kBias + 63 - shift));
  return true;
}

// ===== Loads =====
RINGSIDE_QUICK bool load_single(X87State& s, std::uint32_t bits) {
  Float80 value;
  const bool normal = from_single(bits, value);
  if (!room(s)) return false;
  if (__builtin_expect(!normal, 0)) {
    if ((bits & 0x7FFFFFFF) != 0) return false;
    value = zero(bits != 0);
  }
  push(s, value, normal ? 0 : 1);
  return true;
}
RINGSIDE_QUICK bool load_double(X87State& s, std::uint64_t bits) {
  Float80 value;
  const bool normal = from_double(bits, value);
  if (!room(s)) return false;
  if (__builtin_expect(!normal, 0)) {
    if (bits << 1 != 0) return false;
    value = zero(bits != 0);
  }
  push(s, value, normal ? 0 : 1);
  return true;
}
RINGSIDE_QUICK bool load_integer(X87State& s, std::int64_t integer) {
  Float80 value;
  if (!room(s)) return false;
  const bool nonzero = from_nonzero_integer(integer, value);
  if (__builtin_expect(!nonzero, 0)) value = zero(false);
  push(s, value, nonzero ? 0 : 1);
  return true;
}
/// FLD m80: a normal number or zero. Others would do, but finding out their tags is a call.
RINGSIDE_QUICK bool load_extended(X87State& s, Float80 value) {
  const bool normal = (value.significand & kIntegerBit) != 0 && exponent_of(value) - 1u < unsigned{kMaxExponent} - 1;
  const bool is_zero = value.significand == 0 && exponent_of(value) == 0;
  if (__builtin_expect(!normal && !is_zero, 0) || !room(s)) return false;
  push(s, value, normal ? 0 : 1);
  return true;
}
RINGSIDE_QUICK bool load_register(X87State& s, unsigned i) {
  const unsigned number = physical(s, i), value_tag = tag(s, number);
  if (__builtin_expect(value_tag == kTagEmpty, 0) || !room(s)) return false;
  push(s, s.reg[number], value_tag);
  return true;
}
/// FLD1, FLDZ.
RINGSIDE_QUICK bool load_one(X87State& s) {
  if (!room(s)) return false;
  push(s, kOne, 0);
  return true;
}
RINGSIDE_QUICK bool load_zero(X87State& s) {
  if (!room(s)) return false;
  push(s, zero(false), 1);
  return true;
}

// ===== Stores: the value first, so that a caller can probe memory, then `stored` =====
/// ST(0) in a narrower format of `fraction_bits`, by the rounding that RC selects.
template <typename B, unsigned fraction_bits, int bias>
RINGSIDE_QUICK bool narrow(const X87State& s, B& out, Outcome& outcome) {
  constexpr unsigned kMax = 2 * unsigned{bias} + 1, kShift = 63 - fraction_bits;
  const Float80 value = s.reg[top(s)];
  const unsigned value_tag = tag(s, top(s));
  const B sign = static_cast<B>(static_cast<B>(value.sign_exp >> 15) << (sizeof(B) * 8 - 1));
  if (__builtin_expect(value_tag != 0, 0)) {
    out = sign;
    return value_tag == 1;
  }
  if (!ordinary(s)) return false;
  const unsigned exponent = exponent_of(value) - unsigned{kBias - bias};
  if (__builtin_expect(exponent - 1 >= kMax - 2, 0)) return false;
  constexpr std::uint64_t kMask = (std::uint64_t{1} << kShift) - 1;
  const std::uint64_t kept = value.significand >> kShift, rest = value.significand & kMask;
  outcome.inexact = rest != 0;
  outcome.up = rest + (kept & 1) > (kMask >> 1) + 1;
  out = sign | ((static_cast<B>(exponent - 1) << fraction_bits) + static_cast<B>(kept + (outcome.up ? 1 : 0)));
  return true;
}
RINGSIDE_QUICK bool to_single(const X87State& s, std::uint32_t& out, Outcome& outcome) {
  return narrow<std::uint32_t, 23, 127>(s, out, outcome);
}
RINGSIDE_QUICK bool to_double(const X87State& s, std::uint64_t& out, Outcome& outcome) {
  return narrow<std::uint64_t, 52, 1023>(s, out, outcome);
}
/// FIST(P) with 16, 32 or 64 bits: in every rounding, since chopping is what compilers do with it.
template <unsigned bits>
RINGSIDE_QUICK bool to_integer(const X87State& s, std::int64_t& out, Outcome& outcome) {
  const Float80 value = s.reg[top(s)];
  const unsigned value_tag = tag(s, top(s));
  out = 0;
  if (__builtin_expect(value_tag != 0, 0)) return value_tag == 1;
  const unsigned place = exponent_of(value) - unsigned{kBias} + 1;  // bits before the point
  if (__builtin_expect(place > 63 || (s.control & kPrecision) == 0, 0)) return false;
  std::uint64_t integer = (value.significand >> 1) >> (63 - place);
  const std::uint64_t fraction = value.significand << place;
  const bool negative = (value.sign_exp & 0x8000u) != 0;
  outcome.inexact = fraction != 0;
  switch (s.control >> 10 & 3) {
    case 0: outcome.up = (fraction >> 63 & ((fraction << 1 != 0 ? 1 : 0) | (integer & 1))) != 0; break;
    case 1: outcome.up = negative && fraction != 0; break;
    case 2: outcome.up = !negative && fraction != 0; break;
    default: outcome.up = false; break;
  }
  integer += outcome.up ? 1 : 0;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << (bits - 1);
  if (__builtin_expect(integer > kLimit - (negative ? 0 : 1), 0)) return false;
  out = static_cast<std::int64_t>(negative ? 0 - integer : integer);
  return true;
}
/// What follows the write of the value.
template <bool pop_after>
RINGSIDE_QUICK void stored(X87State& s, Outcome outcome) {
  enter(s, outcome);
  if constexpr (pop_after) pop(s);
}
/// FSTP m80: any register that is not empty.
RINGSIDE_QUICK bool to_extended(const X87State& s, Float80& out) {
  out = s.reg[top(s)];
  return __builtin_expect(tag(s, top(s)) != kTagEmpty, 1);
}

// ===== Moves between registers =====
template <bool pop_after>
RINGSIDE_QUICK bool store_register(X87State& s, unsigned i) {
  const unsigned value_tag = tag(s, top(s)), number = physical(s, i);
  if (__builtin_expect(value_tag == kTagEmpty, 0)) return false;
  s.reg[number] = s.reg[top(s)];
  set_tag(s, number, value_tag);
  set_c1(s, false);
  if constexpr (pop_after) pop(s);
  return true;
}
RINGSIDE_QUICK bool exchange(X87State& s, unsigned i) {
  const unsigned first = top(s), second = physical(s, i), ta = tag(s, first), tb = tag(s, second);
  if (__builtin_expect(ta == kTagEmpty || tb == kTagEmpty, 0)) return false;
  const Float80 a = s.reg[first];
  s.reg[first] = s.reg[second];
  s.reg[second] = a;
  const unsigned difference = ta ^ tb;
  s.tags = static_cast<std::uint16_t>(s.tags ^ (difference << (2 * first) ^ (first != second ? difference << (2 * second) : 0)));
  set_c1(s, false);
  return true;
}
/// FCHS (turn: 8000h, keep: FFFFh), FABS (0, 7FFFh).
RINGSIDE_QUICK bool change_sign(X87State& s, unsigned turn, unsigned keep) {
  const unsigned first = top(s);
  if (__builtin_expect(tag(s, first) == kTagEmpty, 0)) return false;
  s.reg[first].sign_exp = static_cast<std::uint16_t>((s.reg[first].sign_exp ^ turn) & keep);
  set_c1(s, false);
  return true;
}

// ===== Control =====
/// FLDCW where no exception becomes unmasked that is noted already.
RINGSIDE_QUICK bool load_control(X87State& s, std::uint16_t control) {
  if (__builtin_expect((s.status & ~control & kExceptionMask) != 0, 0)) return false;
  s.control = static_cast<std::uint16_t>((control & 0x1F7F) | 0x40);
  return true;
}

#undef RINGSIDE_QUICK

}  // namespace ringside::x87::quick
