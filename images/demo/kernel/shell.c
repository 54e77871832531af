// The shell: a line from the keyboard or COM1, a command, an answer.
#include "kernel.h"

static void read_line(char *line, size_t size) {
  size_t length = 0;
  for (;;) {
    int c = read_key();
    if (c < 0) { wait_for_input(); continue; }
    if (c == '\n') break;
    if (c == 3) { print("^C"); length = 0; break; }   // Ctrl-C: forget the line
    if (c == '\b') {
      if (length) length--, print("\b \b");
    } else if (c >= ' ' && c < 0x7F && length + 1 < size) {
      line[length++] = (char)c;
      print("%c", c);
    }
  }
  line[length] = '\0';
  print("\n");
}

static void show_help(void) {
  print("help      this list                    faults    the exception tour again\n"
        "ps        tasks                        mem       memory map, frames, page tables\n");
  print("ticks     the time since boot          clear     an empty screen\n"
        "echo ...  says it again                cpu       control registers\n");
  print("reboot    by the keyboard controller   poweroff  by ACPI\n"
        "exit N    through the debug-exit port  triple    a triple fault: resets a PC\n");
}

static void show_tasks(void) {
  static const char *const states[] = {"free", "ready", "sleeping", "waiting", "ended"};
  print("pid name     ring state     ticks preempted calls directory\n");
  for (unsigned i = 0; i < MAX_TASKS; i++) {
    const struct task *task = &tasks[i];
    if (task->state == TASK_FREE) continue;
    print("%3u %-8s %4u %-8s %6u %9u %5u  %08X", i, task->name, i > TASK_SHELL ? 3 : 0,
          task == current ? "running" : states[task->state], task->ticks, task->preemptions, task->system_calls,
          task->directory);
    if (task->faulted) print("  %s", vector_name(task->fault.vector));
    print("\n");
  }
}

// Stretches of pages that follow each other with the same rights, as a process sees them. The very last page
// is never mapped, so that every stretch has an end.
static void show_space(uint32_t directory) {
  const uint32_t *tables = physical(directory);
  uint32_t start = 0, rights = 0;
  for (uint32_t number = 0; number < 1024 * 1024; number++) {
    uint32_t page = number * PAGE_SIZE;
    uint32_t now = page_entry(directory, page) & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER);
    if (now != rights && rights)
      print("    %08X-%08X  %s %s\n", start, page - 1, rights & PAGE_USER ? "user  " : "kernel",
            rights & PAGE_WRITABLE ? "read-write" : "read-only");
    if (now != rights) start = page, rights = now;
    if (!tables[number / 1024]) number |= 1023;     // a whole table is missing
  }
}

void show_memory_map(void) {
  static const char *const types[] = {"?", "usable", "reserved", "ACPI tables", "ACPI NVS", "bad"};
  for (unsigned i = 0; i < memory_map_count; i++) {
    const struct memory_range *range = &memory_map[i];
    print("  %08X-%08X  %6u KiB  %s\n", range->base, range->base + range->length - 1, range->length >> 10,
          types[range->type < 6 ? range->type : 0]);
  }
}

static void show_memory(void) {
  show_memory_map();
  print("  frames: %u of %u free\n", frames_free(), frames_total());
  print("  address space of process %s:\n", tasks[2].name);
  show_space(tasks[2].directory);
}

static void show_processor(void) {
  struct table_register gdtr, idtr;
  __asm__ volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
  print("CR0 %08X  CR2 %08X  CR3 %08X\nGDT %08X limit %04X  IDT %08X limit %04X\n", read_cr0(), read_cr2(), read_cr3(),
        gdtr.base, gdtr.limit, idtr.base, idtr.limit);
}

static uint32_t number(const char *text) {
  uint32_t value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (uint32_t)(*text++ - '0');
  return value;
}

static void execute(char *line) {
  while (*line == ' ') line++;
  char *rest = line;
  while (*rest && *rest != ' ') rest++;
  if (*rest) *rest++ = '\0';
  while (*rest == ' ') rest++;

  if (!*line) return;
  if (text_equal(line, "help")) show_help();
  else if (text_equal(line, "ps")) show_tasks();
  else if (text_equal(line, "faults")) fault_tour();
  else if (text_equal(line, "ticks")) print("%u ticks of 10 ms\n", ticks);
  else if (text_equal(line, "mem")) show_memory();
  else if (text_equal(line, "cpu")) show_processor();
  else if (text_equal(line, "clear")) console_clear();
  else if (text_equal(line, "echo")) print("%s\n", rest);
  else if (text_equal(line, "reboot")) machine_reboot();
  else if (text_equal(line, "poweroff")) machine_power_off();
  else if (text_equal(line, "exit")) machine_exit((uint8_t)number(rest)), print("still here: no debug-exit port\n");
  else if (text_equal(line, "triple")) machine_triple_fault();
  else print("%s: no such command, try help\n", line);
}

void shell(void) {
  char line[80 - 8];
  serial_write("demo: ready\n", 12);            // for whoever drives this from outside
  for (;;) {
    console_colour(WHITE);
    print("demo> ");
    console_colour(GREY);
    read_line(line, sizeof line);
    execute(line);
  }
}
