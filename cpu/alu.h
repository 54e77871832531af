// Arithmetic and logic on values: one body for the reference executor and the fast path.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cpu/lazy_flags.h"

namespace ringside::alu {

template <typename T>
constexpr unsigned kBits = 8 * sizeof(T);

template <typename T>
constexpr std::uint64_t sign_extend(std::uint64_t value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::make_signed_t<T>>(static_cast<T>(value))));
}

/// The carry vector of a sum or difference `wide`, computed in 64 bits from `a` and `b`.
template <typename T>
std::uint64_t carry_vector(std::uint64_t wide, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t carries = wide ^ a ^ b;
  if constexpr (sizeof(T) == 4) return carries;
  return carries << (32 - kBits<T>) | (carries & kAF);
}

template <typename T>
void set_arithmetic(LazyFlags& f, std::uint64_t wide, std::uint64_t a, std::uint64_t b) {
  f.vector = carry_vector<T>(wide, a, b);
  f.result = sign_extend<T>(wide);
}

template <typename T>
T add(LazyFlags& f, T a, T b) {
  const std::uint64_t wide = std::uint64_t{a} + b;
  set_arithmetic<T>(f, wide, a, b);
  return static_cast<T>(wide);
}

template <typename T>
T adc(LazyFlags& f, T a, T b) {
  const std::uint64_t wide = std::uint64_t{a} + b + (f.vector >> 32 & 1);
  set_arithmetic<T>(f, wide, a, b);
  return static_cast<T>(wide);
}

template <typename T>
T sub(LazyFlags& f, T a, T b) {
  const std::uint64_t wide = std::uint64_t{a} - b;
  set_arithmetic<T>(f, wide, a, b);
  return static_cast<T>(wide);
}

template <typename T>
T sbb(LazyFlags& f, T a, T b) {
  const std::uint64_t wide = std::uint64_t{a} - b - (f.vector >> 32 & 1);
  set_arithmetic<T>(f, wide, a, b);
  return static_cast<T>(wide);
}

/// AND, OR, XOR, TEST: CF and OF are cleared; AF, undefined in the manual, is cleared too.
template <typename T>
T logic(LazyFlags& f, T value) {
  f.result = sign_extend<T>(value);
  f.vector = 0;
  return value;
}

/// CF is not affected.
template <typename T>
T inc(LazyFlags& f, T a) {
  const std::uint64_t wide = std::uint64_t{a} + 1;
  f.set_vector_but_cf(carry_vector<T>(wide, a, 1));
  f.result = sign_extend<T>(wide);
  return static_cast<T>(wide);
}

template <typename T>
T dec(LazyFlags& f, T a) {
  const std::uint64_t wide = std::uint64_t{a} - 1;
  f.set_vector_but_cf(carry_vector<T>(wide, a, 1));
  f.result = sign_extend<T>(wide);
  return static_cast<T>(wide);
}

/// In the order of the opcodes' bits 3-5.
enum class Op : std::uint8_t { kAdd, kOr, kAdc, kSbb, kAnd, kSub, kXor, kCmp };

template <Op op, typename T>
T apply(LazyFlags& f, T a, T b) {
  if constexpr (op == Op::kAdd) return add<T>(f, a, b);
  if constexpr (op == Op::kOr) return logic<T>(f, static_cast<T>(a | b));
  if constexpr (op == Op::kAdc) return adc<T>(f, a, b);
  if constexpr (op == Op::kSbb) return sbb<T>(f, a, b);
  if constexpr (op == Op::kAnd) return logic<T>(f, static_cast<T>(a & b));
  if constexpr (op == Op::kSub || op == Op::kCmp) return sub<T>(f, a, b);
  if constexpr (op == Op::kXor) return logic<T>(f, static_cast<T>(a ^ b));
}

/// Condition codes as in the low four bits of Jcc, SETcc and CMOVcc.
template <unsigned cc>
bool condition(const LazyFlags& f) {
  constexpr unsigned kind = cc >> 1;
  bool value = false;
  if constexpr (kind == 0) value = f.of();
  if constexpr (kind == 1) value = f.cf();
  if constexpr (kind == 2) value = f.zf();
  if constexpr (kind == 3) value = f.cf() || f.zf();
  if constexpr (kind == 4) value = f.sf();
  if constexpr (kind == 5) value = f.pf();
  if constexpr (kind == 6) value = f.sf() != f.of();
  if constexpr (kind == 7) value = f.zf() || f.sf() != f.of();
  return value != ((cc & 1) != 0);
}

/// The same, chosen at run time.
inline bool condition(const LazyFlags& f, unsigned cc) {
  bool value = false;
  switch (cc >> 1 & 7) {
    case 0: value = f.of(); break;
    case 1: value = f.cf(); break;
    case 2: value = f.zf(); break;
    case 3: value = f.cf() || f.zf(); break;
    case 4: value = f.sf(); break;
    case 5: value = f.pf(); break;
    case 6: value = f.sf() != f.of(); break;
    default: value = f.zf() || f.sf() != f.of(); break;
  }
  return value != ((cc & 1) != 0);
}

}  // namespace ringside::alu
