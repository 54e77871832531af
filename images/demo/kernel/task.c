// Tasks: the idle task, the shell (which is the kernel's boot thread), and processes in ring 3, each with
// its own page directory. The timer takes the processor away after every tick that somebody else could use.
#include "kernel.h"

struct task tasks[MAX_TASKS];
struct task *current;
static uint8_t kernel_stacks[MAX_TASKS][PAGE_SIZE] __attribute__((aligned(16)));

static int somebody_is_ready(const struct task *except) {
  for (unsigned i = TASK_SHELL; i < MAX_TASKS; i++)
    if (tasks[i].state == TASK_READY && &tasks[i] != except) return 1;
  return 0;
}

// Round robin, the idle task when nobody else wants to run. Interrupts are off. Returns when the calling
// task is given the processor again.
static void schedule(void) {
  unsigned index = (unsigned)(current - tasks);
  struct task *next = &tasks[TASK_IDLE];
  for (unsigned i = 1; i <= MAX_TASKS; i++) {
    struct task *candidate = &tasks[(index + i) % MAX_TASKS];
    if (candidate != &tasks[TASK_IDLE] && candidate->state == TASK_READY) { next = candidate; break; }
  }
  if (next == current) return;
  struct task *previous = current;
  current = next;
  main_tss.esp0 = next->stack_top;            // where the next trap from ring 3 finds its stack
  if (next->directory != previous->directory) write_cr3(next->directory);
  switch_stacks(&previous->esp, next->esp);
}

static void idle(void) {
  for (;;) __asm__ volatile("sti; hlt");      // STI's shadow: no interrupt can slip in between the two
}

// A stack that switch_stacks can return to: four registers, then where to go on.
static void prepare_stack(struct task *task, uint32_t *top, void (*start)(void)) {
  *--top = (uint32_t)start;
  for (unsigned i = 0; i < 4; i++) *--top = 0;
  task->esp = (uint32_t)top;
}

void tasks_init(void) {
  for (unsigned i = 0; i < MAX_TASKS; i++) tasks[i].stack_top = (uint32_t)kernel_stacks[i] + PAGE_SIZE;
  struct task *idler = &tasks[TASK_IDLE];
  idler->name = "idle";
  idler->state = TASK_READY;
  idler->directory = PHYSICAL_OF(kernel_directory);
  prepare_stack(idler, (uint32_t *)idler->stack_top, idle);

  current = &tasks[TASK_SHELL];               // that is us, on the stack of start.asm
  current->name = "shell";
  current->state = TASK_READY;
  current->directory = PHYSICAL_OF(kernel_directory);
}

// A process begins as if it had been interrupted before its first instruction: its kernel stack holds the
// trap frame to return through.
struct task *task_spawn(const char *name, void (*entry)(void)) {
  uint32_t flags = interrupts_off();
  struct task *task = NULL;
  for (unsigned i = TASK_SHELL + 1; i < MAX_TASKS && !task; i++)
    if (tasks[i].state == TASK_FREE || tasks[i].state == TASK_ENDED) task = &tasks[i];
  if (task) {
    uint32_t stack_top = task->stack_top;
    memset(task, 0, sizeof *task);
    task->stack_top = stack_top;
    task->name = name;
    task->directory = directory_create();
    struct trap_frame *frame = (struct trap_frame *)stack_top - 1;
    memset(frame, 0, sizeof *frame);
    frame->ds = frame->es = frame->fs = frame->gs = frame->user_ss = SEL_USER_DATA;
    frame->cs = SEL_USER_CODE;
    frame->eip = (uint32_t)entry;
    frame->eflags = EFLAGS_IF | 2;            // IOPL 0: ring 3 gets no port and cannot clear IF
    frame->user_esp = USER_STACK_TOP - 16;
    prepare_stack(task, (uint32_t *)frame, trap_return);
    task->state = TASK_READY;
  }
  interrupts_restore(flags);
  return task;
}

void task_end(int exit_code) {
  interrupts_off();
  uint32_t directory = current->directory;
  current->directory = PHYSICAL_OF(kernel_directory);
  write_cr3(current->directory);              // do not saw off the branch: leave the tables before freeing them
  directory_destroy(directory);
  current->exit_code = exit_code;
  current->state = TASK_ENDED;
  wake_shell();
  schedule();
  __builtin_unreachable();
}

void task_sleep(uint32_t duration) {
  uint32_t flags = interrupts_off();
  current->wake_tick = ticks + duration;
  current->state = TASK_SLEEPING;
  current->sleeps++;
  schedule();
  interrupts_restore(flags);
}

void task_yield(void) {
  uint32_t flags = interrupts_off();
  schedule();
  interrupts_restore(flags);
}

void task_wait_for_end(struct task *child) {
  uint32_t flags = interrupts_off();
  while (child->state != TASK_ENDED) {
    current->state = TASK_WAITING;
    schedule();
  }
  interrupts_restore(flags);
}

void wake_shell(void) {
  if (tasks[TASK_SHELL].state == TASK_WAITING) tasks[TASK_SHELL].state = TASK_READY;
}

// Only the shell calls it; devices.c wakes it when there is something to read.
void wait_for_input(void) {
  uint32_t flags = interrupts_off();
  current->state = TASK_WAITING;
  schedule();
  interrupts_restore(flags);
}

void timer_tick(void) {
  ticks++;
  current->ticks++;
  for (unsigned i = TASK_SHELL; i < MAX_TASKS; i++)
    if (tasks[i].state == TASK_SLEEPING && (int32_t)(ticks - tasks[i].wake_tick) >= 0) tasks[i].state = TASK_READY;
  if (ticks % 10 == 0)
    status_bar(" Ringside demo  %5u.%u s   primes %-8u collatz chain %-6u type help for help", ticks / TIMER_HZ,
               ticks / 10 % 10, tasks[2].report, tasks[3].report);
  if (current != &tasks[TASK_IDLE] && somebody_is_ready(current)) {
    current->preemptions++;
    schedule();
  }
}

// An interrupt may have made somebody ready while there was nothing to do.
void leave_idle(void) {
  if (current == &tasks[TASK_IDLE] && somebody_is_ready(NULL)) schedule();
}
