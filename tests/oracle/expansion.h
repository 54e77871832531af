// Draws anew what a case leaves open. FROZEN: vector files hold cases without these values, so what is changed here
// makes every committed file worthless. Another way of drawing gets a version number and a function of its own.
#pragma once

#include <cstdint>

#include "tests/oracle/case.h"

namespace ringside::oracle {

constexpr std::uint32_t kExpansionVersion = 1;

/// Version 1. The source of bits is splitmix64 from `seed` on. Drawn are, in this order and where `c.open` has them:
/// general registers by number; the six arithmetic flags; the bytes of patches by run; the eight stack registers;
/// XMM0-7.
void expand(Case& c, std::uint64_t seed);

/// The seed of a section's expansion number `index`.
std::uint64_t expansion_seed(std::uint64_t section_seed, std::uint64_t index);

}  // namespace ringside::oracle
