// The register stack, the status word, and the instructions that move, compare and calculate.
#include "cpu/x87/unit.h"

namespace ringside::x87 {
namespace {

constexpr std::uint16_t kStackFaultRaised = 0x41;  // IE and SF

/// The operations of D8 and its kin, by the opcode's reg field.
Float80 calculate(Arithmetic& env, unsigned operation, Float80 a, Float80 b) {
  switch (operation) {
    case 0: return add(env, a, b);
    case 1: return multiply(env, a, b);
    case 4: return subtract(env, a, b);
    case 5: return subtract(env, b, a);
    case 6: return divide(env, a, b);
    default: return divide(env, b, a);
  }
}

constexpr std::uint16_t condition_of(Order order) {
  switch (order) {
    case Order::kGreater: return 0;
    case Order::kLess: return kC0;
    case Order::kEqual: return kC3;
    default: return kC0 | kC2 | kC3;
  }
}

}  // namespace

unsigned tag_of(Float80 value) {
  const Kind k = classify(value);
  return k == Kind::kNormal ? 0 : k == Kind::kZero ? 1 : 2;
}

// ----- The stack ------------------------------------------------------------------------------------

void Unit::set_tag(unsigned i, unsigned tag) {
  const unsigned shift = 2 * ((top() + i) & 7);
  s_.tags = static_cast<std::uint16_t>((s_.tags & ~(3u << shift)) | tag << shift);
}

void Unit::set_st(unsigned i, Float80 value) {
  s_.reg[(top() + i) & 7] = value;
  set_tag(i, tag_of(value));
}

void Unit::set_top(unsigned top) {
  s_.status = static_cast<std::uint16_t>((s_.status & ~kTopMask) | (top & 7) << 11);
}

void Unit::pop() {
  free_register(0);
  set_top(top() + 1);
}

void Unit::push(Float80 value) {
  set_top(top() - 1);
  set_st(0, value);
}

bool Unit::room() {
  if (empty(7)) return true;
  s_.status |= kStackFaultRaised;
  update_summary();
  set_c1(true);
  if ((s_.control & kInvalid) != 0) push(kIndefinite);
  return false;
}

bool Unit::underflow() {
  s_.status |= kStackFaultRaised;
  update_summary();
  set_c1(false);
  return (s_.control & kInvalid) != 0;
}

void Unit::set_condition(std::uint16_t bits) {
  s_.status = static_cast<std::uint16_t>((s_.status & ~(kC0 | kC2 | kC3)) | bits);
}

void Unit::set_c1(bool on) { s_.status = static_cast<std::uint16_t>((s_.status & ~kC1) | (on ? kC1 : 0)); }

void Unit::update_summary() {
  const bool error = (s_.status & ~s_.control & kExceptionMask) != 0;
  s_.status = static_cast<std::uint16_t>((s_.status & ~(kErrorSummary | kBusy)) | (error ? kErrorSummary | kBusy : 0));
}

bool Unit::complete(const Arithmetic& env) {
  set_c1(env.rounded_up);
  if (env.raised != 0) {
    s_.status = static_cast<std::uint16_t>(s_.status | env.raised);
    update_summary();
  }
  return !env.stopped();
}

// ----- Control --------------------------------------------------------------------------------------

void Unit::initialize() {
  s_.control = 0x037F;
  s_.status = 0;
  s_.tags = 0xFFFF;
  s_.opcode = 0;
  s_.ip_offset = s_.data_offset = 0;
  s_.ip_selector = s_.data_selector = 0;
}

void Unit::clear_exceptions() { s_.status &= 0x7F00; }

void Unit::set_control(std::uint16_t control) {
  // Bit 6 is reserved and always reads as 1; 13-15 and 7 as 0.
  s_.control = static_cast<std::uint16_t>((control & 0x1F7F) | 0x40);
  update_summary();
}

void Unit::set_status(std::uint16_t status) {
  s_.status = status;
  update_summary();
}

void Unit::set_tags(std::uint16_t tags) {
  s_.tags = 0;
  for (unsigned n = 0; n < 8; ++n) {
    const bool is_empty = (tags >> (2 * n) & 3) == kTagEmpty;
    s_.tags = static_cast<std::uint16_t>(s_.tags | (is_empty ? kTagEmpty : tag_of(s_.reg[n])) << (2 * n));
  }
}

std::uint8_t Unit::abridged_tags() const {
  unsigned result = 0;
  for (unsigned n = 0; n < 8; ++n) result |= ((s_.tags >> (2 * n) & 3) != kTagEmpty ? 1u : 0u) << n;
  return static_cast<std::uint8_t>(result);
}

// ----- Arithmetic and comparison --------------------------------------------------------------------

void Unit::arithmetic_registers(unsigned operation, unsigned destination, unsigned i, bool with_pop) {
  if (empty(0) || empty(i)) {
    if (!underflow()) return;
    set_st(destination, kIndefinite);
  } else {
    Arithmetic env(s_.control);
    const Float80 result = calculate(env, operation, st(0), st(i));
    if (!complete(env)) return;
    set_st(destination, result);
  }
  if (with_pop) pop();
}

void Unit::compare_with(Arithmetic& env, Float80 b, bool quiet, unsigned pops) {
  const Order order = compare(env, st(0), b, quiet);
  const bool written = complete(env);
  set_condition(condition_of(order));
  if (!written) return;
  for (; pops != 0; --pops) pop();
}

void Unit::compare_registers(unsigned i, bool quiet, unsigned pops) {
  if (empty(0) || empty(i)) {
    const bool masked = underflow();
    set_condition(kC0 | kC2 | kC3);
    if (!masked) return;
    for (; pops != 0; --pops) pop();
    return;
  }
  Arithmetic env(s_.control);
  compare_with(env, st(i), quiet, pops);
}

void Unit::compare_to_flags(unsigned i, bool quiet, bool with_pop, LazyFlags& flags) {
  Order order = Order::kUnordered;
  bool keep_stack;
  if (empty(0) || empty(i)) {
    keep_stack = !underflow();
  } else {
    Arithmetic env(s_.control);
    order = compare(env, st(0), st(i), quiet);
    const bool c1 = (s_.status & kC1) != 0;
    keep_stack = !complete(env);
    set_c1(c1);  // other than every other comparison, these leave C1 alone
  }
  // The flags are set even where an unmasked exception keeps the stack as it was.
  const bool unordered = order == Order::kUnordered;
  flags.set_cf(unordered || order == Order::kLess);
  flags.set_of_af(false, false);
  flags.set_zsp(unordered || order == Order::kEqual, false, unordered);
  if (with_pop && !keep_stack) pop();
}

void Unit::arithmetic(unsigned reg, MemoryFormat format, const Image& image) {
  const bool comparison = reg == 2 || reg == 3;
  if (empty(0)) {
    const bool masked = underflow();
    if (comparison) set_condition(kC0 | kC2 | kC3);
    if (!masked) return;
    if (!comparison) set_st(0, kIndefinite);
    if (reg == 3) pop();
    return;
  }
  Arithmetic env(s_.control);
  Float80 operand;
  switch (format) {
    case MemoryFormat::kFloat32: operand = from_float32(env, static_cast<std::uint32_t>(image.low)); break;
    case MemoryFormat::kFloat64: operand = from_float64(env, image.low); break;
    case MemoryFormat::kInt16: operand = from_integer(static_cast<std::int16_t>(image.low)); break;
    default: operand = from_integer(static_cast<std::int32_t>(image.low)); break;
  }
  if (comparison) return compare_with(env, operand, false, reg - 2);
  const Float80 result = calculate(env, reg, st(0), operand);
  if (complete(env)) set_st(0, result);
}

// ----- Moves ----------------------------------------------------------------------------------------

void Unit::load_register(unsigned i) {
  if (empty(i)) {
    if (underflow()) push(kIndefinite);
    return;
  }
  const Float80 value = st(i);
  if (!room()) return;
  set_c1(false);
  push(value);
}

void Unit::load_constant(unsigned number) {
  // Longer than a register, so that they round as RC says.
  struct Constant {
    unsigned exponent;
    std::uint64_t high;
    bool above_half;  // what is cut off: more or less than one half
  };
  static constexpr Constant kConstants[7] = {
      {kBias, 0x8000000000000000, false},      // FLD1
      {kBias + 1, 0xD49A784BCD1B8AFE, false},  // FLDL2T: log2(10)
      {kBias, 0xB8AA3B295C17F0BB, true},       // FLDL2E: log2(e)
      {kBias + 1, 0xC90FDAA22168C234, true},   // FLDPI
      {kBias - 2, 0x9A209A84FBCFF798, true},   // FLDLG2: log10(2)
      {kBias - 1, 0xB17217F7D1CF79AB, true},   // FLDLN2: ln(2)
      {0, 0, false},                           // FLDZ
  };
  if (!room()) return;
  set_c1(false);
  const Constant& c = kConstants[number];
  const bool exact = number == 0 || number == 6;
  const Rounding mode = Arithmetic(s_.control).rounding();
  const bool up = !exact && (mode == Rounding::kUp || (mode == Rounding::kNearest && c.above_half));
  push(pack(false, c.exponent, c.high + (up ? 1 : 0)));
}

void Unit::store_register(unsigned i, bool with_pop) {
  if (empty(0)) {
    if (!underflow()) return;
    set_st(i, kIndefinite);
  } else {
    set_c1(false);
    set_st(i, st(0));
  }
  if (with_pop) pop();
}

void Unit::exchange(unsigned i) {
  if (empty(0) || empty(i)) {
    if (!underflow()) return;
    if (empty(0)) set_st(0, kIndefinite);
    if (empty(i)) set_st(i, kIndefinite);
  } else {
    set_c1(false);
  }
  const Float80 a = st(0), b = st(i);
  set_st(0, b);
  set_st(i, a);
}

void Unit::conditional_move(unsigned i, bool condition) {
  if (empty(0) || empty(i)) {
    if (underflow()) set_st(0, kIndefinite);
    return;
  }
  if (condition) set_st(0, st(i));  // C1 stays
}

void Unit::examine() {
  static constexpr std::uint16_t kCodes[] = {
      kC3, kC2, kC2 | kC3, kC0 | kC2, kC0, kC0, 0,  // zero, normal, denormal, infinity, NaN, NaN, unsupported
  };
  set_c1(sign_of(st(0)));
  set_condition(empty(0) ? kC0 | kC3 : kCodes[static_cast<unsigned>(classify(st(0)))]);
}

void Unit::load(MemoryFormat format, const Image& image) {
  if (!room()) return;
  Arithmetic env(s_.control);
  Float80 value;
  switch (format) {
    case MemoryFormat::kFloat32: value = from_float32(env, static_cast<std::uint32_t>(image.low)); break;
    case MemoryFormat::kFloat64: value = from_float64(env, image.low); break;
    case MemoryFormat::kFloat80: value = {image.low, image.high}; break;
    case MemoryFormat::kInt16: value = from_integer(static_cast<std::int16_t>(image.low)); break;
    case MemoryFormat::kInt32: value = from_integer(static_cast<std::int32_t>(image.low)); break;
    case MemoryFormat::kInt64: value = from_integer(static_cast<std::int64_t>(image.low)); break;
    default: value = from_bcd(image.low, image.high); break;
  }
  if (format == MemoryFormat::kFloat32 || format == MemoryFormat::kFloat64) {
    Float80 quiet;
    if (nan_result(env, value, value, quiet)) {
      value = quiet;
    } else if (env.denormal_source) {
      env.raise(kDenormal);
    }
  }
  // An unmasked denormal exception does not keep the value back here: it is reported afterwards.
  complete(env);
  if ((env.raised & ~env.control & kInvalid) == 0) push(value);
}

bool Unit::store(MemoryFormat format, bool with_pop, Image& image) {
  Arithmetic env(s_.control);
  const bool missing = empty(0);
  if (missing && !underflow()) return false;
  // The indefinite NaN becomes each format's own indefinite.
  const Float80 value = missing ? kIndefinite : st(0);
  switch (format) {
    case MemoryFormat::kFloat32: image.low = to_float32(env, value); break;
    case MemoryFormat::kFloat64: image.low = to_float64(env, value); break;
    case MemoryFormat::kFloat80: image = {value.significand, value.sign_exp}; break;
    case MemoryFormat::kInt16: image.low = static_cast<std::uint64_t>(to_integer(env, value, 16)); break;
    case MemoryFormat::kInt32: image.low = static_cast<std::uint64_t>(to_integer(env, value, 32)); break;
    case MemoryFormat::kInt64: image.low = static_cast<std::uint64_t>(to_integer(env, value, 64)); break;
    default: {
      const Bcd bcd = to_bcd(env, value);
      image = {bcd.low, bcd.high};
      break;
    }
  }
  if (!missing) {
    // A destination in memory cannot hold an exponent beyond its range: nothing is rounded nor stored.
    const bool beyond = (env.raised & ~env.control & (kOverflow | kUnderflow)) != 0;
    if (beyond) {
      env.raised = static_cast<std::uint8_t>(env.raised & ~kPrecision);
      env.rounded_up = false;
    }
    if (!complete(env) || beyond) return false;
  }
  if (with_pop) pop();
  return true;
}

}  // namespace ringside::x87
