// A task's state as the cases write it.
#pragma once

#include "tests/privileged/cases/harness.h"

namespace privileged {

/// What a new task begins with.
struct Task {
  bool is32 = true;
  uint32_t base = kTaskA;
  uint32_t eip = kTaskCode, eflags = 2, ldt = 0, trap = 0;
  uint32_t seg[6] = {data32(0), code32(0), data32(0), data32(0), data32(0), data32(0)};
};

/// Writes its TSS.
void put_task(const Task& task);
/// A task of 16 bits has its code at kCode's base and its stack in kStacks.
Task task_of(bool is32);

}  // namespace privileged
