// Shifts, rotates, double shifts, bit tests and scans.
#include "cpu/shift.h"

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using Kind = shift::Op;

template <Kind kind, typename T>
void shift_reg_imm(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  set<T>(cpu, op->dst, shift::apply<kind, T, true>(f, get<T>(cpu, op->dst), op->imm));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Kind kind, typename T>
void shift_reg_cl(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  set<T>(cpu, op->dst, shift::apply<kind, T>(f, get<T>(cpu, op->dst), get<u8>(cpu, kECX * 4)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Kind kind, typename T, Ea ea>
void shift_mem_imm(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  store<T>(host, shift::apply<kind, T>(f, load<T>(host), op->imm));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Kind kind, typename T, Ea ea>
void shift_mem_cl(FAST_ARGS) {
  u8* host;
  if (!probe_write<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f = FAST_FLAGS();
  store<T>(host, shift::apply<kind, T>(f, load<T>(host), get<u8>(cpu, kECX * 4)));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <bool left, bool by_cl>
void double_shift_reg(FAST_ARGS) {
  LazyFlags f = FAST_FLAGS();
  const u32 count = by_cl ? get<u8>(cpu, kECX * 4) : op->imm;
  const u32 destination = get<u32>(cpu, op->dst), source = get<u32>(cpu, op->src);
  set<u32>(cpu, op->dst,
           left ? shift::shld<u32>(f, destination, source, count) : shift::shrd<u32>(f, destination, source, count));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

// BT BTS BTR BTC on a register: only CF is defined, and only CF changes.
template <unsigned kind, bool imm>
void bit_reg(FAST_ARGS) {
  const u32 bit = 1u << ((imm ? op->imm : get<u32>(cpu, op->src)) & 31);
  const u32 value = get<u32>(cpu, op->dst);
  LazyFlags f = FAST_FLAGS();
  f.set_cf((value & bit) != 0);
  FAST_SET_FLAGS(f);
  if constexpr (kind == 1) set<u32>(cpu, op->dst, value | bit);
  if constexpr (kind == 2) set<u32>(cpu, op->dst, value & ~bit);
  if constexpr (kind == 3) set<u32>(cpu, op->dst, value ^ bit);
  FAST_NEXT_FORGETTING(op + 1);
}

struct ShiftRow {
  Handler reg_imm[3], reg_cl[3];
  EaTable mem_imm, mem_cl;
};
template <Kind kind>
constexpr ShiftRow shift_row() {
  return {{shift_reg_imm<kind, u8>, shift_reg_imm<kind, u16>, shift_reg_imm<kind, u32>},
          {shift_reg_cl<kind, u8>, shift_reg_cl<kind, u16>, shift_reg_cl<kind, u32>},
          EA_TABLE_K(shift_mem_imm, kind),
          EA_TABLE_K(shift_mem_cl, kind)};
}
constexpr ShiftRow kShift[8] = {shift_row<Kind::kRol>(), shift_row<Kind::kRor>(), shift_row<Kind::kRcl>(),
                                shift_row<Kind::kRcr>(), shift_row<Kind::kShl>(), shift_row<Kind::kShr>(),
                                shift_row<Kind::kSal>(), shift_row<Kind::kSar>()};

constexpr Handler kBitReg[4] = {bit_reg<0, false>, bit_reg<1, false>, bit_reg<2, false>, bit_reg<3, false>};
constexpr Handler kBitImm[4] = {bit_reg<0, true>, bit_reg<1, true>, bit_reg<2, true>, bit_reg<3, true>};

}  // namespace

Handler select_shift(const Form& form) {
  const ShiftRow& row = kShift[form.row.variant & 7];
  const auto ea = static_cast<unsigned>(form.ea);
  const unsigned w = form.width;
  const bool plain = !form.memory && w == 2;
  switch (form.row.fast) {
    case Fast::kShiftImm: return form.memory ? row.mem_imm[w][ea] : row.reg_imm[w];
    case Fast::kShiftCl: return form.memory ? row.mem_cl[w][ea] : row.reg_cl[w];
    case Fast::kShld: return plain ? double_shift_reg<true, false> : nullptr;
    case Fast::kShrd: return plain ? double_shift_reg<false, false> : nullptr;
    case Fast::kShldCl: return plain ? double_shift_reg<true, true> : nullptr;
    case Fast::kShrdCl: return plain ? double_shift_reg<false, true> : nullptr;
    case Fast::kBitReg: return plain ? kBitReg[form.row.variant] : nullptr;
    case Fast::kBitImm: return plain ? kBitImm[form.row.variant] : nullptr;
    default: return nullptr;
  }
}

}  // namespace ringside::fast
