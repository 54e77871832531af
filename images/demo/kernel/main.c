// The kernel's course of life: set up, show off, serve.
#include "kernel.h"

void kernel_main(uint32_t magic, uint32_t information);
void show_memory_map(void);

static void banner(uint32_t magic) {
  console_colour(CYAN);
  print("\n   ____  _                 _     _\n"
        "  |  _ \\(_)_ __   __ _ ___(_) __| | ___\n"
        "  | |_) | | '_ \\ / _` / __| |/ _` |/ _ \\\n"
        "  |  _ <| | | | | (_| \\__ \\ | (_| |  __/\n"
        "  |_| \\_\\_|_| |_|\\__, |___/_|\\__,_|\\___|\n"
        "                 |___/      a small kernel to look into\n\n");
  console_colour(GREY);
  print("Loaded by %s%s.\n", loader_name, magic == 0x2BADB002 ? "" : ", which does not speak Multiboot");
}

void kernel_main(uint32_t magic, uint32_t information) {
  gdt_init();
  traps_init();
  memory_init(magic, information);
  console_init();
  banner(magic);
  print("Memory as the BIOS lists it:\n");
  show_memory_map();
  print("Paging on: kernel at %08X, %u frames for processes.\n", KERNEL_BASE, frames_total());
  tasks_init();
  devices_init();
  print("Timer at %u Hz. Two processes in ring 3 share the processor:\n", TIMER_HZ);
  struct task *primes = task_spawn("primes", program_primes);
  struct task *collatz = task_spawn("collatz", program_collatz);
  __asm__ volatile("sti");
  while (!primes->sleeps || !collatz->sleeps) task_sleep(5);    // until both have done their first piece of work
  fault_tour();
  shell();
}
