// Fusion: a comparison and the conditional jump behind it as one handler. The jump's op stays where it is,
// so that the pair can still be executed one by one; only the first op's handler is replaced.
#include <utility>

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

/// The first of the pair.
enum class First : u8 { kCmp, kTest, kSub, kAnd, kDec, kInc, kAdd };
/// Where its operands are.
enum class Operands : u8 { kRegReg, kRegImm, kRegMem, kMemReg, kMemImm, kOneReg };

// Conditions straight from the operands of a comparison, where that is shorter than from its flags.
template <unsigned cc, typename T>
inline bool compare_condition(T a, T b, const LazyFlags& f) {
  using S = std::make_signed_t<T>;
  constexpr unsigned kind = cc >> 1;
  bool value;
  if constexpr (kind == 1) value = a < b;
  else if constexpr (kind == 2) value = a == b;
  else if constexpr (kind == 3) value = a <= b;
  else if constexpr (kind == 6) value = static_cast<S>(a) < static_cast<S>(b);
  else if constexpr (kind == 7) value = static_cast<S>(a) <= static_cast<S>(b);
  else return alu::condition<cc>(f);
  return value != ((cc & 1) != 0);
}

template <First first, Operands operands, typename T, Ea ea, unsigned cc, bool checked>
void pair(FAST_ARGS) {
  T a, b;
  u8* host = nullptr;
  if constexpr (operands == Operands::kRegMem || operands == Operands::kMemReg || operands == Operands::kMemImm) {
    if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  }
  if constexpr (operands == Operands::kMemReg || operands == Operands::kMemImm) a = load<T>(host);
  else a = get<T>(cpu, op->dst);
  if constexpr (operands == Operands::kRegReg || operands == Operands::kMemReg) b = get<T>(cpu, op->src);
  else if constexpr (operands == Operands::kRegMem) b = load<T>(host);
  else if constexpr (operands == Operands::kOneReg) b = 1;
  else b = static_cast<T>(op->imm);

  LazyFlags f = FAST_FLAGS();
  bool taken;
  if constexpr (first == First::kCmp || first == First::kSub) {
    const T value = alu::sub<T>(f, a, b);
    if constexpr (first == First::kSub) set<T>(cpu, op->dst, value), last = value;
    taken = compare_condition<cc, T>(a, b, f);
  } else {
    if constexpr (first == First::kTest) alu::logic<T>(f, static_cast<T>(a & b));
    if constexpr (first == First::kAnd) set<T>(cpu, op->dst, static_cast<T>(last = alu::logic<T>(f, static_cast<T>(a & b))));
    if constexpr (first == First::kDec) set<T>(cpu, op->dst, static_cast<T>(last = alu::dec<T>(f, a)));
    if constexpr (first == First::kInc) set<T>(cpu, op->dst, static_cast<T>(last = alu::inc<T>(f, a)));
    if constexpr (first == First::kAdd) set<T>(cpu, op->dst, static_cast<T>(last = alu::add<T>(f, a, b)));
    taken = alu::condition<cc>(f);
  }
  FAST_SET_FLAGS(f);
  if (taken) {
    FAST_ENTER(op + 1, op[1].link, checked, op[1].remaining - 1);
  }
  FAST_NEXT(op + 2);
}

template <First first, Operands operands, typename T, Ea ea, unsigned... cc>
Handler pick(unsigned code, bool checked, std::integer_sequence<unsigned, cc...>) {
  static constexpr Handler same[] = {pair<first, operands, T, ea, cc, false>...};
  static constexpr Handler other[] = {pair<first, operands, T, ea, cc, true>...};
  return checked ? other[code] : same[code];
}
template <First first, Operands operands, typename T, Ea ea = Ea::kFlatBase>
Handler by_condition(unsigned code, bool checked) {
  return pick<first, operands, T, ea>(code, checked, std::make_integer_sequence<unsigned, 16>());
}

template <typename T>
Handler compare_handler(const OpcodeRow& row, bool memory, Ea ea, unsigned cc, bool checked) {
  const bool flat = ea == Ea::kFlatBase;
  if (memory && !flat && ea != Ea::kFlatIndex) return nullptr;
  switch (row.fast) {
    case Fast::kAluRmReg:
      if (!memory) return by_condition<First::kCmp, Operands::kRegReg, T>(cc, checked);
      return flat ? by_condition<First::kCmp, Operands::kMemReg, T>(cc, checked) : nullptr;
    case Fast::kAluRegRm:
      if (!memory) return by_condition<First::kCmp, Operands::kRegReg, T>(cc, checked);
      return flat ? by_condition<First::kCmp, Operands::kRegMem, T>(cc, checked)
                  : by_condition<First::kCmp, Operands::kRegMem, T, Ea::kFlatIndex>(cc, checked);
    case Fast::kAluRmImm:
      if (!memory) return by_condition<First::kCmp, Operands::kRegImm, T>(cc, checked);
      return flat ? by_condition<First::kCmp, Operands::kMemImm, T>(cc, checked)
                  : by_condition<First::kCmp, Operands::kMemImm, T, Ea::kFlatIndex>(cc, checked);
    default: return nullptr;
  }
}

template <typename T>
Handler test_handler(const OpcodeRow& row, bool memory, Ea ea, unsigned cc, bool checked) {
  if (row.fast == Fast::kTestRmReg && !memory) return by_condition<First::kTest, Operands::kRegReg, T>(cc, checked);
  if (row.fast != Fast::kTestRmImm) return nullptr;
  if (!memory) return by_condition<First::kTest, Operands::kRegImm, T>(cc, checked);
  return ea == Ea::kFlatBase ? by_condition<First::kTest, Operands::kMemImm, T>(cc, checked) : nullptr;
}

Ea flat_form(const Op& op, std::uint32_t mode) {
  const bool flat = op.seg == kSS                   ? (mode & kModeFlatStack) != 0
                    : op.seg == kDS || op.seg == kES ? (mode & kModeFlatData) != 0
                                                     : false;
  if ((op.flags & kAddress32) == 0 || !flat) return Ea::kSegmented;
  return op.index == 32 ? Ea::kFlatBase : Ea::kFlatIndex;
}

[[maybe_unused]] Handler fused_handler(const Op& op, const OpcodeRow& row, std::uint32_t mode, unsigned cc, bool checked) {
  const bool memory = (op.flags & kMemory) != 0;
  const bool byte = (row.encoding & kByteOperation) != 0;
  if (!byte && (op.flags & kOperand32) == 0) return nullptr;
  const Ea ea = flat_form(op, mode);
  const bool alu_row = row.fast == Fast::kAluRmReg || row.fast == Fast::kAluRegRm || row.fast == Fast::kAluRmImm;
  const auto kind = static_cast<alu::Op>(row.variant);
  if (alu_row && kind == alu::Op::kCmp)
    return byte ? compare_handler<u8>(row, memory, ea, cc, checked) : compare_handler<u32>(row, memory, ea, cc, checked);
  if (row.fast == Fast::kTestRmReg || row.fast == Fast::kTestRmImm)
    return byte ? test_handler<u8>(row, memory, ea, cc, checked) : test_handler<u32>(row, memory, ea, cc, checked);
  if (memory || byte) return nullptr;
  if (row.fast == Fast::kDec) return by_condition<First::kDec, Operands::kOneReg, u32>(cc, checked);
  if (row.fast == Fast::kInc) return by_condition<First::kInc, Operands::kOneReg, u32>(cc, checked);
  if (!alu_row) return nullptr;
  const bool imm = row.fast == Fast::kAluRmImm;
  if (kind == alu::Op::kSub)
    return imm ? by_condition<First::kSub, Operands::kRegImm, u32>(cc, checked)
               : by_condition<First::kSub, Operands::kRegReg, u32>(cc, checked);
  if (kind == alu::Op::kAnd && imm) return by_condition<First::kAnd, Operands::kRegImm, u32>(cc, checked);
  if (kind == alu::Op::kAdd && imm) return by_condition<First::kAdd, Operands::kRegImm, u32>(cc, checked);
  return nullptr;
}

}  // namespace

#if RINGSIDE_THREADED
namespace {

bool fuse_jump(Block* block, std::uint32_t i) {
  const auto rows = opcode_rows();
  const Op& jump = block->ops[i + 1];
  const OpcodeRow& jump_row = rows[row_of(jump.id)];
  Op& op = block->ops[i];
  if (jump_row.fast != Fast::kJcc || jump.handler == exact_op || op.handler == exact_op) return false;
  const std::uint32_t linear = block->linear + (jump.eip - block->eip);
  const bool checked = ((linear - jump.eip + jump.target) ^ linear) >= kPageSize;
  const Handler handler = fused_handler(op, rows[row_of(op.id)], block->mode, jump_row.variant, checked);
  if (handler == nullptr) return false;
  op.handler = handler;
  return true;
}

}  // namespace
#endif

void fuse(Block* block) {
#if RINGSIDE_THREADED
  for (std::uint32_t i = 0; i + 1 < block->length; ++i) {
    if (fuse_jump(block, i)) ++i;
  }
#else
  (void)block;
#endif
}

}  // namespace ringside::fast
