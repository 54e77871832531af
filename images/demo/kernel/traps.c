// The interrupt descriptor table, and where each trap goes.
#include "kernel.h"

static uint64_t idt[256];

enum { GATE_INTERRUPT = 0x8E, GATE_TASK = 0x85, GATE_DPL3 = 0x60 };

static uint64_t gate(uint32_t offset, uint16_t selector, uint8_t access) {
  uint32_t low = (offset & 0xFFFF) | (uint32_t)selector << 16;
  uint32_t high = (offset & 0xFFFF0000) | (uint32_t)access << 8;
  return (uint64_t)high << 32 | low;
}

void traps_init(void) {
  // Interrupt gates clear IF on entry, so the kernel is never entered twice by accident.
  for (unsigned v = 0; v < 48; v++) idt[v] = gate(trap_stubs[v], SEL_KERNEL_CODE, GATE_INTERRUPT);
  // Ring 3 may use these three by INT n, INT3 and INTO; through any other gate INT n is #GP.
  idt[VEC_BP] = gate(trap_stubs[VEC_BP], SEL_KERNEL_CODE, GATE_INTERRUPT | GATE_DPL3);
  idt[VEC_OF] = gate(trap_stubs[VEC_OF], SEL_KERNEL_CODE, GATE_INTERRUPT | GATE_DPL3);
  idt[VEC_SYSCALL] = gate(trap_stubs[48], SEL_KERNEL_CODE, GATE_INTERRUPT | GATE_DPL3);
  // A double fault may be the stack's fault, so it gets a task of its own, with its own stack.
  idt[VEC_DF] = gate(0, SEL_DOUBLE_FAULT_TSS, GATE_TASK);

  struct table_register idtr = {sizeof idt - 1, (uint32_t)idt};
  __asm__ volatile("lidt %0" ::"m"(idtr));
}

// Three faults in a row that cannot be delivered reset a PC. With no IDT there is nothing to deliver to.
void machine_triple_fault(void) {
  struct table_register nothing = {0, 0};
  interrupts_off();
  __asm__ volatile("lidt %0; int3" ::"m"(nothing));
}

static void panic(struct trap_frame *frame) {
  console_colour(RED);
  print("\nThe kernel itself faulted, and did not mean to:\n");
  explain_frame(frame, read_cr2());
  print("EAX %08X EBX %08X ECX %08X EDX %08X\nESI %08X EDI %08X EBP %08X CR3 %08X\nStopped.\n", frame->eax, frame->ebx,
        frame->ecx, frame->edx, frame->esi, frame->edi, frame->ebp, read_cr3());
  for (;;) __asm__ volatile("cli; hlt");
}

void trap_dispatch(struct trap_frame *frame) {
  if (frame->vector >= VEC_IRQ0 && frame->vector < VEC_IRQ0 + 16) {
    device_interrupt(frame->vector - VEC_IRQ0);
  } else if (frame->vector == VEC_SYSCALL) {
    system_call(frame);
  } else if ((frame->cs & 3) == 3) {
    // A process may do what it likes; the worst that comes of it is its own end.
    current->faulted = 1;
    current->fault = *frame;
    current->fault_address = read_cr2();
    task_end(-1);
  } else if (!fault_expected(frame)) {
    panic(frame);
  }
}
