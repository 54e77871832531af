// Around every benchmark: descriptor tables, paging, the serial line, and the way out.
#include "bench.h"

#define ITERATIONS (*(volatile uint32_t*)(0x7C00 + 0x1B8))
#define PAGE_DIRECTORY ((volatile uint32_t*)0x100000)
enum { kTables = 4, kPresentWritableUser = 7, kCom1 = 0x3F8 };

struct Gate {
  uint16_t offset_low, selector, kind, offset_high;
};

struct __attribute__((packed)) TablePointer {
  uint16_t limit;
  uint32_t base;
};

struct TaskState {
  uint32_t link, esp0, ss0, rest[23];
};

static struct Gate idt[256];
static struct TaskState task_state;
static uint64_t gdt[6] = {0,
                          0x00CF9A000000FFFF,   // 08: code of ring 0
                          0x00CF92000000FFFF,   // 10: data of ring 0
                          0x00CFFA000000FFFF,   // 1B: code of ring 3
                          0x00CFF2000000FFFF};  // 23: data of ring 3, then 28: the task state

void trap_stub(void);
void payload_main(void);
void unexpected_trap(void);

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static void out16(uint16_t port, uint16_t value) {
  __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
static uint8_t in8(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static void print(const char* text) {
  for (; *text; ++text) {
    while (!(in8(kCom1 + 5) & 0x20)) {
    }  // until the transmitter is empty
    out8(kCom1, (uint8_t)*text);
  }
}

static void print_hex(uint32_t value) {
  char text[9];
  for (int i = 0; i < 8; ++i) text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
  text[8] = 0;
  print(text);
}

static void open_serial(void) {
  out8(kCom1 + 1, 0);     // no interrupts
  out8(kCom1 + 3, 0x80);  // divisor latch: 1, 115200 baud
  out8(kCom1 + 0, 1);
  out8(kCom1 + 1, 0);
  out8(kCom1 + 3, 3);  // 8N1
  out8(kCom1 + 2, 0);  // no FIFO
}

// Every emulator has its own way to be switched off; whoever does not know one ignores it.
static void power_off(void) {
  while (!(in8(kCom1 + 5) & 0x40)) {
  }                      // the last character has left
  out16(0x604, 0x2000);  // PIIX4 power management: sleep enable, type "soft off"
  for (const char* text = "Shutdown"; *text; ++text) out8(0x8900, (uint8_t)*text);  // Bochs
}

void unexpected_trap(void) {
  print("bench: unexpected trap\n");
  power_off();
  for (;;) __asm__ volatile("cli; hlt");
}

void set_gate(uint32_t vector, void (*handler)(void), uint32_t kind) {
  const uint32_t offset = (uint32_t)handler;
  idt[vector] = (struct Gate){(uint16_t)offset, 8, (uint16_t)kind, (uint16_t)(offset >> 16)};
}

static void load_tables(void) {
  const uint32_t task = (uint32_t)&task_state;
  task_state.esp0 = 0x98000;
  task_state.ss0 = 0x10;
  gdt[5] = (uint64_t)(sizeof task_state - 1) | (uint64_t)(task & 0xFFFFFF) << 16 | (uint64_t)0x89 << 40 |
           (uint64_t)(task >> 24) << 56;
  const struct TablePointer gdtr = {sizeof gdt - 1, (uint32_t)gdt};
  const struct TablePointer idtr = {sizeof idt - 1, (uint32_t)idt};
  for (uint32_t vector = 0; vector < 256; ++vector) set_gate(vector, trap_stub, kGatePresent);
  __asm__ volatile("lgdt %0; lidt %1; ljmp $8, $1f; 1: ltr %w2; mov %w3, %%ds; mov %w3, %%es; mov %w3, %%ss"
                   :
                   : "m"(gdtr), "m"(idtr), "r"(0x28), "r"(0x10)
                   : "memory");
}

static void switch_paging_on(void) {
  for (uint32_t i = 0; i < 1024; ++i) PAGE_DIRECTORY[i] = 0;
  for (uint32_t i = 0; i < kTables; ++i)
    PAGE_DIRECTORY[i] = (uint32_t)PAGE_TABLES + i * 4096 + kPresentWritableUser;
  for (uint32_t i = 0; i < kTables * 1024; ++i) PAGE_TABLES[i] = i * 4096 + kPresentWritableUser;
  __asm__ volatile("mov %0, %%cr3; mov %%cr0, %0; or $0x80010000, %0; mov %0, %%cr0"
                   :
                   : "r"((uint32_t)PAGE_DIRECTORY)
                   : "memory");
}

void* memcpy(void* to, const void* from, unsigned long size) {
  void* const result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}

void* memset(void* to, int value, unsigned long size) {
  void* const result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}

void payload_main(void) {
  load_tables();
  switch_paging_on();
  open_serial();
  const uint32_t check = bench(ITERATIONS);
  print("bench: check ");
  print_hex(check);
  print("\nbench: done\n");
  power_off();
}
