// MMX, SSE and SSE2 data movement; logic and shuffles of the floating-point registers.
#include "cpu/exact.h"
#include "cpu/simd/exact_simd.h"
#include "cpu/simd/rows.h"

namespace ringside::simd {

std::span<const Row> move_rows() {
  using namespace exact;  // NOLINT
  using P = Prefix;
  constexpr auto mmx = kFeatureMmx;
  constexpr auto sse = kFeatureSse;
  constexpr auto sse2 = kFeatureSse2;
  constexpr std::uint32_t load_m = kVW | kMemoryOnly, store_m = kWV | kMemoryOnly;
  static const Row rows[] = {
      {0x10, P::kNone, "MOVUPS", kVW, movups_load, sse},
      {0x10, P::k66, "MOVUPD", kVW, movups_load, sse2},
      {0x10, P::kF3, "MOVSS", kVW, mov_scalar_load<std::uint32_t>, sse},
      {0x10, P::kF2, "MOVSD", kVW, mov_scalar_load<std::uint64_t>, sse2},
      {0x11, P::kNone, "MOVUPS", kWV, movups_store, sse},
      {0x11, P::k66, "MOVUPD", kWV, movups_store, sse2},
      {0x11, P::kF3, "MOVSS", kWV, mov_scalar_store<std::uint32_t>, sse},
      {0x11, P::kF2, "MOVSD", kWV, mov_scalar_store<std::uint64_t>, sse2},
      {0x12, P::kNone, "MOVLPS", kVW, movlps_load, sse},
      {0x12, P::k66, "MOVLPD", load_m, movlpd_load, sse2},
      {0x13, P::kNone, "MOVLPS", store_m, movlps_store, sse},
      {0x13, P::k66, "MOVLPD", store_m, movlps_store, sse2},
      {0x14, P::kNone, "UNPCKLPS", kVW, xmm_operation<Unpack<U32, false>>, sse},
      {0x14, P::k66, "UNPCKLPD", kVW, xmm_operation<Unpack<U64, false>>, sse2},
      {0x15, P::kNone, "UNPCKHPS", kVW, xmm_operation<Unpack<U32, true>>, sse},
      {0x15, P::k66, "UNPCKHPD", kVW, xmm_operation<Unpack<U64, true>>, sse2},
      {0x16, P::kNone, "MOVHPS", kVW, movhps_load, sse},
      {0x16, P::k66, "MOVHPD", load_m, movhpd_load, sse2},
      {0x17, P::kNone, "MOVHPS", store_m, movhps_store, sse},
      {0x17, P::k66, "MOVHPD", store_m, movhps_store, sse2},
      {0x28, P::kNone, "MOVAPS", kVW, movaps_load, sse},
      {0x28, P::k66, "MOVAPD", kVW, movaps_load, sse2},
      {0x29, P::kNone, "MOVAPS", kWV, movaps_store, sse},
      {0x29, P::k66, "MOVAPD", kWV, movaps_store, sse2},
      {0x2B, P::kNone, "MOVNTPS", store_m, movaps_store, sse},
      {0x2B, P::k66, "MOVNTPD", store_m, movaps_store, sse2},
      {0x50, P::kNone, "MOVMSKPS", kGW | kNoMemory, movmsk<std::uint32_t>, sse},
      {0x50, P::k66, "MOVMSKPD", kGW | kNoMemory, movmsk<std::uint64_t>, sse2},
      {0x54, P::kNone, "ANDPS", kVW, xmm_operation<And>, sse},
      {0x54, P::k66, "ANDPD", kVW, xmm_operation<And>, sse2},
      {0x55, P::kNone, "ANDNPS", kVW, xmm_operation<AndNot>, sse},
      {0x55, P::k66, "ANDNPD", kVW, xmm_operation<AndNot>, sse2},
      {0x56, P::kNone, "ORPS", kVW, xmm_operation<Or>, sse},
      {0x56, P::k66, "ORPD", kVW, xmm_operation<Or>, sse2},
      {0x57, P::kNone, "XORPS", kVW, xmm_operation<Xor>, sse},
      {0x57, P::k66, "XORPD", kVW, xmm_operation<Xor>, sse2},
      {0x6E, P::kNone, "MOVD", kVE, movd_to_mmx, mmx},
      {0x6E, P::k66, "MOVD", kVE, movd_to_xmm, sse2},
      {0x6F, P::kNone, "MOVQ", kVW, movq_mmx_load, mmx},
      {0x6F, P::k66, "MOVDQA", kVW, movaps_load, sse2},
      {0x6F, P::kF3, "MOVDQU", kVW, movups_load, sse2},
      {0x7E, P::kNone, "MOVD", kEV, movd_from_mmx, mmx},
      {0x7E, P::k66, "MOVD", kEV, movd_from_xmm, sse2},
      {0x7E, P::kF3, "MOVQ", kVW, movq_xmm_load, sse2},
      {0x7F, P::kNone, "MOVQ", kWV, movq_mmx_store, mmx},
      {0x7F, P::k66, "MOVDQA", kWV, movaps_store, sse2},
      {0x7F, P::kF3, "MOVDQU", kWV, movups_store, sse2},
      {0xAE, P::kNone, "group 15", kModRM, group15, 0},
      {0xC3, P::kNone, "MOVNTI", kModRM | kMemoryOnly, movnti, sse2},
      {0xC6, P::kNone, "SHUFPS", kVW | kImmByte, shufps, sse},
      {0xC6, P::k66, "SHUFPD", kVW | kImmByte, shufpd, sse2},
      {0xD6, P::k66, "MOVQ", kWV, movq_xmm_store, sse2},
      {0xD6, P::kF3, "MOVQ2DQ", kVW | kNoMemory, movq2dq, sse2},
      {0xD6, P::kF2, "MOVDQ2Q", kVW | kNoMemory, movdq2q, sse2},
      {0xE7, P::kNone, "MOVNTQ", store_m, movq_mmx_store, sse},
      {0xE7, P::k66, "MOVNTDQ", store_m, movaps_store, sse2},
      {0xF7, P::kNone, "MASKMOVQ", kVW | kNoMemory, maskmovq, sse},
      {0xF7, P::k66, "MASKMOVDQU", kVW | kNoMemory, maskmovdqu, sse2},
  };
  return rows;
}

}  // namespace ringside::simd
