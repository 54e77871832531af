// What real mode and virtual-8086 mode share.
#pragma once

#include "tests/privileged/cases/layout.h"

namespace privileged {

/// Vectors as an 8086 program would have them: each leads to a place of its own.
void set_vectors(uint32_t base, unsigned step);
/// Vectors that lead to an undefined opcode each.
void set_handlers();
/// Segments, limits and far transfers as on an 8086, with 64 KiB to each segment.
void addressing(bool v86);

}  // namespace privileged
