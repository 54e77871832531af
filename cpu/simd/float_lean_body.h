// The bodies of float_body.h once more, from float_lean.h: only for an MXCSR that is_settled. They work in place and
// return false, with nothing changed, where a quick body must be asked.
//
// What was written to a register a moment ago can be read at once only by a read that lies within that write. So no
// body writes less than eight bytes, and packed results are written as sixteen.
#pragma once

#include "cpu/simd/float_body.h"
#include "cpu/simd/float_lean_lanes.h"

namespace ringside::simd {

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool lean_calculate(B a, B b, B& out) {
  if constexpr (op == FloatOp::kAdd) return lean_add<B>(a, b, out);
  if constexpr (op == FloatOp::kMultiply) return lean_multiply<B>(a, b, out);
  if constexpr (op == FloatOp::kSquareRoot) return lean_square_root<B>(b, out);
  if constexpr (op == FloatOp::kSubtract) return lean_add<B>(a, b ^ Format<B>::kSign, out);
  if constexpr (op == FloatOp::kMinimum) return quick_choose<B>(a, b, false, out);
  if constexpr (op == FloatOp::kDivide) return lean_divide<B>(a, b, out);
  if constexpr (op == FloatOp::kMaximum) return quick_choose<B>(a, b, true, out);
}

/// `lane_shifts`: the host shifts every lane of a vector by a count of its own.
template <FloatOp op, bool lane_shifts>
[[gnu::always_inline]] inline bool lean_calculate_lanes(Lanes32 a, Lanes32 b, Lanes32& out) {
  std::uint64_t lost = 0;  // nobody looks at it
  if constexpr (op == FloatOp::kMultiply) return quick_multiply_lanes(a, b, out, lost);
  if constexpr (op == FloatOp::kMinimum || op == FloatOp::kMaximum)
    return quick_choose_lanes(a, b, op == FloatOp::kMaximum, out);
  if constexpr (op == FloatOp::kDivide) return lean_divide_lanes(a, b, out);
  if constexpr (lane_shifts && op == FloatOp::kAdd) return lean_add_lanes(a, b, out);
  if constexpr (lane_shifts && op == FloatOp::kSubtract) return lean_add_lanes(a, b ^ Format<std::uint32_t>::kSign, out);
  std::uint32_t lanes[4];
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i)
    if (!lean_calculate<op, std::uint32_t>(a[i], b[i], lanes[i])) return false;
  out = Lanes32{lanes[0], lanes[1], lanes[2], lanes[3]};
  return true;
}

template <FloatOp op, typename B, bool lane_shifts>
[[gnu::always_inline]] inline bool lean_packed(std::uint8_t* destination, const std::uint8_t* source) {
  Lanes32 out;
  if constexpr (sizeof(B) == 4) {
    if (!lean_calculate_lanes<op, lane_shifts>(load_lanes(destination), load_lanes(source), out)) return false;
  } else {
    std::uint64_t low, high;
    if (!lean_calculate<op, B>(load_lane<B>(destination), load_lane<B>(source), low) ||
        !lean_calculate<op, B>(load_lane<B>(destination + 8), load_lane<B>(source + 8), high))
      return false;
    out = reinterpret_cast<Lanes32>(Lanes64{low, high});
  }
  store_lanes(destination, out);
  return true;
}

// --- Scalars: `whole` is the destination's lower half, `out` what becomes of it.
template <typename B>
[[gnu::always_inline]] inline std::uint64_t with_low(std::uint64_t whole, B low) {
  return sizeof(B) == 4 ? (whole >> 32 << 32) | low : low;
}
template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool lean_scalar(std::uint64_t whole, B source, std::uint64_t& out) {
  B low;
  if (!lean_calculate<op, B>(static_cast<B>(whole), source, low)) return false;
  out = with_low(whole, low);
  return true;
}
template <typename B, bool truncate>
[[gnu::always_inline]] inline bool lean_scalar_si(B source, std::int32_t& out) {
  if constexpr (truncate) return lean_truncate_to_int32(source, out);
  std::uint64_t lost = 0;
  return quick_to_int32<B>(Rounding::kNearest, source, out, lost);
}
template <typename B>
[[gnu::always_inline]] inline std::uint64_t lean_si_scalar(std::uint64_t whole, std::int32_t source) {
  if constexpr (sizeof(B) == 8) return lean_from_int32(source);
  std::uint64_t lost = 0;
  return with_low(whole, quick_from_int32<B>(Rounding::kNearest, source, lost));
}
[[gnu::always_inline]] inline bool lean_sd_ss(std::uint64_t whole, std::uint64_t source, std::uint64_t& out) {
  std::uint64_t lost = 0;
  std::uint32_t low;
  if (!quick_narrow(Rounding::kNearest, source, low, lost)) return false;
  out = with_low(whole, low);
  return true;
}

// --- Packed conversions
[[gnu::always_inline]] inline bool lean_dq_ps(std::uint8_t* destination, const std::uint8_t* source) {
  std::uint64_t lost = 0;
  Lanes32 out = load_lanes(source);
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i)
    out[i] = quick_from_int32<std::uint32_t>(Rounding::kNearest, static_cast<std::int32_t>(out[i]), lost);
  store_lanes(destination, out);
  return true;
}
template <bool truncate>
[[gnu::always_inline]] inline bool lean_ps_dq(std::uint8_t* destination, const std::uint8_t* source) {
  std::uint64_t lost = 0;
  Lanes32 out = load_lanes(source);
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i) {
    std::int32_t integer;
    if (!quick_to_int32<std::uint32_t>(truncate ? Rounding::kZero : Rounding::kNearest, out[i], integer, lost))
      return false;
    out[i] = static_cast<std::uint32_t>(integer);
  }
  store_lanes(destination, out);
  return true;
}

}  // namespace ringside::simd
