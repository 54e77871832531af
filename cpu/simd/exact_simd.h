// The reference executor's MMX and SSE instructions that do no floating-point arithmetic: bodies as templates over
// what they compute (lanes.h), to be named in rows_*.cpp.
#pragma once

#include "cpu/simd/lanes.h"
#include "cpu/simd/operands.h"

namespace ringside::exact {

// ===== Elementwise: DEST := operation(DEST, SRC) (integer) =====
template <typename Operation>
void mmx_operation(Cpu& cpu, const Op& op) {
  if (!simd::check_mmx(cpu, op)) return;
  const std::uint64_t source = simd::source_mm(cpu, op);
  simd::enter_mmx(cpu.x87);
  simd::set_mm(cpu, op.dst, Operation::template apply<8>({{simd::mm(cpu, op.dst), 0}}, {{source, 0}}).q[0]);
}
/// PUNPCKLxx reads no more than it needs.
template <typename Operation>
void mmx_operation_m32(Cpu& cpu, const Op& op) {
  if (!simd::check_mmx(cpu, op)) return;
  const std::uint64_t source =
      simd::is_memory(op) ? simd::read_memory<std::uint32_t>(cpu, op) : simd::mm(cpu, op.src);
  simd::enter_mmx(cpu.x87);
  simd::set_mm(cpu, op.dst, Operation::template apply<8>({{simd::mm(cpu, op.dst), 0}}, {{source, 0}}).q[0]);
}
template <typename Operation>
void xmm_operation(Cpu& cpu, const Op& op) {
  simd::check_sse(cpu);
  const simd::Vector128 source = simd::source_vector(cpu, op);
  simd::set_xmm(cpu, op.dst, Operation::template apply<16>(simd::xmm(cpu, op.dst), source));
}

// ===== Shifts by an immediate =====
template <typename Operation>
void mmx_shift_imm(Cpu& cpu, const Op& op) {
  if (!simd::check_mmx(cpu, op)) return;
  simd::enter_mmx(cpu.x87);
  simd::set_mm(cpu, op.dst, Operation::by({{simd::mm(cpu, op.dst), 0}}, op.imm).q[0]);
}
template <typename Operation>
void xmm_shift_imm(Cpu& cpu, const Op& op) {
  simd::check_sse(cpu);
  simd::set_xmm(cpu, op.dst, Operation::by(simd::xmm(cpu, op.dst), op.imm));
}

// ===== Single ones (integer.cpp) =====
void pshufw(Cpu&, const Op&);
void pshufd(Cpu&, const Op&);
void pshuflw(Cpu&, const Op&);
void pshufhw(Cpu&, const Op&);
void pinsrw_mmx(Cpu&, const Op&);
void pinsrw_xmm(Cpu&, const Op&);
void pextrw_mmx(Cpu&, const Op&);
void pextrw_xmm(Cpu&, const Op&);
void pmovmskb_mmx(Cpu&, const Op&);
void pmovmskb_xmm(Cpu&, const Op&);
void emms(Cpu&, const Op&);

// ===== Moves (moves.cpp) =====
void movaps_load(Cpu&, const Op&);     // MOVAPS, MOVAPD, MOVDQA
void movaps_store(Cpu&, const Op&);    // and MOVNTPS, MOVNTPD, MOVNTDQ
void movups_load(Cpu&, const Op&);     // MOVUPS, MOVUPD, MOVDQU
void movups_store(Cpu&, const Op&);
template <typename T> void mov_scalar_load(Cpu&, const Op&);   // MOVSS, MOVSD
template <typename T> void mov_scalar_store(Cpu&, const Op&);
void movlps_load(Cpu&, const Op&);     // MOVLPS, MOVHLPS
void movlpd_load(Cpu&, const Op&);
void movlps_store(Cpu&, const Op&);
void movhps_load(Cpu&, const Op&);     // MOVHPS, MOVLHPS
void movhpd_load(Cpu&, const Op&);
void movhps_store(Cpu&, const Op&);
template <typename T> void movmsk(Cpu&, const Op&);            // MOVMSKPS, MOVMSKPD
void movd_to_mmx(Cpu&, const Op&);
void movd_to_xmm(Cpu&, const Op&);
void movd_from_mmx(Cpu&, const Op&);
void movd_from_xmm(Cpu&, const Op&);
void movq_mmx_load(Cpu&, const Op&);
void movq_mmx_store(Cpu&, const Op&);  // and MOVNTQ
void movq_xmm_load(Cpu&, const Op&);
void movq_xmm_store(Cpu&, const Op&);
void movq2dq(Cpu&, const Op&);
void movdq2q(Cpu&, const Op&);
void movnti(Cpu&, const Op&);
void maskmovq(Cpu&, const Op&);
void maskmovdqu(Cpu&, const Op&);
void shufps(Cpu&, const Op&);
void shufpd(Cpu&, const Op&);

}  // namespace ringside::exact
