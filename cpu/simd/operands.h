// Operands of MMX and SSE instructions: registers by Op's offsets, memory with every check before any effect,
// and whether the instruction may be executed at all.
//
// In an op of a row with kDstVector or kSrcVector, `dst` or `src` is 16 times the register's number, for MMX
// and XMM registers alike; the other operand may be a general register as everywhere else.
//
// The order in every body: check_sse() or enter_mmx(), then the memory operand, then the computation, then the
// effect. SDM Vol. 2A, "Exceptions" tables of the SSE instructions: #UD, #NM, #MF, memory, #XM.
#pragma once

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "cpu/simd/vector.h"

namespace ringside::simd {

// ===== Availability (availability.cpp) =====
/// #UD with CR0.EM set or CR4.OSFXSR clear, #NM with CR0.TS set.
void check_sse(Cpu& cpu);
/// #UD with CR0.EM set, #NM with CR0.TS set, #MF where an x87 exception is pending. False where that one is
/// reported through FERR# (CR0.NE clear): the instruction then has to return at once. Nothing is changed yet:
/// enter_mmx() has to come behind the memory operand, which may fault.
[[nodiscard]] bool check_mmx(Cpu& cpu, const Op& op);
/// What every MMX instruction but EMMS does to the x87: TOP becomes 0, all registers valid.
void enter_mmx(X87State& state);
/// False where enter_mmx() would change nothing.
inline bool in_mmx(const X87State& state) {
  return (state.status & 0x3800) == 0 && (state.tags & state.tags >> 1 & 0x5555) == 0;
}

// ===== Registers =====
inline Vector128 xmm(const Cpu& cpu, std::uint8_t offset) {
  Vector128 value;
  __builtin_memcpy(value.q, reinterpret_cast<const std::uint8_t*>(cpu.x87.xmm) + offset, 16);
  return value;
}
inline void set_xmm(Cpu& cpu, std::uint8_t offset, const Vector128& value) {
  __builtin_memcpy(reinterpret_cast<std::uint8_t*>(cpu.x87.xmm) + offset, value.q, 16);
}
/// The register's lowest bits; writing them leaves the others alone.
template <typename T>
T xmm_low(const Cpu& cpu, std::uint8_t offset) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(cpu.x87.xmm) + offset, sizeof(T));
  return value;
}
template <typename T>
void set_xmm_low(Cpu& cpu, std::uint8_t offset, T value) {
  __builtin_memcpy(reinterpret_cast<std::uint8_t*>(cpu.x87.xmm) + offset, &value, sizeof(T));
}
/// MMX registers are the significands of the physical x87 registers.
inline std::uint64_t mm(const Cpu& cpu, std::uint8_t offset) { return cpu.x87.reg[offset >> 4].significand; }
/// To be called in MMX state. Sign and exponent become all ones, which makes the tag "special".
inline void set_mm(Cpu& cpu, std::uint8_t offset, std::uint64_t value) {
  const unsigned n = offset >> 4;
  cpu.x87.reg[n] = {value, 0xFFFF};
  cpu.x87.tags = static_cast<std::uint16_t>((cpu.x87.tags & ~(3u << 2 * n)) | 2u << 2 * n);
}

// ===== Memory =====
enum class Alignment : std::uint8_t {
  kAny,  ///< MOVUPS, MOVDQU, ...: any address
  k16,   ///< #GP(0) for an address that is no multiple of 16
};

/// The op's 128-bit memory operand.
Vector128 read_vector(Cpu& cpu, const Op& op, Alignment alignment);
void write_vector(Cpu& cpu, const Op& op, const Vector128& value, Alignment alignment);
/// The op's memory operand of 1 to 8 bytes.
template <typename T>
T read_memory(Cpu& cpu, const Op& op) {
  return cpu.read<T>(op.seg, effective_offset(cpu, op));
}
template <typename T>
void write_memory(Cpu& cpu, const Op& op, T value) {
  cpu.write<T>(op.seg, effective_offset(cpu, op), value);
}
inline bool is_memory(const Op& op) { return (op.flags & kMemory) != 0; }

/// The source operand xmm/m128 (aligned) of nearly all SSE instructions.
inline Vector128 source_vector(Cpu& cpu, const Op& op) {
  return is_memory(op) ? read_vector(cpu, op, Alignment::k16) : xmm(cpu, op.src);
}
/// The source operand xmm/m32 or xmm/m64.
template <typename T>
T source_scalar(Cpu& cpu, const Op& op) {
  return is_memory(op) ? read_memory<T>(cpu, op) : xmm_low<T>(cpu, op.src);
}
/// The source operand mm/m64.
inline std::uint64_t source_mm(Cpu& cpu, const Op& op) {
  return is_memory(op) ? read_memory<std::uint64_t>(cpu, op) : mm(cpu, op.src);
}

}  // namespace ringside::simd
