// The bed of a 32-bit program: flat protected mode with paging, every vector handled, ring 3. It can be run
// in several ways, which must all end in the same state.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "cpu/access.h"
#include "cpu/block_cache.h"
#include "cpu/cpu.h"
#include "machine/state_io.h"
#include "tests/fuzz/program_layout.h"

namespace ringside::test {

/// Ports answer with a function of port and count, INTR never rises.
class FuzzBus final : public CpuBus {
 public:
  std::uint32_t read_port(std::uint16_t port, unsigned) override { return port * 0x9E3779B9u + ++reads_; }
  void write_port(std::uint16_t, unsigned, std::uint32_t) override {}
  std::uint8_t acknowledge_interrupt() override { return 0x40; }
  void set_ferr(bool) override {}

 private:
  std::uint32_t reads_ = 0;
};

enum class Way {
  kFast,  ///< with copies of all blocks' handlers, where the host allows them
  kFastNoCopies,
  kFastDropped,  ///< the caches dropped every few instructions
  kReference,    ///< the reference executor only
};

/// A processor with the program loaded, in ring 0, paging on, every vector handled.
class Runner {
 public:
  /// `starts`: where to go on, in ring 3, at first and after every fault.
  Runner(const std::vector<std::uint8_t>& code, const std::vector<std::uint32_t>& starts)
      : memory_(L::kMemory), cpu_(memory_, bus_, default_cpu_model()) {
    memory_.write(L::kCode, code.data(), code.size());
    for (unsigned i = 0; i < 256; ++i)
      memory_.write32(L::kResumeTable + 4 * i, starts[i * 7 % starts.size()]);
    // Handler, in ring 0: fresh data segments, count, IRET to ring 3 at the next starting point of the table.
    const std::uint8_t handler[] = {
        0xB8, 0x23, 0,    0, 0,    0x8E, 0xD8, 0x8E, 0xC0,  // mov eax, 23h; mov ds, ax; mov es, ax
        0x66, 0xFF, 0x05, 0, 0x58, 0,    0,                 // inc word [kResumeCounter]
        0x0F, 0xB6, 0x05, 0, 0x58, 0,    0,                 // movzx eax, byte [kResumeCounter]
        0x6A, 0x23, 0x68, 0, 0x30, 1,    0,                 // push 23h; push kStackTop
        0x68, 0x02, 0x32, 0, 0,    0x6A, 0x1B,              // push IF and IOPL 3; push 1Bh
        0xFF, 0x34, 0x85, 0, 0x50, 0,    0,                 // push [kResumeTable + eax * 4]
        0xCF,                                               // iretd
    };
    memory_.write(L::kHandler, handler, sizeof(handler));
    for (unsigned v = 0; v < 256; ++v) {
      memory_.write32(L::kIdt + 8 * v, 0x00080000 | L::kHandler);
      memory_.write32(L::kIdt + 8 * v + 4, 0x8E00);
    }
    memory_.write64(L::kGdt + 8, 0x00CF9B000000FFFF);
    memory_.write64(L::kGdt + 16, 0x00CF93000000FFFF);
    memory_.write64(L::kGdt + 24, 0x00CFFB000000FFFF);
    memory_.write64(L::kGdt + 32, 0x00CFF3000000FFFF);
    memory_.write32(L::kTss + 4, L::kKernelStackTop);
    memory_.write32(L::kTss + 8, 16);
    memory_.write32(L::kPageDirectory, L::kPageTable | 7);
    for (std::uint32_t page = 0; page < L::kMemory >> 12; ++page) {
      const std::uint32_t at = page << 12;
      const bool present = at != L::kData + 0x7000;
      const bool writable = at >= L::kResumeTable && at != L::kData + 0x5000;
      const bool user = at >= L::kData && at != L::kData + 0x6000;
      memory_.write32(L::kPageTable + 4 * page,
                      at | (writable ? 2u : 0) | (user ? 4u : 0) | (present ? 1u : 0));
    }
    enter();
  }

  void run(std::uint64_t ticks, Way way) {
    cpu_.blocks->set_copying(way != Way::kFastNoCopies, way == Way::kFast ? 1 : fast::kWarmAfter);
    while (cpu_.ticks() < ticks && !cpu_.shutdown) {
      RunExit exit;
      if (way == Way::kReference) {
        exit = cpu_.step();
      } else {
        if (way == Way::kFastDropped) cpu_.drop_caches();
        exit =
            cpu_.run(way == Way::kFastDropped ? std::min(ticks, cpu_.ticks() + 1 + cpu_.ticks() % 7) : ticks);
      }
      if (exit == RunExit::kHalted) cpu_.halted = false;
      if (exit == RunExit::kUnimplemented) break;
    }
  }
  /// Whether the host allows copies, and bytes of them.
  bool can_copy() const { return cpu_.blocks->copies().available(); }
  std::size_t bytes_copied() const { return cpu_.blocks->copies().bytes_used(); }
  std::vector<std::uint8_t> state() {
    StateWriter writer;
    cpu_.visit(writer);
    memory_.visit(writer);
    return writer.take();
  }
  std::string where() {
    std::string text = "tick " + std::to_string(cpu_.ticks()) + " eip " + std::to_string(cpu_.eip) +
                       " eflags " + std::to_string(cpu_.eflags());
    for (const std::uint32_t r : cpu_.gpr) text += " " + std::to_string(r);
    return text;
  }

 private:
  using L = ProgramLayout;

  void enter() {
    cpu_.cr0 = kCr0PE | kCr0PG | kCr0WP | kCr0ET | kCr0NE;
    cpu_.cr3 = L::kPageDirectory;
    cpu_.gdtr = {L::kGdt, 39};
    cpu_.tr.base = L::kTss;
    cpu_.tr.limit = 0x67;
    cpu_.tr.access = 0x8B;
    cpu_.idtr = {L::kIdt, 0x7FF};
    for (unsigned s = 0; s < 6; ++s) {
      Segment& seg = cpu_.seg[s];
      seg = Segment{};
      seg.limit = 0xFFFFFFFF;
      seg.big = 1;
      seg.selector = s == kCS ? 8 : 16;
      seg.access = s == kCS ? 0x9B : 0x93;
      seg.derive();
    }
    cpu_.gpr[kESP] = L::kKernelStackTop;
    cpu_.eip = L::kHandler;
    cpu_.update_mode();
  }

  PhysicalMemory memory_;
  FuzzBus bus_;
  Cpu cpu_;
};

}  // namespace ringside::test
