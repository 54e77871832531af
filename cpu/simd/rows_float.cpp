// SSE and SSE2 floating-point arithmetic, comparison and conversion.
#include "cpu/simd/exact_float.h"
#include "cpu/simd/rows.h"

namespace ringside::simd {

std::span<const Row> float_rows() { return {}; }

}  // namespace ringside::simd
