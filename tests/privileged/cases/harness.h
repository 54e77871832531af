// What a case is written with. The same cases are compiled twice: into the kernel, where run() starts the
// processor at the given state, and into the model, where run() interprets the operations by the manuals'
// pseudocode.
#pragma once

#include "tests/privileged/cases/layout.h"

namespace privileged {

enum : unsigned { kEax, kEcx, kEdx, kEbx, kEsp, kEbp, kEsi, kEdi };
enum : unsigned { kEs, kCs, kSs, kDs, kFs, kGs };

constexpr uint32_t kCf = 1, kZf = 0x40, kTf = 0x100, kIf = 0x200, kOf = 0x800, kNt = 0x4000, kRf = 0x10000,
                   kVm = 0x20000, kAc = 0x40000, kVif = 0x80000, kVip = 0x100000, kId = 0x200000;
constexpr uint32_t iopl(unsigned level) { return level << 12; }

constexpr uint32_t kPe = 1, kMp = 2, kEm = 4, kTs = 8, kEt = 16, kNe = 32, kWp = 0x10000, kAm = 0x40000,
                   kNw = 0x20000000, kCd = 0x40000000, kPg = 0x80000000;
constexpr uint32_t kCr4Vme = 1, kCr4Pvi = 2, kCr4Tsd = 4, kCr4De = 8, kCr4Pse = 16, kCr4Pae = 32,
                   kCr4Mce = 64, kCr4Pge = 128, kCr4Pce = 256, kCr4Osfxsr = 512, kCr4Osxmmexcpt = 1024;

/// The processor's state at the start of a case, and again at its end. The end's is what the handler of the
/// vector that ended it finds interrupted.
struct State {
  uint32_t gpr[8];
  uint32_t eip, eflags;
  uint32_t seg[6];
  uint32_t cr0, cr3, cr4;
  uint32_t dr[8];
  uint32_t gdt_limit, idt_limit;
};

struct Outcome {
  State at;
  uint32_t vector, error, cr2, tr, ldtr;
  uint32_t main_tss_access;  ///< of the main TSS's descriptor, before it is made available again
  uint32_t handler_ss,
      handler_esp;  ///< where the handler's frame ends: behind the error code, before the registers

  bool has_error() const { return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17; }
};

// --- What a back end provides
// ------------------------------------------------------------------------------------
uint8_t get8(uint32_t address);
uint16_t get16(uint32_t address);
uint32_t get32(uint32_t address);
void put8(uint32_t address, uint32_t value);
void put16(uint32_t address, uint32_t value);
void put32(uint32_t address, uint32_t value);
/// Runs the code at the state until the first vector that leads to a stub.
const Outcome& run(const State& start);
/// The same from real mode; the interrupt vectors at `idt_base` lead to the real-mode stubs.
const Outcome& run_real(const State& start);
void put_text(const char* text);
/// A remark on the present case, for who reads the model's output.
void note(const char* name, uint32_t value);
/// Bits of CPUID leaf 1, EDX.
uint32_t features();
/// Makes IRQ 0 pending at the interrupt controller (vector 20h), or takes it back.
void raise_interrupt();
void drop_interrupt();
/// When a fault's task has taken over: `out` from the state that the task switch saved.
void take_interrupted_task(Outcome& out);
void write_msr(uint32_t index, uint32_t low, uint32_t high);

constexpr uint32_t kFeatureVme = 1u << 1, kFeatureDe = 1u << 2, kFeaturePse = 1u << 3, kFeatureTsc = 1u << 4,
                   kFeatureMsr = 1u << 5, kFeaturePae = 1u << 6, kFeatureMce = 1u << 7,
                   kFeatureSep = 1u << 11, kFeatureMtrr = 1u << 12, kFeaturePge = 1u << 13, kFeaturePse36 = 1u << 17,
                   kFeatureMmx = 1u << 23, kFeatureFxsr = 1u << 24, kFeatureSse = 1u << 25;

// --- Descriptors
// -------------------------------------------------------------------------------------------------
enum : unsigned {
  kTss16 = 1,
  kLdtType = 2,
  kTss16Busy = 3,
  kCall16 = 4,
  kTaskGate = 5,
  kInt16 = 6,
  kTrap16 = 7,
  kTss32 = 9,
  kTss32Busy = 11,
  kCall32 = 12,
  kInt32 = 14,
  kTrap32 = 15,
};
constexpr unsigned kPresentBit = 0x80, kSegmentBit = 0x10;
constexpr unsigned kGranular = 8, kBig = 4;
constexpr unsigned dpl_bits(unsigned dpl) { return dpl << 5; }

/// Writes a segment descriptor at an address; `flags` are G, D/B, L, AVL.
void put_segment(uint32_t address, uint32_t base, uint32_t limit, unsigned access, unsigned flags);
void put_gate(uint32_t address, unsigned access, uint32_t selector, uint32_t offset, unsigned count);
/// Address of a selector's descriptor in its table.
uint32_t descriptor_at(uint32_t selector);
inline unsigned access_of(uint32_t selector) { return get8(descriptor_at(selector) + 5); }

/// IDT entries: to the vector's stub at ring 0, or to a task of its own (8 and 10 to 14).
void gate_to_stub(unsigned vector);
void gate_to_fault_task(unsigned vector);
/// The TSSs that end a case are available for the next one.
void release_tasks();
/// All tables and task states as every group finds them.
void reset_tables();
/// CPL, flat segments, EIP at kCode, stack of the ring.
State start_state(unsigned cpl);
/// Virtual-8086 mode at kRealCode.
State v86_state(unsigned io_level);

// --- Output
// ------------------------------------------------------------------------------------------------------
void begin_group(const char* name);
/// Starts a case: its line begins with group and number.
void begin_case();
void end_case();
void hex(uint32_t value, unsigned digits);
inline void text(const char* words) { put_text(words); }
/// " name=value"
void field(const char* name, uint32_t value, unsigned digits);
/// Vector, error code, CS:EIP (low half).
void report(const Outcome& out);
/// SS:ESP (low half).
void report_stack(const Outcome& out);
/// The flags that instructions decide: all but the arithmetic ones, and RF, which every fault sets in its
/// image.
void report_flags(const Outcome& out);

}  // namespace privileged
