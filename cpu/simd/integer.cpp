// MMX and SSE2 integer instructions that are no plain function of two operands. SDM Vol. 2B.
#include "cpu/simd/exact_simd.h"

namespace ringside::exact {

using namespace simd;  // NOLINT: every line speaks of operands

void pshufw(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  const std::uint64_t source = source_mm(cpu, op);
  enter_mmx(cpu.x87);
  set_mm(cpu, op.dst, shuffle_words(source, op.imm));
}

void pshufd(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 source = source_vector(cpu, op);
  set_xmm(cpu, op.dst, shuffle_doublewords(source, source, op.imm));
}
void pshuflw(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 source = source_vector(cpu, op);
  set_xmm(cpu, op.dst, {{shuffle_words(source.q[0], op.imm), source.q[1]}});
}
void pshufhw(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 source = source_vector(cpu, op);
  set_xmm(cpu, op.dst, {{source.q[0], shuffle_words(source.q[1], op.imm)}});
}

// The immediate's low bits choose the word; a register source is a doubleword register, its lower half counts.
void pinsrw_mmx(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  const auto word = read_rm<std::uint16_t>(cpu, op, op.src);
  enter_mmx(cpu.x87);
  Vector128 value{{mm(cpu, op.dst), 0}};
  value.set_lane(op.imm & 3, word);
  set_mm(cpu, op.dst, value.q[0]);
}
void pinsrw_xmm(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const auto word = read_rm<std::uint16_t>(cpu, op, op.src);
  Vector128 value = xmm(cpu, op.dst);
  value.set_lane(op.imm & 7, word);
  set_xmm(cpu, op.dst, value);
}

void pextrw_mmx(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);
  cpu.set_reg<std::uint32_t>(op.dst, static_cast<std::uint16_t>(mm(cpu, op.src) >> 16 * (op.imm & 3)));
}
void pextrw_xmm(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  cpu.set_reg<std::uint32_t>(op.dst, xmm(cpu, op.src).lane<std::uint16_t>(op.imm & 7));
}

void pmovmskb_mmx(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);
  cpu.set_reg<std::uint32_t>(op.dst, sign_bits<U8>({{mm(cpu, op.src), 0}}, 8));
}
void pmovmskb_xmm(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  cpu.set_reg<std::uint32_t>(op.dst, sign_bits<U8>(xmm(cpu, op.src), 16));
}

// x87FPUTagWord := FFFFh; TOP becomes 0 as by every MMX instruction
void emms(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);
  cpu.x87.tags = 0xFFFF;
}

}  // namespace ringside::exact
