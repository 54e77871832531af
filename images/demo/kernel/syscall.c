// System calls, by INT 80h: number in EAX, arguments in EBX, ECX; the answer in EAX. The numbers are in
// ../user/system.h, for both sides.
#include "kernel.h"
#include "../user/system.h"

static uint32_t system_write(uint32_t text, uint32_t length) {
  if (length > 4096 || !user_can_read(current->directory, text, length)) return SYSTEM_ERROR;
  console_colour(current == &tasks[2] ? GREEN : CYAN);
  console_write((const char *)text, length);
  console_colour(GREY);
  return length;
}

void system_call(struct trap_frame *frame) {
  current->system_calls++;
  switch (frame->eax) {
    case SYSTEM_EXIT: task_end((int)frame->ebx);
    case SYSTEM_WRITE: frame->eax = system_write(frame->ebx, frame->ecx); break;
    case SYSTEM_GETPID: frame->eax = (uint32_t)(current - tasks); break;
    case SYSTEM_YIELD: task_yield(); frame->eax = 0; break;
    case SYSTEM_SLEEP: task_sleep(frame->ebx); frame->eax = 0; break;
    case SYSTEM_SUM: frame->eax = frame->ebx + frame->ecx; break;
    case SYSTEM_TICKS: frame->eax = ticks; break;
    case SYSTEM_REPORT: current->report = frame->ebx; frame->eax = 0; break;
    default: frame->eax = SYSTEM_ERROR;
  }
}
