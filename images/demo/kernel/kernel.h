// What the kernel's parts know of each other.
#pragma once

#include <stdarg.h>
#include "x86.h"

#define KERNEL_BASE 0xC0000000u
#define USER_BASE 0x00400000u
#define USER_STACK_TOP 0x00800000u    // one page below it is the stack, the page below that is not mapped
#define TIMER_HZ 100u

// console.c: the text screen, mirrored to COM1
enum { GREY = 0x07, WHITE = 0x0F, GREEN = 0x0A, CYAN = 0x0B, RED = 0x0C, YELLOW = 0x0E, BAR = 0x1F };
void console_init(void);
void console_clear(void);
void console_colour(uint8_t attribute);
void console_write(const char *text, size_t length);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void status_bar(const char *format, ...) __attribute__((format(printf, 1, 2)));
void serial_init(void);
void serial_write(const char *text, size_t length);
int serial_receive(void);             // a byte, or -1

// format.c
size_t format_text(char *out, size_t size, const char *format, va_list arguments);
size_t text_length(const char *text);
int text_equal(const char *a, const char *b);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

// gdt.c
extern struct tss main_tss, double_fault_tss;
void gdt_init(void);
void gdt_rearm_double_fault(void);

// traps.c, devices.c
void traps_init(void);
void devices_init(void);
void device_interrupt(unsigned line);
int read_key(void);                   // next character from keyboard or COM1, or -1
extern volatile uint32_t ticks;
void machine_reboot(void);
void machine_power_off(void);
void machine_exit(uint8_t code);
void machine_triple_fault(void);

// memory.c
struct memory_range { uint32_t base, length, type; };
extern struct memory_range memory_map[16];
extern unsigned memory_map_count;
extern const char *loader_name;
void memory_init(uint32_t magic, uint32_t information);
uint32_t frame_allocate(void);        // physical address of a zeroed page; stops the kernel when there is none
void frame_free(uint32_t frame);
unsigned frames_total(void), frames_free(void);
uint32_t directory_create(void);      // a process's address space with the user programs in it
void directory_destroy(uint32_t directory);
void map_page(uint32_t directory, uint32_t linear, uint32_t frame, uint32_t flags);
uint32_t page_entry(uint32_t directory, uint32_t linear);   // 0 where nothing is mapped
int user_can_read(uint32_t directory, uint32_t start, uint32_t length);
extern uint32_t kernel_directory[1024];
static inline void *physical(uint32_t address) { return (void *)(address + KERNEL_BASE); }
#define PHYSICAL_OF(object) ((uint32_t)(object) - KERNEL_BASE)

// task.c
enum task_state { TASK_FREE, TASK_READY, TASK_SLEEPING, TASK_WAITING, TASK_ENDED };
struct task {
  uint32_t esp;                       // saved stack pointer while another task runs
  uint32_t directory;                 // physical address of its page directory
  uint32_t stack_top;                 // of its kernel stack
  enum task_state state;
  uint32_t wake_tick;
  const char *name;
  uint32_t ticks, preemptions, system_calls, sleeps, report;
  int exit_code;
  int faulted;                        // it ended by the fault in `fault`, with CR2 beside it
  struct trap_frame fault;
  uint32_t fault_address;
};
enum { MAX_TASKS = 8, TASK_IDLE = 0, TASK_SHELL = 1 };
extern struct task tasks[MAX_TASKS];
extern struct task *current;
void tasks_init(void);
struct task *task_spawn(const char *name, void (*entry)(void));
void task_end(int exit_code) __attribute__((noreturn));
void task_sleep(uint32_t duration);
void task_yield(void);
void task_wait_for_end(struct task *child);
void wake_shell(void);
void wait_for_input(void);
void timer_tick(void);
void leave_idle(void);

// syscall.c, faults.c, shell.c
void system_call(struct trap_frame *frame);
int fault_expected(struct trap_frame *frame);
void explain_frame(const struct trap_frame *frame, uint32_t address);
const char *vector_name(uint32_t vector);
void fault_tour(void);
void shell(void);

// entry.asm
extern const uint32_t trap_stubs[49];
void trap_return(void);
void switch_stacks(uint32_t *save_esp, uint32_t esp);
void guarded_call(void (*function)(void));
void guard_recover(void);
void double_fault_task(void);
extern uint32_t guard_esp;

// The user programs, user/
void program_primes(void), program_collatz(void);
void fault_cli(void), fault_out(void), fault_cr3(void), fault_selector(void), fault_gate(void),
    fault_supervisor(void), fault_own_code(void), fault_stack(void), fault_alignment(void);
