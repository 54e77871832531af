// Segments. All of them are flat (base 0, limit 4 GiB): protection between kernel and processes is done by
// paging, and segments only carry the privilege level. The last two exist to be stumbled over.
#include "kernel.h"

struct tss main_tss, double_fault_tss;
static uint64_t gdt[9];
static uint8_t double_fault_stack[4096] __attribute__((aligned(16)));

enum { TYPE_DATA = 0x92, TYPE_CODE = 0x9A, TYPE_TSS = 0x89, PRESENT = 0x80, DPL3 = 0x60, FLAT = 0xC };

// The base and the limit are scattered over the descriptor for the 286's sake.
static uint64_t descriptor(uint32_t base, uint32_t limit, uint8_t access, uint8_t flags) {
  uint32_t low = (limit & 0xFFFF) | base << 16;
  uint32_t high = (base >> 16 & 0xFF) | (uint32_t)access << 8 | (limit & 0xF0000) | (uint32_t)flags << 20 |
                  (base & 0xFF000000);
  return (uint64_t)high << 32 | low;
}

// The state that a double fault loads: everything known to be good.
void gdt_rearm_double_fault(void) {
  memset(&double_fault_tss, 0, sizeof double_fault_tss);
  double_fault_tss.cr3 = PHYSICAL_OF(kernel_directory);
  double_fault_tss.eip = (uint32_t)double_fault_task;
  double_fault_tss.esp = (uint32_t)(double_fault_stack + sizeof double_fault_stack);
  double_fault_tss.eflags = 2;
  double_fault_tss.cs = SEL_KERNEL_CODE;
  double_fault_tss.ss = double_fault_tss.ds = double_fault_tss.es = SEL_KERNEL_DATA;
  double_fault_tss.io_map_base = sizeof(struct tss);
}

void gdt_init(void) {
  gdt[SEL_KERNEL_CODE / 8] = descriptor(0, 0xFFFFF, TYPE_CODE, FLAT);
  gdt[SEL_KERNEL_DATA / 8] = descriptor(0, 0xFFFFF, TYPE_DATA, FLAT);
  gdt[SEL_USER_CODE / 8] = descriptor(0, 0xFFFFF, TYPE_CODE | DPL3, FLAT);
  gdt[SEL_USER_DATA / 8] = descriptor(0, 0xFFFFF, TYPE_DATA | DPL3, FLAT);
  gdt[SEL_TSS / 8] = descriptor((uint32_t)&main_tss, sizeof main_tss - 1, TYPE_TSS, 0);
  gdt[SEL_DOUBLE_FAULT_TSS / 8] = descriptor((uint32_t)&double_fault_tss, sizeof double_fault_tss - 1, TYPE_TSS, 0);
  gdt[SEL_NOT_PRESENT / 8] = descriptor(0, 0xFFFFF, TYPE_DATA & ~PRESENT, FLAT);
  gdt[SEL_TINY / 8] = descriptor(KERNEL_BASE, 15, TYPE_DATA, 4);

  main_tss.ss0 = SEL_KERNEL_DATA;             // the stack for traps from ring 3; task.c sets esp0
  main_tss.io_map_base = sizeof main_tss;     // beyond the limit: no port is open to ring 3
  main_tss.cr3 = PHYSICAL_OF(kernel_directory);
  gdt_rearm_double_fault();

  struct table_register gdtr = {sizeof gdt - 1, (uint32_t)gdt};
  __asm__ volatile(
      "lgdt %0\n\t"
      "ljmp %1, $1f\n"                        // CS changes only by a far transfer
      "1: movw %w2, %%ss; movw %w2, %%ds; movw %w2, %%es\n\t"
      "movw %w3, %%fs; movw %w3, %%gs\n\t"
      "lldt %w3\n\t"                          // no LDT
      "ltr %w4"
      ::"m"(gdtr), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA), "r"(0), "r"(SEL_TSS) : "memory");
}
