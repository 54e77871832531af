// binary32 and binary64 as the SSE instructions see them: formats, MXCSR, and the environment of one
// instruction. Integers only.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ringside::simd {

__extension__ typedef unsigned __int128 Wide;

/// Exceptions, as in the low six bits of MXCSR; their masks are seven bits higher.
constexpr std::uint32_t kInvalid = 1, kDenormal = 2, kZeroDivide = 4, kOverflow = 8, kUnderflow = 16,
                        kPrecision = 32, kAllExceptions = 63,
                        kBeforeComputation = kInvalid | kDenormal | kZeroDivide;
constexpr std::uint32_t kDenormalsAreZeros = 1u << 6, kFlushToZero = 1u << 15;
constexpr unsigned kMaskShift = 7, kRoundingShift = 13;

/// MXCSR.RC.
enum class Rounding : std::uint8_t { kNearest, kDown, kUp, kZero };
inline Rounding rounding_of(std::uint32_t mxcsr) { return static_cast<Rounding>(mxcsr >> kRoundingShift & 3); }

/// What one instruction's operations share: MXCSR goes in, exceptions come out. An unmasked exception means
/// that no result is to be written, whatever the operations return.
struct FloatEnv {
  explicit FloatEnv(std::uint32_t mxcsr_value) : mxcsr(mxcsr_value) {}

  std::uint32_t mxcsr;
  std::uint32_t raised = 0;  ///< exception bits of all elements

  Rounding rounding() const { return rounding_of(mxcsr); }
  bool denormals_are_zeros() const { return (mxcsr & kDenormalsAreZeros) != 0; }
  bool flush_to_zero() const { return (mxcsr & kFlushToZero) != 0; }
  bool masked(std::uint32_t e) const { return (mxcsr >> kMaskShift & e) != 0; }
  void raise(std::uint32_t e) { raised |= e; }
  /// Unmasked exceptions among those raised.
  std::uint32_t unmasked() const { return raised & ~(mxcsr >> kMaskShift) & kAllExceptions; }
  /// To be called after the last element. An unmasked exception that is found before the computation keeps
  /// every element from being computed, so nothing else can have been raised (SDM Vol. 1, "Generation of
  /// SIMD Floating-Point Exceptions").
  void finish() {
    if ((unmasked() & kBeforeComputation) != 0) raised &= kBeforeComputation;
  }
};

/// B: std::uint32_t for binary32, std::uint64_t for binary64.
template <typename B>
struct Format {
  static constexpr unsigned kBits = sizeof(B) * 8;
  static constexpr unsigned kFractionBits = sizeof(B) == 4 ? 23 : 52;
  static constexpr unsigned kPrecision = kFractionBits + 1;
  static constexpr int kMaxExponent = sizeof(B) == 4 ? 0xFF : 0x7FF;  ///< of infinities and NaNs
  static constexpr int kBias = kMaxExponent / 2;
  static constexpr B kSign = B{1} << (kBits - 1);
  static constexpr B kHidden = B{1} << kFractionBits;  ///< also the smallest normal number
  static constexpr B kFraction = kHidden - 1;
  static constexpr B kQuiet = kHidden >> 1;
  static constexpr B kInfinity = static_cast<B>(kMaxExponent) << kFractionBits;
  static constexpr B kIndefinite = kSign | kInfinity | kQuiet;
  /// Bits below the last one kept, in a significand whose leading bit is bit 62.
  static constexpr unsigned kRoundBits = 63 - kPrecision;
  static constexpr std::uint64_t kRoundMask = (std::uint64_t{1} << kRoundBits) - 1;
};

template <typename B>
constexpr B magnitude(B a) {
  return a & ~Format<B>::kSign;
}
template <typename B>
constexpr bool is_nan(B a) {
  return magnitude(a) > Format<B>::kInfinity;
}
template <typename B>
constexpr bool is_signaling(B a) {
  return is_nan(a) && (a & Format<B>::kQuiet) == 0;
}
template <typename B>
constexpr bool is_zero(B a) {
  return magnitude(a) == 0;
}
template <typename B>
constexpr bool is_denormal(B a) {
  return magnitude(a) != 0 && magnitude(a) < Format<B>::kHidden;
}
/// Finite, not 0, not a denormal.
template <typename B>
constexpr bool is_normal(B a) {
  return static_cast<B>(magnitude(a) - Format<B>::kHidden) < Format<B>::kInfinity - Format<B>::kHidden;
}

/// What rounding adds to a significand before the bits below `mask` are cut off; `last` is the last bit kept.
inline std::uint64_t rounding_increment(Rounding mode, bool sign, std::uint64_t mask, std::uint64_t last) {
  if (__builtin_expect(mode == Rounding::kNearest, 1)) return (mask >> 1) + last;
  return mode == (sign ? Rounding::kDown : Rounding::kUp) ? mask : 0;
}

}  // namespace ringside::simd
