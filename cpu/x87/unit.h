// The x87 unit: register stack, status, and every instruction's effect on them. Works on an X87State
// alone; memory operands come and go as images, so that nothing here can fault (escape.cpp does that).
#pragma once

#include <cstdint>

#include "cpu/lazy_flags.h"
#include "cpu/x87/float80.h"
#include "cpu/x87_state.h"

namespace ringside::x87 {

enum StatusBit : std::uint16_t {
  kStackFault = 1 << 6, kErrorSummary = 1 << 7, kC0 = 1 << 8, kC1 = 1 << 9, kC2 = 1 << 10, kTopMask = 7 << 11,
  kC3 = 1 << 14, kBusy = 1 << 15,
};
constexpr std::uint16_t kExceptionMask = 0x3F;
constexpr unsigned kTagEmpty = 3;

/// What an escape opcode with a memory operand does.
enum class MemoryAction : std::uint8_t {
  kUndefined, kArithmetic, kLoad, kStore, kStorePop,
  kLoadEnvironment, kStoreEnvironment, kLoadControl, kStoreControl, kRestore, kSave, kStoreStatus,
};
enum class MemoryFormat : std::uint8_t { kNone, kFloat32, kFloat64, kFloat80, kInt16, kInt32, kInt64, kBcd };
struct MemoryForm {
  MemoryAction action;
  MemoryFormat format;
};
/// `opcode`: low three bits of D8h-DFh; `reg`: that field of ModR/M.
MemoryForm memory_form(unsigned opcode, unsigned reg);
/// Bytes of a format; 2 for control and status words.
unsigned size_of(MemoryFormat format);

/// A memory operand of up to ten bytes.
struct Image {
  std::uint64_t low = 0;
  std::uint16_t high = 0;
};

class Unit {
 public:
  explicit Unit(X87State& state) : s_(state) {}

  /// An opcode with a register operand, FNSTSW AX (DF E0) apart. False if it is not defined.
  bool execute(unsigned opcode, std::uint8_t modrm, LazyFlags& flags, bool has_cmov);
  /// D8, DA, DC and DE with memory: ST(0) op operand.
  void arithmetic(unsigned reg, MemoryFormat format, const Image& image);
  void load(MemoryFormat format, const Image& image);
  /// False where an unmasked exception keeps memory (and the stack) as it was.
  bool store(MemoryFormat format, bool pop, Image& image);

  void initialize();
  void clear_exceptions();
  void set_control(std::uint16_t control);
  void set_status(std::uint16_t status);
  /// The tag word as FLDENV takes it: only "empty" counts, the rest follows from the registers.
  void set_tags(std::uint16_t tags);
  /// Eight bits, one for each register that is not empty: FXSAVE's form.
  std::uint8_t abridged_tags() const;
  bool pending() const { return (s_.status & kErrorSummary) != 0; }

  unsigned top() const { return s_.status >> 11 & 7u; }
  Float80 st(unsigned i) const { return s_.reg[(top() + i) & 7]; }
  void set_physical(unsigned number, Float80 value) { s_.reg[number & 7] = value; }
  /// FRSTOR: the register's content; empty ones stay empty.
  void load_st(unsigned i, Float80 value) {
    const bool was_empty = empty(i);
    set_st(i, value);
    if (was_empty) free_register(i);
  }

 private:
  bool empty(unsigned i) const { return (s_.tags >> (2 * ((top() + i) & 7)) & 3) == kTagEmpty; }
  void set_tag(unsigned i, unsigned tag);
  void set_st(unsigned i, Float80 value);
  void set_top(unsigned top);
  void pop();
  void push(Float80 value);
  /// Room for a push; otherwise the stack overflow is noted and, if masked, the indefinite pushed.
  bool room();
  /// Notes a stack underflow; true if it is masked.
  bool underflow();
  /// ST(0) has an operand and, for `two` results, there is room for a push. Otherwise the stack fault is noted and, if masked,
  /// the results are the indefinite.
  bool ready_for_results(bool two);
  void set_condition(std::uint16_t bits);
  void set_c1(bool on);
  void update_summary();
  /// Enters what an operation raised; true if its result is to be written.
  bool complete(const Arithmetic& env);

  bool execute_d9(std::uint8_t modrm);
  void execute_d9_function(unsigned number);
  bool execute_da(unsigned row, unsigned i, const LazyFlags& flags, bool has_cmov);
  bool execute_db(unsigned row, unsigned i, LazyFlags& flags, bool has_cmov);
  bool execute_dd(unsigned row, unsigned i);
  bool execute_df(unsigned row, unsigned i, LazyFlags& flags, bool has_cmov);

  void arithmetic_registers(unsigned operation, unsigned destination, unsigned i, bool pop);
  void compare_registers(unsigned i, bool quiet, unsigned pops);
  void compare_with(Arithmetic& env, Float80 b, bool quiet, unsigned pops);
  void compare_to_flags(unsigned i, bool quiet, bool pop, LazyFlags& flags);
  void load_register(unsigned i);
  void load_constant(unsigned number);
  void store_register(unsigned i, bool pop);
  void exchange(unsigned i);
  void conditional_move(unsigned i, bool condition);
  void examine();
  void free_register(unsigned i) { set_tag(i, kTagEmpty); }

  template <typename F>
  void unary(F&& operation);
  template <typename F>
  void binary_pop(F&& operation);
  void extract_exponent();
  void partial_remainder(bool nearest);
  void trigonometric(bool sine, bool cosine);
  void partial_tangent();

  X87State& s_;
};

/// Whether the opcode (its low three bits) with a register operand exists.
bool is_defined(unsigned opcode, std::uint8_t modrm, bool has_cmov);

/// 0 valid, 1 zero, 2 special.
unsigned tag_of(Float80 value);

}  // namespace ringside::x87
