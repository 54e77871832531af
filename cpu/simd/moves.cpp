// MMX, SSE and SSE2 data movement. SDM Vol. 1, "SSE Data Transfer Instructions" and its neighbours.
#include "cpu/simd/exact_simd.h"

namespace ringside::exact {

using namespace simd;  // NOLINT: every line speaks of operands

namespace {

void load(Cpu& cpu, const Op& op, Alignment alignment) {
  check_sse(cpu);
  set_xmm(cpu, op.dst, is_memory(op) ? read_vector(cpu, op, alignment) : xmm(cpu, op.src));
}
void store(Cpu& cpu, const Op& op, Alignment alignment) {
  check_sse(cpu);
  const Vector128 value = xmm(cpu, op.src);
  if (is_memory(op)) return write_vector(cpu, op, value, alignment);
  set_xmm(cpu, op.dst, value);
}

/// One half of the register from memory, the other stays.
void load_half(Cpu& cpu, const Op& op, unsigned half) {
  const auto value = read_memory<std::uint64_t>(cpu, op);
  Vector128 result = xmm(cpu, op.dst);
  result.q[half] = value;
  set_xmm(cpu, op.dst, result);
}

}  // namespace

// ----- Whole registers ------------------------------------------------------------------------------

void movaps_load(Cpu& cpu, const Op& op) { load(cpu, op, Alignment::k16); }
void movaps_store(Cpu& cpu, const Op& op) { store(cpu, op, Alignment::k16); }
void movups_load(Cpu& cpu, const Op& op) { load(cpu, op, Alignment::kAny); }
void movups_store(Cpu& cpu, const Op& op) { store(cpu, op, Alignment::kAny); }

// ----- Scalars: from memory the rest of the register becomes 0, from a register it stays --------------

template <typename T>
void mov_scalar_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  if (!is_memory(op)) return set_xmm_low<T>(cpu, op.dst, xmm_low<T>(cpu, op.src));
  set_xmm(cpu, op.dst, {{read_memory<T>(cpu, op), 0}});
}
template <typename T>
void mov_scalar_store(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const T value = xmm_low<T>(cpu, op.src);
  if (is_memory(op)) return write_memory<T>(cpu, op, value);
  set_xmm_low<T>(cpu, op.dst, value);
}
template void mov_scalar_load<std::uint32_t>(Cpu&, const Op&);
template void mov_scalar_load<std::uint64_t>(Cpu&, const Op&);
template void mov_scalar_store<std::uint32_t>(Cpu&, const Op&);
template void mov_scalar_store<std::uint64_t>(Cpu&, const Op&);

// ----- Halves -----------------------------------------------------------------------------------------

void movlps_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  if (is_memory(op)) return load_half(cpu, op, 0);
  set_xmm(cpu, op.dst, {{xmm(cpu, op.src).q[1], xmm(cpu, op.dst).q[1]}});  // MOVHLPS
}
void movlpd_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  load_half(cpu, op, 0);
}
void movlps_store(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  write_memory<std::uint64_t>(cpu, op, xmm(cpu, op.src).q[0]);
}
void movhps_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  if (is_memory(op)) return load_half(cpu, op, 1);
  set_xmm(cpu, op.dst, {{xmm(cpu, op.dst).q[0], xmm(cpu, op.src).q[0]}});  // MOVLHPS
}
void movhpd_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  load_half(cpu, op, 1);
}
void movhps_store(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  write_memory<std::uint64_t>(cpu, op, xmm(cpu, op.src).q[1]);
}

// ----- Between register files ---------------------------------------------------------------------------

template <typename T>
void movmsk(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  cpu.set_reg<std::uint32_t>(op.dst, sign_bits<T>(xmm(cpu, op.src), 16));
}
template void movmsk<std::uint32_t>(Cpu&, const Op&);
template void movmsk<std::uint64_t>(Cpu&, const Op&);

/// A store of an MMX register has TOP at 0 even where it faults, as on silicon; the tags follow when it is done.
static void clear_top(X87State& state) { state.status = static_cast<std::uint16_t>(state.status & ~0x3800u); }

void movd_to_mmx(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  const auto value = read_rm<std::uint32_t>(cpu, op, op.src);
  enter_mmx(cpu.x87);
  set_mm(cpu, op.dst, value);
}
void movd_to_xmm(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  set_xmm(cpu, op.dst, {{read_rm<std::uint32_t>(cpu, op, op.src), 0}});
}
void movd_from_mmx(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  if (is_memory(op)) clear_top(cpu.x87);
  write_rm<std::uint32_t>(cpu, op, op.dst, static_cast<std::uint32_t>(mm(cpu, op.src)));
  enter_mmx(cpu.x87);
}
void movd_from_xmm(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  write_rm<std::uint32_t>(cpu, op, op.dst, xmm_low<std::uint32_t>(cpu, op.src));
}

void movq_mmx_load(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  const std::uint64_t value = source_mm(cpu, op);
  enter_mmx(cpu.x87);
  set_mm(cpu, op.dst, value);
}
void movq_mmx_store(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  const std::uint64_t value = mm(cpu, op.src);
  if (is_memory(op)) {
    clear_top(cpu.x87);
    write_memory<std::uint64_t>(cpu, op, value);
  }
  enter_mmx(cpu.x87);
  if (!is_memory(op)) set_mm(cpu, op.dst, value);
}

// DEST[63:0] := SRC; DEST[127:64] := 0, for a register too
void movq_xmm_load(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  set_xmm(cpu, op.dst, {{source_scalar<std::uint64_t>(cpu, op), 0}});
}
void movq_xmm_store(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const auto value = xmm_low<std::uint64_t>(cpu, op.src);
  if (is_memory(op)) return write_memory<std::uint64_t>(cpu, op, value);
  set_xmm(cpu, op.dst, {{value, 0}});
}

// These two belong to both worlds: the conditions of SSE, the effect on the x87 of MMX.
void movq2dq(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);
  set_xmm(cpu, op.dst, {{mm(cpu, op.src), 0}});
}
void movdq2q(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);
  set_mm(cpu, op.dst, xmm_low<std::uint64_t>(cpu, op.src));
}

// ----- Stores past the cache: there is none ---------------------------------------------------------------

/// A general register's store, without the conditions of SSE.
void movnti(Cpu& cpu, const Op& op) { write_memory<std::uint32_t>(cpu, op, cpu.reg<std::uint32_t>(op.src)); }

namespace {

/// Eight bytes of the operand at DS:(E)DI, whose offset wraps at the address size. The bytes that are not written can
/// fault, too, and with alignment checking silicon wants multiples of 8 of both forms.
Cpu::Place masked_place(Cpu& cpu, const Op& op, unsigned at) {
  const std::uint32_t edi = cpu.gpr[kEDI] + at;
  const std::uint32_t offset = (op.flags & kAddress32) != 0 ? edi : edi & 0xFFFF;
  const std::uint32_t linear = cpu.linear_address(op.seg, offset, 8, Access::kWrite);
  return cpu.place_linear(linear, 8, Access::kWrite, cpu.cpl == 3);
}
void write_masked(Cpu& cpu, const Cpu::Place& place, std::uint64_t value, std::uint64_t mask) {
  for (unsigned i = 0; i < 8; ++i) {
    if ((mask >> (8 * i) & 0x80) == 0) continue;
    const PhysAddr at = i < place.first_size ? place.first + i : place.second + (i - place.first_size);
    cpu.write_physical(at, 1, value >> (8 * i) & 0xFF);
    if (cpu.debug_active) cpu.note_data_access(place.linear + i, 1, Access::kWrite);
  }
}

}  // namespace

void maskmovq(Cpu& cpu, const Op& op) {
  if (!check_mmx(cpu, op)) return;
  enter_mmx(cpu.x87);  // even where the store faults, as on silicon
  write_masked(cpu, masked_place(cpu, op, 0), mm(cpu, op.dst), mm(cpu, op.src));
}
/// Silicon looks at the upper half first.
void maskmovdqu(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 value = xmm(cpu, op.dst), mask = xmm(cpu, op.src);
  const Cpu::Place high = masked_place(cpu, op, 8), low = masked_place(cpu, op, 0);
  write_masked(cpu, low, value.q[0], mask.q[0]);
  write_masked(cpu, high, value.q[1], mask.q[1]);
}

// ----- Shuffles ---------------------------------------------------------------------------------------------

void shufps(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 source = source_vector(cpu, op);
  set_xmm(cpu, op.dst, shuffle_doublewords(xmm(cpu, op.dst), source, op.imm));
}
void shufpd(Cpu& cpu, const Op& op) {
  check_sse(cpu);
  const Vector128 source = source_vector(cpu, op);
  set_xmm(cpu, op.dst, shuffle_quadwords(xmm(cpu, op.dst), source, op.imm));
}

}  // namespace ringside::exact
