// The fault tour: every exception that can be caused on purpose and survived, each with what the manual says about
// it. In ring 0 the kernel steps over the fault; in ring 3 a process is sent ahead and dies of it.
#include "kernel.h"

enum { NO_ERROR_CODE = -1 };
enum kind { FAULT, TRAP };

struct experiment {
  uint8_t ring, vector;
  enum kind kind;
  int error;                            // expected error code
  uint8_t optional;                     // processors and emulators exist that do not raise it
  void (*run)(void);
  const char *what, *why;
};

void zero_divide(void), zero_debug(void), zero_breakpoint(void), zero_overflow(void), zero_bound(void),
    zero_undefined(void), zero_no_fpu(void), zero_bad_tss(void), zero_not_present(void), zero_stack_not_present(void),
    zero_null_stack(void), zero_beyond_gdt(void), zero_limit(void), zero_not_mapped(void), zero_read_only(void),
    zero_double_fault(void);

static const struct experiment experiments[] = {
  {0, VEC_DE, FAULT, NO_ERROR_CODE, 0, zero_divide, "DIV by zero", "the quotient does not exist"},
  {0, VEC_DB, TRAP, NO_ERROR_CODE, 0, zero_debug, "NOP with EFLAGS.TF set", "single step: a trap after the instruction"},
  {0, VEC_BP, TRAP, NO_ERROR_CODE, 0, zero_breakpoint, "INT3", "a debugger's one-byte breakpoint; EIP is behind it"},
  {0, VEC_OF, TRAP, NO_ERROR_CODE, 0, zero_overflow, "INTO after 7FFFFFFF + 1", "OF was set"},
  {0, VEC_BR, FAULT, NO_ERROR_CODE, 0, zero_bound, "BOUND 10 in 0..9", "the index lies outside"},
  {0, VEC_UD, FAULT, NO_ERROR_CODE, 0, zero_undefined, "UD2", "the opcode that will stay undefined"},
  {0, VEC_NM, FAULT, NO_ERROR_CODE, 0, zero_no_fpu, "FNOP with CR0.TS set", "the FPU belongs to another task"},
  {0, VEC_TS, FAULT, SEL_KERNEL_DATA, 0, zero_bad_tss, "IRET with NT, bad back link", "the back link names no TSS"},
  {0, VEC_NP, FAULT, SEL_NOT_PRESENT, 0, zero_not_present, "MOV FS, absent segment", "descriptor's P bit is 0"},
  {0, VEC_SS, FAULT, SEL_NOT_PRESENT, 0, zero_stack_not_present, "MOV SS, absent segment",
   "P is 0, and for SS that is #SS, not #NP"},
  {0, VEC_GP, FAULT, 0, 0, zero_null_stack, "MOV SS, null selector", "SS must never be null"},
  {0, VEC_GP, FAULT, 0x1000, 0, zero_beyond_gdt, "MOV FS, 1000h", "the selector lies beyond the GDT's limit"},
  {0, VEC_GP, FAULT, 0, 1, zero_limit, "MOV AL, FS:[16]", "the segment has 16 bytes, 0 to 15"},
  {0, VEC_PF, FAULT, 0, 0, zero_not_mapped, "read of an unmapped page", "its directory entry is not present"},
  {0, VEC_PF, FAULT, 3, 1, zero_read_only, "write to the kernel's own code", "PTE is read-only, and CR0.WP is set"},
  {0, VEC_DF, FAULT, 0, 0, zero_double_fault, "PUSH with ESP in the void",
   "#PF while delivering #PF; a task gate brought a good stack"},
  {3, VEC_GP, FAULT, 0, 0, fault_cli, "CLI in ring 3", "CPL 3 is above IOPL 0"},
  {3, VEC_GP, FAULT, 0, 0, fault_out, "OUT to port 80h in ring 3", "CPL above IOPL, and no I/O permission bitmap"},
  {3, VEC_GP, FAULT, 0, 0, fault_cr3, "MOV EAX, CR3 in ring 3", "a privileged instruction"},
  {3, VEC_GP, FAULT, SEL_KERNEL_DATA, 0, fault_selector, "MOV DS, the kernel's data", "DPL 0 is below CPL 3"},
  {3, VEC_GP, FAULT, VEC_IRQ0 * 8 + 2, 0, fault_gate, "INT 20h in ring 3", "the gate's DPL 0 is below CPL 3"},
  {3, VEC_PF, FAULT, 5, 0, fault_supervisor, "read of kernel memory in ring 3", "the page is the supervisor's"},
  {3, VEC_PF, FAULT, 7, 0, fault_own_code, "write to the program's own code", "its PTE is read-only"},
  {3, VEC_PF, FAULT, 6, 0, fault_stack, "endless recursion", "below the stack lies a guard page"},
  {3, VEC_AC, FAULT, 0, 1, fault_alignment, "unaligned read with EFLAGS.AC", "CR0.AM allows ring 3 to ask for #AC"},
};
enum { EXPERIMENTS = sizeof experiments / sizeof experiments[0] };

// --- The trap handler's side -------------------------------------------------------------------------------

static const struct experiment *volatile armed;
static volatile int caught;
static struct trap_frame caught_frame;
static uint32_t caught_address;

// Called for every exception in ring 0. True: it was wanted, and the frame now leads out of it.
int fault_expected(struct trap_frame *frame) {
  if (!armed) return 0;
  caught = 1;
  caught_frame = *frame;
  caught_address = read_cr2();
  frame->eflags &= ~(uint32_t)(EFLAGS_TF | EFLAGS_NT);
  // After a trap the program may simply go on; after a fault it would run into the same instruction again.
  if (armed->kind != TRAP || frame->vector != armed->vector) frame->eip = (uint32_t)guard_recover;
  return 1;
}

// The double fault's task (entry.asm) runs this. The interrupted state is in the TSS that it came from.
void double_fault_report(void) {
  struct trap_frame frame = {.vector = VEC_DF, .eip = main_tss.eip, .cs = main_tss.cs, .eflags = main_tss.eflags};
  if (!armed) {
    print("\nDouble fault at %08X, ESP %08X. Stopped.\n", main_tss.eip, main_tss.esp);
    for (;;) __asm__ volatile("cli; hlt");
  }
  caught = 1;
  caught_frame = frame;
  caught_address = read_cr2();
  main_tss.eip = (uint32_t)guard_recover;     // it takes ESP back from guard_esp, but should start on a good one
  main_tss.esp = guard_esp;
  main_tss.eflags = 2;
  main_tss.cr3 = current->directory;          // a task switch loads CR3 from the TSS but never saves it there
}

// --- Telling -----------------------------------------------------------------------------------------------

const char *vector_name(uint32_t vector) {
  static const char names[][4] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "?9", "#TS",
                                  "#NP", "#SS", "#GP", "#PF", "?15", "#MF", "#AC", "#MC", "#XM"};
  return vector < sizeof names / sizeof names[0] ? names[vector] : "?";
}

static int has_error_code(uint32_t vector) {
  return vector == VEC_DF || (vector >= VEC_TS && vector <= VEC_PF) || vector == VEC_AC;
}

// Which exception, and where.
static void name_fault(const struct trap_frame *frame) {
  print("%s", vector_name(frame->vector));
  if (has_error_code(frame->vector)) print("(%04X)", frame->error);
  print(" in ring %u at %08X\n", frame->cs & 3, frame->eip);
}

// What the error code says: for a page fault the access, for the others the descriptor in question.
static void decode_error(const struct trap_frame *frame, uint32_t address) {
  if (frame->vector == VEC_PF)
    print("%s %s %08X, page %s; ", frame->error & 4 ? "user" : "kernel", frame->error & 2 ? "writes" : "reads", address,
          frame->error & 1 ? "protected" : "not present");
  else if (has_error_code(frame->vector) && frame->error)
    print("%s entry %u; ", frame->error & 2 ? "IDT" : frame->error & 4 ? "LDT" : "GDT", frame->error >> 3);
}

void explain_frame(const struct trap_frame *frame, uint32_t address) {
  name_fault(frame);
  decode_error(frame, address);
  print("\n");
}

static void observe(const struct experiment *experiment) {
  caught = 0;
  if (experiment->ring == 0) {
    uint32_t flags = interrupts_off();        // SS and ESP will be odd for a moment
    armed = experiment;
    guarded_call(experiment->run);
    armed = NULL;
    write_cr0(read_cr0() & ~(uint32_t)CR0_TS);
    interrupts_restore(flags);
  } else {
    struct task *child = task_spawn("victim", experiment->run);
    if (!child) return;
    task_wait_for_end(child);
    caught = child->faulted;
    caught_frame = child->fault;
    caught_address = child->fault_address;
  }
}

// True when it went as the table says.
static int perform(unsigned number) {
  const struct experiment *experiment = &experiments[number];
  observe(experiment);
  int right = caught && caught_frame.vector == experiment->vector &&
              (experiment->error == NO_ERROR_CODE || caught_frame.error == (uint32_t)experiment->error) &&
              (caught_frame.cs & 3) == experiment->ring;
  int excused = !caught && experiment->optional;
  console_colour(right ? WHITE : excused ? GREY : RED);
  print("%2u %-32s", number + 1, experiment->what);
  console_colour(right ? YELLOW : excused ? GREY : RED);
  if (caught) name_fault(&caught_frame);
  else print("no fault\n");
  console_colour(GREY);
  print("   ");
  if (caught) decode_error(&caught_frame, caught_address);
  if (right) print("%s\n", experiment->why);
  else if (excused) print("this processor does not check that\n");
  else print("UNEXPECTED: it should have been %s\n", vector_name(experiment->vector));
  return right;
}

void fault_tour(void) {
  unsigned right = 0, missing = 0;
  print("A tour of the exceptions, all deliberate:\n");
  for (unsigned i = 0; i < EXPERIMENTS; i++) {
    if (perform(i)) right++;
    else if (!caught && experiments[i].optional) missing++;
  }
  console_colour(right + missing == EXPERIMENTS ? GREEN : RED);
  print("%u experiments: %u as expected, %u not checked by this processor, %u wrong\n", (unsigned)EXPERIMENTS, right,
        missing, EXPERIMENTS - right - missing);
  console_colour(GREY);
}
