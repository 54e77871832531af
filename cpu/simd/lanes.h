// What the integer instructions compute, element by element. Each operation is a type with
//   template <unsigned bytes> static Vector128 apply(Vector128 d, Vector128 s);
// where `bytes` is 8 for MMX and 16 for XMM registers; for 8 the upper halves are 0 and stay so. The reference
// executor and the fast path both use them.
#pragma once

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

/// Sixteen bytes as lanes of T. These are the compilers' vectors: arithmetic and comparison go lane by lane (a
/// comparison gives all ones or 0), on hosts without such instructions too.
template <typename T>
using Lanes [[gnu::vector_size(16)]] = T;
template <typename T>
inline Lanes<T> lanes_of(const Vector128& v) {
  return std::bit_cast<Lanes<T>>(v);
}
template <typename L>
inline Vector128 vector_of(L lanes) {
  return std::bit_cast<Vector128>(lanes);
}
/// mask[i] is all ones: a[i], else b[i].
template <typename T, typename M>
inline Lanes<T> choose(M mask, Lanes<T> a, Lanes<T> b) {
  const auto m = std::bit_cast<Lanes<T>>(mask);
  return (a & m) | (b & ~m);
}
/// All lanes the same.
template <typename T>
inline Lanes<T> splat(T value) {
  return Lanes<T>{} + value;
}

/// DEST[i] := expression of a = DEST[i] and b = SRC[i]. MMX's writer cuts off what becomes of the upper halves.
#define RINGSIDE_LANES(name, T, expression)                              \
  struct name {                                                          \
    template <unsigned bytes>                                            \
    static Vector128 apply(const Vector128& d, const Vector128& s) {     \
      const Lanes<T> a = lanes_of<T>(d), b = lanes_of<T>(s);             \
      return vector_of(expression);                                      \
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
// Unsigned saturation: a sum that has wrapped is less than an operand, a difference wraps where a < b.
RINGSIDE_LANES(AddSaturatedUB, U8, std::bit_cast<Lanes<U8>>((a + b) < a) | (a + b))
RINGSIDE_LANES(AddSaturatedUW, U16, std::bit_cast<Lanes<U16>>((a + b) < a) | (a + b))
RINGSIDE_LANES(SubSaturatedUB, U8, std::bit_cast<Lanes<U8>>(a > b) & (a - b))
RINGSIDE_LANES(SubSaturatedUW, U16, std::bit_cast<Lanes<U16>>(a > b) & (a - b))
RINGSIDE_LANES(AverageB, U8, (a | b) - ((a ^ b) >> splat<U8>(1)))
RINGSIDE_LANES(AverageW, U16, (a | b) - ((a ^ b) >> splat<U16>(1)))
RINGSIDE_LANES(MinUB, U8, choose<U8>(a < b, a, b))
RINGSIDE_LANES(MaxUB, U8, choose<U8>(a > b, a, b))
RINGSIDE_LANES(MinSW, S16, choose<S16>(a < b, a, b))
RINGSIDE_LANES(MaxSW, S16, choose<S16>(a > b, a, b))
RINGSIDE_LANES(CompareEqualB, U8, a == b)
RINGSIDE_LANES(CompareEqualW, U16, a == b)
RINGSIDE_LANES(CompareEqualD, U32, a == b)
RINGSIDE_LANES(CompareGreaterB, S8, a > b)
RINGSIDE_LANES(CompareGreaterW, S16, a > b)
RINGSIDE_LANES(CompareGreaterD, S32, a > b)
RINGSIDE_LANES(MultiplyLowW, U16, a * b)
RINGSIDE_LANES(MultiplyUDQ, U64, (a & splat<U64>(0xFFFFFFFF)) * (b & splat<U64>(0xFFFFFFFF)))
RINGSIDE_LANES(And, U64, a & b)
RINGSIDE_LANES(AndNot, U64, ~a & b)
RINGSIDE_LANES(Or, U64, a | b)
RINGSIDE_LANES(Xor, U64, a ^ b)
#undef RINGSIDE_LANES

/// PADDSx, PSUBSx: computed modulo the width; where the sign shows that it wrapped, the limit on a's side.
template <typename T, bool subtract>
struct Saturated {
  using U = std::make_unsigned_t<T>;
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const Lanes<U> a = lanes_of<U>(d), b = lanes_of<U>(s);
    const Lanes<U> r = subtract ? a - b : a + b;
    const Lanes<U> wrapped = subtract ? (a ^ b) & (a ^ r) : ~(a ^ b) & (a ^ r);
    const Lanes<U> limit = std::bit_cast<Lanes<U>>(std::bit_cast<Lanes<T>>(a) < Lanes<T>{}) ^
                           splat<U>(std::numeric_limits<T>::max());
    return vector_of(choose<U>(std::bit_cast<Lanes<T>>(wrapped) < Lanes<T>{}, limit, r));
  }
};
using AddSaturatedSB = Saturated<S8, false>;
using AddSaturatedSW = Saturated<S16, false>;
using SubSaturatedSB = Saturated<S8, true>;
using SubSaturatedSW = Saturated<S16, true>;

/// PMULHW and PMULHUW: the upper halves of products.
template <typename T, typename Wide>
struct MultiplyHigh {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    using Wides [[gnu::vector_size(32)]] = Wide;
    const Wides a = __builtin_convertvector(lanes_of<T>(d), Wides);
    const Wides b = __builtin_convertvector(lanes_of<T>(s), Wides);
    return vector_of(__builtin_convertvector(a * b >> (Wides{} + 16), Lanes<T>));
  }
};
using MultiplyHighUW = MultiplyHigh<U16, U32>;
using MultiplyHighSW = MultiplyHigh<S16, S32>;

// DEST[i] := DEST[2i] * SRC[2i] + DEST[2i+1] * SRC[2i+1]; only twice -32768 * -32768 wraps.
struct MultiplyAddWD {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const auto low = [](const Vector128& v) { return lanes_of<S32>(vector_of(lanes_of<U32>(v) << splat<U32>(16))) >> splat<S32>(16); };
    const auto high = [](const Vector128& v) { return lanes_of<S32>(v) >> splat<S32>(16); };
    return vector_of(std::bit_cast<Lanes<U32>>(low(d) * low(s)) + std::bit_cast<Lanes<U32>>(high(d) * high(s)));
  }
};

// Each quadword := sum of |DEST[i] - SRC[i]| over its eight bytes
struct SumOfDifferences {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const Lanes<U8> a = lanes_of<U8>(d), b = lanes_of<U8>(s);
    const Vector128 difference = vector_of(choose<U8>(a > b, a - b, b - a));
    return {{sum(difference.q[0]), sum(difference.q[1])}};
  }
  /// Of eight bytes: four sums of two, then all of them in the uppermost word.
  static std::uint64_t sum(std::uint64_t x) {
    constexpr std::uint64_t kEven = 0x00FF00FF00FF00FF;
    return ((x & kEven) + (x >> 8 & kEven)) * 0x0001000100010001 >> 48;
  }
};

/// PACKxx: the destination's elements, then the source's, each saturated to half its width.
template <typename From, typename To>
struct Pack {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    const std::uint64_t a = narrow(d), b = narrow(s);
    if constexpr (bytes == 16) return {{a, b}};
    return {{(a & 0xFFFFFFFF) | b << 32, 0}};
  }
  static std::uint64_t narrow(const Vector128& v) {
    using Half [[gnu::vector_size(8)]] = To;
    const Lanes<From> low = splat<From>(std::numeric_limits<To>::min()), high = splat<From>(std::numeric_limits<To>::max());
    Lanes<From> a = lanes_of<From>(v);
    a = choose<From>(a < low, low, a);
    a = choose<From>(a > high, high, a);
    return std::bit_cast<std::uint64_t>(__builtin_convertvector(a, Half));
  }
};

/// PUNPCKxxx, UNPCKxPx: elements of one half of both operands by turns. For MMX the lower halves make all 16 bytes,
/// of which one half is the result.
template <typename T, bool high>
struct Unpack {
  template <unsigned bytes>
  static Vector128 apply(const Vector128& d, const Vector128& s) {
    if constexpr (bytes == 8) return {{interleave<false>(d, s).q[high ? 1 : 0], 0}};
    return interleave<high>(d, s);
  }
  template <bool upper>
  static Vector128 interleave(const Vector128& d, const Vector128& s) {
    constexpr int h = upper ? 8 / static_cast<int>(sizeof(T)) : 0;
    const Lanes<T> a = lanes_of<T>(d), b = lanes_of<T>(s);
    if constexpr (sizeof(T) == 8) return {{d.q[upper ? 1 : 0], s.q[upper ? 1 : 0]}};
    else if constexpr (sizeof(T) == 4) return vector_of(__builtin_shufflevector(a, b, h, h + 4, h + 1, h + 5));
    else if constexpr (sizeof(T) == 2)
      return vector_of(__builtin_shufflevector(a, b, h, h + 8, h + 1, h + 9, h + 2, h + 10, h + 3, h + 11));
    else
      return vector_of(__builtin_shufflevector(a, b, h, h + 16, h + 1, h + 17, h + 2, h + 18, h + 3, h + 19, h + 4,
                                               h + 20, h + 5, h + 21, h + 6, h + 22, h + 7, h + 23));
  }
};

enum class ShiftKind : std::uint8_t { kLeft, kRight, kRightArithmetic };

/// PSLLx, PSRLx, PSRAx by a count of 64 bits: counts above the width shift everything out.
template <typename T, ShiftKind kind>
struct Shift {
  static Vector128 by(const Vector128& d, std::uint64_t count) {
    constexpr unsigned bits = 8 * sizeof(T);
    using Signed = std::make_signed_t<T>;
    const Lanes<T> r = lanes_of<T>(d);
    if (count >= bits) {
      if constexpr (kind != ShiftKind::kRightArithmetic) return {};
      count = bits - 1;
    }
    const Lanes<T> n = splat<T>(static_cast<T>(count));
    if constexpr (kind == ShiftKind::kLeft) return vector_of(r << n);
    else if constexpr (kind == ShiftKind::kRight) return vector_of(r >> n);
    else return vector_of(std::bit_cast<Lanes<Signed>>(r) >> std::bit_cast<Lanes<Signed>>(n));
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
  const auto pick = [](const Vector128& v, unsigned n) { return std::uint64_t{v.lane<U32>(n & 3)}; };
  return {{pick(d, imm) | pick(d, imm >> 2) << 32, pick(s, imm >> 4) | pick(s, imm >> 6) << 32}};
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
  std::uint32_t mask = 0;
  for (unsigned i = 0; i < bytes / sizeof(T); ++i)
    mask |= static_cast<std::uint32_t>(v.lane<T>(i) >> (8 * sizeof(T) - 1)) << i;
  return mask;
}

}  // namespace ringside::simd
