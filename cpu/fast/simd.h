// What the fast handlers of MMX and SSE share: availability, registers, memory operands. They exist for register
// operands and for flat 32-bit addresses; other addresses go to the reference executor.
#pragma once

#include <bit>
#include <vector>

#include "cpu/fast/fast.h"
#include "cpu/simd/lanes.h"
#include "cpu/simd/operands.h"

namespace ringside::fast {

using simd::Vector128;

/// The reference executor's body that a handler stands in for.
struct SimdHandlers {
  ExactFn exact;
  Handler reg, base, index;  ///< by operand: a register, memory by Ea::kFlatBase and Ea::kFlatIndex
};
/// What simd_*.cpp have; collected and looked up by select_simd.
void add_simd(std::vector<SimdHandlers>& all, const SimdHandlers& handlers);
void add_simd_moves(std::vector<SimdHandlers>& all);
/// For a load of a scalar, its variant that leaves `last` alone; nullptr for other handlers.
Handler beside_forwarding(Handler load);
void add_simd_integer(std::vector<SimdHandlers>& all);
void add_simd_mmx(std::vector<SimdHandlers>& all);
void add_simd_float(std::vector<SimdHandlers>& all);

/// Of Cpu::sse_state.
constexpr std::uint8_t kSseReady = 1;    ///< neither #UD nor #NM
constexpr std::uint8_t kSseSettled = 2;  ///< that, and MXCSR is_settled (simd/float_lean.h)

[[gnu::always_inline]] inline bool sse_ready(const Cpu* cpu) {
  return __builtin_expect((cpu->sse_state & kSseReady) != 0, 1);
}
[[gnu::always_inline]] inline bool sse_settled(const Cpu* cpu) {
  return __builtin_expect((cpu->sse_state & kSseSettled) != 0, 1);
}
/// The same for MMX, and the x87 is in MMX state already with nothing pending.
[[gnu::always_inline]] inline bool mmx_ready(const Cpu* cpu) {
  constexpr unsigned kTopAndSummary = 0x3880;
  return __builtin_expect((cpu->cr0 & (kCr0EM | kCr0TS)) == 0 && (cpu->x87.status & kTopAndSummary) == 0 &&
                              (cpu->x87.tags & cpu->x87.tags >> 1 & 0x5555) == 0,
                          1);
}

template <typename T = Vector128>
[[gnu::always_inline]] inline T get_xmm(const Cpu* cpu, std::uint8_t offset) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(cpu->x87.xmm) + offset, sizeof(T));
  return value;
}
template <typename T = Vector128>
[[gnu::always_inline]] inline void set_xmm(Cpu* cpu, std::uint8_t offset, const T& value) {
  __builtin_memcpy(reinterpret_cast<std::uint8_t*>(cpu->x87.xmm) + offset, &value, sizeof(T));
}
// What was written a moment ago can be read at once only by a read that lies within that one write; else the host waits
// until the write has reached its cache. Scalar instructions write eight bytes. So what is to read their results is
// read in halves, and whole registers are written by one write of sixteen bytes.
typedef std::uint64_t Halves __attribute__((vector_size(16)));

[[gnu::always_inline]] inline Halves load_halves(const std::uint8_t* from) {
#if defined(__x86_64__)
  typedef std::uint64_t Half __attribute__((may_alias, aligned(1)));
  Halves value;
  __asm__("movq %1, %0\n\tmovhps %2, %0"
          : "=&x"(value)
          : "m"(*reinterpret_cast<const Half*>(from)), "m"(*reinterpret_cast<const Half*>(from + 8)));
  return value;
#else
  return load<Halves>(from);
#endif
}
[[gnu::always_inline]] inline Vector128 get_xmm_halves(const Cpu* cpu, std::uint8_t offset) {
  return std::bit_cast<Vector128>(load_halves(reinterpret_cast<const std::uint8_t*>(cpu->x87.xmm) + offset));
}
/// `low` in the lowest bits, 0 above.
[[gnu::always_inline]] inline void set_xmm_zero_extended(Cpu* cpu, std::uint8_t offset, std::uint64_t low) {
  set_xmm(cpu, offset, Halves{low, 0});
}
[[gnu::always_inline]] inline std::uint64_t get_mm(const Cpu* cpu, std::uint8_t offset) {
  static_assert(sizeof(Float80) == 16 && offsetof(Float80, significand) == 0);
  std::uint64_t value;
  __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(cpu->x87.reg) + offset, 8);
  return value;
}
[[gnu::always_inline]] inline void set_mm(Cpu* cpu, std::uint8_t offset, std::uint64_t value) {
  auto* reg = reinterpret_cast<std::uint8_t*>(cpu->x87.reg) + offset;
  const std::uint16_t ones = 0xFFFF;
  __builtin_memcpy(reg, &value, 8);
  __builtin_memcpy(reg + 8, &ones, 2);
  // The tag is "special" already where the register was an MMX operand before: no store, nothing to wait for.
  const unsigned shift = offset >> 3;
  if (__builtin_expect((cpu->x87.tags >> shift & 3) != 2, 0))
    cpu->x87.tags = static_cast<std::uint16_t>((cpu->x87.tags & ~(3u << shift)) | 2u << shift);
}

/// Host address of an operand of 16 bytes that must be aligned: one compare finds that out too.
template <Ea ea>
[[gnu::always_inline]] inline bool probe_read_aligned(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  std::uint32_t linear = offset_of<ea>(cpu, op);
  settle(linear);
  const FastTlbEntry* e = tlb_entry(cpu, linear);
  settle(e);
  if (__builtin_expect(e->read_tag != (linear & ~(kPageSize - 16)), 0)) return false;
  host = reinterpret_cast<std::uint8_t*>(e->addend + linear);
  return true;
}
template <Ea ea>
[[gnu::always_inline]] inline bool probe_write_aligned(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  std::uint32_t linear = offset_of<ea>(cpu, op);
  settle(linear);
  const FastTlbEntry* e = tlb_entry(cpu, linear);
  settle(e);
  if (__builtin_expect(e->write_tag != (linear & ~(kPageSize - 16)), 0)) return false;
  host = reinterpret_cast<std::uint8_t*>(e->addend + linear);
  return true;
}
/// Plain operands of a flat segment.
template <Ea ea, typename T>
[[gnu::always_inline]] inline bool probe_read_plain(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  return probe_read_linear<T>(cpu, offset_of<ea>(cpu, op), host);
}
template <Ea ea, typename T>
[[gnu::always_inline]] inline bool probe_write_plain(const Cpu* cpu, const Op* op, std::uint8_t*& host) {
  return probe_write_linear<T>(cpu, offset_of<ea>(cpu, op), host);
}

/// The handlers of a template <Ea ea> for memory.
#define SIMD_MEMORY(handler) handler<Ea::kFlatBase>, handler<Ea::kFlatIndex>
#define SIMD_MEMORY_OF(handler, what) handler<what, Ea::kFlatBase>, handler<what, Ea::kFlatIndex>

}  // namespace ringside::fast
