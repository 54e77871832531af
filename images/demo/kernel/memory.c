// Memory: what there is, who has it, and the page tables.
//
//   00000000-003FFFFF  nothing: a null pointer is a fault
//   00400000           the process: code (read-only), data, and a stack that ends at 00800000
//   C0000000           the kernel's window: all physical memory up to 64 MiB, so that physical address p is
//                      readable at p + C0000000. The same page tables serve all processes.
#include "kernel.h"

enum { WINDOW_MAX = 64 << 20, FIRST_TABLE_COVERS = 4 << 20, MEMORY_USABLE = 1 };
enum { INFO_SIZES = 1 << 0, INFO_MAP = 1 << 6, INFO_NAME = 1 << 9, MULTIBOOT_MAGIC = 0x2BADB002 };

// Multiboot's boot information, the fields used here.
struct boot_information {
  uint32_t flags, memory_lower, memory_upper, unused[8], map_length, map_address, unused2[3], loader_name;
};

extern char kernel_text_start[], kernel_read_only_end[], kernel_end[];
extern char user_image[], user_start[], user_text_end[], user_end[];

struct memory_range memory_map[16];
unsigned memory_map_count;
const char *loader_name = "unknown";
static char loader_name_copy[32];

static uint32_t never_used, window_end;       // frames between these two have not been handed out yet
static uint32_t free_list;                    // physical address; the first word of a free frame is the next
static unsigned total, available;

// --- What there is -----------------------------------------------------------------------------------------

static void add_range(uint32_t base, uint32_t length, uint32_t type) {
  if (memory_map_count == sizeof memory_map / sizeof memory_map[0]) return;
  memory_map[memory_map_count++] = (struct memory_range){base, length, type};
}

// The loader's tables lie in memory that we are about to hand out, so they are copied first.
static void read_boot_information(uint32_t address) {
  const struct boot_information *information = physical(address);
  if (address >= FIRST_TABLE_COVERS - sizeof *information) return;
  if (information->flags & INFO_NAME && information->loader_name < FIRST_TABLE_COVERS - sizeof loader_name_copy) {
    memcpy(loader_name_copy, physical(information->loader_name), sizeof loader_name_copy - 1);
    loader_name = loader_name_copy;
  }
  if (information->flags & INFO_MAP && information->map_length < 4096 &&
      information->map_address < FIRST_TABLE_COVERS - 4096) {
    // An entry is its size without the size field itself, then 64-bit base and length, then the type.
    for (uint32_t at = 0; at + 24 <= information->map_length;) {
      const uint32_t *entry = physical(information->map_address + at);
      if (!entry[2]) add_range(entry[1], entry[4] ? 0u - entry[1] : entry[3], entry[5]);
      at += entry[0] + 4;
    }
  } else if (information->flags & INFO_SIZES) {
    add_range(0, information->memory_lower << 10, MEMORY_USABLE);
    add_range(1 << 20, information->memory_upper << 10, MEMORY_USABLE);
  }
}

// --- Frames ------------------------------------------------------------------------------------------------

uint32_t frame_allocate(void) {
  uint32_t frame = free_list;
  if (frame) {
    free_list = *(uint32_t *)physical(frame);
  } else if (never_used < window_end) {
    frame = never_used;
    never_used += PAGE_SIZE;
  } else {
    print("Out of memory.\n");
    for (;;) __asm__ volatile("cli; hlt");
  }
  available--;
  memset(physical(frame), 0, PAGE_SIZE);
  return frame;
}

void frame_free(uint32_t frame) {
  *(uint32_t *)physical(frame) = free_list;
  free_list = frame;
  available++;
}

unsigned frames_total(void) { return total; }
unsigned frames_free(void) { return available; }

// --- Page tables -------------------------------------------------------------------------------------------

// Where the page-table entry for a linear address lies; makes the table if asked to.
static uint32_t *entry_of(uint32_t directory, uint32_t linear, int make) {
  uint32_t *pde = (uint32_t *)physical(directory) + (linear >> 22);
  if (!(*pde & PAGE_PRESENT)) {
    if (!make) return NULL;
    *pde = frame_allocate() | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;   // the PTEs decide, the PDE allows
  }
  return (uint32_t *)physical(*pde & ~0xFFFu) + (linear >> 12 & 1023);
}

void map_page(uint32_t directory, uint32_t linear, uint32_t frame, uint32_t flags) {
  *entry_of(directory, linear, 1) = frame | flags | PAGE_PRESENT;
  invalidate_page(linear);
}

uint32_t page_entry(uint32_t directory, uint32_t linear) {
  uint32_t *entry = entry_of(directory, linear, 0);
  return entry && *entry & PAGE_PRESENT ? *entry : 0;
}

// A pointer from a process is a claim, not a fact: every page of the range must be one that ring 3 may read.
int user_can_read(uint32_t directory, uint32_t start, uint32_t length) {
  if (length > KERNEL_BASE || start >= KERNEL_BASE || start + length > KERNEL_BASE) return 0;
  for (uint32_t page = start & ~0xFFFu; page < start + length; page += PAGE_SIZE)
    if (!(page_entry(directory, page) & PAGE_USER)) return 0;
  return 1;
}

uint32_t directory_create(void) {
  uint32_t directory = frame_allocate();
  memcpy((uint32_t *)physical(directory) + (KERNEL_BASE >> 22), kernel_directory + (KERNEL_BASE >> 22),
         (1024 - (KERNEL_BASE >> 22)) * sizeof(uint32_t));
  for (uint32_t page = (uint32_t)user_start; page < (uint32_t)user_end; page += PAGE_SIZE) {
    uint32_t frame = frame_allocate();
    memcpy(physical(frame), user_image + (page - (uint32_t)user_start), PAGE_SIZE);
    map_page(directory, page, frame, PAGE_USER | (page < (uint32_t)user_text_end ? 0 : PAGE_WRITABLE));
  }
  map_page(directory, USER_STACK_TOP - PAGE_SIZE, frame_allocate(), PAGE_USER | PAGE_WRITABLE);
  return directory;
}

void directory_destroy(uint32_t directory) {
  uint32_t *pde = physical(directory);
  for (unsigned i = 0; i < KERNEL_BASE >> 22; i++) {
    if (!(pde[i] & PAGE_PRESENT)) continue;
    uint32_t *pte = physical(pde[i] & ~0xFFFu);
    for (unsigned j = 0; j < 1024; j++)
      if (pte[j] & PAGE_PRESENT) frame_free(pte[j] & ~0xFFFu);
    frame_free(pde[i] & ~0xFFFu);
  }
  frame_free(directory);
}

// --- Start -------------------------------------------------------------------------------------------------

void memory_init(uint32_t magic, uint32_t information) {
  if (magic == MULTIBOOT_MAGIC) read_boot_information(information);

  // The range that the kernel itself is in is the one that pages come from.
  window_end = FIRST_TABLE_COVERS;
  for (unsigned i = 0; i < memory_map_count; i++) {
    const struct memory_range *range = &memory_map[i];
    if (range->type == MEMORY_USABLE && range->base <= 1 << 20 && range->base + range->length > 1 << 20)
      window_end = range->base + range->length;
  }
  if (window_end > WINDOW_MAX) window_end = WINDOW_MAX;
  window_end &= ~0xFFFu;
  never_used = (PHYSICAL_OF(kernel_end) + 0xFFF) & ~0xFFFu;
  available = total = (window_end - never_used) / PAGE_SIZE;

  // start.asm mapped 4 MiB; the tables for the rest come out of those. They must all exist before the first
  // process does, because processes copy the directory's entries, not the tables.
  uint32_t kernel = PHYSICAL_OF(kernel_directory);
  for (uint32_t p = FIRST_TABLE_COVERS; p < window_end; p += PAGE_SIZE)
    *entry_of(kernel, p + KERNEL_BASE, 1) = p | PAGE_PRESENT | PAGE_WRITABLE;

  // The kernel's own code and constants become read-only, which CR0.WP makes binding in ring 0 as well.
  for (uint32_t page = (uint32_t)kernel_text_start; page < (uint32_t)kernel_read_only_end; page += PAGE_SIZE)
    *entry_of(kernel, page, 1) &= ~(uint32_t)PAGE_WRITABLE;

  kernel_directory[0] = 0;                    // the lower mapping has done its service
  write_cr3(kernel);                          // and no translation of it may survive in the TLB
}
