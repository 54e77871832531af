// A processor with 4 MiB of memory and a recording bus, and what is needed to put it into any mode with a
// few bytes of code: the harness of the processor's tests.
//
//   both_ways([](Guest& g) {                     // once with Cpu::step, once with Cpu::run
//     g.enter_protected32();                     // ring 0, flat, handlers that halt in every IDT entry
//     g.code({0x31, 0xC0, 0xF7, 0xF0});          // xor eax, eax; div eax
//     g.run();                                   // until HLT, a shutdown or 1000 instructions
//     EXPECT_FAULT(g, kDeDivideByZero, 0);       // the last fault delivered, its error code
//   });
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "memory/physical_memory.h"

namespace ringside::test {

/// Records port accesses, answers reads from a table (FFh where there is none).
class RecordingBus final : public CpuBus {
 public:
  struct Access {
    bool write;
    std::uint16_t port;
    unsigned size;
    std::uint32_t value;
    bool operator==(const Access&) const = default;
  };
  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  std::uint8_t acknowledge_interrupt() override;
  void set_ferr(bool level) override { ferr = level; }

  std::vector<Access> accesses;
  std::map<std::uint16_t, std::uint32_t> inputs;
  std::uint8_t vector = 0x40;  ///< of the next interrupt
  unsigned acknowledged = 0;
  bool ferr = false;
  Cpu* cpu = nullptr;  ///< INTR falls with the acknowledge cycle
};

/// Records what the processor tells its observer.
class RecordingObserver final : public CpuObserver {
 public:
  struct Seen {
    TrapEvent event;
    std::optional<Fault> fault;
  };
  void trap(const TrapEvent& event) override;
  std::vector<Seen> seen;
};

enum class How { kStep, kRun };

/// Where the fixture puts things in physical memory.
enum Layout : std::uint32_t {
  kGdtAt = 0x1000,
  kIdtAt = 0x2000,
  kLdtAt = 0x3000,
  kTssAt = 0x4000,  ///< the 32-bit TSS in TR, with an I/O map and the redirection map at kIoMapAt
  kIoMapAt = 0x88,  ///< offset in that TSS; the redirection map is the 32 bytes before it
  kTss16At = 0x6800,
  kOtherTssAt = 0x7000,  ///< a second 32-bit TSS, its task runs in ring 0 at kOtherTaskAt
  kPageDirectoryAt = 0x8000,
  kPageTableAt = 0x9000,
  kHandlersAt = 0xA000,  ///< handler of vector n: HLT at kHandlersAt + 16 n
  kOtherTaskAt = 0xC000,
  kCodeAt = 0x10000,
  kStack0At = 0x20000,  ///< tops of stacks
  kStack1At = 0x28000,
  kStack2At = 0x2C000,
  kStack3At = 0x30000,
  kOtherStackAt = 0x38000,
  kDataAt = 0x40000,
};

/// Selectors of the fixture's GDT.
enum Selectors : std::uint16_t {
  kCode0 = 0x08,
  kData0 = 0x10,
  kCode3 = 0x1B,
  kData3 = 0x23,
  kCode16 = 0x28,
  kData16 = 0x30,
  kTss = 0x38,
  kLdtSelector = 0x40,
  kConforming0 = 0x48,
  kCallGate = 0x50,
  kTss16 = 0x58,
  kOtherTss = 0x60,
  kTaskGateSelector = 0x68,
  kAbsentData = 0x70,
  kExecuteOnly = 0x78,
  kReadOnly = 0x80,
  kExpandDownData = 0x88,
  kAbsentCode = 0x90,
  kCode1 = 0x99,
  kData1 = 0xA1,
  kAbsentStack3 = 0xAB,
  kSmallData = 0xB0,
  kFree = 0xB8,  ///< this and the following up to the limit are for tests
  kGdtLimit = 0xFF,
};

class Guest {
 public:
  explicit Guest(const CpuModel& model = default_cpu_model(), How how = How::kStep);

  PhysicalMemory memory;
  RecordingBus bus;
  RecordingObserver observer;
  Cpu cpu;
  How how;
  RunExit exit = RunExit::kLimit;  ///< of the last run

  // --- Modes. Each may be called once at the start; they set registers directly, not by instructions. ---
  void enter_real(std::uint16_t cs = 0x1000, std::uint16_t ip = 0);
  void enter_protected32();
  void enter_protected16();
  /// Ring `level` (1 or 3), flat 32-bit; `iopl` into EFLAGS.
  void enter_ring(unsigned level, unsigned iopl = 0);
  void enter_user32(unsigned iopl = 0) { enter_ring(3, iopl); }
  /// CS = 1000h (kCodeAt), IP = 0, SS:SP = 2000h:FFFEh, the other segments at kDataAt; CR4 as given.
  void enter_v86(unsigned iopl = 0, std::uint32_t cr4 = 0);
  /// Identity map of 4 MiB, every page user and writable; then set_page() to change one.
  void enable_paging(std::uint32_t cr4 = 0);
  void set_page(std::uint32_t linear, std::uint32_t entry, bool flush = true);

  // --- Memory ---------------------------------------------------------------------------------------
  /// Bytes at the present CS:EIP's place (kCodeAt), followed by HLT.
  void code(std::initializer_list<int> bytes) { code(std::vector<int>(bytes)); }
  void code(const std::vector<int>& bytes);
  void place(std::uint32_t address, std::initializer_list<int> bytes) {
    place(address, std::vector<int>(bytes));
  }
  void place(std::uint32_t address, const std::vector<int>& bytes);
  void gdt(std::uint16_t selector, std::uint64_t descriptor);
  void ldt(std::uint16_t selector, std::uint64_t descriptor);
  void idt(unsigned vector, std::uint64_t gate);
  std::uint64_t gdt(std::uint16_t selector) { return memory.read64(kGdtAt + (selector & ~7u)); }
  /// Puts a descriptor into LDTR so that LDT selectors (0Ch, 14h, ...) work.
  void load_ldt();
  std::uint32_t read32(std::uint32_t address) { return memory.read32(address); }
  std::uint16_t read16(std::uint32_t address) { return memory.read16(address); }

  // --- Running --------------------------------------------------------------------------------------
  /// Until HLT, a shutdown, or `limit` instructions.
  RunExit run(unsigned limit = 1000);
  /// Exactly `count` instructions or deliveries.
  RunExit step(unsigned count = 1);

  // --- Looking --------------------------------------------------------------------------------------
  std::uint32_t reg(Gpr r) const { return cpu.gpr[r]; }
  /// The last fault that was delivered; nullptr where there was none.
  const Fault* last_fault() const;
  const TrapEvent* last_event(TrapKind kind) const;
  bool saw(Cause cause) const;
  /// All faults and events, for failure messages.
  std::string history() const;
  /// Dword `n` of the stack: 0 is what ESP points at.
  std::uint32_t stack32(unsigned n);
  std::uint16_t stack16(unsigned n);

 private:
  void fill_tables();
  void fill_segment(unsigned index, std::uint16_t selector);
  void common(unsigned level);
};

/// Descriptors. `flags` is the nibble G D 0 AVL (8 4 . 1).
constexpr std::uint64_t descriptor(std::uint32_t base, std::uint32_t limit, unsigned access, unsigned flags) {
  return (limit & 0xFFFFull) | (base & 0xFFFFFFull) << 16 | static_cast<std::uint64_t>(access) << 40 |
         (limit >> 16 & 0xFull) << 48 | static_cast<std::uint64_t>(flags) << 52 |
         static_cast<std::uint64_t>(base >> 24) << 56;
}
/// Gates: `access` is P, DPL and type (8Eh: present 32-bit interrupt gate of DPL 0).
constexpr std::uint64_t gate(std::uint16_t selector, std::uint32_t offset, unsigned access,
                             unsigned count = 0) {
  return (offset & 0xFFFFull) | static_cast<std::uint64_t>(selector) << 16 |
         static_cast<std::uint64_t>(count) << 32 | static_cast<std::uint64_t>(access) << 40 |
         static_cast<std::uint64_t>(offset >> 16) << 48;
}
constexpr std::uint32_t handler_of(unsigned vector) { return kHandlersAt + 16 * vector; }

/// Far pointers as direct operands: offset, selector.
std::vector<int> far_jump32(std::uint16_t selector, std::uint32_t offset);
std::vector<int> far_call32(std::uint16_t selector, std::uint32_t offset);
/// The bytes one after the other.
std::vector<int> bytes_of(std::initializer_list<std::vector<int>> parts);
/// B8+r imm32.
std::vector<int> mov32(Gpr reg, std::uint32_t value);
/// 8E /r: segment register from AX.
std::vector<int> mov_sreg_ax(unsigned segment);

/// Every feature that the simulator knows: for tests of what the listed models lack.
const CpuModel& everything_model();

/// Runs `body` with Cpu::step and with Cpu::run.
template <typename Body>
void both_ways(Body&& body, const CpuModel& model = default_cpu_model()) {
  for (const How how : {How::kStep, How::kRun}) {
    SCOPED_TRACE(how == How::kStep ? "with Cpu::step" : "with Cpu::run");
    Guest guest(model, how);
    body(guest);
  }
}

::testing::AssertionResult last_fault_is(const Guest& g, Cause cause, std::uint32_t error_code);

}  // namespace ringside::test

#define EXPECT_FAULT(guest, cause, error_code) \
  EXPECT_TRUE(::ringside::test::last_fault_is(guest, ::ringside::Cause::cause, error_code))
#define EXPECT_NO_FAULT(guest) EXPECT_EQ((guest).last_fault(), nullptr) << (guest).history()
