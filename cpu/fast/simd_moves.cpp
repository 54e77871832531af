// Moves between XMM registers, general registers and memory.
#include "cpu/fast/simd.h"
#include "cpu/simd/exact_simd.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// ----- Whole registers --------------------------------------------------------------------------------

void move_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, load_halves(reinterpret_cast<const u8*>(cpu->x87.xmm) + op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
template <Ea ea>
void load_aligned(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_aligned<ea>(cpu, op, host)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, load<Vector128>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
template <Ea ea>
void store_aligned(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_write_aligned<ea>(cpu, op, host)) FAST_GIVE_UP();
  store<Vector128>(host, get_xmm(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
template <Ea ea>
void load_unaligned(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_plain<ea, Vector128>(cpu, op, host)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, load<Vector128>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
template <Ea ea>
void store_unaligned(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_write_plain<ea, Vector128>(cpu, op, host)) FAST_GIVE_UP();
  store<Vector128>(host, get_xmm(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}

// ----- Parts: MOVSS, MOVSD, MOVQ, MOVD ------------------------------------------------------------------

/// Into the lowest bits; the rest stays.
template <typename T>
void merge_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm<T>(cpu, op->dst, get_xmm<T>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
/// The rest becomes 0.
template <typename T, Ea ea>
void load_part(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_plain<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  set_xmm_zero_extended(cpu, op->dst, load<T>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
/// The same where `last` is the lower half of another register, that in op->src.
template <typename T, Ea ea>
void load_part_beside(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_plain<ea, T>(cpu, op, host)) {
    FAST_FORGET_LAST();
    RINGSIDE_TAIL exact_sse_op(FAST_PASS(op));
  }
  set_xmm_zero_extended(cpu, op->dst, load<T>(host));
  FAST_NEXT(op + 1);
}
/// From the register file's byte op->src on plus `half`.
template <typename T, Ea ea, unsigned half>
void store_part(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_write_plain<ea, T>(cpu, op, host)) FAST_GIVE_UP();
  store<T>(host, get_xmm<T>(cpu, static_cast<u8>(op->src + 8 * half)));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename T, Ea ea>
void store_low(FAST_ARGS) {
  RINGSIDE_TAIL store_part<T, ea, 0>(FAST_PASS(op));
}
void movq_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm_zero_extended(cpu, op->dst, get_xmm<u64>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
void movd_from_gpr(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm_zero_extended(cpu, op->dst, get<u32>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}
void movd_to_gpr(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set<u32>(cpu, op->dst, get_xmm<u32>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}

// ----- Halves: MOVLPS, MOVHPS, MOVHLPS, MOVLHPS -------------------------------------------------------------

template <unsigned half, Ea ea>
void load_half(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_plain<ea, u64>(cpu, op, host)) FAST_GIVE_UP();
  set_xmm<u64>(cpu, static_cast<u8>(op->dst + 8 * half), load<u64>(host));
  FAST_NEXT_FORGETTING(op + 1);
}
/// One half of the source into the other half of the destination.
template <unsigned half>
void cross_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm<u64>(cpu, static_cast<u8>(op->dst + 8 * half), get_xmm<u64>(cpu, static_cast<u8>(op->src + 8 * (1 - half))));
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename T>
void movmsk_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  const Vector128 v = get_xmm(cpu, op->src);
  u32 mask = static_cast<u32>(v.q[0] >> 63 | v.q[1] >> 63 << 1);
  if constexpr (sizeof(T) == 4)
    mask = static_cast<u32>((v.q[0] >> 31 & 1) | (v.q[0] >> 62 & 2) | (v.q[1] >> 29 & 4) | (v.q[1] >> 60 & 8));
  set<u32>(cpu, op->dst, mask);
  FAST_NEXT_FORGETTING(op + 1);
}

template <Ea ea>
void movnti_mem(FAST_ARGS) {
  u8* host;
  if (!probe_write_plain<ea, u32>(cpu, op, host)) FAST_GIVE_UP();
  store<u32>(host, get<u32>(cpu, op->src));
  FAST_NEXT_FORGETTING(op + 1);
}

}  // namespace

Handler beside_forwarding(Handler load) {
  constexpr Ea kBase = Ea::kFlatBase, kIndex = Ea::kFlatIndex;
  if (load == load_part<u64, kBase>) return load_part_beside<u64, kBase>;
  if (load == load_part<u64, kIndex>) return load_part_beside<u64, kIndex>;
  if (load == load_part<u32, kBase>) return load_part_beside<u32, kBase>;
  if (load == load_part<u32, kIndex>) return load_part_beside<u32, kIndex>;
  return nullptr;
}

void add_simd_moves(std::vector<SimdHandlers>& all) {
  constexpr Ea kBase = Ea::kFlatBase, kIndex = Ea::kFlatIndex;
  const SimdHandlers handlers[] = {
      {exact::movaps_load, move_reg, SIMD_MEMORY(load_aligned)},
      {exact::movaps_store, move_reg, SIMD_MEMORY(store_aligned)},
      {exact::movups_load, move_reg, SIMD_MEMORY(load_unaligned)},
      {exact::movups_store, move_reg, SIMD_MEMORY(store_unaligned)},
      {exact::mov_scalar_load<u32>, merge_reg<u32>, SIMD_MEMORY_OF(load_part, u32)},
      {exact::mov_scalar_load<u64>, merge_reg<u64>, SIMD_MEMORY_OF(load_part, u64)},
      {exact::mov_scalar_store<u32>, merge_reg<u32>, SIMD_MEMORY_OF(store_low, u32)},
      {exact::mov_scalar_store<u64>, merge_reg<u64>, SIMD_MEMORY_OF(store_low, u64)},
      {exact::movq_xmm_load, movq_reg, SIMD_MEMORY_OF(load_part, u64)},
      {exact::movq_xmm_store, movq_reg, SIMD_MEMORY_OF(store_low, u64)},
      {exact::movd_to_xmm, movd_from_gpr, SIMD_MEMORY_OF(load_part, u32)},
      {exact::movd_from_xmm, movd_to_gpr, SIMD_MEMORY_OF(store_low, u32)},
      {exact::movlps_load, cross_reg<0>, SIMD_MEMORY_OF(load_half, 0)},
      {exact::movlpd_load, nullptr, SIMD_MEMORY_OF(load_half, 0)},
      {exact::movhps_load, cross_reg<1>, SIMD_MEMORY_OF(load_half, 1)},
      {exact::movhpd_load, nullptr, SIMD_MEMORY_OF(load_half, 1)},
      {exact::movlps_store, nullptr, store_part<u64, kBase, 0>, store_part<u64, kIndex, 0>},
      {exact::movhps_store, nullptr, store_part<u64, kBase, 1>, store_part<u64, kIndex, 1>},
      {exact::movmsk<u32>, movmsk_reg<u32>, nullptr, nullptr},
      {exact::movmsk<u64>, movmsk_reg<u64>, nullptr, nullptr},
      {exact::movnti, nullptr, SIMD_MEMORY(movnti_mem)},
  };
  all.insert(all.end(), std::begin(handlers), std::end(handlers));
}

}  // namespace ringside::fast
