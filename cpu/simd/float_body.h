// The bodies of the arithmetic instructions over all lanes of their operands: complete (`packed`, `scalar`) for
// the reference executor, quick (`quick_packed`, `quick_scalar`) for the fast path. A quick body works in place
// and returns false, with nothing changed, where anything but an ordinary result would come out.
#pragma once

#include "cpu/simd/float_arithmetic.h"
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
[[gnu::always_inline]] inline bool quick_calculate(Rounding mode, B a, B b, B& out, std::uint32_t& raised) {
  if constexpr (op == FloatOp::kAdd) return quick_add<B>(mode, a, b, out, raised);
  if constexpr (op == FloatOp::kMultiply) return quick_multiply<B>(mode, a, b, out, raised);
  if constexpr (op == FloatOp::kSquareRoot) return quick_square_root<B>(mode, b, out, raised);
  if constexpr (op == FloatOp::kSubtract) return quick_add<B>(mode, a, b ^ Format<B>::kSign, out, raised);
  if constexpr (op == FloatOp::kMinimum) return quick_choose<B>(a, b, false, out);
  if constexpr (op == FloatOp::kDivide) return quick_divide<B>(mode, a, b, out, raised);
  if constexpr (op == FloatOp::kMaximum) return quick_choose<B>(a, b, true, out);
}

template <FloatOp op, typename B>
Vector128 packed(FloatEnv& env, const Vector128& a, const Vector128& b) {
  Vector128 result;
  for (unsigned i = 0; i < 16 / sizeof(B); ++i)
    result.set_lane<B>(i, calculate<op, B>(env, a.lane<B>(i), b.lane<B>(i)));
  return result;
}

/// Takes over what was raised; false where that includes an unmasked exception.
[[gnu::always_inline]] inline bool quick_accept(std::uint32_t& mxcsr, std::uint32_t raised) {
  if (__builtin_expect((raised & ~(mxcsr >> kMaskShift)) != 0, 0)) return false;
  mxcsr |= raised;
  return true;
}

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool quick_packed(std::uint32_t& mxcsr, std::uint8_t* destination,
                                                const std::uint8_t* source) {
  constexpr unsigned kLanes = 16 / sizeof(B);
  const Rounding mode = rounding_of(mxcsr);
  std::uint32_t raised = 0;
  B a[kLanes], b[kLanes], out[kLanes];
  __builtin_memcpy(a, destination, 16);
  __builtin_memcpy(b, source, 16);
#pragma GCC unroll 4
  for (unsigned i = 0; i < kLanes; ++i)
    if (__builtin_expect(!quick_calculate<op, B>(mode, a[i], b[i], out[i], raised), 0)) return false;
  if (!quick_accept(mxcsr, raised)) return false;
  __builtin_memcpy(destination, out, 16);
  return true;
}

template <FloatOp op, typename B>
[[gnu::always_inline]] inline bool quick_scalar(std::uint32_t& mxcsr, std::uint8_t* destination,
                                                const std::uint8_t* source) {
  std::uint32_t raised = 0;
  B a, b, out;
  __builtin_memcpy(&a, destination, sizeof(B));
  __builtin_memcpy(&b, source, sizeof(B));
  if (__builtin_expect(!quick_calculate<op, B>(rounding_of(mxcsr), a, b, out, raised), 0)) return false;
  if (!quick_accept(mxcsr, raised)) return false;
  __builtin_memcpy(destination, &out, sizeof(B));
  return true;
}

}  // namespace ringside::simd
