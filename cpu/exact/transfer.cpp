// Moves, conversions and flag instructions, SDM Vol. 1, "Data Transfer Instructions" and "Flag Control
// (EFLAG) Instructions".
#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

// DEST := SRC
template <typename T>
void mov_rm_reg(Cpu& cpu, const Op& op) {
  write_rm<T>(cpu, op, op.dst, cpu.reg<T>(op.src));
}

template <typename T>
void mov_reg_rm(Cpu& cpu, const Op& op) {
  cpu.set_reg<T>(op.dst, read_rm<T>(cpu, op, op.src));
}

template <typename T>
void mov_rm_imm(Cpu& cpu, const Op& op) {
  write_rm<T>(cpu, op, op.dst, static_cast<T>(op.imm));
}

// DEST := ZeroExtend(SRC)
template <typename T, typename S>
void movzx(Cpu& cpu, const Op& op) {
  cpu.set_reg<T>(op.dst, read_rm<S>(cpu, op, op.src));
}

// DEST := SignExtend(SRC)
template <typename T, typename S>
void movsx(Cpu& cpu, const Op& op) {
  cpu.set_reg<T>(op.dst, static_cast<T>(alu::sign_extend<S>(read_rm<S>(cpu, op, op.src))));
}

// DEST := EffectiveAddress(SRC); no access, so no check of segment or page
template <typename T>
void lea(Cpu& cpu, const Op& op) {
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
  cpu.set_reg<T>(op.dst, static_cast<T>(effective_offset(cpu, op)));
}

// TEMP := DEST; DEST := SRC; SRC := TEMP
template <typename T>
void xchg_rm_reg(Cpu& cpu, const Op& op) {
  ReadModifyWrite<T> destination(cpu, op, op.dst);
  const T source = cpu.reg<T>(op.src);
  cpu.set_reg<T>(op.src, destination.value());
  destination.commit(source);
}

// temp := SRC; IF condition THEN DEST := temp. The source is read, and may fault, in both cases.
template <typename T>
void cmov(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  if (alu::condition(cpu.flags, op.imm & 15)) cpu.set_reg<T>(op.dst, source);
}

// IF condition THEN DEST := 1 ELSE DEST := 0
void setcc(Cpu& cpu, const Op& op) {
  write_rm<std::uint8_t>(cpu, op, op.dst, alu::condition(cpu.flags, op.imm & 15) ? 1 : 0);
}

// AX := SignExtend(AL); EAX := SignExtend(AX)
template <typename T>
void cbw(Cpu& cpu, const Op&) {
  if constexpr (sizeof(T) == 2) {
    cpu.set_reg<T>(4 * kEAX, static_cast<T>(alu::sign_extend<std::uint8_t>(cpu.gpr[kEAX])));
  } else {
    cpu.set_reg<T>(4 * kEAX, static_cast<T>(alu::sign_extend<std::uint16_t>(cpu.gpr[kEAX])));
  }
}

// DX:AX := SignExtend(AX); EDX:EAX := SignExtend(EAX)
template <typename T>
void cwd(Cpu& cpu, const Op&) {
  const std::uint64_t wide = alu::sign_extend<T>(cpu.gpr[kEAX]);
  cpu.set_reg<T>(4 * kEDX, static_cast<T>(wide >> alu::kBits<T>));
}

// AL := [(E)BX + ZeroExtend(AL)]
void xlat(Cpu& cpu, const Op& op) {
  const std::uint32_t mask = (op.flags & kAddress32) != 0 ? 0xFFFFFFFFu : 0xFFFFu;
  const std::uint32_t offset = (cpu.gpr[kEBX] + (cpu.gpr[kEAX] & 0xFF)) & mask;
  cpu.set_reg<std::uint8_t>(4 * kEAX, cpu.read<std::uint8_t>(op.seg, offset));
}

// AH := EFLAGS(SF:ZF:0:AF:0:PF:1:CF)
void lahf(Cpu& cpu, const Op&) {
  cpu.set_reg<std::uint8_t>(4 * kEAX + 1, static_cast<std::uint8_t>(cpu.flags.word() | 2));
}

// EFLAGS(SF:ZF:0:AF:0:PF:1:CF) := AH; OF stays
void sahf(Cpu& cpu, const Op&) {
  const std::uint32_t ah = cpu.gpr[kEAX] >> 8 & (kSF | kZF | kAF | kPF | kCF);
  cpu.flags.set_word(ah | (cpu.flags.of() ? kOF : 0));
}

// IF CF THEN AL := FFH ELSE AL := 0. Not in the manual, but in every processor.
void salc(Cpu& cpu, const Op&) { cpu.set_reg<std::uint8_t>(4 * kEAX, cpu.flags.cf() ? 0xFF : 0); }

void clc(Cpu& cpu, const Op&) { cpu.flags.set_cf(false); }
void stc(Cpu& cpu, const Op&) { cpu.flags.set_cf(true); }
void cmc(Cpu& cpu, const Op&) { cpu.flags.set_cf(!cpu.flags.cf()); }
void cld(Cpu& cpu, const Op&) { cpu.system_flags &= ~kDF; }
void std_(Cpu& cpu, const Op&) { cpu.system_flags |= kDF; }

/// Also the hints: long NOP and PREFETCH do not access their operand.
void nop(Cpu&, const Op&) {}

#define INSTANTIATE_MOVE(T)                     \
  template void mov_rm_reg<T>(Cpu&, const Op&); \
  template void mov_reg_rm<T>(Cpu&, const Op&); \
  template void mov_rm_imm<T>(Cpu&, const Op&); \
  template void xchg_rm_reg<T>(Cpu&, const Op&);
INSTANTIATE_MOVE(std::uint8_t)
INSTANTIATE_MOVE(std::uint16_t)
INSTANTIATE_MOVE(std::uint32_t)

#define INSTANTIATE(T)                                    \
  template void movzx<T, std::uint8_t>(Cpu&, const Op&);  \
  template void movzx<T, std::uint16_t>(Cpu&, const Op&); \
  template void movsx<T, std::uint8_t>(Cpu&, const Op&);  \
  template void movsx<T, std::uint16_t>(Cpu&, const Op&); \
  template void lea<T>(Cpu&, const Op&);                  \
  template void cmov<T>(Cpu&, const Op&);                 \
  template void cbw<T>(Cpu&, const Op&);                  \
  template void cwd<T>(Cpu&, const Op&);
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
