// The floating-point instructions of the reference executor, as templates over formats; rows_float.cpp says
// which opcode is which. Arithmetic and comparison here, conversions in exact_convert.h.
#pragma once

#include "cpu/simd/float_body.h"
#include "cpu/simd/operands.h"

namespace ringside::exact {

using simd::FloatEnv;
using simd::FloatOp;
using simd::Vector128;

/// The end of every floating-point instruction: flags into MXCSR; #XM (or #UD where the system does not take
/// it) for an unmasked exception, before any result is written.
void complete_float(Cpu& cpu, FloatEnv& env);

template <FloatOp op, typename B>
void float_packed(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const Vector128 source = simd::source_vector(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const Vector128 result = simd::packed<op, B>(env, simd::xmm(cpu, o.dst), source);
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, result);
}

template <FloatOp op, typename B>
void float_scalar(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const B source = simd::source_scalar<B>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const B result = simd::calculate<op, B>(env, simd::xmm_low<B>(cpu, o.dst), source);
  complete_float(cpu, env);
  simd::set_xmm_low<B>(cpu, o.dst, result);
}

template <typename B>
void float_compare_packed(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const Vector128 a = simd::xmm(cpu, o.dst), b = simd::source_vector(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  Vector128 result;
  for (unsigned i = 0; i < 16 / sizeof(B); ++i)
    result.set_lane<B>(i, simd::compare_mask<B>(env, a.lane<B>(i), b.lane<B>(i), o.imm & 7));
  complete_float(cpu, env);
  simd::set_xmm(cpu, o.dst, result);
}

template <typename B>
void float_compare_scalar(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const B source = simd::source_scalar<B>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const B result = simd::compare_mask<B>(env, simd::xmm_low<B>(cpu, o.dst), source, o.imm & 7);
  complete_float(cpu, env);
  simd::set_xmm_low<B>(cpu, o.dst, result);
}

/// COMISS, and with `quiet` UCOMISS: ZF, PF, CF; the other three flags become 0.
template <typename B, bool quiet>
void float_compare_flags(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  const B source = simd::source_scalar<B>(cpu, o);
  FloatEnv env(cpu.x87.mxcsr);
  const simd::Order order = simd::compare<B>(env, simd::xmm_low<B>(cpu, o.dst), source, quiet);
  complete_float(cpu, env);
  simd::set_order_flags(cpu.flags, order);
}

using Approximation = std::uint32_t (*)(std::uint32_t);
/// RCPPS, RSQRTPS: no exceptions.
template <Approximation function>
void float_approximate_packed(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  Vector128 value = simd::source_vector(cpu, o);
  for (unsigned i = 0; i < 4; ++i) value.set_lane<std::uint32_t>(i, function(value.lane<std::uint32_t>(i)));
  simd::set_xmm(cpu, o.dst, value);
}
template <Approximation function>
void float_approximate_scalar(Cpu& cpu, const Op& o) {
  simd::check_sse(cpu);
  simd::set_xmm_low<std::uint32_t>(cpu, o.dst, function(simd::source_scalar<std::uint32_t>(cpu, o)));
}

}  // namespace ringside::exact
