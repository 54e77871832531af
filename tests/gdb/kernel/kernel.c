// A kernel with a mistake in it, for a debugger to find: a loop that writes one element too many changes a pointer,
// and long after that the pointer is followed into a page that is not there. A timer interrupts all of it.
#include <stdint.h>

enum { PAGE_PRESENT = 1, PAGE_WRITABLE = 2, MAPPED_PAGES = 1024, SCORES = 8, TIMER_VECTOR = 0x20 };

struct gate { uint16_t offset_low, selector; uint8_t zero, access; uint16_t offset_high; };
struct table { uint16_t limit; uint32_t base; } __attribute__((packed));

// What lies behind the array is the mistake's victim.
static struct {
  uint32_t scores[SCORES];
  const char *name;
} volatile player;

static uint32_t directory[1024] __attribute__((aligned(4096)));
static uint32_t pages[1024] __attribute__((aligned(4096)));
static struct gate idt[256];
static const uint64_t gdt[] = {0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF};

volatile uint32_t ticks, rounds, sum, letters;

void page_fault_entry(void);
void timer_entry(void);

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }

static uint8_t in8(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static void serial(const char *text) {
  while (*text) {
    while (!(in8(0x3FD) & 0x20)) continue;         // until the one before has gone
    out8(0x3F8, (uint8_t)*text++);
  }
}

void page_fault(void) {
  serial("page fault\n");
}

void timer(void) {
  ticks++;
  out8(0x20, 0x20);
}

static void set_gate(unsigned vector, void (*handler)(void)) {
  const uint32_t offset = (uint32_t)handler;
  idt[vector] = (struct gate){(uint16_t)offset, 8, 0, 0x8E, (uint16_t)(offset >> 16)};
}

static void load_tables(void) {
  const struct table gdtr = {sizeof gdt - 1, (uint32_t)gdt};
  __asm__ volatile("lgdt %0; ljmp $8, $1f; 1: mov %1, %%ds; mov %1, %%es; mov %1, %%ss" ::"m"(gdtr), "r"(16));
  set_gate(14, page_fault_entry);
  set_gate(TIMER_VECTOR, timer_entry);
  const struct table idtr = {sizeof idt - 1, (uint32_t)idt};
  __asm__ volatile("lidt %0" ::"m"(idtr));
}

// The first four megabytes as they are; everything else is not present.
static void paging_on(void) {
  for (uint32_t i = 0; i < MAPPED_PAGES; i++) pages[i] = i << 12 | PAGE_PRESENT | PAGE_WRITABLE;
  directory[0] = (uint32_t)pages | PAGE_PRESENT | PAGE_WRITABLE;
  __asm__ volatile("mov %0, %%cr3; mov %%cr0, %%eax; or $0x80000000, %%eax; mov %%eax, %%cr0" ::"r"(directory) : "eax", "memory");
}

// About a thousand interrupts a second, on IRQ 0 alone.
static void timer_on(void) {
  out8(0x20, 0x11), out8(0x21, TIMER_VECTOR), out8(0x21, 4), out8(0x21, 1), out8(0x21, 0xFE);
  out8(0x43, 0x34), out8(0x40, 0xA9), out8(0x40, 0x04);
  __asm__ volatile("sti");
}

static uint32_t score_of(uint32_t round, uint32_t number) {
  return 0xD0000000 + round * 16 + number;
}

__attribute__((noinline)) void set_scores(uint32_t round) {
  for (uint32_t i = 0; i <= SCORES; i++)
    player.scores[i] = score_of(round, i);          // one too many
}

__attribute__((noinline)) uint32_t add_scores(void) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < SCORES; i++) total += player.scores[i];
  return total;
}

// A while of honest work, so that the fault is far from its cause.
__attribute__((noinline)) void work(void) {
  for (uint32_t i = 0; i < 20000; i++) {
    rounds++;
    sum += add_scores() ^ i;
  }
}

__attribute__((noinline)) void greet(void) {
  const char *name = player.name;
  while (*name++) letters++;
}

void kernel_main(void) {
  out8(0x3FB, 0x83), out8(0x3F8, 1), out8(0x3F9, 0), out8(0x3FB, 3);    // COM1: 115200 baud, words of 8 bits
  load_tables();
  paging_on();
  timer_on();
  player.name = "Ada";
  greet();
  serial("ready\n");
  set_scores(3);
  work();
  greet();
  serial("done\n");
  for (;;) __asm__ volatile("hlt");
}
