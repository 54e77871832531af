// The floating-point instructions of the reference executor.
#pragma once

#include "cpu/simd/operands.h"

namespace ringside::exact {

}  // namespace ringside::exact
