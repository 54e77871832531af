// The same programs on our processor: a handler of two instructions, HLT and IRET, gives every exception to this code,
// which writes the frame that IRET takes. User instructions are ticks less those two for each exception.
#include <algorithm>
#include <cstdio>

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "tests/fuzz/user_program.h"

namespace ringside::test {
namespace {

using L = ProgramLayout;

// The handler's side lies in the last 4 MiB, where no program of a host has anything.
constexpr std::uint32_t kKernel = 0xFFC00000, kMemory = 0x100000;
constexpr std::uint32_t kIdt = 0x1000, kGdt = 0x1800, kLdt = 0x1900, kTss = 0x1A00, kDirectory = 0x2000, kUserTable = 0x3000,
                        kKernelTable = 0x4000, kHandlers = 0x5000, kStackTop = 0x6F00;
constexpr std::uint32_t kHandlerStride = 4;

class NoBus final : public CpuBus {
 public:
  std::uint32_t read_port(std::uint16_t, unsigned) override { return 0; }
  void write_port(std::uint16_t, unsigned, std::uint32_t) override {}
  std::uint8_t acknowledge_interrupt() override { return 0; }
  void set_ferr(bool) override {}
};

/// Sees all and does nothing: an observed run.
class Watcher final : public CpuObserver {
 public:
  void trap(const TrapEvent&) override {}
};

std::uint64_t segment(std::uint32_t base, std::uint32_t limit, unsigned access, unsigned flags) {
  return (limit & 0xFFFFull) | (base & 0xFFFFFFull) << 16 | std::uint64_t{access} << 40 | (limit >> 16 & 0xFull) << 48 |
         std::uint64_t{flags} << 52 | static_cast<std::uint64_t>(base >> 24) << 56;
}

class Runner {
 public:
  Runner(const UserProgram& program, UserEnd& end)
      : program_(program), end_(end), memory_(kMemory), cpu_(memory_, bus_, default_cpu_model()) {
    memory_.write(L::kCode, program.program.code().data(), program.program.code().size());
    make_tables();
    make_pages();
    enter();
  }

  void run(const UserEnd& native, How how) {
    if (how == How::kObserved) cpu_.observer = &watcher_;
    for (std::size_t i = 0; i < native.events.size(); ++i) {
      if (native.events[i].vector != UserEvent::kEscape) continue;
      run_to(native.events[i].count, i, how);
      escape();
    }
    run_to(native.count, native.events.size(), how);
    note_end();
  }

 private:
  /// Instructions of the program; -1 before the first IRET.
  std::int64_t retired() const { return static_cast<std::int64_t>(cpu_.ticks() - handled_); }

  /// An exception may come after the last of the instructions, without another one.
  void run_to(std::uint64_t goal, std::size_t events, How how) {
    const auto count = static_cast<std::int64_t>(goal);
    while (retired() < count || (retired() == count && end_.events.size() < events)) {
      RunExit exit;
      if (how == How::kStepped || how == How::kObserved) {
        exit = cpu_.step();
      } else {
        const std::uint64_t limit = cpu_.ticks() + static_cast<std::uint64_t>(std::max<std::int64_t>(1, count - retired()));
        if (how == How::kCachesDropped) cpu_.drop_caches();
        exit = cpu_.run(how == How::kCachesDropped ? cpu_.ticks() + 1 : limit);
      }
      if (exit == RunExit::kUnimplemented || cpu_.shutdown) return;
      if (cpu_.halted) take_exception();
    }
  }

  void note_end() {
    end_.count = static_cast<std::uint64_t>(retired());
    note_registers();
    end_.memory.clear();
    for (const UserPage& page : kUserPages)
      for (std::uint32_t i = 0; i < 0x1000; ++i) end_.memory.push_back(memory_.read8(page.offset + i));
  }

  void make_tables() {
    memory_.write64(kGdt + 0x08, segment(0, 0xFFFFF, 0x9B, 0xC));
    memory_.write64(kGdt + 0x10, segment(0, 0xFFFFF, 0x93, 0xC));
    memory_.write64(kGdt + 0x20, segment(0, 0xFFFFF, 0xFB, 0xC));
    memory_.write64(kGdt + 0x28, segment(0, 0xFFFFF, 0xF3, 0xC));
    memory_.write64(kLdt, segment(UserProgram::kOrigin, UserProgram::kSegmentLimit, 0xFB, 4));
    memory_.write64(kLdt + 8, segment(UserProgram::kOrigin, UserProgram::kSegmentLimit, 0xF3, 4));
    for (unsigned v = 0; v < 256; ++v) {
      const std::uint32_t handler = kKernel + kHandlers + kHandlerStride * v;
      memory_.write32(kIdt + 8 * v, 0x00080000 | (handler & 0xFFFF));
      // Linux lets programs reach INT3 and INTO.
      memory_.write32(kIdt + 8 * v + 4, (handler & 0xFFFF0000) | (v == 3 || v == 4 ? 0xEE00u : 0x8E00u));
      memory_.write32(kHandlers + kHandlerStride * v, 0x9090CFF4);  // HLT, IRET
    }
    memory_.write32(kTss + 4, kKernel + kStackTop);
    memory_.write32(kTss + 8, 0x10);
    memory_.write16(kTss + 0x66, 0xFFFF);
  }

  void make_pages() {
    memory_.write32(kDirectory + 4 * (UserProgram::kOrigin >> 22), kUserTable | 7);
    memory_.write32(kDirectory + 4 * (kKernel >> 22), kKernelTable | 3);
    for (const UserPage& page : kUserPages)
      memory_.write32(kUserTable + 4 * (page.offset >> 12), page.offset | (page.writable ? 7u : 5u));
    for (std::uint32_t at = 0; at < 0x8000; at += 0x1000) memory_.write32(kKernelTable + 4 * (at >> 12), at | 3);
  }

  void enter() {
    cpu_.cr0 = kCr0PE | kCr0PG | kCr0WP | kCr0ET | kCr0NE | kCr0AM;
    cpu_.cr3 = kDirectory;
    cpu_.gdtr = {kKernel + kGdt, 0x2F};
    cpu_.idtr = {kKernel + kIdt, 0x7FF};
    cpu_.tr.base = kKernel + kTss;
    cpu_.tr.limit = 0x67;
    cpu_.tr.access = 0x8B;
    cpu_.ldtr.base = kKernel + kLdt;
    cpu_.ldtr.limit = 15;
    cpu_.ldtr.usable = 1;
    for (unsigned s = 0; s < 6; ++s) {
      Segment& seg = cpu_.seg[s];
      seg = Segment{};
      seg.limit = 0xFFFFFFFF;
      seg.big = 1;
      seg.selector = s == kCS ? 8 : 0x10;
      seg.access = s == kCS ? 0x9B : 0x93;
      seg.derive();
    }
    // What a program finds in its data segment registers: its data, and null selectors.
    const std::uint32_t base = program_.segment_base();
    for (const unsigned s : {kDS, kES}) {
      Segment& seg = cpu_.seg[s];
      seg.selector = program_.data_selector();
      seg.base = base;
      seg.limit = program_.flat ? 0xFFFFFFFF : UserProgram::kSegmentLimit;
      seg.access = 0xF3;
      seg.derive();
    }
    for (const unsigned s : {kFS, kGS}) {
      cpu_.seg[s].selector = 0;
      cpu_.seg[s].usable = 0;
      cpu_.seg[s].derive();
    }
    for (std::uint32_t& r : cpu_.gpr) r = 0;
    cpu_.eip = kKernel + kHandlers + 1;
    write_frame();
    cpu_.update_mode();
    handled_ = 1;  // the IRET
  }

  void write_frame() {
    const std::uint32_t frame[] = {program_.start(end_.events.size()), program_.code_selector(), UserProgram::kFirstFlags,
                                   program_.stack_top(), program_.data_selector()};
    for (unsigned i = 0; i < 5; ++i) memory_.write32(kStackTop - 20 + 4 * i, frame[i]);
    cpu_.gpr[kESP] = kKernel + kStackTop - 20;
  }

  /// At CPL 3 already: the registers that IRET would load.
  void escape() {
    UserEvent event;
    event.vector = UserEvent::kEscape;
    event.count = static_cast<std::uint64_t>(retired());
    event.eip = cpu_.eip;
    end_.events.push_back(event);
    cpu_.eip = program_.start(end_.events.size());
    cpu_.gpr[kESP] = program_.stack_top();
    cpu_.set_eflags(UserProgram::kFirstFlags, 0xCD5);
  }

  void take_exception() {
    UserEvent event;
    event.vector = static_cast<std::uint8_t>((cpu_.eip - 1 - (kKernel + kHandlers)) / kHandlerStride);
    handled_ += 1;
    event.count = static_cast<std::uint64_t>(retired());
    std::uint32_t at = cpu_.gpr[kESP] - kKernel;
    if (has_error_code(static_cast<Vector>(event.vector))) {
      event.error = memory_.read32(at);
      at += 4;
    }
    event.eip = memory_.read32(at);
    if (event.vector == 14) {
      event.error &= ~0x11u;
      event.cr2 = cpu_.cr2;
    }
    end_.events.push_back(event);
    write_frame();
    handled_ += 1;
    cpu_.halted = false;
  }

  void note_registers() {
    for (unsigned i = 0; i < 8; ++i) end_.registers.gpr[i] = cpu_.gpr[i];
    end_.registers.eip = cpu_.eip;
    end_.registers.eflags = cpu_.eflags() & ~0x10100u;
  }

  const UserProgram& program_;
  UserEnd& end_;
  PhysicalMemory memory_;
  NoBus bus_;
  Watcher watcher_;
  Cpu cpu_;
  std::uint64_t handled_ = 0;  ///< ticks that are the handler's
};

}  // namespace

void run_simulated(const UserProgram& program, const UserEnd& native, How how, UserEnd& end) {
  end = {};
  Runner(program, end).run(native, how);
}

std::string difference(const UserEnd& expected, const UserEnd& got) {
  char line[200];
  for (std::size_t i = 0; i < expected.events.size() || i < got.events.size(); ++i) {
    const UserEvent none{}, &a = i < expected.events.size() ? expected.events[i] : none,
                            &b = i < got.events.size() ? got.events[i] : none;
    if (a == b) continue;
    std::snprintf(line, sizeof line, "exception %zu: expected #%u (%x) cr2 %x at %x after %llu, got #%u (%x) cr2 %x at %x after %llu",
                  i, a.vector, a.error, a.cr2, a.eip, static_cast<unsigned long long>(a.count), b.vector, b.error, b.cr2, b.eip,
                  static_cast<unsigned long long>(b.count));
    return line;
  }
  static constexpr const char* kNames[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
  std::string text;
  const auto differ = [&](const char* name, std::uint64_t a, std::uint64_t b) {
    if (a == b) return;
    std::snprintf(line, sizeof line, "%s expected %llx, got %llx; ", name, static_cast<unsigned long long>(a),
                  static_cast<unsigned long long>(b));
    text += line;
  };
  differ("count", expected.count, got.count);
  for (unsigned i = 0; i < 8; ++i) differ(kNames[i], expected.registers.gpr[i], got.registers.gpr[i]);
  differ("eip", expected.registers.eip, got.registers.eip);
  differ("eflags", expected.registers.eflags, got.registers.eflags);
  if (expected.memory.size() != got.memory.size()) return text + "memory's size";
  for (std::size_t i = 0; i < expected.memory.size(); ++i) {
    if (expected.memory[i] == got.memory[i]) continue;
    std::snprintf(line, sizeof line, "memory at offset %x: ", kUserPages[i >> 12].offset + static_cast<unsigned>(i & 0xFFF));
    text += line;
    differ("byte", expected.memory[i], got.memory[i]);
    break;
  }
  return text;
}

}  // namespace ringside::test
