// Prints the line that each case must give. Arguments: `--features HEX` (CPUID leaf 1, EDX; the default is
// that of a Pentium Pro), `--notes` (the parameters of each case behind its line).
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/privileged/cases/groups.h"
#include "tests/privileged/model/cpu.h"

namespace privileged {
namespace {

model::Cpu cpu;
Outcome outcome;
std::string notes;
bool with_notes = false;

void take(unsigned vector, bool real) {
  outcome = Outcome{};
  State& at = outcome.at;
  outcome.vector = vector;
  outcome.cr2 = cpu.cr2;
  at.cr0 = cpu.cr0;
  at.cr3 = cpu.cr3;
  at.cr4 = cpu.cr4;
  at.dr[6] = cpu.dr[6];
  at.dr[7] = cpu.dr[7];
  outcome.tr = cpu.tr.selector;
  outcome.ldtr = cpu.ldtr.selector;
  outcome.main_tss_access = cpu.memory[kGdt + kMainTssSelector + 5];
  if (!real && cpu.by_task) {
    outcome.error = cpu.pop(4);
    take_interrupted_task(outcome);
    return;
  }
  for (unsigned i = 0; i < 8; ++i) at.gpr[i] = cpu.gpr[i];
  for (unsigned i = 0; i < 6; ++i) at.seg[i] = cpu.seg[i].selector;
  if (real) {
    outcome.handler_esp = cpu.gpr[kEsp];
    at.eip = cpu.pop(2);
    at.seg[kCs] = cpu.pop(2);
    at.eflags = cpu.pop(2);
    at.gpr[kEsp] = cpu.gpr[kEsp];
    return;
  }
  if (outcome.has_error()) outcome.error = cpu.pop(4);
  outcome.handler_ss = cpu.seg[kSs].selector;
  outcome.handler_esp = cpu.gpr[kEsp];
  at.eip = cpu.pop(4);
  at.seg[kCs] = cpu.pop(4) & 0xFFFF;
  at.eflags = cpu.pop(4);
  const bool v86 = (at.eflags & kVm) != 0;
  if (!v86 && (at.seg[kCs] & 3) == 0) {
    at.gpr[kEsp] = cpu.gpr[kEsp];
    return;
  }
  at.gpr[kEsp] = cpu.pop(4);
  at.seg[kSs] = cpu.pop(4) & 0xFFFF;
  if (!v86) return;
  for (const unsigned index : {kEs, kDs, kFs, kGs}) at.seg[index] = cpu.pop(4) & 0xFFFF;
}

const Outcome& start(const State& state, bool real) {
  try {
    cpu.load_start(state, real);
    const unsigned vector = cpu.run();
    take(vector, real);
  } catch (const model::Shutdown&) {
    std::printf(" SHUTDOWN");
    outcome = Outcome{};
  } catch (const model::Fault& fault) {
    std::printf(" CASE CANNOT START (%u:%x)", fault.vector, fault.error);
    outcome = Outcome{};
  }
  release_tasks();
  return outcome;
}

}  // namespace

uint8_t get8(uint32_t address) { return cpu.memory.at(address); }
uint16_t get16(uint32_t address) { return static_cast<uint16_t>(get8(address) | get8(address + 1) << 8); }
uint32_t get32(uint32_t address) { return get16(address) | static_cast<uint32_t>(get16(address + 2)) << 16; }
void put8(uint32_t address, uint32_t value) { cpu.memory.at(address) = static_cast<uint8_t>(value); }
void put16(uint32_t address, uint32_t value) { put8(address, value), put8(address + 1, value >> 8); }
void put32(uint32_t address, uint32_t value) { put16(address, value), put16(address + 2, value >> 16); }
void place(uint32_t address, const Op& op) { cpu.ops[address] = op; }
const Outcome& run(const State& state) { return start(state, false); }
const Outcome& run_real(const State& state) { return start(state, true); }
uint32_t features() { return cpu.features; }
void raise_interrupt() { cpu.interrupt_pending = true; }
void drop_interrupt() { cpu.interrupt_pending = false; }

void write_msr(uint32_t index, uint32_t low, uint32_t) {
  if (index == 0x174) cpu.sysenter_cs = low;
  if (index == 0x175) cpu.sysenter_esp = low;
  if (index == 0x176) cpu.sysenter_eip = low;
}

void note(const char* name, uint32_t value) {
  if (!with_notes) return;
  char words[64];
  std::snprintf(words, sizeof words, " %s=%x", name, value);
  notes += words;
}

void put_text(const char* words) {
  if (std::strcmp(words, "\n") == 0 && !notes.empty()) {
    std::printf(" #%s", notes.c_str());
    notes.clear();
  }
  std::fputs(words, stdout);
}

}  // namespace privileged

int main(int argc, char** argv) {
  using namespace privileged;
  cpu.features = 0x0000FBFF & ~(1u << 10);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--notes") {
      with_notes = true;
    } else if (argument == "--features" && i + 1 < argc) {
      cpu.features = static_cast<std::uint32_t>(std::strtoul(argv[++i], nullptr, 16));
    } else {
      std::fprintf(stderr, "usage: privileged_model [--features HEX] [--notes]\n");
      return 1;
    }
  }
  for (const Group* group = groups(); group->name != nullptr; ++group) {
    begin_group(group->name);
    group->run();
  }
  return 0;
}
