// Shifts and rotates, SDM Vol. 2: RCL/RCR/ROL/ROR, SAL/SAR/SHL/SHR, SHLD, SHRD.
#include "cpu/shift.h"

#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

// DEST := DEST shifted by (COUNT AND 1FH). Memory is written even when the count is 0.
template <shift::Op kind, typename T, bool immediate>
void shift_rm(Cpu& cpu, const Op& op, unsigned count) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(shift::apply<kind, T, immediate>(cpu.flags, destination.value(), count));
}

// DEST := DEST:SRC shifted left, upper half
template <typename T>
void shld(Cpu& cpu, const Op& op, unsigned count) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(shift::shld<T>(cpu.flags, destination.value(), cpu.reg<T>(op.src), count));
}

// DEST := SRC:DEST shifted right, lower half
template <typename T>
void shrd(Cpu& cpu, const Op& op, unsigned count) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(shift::shrd<T>(cpu.flags, destination.value(), cpu.reg<T>(op.src), count));
}

unsigned cl(const Cpu& cpu) { return cpu.gpr[kECX] & 0xFF; }

}  // namespace

template <shift::Op kind, typename T>
void shift_rm_imm(Cpu& cpu, const Op& op) {
  if ((op.flags & kMemory) != 0) {
    shift_rm<kind, T, false>(cpu, op, op.imm);
  } else {
    shift_rm<kind, T, true>(cpu, op, op.imm);
  }
}

template <shift::Op kind, typename T>
void shift_rm_cl(Cpu& cpu, const Op& op) {
  shift_rm<kind, T, false>(cpu, op, cl(cpu));
}

template <typename T>
void shld_imm(Cpu& cpu, const Op& op) {
  shld<T>(cpu, op, op.imm);
}

template <typename T>
void shld_cl(Cpu& cpu, const Op& op) {
  shld<T>(cpu, op, cl(cpu));
}

template <typename T>
void shrd_imm(Cpu& cpu, const Op& op) {
  shrd<T>(cpu, op, op.imm);
}

template <typename T>
void shrd_cl(Cpu& cpu, const Op& op) {
  shrd<T>(cpu, op, cl(cpu));
}

#define INSTANTIATE(kind, T)                            \
  template void shift_rm_imm<kind, T>(Cpu&, const Op&); \
  template void shift_rm_cl<kind, T>(Cpu&, const Op&);
#define INSTANTIATE_WIDTHS(kind)   \
  INSTANTIATE(kind, std::uint8_t)  \
  INSTANTIATE(kind, std::uint16_t) \
  INSTANTIATE(kind, std::uint32_t)
INSTANTIATE_WIDTHS(shift::Op::kRol)
INSTANTIATE_WIDTHS(shift::Op::kRor)
INSTANTIATE_WIDTHS(shift::Op::kRcl)
INSTANTIATE_WIDTHS(shift::Op::kRcr)
INSTANTIATE_WIDTHS(shift::Op::kShl)
INSTANTIATE_WIDTHS(shift::Op::kShr)
INSTANTIATE_WIDTHS(shift::Op::kSal)
INSTANTIATE_WIDTHS(shift::Op::kSar)

#define INSTANTIATE_DOUBLE(T)                 \
  template void shld_imm<T>(Cpu&, const Op&); \
  template void shld_cl<T>(Cpu&, const Op&);  \
  template void shrd_imm<T>(Cpu&, const Op&); \
  template void shrd_cl<T>(Cpu&, const Op&);
INSTANTIATE_DOUBLE(std::uint16_t)
INSTANTIATE_DOUBLE(std::uint32_t)

}  // namespace ringside::exact
