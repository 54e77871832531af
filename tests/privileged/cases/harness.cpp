#include "tests/privileged/cases/harness.h"

#include "tests/privileged/cases/assembler.h"

namespace privileged {

namespace {

const char* group_name = "";
uint32_t case_number = 0;

void decimal(uint32_t value) {
  char digits[12];
  unsigned n = sizeof digits;
  digits[--n] = 0;
  do {
    digits[--n] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  put_text(digits + n);
}

void put_task32(uint32_t address) {
  for (uint32_t i = 0; i < 0x68; i += 4) put32(address + i, 0);
  for (unsigned ring = 0; ring < 3; ++ring) {
    put32(address + 4 + 8 * ring, stack_top(ring));
    put32(address + 8 + 8 * ring, data32(ring));
  }
}

}  // namespace

void put_segment(uint32_t address, uint32_t base, uint32_t limit, unsigned access, unsigned flags) {
  put32(address, (limit & 0xFFFF) | base << 16);
  put32(address + 4,
        (base >> 16 & 0xFF) | access << 8 | (limit & 0xF0000) | flags << 20 | (base & 0xFF000000));
}

void put_gate(uint32_t address, unsigned access, uint32_t selector, uint32_t offset, unsigned count) {
  put32(address, (offset & 0xFFFF) | selector << 16);
  put32(address + 4, count | access << 8 | (offset & 0xFFFF0000));
}

uint32_t descriptor_at(uint32_t selector) {
  return ((selector & 4) != 0 ? kLdt : kGdt) + (selector & 0xFFF8);
}

void gate_to_stub(unsigned vector) {
  put_gate(kIdt + 8 * vector, 0x8E, kKernelCode, kStubs + vector * kStubSize, 0);
}

void gate_to_fault_task(unsigned vector) { put_gate(kIdt + 8 * vector, 0x85, fault_task(vector), 0, 0); }

void release_tasks() {
  put8(descriptor_at(kMainTssSelector) + 5, 0x89);
  for (unsigned vector = 0; vector < kFaultTaskVectors; ++vector)
    put8(descriptor_at(fault_task(vector)) + 5, 0x89);
}

void reset_tables() {
  for (uint32_t i = 0; i <= kGdtLimit; i += 4) put32(kGdt + i, 0);
  for (uint32_t i = 0; i < 0x400; i += 4) put32(kLdt + i, 0);
  const auto flat = [](uint32_t selector, unsigned access, unsigned flags) {
    put_segment(descriptor_at(selector), 0, 0xFFFFF, access, flags);
  };
  flat(kKernelCode, 0x9B, kGranular | kBig);
  flat(kKernelData, 0x93, kGranular | kBig);
  put_segment(kGdt + kMainTssSelector, kMainTss, kMainTssLimit, 0x89, 0);
  for (unsigned vector = 0; vector < kFaultTaskVectors; ++vector)
    put_segment(kGdt + fault_task(vector), fault_tss(vector), 0x67, 0x89, 0);
  put_segment(kGdt + kRealCodeSelector, 0, 0xFFFF, 0x9B, 0);
  put_segment(kGdt + kRealDataSelector, 0, 0xFFFF, 0x93, 0);
  put_segment(kGdt + kLdtSelector, kLdt, kLdtLimit, 0x82, 0);
  put_segment(kGdt + kTaskASelector, kTaskA, 0x67, 0x89, 0);
  put_segment(kGdt + kTaskBSelector, kTaskB, 0x67, 0x89, 0);
  for (unsigned ring = 0; ring < 4; ++ring) {
    flat(code32(ring), 0x9B | dpl_bits(ring), kGranular | kBig);
    flat(data32(ring), 0x93 | dpl_bits(ring), kGranular | kBig);
    flat(conforming32(ring), 0x9F | dpl_bits(ring), kGranular | kBig);
    put_segment(descriptor_at(code16(ring)), kCode, 0xFFFF, 0x9B | dpl_bits(ring), 0);
    put_segment(descriptor_at(data16(ring)), kStacks, 0xFFFF, 0x93 | dpl_bits(ring), 0);
  }
  for (unsigned vector = 0; vector < 256; ++vector) gate_to_stub(vector);
  gate_to_fault_task(8);

  put_task32(kMainTss);
  for (uint32_t i = 0x68; i <= kMainTssLimit; i += 4) put32(kMainTss + i, ~0u);
  put32(kMainTss + 0x64, 0xFFFF0000);  // no I/O map
  for (unsigned vector = 0; vector < kFaultTaskVectors; ++vector) {
    const uint32_t tss = fault_tss(vector);
    put_task32(tss);
    put32(tss + 0x20, fault_entry(vector));
    put32(tss + 0x24, 2);
    put32(tss + 0x38, kFaultTaskStack);
    for (unsigned segment = 0; segment < 6; ++segment)
      put32(tss + 0x48 + 4 * segment, segment == kCs ? kKernelCode : kKernelData);
  }
  put_task32(kTaskA);
  put_task32(kTaskB);

  Assembler landing(kLanding);
  landing.ud2();
  Assembler task(kTaskCode);
  task.ud2();
}

State start_state(unsigned cpl) {
  State s{};
  for (unsigned i = 0; i < 8; ++i) s.gpr[i] = 0x11111111 * i;
  s.gpr[kEsp] = stack_top(cpl);
  s.eip = kCode;
  s.eflags = 2;
  for (uint32_t& selector : s.seg) selector = data32(3);
  s.seg[kCs] = code32(cpl);
  s.seg[kSs] = data32(cpl);
  s.cr0 = kPe | kEt;
  s.dr[6] = 0xFFFF0FF0;
  s.dr[7] = 0x400;
  s.gdt_limit = kGdtLimit;
  s.idt_limit = 0x7FF;
  return s;
}

State v86_state(unsigned io_level) {
  State s = start_state(3);
  s.eflags = 2 | kVm | iopl(io_level);
  s.eip = 0;
  s.gpr[kEsp] = 0xF00;
  for (uint32_t& selector : s.seg) selector = kRealData >> 4;
  s.seg[kCs] = kRealCode >> 4;
  s.seg[kSs] = kRealStack >> 4;
  return s;
}

void take_interrupted_task(Outcome& out) {
  const uint32_t link = get16(fault_tss(out.vector));
  out.tr = link;
  const uint32_t d = descriptor_at(link);
  const uint32_t tss = (get32(d) >> 16) | (get32(d + 4) & 0xFF) << 16 | (get32(d + 4) & 0xFF000000);
  State& at = out.at;
  if ((access_of(link) & 8) == 0) {
    at.eip = get16(tss + 0x0E);
    at.eflags = get16(tss + 0x10);
    for (unsigned i = 0; i < 8; ++i) at.gpr[i] = get16(tss + 0x12 + 2 * i);
    for (unsigned i = 0; i < 4; ++i) at.seg[i] = get16(tss + 0x22 + 2 * i);
    return;
  }
  at.eip = get32(tss + 0x20);
  at.eflags = get32(tss + 0x24);
  for (unsigned i = 0; i < 8; ++i) at.gpr[i] = get32(tss + 0x28 + 4 * i);
  for (unsigned i = 0; i < 6; ++i) at.seg[i] = get16(tss + 0x48 + 4 * i);
}

void begin_group(const char* name) {
  group_name = name;
  case_number = 0;
  reset_tables();
}

void begin_case() {
  ++case_number;
  put_text(group_name);
  put_text(".");
  decimal(case_number);
}

void end_case() { put_text("\n"); }

void hex(uint32_t value, unsigned digits) {
  char line[9];
  line[digits] = 0;
  for (unsigned i = digits; i-- > 0; value >>= 4) line[i] = "0123456789abcdef"[value & 15];
  put_text(line);
}

void field(const char* name, uint32_t value, unsigned digits) {
  put_text(" ");
  put_text(name);
  put_text("=");
  hex(value, digits);
}

void report(const Outcome& out) {
  put_text(" ");
  hex(out.vector, 2);
  if (out.has_error()) {
    put_text(":");
    hex(out.error & 0xFFFF, 4);
  }
  put_text("@");
  hex(out.at.seg[kCs] & 0xFFFF, 4);
  put_text(":");
  hex(out.at.eip & 0xFFFF, 4);
}

void report_stack(const Outcome& out) {
  put_text(" ");
  hex(out.at.seg[kSs] & 0xFFFF, 4);
  put_text(":");
  hex(out.at.gpr[kEsp] & 0xFFFF, 4);
}

void report_flags(const Outcome& out) {
  field("f", out.at.eflags & (kTf | kIf | kNt | kVm | kAc | kVif | kVip | kId | iopl(3)), 6);
}

}  // namespace privileged
