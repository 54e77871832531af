#include "tests/privileged/cases/task_state.h"

namespace privileged {

void put_task(const Task& task) {
  const uint32_t at = task.base;
  for (uint32_t i = 0; i < 0x68; i += 4) put32(at + i, 0);
  const uint32_t esp = kTaskStack + 0xF00;
  if (task.is32) {
    for (unsigned ring = 0; ring < 3; ++ring) {
      put32(at + 4 + 8 * ring, stack_top(ring));
      put32(at + 8 + 8 * ring, data32(ring));
    }
    put32(at + 0x20, task.eip);
    put32(at + 0x24, task.eflags);
    for (unsigned i = 0; i < 8; ++i) put32(at + 0x28 + 4 * i, i == kEsp ? esp : 0xA0A00000 + i);
    for (unsigned i = 0; i < 6; ++i) put32(at + 0x48 + 4 * i, task.seg[i]);
    put32(at + 0x60, task.ldt);
    put32(at + 0x64, task.trap | 0xFFFF0000);
    return;
  }
  // 16-bit stacks: offsets from kStacks, in data16().
  for (unsigned ring = 0; ring < 3; ++ring) {
    put16(at + 2 + 4 * ring, stack_top(ring) - kStacks);
    put16(at + 4 + 4 * ring, data16(ring));
  }
  put16(at + 0x0E, task.eip);
  put16(at + 0x10, task.eflags);
  for (unsigned i = 0; i < 8; ++i) put16(at + 0x12 + 2 * i, i == kEsp ? esp - kStacks : 0xA0A0 + i);
  for (unsigned i = 0; i < 4; ++i) put16(at + 0x22 + 2 * i, task.seg[i]);
  put16(at + 0x2A, task.ldt);
}

Task task_of(bool is32) {
  Task task;
  task.is32 = is32;
  if (is32) return task;
  task.eip = kTaskCode - kCode;
  task.seg[kCs] = code16(0);
  task.seg[kSs] = data16(0);
  return task;
}

}  // namespace privileged
