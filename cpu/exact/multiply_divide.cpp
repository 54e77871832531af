// Multiplication and division, SDM Vol. 2: MUL, IMUL, DIV, IDIV.
#include <limits>
#include <type_traits>

#include "cpu/access.h"
#include "cpu/exact_integer.h"
#include "cpu/multiply.h"

namespace ringside::exact {

namespace {

/// The operand twice as wide as T: AX, DX:AX or EDX:EAX.
template <typename T>
std::uint64_t wide_accumulator(const Cpu& cpu) {
  if constexpr (sizeof(T) == 1) return cpu.gpr[kEAX] & 0xFFFF;
  if constexpr (sizeof(T) == 2) return (cpu.gpr[kEDX] & 0xFFFF) << 16 | (cpu.gpr[kEAX] & 0xFFFF);
  if constexpr (sizeof(T) == 4) return std::uint64_t{cpu.gpr[kEDX]} << 32 | cpu.gpr[kEAX];
}

/// The lower half to AL, AX or EAX, the upper half to AH, DX or EDX.
template <typename T>
void set_halves(Cpu& cpu, T low, T high) {
  cpu.set_reg<T>(4 * kEAX, low);
  cpu.set_reg<T>(sizeof(T) == 1 ? 4 * kEAX + 1 : 4 * kEDX, high);
}

}  // namespace

// AX := AL * SRC; DX:AX := AX * SRC; EDX:EAX := EAX * SRC
template <typename T>
void mul_rm(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.dst);
  const std::uint64_t product = multiply::mul<T>(cpu.flags, cpu.reg<T>(4 * kEAX), source);
  set_halves<T>(cpu, static_cast<T>(product), static_cast<T>(product >> alu::kBits<T>));
}

template <typename T>
void imul_rm(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.dst);
  const std::uint64_t product = multiply::imul<T>(cpu.flags, cpu.reg<T>(4 * kEAX), source);
  set_halves<T>(cpu, static_cast<T>(product), static_cast<T>(product >> alu::kBits<T>));
}

// IF SRC = 0 THEN #DE; temp := dividend / SRC; IF temp > maximum THEN #DE
// The flags are undefined in the manual; the processor leaves them alone.
template <typename T>
void div_rm(Cpu& cpu, const Op& op) {
  const T divisor = read_rm<T>(cpu, op, op.dst);
  if (divisor == 0) cpu.raise(Cause::kDeDivideByZero);
  const std::uint64_t dividend = wide_accumulator<T>(cpu);
  const std::uint64_t quotient = dividend / divisor;
  if (quotient > std::numeric_limits<T>::max()) cpu.raise(Cause::kDeQuotientTooLarge);
  set_halves<T>(cpu, static_cast<T>(quotient), static_cast<T>(dividend % divisor));
}

template <typename T>
void idiv_rm(Cpu& cpu, const Op& op) {
  using Signed = std::make_signed_t<T>;
  const std::int64_t divisor = static_cast<Signed>(read_rm<T>(cpu, op, op.dst));
  if (divisor == 0) cpu.raise(Cause::kDeDivideByZero);
  const std::uint64_t bits = wide_accumulator<T>(cpu) << (64 - 2 * alu::kBits<T>);
  const std::int64_t dividend = static_cast<std::int64_t>(bits) >> (64 - 2 * alu::kBits<T>);
  // The one quotient that does not even fit into 64 bits.
  if (divisor == -1 && dividend == std::numeric_limits<std::int64_t>::min())
    cpu.raise(Cause::kDeQuotientTooLarge);
  const std::int64_t quotient = dividend / divisor;
  if (quotient != static_cast<Signed>(quotient)) cpu.raise(Cause::kDeQuotientTooLarge);
  set_halves<T>(cpu, static_cast<T>(quotient), static_cast<T>(dividend % divisor));
}

// DEST := truncated(DEST * SRC)
template <typename T>
void imul_reg_rm(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  cpu.set_reg<T>(op.dst, static_cast<T>(multiply::imul<T>(cpu.flags, cpu.reg<T>(op.dst), source)));
}

// DEST := truncated(SRC1 * SRC2)
template <typename T>
void imul_reg_rm_imm(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  cpu.set_reg<T>(op.dst, static_cast<T>(multiply::imul<T>(cpu.flags, source, static_cast<T>(op.imm))));
}

#define INSTANTIATE(T)                       \
  template void mul_rm<T>(Cpu&, const Op&);  \
  template void imul_rm<T>(Cpu&, const Op&); \
  template void div_rm<T>(Cpu&, const Op&);  \
  template void idiv_rm<T>(Cpu&, const Op&);
INSTANTIATE(std::uint8_t)
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

#define INSTANTIATE_REGISTER(T)                  \
  template void imul_reg_rm<T>(Cpu&, const Op&); \
  template void imul_reg_rm_imm<T>(Cpu&, const Op&);
INSTANTIATE_REGISTER(std::uint16_t)
INSTANTIATE_REGISTER(std::uint32_t)

}  // namespace ringside::exact
