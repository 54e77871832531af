// What each escape opcode means, and the functions of D9 F0 to D9 FF.
#include "cpu/x87/unit.h"

namespace ringside::x87 {

// ----- Functions of one and two operands ------------------------------------------------------------

template <typename F>
void Unit::unary(F&& operation) {
  if (empty(0)) {
    if (underflow()) set_st(0, kIndefinite);
    return;
  }
  Arithmetic env(s_.control);
  const Float80 result = operation(env, st(0));
  if (complete(env)) set_st(0, result);
}

template <typename F>
void Unit::binary_pop(F&& operation) {
  if (empty(0) || empty(1)) {
    if (!underflow()) return;
    set_st(1, kIndefinite);
  } else {
    Arithmetic env(s_.control);
    const Float80 result = operation(env, st(0), st(1));
    if (!complete(env)) return;
    set_st(1, result);
  }
  pop();
}

bool Unit::ready_for_results(bool two) {
  const bool missing = empty(0);
  if (!missing && !(two && !empty(7))) return true;
  const bool masked = underflow();
  set_c1(!missing);
  if (!masked) return false;
  set_st(0, kIndefinite);
  if (two) push(kIndefinite);
  return false;
}

void Unit::extract_exponent() {
  if (!ready_for_results(true)) return;
  Arithmetic env(s_.control);
  Float80 exponent;
  const Float80 significand = extract(env, st(0), exponent);
  if (!complete(env)) return;
  set_st(0, exponent);
  push(significand);
}

void Unit::partial_remainder(bool nearest) {
  s_.status = static_cast<std::uint16_t>(s_.status & ~kC2);
  if (empty(0) || empty(1)) {
    if (underflow()) set_st(0, kIndefinite);
    return;
  }
  Arithmetic env(s_.control);
  const Remainder r = remainder(env, st(0), st(1), nearest);
  if (!complete(env)) return;
  set_st(0, r.value);
  if (!r.reduced) return;
  const auto bit = [&](unsigned n, std::uint16_t code) { return (r.quotient >> n & 1) != 0 ? code : 0; };
  set_condition(static_cast<std::uint16_t>((r.incomplete ? kC2 : 0) | bit(2, kC0) | bit(1, kC3)));
  set_c1(bit(0, 1) != 0);
}

void Unit::trigonometric(bool want_sine, bool want_cosine) {
  const bool both = want_sine && want_cosine;
  s_.status = static_cast<std::uint16_t>(s_.status & ~kC2);
  if (!ready_for_results(both)) return;
  Arithmetic env(s_.control);
  Float80 sine, cosine;
  const bool in_range = sine_cosine(env, st(0), want_sine ? &sine : nullptr, want_cosine ? &cosine : nullptr, nullptr);
  if (!in_range) s_.status |= kC2;
  if (!complete(env) || !in_range) return;
  set_st(0, want_sine ? sine : cosine);
  if (both) push(cosine);
}

void Unit::partial_tangent() {
  s_.status = static_cast<std::uint16_t>(s_.status & ~kC2);
  if (!ready_for_results(true)) return;
  Arithmetic env(s_.control);
  Float80 tangent;
  const bool in_range = sine_cosine(env, st(0), nullptr, nullptr, &tangent);
  if (!in_range) s_.status |= kC2;
  if (!complete(env) || !in_range) return;
  set_st(0, tangent);
  push(is_nan(classify(tangent)) ? tangent : kOne);
}

// ----- Dispatch, SDM Vol. 2, "Escape Opcodes", tables A-7 and following ------------------------------

MemoryForm memory_form(unsigned opcode, unsigned reg) {
  using A = MemoryAction;
  using F = MemoryFormat;
  static constexpr MemoryForm kForms[4][8] = {
      {{A::kLoad, F::kFloat32}, {A::kUndefined, F::kNone}, {A::kStore, F::kFloat32}, {A::kStorePop, F::kFloat32},
       {A::kLoadEnvironment, F::kNone}, {A::kLoadControl, F::kNone}, {A::kStoreEnvironment, F::kNone},
       {A::kStoreControl, F::kNone}},
      {{A::kLoad, F::kInt32}, {A::kUndefined, F::kNone}, {A::kStore, F::kInt32}, {A::kStorePop, F::kInt32},
       {A::kUndefined, F::kNone}, {A::kLoad, F::kFloat80}, {A::kUndefined, F::kNone}, {A::kStorePop, F::kFloat80}},
      {{A::kLoad, F::kFloat64}, {A::kUndefined, F::kNone}, {A::kStore, F::kFloat64}, {A::kStorePop, F::kFloat64},
       {A::kRestore, F::kNone}, {A::kUndefined, F::kNone}, {A::kSave, F::kNone}, {A::kStoreStatus, F::kNone}},
      {{A::kLoad, F::kInt16}, {A::kUndefined, F::kNone}, {A::kStore, F::kInt16}, {A::kStorePop, F::kInt16},
       {A::kLoad, F::kBcd}, {A::kLoad, F::kInt64}, {A::kStorePop, F::kBcd}, {A::kStorePop, F::kInt64}},
  };
  static constexpr F kOperands[4] = {F::kFloat32, F::kInt32, F::kFloat64, F::kInt16};
  if ((opcode & 1) == 0) return {A::kArithmetic, kOperands[opcode >> 1 & 3]};
  return kForms[opcode >> 1 & 3][reg & 7];
}

unsigned size_of(MemoryFormat format) {
  static constexpr std::uint8_t kSizes[] = {2, 4, 8, 10, 2, 4, 8, 10};
  return kSizes[static_cast<unsigned>(format)];
}

bool is_defined(unsigned opcode, std::uint8_t modrm, bool has_cmov) {
  const unsigned row = modrm >> 3 & 7u, i = modrm & 7u;
  switch (opcode & 7) {
    case 1:
      if (row == 2) return i == 0;
      if (row == 4) return i != 2 && i != 3 && i < 6;
      return row != 5 || i != 7;
    case 2: return row < 4 ? has_cmov : row == 5 && i == 1;
    case 3: return row == 4 ? i <= 4 : row != 7 && has_cmov;
    case 5: return row < 6;
    case 6: return row != 3 || i == 1;
    case 7: return row < 4 || (row == 4 ? i == 0 : row != 7 && has_cmov);
    default: return true;
  }
}

bool Unit::execute(unsigned opcode, std::uint8_t modrm, LazyFlags& flags, bool has_cmov) {
  const unsigned row = modrm >> 3 & 7u, i = modrm & 7u;
  const bool comparison = row == 2 || row == 3;
  switch (opcode & 7) {
    case 0:
      if (comparison) {
        compare_registers(i, false, row - 2);
      } else {
        arithmetic_registers(row, 0, i, false);
      }
      return true;
    case 1: return execute_d9(modrm);
    case 2: return execute_da(row, i, flags, has_cmov);
    case 3: return execute_db(row, i, flags, has_cmov);
    case 4:
      // DC D0 and DC D8 are aliases of FCOM and FCOMP.
      if (comparison) {
        compare_registers(i, false, row - 2);
      } else {
        arithmetic_registers(row, i, i, false);
      }
      return true;
    case 5: return execute_dd(row, i);
    case 6:
      if (row == 3) {
        if (i != 1) return false;
        compare_registers(1, false, 2);  // FCOMPP
      } else if (row == 2) {
        compare_registers(i, false, 1);  // alias of FCOMP
      } else {
        arithmetic_registers(row, i, i, true);
      }
      return true;
    default: return execute_df(row, i, flags, has_cmov);
  }
}

bool Unit::execute_d9(std::uint8_t modrm) {
  const unsigned row = modrm >> 3 & 7u, i = modrm & 7u;
  switch (row) {
    case 0: load_register(i); return true;
    case 1: exchange(i); return true;
    case 2: return i == 0;  // FNOP
    case 3:                 // alias of FSTP that does not mind an empty ST(0)
      if (!empty(0)) return store_register(i, true), true;
      set_c1(false);
      pop();
      return true;
    case 4:
      switch (i) {
        case 0:
        case 1:  // FCHS, FABS
          unary([&](Arithmetic&, Float80 a) {
            a.sign_exp = static_cast<std::uint16_t>(i == 0 ? a.sign_exp ^ 0x8000 : a.sign_exp & 0x7FFF);
            return a;
          });
          return true;
        case 4: {  // FTST
          if (empty(0)) {
            underflow();
            set_condition(kC0 | kC2 | kC3);
            return true;
          }
          Arithmetic env(s_.control);
          compare_with(env, zero(false), false, 0);
          return true;
        }
        case 5: examine(); return true;
        default: return false;
      }
    case 5:
      if (i == 7) return false;
      load_constant(i);
      return true;
    default: execute_d9_function(modrm & 15u); return true;
  }
}

void Unit::execute_d9_function(unsigned number) {
  switch (number) {
    case 0x0: return unary([](Arithmetic& e, Float80 a) { return f2xm1(e, a); });
    case 0x1: return binary_pop([](Arithmetic& e, Float80 x, Float80 y) { return fyl2x(e, x, y); });
    case 0x2: return partial_tangent();
    case 0x3: return binary_pop([](Arithmetic& e, Float80 x, Float80 y) { return fpatan(e, x, y); });
    case 0x4: return extract_exponent();
    case 0x5: return partial_remainder(true);
    case 0x6:  // FDECSTP
    case 0x7:  // FINCSTP
      set_c1(false);
      set_top(number == 0x6 ? top() - 1 : top() + 1);
      return;
    case 0x8: return partial_remainder(false);
    case 0x9: return binary_pop([](Arithmetic& e, Float80 x, Float80 y) { return fyl2xp1(e, x, y); });
    case 0xA: return unary([](Arithmetic& e, Float80 a) { return square_root(e, a); });
    case 0xB: return trigonometric(true, true);
    case 0xC: return unary([](Arithmetic& e, Float80 a) { return round_to_integer(e, a); });
    case 0xD:
      if (empty(0) || empty(1)) {
        if (underflow()) set_st(0, kIndefinite);
        return;
      }
      return unary([&](Arithmetic& e, Float80 a) { return scale(e, a, st(1)); });
    case 0xE: return trigonometric(true, false);
    default: return trigonometric(false, true);
  }
}

bool Unit::execute_da(unsigned row, unsigned i, const LazyFlags& flags, bool has_cmov) {
  if (row == 5 && i == 1) {
    compare_registers(1, true, 2);  // FUCOMPP
    return true;
  }
  if (row > 3 || !has_cmov) return false;
  const bool conditions[4] = {flags.cf(), flags.zf(), flags.cf() || flags.zf(), flags.pf()};
  conditional_move(i, conditions[row]);
  return true;
}

bool Unit::execute_db(unsigned row, unsigned i, LazyFlags& flags, bool has_cmov) {
  switch (row) {
    case 4:
      if (i == 2) clear_exceptions();
      if (i == 3) initialize();
      return i <= 4;  // E0, E1, E4: FNENI, FNDISI, FNSETPM of older coprocessors do nothing
    case 5:
    case 6:
      if (!has_cmov) return false;
      compare_to_flags(i, row == 5, false, flags);
      return true;
    case 7: return false;
    default: {
      if (!has_cmov) return false;
      const bool conditions[4] = {flags.cf(), flags.zf(), flags.cf() || flags.zf(), flags.pf()};
      conditional_move(i, !conditions[row]);
      return true;
    }
  }
}

bool Unit::execute_dd(unsigned row, unsigned i) {
  switch (row) {
    case 0:
      set_c1(false);
      free_register(i);
      return true;
    case 1: exchange(i); return true;  // alias
    case 2: store_register(i, false); return true;
    case 3: store_register(i, true); return true;
    case 4: compare_registers(i, true, 0); return true;
    case 5: compare_registers(i, true, 1); return true;
    default: return false;
  }
}

bool Unit::execute_df(unsigned row, unsigned i, LazyFlags& flags, bool has_cmov) {
  switch (row) {
    case 0:  // FFREEP
      set_c1(false);
      free_register(i);
      pop();
      return true;
    case 1: exchange(i); return true;  // alias
    case 2:
    case 3: store_register(i, true); return true;  // aliases
    case 5:
    case 6:
      if (!has_cmov) return false;
      compare_to_flags(i, row == 5, true, flags);
      return true;
    default: return false;
  }
}

}  // namespace ringside::x87
