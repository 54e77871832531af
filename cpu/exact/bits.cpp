// Bit tests and scans, SDM Vol. 2: BT, BTS, BTR, BTC, BSF, BSR, BSWAP.
#include <bit>

#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

template <BitOp kind, typename T>
T changed(T value, T mask) {
  if constexpr (kind == BitOp::kTest) return value;
  if constexpr (kind == BitOp::kSet) return static_cast<T>(value | mask);
  if constexpr (kind == BitOp::kReset) return static_cast<T>(value & ~mask);
  if constexpr (kind == BitOp::kComplement) return static_cast<T>(value ^ mask);
}

// CF := Bit(BitBase, BitOffset); BTS, BTR, BTC change the bit. Only CF is affected.
template <BitOp kind, typename T>
void bit_in_register(Cpu& cpu, const Op& op, unsigned bit) {
  const T value = cpu.reg<T>(op.dst);
  const T mask = static_cast<T>(T{1} << bit);
  cpu.set_reg<T>(op.dst, changed<kind, T>(value, mask));
  cpu.flags.set_cf((value & mask) != 0);
}

template <BitOp kind, typename T>
void bit_in_memory(Cpu& cpu, const Op& op, std::uint32_t offset, unsigned bit) {
  const T mask = static_cast<T>(T{1} << bit);
  T value;
  if constexpr (kind == BitOp::kTest) {
    value = cpu.read<T>(op.seg, offset);
  } else {
    Cpu::Place place;
    value = cpu.read_for_write<T>(op.seg, offset, place);
    cpu.write_place<T>(place, changed<kind, T>(value, mask));
  }
  cpu.flags.set_cf((value & mask) != 0);
}

/// Flags of BSF and BSR: only ZF is defined in the manual; the processor takes PF from the bit's number
/// and clears the rest.
void set_scan_flags(LazyFlags& f, bool found, unsigned bit) {
  f.vector = 0;
  f.set_zsp(!found, false, (std::popcount(bit) & 1) == 0);
}

}  // namespace

/// A bit offset in a register is signed and reaches memory beyond the operand: the operand-sized unit that
/// holds the bit is accessed.
template <BitOp kind, typename T>
void bit_rm_reg(Cpu& cpu, const Op& op) {
  const T bit_offset = cpu.reg<T>(op.src);
  const unsigned bit = bit_offset & (alu::kBits<T> - 1);
  if ((op.flags & kMemory) == 0) return bit_in_register<kind, T>(cpu, op, bit);
  const auto units = static_cast<std::int32_t>(alu::sign_extend<T>(bit_offset)) >> (sizeof(T) == 2 ? 4 : 5);
  std::uint32_t offset =
      effective_offset(cpu, op) + static_cast<std::uint32_t>(units) * std::uint32_t{sizeof(T)};
  if ((op.flags & kAddress32) == 0) offset &= 0xFFFF;
  bit_in_memory<kind, T>(cpu, op, offset, bit);
}

template <BitOp kind, typename T>
void bit_rm_imm(Cpu& cpu, const Op& op) {
  const unsigned bit = op.imm & (alu::kBits<T> - 1);
  if ((op.flags & kMemory) == 0) return bit_in_register<kind, T>(cpu, op, bit);
  bit_in_memory<kind, T>(cpu, op, effective_offset(cpu, op), bit);
}

// IF SRC = 0 THEN ZF := 1 (DEST is left alone) ELSE ZF := 0; DEST := number of the lowest 1 FI
template <typename T>
void bsf(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  const auto bit = source == 0 ? 0u : static_cast<unsigned>(std::countr_zero(source));
  if (source != 0) cpu.set_reg<T>(op.dst, static_cast<T>(bit));
  set_scan_flags(cpu.flags, source != 0, bit);
}

template <typename T>
void bsr(Cpu& cpu, const Op& op) {
  const T source = read_rm<T>(cpu, op, op.src);
  const auto bit = source == 0 ? 0u : static_cast<unsigned>(std::bit_width(source)) - 1;
  if (source != 0) cpu.set_reg<T>(op.dst, static_cast<T>(bit));
  set_scan_flags(cpu.flags, source != 0, bit);
}

// Byte order reversed. With a 16-bit operand the manual leaves the result undefined; the processor
// swaps the zero-extended doubleword, whose lower half then is 0.
template <typename T>
void bswap(Cpu& cpu, const Op& op) {
  const std::uint32_t value = cpu.reg<T>(op.dst);
  cpu.set_reg<T>(op.dst, static_cast<T>(__builtin_bswap32(value)));
}

#define INSTANTIATE_BIT(kind, T)                      \
  template void bit_rm_reg<kind, T>(Cpu&, const Op&); \
  template void bit_rm_imm<kind, T>(Cpu&, const Op&);
#define INSTANTIATE(T)                   \
  INSTANTIATE_BIT(BitOp::kTest, T)       \
  INSTANTIATE_BIT(BitOp::kSet, T)        \
  INSTANTIATE_BIT(BitOp::kReset, T)      \
  INSTANTIATE_BIT(BitOp::kComplement, T) \
  template void bsf<T>(Cpu&, const Op&); \
  template void bsr<T>(Cpu&, const Op&); \
  template void bswap<T>(Cpu&, const Op&);
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
