// The commonest forms once more, with the registers as constants: no operand has to be looked up in the op,
// and the processor forwards a register's value from store to load without computing an address. Which forms
// are worth it was counted on Linux booting, a shell, gzip and sha256sum.
#include <array>
#include <utility>

#include "cpu/fast/fast.h"
#include "cpu/multiply.h"
#include "cpu/shift.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using Kind = alu::Op;

constexpr unsigned kNone = 8;  // base "register" of a plain displacement

template <unsigned base>
inline u32 flat_address(const Cpu* cpu, const Op* op) {
  if constexpr (base == kNone) return op->disp;
  return cpu->gpr[base] + op->disp;
}

struct MovRegReg {
  template <unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    cpu->gpr[d] = cpu->gpr[s];
    FAST_NEXT(op + 1);
  }
};
template <typename T, bool is_signed>
struct LoadFlat {  // MOV, MOVZX, MOVSX r32,[base + disp]
  template <unsigned d, unsigned base>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_read_linear<T>(cpu, flat_address<base>(cpu, op), host)) FAST_GIVE_UP();
    if constexpr (is_signed) cpu->gpr[d] = static_cast<u32>(static_cast<std::make_signed_t<T>>(load<T>(host)));
    else cpu->gpr[d] = load<T>(host);
    FAST_NEXT(op + 1);
  }
};
struct StoreFlat {
  template <unsigned s, unsigned base>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_write_linear<u32>(cpu, flat_address<base>(cpu, op), host)) FAST_GIVE_UP();
    store<u32>(host, cpu->gpr[s]);
    FAST_NEXT(op + 1);
  }
};
struct LeaFlat {
  template <unsigned d, unsigned base>
  static void run(FAST_ARGS) {
    cpu->gpr[d] = flat_address<base>(cpu, op);
    FAST_NEXT(op + 1);
  }
};
template <Kind kind>
struct AluRegReg {
  template <unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const u32 value = alu::apply<kind, u32>(f, cpu->gpr[d], cpu->gpr[s]);
    if constexpr (kind != Kind::kCmp) cpu->gpr[d] = value;
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct TestRegReg {
  template <unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f;
    alu::logic<u32>(f, cpu->gpr[d] & cpu->gpr[s]);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct ImulRegReg {
  template <unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f;
    cpu->gpr[d] = static_cast<u32>(multiply::imul<u32>(f, cpu->gpr[d], cpu->gpr[s]));
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct Movzx16RegReg {
  template <unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    cpu->gpr[d] = static_cast<u16>(cpu->gpr[s]);
    FAST_NEXT(op + 1);
  }
};

template <Kind kind>
struct AluRegImm {
  template <unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const u32 value = alu::apply<kind, u32>(f, cpu->gpr[d], op->imm);
    if constexpr (kind != Kind::kCmp) cpu->gpr[d] = value;
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
template <shift::Op kind>
struct ShiftRegImm {  // only chosen for counts 1 to 31
  template <unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const unsigned count = op->imm & shift::kCountMask;
    if constexpr (kind == shift::Op::kShl) cpu->gpr[d] = shift::shl<u32>(f, cpu->gpr[d], count);
    if constexpr (kind == shift::Op::kShr) cpu->gpr[d] = shift::shr<u32>(f, cpu->gpr[d], count);
    if constexpr (kind == shift::Op::kSar) cpu->gpr[d] = shift::sar<u32>(f, cpu->gpr[d], count);
    if constexpr (kind == shift::Op::kRol) cpu->gpr[d] = shift::rol<u32>(f, cpu->gpr[d], count);
    if constexpr (kind == shift::Op::kRor) cpu->gpr[d] = shift::ror<u32>(f, cpu->gpr[d], count);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct MovRegImm {
  template <unsigned d>
  static void run(FAST_ARGS) {
    cpu->gpr[d] = op->imm;
    FAST_NEXT(op + 1);
  }
};
struct IncReg {
  template <unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    cpu->gpr[d] = alu::inc<u32>(f, cpu->gpr[d]);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct DecReg {
  template <unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    cpu->gpr[d] = alu::dec<u32>(f, cpu->gpr[d]);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct PushFlat {
  template <unsigned s>
  static void run(FAST_ARGS) {
    u8* host;
    const u32 esp = cpu->gpr[kESP] - 4;
    if (!probe_write_linear<u32>(cpu, esp, host)) FAST_GIVE_UP();
    store<u32>(host, cpu->gpr[s]);
    cpu->gpr[kESP] = esp;
    FAST_NEXT(op + 1);
  }
};
struct PopFlat {
  template <unsigned d>
  static void run(FAST_ARGS) {
    u8* host;
    const u32 esp = cpu->gpr[kESP];
    if (!probe_read_linear<u32>(cpu, esp, host)) FAST_GIVE_UP();
    const u32 value = load<u32>(host);
    cpu->gpr[kESP] = esp + 4;
    cpu->gpr[d] = value;
    FAST_NEXT(op + 1);
  }
};

// Tables over the first register and the second (or the base, with "none" as a ninth).
template <class F, unsigned columns, unsigned... n>
constexpr std::array<Handler, sizeof...(n)> grid(std::integer_sequence<unsigned, n...>) {
  return {F::template run<n / columns, n % columns>...};
}
template <class F>
constexpr auto kByTwo = grid<F, 8>(std::make_integer_sequence<unsigned, 64>());
template <class F>
constexpr auto kByBase = grid<F, 9>(std::make_integer_sequence<unsigned, 72>());
template <class F, unsigned... n>
constexpr std::array<Handler, 8> row(std::integer_sequence<unsigned, n...>) {
  return {F::template run<n>...};
}
template <class F>
constexpr auto kByOne = row<F>(std::make_integer_sequence<unsigned, 8>());

template <class F>
Handler by_two(const Op& op) {
  return kByTwo<F>[op.dst / 4u * 8 + op.src / 4u];
}
template <class F>
Handler by_base(std::uint8_t reg, const Op& op) {
  return kByBase<F>[reg / 4u * 9 + op.base / 4u];
}
template <class F>
Handler by_one(const Op& op) {
  return kByOne<F>[op.dst / 4u];
}

Handler alu_reg_reg(const Form& form) {
  switch (static_cast<Kind>(form.row.variant)) {
    case Kind::kAdd: return by_two<AluRegReg<Kind::kAdd>>(form.op);
    case Kind::kOr: return by_two<AluRegReg<Kind::kOr>>(form.op);
    case Kind::kAnd: return by_two<AluRegReg<Kind::kAnd>>(form.op);
    case Kind::kSub: return by_two<AluRegReg<Kind::kSub>>(form.op);
    case Kind::kXor: return by_two<AluRegReg<Kind::kXor>>(form.op);
    case Kind::kCmp: return by_two<AluRegReg<Kind::kCmp>>(form.op);
    default: return nullptr;
  }
}
Handler alu_reg_imm(const Form& form) {
  switch (static_cast<Kind>(form.row.variant)) {
    case Kind::kAdd: return by_one<AluRegImm<Kind::kAdd>>(form.op);
    case Kind::kOr: return by_one<AluRegImm<Kind::kOr>>(form.op);
    case Kind::kAnd: return by_one<AluRegImm<Kind::kAnd>>(form.op);
    case Kind::kSub: return by_one<AluRegImm<Kind::kSub>>(form.op);
    case Kind::kXor: return by_one<AluRegImm<Kind::kXor>>(form.op);
    case Kind::kCmp: return by_one<AluRegImm<Kind::kCmp>>(form.op);
    default: return nullptr;
  }
}
Handler shift_reg_imm(const Form& form) {
  if ((form.op.imm & shift::kCountMask) == 0) return nullptr;
  switch (static_cast<shift::Op>(form.row.variant)) {
    case shift::Op::kShl: return by_one<ShiftRegImm<shift::Op::kShl>>(form.op);
    case shift::Op::kShr: return by_one<ShiftRegImm<shift::Op::kShr>>(form.op);
    case shift::Op::kSar: return by_one<ShiftRegImm<shift::Op::kSar>>(form.op);
    case shift::Op::kRol: return by_one<ShiftRegImm<shift::Op::kRol>>(form.op);
    case shift::Op::kRor: return by_one<ShiftRegImm<shift::Op::kRor>>(form.op);
    default: return nullptr;
  }
}

Handler select_register_form(const Form& form) {
  const Op& op = form.op;
  switch (form.row.fast) {
    case Fast::kMovRmReg:
    case Fast::kMovRegRm: return by_two<MovRegReg>(op);
    case Fast::kMovRmImm: return by_one<MovRegImm>(op);
    case Fast::kAluRmReg:
    case Fast::kAluRegRm: return alu_reg_reg(form);
    case Fast::kAluRmImm: return alu_reg_imm(form);
    case Fast::kTestRmReg: return by_two<TestRegReg>(op);
    case Fast::kImulRegRm: return by_two<ImulRegReg>(op);
    case Fast::kMovzx: return form.row.variant == 2 ? by_two<Movzx16RegReg>(op) : nullptr;
    case Fast::kShiftImm: return shift_reg_imm(form);
    case Fast::kInc: return by_one<IncReg>(op);
    case Fast::kDec: return by_one<DecReg>(op);
    case Fast::kPush:
    case Fast::kPushRm: return form.stack == Stack::kFlat ? by_one<PushFlat>(op) : nullptr;
    case Fast::kPop: return form.stack == Stack::kFlat ? by_one<PopFlat>(op) : nullptr;
    default: return nullptr;
  }
}

}  // namespace

Handler select_specialised(const Form& form) {
  if (form.width != 2) return nullptr;
  if (!form.memory) return select_register_form(form);
  const Op& op = form.op;
  if (form.row.fast == Fast::kLea) {
    const bool plain = (op.flags & kAddress32) != 0 && op.index == 32;
    return plain ? by_base<LeaFlat>(op.dst, op) : nullptr;
  }
  if (form.ea != Ea::kFlatBase) return nullptr;
  switch (form.row.fast) {
    case Fast::kMovRegRm: return by_base<LoadFlat<u32, false>>(op.dst, op);
    case Fast::kMovRmReg: return by_base<StoreFlat>(op.src, op);
    case Fast::kMovzx:
      return form.row.variant == 1 ? by_base<LoadFlat<u8, false>>(op.dst, op) : by_base<LoadFlat<u16, false>>(op.dst, op);
    case Fast::kMovsx:
      return form.row.variant == 1 ? by_base<LoadFlat<u8, true>>(op.dst, op) : by_base<LoadFlat<u16, true>>(op.dst, op);
    default: return nullptr;
  }
}

}  // namespace ringside::fast
