// MOV, MOVZX, MOVSX, LEA, XCHG, CMOVcc, SETcc, BSWAP, CBW, CWD.
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

template <typename T>
void mov_reg_reg(FAST_ARGS) {
  set<T>(cpu, op->dst, get<T>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T>
void mov_reg_imm(FAST_ARGS) {
  set<T>(cpu, op->dst, static_cast<T>(op->imm));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void mov_reg_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  set<T>(cpu, op->dst, load<T>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void mov_mem_reg(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  store<T>(host, get<T>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void mov_mem_imm(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  store<T>(host, static_cast<T>(op->imm));
  FAST_NEXT_FORGETTING(op + 1);
}

// Sign of the source type decides between MOVZX and MOVSX.
template <typename S>
inline u32 widened(S value) {
  return static_cast<u32>(static_cast<std::int32_t>(value));
}
template <typename T, typename S>
void extend_reg(FAST_ARGS) {
  set<T>(cpu, op->dst, static_cast<T>(widened<S>(get<S>(cpu, op->src))));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, typename S, Ea ea>
void extend_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, S>(cpu, op, host)) FAST_GIVE_UP();
  set<T>(cpu, op->dst, static_cast<T>(widened<S>(load<S>(host))));
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename T, Ea ea>
void lea_op(FAST_ARGS) {
  set<T>(cpu, op->dst, static_cast<T>(offset_of<ea>(cpu, op)));
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename T>
void xchg_reg_reg(FAST_ARGS) {
  const T a = get<T>(cpu, op->dst);
  set<T>(cpu, op->dst, get<T>(cpu, op->src));
  set<T>(cpu, op->src, a);
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void xchg_mem_reg(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  const T a = load<T>(host);
  store<T>(host, get<T>(cpu, op->src));
  set<T>(cpu, op->src, a);
  FAST_NEXT_FORGETTING(op + 1);
}

template <unsigned cc>
void cmov_reg_reg(FAST_ARGS) {
  const u32 value = get<u32>(cpu, op->src);
  if (alu::condition<cc>(FAST_FLAGS())) set<u32>(cpu, op->dst, value);
  FAST_NEXT_FORGETTING(op + 1);
}
// The source is read, and may fault, whether the condition holds or not.
template <unsigned cc, Ea ea>
void cmov_reg_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, u32>(cpu, op, host)) FAST_GIVE_UP();
  const u32 value = load<u32>(host);
  if (alu::condition<cc>(FAST_FLAGS())) set<u32>(cpu, op->dst, value);
  FAST_NEXT_FORGETTING(op + 1);
}
template <unsigned cc>
void setcc_reg(FAST_ARGS) {
  set<u8>(cpu, op->dst, alu::condition<cc>(FAST_FLAGS()) ? 1 : 0);
  FAST_NEXT_FORGETTING(op + 1);
}
template <unsigned cc, Ea ea>
void setcc_mem(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, u8>(cpu, op, host)) FAST_GIVE_UP();
  store<u8>(host, alu::condition<cc>(FAST_FLAGS()) ? 1 : 0);
  FAST_NEXT_FORGETTING(op + 1);
}

void bswap32(FAST_ARGS) {
  set<u32>(cpu, op->dst, __builtin_bswap32(get<u32>(cpu, op->dst)));
  FAST_NEXT_FORGETTING(op + 1);
}
void cwde(FAST_ARGS) {
  cpu->gpr[kEAX] = widened<std::int16_t>(get<std::int16_t>(cpu, kEAX * 4));
  FAST_NEXT_FORGETTING(op + 1);
}
void cbw(FAST_ARGS) {
  set<u16>(cpu, kEAX * 4, static_cast<u16>(widened<std::int8_t>(get<std::int8_t>(cpu, kEAX * 4))));
  FAST_NEXT_FORGETTING(op + 1);
}
void cdq(FAST_ARGS) {
  cpu->gpr[kEDX] = static_cast<u32>(static_cast<std::int32_t>(cpu->gpr[kEAX]) >> 31);
  FAST_NEXT_FORGETTING(op + 1);
}
void cwd(FAST_ARGS) {
  set<u16>(cpu, kEDX * 4, static_cast<u16>(get<std::int16_t>(cpu, kEAX * 4) >> 15));
  FAST_NEXT_FORGETTING(op + 1);
}

constexpr Handler kMovRegReg[3] = {mov_reg_reg<u8>, mov_reg_reg<u16>, mov_reg_reg<u32>};
constexpr Handler kMovRegImm[3] = {mov_reg_imm<u8>, mov_reg_imm<u16>, mov_reg_imm<u32>};
constexpr EaTable kMovRegMem = EA_TABLE(mov_reg_mem);
constexpr EaTable kMovMemReg = EA_TABLE(mov_mem_reg);
constexpr EaTable kMovMemImm = EA_TABLE(mov_mem_imm);
constexpr EaTable kLea = EA_TABLE(lea_op);
constexpr Handler kXchgReg[3] = {xchg_reg_reg<u8>, xchg_reg_reg<u16>, xchg_reg_reg<u32>};
constexpr EaTable kXchgMem = EA_TABLE(xchg_mem_reg);

struct ExtendRow {
  Handler reg;
  Handler mem[kEaForms];
};
template <typename T, typename S>
constexpr ExtendRow extend_row() {
  return {extend_reg<T, S>,
          {extend_mem<T, S, Ea::kFlatBase>, extend_mem<T, S, Ea::kFlatIndex>, extend_mem<T, S, Ea::kSegmented>,
           extend_mem<T, S, Ea::kSegmented16>}};
}
// [signed][destination is 32 bits][source bytes - 1]
constexpr ExtendRow kExtend[2][2][2] = {
    {{extend_row<u16, u8>(), extend_row<u16, u16>()}, {extend_row<u32, u8>(), extend_row<u32, u16>()}},
    {{extend_row<u16, std::int8_t>(), extend_row<u16, std::int16_t>()},
     {extend_row<u32, std::int8_t>(), extend_row<u32, std::int16_t>()}},
};

struct ConditionRow {
  Handler cmov_reg, setcc_reg;
  Handler cmov_mem[kEaForms], setcc_mem[kEaForms];
};
template <unsigned cc>
constexpr ConditionRow condition_row() {
  return {cmov_reg_reg<cc>,
          setcc_reg<cc>,
          {cmov_reg_mem<cc, Ea::kFlatBase>, cmov_reg_mem<cc, Ea::kFlatIndex>, cmov_reg_mem<cc, Ea::kSegmented>,
           cmov_reg_mem<cc, Ea::kSegmented16>},
          {setcc_mem<cc, Ea::kFlatBase>, setcc_mem<cc, Ea::kFlatIndex>, setcc_mem<cc, Ea::kSegmented>,
           setcc_mem<cc, Ea::kSegmented16>}};
}
constexpr ConditionRow kCondition[16] = {
    condition_row<0>(),  condition_row<1>(),  condition_row<2>(),  condition_row<3>(),
    condition_row<4>(),  condition_row<5>(),  condition_row<6>(),  condition_row<7>(),
    condition_row<8>(),  condition_row<9>(),  condition_row<10>(), condition_row<11>(),
    condition_row<12>(), condition_row<13>(), condition_row<14>(), condition_row<15>()};

}  // namespace

Handler select_transfer(const Form& form) {
  const auto ea = static_cast<unsigned>(form.ea);
  const unsigned w = form.width;
  const bool memory = form.memory;
  switch (form.row.fast) {
    case Fast::kMovRmReg: return memory ? kMovMemReg[w][ea] : kMovRegReg[w];
    case Fast::kMovRegRm: return memory ? kMovRegMem[w][ea] : kMovRegReg[w];
    case Fast::kMovRmImm: return memory ? kMovMemImm[w][ea] : kMovRegImm[w];
    case Fast::kMovzx:
    case Fast::kMovsx: {
      const bool is_signed = form.row.fast == Fast::kMovsx;
      const ExtendRow& row = kExtend[is_signed ? 1 : 0][form.operand32() ? 1 : 0][form.row.variant - 1];
      return memory ? row.mem[ea] : row.reg;
    }
    case Fast::kLea: {
      // The segment does not matter for LEA.
      const bool index = form.op.index != 32;
      const Ea plain = (form.op.flags & kAddress32) == 0 ? Ea::kSegmented16 : index ? Ea::kFlatIndex : Ea::kFlatBase;
      return kLea[w][static_cast<unsigned>(plain)];
    }
    case Fast::kXchg: return memory ? kXchgMem[w][ea] : kXchgReg[w];
    case Fast::kCmov: {
      if (!form.operand32()) return nullptr;
      const ConditionRow& row = kCondition[form.row.variant];
      return memory ? row.cmov_mem[ea] : row.cmov_reg;
    }
    case Fast::kSetcc: {
      const ConditionRow& row = kCondition[form.row.variant];
      return memory ? row.setcc_mem[ea] : row.setcc_reg;
    }
    case Fast::kBswap: return form.operand32() ? bswap32 : nullptr;
    case Fast::kCbw: return form.operand32() ? cwde : cbw;
    case Fast::kCwd: return form.operand32() ? cdq : cwd;
    default: return nullptr;
  }
}

}  // namespace ringside::fast
