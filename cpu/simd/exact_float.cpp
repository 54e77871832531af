// The ends of floating-point instructions, and the conversions that are no templates.
#include "cpu/simd/exact_convert.h"

namespace ringside::exact {

void complete_float(Cpu& cpu, FloatEnv& env) {
  env.finish();
  cpu.x87.mxcsr |= env.raised;
  if (__builtin_expect(env.unmasked() != 0, 0))
    cpu.raise((cpu.cr4 & kCr4OSXMMEXCPT) != 0 ? Cause::kXmUnmasked : Cause::kUdSimdException);
}

void convert_ps_pd(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const auto source = simd::source_scalar<std::uint64_t>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const Vector128 result{{simd::widen(env, static_cast<std::uint32_t>(source)),
                          simd::widen(env, static_cast<std::uint32_t>(source >> 32))}};
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, result);
}

void convert_pd_ps(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const Vector128 source = simd::source_vector(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  Vector128 result;
  for (unsigned i = 0; i < 2; ++i) result.set_lane(i, simd::narrow(env, source.q[i]));
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, result);
}

void convert_ss_sd(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const auto source = simd::source_scalar<std::uint32_t>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const std::uint64_t result = simd::widen(env, source);
  complete_float(cpu, env);
  simd::set_xmm_low(cpu, o.dst, result);
}

void convert_sd_ss(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const auto source = simd::source_scalar<std::uint64_t>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const std::uint32_t result = simd::narrow(env, source);
  complete_float(cpu, env);
  simd::set_xmm_low(cpu, o.dst, result);
}

void convert_dq_ps(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  Vector128 value = simd::source_vector(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  for (unsigned i = 0; i < 4; ++i)
    value.set_lane(i, simd::from_int32<std::uint32_t>(env, value.lane<std::int32_t>(i)));
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, value);
}

namespace {
/// Every 32-bit integer has a binary64 of its own: nothing is rounded.
Vector128 two_doubles(std::uint64_t integers) {
  FloatEnv env(0);
  return {{simd::from_int32<std::uint64_t>(env, static_cast<std::int32_t>(integers)),
           simd::from_int32<std::uint64_t>(env, static_cast<std::int32_t>(integers >> 32))}};
}

/// The source of CVTPI2PS and CVTPI2PD; false where a pending x87 exception holds the processor.
bool mmx_source(Cpu& cpu, const Op& o, std::uint64_t& source) {
  simd::check_sse(cpu);
  if (simd::is_memory(o)) {
    source = simd::read_memory<std::uint64_t>(cpu, o);
    return true;
  }
  if (!simd::check_mmx(cpu, o)) return false;
  simd::enter_mmx(cpu.x87);
  source = simd::mm(cpu, o.src);
  return true;
}
}  // namespace

void convert_dq_pd(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  simd::set_xmm(cpu, o.dst, two_doubles(simd::source_scalar<std::uint64_t>(cpu, o)));
}

void convert_pi_pd(Cpu& cpu, const Op& o) {
  std::uint64_t source;
  if (mmx_source(cpu, o, source)) simd::set_xmm(cpu, o.dst, two_doubles(source));
}

void convert_pi_ps(Cpu& cpu, const Op& o) {
  std::uint64_t source;
  if (!mmx_source(cpu, o, source)) return;
  FloatEnv env(cpu.x87.mxcsr);
  const std::uint64_t low = simd::from_int32<std::uint32_t>(env, static_cast<std::int32_t>(source));
  const std::uint64_t high = simd::from_int32<std::uint32_t>(env, static_cast<std::int32_t>(source >> 32));
  complete_float(cpu, env);
  simd::set_xmm_low(cpu, o.dst, high << 32 | low);
}

}  // namespace ringside::exact
