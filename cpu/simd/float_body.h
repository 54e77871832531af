// The bodies of the arithmetic instructions over all lanes of their operands: complete (`packed`, `scalar`) for
// the reference executor, quick (`quick_packed`, `quick_scalar`) for the fast path. A quick body works in place
// and returns false, with nothing changed, where anything but an ordinary result would come out.
#pragma once

#include "cpu/simd/float_arithmetic.h"
#include "cpu/simd/float_vector.h"
#include "cpu/simd/vector.h"

namespace ringside::simd {

/// In the order of the opcodes 0F 58 to 0F 5F, but for the root (0F 51) in the place of 5A and 5B.
enum class FloatOp : std::uint8_t { kAdd, kMultiply, kSquareRoot, kSubtract, kMinimum, kDivide, kMaximum };

template <FloatOp op, typename B>
B calculate(FloatEnv& env, B a, B b) {
  if constexpr (op == FloatOp::kAdd) return add(env, a, b);
  if constexpr (op == FloatOp::kMultiply) return multiply(env, a, b);
  if constexpr (op == FloatOp::kSquareRoot) return square_root(env, b);
  if constexpr (op == FloatOp::kSubtract) return subtract(env, a, b);
  if constexpr (op == FloatOp::kMinimum) return minimum(env, a, b);
  if constexpr (op == FloatOp::kDivide) return divide(env, a, b);
  if constexpr (op == FloatOp::kMaximum) return maximum(env, a, b);
}

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool quick_calculate(Rounding mode, B a, B b, B& out, std::uint64_t& lost) {
  if constexpr (op == FloatOp::kAdd) return quick_add<B>(mode, a, b, out, lost);
  if constexpr (op == FloatOp::kMultiply) return quick_multiply<B>(mode, a, b, out, lost);
  if constexpr (op == FloatOp::kSquareRoot) return quick_square_root<B>(mode, b, out, lost);
  if constexpr (op == FloatOp::kSubtract) return quick_add<B>(mode, a, b ^ Format<B>::kSign, out, lost);
  if constexpr (op == FloatOp::kMinimum) return quick_choose<B>(a, b, false, out);
  if constexpr (op == FloatOp::kDivide) return quick_divide<B>(mode, a, b, out, lost);
  if constexpr (op == FloatOp::kMaximum) return quick_choose<B>(a, b, true, out);
}

template <FloatOp op, typename B>
Vector128 packed(FloatEnv& env, const Vector128& a, const Vector128& b) {
  Vector128 result;
  for (unsigned i = 0; i < 16 / sizeof(B); ++i)
    result.set_lane<B>(i, calculate<op, B>(env, a.lane<B>(i), b.lane<B>(i)));
  return result;
}

/// The quick bodies round to nearest only.
[[gnu::always_inline]] inline bool rounds_to_nearest(std::uint32_t mxcsr) {
  return __builtin_expect((mxcsr >> kRoundingShift & 3) == 0, 1);
}
/// Enters an inexact result; false where that is an unmasked exception. A program that calculates has PE set and
/// masked nearly always; then nobody needs to know what was lost.
[[gnu::always_inline]] inline bool quick_accept(std::uint32_t& mxcsr, std::uint64_t lost) {
  constexpr std::uint32_t kSettled = kPrecision | kPrecision << kMaskShift;
  if (__builtin_expect((mxcsr & kSettled) == kSettled, 1) || lost == 0) return true;
  if ((mxcsr & kPrecision << kMaskShift) == 0) return false;
  mxcsr |= kPrecision;
  return true;
}

template <typename B>
[[gnu::always_inline]] inline B load_lane(const std::uint8_t* from) {
  B value;
  __builtin_memcpy(&value, from, sizeof(B));
  return value;
}
template <typename B>
[[gnu::always_inline]] inline void store_lane(std::uint8_t* to, B value) {
  __builtin_memcpy(to, &value, sizeof(B));
}

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool quick_packed(std::uint32_t& mxcsr, std::uint8_t* destination,
                                                const std::uint8_t* source) {
  constexpr unsigned kLanes = 16 / sizeof(B);
  if (!rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  if constexpr (sizeof(B) == 4 && (op == FloatOp::kMultiply || op == FloatOp::kMinimum || op == FloatOp::kMaximum)) {
    const Lanes32 first = load_lanes(destination), second = load_lanes(source);
    Lanes32 result;
    const bool quick = op == FloatOp::kMultiply ? quick_multiply_lanes(first, second, result, lost)
                                                : quick_choose_lanes(first, second, op == FloatOp::kMaximum, result);
    if (__builtin_expect(quick, 1)) {
      if (!quick_accept(mxcsr, lost)) return false;
      store_lanes(destination, result);
      return true;
    }
    if (op != FloatOp::kMultiply) return false;  // a product with zeros in it can be had lane by lane
  }
  B a[kLanes], b[kLanes], out[kLanes];
  __builtin_memcpy(a, destination, 16);
  __builtin_memcpy(b, source, 16);
#pragma GCC unroll 4
  for (unsigned i = 0; i < kLanes; ++i)
    if (__builtin_expect(!quick_calculate<op, B>(Rounding::kNearest, a[i], b[i], out[i], lost), 0)) return false;
  if (!quick_accept(mxcsr, lost)) return false;
  __builtin_memcpy(destination, out, 16);
  return true;
}

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool quick_scalar(std::uint32_t& mxcsr, std::uint8_t* destination,
                                                const std::uint8_t* source) {
  if (!rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  const B a = load_lane<B>(destination), b = load_lane<B>(source);
  B out;
  if (__builtin_expect(!quick_calculate<op, B>(Rounding::kNearest, a, b, out, lost), 0)) return false;
  if (!quick_accept(mxcsr, lost)) return false;
  store_lane(destination, out);
  return true;
}

/// COMISS, UCOMISS and the doubles' forms: they differ for NaNs only.
template <typename B>
[[gnu::always_inline]] inline bool quick_compare_flags(const std::uint8_t* destination, const std::uint8_t* source,
                                                       LazyFlags& flags) {
  Order order;
  if (!quick_compare<B>(load_lane<B>(destination), load_lane<B>(source), order)) return false;
  set_order_flags(flags, order);
  return true;
}

/// CMPPS, CMPSS and the doubles' forms, `lanes` of them; `predicate` is the immediate.
template <typename B, unsigned lanes>
[[gnu::always_inline]] inline bool quick_compare_masks(std::uint8_t* destination, const std::uint8_t* source,
                                                       unsigned predicate) {
  if constexpr (sizeof(B) == 4 && lanes == 4) {
    Lanes32 masks;
    if (!quick_compare_lanes(load_lanes(destination), load_lanes(source), predicate, masks)) return false;
    store_lanes(destination, masks);
    return true;
  }
  B out[lanes];
#pragma GCC unroll 4
  for (unsigned i = 0; i < lanes; ++i) {
    Order order;
    if (!quick_compare<B>(load_lane<B>(destination + i * sizeof(B)), load_lane<B>(source + i * sizeof(B)), order))
      return false;
    // Bits: the orders for which the predicate holds, EQ, LT, LE, UNORD and their negations.
    constexpr unsigned kHolds[8] = {4, 2, 6, 0, 3, 5, 1, 7};
    out[i] = static_cast<B>(B{0} - (kHolds[predicate & 7] >> static_cast<unsigned>(order) & 1));
  }
  __builtin_memcpy(destination, out, sizeof out);
  return true;
}

// --- Conversions. `truncate` as in exact_convert.h.
template <typename B, bool truncate>
[[gnu::always_inline]] inline bool quick_scalar_si(std::uint32_t& mxcsr, const std::uint8_t* source, std::int32_t& out) {
  if (!truncate && !rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  return quick_to_int32<B>(truncate ? Rounding::kZero : Rounding::kNearest, load_lane<B>(source), out, lost) &&
         quick_accept(mxcsr, lost);
}
template <typename B>
[[gnu::always_inline]] inline bool quick_si_scalar(std::uint32_t& mxcsr, std::uint8_t* destination, std::int32_t source) {
  if (sizeof(B) == 4 && !rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  const B out = quick_from_int32<B>(Rounding::kNearest, source, lost);
  if (sizeof(B) == 4 && !quick_accept(mxcsr, lost)) return false;
  store_lane(destination, out);
  return true;
}
[[gnu::always_inline]] inline bool quick_ss_sd(std::uint8_t* destination, const std::uint8_t* source) {
  std::uint64_t out;
  if (!quick_widen(load_lane<std::uint32_t>(source), out)) return false;
  store_lane(destination, out);
  return true;
}
[[gnu::always_inline]] inline bool quick_sd_ss(std::uint32_t& mxcsr, std::uint8_t* destination,
                                               const std::uint8_t* source) {
  if (!rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  std::uint32_t out;
  if (!quick_narrow(Rounding::kNearest, load_lane<std::uint64_t>(source), out, lost) || !quick_accept(mxcsr, lost))
    return false;
  store_lane(destination, out);
  return true;
}
[[gnu::always_inline]] inline bool quick_dq_ps(std::uint32_t& mxcsr, std::uint8_t* destination,
                                               const std::uint8_t* source) {
  if (!rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  std::uint32_t out[4];
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i)
    out[i] = quick_from_int32<std::uint32_t>(Rounding::kNearest, load_lane<std::int32_t>(source + 4 * i), lost);
  if (!quick_accept(mxcsr, lost)) return false;
  __builtin_memcpy(destination, out, 16);
  return true;
}
template <bool truncate>
[[gnu::always_inline]] inline bool quick_ps_dq(std::uint32_t& mxcsr, std::uint8_t* destination,
                                               const std::uint8_t* source) {
  if (!truncate && !rounds_to_nearest(mxcsr)) return false;
  std::uint64_t lost = 0;
  std::int32_t out[4];
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i)
    if (!quick_to_int32<std::uint32_t>(truncate ? Rounding::kZero : Rounding::kNearest,
                                       load_lane<std::uint32_t>(source + 4 * i), out[i], lost))
      return false;
  if (!quick_accept(mxcsr, lost)) return false;
  __builtin_memcpy(destination, out, 16);
  return true;
}

}  // namespace ringside::simd
