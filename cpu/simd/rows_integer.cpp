// MMX and SSE2 integer arithmetic.
#include "cpu/simd/rows.h"

namespace ringside::simd {

std::span<const Row> integer_rows() { return {}; }

}  // namespace ringside::simd
