// What the integer instructions compute, element by element. Each operation is a type with
//   template <unsigned bytes> static Vector128 apply(Vector128 d, Vector128 s);
// where `bytes` is 8 for MMX and 16 for XMM registers; for 8 the upper halves are 0 and stay so. The reference
// executor and the fast path both use them; loops of fixed length become the host's own vectors.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "cpu/simd/vector.h"

namespace ringside::simd {

using S8 = std::int8_t;
using S16 = std::int16_t;
using S32 = std::int32_t;
using S64 = std::int64_t;
using U8 = std::uint8_t;
using U16 = std::uint16_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

template <typename T>
using Lanes = std::array<T, 16 / sizeof(T)>;
template <typename T>
inline Lanes<T> lanes_of(const Vector128& v) {
  return std::bit_cast<Lanes<T>>(v);
}
template <typename T>
inline Vector128 vector_of(const Lanes<T>& lanes) {
  return std::bit_cast<Vector128>(lanes);
}

/// DEST[i] := f(DEST[i], SRC[i]). Upper halves of 0 must give 0: f(0, 0) where bytes is 8 is cut off by MMX's writer.
template <typename T, typename F>
inline Vector128 each(const Vector128& d, const Vector128& s, F f) {
  const Lanes<T> a = lanes_of<T>(d), b = lanes_of<T>(s);
  Lanes<T> r;
  for (unsigned i = 0; i < r.size(); ++i) r[i] = f(a[i], b[i]);
  return vector_of<T>(r);
}

/// Saturation to the range of `To`.
template <typename To>
inline To saturate(int value) {
  constexpr int low = std::numeric_limits<To>::min(), high = std::numeric_limits<To>::max();
  return static_cast<To>(value < low ? low : value > high ? high : value);
}

#define RINGSIDE_LANES(name, T, expression)                              \
  struct name {                                                          \
    template <unsigned bytes>                                            \
    static Vector128 apply(const Vector128& d, const Vector128& s) {     \
      return each<T>(d, s, [](T a, T b) { return static_cast<T>(expression); }); \
    }                                                                    \
  };

RINGSIDE_LANES(AddB, U8, a + b)
RINGSIDE_LANES(AddW, U16, a + b)
RINGSIDE_LANES(AddD, U32, a + b)
RINGSIDE_LANES(AddQ, U64, a + b)
RINGSIDE_LANES(SubB, U8, a - b)
RINGSIDE_LANES(SubW, U16, a - b)
RINGSIDE_LANES(SubD, U32, a - b)
RINGSIDE_LANES(SubQ, U64, a - b)
RINGSIDE_LANES(AddSaturatedSB, S8, saturate<S8>(a + b))
RINGSIDE_LANES(AddSaturatedSW, S16, saturate<S16>(a + b))
RINGSIDE_LANES(AddSaturatedUB, U8, saturate<U8>(a + b))
RINGSIDE_LANES(AddSaturatedUW, U16, saturate<U16>(a + b))
RINGSIDE_LANES(SubSaturatedSB, S8, saturate<S8>(a - b))
RINGSIDE_LANES(SubSaturatedSW, S16, saturate<S16>(a - b))
RINGSIDE_LANES(SubSaturatedUB, U8, saturate<U8>(a - b))
RINGSIDE_LANES(SubSaturatedUW, U16, saturate<U16>(a - b))
RINGSIDE_LANES(AverageB, U8, (a + b + 1) >> 1)
RINGSIDE_LANES(AverageW, U16, (a + b + 1) >> 1)
RINGSIDE_LANES(MinUB, U8, a < b ? a : b)
RINGSIDE_LANES(MaxUB, U8, a > b ? a : b)
RINGSIDE_LANES(MinSW, S16, a < b ? a : b)
RINGSIDE_LANES(MaxSW, S16, a > b ? a : b)
RINGSIDE_LANES(CompareEqualB, U8, a == b ? 0xFF : 0)
RINGSIDE_LANES(CompareEqualW, U16, a == b ? 0xFFFF : 0)
RINGSIDE_LANES(CompareEqualD, U32, a == b ? 0xFFFFFFFF : 0)
RINGSIDE_LANES(CompareGreaterB, S8, a > b ? -1 : 0)
RINGSIDE_LANES(CompareGreaterW, S16, a > b ? -1 : 0)
RINGSIDE_LANES(CompareGreaterD, S32, a > b ? -1 : 0)
RINGSIDE_LANES(MultiplyLowW, U16, U32{a} * b)
RINGSIDE_LANES(MultiplyHighUW, U16, (U32{a} * b) >> 16)
RINGSIDE_LANES(MultiplyHighSW, S16, (int{a} * b) >> 16)
RINGSIDE_LANES(MultiplyUDQ, U64, U64{static_cast<U32>(a)} * static_cast<U32>(b))
RINGSIDE_LANES(And, U64, a & b)
RINGSIDE_LANES(AndNot, U64, ~a & b)
RINGSIDE_LANES(Or, U64, a | b)
RINGSIDE_LANES(Xor, U64, a ^ b)
#undef RINGSIDE_LANES

// DEST[i] := DEST[2i] * SRC[2i] + DEST[2i+1] * SRC[2i+1]; only four times -32768 * -32768 wraps.
struct MultiplyAddWD {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const Lanes<S16> a = lanes_of<S16>(d), b = lanes_of<S16>(s);
    Lanes<U32> r;
    for (unsigned i = 0; i < r.size(); ++i)
      r[i] = static_cast<U32>(int{a[2 * i]} * b[2 * i]) + static_cast<U32>(int{a[2 * i + 1]} * b[2 * i + 1]);
    return vector_of<U32>(r);
  }
};

// Each quadword := sum of |DEST[i] - SRC[i]| over its eight bytes
struct SumOfDifferences {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const Lanes<U8> a = lanes_of<U8>(d), b = lanes_of<U8>(s);
    Vector128 r;
    for (unsigned i = 0; i < bytes; ++i)
      r.q[i / 8] += static_cast<U64>(a[i] > b[i] ? a[i] - b[i] : b[i] - a[i]);
    return r;
  }
};

/// PACKxx: the destination's elements, then the source's, each saturated to half its width.
template <typename From, typename To>
struct Pack {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    constexpr unsigned count = bytes / sizeof(From);
    const Lanes<From> a = lanes_of<From>(d), b = lanes_of<From>(s);
    Lanes<To> r{};
    for (unsigned i = 0; i < count; ++i) {
      r[i] = saturate<To>(a[i]);
      r[count + i] = saturate<To>(b[i]);
    }
    return vector_of<To>(r);
  }
};

/// PUNPCKxxx, UNPCKxPx: elements of one half of both operands by turns.
template <typename T, bool high>
struct Unpack {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    constexpr unsigned half = bytes / sizeof(T) / 2;
    const Lanes<T> a = lanes_of<T>(d), b = lanes_of<T>(s);
    Lanes<T> r{};
    for (unsigned i = 0; i < half; ++i) {
      r[2 * i] = a[i + (high ? half : 0)];
      r[2 * i + 1] = b[i + (high ? half : 0)];
    }
    return vector_of<T>(r);
  }
};

enum class ShiftKind : std::uint8_t { kLeft, kRight, kRightArithmetic };

/// PSLLx, PSRLx, PSRAx by a count of 64 bits: counts above the width shift everything out.
template <typename T, ShiftKind kind>
struct Shift {
  static Vector128 by(const Vector128& d, std::uint64_t count) {
    constexpr unsigned bits = 8 * sizeof(T);
    using Signed = std::make_signed_t<T>;
    Lanes<T> r = lanes_of<T>(d);
    if (count >= bits) {
      if constexpr (kind != ShiftKind::kRightArithmetic) return {};
      count = bits - 1;
    }
    const auto n = static_cast<unsigned>(count);
    for (T& lane : r) {
      if constexpr (kind == ShiftKind::kLeft) lane = static_cast<T>(lane << n);
      else if constexpr (kind == ShiftKind::kRight) lane = static_cast<T>(lane >> n);
      else lane = static_cast<T>(static_cast<Signed>(lane) >> n);
    }
    return vector_of<T>(r);
  }
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    return by(d, s.q[0]);
  }
};

/// PSLLDQ and PSRLDQ: the whole register by bytes.
template <bool left>
struct ShiftBytes {
  static Vector128 by(const Vector128& d, std::uint64_t count) {
    if (count > 15) return {};
    if (count == 0) return d;
    const auto n = 8 * static_cast<unsigned>(count);
    if constexpr (left) {
      if (n >= 64) return {{0, d.q[0] << (n - 64)}};
      return {{d.q[0] << n, d.q[1] << n | d.q[0] >> (64 - n)}};
    } else {
      if (n >= 64) return {{d.q[1] >> (n - 64), 0}};
      return {{d.q[0] >> n | d.q[1] << (64 - n), d.q[1] >> n}};
    }
  }
};

// PSHUFD, SHUFPS: two bits of the immediate choose each doubleword; `d` gives the lower two, `s` the upper.
inline Vector128 shuffle_doublewords(const Vector128& d, const Vector128& s, unsigned imm) {
  const Lanes<U32> a = lanes_of<U32>(d), b = lanes_of<U32>(s);
  return vector_of<U32>({a[imm & 3], a[imm >> 2 & 3], b[imm >> 4 & 3], b[imm >> 6 & 3]});
}
// SHUFPD
inline Vector128 shuffle_quadwords(const Vector128& d, const Vector128& s, unsigned imm) {
  return {{d.q[imm & 1], s.q[imm >> 1 & 1]}};
}
// PSHUFW, and the halves of PSHUFLW and PSHUFHW
inline std::uint64_t shuffle_words(std::uint64_t value, unsigned imm) {
  const auto word = [&](unsigned n) { return (value >> 16 * (imm >> 2 * n & 3) & 0xFFFF) << 16 * n; };
  return word(0) | word(1) | word(2) | word(3);
}

/// One bit from the top of each lane of `bits` bits in one half.
template <typename T>
inline std::uint32_t sign_bits(const Vector128& v, unsigned bytes) {
  const Lanes<T> a = lanes_of<T>(v);
  std::uint32_t mask = 0;
  for (unsigned i = 0; i < bytes / sizeof(T); ++i) mask |= static_cast<std::uint32_t>(a[i] >> (8 * sizeof(T) - 1)) << i;
  return mask;
}

}  // namespace ringside::simd
