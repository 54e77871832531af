// SSE and SSE2 floating-point arithmetic, comparison and conversion.
#include "cpu/simd/exact_convert.h"
#include "cpu/simd/rows.h"

namespace ringside::simd {
namespace {

using namespace exact;  // NOLINT: the table's vocabulary
using u32 = std::uint32_t;
using u64 = std::uint64_t;
constexpr Prefix kPS = Prefix::kNone, kPD = Prefix::k66, kSS = Prefix::kF3, kSD = Prefix::kF2;
constexpr std::uint64_t kOne = kFeatureSse, kTwo = kFeatureSse2;

#define RINGSIDE_ARITHMETIC(opcode, name, op)                                  \
  {opcode, kPS, name "PS", kVW, float_packed<FloatOp::op, u32>, kOne},         \
      {opcode, kPD, name "PD", kVW, float_packed<FloatOp::op, u64>, kTwo},     \
      {opcode, kSS, name "SS", kVW, float_scalar<FloatOp::op, u32>, kOne},     \
      {opcode, kSD, name "SD", kVW, float_scalar<FloatOp::op, u64>, kTwo}

const Row kRows[] = {
    RINGSIDE_ARITHMETIC(0x51, "SQRT", kSquareRoot),
    RINGSIDE_ARITHMETIC(0x58, "ADD", kAdd),
    RINGSIDE_ARITHMETIC(0x59, "MUL", kMultiply),
    RINGSIDE_ARITHMETIC(0x5C, "SUB", kSubtract),
    RINGSIDE_ARITHMETIC(0x5D, "MIN", kMinimum),
    RINGSIDE_ARITHMETIC(0x5E, "DIV", kDivide),
    RINGSIDE_ARITHMETIC(0x5F, "MAX", kMaximum),

    {0x52, kPS, "RSQRTPS", kVW, float_approximate_packed<approximate_reciprocal_root>, kOne},
    {0x52, kSS, "RSQRTSS", kVW, float_approximate_scalar<approximate_reciprocal_root>, kOne},
    {0x53, kPS, "RCPPS", kVW, float_approximate_packed<approximate_reciprocal>, kOne},
    {0x53, kSS, "RCPSS", kVW, float_approximate_scalar<approximate_reciprocal>, kOne},

    {0x2E, kPS, "UCOMISS", kVW, float_compare_flags<u32, true>, kOne},
    {0x2E, kPD, "UCOMISD", kVW, float_compare_flags<u64, true>, kTwo},
    {0x2F, kPS, "COMISS", kVW, float_compare_flags<u32, false>, kOne},
    {0x2F, kPD, "COMISD", kVW, float_compare_flags<u64, false>, kTwo},
    {0xC2, kPS, "CMPPS", kVW | kImmByte, float_compare_packed<u32>, kOne},
    {0xC2, kPD, "CMPPD", kVW | kImmByte, float_compare_packed<u64>, kTwo},
    {0xC2, kSS, "CMPSS", kVW | kImmByte, float_compare_scalar<u32>, kOne},
    {0xC2, kSD, "CMPSD", kVW | kImmByte, float_compare_scalar<u64>, kTwo},

    {0x2A, kPS, "CVTPI2PS", kVW, convert_pi_ps, kOne},
    {0x2A, kPD, "CVTPI2PD", kVW, convert_pi_pd, kTwo},
    {0x2A, kSS, "CVTSI2SS", kVE, convert_si_scalar<u32>, kOne},
    {0x2A, kSD, "CVTSI2SD", kVE, convert_si_scalar<u64>, kTwo},
    {0x2C, kPS, "CVTTPS2PI", kVW, convert_packed_pi<u32, true>, kOne},
    {0x2C, kPD, "CVTTPD2PI", kVW, convert_packed_pi<u64, true>, kTwo},
    {0x2C, kSS, "CVTTSS2SI", kGW, convert_scalar_si<u32, true>, kOne},
    {0x2C, kSD, "CVTTSD2SI", kGW, convert_scalar_si<u64, true>, kTwo},
    {0x2D, kPS, "CVTPS2PI", kVW, convert_packed_pi<u32, false>, kOne},
    {0x2D, kPD, "CVTPD2PI", kVW, convert_packed_pi<u64, false>, kTwo},
    {0x2D, kSS, "CVTSS2SI", kGW, convert_scalar_si<u32, false>, kOne},
    {0x2D, kSD, "CVTSD2SI", kGW, convert_scalar_si<u64, false>, kTwo},
    {0x5A, kPS, "CVTPS2PD", kVW, convert_ps_pd, kTwo},
    {0x5A, kPD, "CVTPD2PS", kVW, convert_pd_ps, kTwo},
    {0x5A, kSS, "CVTSS2SD", kVW, convert_ss_sd, kTwo},
    {0x5A, kSD, "CVTSD2SS", kVW, convert_sd_ss, kTwo},
    {0x5B, kPS, "CVTDQ2PS", kVW, convert_dq_ps, kTwo},
    {0x5B, kPD, "CVTPS2DQ", kVW, convert_ps_dq<false>, kTwo},
    {0x5B, kSS, "CVTTPS2DQ", kVW, convert_ps_dq<true>, kTwo},
    {0xE6, kPD, "CVTTPD2DQ", kVW, convert_pd_dq<true>, kTwo},
    {0xE6, kSS, "CVTDQ2PD", kVW, convert_dq_pd, kTwo},
    {0xE6, kSD, "CVTPD2DQ", kVW, convert_pd_dq<false>, kTwo},
};

}  // namespace

std::span<const Row> float_rows() { return kRows; }

}  // namespace ringside::simd
