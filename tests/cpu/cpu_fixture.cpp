#include "tests/cpu/cpu_fixture.h"

#include <sstream>

namespace ringside::test {

std::uint32_t RecordingBus::read_port(std::uint16_t port, unsigned size) {
  const auto found = inputs.find(port);
  const std::uint32_t value = found != inputs.end() ? found->second : 0xFFFFFFFFu;
  const std::uint32_t kept = size == 4 ? value : value & ((1u << (8 * size)) - 1);
  accesses.push_back({false, port, size, kept});
  return kept;
}

void RecordingBus::write_port(std::uint16_t port, unsigned size, std::uint32_t value) {
  accesses.push_back({true, port, size, value});
}

std::uint8_t RecordingBus::acknowledge_interrupt() {
  ++acknowledged;
  cpu->set_intr(false);
  return vector;
}

void RecordingObserver::trap(const TrapEvent& event) {
  Seen entry{event, std::nullopt};
  if (event.fault != nullptr) entry.fault = *event.fault;
  entry.event.fault = nullptr;
  seen.push_back(entry);
}

Guest::Guest(const CpuModel& model, How how_to_run)
    : memory(4u << 20), cpu(memory, bus, model), how(how_to_run) {
  bus.cpu = &cpu;
  cpu.observer = &observer;
  cpu.reset();
  fill_tables();
}

void Guest::fill_tables() {
  gdt(kCode0, descriptor(0, 0xFFFFF, 0x9B, 0xC));
  gdt(kData0, descriptor(0, 0xFFFFF, 0x93, 0xC));
  gdt(kCode3, descriptor(0, 0xFFFFF, 0xFB, 0xC));
  gdt(kData3, descriptor(0, 0xFFFFF, 0xF3, 0xC));
  gdt(kCode16, descriptor(kCodeAt, 0xFFFF, 0x9B, 0));
  gdt(kData16, descriptor(kCodeAt, 0xFFFF, 0x93, 0));
  gdt(kTss, descriptor(kTssAt, 0x20FF, 0x8B, 0));
  gdt(kLdtSelector, descriptor(kLdtAt, 0xFF, 0x82, 0));
  gdt(kConforming0, descriptor(0, 0xFFFFF, 0x9F, 0xC));
  gdt(kCallGate, gate(kCode0, kHandlersAt + 0x1000, 0xEC));
  gdt(kTss16, descriptor(kTss16At, 0x2B, 0x81, 0));
  gdt(kOtherTss, descriptor(kOtherTssAt, 0x67, 0x89, 0));
  gdt(kTaskGateSelector, gate(kOtherTss, 0, 0xE5));
  gdt(kAbsentData, descriptor(0, 0xFFFFF, 0x73, 0xC));
  gdt(kExecuteOnly, descriptor(0, 0xFFFFF, 0x99, 0xC));
  gdt(kReadOnly, descriptor(0, 0xFFFFF, 0x91, 0xC));
  gdt(kExpandDownData, descriptor(0, 0x0FFFF, 0x97, 0x4));
  gdt(kAbsentCode, descriptor(0, 0xFFFFF, 0x1B, 0xC));
  gdt(kCode1, descriptor(0, 0xFFFFF, 0xBB, 0xC));
  gdt(kData1, descriptor(0, 0xFFFFF, 0xB3, 0xC));
  gdt(kAbsentStack3, descriptor(0, 0xFFFFF, 0x73, 0xC));
  gdt(kSmallData, descriptor(kDataAt, 0xFF, 0x93, 0x4));

  for (unsigned vector = 0; vector < 256; ++vector) {
    idt(vector, gate(kCode0, handler_of(vector), 0x8E));
    place(handler_of(vector), {0xF4});
    memory.write32(4 * vector, (handler_of(vector) >> 4) << 16);  // the real-mode table: segment:0
  }
  place(kHandlersAt + 0x1000, {0xF4});

  memory.write32(kTssAt + 4, kStack0At);
  memory.write16(kTssAt + 8, kData0);
  memory.write32(kTssAt + 12, kStack1At);
  memory.write16(kTssAt + 16, kData1);
  memory.write16(kTssAt + 0x66, kIoMapAt);
  for (std::uint32_t i = 0x2000; i < 0x2100; ++i) memory.write8(kTssAt + i, 0xFF);

  const struct {
    std::uint32_t offset, value;
  } other[] = {{0x1C, kPageDirectoryAt}, {0x20, kOtherTaskAt}, {0x24, 2},      {0x28, 0xAAAA0000},
               {0x38, kOtherStackAt},    {0x48, kData0},       {0x4C, kCode0}, {0x50, kData0},
               {0x54, kData0},           {0x58, kData0},       {0x5C, kData0}, {0x66, 0x68}};
  for (const auto& field : other) memory.write32(kOtherTssAt + field.offset, field.value);
  memory.write16(kOtherTssAt + 0x66, 0x68);
  memory.write16(kOtherTssAt + 0x64, 0);
  memory.write32(kOtherTssAt + 4, kOtherStackAt);
  memory.write16(kOtherTssAt + 8, kData0);
  place(kOtherTaskAt, {0xF4});

  const struct {
    std::uint32_t offset;
    std::uint16_t value;
  } small[] = {{0x0E, 0},       {0x10, 2},       {0x12, 0x1234},  {0x1A, 0x8000},
               {0x22, kData16}, {0x24, kCode16}, {0x26, kData16}, {0x28, kData16}};
  for (const auto& field : small) memory.write16(kTss16At + field.offset, field.value);
}

void Guest::fill_segment(unsigned index, std::uint16_t selector) {
  const std::uint64_t raw = gdt(selector);
  Segment& s = cpu.seg[index];
  s = Segment{};
  s.selector = selector;
  s.base = static_cast<std::uint32_t>((raw >> 16 & 0xFFFFFF) | (raw >> 56 << 24));
  s.limit = static_cast<std::uint32_t>((raw & 0xFFFF) | (raw >> 32 & 0xF0000));
  if ((raw >> 55 & 1) != 0) s.limit = s.limit << 12 | 0xFFF;
  s.access = static_cast<std::uint8_t>(raw >> 40);
  s.big = raw >> 54 & 1;
  s.derive();
}

void Guest::common(unsigned level) {
  cpu.cr0 |= kCr0PE;
  cpu.gdtr = {kGdtAt, kGdtLimit};
  cpu.idtr = {kIdtAt, 0x7FF};
  cpu.tr = Segment{};
  cpu.tr.selector = kTss;
  cpu.tr.base = kTssAt;
  cpu.tr.limit = 0x20FF;
  cpu.tr.access = 0x8B;
  cpu.ldtr = Segment{};
  cpu.ldtr.usable = 0;
  cpu.ldtr.derive();
  cpu.eip = kCodeAt;
  cpu.set_cpl(level);
}

void Guest::enter_real(std::uint16_t cs, std::uint16_t ip) {
  cpu.load_segment_real(kCS, cs);
  for (const SegReg s : {kDS, kES, kFS, kGS}) cpu.load_segment_real(s, kDataAt >> 4);
  cpu.load_segment_real(kSS, 0x2000);
  cpu.gpr[kESP] = 0xFFFE;
  cpu.eip = ip;
  cpu.idtr = {0, 0x3FF};
  cpu.gdtr = {kGdtAt, kGdtLimit};
  cpu.update_mode();
}

void Guest::enter_protected32() { enter_ring(0); }

void Guest::enter_protected16() {
  common(0);
  fill_segment(kCS, kCode16);
  for (const SegReg s : {kSS, kDS, kES, kFS, kGS}) fill_segment(s, kData16);
  cpu.gpr[kESP] = 0x8000;
  cpu.eip = 0;
  cpu.update_mode();
}

void Guest::enter_ring(unsigned level, unsigned iopl) {
  common(level);
  const std::uint16_t code = level == 0 ? kCode0 : level == 1 ? kCode1 : kCode3;
  const std::uint16_t data = level == 0 ? kData0 : level == 1 ? kData1 : kData3;
  fill_segment(kCS, code);
  for (const SegReg s : {kSS, kDS, kES, kFS, kGS}) fill_segment(s, data);
  cpu.gpr[kESP] = level == 0 ? kStack0At : level == 1 ? kStack1At : kStack3At;
  cpu.set_eflags(iopl << 12, kIOPL);
  cpu.update_mode();
}

void Guest::enter_v86(unsigned iopl, std::uint32_t cr4) {
  common(3);
  cpu.cr4 = cr4;
  cpu.set_eflags(kVM | iopl << 12, kVM | kIOPL);
  cpu.load_segment_real(kCS, kCodeAt >> 4);
  cpu.load_segment_real(kSS, 0x2000);
  for (const SegReg s : {kDS, kES, kFS, kGS}) cpu.load_segment_real(s, kDataAt >> 4);
  cpu.gpr[kESP] = 0xFFFE;
  cpu.eip = 0;
  cpu.set_cpl(3);
  cpu.update_mode();
}

void Guest::enable_paging(std::uint32_t cr4) {
  memory.write32(kPageDirectoryAt, kPageTableAt | 7);
  for (std::uint32_t page = 0; page < 1024; ++page) memory.write32(kPageTableAt + 4 * page, page << 12 | 7);
  cpu.cr3 = kPageDirectoryAt;
  cpu.cr4 |= cr4;
  cpu.cr0 |= kCr0PG;
  cpu.flush_tlb(false);
  cpu.update_mode();
}

void Guest::set_page(std::uint32_t linear, std::uint32_t entry, bool flush) {
  memory.write32(kPageTableAt + 4 * (linear >> 12), entry);
  if (flush) cpu.invalidate_page(linear);
}

void Guest::place(std::uint32_t address, const std::vector<int>& bytes) {
  for (const int byte : bytes) memory.write8(address++, static_cast<std::uint8_t>(byte));
}

void Guest::code(const std::vector<int>& bytes) {
  const std::uint32_t at = cpu.seg[kCS].base + cpu.eip;
  place(at, bytes);
  memory.write8(at + static_cast<std::uint32_t>(bytes.size()), 0xF4);
}

void Guest::gdt(std::uint16_t selector, std::uint64_t descriptor) {
  memory.write64(kGdtAt + (selector & ~7u), descriptor);
}
void Guest::ldt(std::uint16_t selector, std::uint64_t descriptor) {
  memory.write64(kLdtAt + (selector & ~7u), descriptor);
}
void Guest::idt(unsigned vector, std::uint64_t gate) { memory.write64(kIdtAt + 8 * vector, gate); }

void Guest::load_ldt() {
  cpu.ldtr = Segment{};
  cpu.ldtr.selector = kLdtSelector;
  cpu.ldtr.base = kLdtAt;
  cpu.ldtr.limit = 0xFF;
  cpu.ldtr.access = 0x82;
}

RunExit Guest::run(unsigned limit) {
  if (how == How::kRun) return exit = cpu.run(cpu.ticks() + limit);
  for (unsigned i = 0; i < limit; ++i) {
    exit = cpu.step();
    if (exit != RunExit::kLimit) break;
    if (cpu.halted || cpu.shutdown) break;
  }
  return exit;
}

RunExit Guest::step(unsigned count) {
  if (how == How::kRun) return exit = cpu.run(cpu.ticks() + count);
  for (unsigned i = 0; i < count; ++i) exit = cpu.step();
  return exit;
}

const Fault* Guest::last_fault() const {
  for (auto it = observer.seen.rbegin(); it != observer.seen.rend(); ++it)
    if (it->fault && it->event.kind == TrapKind::kException) return &*it->fault;
  return nullptr;
}

const TrapEvent* Guest::last_event(TrapKind kind) const {
  for (auto it = observer.seen.rbegin(); it != observer.seen.rend(); ++it)
    if (it->event.kind == kind) return &it->event;
  return nullptr;
}

bool Guest::saw(Cause cause) const {
  for (const auto& seen : observer.seen)
    if (seen.fault && seen.fault->cause == cause) return true;
  // A chain that ended in a shutdown has faults that were never delivered.
  for (unsigned i = 0; i < cpu.fault_chain.count; ++i)
    if (cpu.fault_chain.entries[i].fault.cause == cause) return true;
  return false;
}

std::string Guest::history() const {
  std::ostringstream out;
  out << std::hex << "at " << cpu.seg[kCS].selector << ":" << cpu.eip << " cpl " << int{cpu.cpl}
      << (cpu.halted ? " halted" : "") << (cpu.shutdown ? " shutdown" : "") << "\n";
  for (const auto& seen : observer.seen) {
    out << "  kind " << static_cast<int>(seen.event.kind) << " vector " << int{seen.event.vector} << " "
        << seen.event.from_cs << ":" << seen.event.from_eip << " -> " << seen.event.to_cs << ":"
        << seen.event.to_eip;
    if (seen.fault) out << " " << cause_name(seen.fault->cause) << " error " << seen.fault->error_code;
    out << "\n";
  }
  return out.str();
}

std::uint32_t Guest::stack32(unsigned n) {
  return memory.read32(cpu.seg[kSS].base + ((cpu.gpr[kESP] + 4 * n) & cpu.stack_mask()));
}

std::uint16_t Guest::stack16(unsigned n) {
  return memory.read16(cpu.seg[kSS].base + ((cpu.gpr[kESP] + 2 * n) & cpu.stack_mask()));
}

namespace {

std::vector<int> far_pointer(int opcode, std::uint16_t selector, std::uint32_t offset) {
  std::vector<int> bytes{opcode};
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<int>(offset >> (8 * i) & 0xFF));
  bytes.push_back(selector & 0xFF);
  bytes.push_back(selector >> 8);
  return bytes;
}

}  // namespace

std::vector<int> far_jump32(std::uint16_t selector, std::uint32_t offset) {
  return far_pointer(0xEA, selector, offset);
}
std::vector<int> far_call32(std::uint16_t selector, std::uint32_t offset) {
  return far_pointer(0x9A, selector, offset);
}

std::vector<int> bytes_of(std::initializer_list<std::vector<int>> parts) {
  std::vector<int> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<int> mov32(Gpr reg, std::uint32_t value) {
  std::vector<int> bytes{0xB8 + reg};
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<int>(value >> (8 * i) & 0xFF));
  return bytes;
}

std::vector<int> mov_sreg_ax(unsigned segment) { return {0x8E, 0xC0 | static_cast<int>(segment << 3)}; }

const CpuModel& everything_model() {
  static const CpuModel model{"test-all", "every feature, for tests", 0x6F2, "GenuineIntel",
                              kAllFeatures & ~kFeatureNetburst};
  return model;
}

::testing::AssertionResult last_fault_is(const Guest& g, Cause cause, std::uint32_t error_code) {
  const Fault* fault = g.last_fault();
  if (fault == nullptr)
    return ::testing::AssertionFailure() << "no fault was delivered, expected " << cause_name(cause) << "\n"
                                         << g.history();
  if (fault->cause != cause || fault->error_code != error_code)
    return ::testing::AssertionFailure()
           << "expected " << cause_name(cause) << " with error code " << error_code << ", got "
           << cause_name(fault->cause) << " with " << fault->error_code << "\n"
           << g.history();
  return ::testing::AssertionSuccess();
}

}  // namespace ringside::test
