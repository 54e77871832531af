// The commonest forms once more, with the registers as constants and results forwarded.
//
// What compiled code waits for in an interpreter is a register that the instruction before has just written:
// through the register file in memory that takes a store and a load. So every handler here also hands its
// result to the next one in the argument `last`, and has variants that take an operand from there; which
// variant is right is known when the block is decoded. Which forms are worth it was counted on Linux booting,
// a shell, gzip and sha256sum.
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

/// Which operand comes from `last`: none, the first (destination, stored register), the second (source, base).
enum class Forward : u8 { kNone, kFirst, kSecond };

constexpr unsigned kNone = 8;  // base "register" of a plain displacement

template <Forward from, unsigned reg>
inline u32 first(const Cpu* cpu, std::uint64_t last) {
  return from == Forward::kFirst ? static_cast<u32>(last) : cpu->gpr[reg];
}
template <Forward from, unsigned reg>
inline u32 second(const Cpu* cpu, std::uint64_t last) {
  return from == Forward::kSecond ? static_cast<u32>(last) : cpu->gpr[reg];
}
template <Forward from, unsigned base>
inline u32 flat_address(const Cpu* cpu, const Op* op, std::uint64_t last) {
  if constexpr (base == kNone) return op->disp;
  else return second<from, base>(cpu, last) + op->disp;
}

template <unsigned d>
inline void produce(Cpu* cpu, std::uint64_t& last, u32 value) {
  cpu->gpr[d] = value;
  last = value;
}

struct MovRegReg {
  template <Forward from, unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    produce<d>(cpu, last, second<from, s>(cpu, last));
    FAST_NEXT(op + 1);
  }
};
template <typename T, bool is_signed>
struct LoadFlat {  // MOV, MOVZX, MOVSX r32,[base + disp]
  template <Forward from, unsigned d, unsigned base>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_read_linear<T>(cpu, flat_address<from, base>(cpu, op, last), host)) FAST_GIVE_UP();
    if constexpr (is_signed) produce<d>(cpu, last, static_cast<u32>(static_cast<std::make_signed_t<T>>(load<T>(host))));
    else produce<d>(cpu, last, load<T>(host));
    FAST_NEXT(op + 1);
  }
};
struct StoreFlat {
  template <Forward from, unsigned s, unsigned base>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_write_linear<u32>(cpu, flat_address<from, base>(cpu, op, last), host)) FAST_GIVE_UP();
    store<u32>(host, first<from, s>(cpu, last));
    FAST_NEXT(op + 1);
  }
};
struct LeaFlat {
  template <Forward from, unsigned d, unsigned base>
  static void run(FAST_ARGS) {
    produce<d>(cpu, last, flat_address<from, base>(cpu, op, last));
    FAST_NEXT(op + 1);
  }
};
template <Kind kind>
struct AluRegReg {
  template <Forward from, unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const u32 value = alu::apply<kind, u32>(f, first<from, d>(cpu, last), second<from, s>(cpu, last));
    if constexpr (kind != Kind::kCmp) produce<d>(cpu, last, value);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct TestRegReg {
  template <Forward from, unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f;
    alu::logic<u32>(f, first<from, d>(cpu, last) & second<from, s>(cpu, last));
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct ImulRegReg {
  template <Forward from, unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    LazyFlags f;
    produce<d>(cpu, last,
               static_cast<u32>(multiply::imul<u32>(f, first<from, d>(cpu, last), second<from, s>(cpu, last))));
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct Movzx16RegReg {
  template <Forward from, unsigned d, unsigned s>
  static void run(FAST_ARGS) {
    produce<d>(cpu, last, static_cast<u16>(second<from, s>(cpu, last)));
    FAST_NEXT(op + 1);
  }
};

template <Kind kind>
struct AluRegImm {
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const u32 value = alu::apply<kind, u32>(f, first<from, d>(cpu, last), op->imm);
    if constexpr (kind != Kind::kCmp) produce<d>(cpu, last, value);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
template <shift::Op kind>
struct ShiftRegImm {  // only chosen for counts 1 to 31
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const unsigned count = op->imm & shift::kCountMask;
    const u32 value = first<from, d>(cpu, last);
    if constexpr (kind == shift::Op::kShl) produce<d>(cpu, last, shift::shl<u32>(f, value, count));
    if constexpr (kind == shift::Op::kShr) produce<d>(cpu, last, shift::shr<u32>(f, value, count));
    if constexpr (kind == shift::Op::kSar) produce<d>(cpu, last, shift::sar<u32>(f, value, count));
    if constexpr (kind == shift::Op::kRol) produce<d>(cpu, last, shift::rol<u32, true>(f, value, count));
    if constexpr (kind == shift::Op::kRor) produce<d>(cpu, last, shift::ror<u32, true>(f, value, count));
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct MovRegImm {
  template <Forward, unsigned d>
  static void run(FAST_ARGS) {
    produce<d>(cpu, last, op->imm);
    FAST_NEXT(op + 1);
  }
};
template <bool up>
struct IncDecReg {
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    LazyFlags f = FAST_FLAGS();
    const u32 value = first<from, d>(cpu, last);
    produce<d>(cpu, last, up ? alu::inc<u32>(f, value) : alu::dec<u32>(f, value));
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};
struct PushFlat {
  template <Forward from, unsigned s>
  static void run(FAST_ARGS) {
    u8* host;
    const u32 esp = cpu->gpr[kESP] - 4;
    if (!probe_write_linear<u32>(cpu, esp, host)) FAST_GIVE_UP();
    store<u32>(host, first<from, s>(cpu, last));
    cpu->gpr[kESP] = esp;
    FAST_NEXT(op + 1);
  }
};
struct PopFlat {
  template <Forward, unsigned d>
  static void run(FAST_ARGS) {
    u8* host;
    const u32 esp = cpu->gpr[kESP];
    if (!probe_read_linear<u32>(cpu, esp, host)) FAST_GIVE_UP();
    const u32 value = load<u32>(host);
    cpu->gpr[kESP] = esp + 4;
    produce<d>(cpu, last, value);
    FAST_NEXT(op + 1);
  }
};

// Forms with an index register keep their registers in the op, except for the destination.
template <Forward from>
inline u32 indexed_address(const Cpu* cpu, const Op* op, std::uint64_t last) {
  const u32 base = from == Forward::kFirst ? static_cast<u32>(last) : get<u32>(cpu, op->base);
  const u32 index = from == Forward::kSecond ? static_cast<u32>(last) : get<u32>(cpu, op->index);
  return base + (index << op->scale) + op->disp;
}
template <typename T>
struct LoadIndexed {  // `first` is the base here, `second` the index
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_read_linear<T>(cpu, indexed_address<from>(cpu, op, last), host)) FAST_GIVE_UP();
    produce<d>(cpu, last, load<T>(host));
    FAST_NEXT(op + 1);
  }
};
struct LeaIndexed {
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    produce<d>(cpu, last, indexed_address<from>(cpu, op, last));
    FAST_NEXT(op + 1);
  }
};
struct StoreIndexed {
  template <Forward from, unsigned s>
  static void run(FAST_ARGS) {
    u8* host;
    if (!probe_write_linear<u32>(cpu, indexed_address<from>(cpu, op, last), host)) FAST_GIVE_UP();
    store<u32>(host, cpu->gpr[s]);
    FAST_NEXT(op + 1);
  }
};
// ALU r32,[base + disp]: `first` is the destination, `second` the base.
template <Kind kind>
struct AluRegMem {
  template <Forward from, unsigned d>
  static void run(FAST_ARGS) {
    u8* host;
    const u32 base = from == Forward::kSecond ? static_cast<u32>(last) : get<u32>(cpu, op->base);
    if (!probe_read_linear<u32>(cpu, base + op->disp, host)) FAST_GIVE_UP();
    LazyFlags f = FAST_FLAGS();
    const u32 value = alu::apply<kind, u32>(f, first<from, d>(cpu, last), load<u32>(host));
    if constexpr (kind != Kind::kCmp) produce<d>(cpu, last, value);
    FAST_SET_FLAGS(f);
    FAST_NEXT(op + 1);
  }
};

// Tables over the first register and the second (or the base, with "none" as a ninth), one for each Forward.
template <class F, Forward from, unsigned columns, unsigned... n>
constexpr std::array<Handler, sizeof...(n)> grid(std::integer_sequence<unsigned, n...>) {
  return {F::template run<from, n / columns, n % columns>...};
}
template <class F, Forward from, unsigned... n>
constexpr std::array<Handler, 8> row(std::integer_sequence<unsigned, n...>) {
  return {F::template run<from, n>...};
}
template <class F, unsigned columns>
constexpr std::array<std::array<Handler, 8 * columns>, 3> kGrid = {
    grid<F, Forward::kNone, columns>(std::make_integer_sequence<unsigned, 8 * columns>()),
    grid<F, Forward::kFirst, columns>(std::make_integer_sequence<unsigned, 8 * columns>()),
    grid<F, Forward::kSecond, columns>(std::make_integer_sequence<unsigned, 8 * columns>())};
template <class F>
constexpr std::array<std::array<Handler, 8>, 3> kRow = {
    row<F, Forward::kNone>(std::make_integer_sequence<unsigned, 8>()),
    row<F, Forward::kFirst>(std::make_integer_sequence<unsigned, 8>()),
    row<F, Forward::kSecond>(std::make_integer_sequence<unsigned, 8>())};

constexpr std::uint8_t kNoForward = 0xFF;

/// What a handler here reads and writes, as far as forwarding is concerned; offsets into the register file.
struct Choice {
  Handler handler = nullptr;
  bool writes = false;  ///< its destination, op.dst, is `last` afterwards; otherwise `last` passes through
};

/// Chooses among the variants of a form for the register that `last` holds.
class Chooser {
 public:
  Chooser(const Form& form, std::uint8_t last) : form_(form), op_(form.op), last_(last) {}
  [[maybe_unused]] Choice choose() const;

 private:
  Forward forward(std::uint8_t first_reg, std::uint8_t second_reg) const {
    if (last_ == kNoForward) return Forward::kNone;
    return first_reg == last_ ? Forward::kFirst : second_reg == last_ ? Forward::kSecond : Forward::kNone;
  }
  template <class F>
  Choice by_two(std::uint8_t first_read, bool writes) const {
    return {kGrid<F, 8>[index(forward(first_read, op_.src))][op_.dst / 4u * 8 + op_.src / 4u], writes};
  }
  template <class F>
  Choice by_base(std::uint8_t reg, std::uint8_t first_read, bool writes) const {
    return {kGrid<F, 9>[index(forward(first_read, op_.base))][reg / 4u * 9 + op_.base / 4u], writes};
  }
  template <class F>
  Choice by_one(std::uint8_t first_read, bool writes) const {
    return {kRow<F>[index(forward(first_read, kNoForward))][op_.dst / 4u], writes};
  }
  template <class F>
  Choice indexed(std::uint8_t reg, bool writes) const {
    return {kRow<F>[index(forward(op_.base, op_.index))][reg / 4u], writes};
  }
  template <class F>
  Choice alu_mem() const {
    return {kRow<F>[index(forward(op_.dst, op_.base))][op_.dst / 4u], true};
  }
  static unsigned index(Forward f) { return static_cast<unsigned>(f); }

  Choice alu_reg_reg() const;
  Choice alu_reg_imm() const;
  Choice alu_reg_mem() const;
  Choice shift_reg_imm() const;
  Choice register_form() const;
  Choice base_form() const;
  Choice index_form() const;

  const Form& form_;
  const Op& op_;
  std::uint8_t last_;
};

Choice Chooser::alu_reg_reg() const {
  switch (static_cast<Kind>(form_.row.variant)) {
    case Kind::kAdd: return by_two<AluRegReg<Kind::kAdd>>(op_.dst, true);
    case Kind::kOr: return by_two<AluRegReg<Kind::kOr>>(op_.dst, true);
    case Kind::kAdc: return by_two<AluRegReg<Kind::kAdc>>(op_.dst, true);
    case Kind::kAnd: return by_two<AluRegReg<Kind::kAnd>>(op_.dst, true);
    case Kind::kSub: return by_two<AluRegReg<Kind::kSub>>(op_.dst, true);
    case Kind::kXor: return by_two<AluRegReg<Kind::kXor>>(op_.dst, true);
    case Kind::kCmp: return by_two<AluRegReg<Kind::kCmp>>(op_.dst, false);
    default: return {};
  }
}
Choice Chooser::alu_reg_imm() const {
  switch (static_cast<Kind>(form_.row.variant)) {
    case Kind::kAdd: return by_one<AluRegImm<Kind::kAdd>>(op_.dst, true);
    case Kind::kOr: return by_one<AluRegImm<Kind::kOr>>(op_.dst, true);
    case Kind::kAnd: return by_one<AluRegImm<Kind::kAnd>>(op_.dst, true);
    case Kind::kSub: return by_one<AluRegImm<Kind::kSub>>(op_.dst, true);
    case Kind::kXor: return by_one<AluRegImm<Kind::kXor>>(op_.dst, true);
    case Kind::kCmp: return by_one<AluRegImm<Kind::kCmp>>(op_.dst, false);
    default: return {};
  }
}
Choice Chooser::alu_reg_mem() const {
  switch (static_cast<Kind>(form_.row.variant)) {
    case Kind::kAdd: return alu_mem<AluRegMem<Kind::kAdd>>();
    case Kind::kOr: return alu_mem<AluRegMem<Kind::kOr>>();
    case Kind::kAnd: return alu_mem<AluRegMem<Kind::kAnd>>();
    case Kind::kSub: return alu_mem<AluRegMem<Kind::kSub>>();
    case Kind::kXor: return alu_mem<AluRegMem<Kind::kXor>>();
    default: return {};
  }
}
Choice Chooser::shift_reg_imm() const {
  if ((op_.imm & shift::kCountMask) == 0) return {};
  switch (static_cast<shift::Op>(form_.row.variant)) {
    case shift::Op::kShl: return by_one<ShiftRegImm<shift::Op::kShl>>(op_.dst, true);
    case shift::Op::kShr: return by_one<ShiftRegImm<shift::Op::kShr>>(op_.dst, true);
    case shift::Op::kSar: return by_one<ShiftRegImm<shift::Op::kSar>>(op_.dst, true);
    case shift::Op::kRol: return by_one<ShiftRegImm<shift::Op::kRol>>(op_.dst, true);
    case shift::Op::kRor: return by_one<ShiftRegImm<shift::Op::kRor>>(op_.dst, true);
    default: return {};
  }
}

Choice Chooser::register_form() const {
  const bool flat_stack = form_.stack == Stack::kFlat;
  switch (form_.row.fast) {
    case Fast::kMovRmReg:
    case Fast::kMovRegRm: return by_two<MovRegReg>(kNoForward, true);
    case Fast::kMovRmImm: return by_one<MovRegImm>(kNoForward, true);
    case Fast::kAluRmReg:
    case Fast::kAluRegRm: return alu_reg_reg();
    case Fast::kAluRmImm: return alu_reg_imm();
    case Fast::kTestRmReg: return by_two<TestRegReg>(op_.dst, false);
    case Fast::kImulRegRm: return by_two<ImulRegReg>(op_.dst, true);
    case Fast::kMovzx: return form_.row.variant == 2 ? by_two<Movzx16RegReg>(kNoForward, true) : Choice{};
    case Fast::kShiftImm: return shift_reg_imm();
    case Fast::kInc: return by_one<IncDecReg<true>>(op_.dst, true);
    case Fast::kDec: return by_one<IncDecReg<false>>(op_.dst, true);
    case Fast::kPop: return flat_stack ? by_one<PopFlat>(kNoForward, true) : Choice{};
    default: return {};
  }
}

Choice Chooser::base_form() const {
  const bool byte = form_.row.variant == 1;
  switch (form_.row.fast) {
    case Fast::kMovRegRm: return by_base<LoadFlat<u32, false>>(op_.dst, kNoForward, true);
    case Fast::kMovRmReg: return by_base<StoreFlat>(op_.src, op_.src, false);
    case Fast::kMovzx:
      return byte ? by_base<LoadFlat<u8, false>>(op_.dst, kNoForward, true)
                  : by_base<LoadFlat<u16, false>>(op_.dst, kNoForward, true);
    case Fast::kMovsx:
      return byte ? by_base<LoadFlat<u8, true>>(op_.dst, kNoForward, true)
                  : by_base<LoadFlat<u16, true>>(op_.dst, kNoForward, true);
    case Fast::kAluRegRm: return alu_reg_mem();
    default: return {};
  }
}

Choice Chooser::index_form() const {
  switch (form_.row.fast) {
    case Fast::kMovRegRm: return indexed<LoadIndexed<u32>>(op_.dst, true);
    case Fast::kMovRmReg: return indexed<StoreIndexed>(op_.src, false);
    case Fast::kMovzx:
      return form_.row.variant == 1 ? indexed<LoadIndexed<u8>>(op_.dst, true) : indexed<LoadIndexed<u16>>(op_.dst, true);
    default: return {};
  }
}

Choice Chooser::choose() const {
  if (form_.width != 2) return {};
  const bool flat_stack = form_.stack == Stack::kFlat;
  if (form_.row.fast == Fast::kPush || (form_.row.fast == Fast::kPushRm && !form_.memory))
    return flat_stack ? by_one<PushFlat>(op_.dst, false) : Choice{};
  if (!form_.memory) return register_form();
  if (form_.row.fast == Fast::kLea) {
    if ((op_.flags & kAddress32) == 0) return {};
    return op_.index == 32 ? by_base<LeaFlat>(op_.dst, kNoForward, true) : indexed<LeaIndexed>(op_.dst, true);
  }
  if (form_.ea == Ea::kFlatBase) return base_form();
  return form_.ea == Ea::kFlatIndex ? index_form() : Choice{};
}

/// Ops without a handler here through which `last` passes unchanged, and which can neither fault nor write it.
[[maybe_unused]] bool passes_last(const Form& form) {
  switch (form.row.fast) {
    case Fast::kJcc:
    case Fast::kNop: return true;
    default: return false;
  }
}

}  // namespace

void forward_results(Block* block) {
#if RINGSIDE_THREADED
  std::uint8_t last = kNoForward;
  for (std::uint32_t i = 0; i < block->length; ++i) {
    Op& op = block->ops[i];
    const Form form = form_of(op, 0, block->mode);
    if (op.handler == exact_op) {
      last = kNoForward;
      continue;
    }
    const Choice choice = Chooser(form, last).choose();
    if (choice.handler == nullptr) {
      if (!passes_last(form)) last = kNoForward;
      continue;
    }
    op.handler = choice.handler;
    const bool stack_pointer = form.row.fast == Fast::kPop || form.row.fast == Fast::kPush || form.row.fast == Fast::kPushRm;
    if (choice.writes) {
      last = op.dst;
    } else if (form.memory || stack_pointer) {
      // A store that gives up comes back through exact_op, which knows only the registers of the op itself.
      const bool keeps = form.memory && op.src == last;
      if (keeps) op.flags |= kLastIsSource;
      else last = kNoForward;
    }
    if (stack_pointer && last == kESP * 4) last = kNoForward;
  }
  forward_scalars(block);
#else
  (void)block;
#endif
}

}  // namespace ringside::fast
