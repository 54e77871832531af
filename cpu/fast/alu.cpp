// ADD OR ADC SBB AND SUB XOR CMP, TEST, INC, DEC, NOT, NEG.
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using Kind = alu::Op;

template <Kind kind, typename T>
void alu_reg_reg(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  const T value = alu::apply<kind, T>(f, get<T>(cpu, op->dst), get<T>(cpu, op->src));
  if constexpr (kind != Kind::kCmp) set<T>(cpu, op->dst, value);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <Kind kind, typename T>
void alu_reg_imm(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  const T value = alu::apply<kind, T>(f, get<T>(cpu, op->dst), static_cast<T>(op->imm));
  if constexpr (kind != Kind::kCmp) set<T>(cpu, op->dst, value);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <Kind kind, typename T, Ea ea>
void alu_reg_mem(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  const T value = alu::apply<kind, T>(f, get<T>(cpu, op->dst), load<T>(host));
  if constexpr (kind != Kind::kCmp) set<T>(cpu, op->dst, value);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

// The destination of CMP is only read.
template <Kind kind, typename T, Ea ea>
inline bool probe_destination(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  if constexpr (kind == Kind::kCmp) return probe_read<ea, T>(cpu, op, host);
  return probe_write<ea, T>(cpu, op, host);
}

template <Kind kind, typename T, Ea ea>
void alu_mem_reg(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_destination<kind, T, ea>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  const T value = alu::apply<kind, T>(f, load<T>(host), get<T>(cpu, op->src));
  if constexpr (kind != Kind::kCmp) store<T>(host, value);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <Kind kind, typename T, Ea ea>
void alu_mem_imm(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_destination<kind, T, ea>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  const T value = alu::apply<kind, T>(f, load<T>(host), static_cast<T>(op->imm));
  if constexpr (kind != Kind::kCmp) store<T>(host, value);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename T>
void test_reg_reg(FAST_ARGS) {
  LazyFlags f;
  alu::logic<T>(f, static_cast<T>(get<T>(cpu, op->dst) & get<T>(cpu, op->src)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T>
void test_reg_imm(FAST_ARGS) {
  LazyFlags f;
  alu::logic<T>(f, static_cast<T>(get<T>(cpu, op->dst) & static_cast<T>(op->imm)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void test_mem_reg(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f;
  alu::logic<T>(f, static_cast<T>(load<T>(host) & get<T>(cpu, op->src)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void test_mem_imm(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f;
  alu::logic<T>(f, static_cast<T>(load<T>(host) & static_cast<T>(op->imm)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

enum class Unary : std::uint8_t { kInc, kDec, kNot, kNeg };

template <Unary kind, typename T>
inline T unary(LazyFlags& f, T value) {
  if constexpr (kind == Unary::kInc) return alu::inc<T>(f, value);
  if constexpr (kind == Unary::kDec) return alu::dec<T>(f, value);
  if constexpr (kind == Unary::kNot) return static_cast<T>(~value);
  if constexpr (kind == Unary::kNeg) return alu::sub<T>(f, 0, value);
}

template <Unary kind, typename T>
void unary_reg(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  set<T>(cpu, op->dst, unary<kind, T>(f, get<T>(cpu, op->dst)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Unary kind, typename T, Ea ea>
void unary_mem(FAST_ARGS) {
  std::uint8_t* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  store<T>(host, unary<kind, T>(f, load<T>(host)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;


struct AluRow {
  Handler reg_reg[3];
  Handler reg_imm[3];
  EaTable reg_mem, mem_reg, mem_imm;
};

template <Kind kind>
constexpr AluRow alu_row() {
  return {{alu_reg_reg<kind, u8>, alu_reg_reg<kind, u16>, alu_reg_reg<kind, u32>},
          {alu_reg_imm<kind, u8>, alu_reg_imm<kind, u16>, alu_reg_imm<kind, u32>},
          EA_TABLE_K(alu_reg_mem, kind),
          EA_TABLE_K(alu_mem_reg, kind),
          EA_TABLE_K(alu_mem_imm, kind)};
}

constexpr AluRow kAlu[8] = {alu_row<Kind::kAdd>(), alu_row<Kind::kOr>(),  alu_row<Kind::kAdc>(), alu_row<Kind::kSbb>(),
                            alu_row<Kind::kAnd>(), alu_row<Kind::kSub>(), alu_row<Kind::kXor>(), alu_row<Kind::kCmp>()};

struct UnaryRow {
  Handler reg[3];
  EaTable mem;
};
template <Unary kind>
constexpr UnaryRow unary_row() {
  return {{unary_reg<kind, u8>, unary_reg<kind, u16>, unary_reg<kind, u32>}, EA_TABLE_K(unary_mem, kind)};
}
constexpr UnaryRow kUnary[4] = {unary_row<Unary::kInc>(), unary_row<Unary::kDec>(), unary_row<Unary::kNot>(),
                                unary_row<Unary::kNeg>()};

constexpr Handler kTestRegReg[3] = {test_reg_reg<u8>, test_reg_reg<u16>, test_reg_reg<u32>};
constexpr Handler kTestRegImm[3] = {test_reg_imm<u8>, test_reg_imm<u16>, test_reg_imm<u32>};
constexpr EaTable kTestMemReg = EA_TABLE(test_mem_reg);
constexpr EaTable kTestMemImm = EA_TABLE(test_mem_imm);

Handler select_unary(const Form& form, Unary kind) {
  const UnaryRow& row = kUnary[static_cast<unsigned>(kind)];
  return form.memory ? row.mem[form.width][static_cast<unsigned>(form.ea)] : row.reg[form.width];
}

}  // namespace

Handler select_alu(const Form& form) {
  const AluRow& row = kAlu[form.row.variant & 7];
  const auto ea = static_cast<unsigned>(form.ea);
  const unsigned w = form.width;
  switch (form.row.fast) {
    case Fast::kAluRmReg: return form.memory ? row.mem_reg[w][ea] : row.reg_reg[w];
    case Fast::kAluRegRm: return form.memory ? row.reg_mem[w][ea] : row.reg_reg[w];
    case Fast::kAluRmImm: return form.memory ? row.mem_imm[w][ea] : row.reg_imm[w];
    case Fast::kTestRmReg: return form.memory ? kTestMemReg[w][ea] : kTestRegReg[w];
    case Fast::kTestRmImm: return form.memory ? kTestMemImm[w][ea] : kTestRegImm[w];
    case Fast::kInc: return select_unary(form, Unary::kInc);
    case Fast::kDec: return select_unary(form, Unary::kDec);
    case Fast::kNot: return select_unary(form, Unary::kNot);
    case Fast::kNeg: return select_unary(form, Unary::kNeg);
    default: return nullptr;
  }
}

}  // namespace ringside::fast
