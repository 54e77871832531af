// The fast path against the reference executor: the same random program must leave the same state after the
// same number of instructions, however it is run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "machine/state_io.h"
#include "tests/fuzz/random_program.h"

namespace ringside::test {
namespace {

using L = ProgramLayout;

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

/// A processor with the program loaded, in ring 0, paging on, every vector handled.
class Runner {
 public:
  explicit Runner(const RandomProgram& program) : memory_(L::kMemory), cpu_(memory_, bus_, default_cpu_model()) {
    memory_.write(L::kCode, program.code().data(), program.code().size());
    for (unsigned i = 0; i < 256; ++i)
      memory_.write32(L::kResumeTable + 4 * i, program.starts()[i * 7 % program.starts().size()]);
    // Handler, in ring 0: fresh data segments, count, IRET to ring 3 at the next starting point of the table.
    const std::uint8_t handler[] = {
        0xB8, 0x23, 0, 0, 0, 0x8E, 0xD8, 0x8E, 0xC0,  // mov eax, 23h; mov ds, ax; mov es, ax
        0x66, 0xFF, 0x05, 0, 0x58, 0, 0,              // inc word [kResumeCounter]
        0x0F, 0xB6, 0x05, 0, 0x58, 0, 0,              // movzx eax, byte [kResumeCounter]
        0x6A, 0x23, 0x68, 0, 0x30, 1, 0,              // push 23h; push kStackTop
        0x68, 0x02, 0x32, 0, 0, 0x6A, 0x1B,           // push IF and IOPL 3; push 1Bh
        0xFF, 0x34, 0x85, 0, 0x50, 0, 0,              // push [kResumeTable + eax * 4]
        0xCF,                                         // iretd
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
      memory_.write32(L::kPageTable + 4 * page, at | (writable ? 2u : 0) | (user ? 4u : 0) | (present ? 1u : 0));
    }
    enter();
  }

  /// `how`: 0 fast, 1 fast with the caches dropped every few instructions, 2 reference executor only.
  void run(std::uint64_t ticks, int how) {
    while (cpu_.ticks() < ticks && !cpu_.shutdown) {
      RunExit exit;
      if (how == 2) {
        exit = cpu_.step();
      } else {
        if (how == 1) cpu_.drop_caches();
        exit = cpu_.run(how == 1 ? std::min(ticks, cpu_.ticks() + 1 + cpu_.ticks() % 7) : ticks);
      }
      if (exit == RunExit::kHalted) cpu_.halted = false;
      if (exit == RunExit::kUnimplemented) break;
    }
  }
  std::vector<std::uint8_t> state() {
    StateWriter writer;
    cpu_.visit(writer);
    memory_.visit(writer);
    return writer.take();
  }
  std::string where() {
    std::string text = "tick " + std::to_string(cpu_.ticks()) + " eip " + std::to_string(cpu_.eip) + " eflags " +
                       std::to_string(cpu_.eflags());
    for (const std::uint32_t r : cpu_.gpr) text += " " + std::to_string(r);
    return text;
  }

 private:
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

/// First tick (in steps of `grain`) at which the ways differ, for the message.
std::string first_difference(const RandomProgram& program, std::uint64_t ticks, int how) {
  std::uint64_t low = 0, high = ticks;
  while (low + 1 < high) {
    const std::uint64_t middle = (low + high) / 2;
    Runner a(program), b(program);
    a.run(middle, 2);
    b.run(middle, how);
    (a.state() == b.state() ? low : high) = middle;
  }
  Runner a(program), b(program), before(program);
  before.run(low, 2);
  a.run(high, 2);
  b.run(high, how);
  return "before: " + before.where() + "\nexact:  " + a.where() + "\nfast:   " + b.where();
}

TEST(Executors, AgreeOnRandomPrograms) {
  // RINGSIDE_FUZZ_SEED and RINGSIDE_FUZZ_PROGRAMS make a campaign of it.
  const char* seed_text = std::getenv("RINGSIDE_FUZZ_SEED");
  const char* count_text = std::getenv("RINGSIDE_FUZZ_PROGRAMS");
  const std::uint64_t first = seed_text != nullptr ? std::strtoull(seed_text, nullptr, 0) : 1;
  const std::uint64_t count = count_text != nullptr ? std::strtoull(count_text, nullptr, 0) : 150;
  constexpr std::uint64_t kTicks = 20000;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const RandomProgram program(seed);
    Runner exact(program), fast(program), dropped(program);
    exact.run(kTicks, 2);
    fast.run(kTicks, 0);
    dropped.run(kTicks, 1);
    ASSERT_EQ(exact.state() == fast.state(), true)
        << "seed " << seed << "\n" << first_difference(program, kTicks, 0);
    ASSERT_EQ(exact.state() == dropped.state(), true)
        << "seed " << seed << ", caches dropped\n" << first_difference(program, kTicks, 1);
  }
}

}  // namespace
}  // namespace ringside::test
