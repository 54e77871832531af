// What the cases of debug registers and of single-stepping share.
#pragma once

#include "tests/privileged/cases/harness.h"

namespace privileged {

constexpr uint32_t kWatched = kData + 0x100;

inline void report_debug(const Outcome& out) {
  report(out);
  field("dr6", out.at.dr[6] & 0xE00F, 4);
}

/// DR7 for breakpoint `n`: `kind` 0 execution, 1 write, 2 port, 3 both; `length` in bytes.
inline uint32_t dr7_for(unsigned n, unsigned kind, unsigned length, bool global = false) {
  return 0x400 | 1u << (2 * n + (global ? 1 : 0)) | kind << (16 + 4 * n) | (length - 1) << (18 + 4 * n);
}

/// Parts of the group of debug registers that are about TF and RF.
void single_steps();
void resume_images();

}  // namespace privileged
