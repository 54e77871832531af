// Shifts and rotates on values: one body for the reference executor and the fast path.
//
// OF after a shift by more than one bit is undefined in the manual. Intel's processors compute it from the
// operand as for a shift by one, whatever the count, and so do we; AF is cleared by shifts, kept by rotates.
// ROL and ROR of a register by an immediate other than 1 leave OF alone.
#pragma once

#include <cstdint>

#include "cpu/alu.h"

namespace ringside::shift {

/// In the order of the ModR/M reg field; SAL is an alias of SHL.
enum class Op : std::uint8_t { kRol, kRor, kRcl, kRcr, kShl, kShr, kSal, kSar };

constexpr unsigned kCountMask = 31;

template <typename T>
constexpr bool top_bit(T value) {
  return (value >> (alu::kBits<T> - 1) & 1) != 0;
}

/// OF of a left shift by one: the two top bits differ.
template <typename T>
constexpr bool top_bits_differ(T value) {
  return ((value >> (alu::kBits<T> - 1) ^ value >> (alu::kBits<T> - 2)) & 1) != 0;
}

template <typename T>
T set_shifted(LazyFlags& f, std::uint64_t result, bool cf, bool of) {
  f.result = alu::sign_extend<T>(result);
  f.set_cf_of_af(cf, of, false);
  return static_cast<T>(result);
}

/// Rotates leave SF, ZF, PF and AF alone.
template <typename T>
T set_rotated(LazyFlags& f, std::uint64_t result, bool cf, bool of) {
  f.set_cf_of_af(cf, of, f.af());
  return static_cast<T>(result);
}

/// Puts the flags of a shift together: `cf` in bit 0, `of` in bit 31 of their words, the rest ignored.
template <typename T>
T set_shifted_words(LazyFlags& f, std::uint64_t result, std::uint64_t cf, std::uint32_t of) {
  f.result = alu::sign_extend<T>(result);
  // Bit 31 of the vector is CF ^ OF; bit 4, AF, is clear.
  f.vector = (cf & 1) * (std::uint64_t{3} << 31) ^ (of & 0x80000000u);
  return static_cast<T>(result);
}

/// `value` with its top bit in bit 31.
template <typename T>
std::uint32_t at_top(T value) {
  return static_cast<std::uint32_t>(value) << (32 - alu::kBits<T>);
}

template <typename T>
T shl(LazyFlags& f, T value, unsigned count) {
  const std::uint64_t wide = std::uint64_t{value} << count;
  const std::uint32_t top = at_top(value);
  return set_shifted_words<T>(f, wide, wide >> alu::kBits<T>, top ^ top << 1);
}

template <typename T>
T shr(LazyFlags& f, T value, unsigned count) {
  const std::uint64_t before_last = std::uint64_t{value} >> (count - 1);
  return set_shifted_words<T>(f, before_last >> 1, before_last, at_top(value));
}

template <typename T>
T sar(LazyFlags& f, T value, unsigned count) {
  const auto before_last = static_cast<std::int64_t>(alu::sign_extend<T>(value)) >> (count - 1);
  return set_shifted_words<T>(f, static_cast<std::uint64_t>(before_last >> 1),
                              static_cast<std::uint64_t>(before_last), 0);
}

/// Rotates leave SF, ZF, PF and AF alone.
template <typename T>
T set_rotated_words(LazyFlags& f, std::uint64_t result, std::uint64_t cf, std::uint32_t of) {
  f.vector = ((cf & 1) * (std::uint64_t{3} << 31) ^ (of & 0x80000000u)) | (f.vector & kAF);
  return static_cast<T>(result);
}

/// OF in bit 31, as set_rotated_words takes it.
inline std::uint32_t of_at_top(const LazyFlags& f) {
  return static_cast<std::uint32_t>(f.vector ^ f.vector >> 1);
}

template <typename T, bool immediate = false>
T rol(LazyFlags& f, T value, unsigned count) {
  const unsigned n = count % alu::kBits<T>;
  const std::uint64_t wide = std::uint64_t{value} << n;
  const std::uint64_t result = wide | wide >> alu::kBits<T>;
  const std::uint32_t top = at_top(value);
  return set_rotated_words<T>(f, result, result, immediate && count != 1 ? of_at_top(f) : top ^ top << 1);
}

template <typename T, bool immediate = false>
T ror(LazyFlags& f, T value, unsigned count) {
  const unsigned n = count % alu::kBits<T>;
  const T result = static_cast<T>(std::uint64_t{value} >> n | std::uint64_t{value} << (alu::kBits<T> - n));
  const bool of = immediate && count != 1 ? f.of() : top_bit(value) != ((value & 1) != 0);
  return set_rotated<T>(f, result, top_bit(result), of);
}

/// RCL and RCR rotate a number of one bit more, whose top bit is CF.
template <typename T>
T rcl(LazyFlags& f, T value, unsigned count) {
  constexpr unsigned kWidth = alu::kBits<T> + 1;
  const unsigned n = count % kWidth;
  if (n == 0) return value;
  const std::uint64_t with_carry = value | std::uint64_t{f.cf()} << alu::kBits<T>;
  const std::uint64_t result = with_carry << n | with_carry >> (kWidth - n);
  return set_rotated<T>(f, result, (result >> alu::kBits<T> & 1) != 0, top_bits_differ(value));
}

template <typename T>
T rcr(LazyFlags& f, T value, unsigned count) {
  constexpr unsigned kWidth = alu::kBits<T> + 1;
  const unsigned n = count % kWidth;
  if (n == 0) return value;
  const bool of = f.cf() != top_bit(value);
  const std::uint64_t with_carry = value | std::uint64_t{f.cf()} << alu::kBits<T>;
  const std::uint64_t result = with_carry >> n | with_carry << (kWidth - n);
  return set_rotated<T>(f, result, (result >> alu::kBits<T> & 1) != 0, of);
}

/// Masks the count to five bits; a count of 0 changes neither value nor flags.
template <Op op, typename T, bool immediate = false>
T apply(LazyFlags& f, T value, unsigned count) {
  count &= kCountMask;
  if (count == 0) return value;
  if constexpr (op == Op::kRol) return rol<T, immediate>(f, value, count);
  if constexpr (op == Op::kRor) return ror<T, immediate>(f, value, count);
  if constexpr (op == Op::kRcl) return rcl<T>(f, value, count);
  if constexpr (op == Op::kRcr) return rcr<T>(f, value, count);
  if constexpr (op == Op::kShl || op == Op::kSal) return shl<T>(f, value, count);
  if constexpr (op == Op::kShr) return shr<T>(f, value, count);
  if constexpr (op == Op::kSar) return sar<T>(f, value, count);
}

/// What a double shift moves through. A 16-bit shift by more than 16 is undefined in the manual; the
/// processor then shifts in the destination once more.
template <typename T>
std::uint64_t left_line(T destination, T source) {
  if constexpr (sizeof(T) == 2) {
    return std::uint64_t{destination} << 32 | std::uint64_t{source} << 16 | destination;
  } else {
    return std::uint64_t{destination} << 32 | source;
  }
}

template <typename T>
std::uint64_t right_line(T destination, T source) {
  if constexpr (sizeof(T) == 2) {
    return std::uint64_t{destination} << 32 | std::uint64_t{source} << 16 | destination;
  } else {
    return std::uint64_t{source} << 32 | destination;
  }
}

template <typename T>
T shld(LazyFlags& f, T destination, T source, unsigned count) {
  count &= kCountMask;
  if (count == 0) return destination;
  const std::uint64_t line = left_line(destination, source);
  return set_shifted<T>(f, line >> (32 - count), (line >> (32 + alu::kBits<T> - count) & 1) != 0,
                        top_bits_differ(destination));
}

template <typename T>
T shrd(LazyFlags& f, T destination, T source, unsigned count) {
  count &= kCountMask;
  if (count == 0) return destination;
  const std::uint64_t before_last = right_line(destination, source) >> (count - 1);
  return set_shifted<T>(f, before_last >> 1, (before_last & 1) != 0,
                        top_bit(destination) != ((source & 1) != 0));
}

}  // namespace ringside::shift
