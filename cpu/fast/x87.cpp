// The x87's common instructions where they can raise nothing but a masked Precision exception (x87/quick.h).
#include "cpu/x87/quick.h"

#include "cpu/exact.h"
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using x87::quick::Outcome;

/// No #NM, nothing pending, and there is an x87 at all.
[[gnu::always_inline]] inline bool ready(const Cpu* cpu) {
  return __builtin_expect((cpu->cr0 & (kCr0EM | kCr0TS)) == 0 && x87::quick::nothing_pending(cpu->x87) &&
                              (cpu->model.features & kFeatureFpu) != 0,
                          1);
}
[[gnu::always_inline]] inline void note(Cpu* cpu, const Op* op) {
  cpu->x87.ip_offset = op->eip;
  cpu->x87.ip_selector = cpu->seg[kCS].selector;
  cpu->x87.opcode = static_cast<u16>((op->imm & 7) << 8 | op->extra);
}
template <Ea ea>
[[gnu::always_inline]] inline void note_memory(Cpu* cpu, const Op* op) {
  note(cpu, op);
  cpu->x87.data_offset = offset_of<ea>(cpu, op);
  cpu->x87.data_selector = cpu->seg[op->seg].selector;
}

// ----- Instructions on registers: bool run(X87State&, i) ------------------------------------------------

template <unsigned operation, bool to_i, bool pop>
struct Arithmetic {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned i) { return x87::quick::arithmetic_registers<operation, to_i, pop>(s, i); }
};
template <unsigned pops>
struct Compare {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned i) { return x87::quick::compare_registers<pops>(s, i); }
};
template <bool pop>
struct StoreRegister {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned i) { return x87::quick::store_register<pop>(s, i); }
};
struct LoadRegister {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned i) { return x87::quick::load_register(s, i); }
};
struct Exchange {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned i) { return x87::quick::exchange(s, i); }
};
struct ChangeSign {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::change_sign(s, 0x8000, 0xFFFF); }
};
struct Absolute {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::change_sign(s, 0, 0x7FFF); }
};
struct Test {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::compare_memory<0>(s, x87::zero(false)); }
};
struct LoadOne {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::load_one(s); }
};
struct LoadZero {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::load_zero(s); }
};
struct Root {
  [[gnu::always_inline]] static bool run(X87State& s, unsigned) { return x87::quick::root(s); }
};

template <typename Body>
void on_registers(FAST_ARGS) {
  if (!ready(cpu) || !Body::run(cpu->x87, op->extra & 7u)) FAST_GIVE_UP();
  note(cpu, op);
  FAST_NEXT_FORGETTING(op + 1);
}
template <bool pop>
void compare_to_flags(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  if (!ready(cpu) || (cpu->model.features & kFeatureCmov) == 0 ||
      !x87::quick::compare_to_flags<pop>(cpu->x87, op->extra & 7u, f))
    FAST_GIVE_UP();
  FAST_SET_FLAGS(f);
  note(cpu, op);
  FAST_NEXT_FORGETTING(op + 1);
}

// ----- Memory operands ------------------------------------------------------------------------------------

/// m80 as it lies in memory.
struct [[gnu::packed]] Extended {
  u64 significand;
  u16 sign_exp;
};
static_assert(sizeof(Extended) == 10);

[[gnu::always_inline]] inline bool operand_of(u32 bits, Float80& out) { return x87::quick::from_single(bits, out); }
[[gnu::always_inline]] inline bool operand_of(u64 bits, Float80& out) { return x87::quick::from_double(bits, out); }
[[gnu::always_inline]] inline bool operand_of(std::int16_t value, Float80& out) {
  return x87::quick::from_nonzero_integer(value, out);
}
[[gnu::always_inline]] inline bool operand_of(std::int32_t value, Float80& out) {
  return x87::quick::from_nonzero_integer(value, out);
}

/// Reading: T is the operand's type in memory.
template <unsigned operation, typename T>
struct ArithmeticMemory {
  using Type = T;
  [[gnu::always_inline]] static bool run(X87State& s, T value) {
    Float80 operand;
    return operand_of(value, operand) && x87::quick::arithmetic_memory<operation>(s, operand);
  }
};
template <unsigned pops, typename T>
struct CompareMemory {
  using Type = T;
  [[gnu::always_inline]] static bool run(X87State& s, T value) {
    Float80 operand;
    return operand_of(value, operand) && x87::quick::compare_memory<pops>(s, operand);
  }
};
template <typename T>
struct Load {
  using Type = T;
  [[gnu::always_inline]] static bool run(X87State& s, T value) {
    if constexpr (std::is_same_v<T, u32>) return x87::quick::load_single(s, value);
    else if constexpr (std::is_same_v<T, u64>) return x87::quick::load_double(s, value);
    else if constexpr (std::is_same_v<T, Extended>) return x87::quick::load_extended(s, {value.significand, value.sign_exp});
    else return x87::quick::load_integer(s, value);
  }
};
template <typename Body, Ea ea>
void reading(FAST_ARGS) {
  u8* host;
  if (!ready(cpu) || !probe_read<ea, typename Body::Type>(cpu, op, host) ||
      !Body::run(cpu->x87, load<typename Body::Type>(host)))
    FAST_GIVE_UP();
  note_memory<ea>(cpu, op);
  FAST_NEXT_FORGETTING(op + 1);
}

[[gnu::always_inline]] inline bool value_for(const X87State& s, u32& out, Outcome& o) {
  return x87::quick::to_single(s, out, o);
}
[[gnu::always_inline]] inline bool value_for(const X87State& s, u64& out, Outcome& o) {
  return x87::quick::to_double(s, out, o);
}
[[gnu::always_inline]] inline bool value_for(const X87State& s, Extended& out, Outcome&) {
  Float80 value;
  const bool good = x87::quick::to_extended(s, value);
  out = {value.significand, value.sign_exp};
  return good;
}
template <typename T>
[[gnu::always_inline]] inline bool value_for(const X87State& s, T& out, Outcome& o) {
  std::int64_t integer;
  const bool good = x87::quick::to_integer<8 * sizeof(T)>(s, integer, o);
  out = static_cast<T>(integer);
  return good;
}
template <typename T, bool pop, Ea ea>
void storing(FAST_ARGS) {
  u8* host;
  T value;
  Outcome outcome;
  if (!ready(cpu) || !value_for(cpu->x87, value, outcome) || !probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  store<T>(host, value);
  x87::quick::stored<pop>(cpu->x87, outcome);
  note_memory<ea>(cpu, op);
  FAST_NEXT_FORGETTING(op + 1);
}

// ----- Control: no pointers are noted, FNSTxx do not wait ---------------------------------------------------

[[gnu::always_inline]] inline bool available(const Cpu* cpu) {
  return __builtin_expect((cpu->cr0 & (kCr0EM | kCr0TS)) == 0 && (cpu->model.features & kFeatureFpu) != 0, 1);
}
template <Ea ea>
void load_control(FAST_ARGS) {
  u8* host;
  if (!ready(cpu) || !probe_read<ea, u16>(cpu, op, host) || !x87::quick::load_control(cpu->x87, load<u16>(host)))
    FAST_GIVE_UP();
  FAST_NEXT_FORGETTING(op + 1);
}
template <bool status, Ea ea>
void store_word(FAST_ARGS) {
  u8* host;
  if (!available(cpu) || !probe_write<ea, u16>(cpu, op, host)) FAST_GIVE_UP();
  store<u16>(host, status ? cpu->x87.status : cpu->x87.control);
  FAST_NEXT_FORGETTING(op + 1);
}
void store_status_ax(FAST_ARGS) {
  if (!available(cpu)) FAST_GIVE_UP();
  set<u16>(cpu, 4 * kEAX, cpu->x87.status);
  FAST_NEXT_FORGETTING(op + 1);
}
void wait(FAST_ARGS) {
  if (!ready(cpu)) FAST_GIVE_UP();
  FAST_NEXT_FORGETTING(op + 1);
}

// ----- Selection, SDM Vol. 2, "Escape Opcodes" --------------------------------------------------------------

/// By addressing form; the flat ones only, others are rare with the x87 of a 32-bit guest.
struct Handlers {
  Handler base = nullptr, index = nullptr;
};
#define X87_MEMORY(...) Handlers{__VA_ARGS__, Ea::kFlatBase>, __VA_ARGS__, Ea::kFlatIndex>}

template <typename T>
Handlers arithmetic_memory(unsigned reg) {
  switch (reg) {
    case 0: return X87_MEMORY(reading<ArithmeticMemory<0, T>);
    case 1: return X87_MEMORY(reading<ArithmeticMemory<1, T>);
    case 2: return X87_MEMORY(reading<CompareMemory<0, T>);
    case 3: return X87_MEMORY(reading<CompareMemory<1, T>);
    case 4: return X87_MEMORY(reading<ArithmeticMemory<4, T>);
    case 5: return X87_MEMORY(reading<ArithmeticMemory<5, T>);
    case 6: return X87_MEMORY(reading<ArithmeticMemory<6, T>);
    default: return X87_MEMORY(reading<ArithmeticMemory<7, T>);
  }
}
/// /0, /2 and /3 of the odd opcodes: load, store, store and pop.
template <typename T>
Handlers move_memory(unsigned reg) {
  switch (reg) {
    case 0: return X87_MEMORY(reading<Load<T>);
    case 2: return X87_MEMORY(storing<T, false);
    case 3: return X87_MEMORY(storing<T, true);
    default: return {};
  }
}

Handlers memory_handlers(unsigned opcode, unsigned reg) {
  using std::int16_t, std::int32_t, std::int64_t;
  switch (opcode) {
    case 0: return arithmetic_memory<u32>(reg);
    case 2: return arithmetic_memory<int32_t>(reg);
    case 4: return arithmetic_memory<u64>(reg);
    case 6: return arithmetic_memory<int16_t>(reg);
    case 1:
      if (reg == 5) return {load_control<Ea::kFlatBase>, load_control<Ea::kFlatIndex>};
      if (reg == 7) return X87_MEMORY(store_word<false);
      return move_memory<u32>(reg);
    case 3:
      if (reg == 5) return X87_MEMORY(reading<Load<Extended>);
      if (reg == 7) return X87_MEMORY(storing<Extended, true);
      return move_memory<int32_t>(reg);
    case 5:
      if (reg == 7) return X87_MEMORY(store_word<true);
      return move_memory<u64>(reg);
    default:
      if (reg == 5) return X87_MEMORY(reading<Load<int64_t>);
      if (reg == 7) return X87_MEMORY(storing<int64_t, true);
      return move_memory<int16_t>(reg);
  }
}
#undef X87_MEMORY

/// D8, DC, DE: with the destination that the opcode has.
template <bool to_i, bool pop>
Handler arithmetic_handler(unsigned reg) {
  switch (reg) {
    case 0: return on_registers<Arithmetic<0, to_i, pop>>;
    case 1: return on_registers<Arithmetic<1, to_i, pop>>;
    case 4: return on_registers<Arithmetic<4, to_i, pop>>;
    case 5: return on_registers<Arithmetic<5, to_i, pop>>;
    case 6: return on_registers<Arithmetic<6, to_i, pop>>;
    case 7: return on_registers<Arithmetic<7, to_i, pop>>;
    default: return nullptr;
  }
}

Handler d9_handler(u8 modrm) {
  if (modrm < 0xC8) return on_registers<LoadRegister>;
  if (modrm < 0xD0) return on_registers<Exchange>;
  switch (modrm) {
    case 0xE0: return on_registers<ChangeSign>;
    case 0xE1: return on_registers<Absolute>;
    case 0xE4: return on_registers<Test>;
    case 0xE8: return on_registers<LoadOne>;
    case 0xEE: return on_registers<LoadZero>;
    case 0xFA: return on_registers<Root>;
    default: return nullptr;
  }
}

Handler register_handler(unsigned opcode, u8 modrm) {
  const unsigned reg = modrm >> 3 & 7u;
  switch (opcode) {
    case 0:
      if (reg == 2) return on_registers<Compare<0>>;
      return reg == 3 ? on_registers<Compare<1>> : arithmetic_handler<false, false>(reg);
    case 1: return d9_handler(modrm);
    case 2: return modrm == 0xE9 ? on_registers<Compare<2>> : nullptr;  // FUCOMPP
    case 3: return reg == 5 || reg == 6 ? compare_to_flags<false> : nullptr;
    case 4: return arithmetic_handler<true, false>(reg);
    case 5:
      if (reg == 2) return on_registers<StoreRegister<false>>;
      if (reg == 3) return on_registers<StoreRegister<true>>;
      if (reg == 4) return on_registers<Compare<0>>;
      return reg == 5 ? on_registers<Compare<1>> : nullptr;
    case 6: return modrm == 0xD9 ? on_registers<Compare<2>> : arithmetic_handler<true, true>(reg);  // FCOMPP
    default:
      if (modrm == 0xE0) return store_status_ax;
      return reg == 5 || reg == 6 ? compare_to_flags<true> : nullptr;
  }
}

}  // namespace

Handler select_x87(const Form& form) {
  if (form.row.fast != Fast::kX87) return nullptr;
  if (form.row.exact32 == exact::fwait) return wait;
  const unsigned opcode = form.op.imm & 7u;
  if (!form.memory) return register_handler(opcode, form.op.extra);
  const Handlers handlers = memory_handlers(opcode, form.op.extra >> 3 & 7u);
  return form.ea == Ea::kFlatBase ? handlers.base : form.ea == Ea::kFlatIndex ? handlers.index : nullptr;
}

}  // namespace ringside::fast
