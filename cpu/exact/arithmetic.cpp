// Binary arithmetic and logic, SDM Vol. 1, "Binary Arithmetic Instructions" and "Logical Instructions";
// the exchanges that compute: XADD, CMPXCHG, CMPXCHG8B.
#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

// DEST := DEST op SRC; CMP only reads, so that it never faults for a page that must not be written.
template <alu::Op kind, typename T>
void alu_rm(Cpu& cpu, const Op& op, T source) {
  if constexpr (kind == alu::Op::kCmp) {
    alu::sub<T>(cpu.flags, read_rm<T>(cpu, op, op.dst), source);
  } else {
    ReadModifyWrite<T> destination(cpu, op, op.dst);
    destination.commit(alu::apply<kind, T>(cpu.flags, destination.value(), source));
  }
}

}  // namespace

template <alu::Op kind, typename T>
void alu_rm_reg(Cpu& cpu, const Op& op) {
  alu_rm<kind, T>(cpu, op, cpu.reg<T>(op.src));
}

template <alu::Op kind, typename T>
void alu_reg_rm(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  const T result = alu::apply<kind, T>(cpu.flags, cpu.reg<T>(op.dst), source);
  if constexpr (kind != alu::Op::kCmp) cpu.set_reg<T>(op.dst, result);
}

template <alu::Op kind, typename T>
void alu_rm_imm(Cpu& cpu, const Op& op) {
  alu_rm<kind, T>(cpu, op, static_cast<T>(op.imm));
}

// TEMP := SRC1 AND SRC2
template <typename T>
void test_rm_reg(Cpu& cpu, const Op& op) {
  const T a = read_rm<T>(cpu, op, op.dst);
  alu::logic<T>(cpu.flags, static_cast<T>(a & cpu.reg<T>(op.src)));
}

template <typename T>
void test_rm_imm(Cpu& cpu, const Op& op) {
  const T a = read_rm<T>(cpu, op, op.dst);
  alu::logic<T>(cpu.flags, static_cast<T>(a & op.imm));
}

// DEST := DEST + 1
template <typename T>
void inc_rm(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(alu::inc<T>(cpu.flags, destination.value()));
}

// DEST := DEST - 1
template <typename T>
void dec_rm(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(alu::dec<T>(cpu.flags, destination.value()));
}

// DEST := NOT DEST; no flags
template <typename T>
void not_rm(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(static_cast<T>(~destination.value()));
}

// CF := DEST != 0; DEST := -DEST
template <typename T>
void neg_rm(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  destination.commit(alu::sub<T>(cpu.flags, T{0}, destination.value()));
}

// TEMP := SRC + DEST; SRC := DEST; DEST := TEMP
template <typename T>
void xadd(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  const T sum = alu::add<T>(cpu.flags, destination.value(), cpu.reg<T>(op.src));
  cpu.set_reg<T>(op.src, destination.value());
  destination.commit(sum);
}

// IF accumulator = DEST THEN DEST := SRC ELSE accumulator := DEST; DEST := DEST FI
// The destination is written in both cases, so that a read-only page faults in both.
template <typename T>
void cmpxchg(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  const T source = cpu.reg<T>(op.src);
  const T old = destination.value();
  const T accumulator = cpu.reg<T>(0);
  alu::sub<T>(cpu.flags, accumulator, old);
  if (accumulator == old) {
    destination.commit(source);
  } else {
    cpu.set_reg<T>(0, old);
    destination.commit(old);
  }
}

// IF EDX:EAX = DEST THEN ZF := 1; DEST := ECX:EBX ELSE ZF := 0; EDX:EAX := DEST; DEST := DEST FI
void cmpxchg8b(Cpu& cpu, const Op& op) {
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
  ReadModifyWrite<std::uint64_t> destination(cpu, op, op.dst);
  const std::uint64_t old = destination.value();
  const bool equal = old == (std::uint64_t{cpu.gpr[kEDX]} << 32 | cpu.gpr[kEAX]);
  if (equal) {
    destination.commit(std::uint64_t{cpu.gpr[kECX]} << 32 | cpu.gpr[kEBX]);
  } else {
    cpu.gpr[kEAX] = static_cast<std::uint32_t>(old);
    cpu.gpr[kEDX] = static_cast<std::uint32_t>(old >> 32);
    destination.commit(old);
  }
  cpu.flags.set_zf(equal);
}

#define INSTANTIATE_ALU(kind, T)                      \
  template void alu_rm_reg<kind, T>(Cpu&, const Op&); \
  template void alu_reg_rm<kind, T>(Cpu&, const Op&); \
  template void alu_rm_imm<kind, T>(Cpu&, const Op&);
#define INSTANTIATE(T)                           \
  INSTANTIATE_ALU(alu::Op::kAdd, T)              \
  INSTANTIATE_ALU(alu::Op::kOr, T)               \
  INSTANTIATE_ALU(alu::Op::kAdc, T)              \
  INSTANTIATE_ALU(alu::Op::kSbb, T)              \
  INSTANTIATE_ALU(alu::Op::kAnd, T)              \
  INSTANTIATE_ALU(alu::Op::kSub, T)              \
  INSTANTIATE_ALU(alu::Op::kXor, T)              \
  INSTANTIATE_ALU(alu::Op::kCmp, T)              \
  template void test_rm_reg<T>(Cpu&, const Op&); \
  template void test_rm_imm<T>(Cpu&, const Op&); \
  template void inc_rm<T>(Cpu&, const Op&);      \
  template void dec_rm<T>(Cpu&, const Op&);      \
  template void not_rm<T>(Cpu&, const Op&);      \
  template void neg_rm<T>(Cpu&, const Op&);      \
  template void xadd<T>(Cpu&, const Op&);        \
  template void cmpxchg<T>(Cpu&, const Op&);
INSTANTIATE(std::uint8_t)
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
