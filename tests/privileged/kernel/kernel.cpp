// The hardware's side of the harness: cases run on the processor that this kernel runs on.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace {

struct Raw {
  uint32_t frame[24];  // gs fs es ds, pushad, vector, [error], eip cs eflags [esp ss [es ds fs gs]]
  uint32_t ss, esp, cr2, cr0, cr3, cr4, dr6, dr7, tr, ldtr, main_tss_access, task, error, vector;
};

}  // namespace

extern "C" {
void run_protected(const privileged::State* start);
void run_real_mode();
void leave_common();
void leave_task();
void kernel_main();
extern Raw raw;
extern uint32_t has_cr4;
extern char real_blob[], real_blob_end[];
void* memcpy(void* to, const void* from, unsigned count);
void* memset(void* to, int value, unsigned count);
}

extern "C" void* memcpy(void* to, const void* from, unsigned count) {
  for (unsigned i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}

extern "C" void* memset(void* to, int value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}

namespace privileged {
namespace {

uint8_t inb(unsigned port) {
  uint8_t value;
  asm volatile("inb %w1, %0" : "=a"(value) : "d"(port));
  return value;
}
void outb(unsigned port, unsigned value) { asm volatile("outb %b0, %w1" : : "a"(value), "d"(port)); }

constexpr unsigned kCom1 = 0x3F8;
bool has_debug_port = false, has_serial = false;
uint32_t cpu_features = 0;
Outcome outcome;

void init_output() {
  // Emulators answer E9h from port E9h; a bus without that port floats.
  has_debug_port = inb(0xE9) == 0xE9;
  outb(kCom1 + 3, 0x80);
  outb(kCom1, 1);
  outb(kCom1 + 1, 0);
  outb(kCom1 + 3, 3);
  outb(kCom1 + 2, 7);
  outb(kCom1 + 4, 3);
  has_serial = inb(kCom1 + 5) != 0xFF;
}

void put_char(char c) {
  if (has_debug_port) {
    outb(0xE9, static_cast<uint8_t>(c));
  } else if (has_serial) {
    while ((inb(kCom1 + 5) & 0x20) == 0) {
    }
    outb(kCom1, static_cast<uint8_t>(c));
  }
}

/// The name of the present group at the top of the screen, for a real PC.
void show(const char* words) {
  volatile uint16_t* cell = reinterpret_cast<uint16_t*>(0xB8000);
  for (unsigned i = 0; i < 20; ++i) cell[i] = static_cast<uint16_t>(0x1F00 | (*words != 0 ? *words++ : ' '));
}

void init_interrupt_controller() {
  outb(0x20, 0x11);
  outb(0x21, 0x20);
  outb(0x21, 4);
  outb(0x21, 1);
  outb(0xA0, 0x11);
  outb(0xA1, 0x28);
  outb(0xA1, 2);
  outb(0xA1, 1);
  outb(0x21, 0xFF);
  outb(0xA1, 0xFF);
}

void make_stubs() {
  for (uint32_t vector = 0; vector < 256; ++vector) {
    const uint32_t at = kStubs + vector * kStubSize;
    put8(at, 0x68);
    put32(at + 1, vector);
    put8(at + 5, 0xE9);
    put32(at + 6, reinterpret_cast<uint32_t>(&leave_common) - (at + 10));
    const uint32_t real = kRealStubs + vector * 8;
    put8(real, 0x68);
    put16(real + 1, vector);
    put8(real + 3, 0xE9);
    put16(real + 4, 0xA003 - (real + 6));
  }
  for (uint32_t vector = 0; vector < kFaultTaskVectors; ++vector) {
    const uint32_t at = fault_entry(vector);
    put8(at, 0x68);
    put32(at + 1, vector);
    put8(at + 5, 0xE9);
    put32(at + 6, reinterpret_cast<uint32_t>(&leave_task) - (at + 10));
  }
  memcpy(reinterpret_cast<void*>(0xA000), real_blob, static_cast<unsigned>(real_blob_end - real_blob));
}

void take_common() {
  outcome.cr2 = raw.cr2;
  outcome.tr = raw.tr;
  outcome.ldtr = raw.ldtr;
  outcome.main_tss_access = raw.main_tss_access & 0xFF;
  outcome.at.cr0 = raw.cr0;
  outcome.at.cr3 = raw.cr3;
  outcome.at.cr4 = raw.cr4;
  outcome.at.dr[6] = raw.dr6;
  outcome.at.dr[7] = raw.dr7;
}

void take_frame() {
  const uint32_t* frame = raw.frame;
  State& at = outcome.at;
  at.seg[kGs] = frame[0] & 0xFFFF;
  at.seg[kFs] = frame[1] & 0xFFFF;
  at.seg[kEs] = frame[2] & 0xFFFF;
  at.seg[kDs] = frame[3] & 0xFFFF;
  for (unsigned i = 0; i < 8; ++i) at.gpr[i] = frame[11 - i];
  outcome.vector = frame[12];
  outcome.error = 0;
  unsigned next = 13;
  if (outcome.has_error()) outcome.error = frame[next++];
  outcome.handler_ss = raw.ss & 0xFFFF;
  outcome.handler_esp = raw.esp + 4 * next;
  at.eip = frame[next];
  at.seg[kCs] = frame[next + 1] & 0xFFFF;
  at.eflags = frame[next + 2];
  if ((at.eflags & kVm) == 0 && (at.seg[kCs] & 3) == 0) {
    at.gpr[kEsp] = outcome.handler_esp + 12;
    at.seg[kSs] = outcome.handler_ss;
    return;
  }
  at.gpr[kEsp] = frame[next + 3];
  at.seg[kSs] = frame[next + 4] & 0xFFFF;
  if ((at.eflags & kVm) == 0) return;
  at.seg[kEs] = frame[next + 5] & 0xFFFF;
  at.seg[kDs] = frame[next + 6] & 0xFFFF;
  at.seg[kFs] = frame[next + 7] & 0xFFFF;
  at.seg[kGs] = frame[next + 8] & 0xFFFF;
}

}  // namespace

uint8_t get8(uint32_t address) { return *reinterpret_cast<volatile uint8_t*>(address); }
uint16_t get16(uint32_t address) { return *reinterpret_cast<volatile uint16_t*>(address); }
uint32_t get32(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }
void put8(uint32_t address, uint32_t value) {
  *reinterpret_cast<volatile uint8_t*>(address) = static_cast<uint8_t>(value);
}
void put16(uint32_t address, uint32_t value) {
  *reinterpret_cast<volatile uint16_t*>(address) = static_cast<uint16_t>(value);
}
void put32(uint32_t address, uint32_t value) { *reinterpret_cast<volatile uint32_t*>(address) = value; }
void place(uint32_t, const Op&) {}
void note(const char*, uint32_t) {}
uint32_t features() { return cpu_features; }

void put_text(const char* words) {
  for (; *words != 0; ++words) put_char(*words);
}

const Outcome& run(const State& start) {
  run_protected(&start);
  take_common();
  release_tasks();
  if (raw.task != 0) {
    outcome.vector = raw.vector;
    outcome.error = raw.error;
    take_interrupted_task(outcome);
  } else {
    take_frame();
  }
  return outcome;
}

const Outcome& run_real(const State& start) {
  constexpr uint32_t kState = 0xA800, kSavedSs = 0xA900, kSavedEsp = 0xA904;
  memcpy(reinterpret_cast<void*>(kState), &start, sizeof start);
  put16(0xA910, kGdtLimit);
  put32(0xA912, kGdt);
  put16(0xA918, start.idt_limit);
  put32(0xA91A, kVectors);
  run_real_mode();
  State& at = outcome.at;
  const uint32_t base = static_cast<uint32_t>(get16(kSavedSs)) << 4;
  uint32_t sp = get32(kSavedEsp);
  const auto pop16 = [&] {
    sp += 2;
    return get16(base + ((sp - 2) & 0xFFFF));
  };
  at.seg[kGs] = pop16();
  at.seg[kFs] = pop16();
  at.seg[kEs] = pop16();
  at.seg[kDs] = pop16();
  for (unsigned i = 8; i-- > 0;) {
    const uint32_t low = pop16();
    at.gpr[i] = low | static_cast<uint32_t>(pop16()) << 16;
  }
  outcome.vector = pop16();
  outcome.error = 0;
  outcome.handler_esp = sp;
  at.eip = pop16();
  at.seg[kCs] = pop16();
  at.eflags = pop16();
  at.gpr[kEsp] = sp;
  at.seg[kSs] = get16(kSavedSs);
  return outcome;
}

void raise_interrupt() {
  outb(0x43, 0x30);  // channel 0, mode 0: its output rises when the count has run down, and stays
  outb(0x40, 2);
  outb(0x40, 0);
  outb(0x21, 0xFE);
  do {
    outb(0x20, 0x0A);
  } while ((inb(0x20) & 1) == 0);
}

void drop_interrupt() {
  outb(0x21, 0xFF);
  outb(0x43, 0x30);
  outb(0x20, 0x20);
}

void write_msr(uint32_t index, uint32_t low, uint32_t high) {
  asm volatile("wrmsr" : : "c"(index), "a"(low), "d"(high));
}

}  // namespace privileged

extern "C" void kernel_main() {
  using namespace privileged;
  uint32_t a = 1, b = 0, c = 0, d = 0;
  asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
  cpu_features = d;
  has_cr4 = (d & (kFeatureVme | kFeatureDe | kFeaturePse | kFeaturePae)) != 0 ? 1 : 0;
  init_output();
  init_interrupt_controller();
  make_stubs();
  put_text("# privileged cases, CPUID 1: ");
  hex(a, 8);
  put_text(" ");
  hex(d, 8);
  put_text("\n");
  for (const Group* group = groups(); group->name != nullptr; ++group) {
    show(group->name);
    begin_group(group->name);
    group->run();
  }
  show("done");
  put_text("done\n");
  // Ways to switch off: the debug-exit port, and the port of another emulator's shutdown. A PC has neither.
  outb(0xF4, 0);
  for (const char* word = "Shutdown"; *word != 0; ++word) outb(0x8900, static_cast<uint8_t>(*word));
}
