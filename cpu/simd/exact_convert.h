// Conversions between integers, binary32 and binary64. `truncate`: the forms with a second T in their names,
// which round toward zero whatever MXCSR says.
#pragma once

#include "cpu/simd/exact_float.h"

namespace ringside::exact {

template <bool truncate>
simd::Rounding integer_rounding(const FloatEnv& env) {
  return truncate ? simd::Rounding::kZero : env.rounding();
}

// --- Within XMM registers
void convert_ps_pd(Cpu&, const Op&);  // two elements
void convert_pd_ps(Cpu&, const Op&);
void convert_ss_sd(Cpu&, const Op&);
void convert_sd_ss(Cpu&, const Op&);
void convert_dq_ps(Cpu&, const Op&);
void convert_dq_pd(Cpu&, const Op&);
template <bool truncate>
void convert_ps_dq(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  Vector128 value = simd::source_vector(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  for (unsigned i = 0; i < 4; ++i)
    value.set_lane(i, simd::to_int32<std::uint32_t>(env, value.lane<std::uint32_t>(i), integer_rounding<truncate>(env)));
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, value);
}

/// Two elements of either format as integers, in the lower half.
template <typename B, bool truncate>
Vector128 two_integers(FloatEnv& env, const Vector128& source) {
  Vector128 result;
  for (unsigned i = 0; i < 2; ++i)
    result.set_lane(i, simd::to_int32<B>(env, source.lane<B>(i), integer_rounding<truncate>(env)));
  return result;
}
template <bool truncate>
void convert_pd_dq(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  FloatEnv env(cpu.x87.mxcsr);
  const Vector128 result = two_integers<std::uint64_t, truncate>(env, simd::source_vector(cpu, o));
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, result);
}

// --- General registers
template <typename B>
void convert_si_scalar(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const auto source = static_cast<std::int32_t>(read_rm<std::uint32_t>(cpu, o, o.src));
  FloatEnv env(cpu.x87.mxcsr);
  const B result = simd::from_int32<B>(env, source);
  complete_float(cpu, env);
  simd::set_xmm_low<B>(cpu, o.dst, result);
}
template <typename B, bool truncate>
void convert_scalar_si(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const B source = simd::source_scalar<B>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const std::int32_t result = simd::to_int32<B>(env, source, integer_rounding<truncate>(env));
  complete_float(cpu, env);
  cpu.set_reg<std::uint32_t>(o.dst, static_cast<std::uint32_t>(result));
}

// --- MMX registers. The processor enters MMX state before it looks at the numbers: an unmasked exception does
// not undo that. With a memory operand CVTPI2PS and CVTPI2PD have nothing to do with the x87 at all.
void convert_pi_ps(Cpu&, const Op&);
void convert_pi_pd(Cpu&, const Op&);

/// CVTPS2PI (B = binary32, m64), CVTPD2PI (B = binary64, m128) and the truncating forms.
template <typename B, bool truncate>
void convert_packed_pi(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  if (!simd::check_mmx(cpu, o)) return;
  Vector128 source;
  if (sizeof(B) == 8) {
    source = simd::source_vector(cpu, o);
  } else {
    source.q[0] = simd::source_scalar<std::uint64_t>(cpu, o);
  }
  simd::enter_mmx(cpu.x87);
  FloatEnv env(cpu.x87.mxcsr);
  const Vector128 result = two_integers<B, truncate>(env, source);
  complete_float(cpu, env);
  simd::set_mm(cpu, o.dst, result.q[0]);
}

}  // namespace ringside::exact
