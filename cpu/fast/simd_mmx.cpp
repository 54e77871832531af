// MMX: where the x87 already is in MMX state, as it is after the first instruction of a run of them.
#include "cpu/fast/simd.h"
#include "cpu/simd/exact_simd.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

template <typename Operation>
[[gnu::always_inline]] inline u64 calculated(u64 d, u64 s) {
  return Operation::template apply<8>(Vector128{{d, 0}}, Vector128{{s, 0}}).q[0];
}
template <typename Operation>
void mmx_reg(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, calculated<Operation>(get_mm(cpu, op->dst), get_mm(cpu, op->src)));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename Operation, Ea ea>
void mmx_mem(FAST_ARGS) {
  u8* host;
  if (!mmx_ready(cpu) || !probe_read_plain<ea, u64>(cpu, op, host)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, calculated<Operation>(get_mm(cpu, op->dst), load<u64>(host)));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename Operation>
void mmx_shift_imm(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, Operation::by(Vector128{{get_mm(cpu, op->dst), 0}}, op->imm).q[0]);
  FAST_NEXT_FORGETTING(op + 1);
}

void movq_reg(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, get_mm(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void load_mem(FAST_ARGS) {
  u8* host;
  if (!mmx_ready(cpu) || !probe_read_plain<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, load<T>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void store_mem(FAST_ARGS) {
  u8* host;
  if (!mmx_ready(cpu) || !probe_write_plain<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  store<T>(host, static_cast<T>(get_mm(cpu, op->src)));
  FAST_NEXT_FORGETTING(op + 1);
}
void movd_from_gpr(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, get<u32>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
void movd_to_gpr(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set<u32>(cpu, op->dst, static_cast<u32>(get_mm(cpu, op->src)));
  FAST_NEXT_FORGETTING(op + 1);
}
void emms(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  cpu->x87.tags = 0xFFFF;
  FAST_NEXT_FORGETTING(op + 1);
}
void pshufw_reg(FAST_ARGS) {
  if (!mmx_ready(cpu)) FAST_GIVE_UP();
  set_mm(cpu, op->dst, simd::shuffle_words(get_mm(cpu, op->src), op->imm));
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename... Operations>
void add_operations(std::vector<SimdHandlers>& all) {
  (add_simd(all, {exact::mmx_operation<Operations>, mmx_reg<Operations>, SIMD_MEMORY_OF(mmx_mem, Operations)}), ...);
}
template <typename... Operations>
void add_low_unpacks(std::vector<SimdHandlers>& all) {
  (add_simd(all, {exact::mmx_operation_m32<Operations>, mmx_reg<Operations>, nullptr, nullptr}), ...);
}
template <typename... Operations>
void add_shifts(std::vector<SimdHandlers>& all) {
  (add_simd(all, {exact::mmx_shift_imm<Operations>, mmx_shift_imm<Operations>, nullptr, nullptr}), ...);
}

}  // namespace

void add_simd_mmx(std::vector<SimdHandlers>& all) {
  using namespace simd;  // NOLINT: the operations
  using K = ShiftKind;
  add_operations<AddB, AddW, AddD, AddQ, SubB, SubW, SubD, SubQ, AddSaturatedSB, AddSaturatedSW, AddSaturatedUB,
                 AddSaturatedUW, SubSaturatedSB, SubSaturatedSW, SubSaturatedUB, SubSaturatedUW, AverageB, AverageW,
                 MinUB, MaxUB, MinSW, MaxSW, CompareEqualB, CompareEqualW, CompareEqualD, CompareGreaterB,
                 CompareGreaterW, CompareGreaterD, MultiplyLowW, MultiplyHighUW, MultiplyHighSW, MultiplyUDQ, And,
                 AndNot, simd::Or, Xor, MultiplyAddWD, SumOfDifferences>(all);
  add_operations<Unpack<U8, true>, Unpack<U16, true>, Unpack<U32, true>, Pack<S16, S8>, Pack<S16, U8>,
                 Pack<S32, S16>>(all);
  add_low_unpacks<Unpack<U8, false>, Unpack<U16, false>, Unpack<U32, false>>(all);
  add_operations<Shift<U16, K::kRight>, Shift<U32, K::kRight>, Shift<U64, K::kRight>, Shift<U16, K::kRightArithmetic>,
                 Shift<U32, K::kRightArithmetic>, Shift<U16, K::kLeft>, Shift<U32, K::kLeft>, Shift<U64, K::kLeft>>(all);
  add_shifts<Shift<U16, K::kRight>, Shift<U32, K::kRight>, Shift<U64, K::kRight>, Shift<U16, K::kRightArithmetic>,
             Shift<U32, K::kRightArithmetic>, Shift<U16, K::kLeft>, Shift<U32, K::kLeft>, Shift<U64, K::kLeft>>(all);
  const SimdHandlers handlers[] = {
      {exact::movq_mmx_load, movq_reg, SIMD_MEMORY_OF(load_mem, u64)},
      {exact::movq_mmx_store, movq_reg, SIMD_MEMORY_OF(store_mem, u64)},
      {exact::movd_to_mmx, movd_from_gpr, SIMD_MEMORY_OF(load_mem, u32)},
      {exact::movd_from_mmx, movd_to_gpr, SIMD_MEMORY_OF(store_mem, u32)},
      {exact::pshufw, pshufw_reg, nullptr, nullptr},
      {exact::emms, emms, nullptr, nullptr},
  };
  all.insert(all.end(), std::begin(handlers), std::end(handlers));
}

}  // namespace ringside::fast
