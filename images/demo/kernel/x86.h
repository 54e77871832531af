// The processor's own structures and instructions, as the SDM names them.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Selectors in our GDT (gdt.c). The low two bits are the requested privilege level.
enum {
  SEL_KERNEL_CODE = 0x08,
  SEL_KERNEL_DATA = 0x10,
  SEL_USER_CODE = 0x18 | 3,
  SEL_USER_DATA = 0x20 | 3,
  SEL_TSS = 0x28,
  SEL_DOUBLE_FAULT_TSS = 0x30,
  SEL_NOT_PRESENT = 0x38,  // a data segment with P = 0, for #NP and #SS
  SEL_TINY = 0x40,         // a data segment of 16 bytes, for limit checks
};

enum {
  VEC_DE = 0, VEC_DB = 1, VEC_BP = 3, VEC_OF = 4, VEC_BR = 5, VEC_UD = 6, VEC_NM = 7, VEC_DF = 8,
  VEC_TS = 10, VEC_NP = 11, VEC_SS = 12, VEC_GP = 13, VEC_PF = 14, VEC_AC = 17,
  VEC_IRQ0 = 0x20,         // the 8259A's sixteen lines, moved out of the exceptions' way
  VEC_SYSCALL = 0x80,
};

enum { EFLAGS_TF = 1 << 8, EFLAGS_IF = 1 << 9, EFLAGS_NT = 1 << 14, EFLAGS_AC = 1 << 18 };
enum { CR0_TS = 1 << 3 };
enum { PAGE_PRESENT = 1, PAGE_WRITABLE = 2, PAGE_USER = 4, PAGE_SIZE = 4096 };

// What entry.asm leaves on the stack, lowest address first. user_esp and user_ss are there only when the trap
// came from ring 3.
struct trap_frame {
  uint32_t gs, fs, es, ds;
  uint32_t edi, esi, ebp, ignored_esp, ebx, edx, ecx, eax;
  uint32_t vector, error;
  uint32_t eip, cs, eflags;
  uint32_t user_esp, user_ss;
};

// 32-bit task-state segment (SDM Vol. 3A, *Task-State Segment*). Selectors occupy the low half of their words.
struct tss {
  uint32_t back_link;
  uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
  uint32_t cr3, eip, eflags;
  uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
  uint32_t es, cs, ss, ds, fs, gs, ldt;
  uint16_t trap, io_map_base;
};

struct table_register {
  uint16_t limit;
  uint32_t base;
} __attribute__((packed));

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline void out16(uint16_t port, uint16_t value) { __asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port)); }
static inline uint8_t in8(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline uint32_t read_cr0(void) { uint32_t v; __asm__ volatile("mov %%cr0, %0" : "=r"(v)); return v; }
static inline uint32_t read_cr2(void) { uint32_t v; __asm__ volatile("mov %%cr2, %0" : "=r"(v)); return v; }
static inline uint32_t read_cr3(void) { uint32_t v; __asm__ volatile("mov %%cr3, %0" : "=r"(v)); return v; }
static inline void write_cr0(uint32_t v) { __asm__ volatile("mov %0, %%cr0" ::"r"(v) : "memory"); }
static inline void write_cr3(uint32_t v) { __asm__ volatile("mov %0, %%cr3" ::"r"(v) : "memory"); }
static inline void invalidate_page(uint32_t linear) { __asm__ volatile("invlpg (%0)" ::"r"(linear) : "memory"); }

// Interrupts off for a short stretch, and back to what they were.
static inline uint32_t interrupts_off(void) {
  uint32_t flags;
  __asm__ volatile("pushfl; popl %0; cli" : "=r"(flags)::"memory");
  return flags;
}
static inline void interrupts_restore(uint32_t flags) { __asm__ volatile("pushl %0; popfl" ::"r"(flags) : "memory", "cc"); }
