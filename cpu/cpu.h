// The processor: architectural state and the services that its instructions are written in.
//
// Where to look:
//   the main loop             run.cpp, Cpu::run
//   an instruction            exact/*.cpp (reference executor), fast/*.cpp (fast path), opcodes.cpp (the table)
//   logical -> linear         access.h, access.cpp      linear -> physical   paging.cpp
//   decoding, decoded blocks  decode.cpp, block_cache.cpp
//   exceptions, interrupts    interrupt.cpp             task switches        task.cpp
//   segment loads, far jumps  segment_load.cpp, far_transfer.cpp
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "cpu/cpu_bus.h"
#include "cpu/cpu_model.h"
#include "cpu/fault.h"
#include "cpu/fault_chain.h"
#include "cpu/lazy_flags.h"
#include "cpu/op.h"
#include "cpu/segment.h"
#include "cpu/tlb.h"
#include "cpu/x87_state.h"
#include "memory/physical_memory.h"

namespace ringside {

class BlockCache;
class DebugMarks;

enum Gpr : std::uint8_t { kEAX, kECX, kEDX, kEBX, kESP, kEBP, kESI, kEDI };

// Control register bits, SDM Vol. 3A, "Control Registers".
enum Cr0Bit : std::uint32_t {
  kCr0PE = 1u << 0, kCr0MP = 1u << 1, kCr0EM = 1u << 2, kCr0TS = 1u << 3, kCr0ET = 1u << 4, kCr0NE = 1u << 5,
  kCr0WP = 1u << 16, kCr0AM = 1u << 18, kCr0NW = 1u << 29, kCr0CD = 1u << 30, kCr0PG = 1u << 31,
};
enum Cr4Bit : std::uint32_t {
  kCr4VME = 1u << 0, kCr4PVI = 1u << 1, kCr4TSD = 1u << 2, kCr4DE = 1u << 3, kCr4PSE = 1u << 4, kCr4PAE = 1u << 5,
  kCr4MCE = 1u << 6, kCr4PGE = 1u << 7, kCr4PCE = 1u << 8, kCr4OSFXSR = 1u << 9, kCr4OSXMMEXCPT = 1u << 10,
};

enum class Access : std::uint8_t { kRead, kWrite, kExecute };

/// Why `Cpu::run` came back.
enum class RunExit : std::uint8_t {
  kLimit,          ///< the tick limit was reached
  kRequested,      ///< request_exit() was called (an earlier event, a reset, a stop)
  kHalted,         ///< HLT, and nothing to wake it
  kShutdown,       ///< triple fault: only a reset helps
  kUnimplemented,  ///< `unimplemented` names an instruction that the simulator does not have
};

/// The mode key of decoded blocks: all that decoding depends on, beside the bytes.
enum ModeBit : std::uint32_t {
  kModeCode32 = 1 << 0,    ///< CS.D
  kModeStack32 = 1 << 1,   ///< SS.B
  kModeFlatData = 1 << 2,  ///< DS and ES are flat and writable
  kModeFlatStack = 1 << 3, ///< SS is flat and writable
  // Bits 8 and up: number of the code segment's limit (see BlockCache::limit_number).
};

struct Cpu {
  Cpu(PhysicalMemory& memory, CpuBus& bus, const CpuModel& model);
  ~Cpu();
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  // ===== State that handlers touch; gpr must stay first (Op holds byte offsets into it) =====
  std::uint32_t gpr[8] = {};
  std::uint32_t zero_slot[2] = {};         ///< "no register": always 0
  std::uint32_t eip = 0;
  std::uint32_t mode = 0;                  ///< ModeBit key of the present mode
  FastTlbEntry* tlb = nullptr;             ///< fast entries of the present privilege, by TlbArray index
  std::int64_t remaining = 0;              ///< ticks left before `tick_limit`, at the present instruction
  LazyFlags flags;
  Segment seg[6];
  bool attention = false;                  ///< the straight path must return to the run loop after this instruction

  // ===== The rest of the architectural state =====
  std::uint32_t system_flags = 2;          ///< EFLAGS without the six arithmetic flags; bit 1 always set
  std::uint8_t cpl = 0;
  bool halted = false;
  bool shutdown = false;
  bool nmi_pending = false;
  bool nmi_blocked = false;                ///< from the delivery of an NMI to the next IRET
  bool intr = false;                       ///< level of the INTR input
  std::uint64_t inhibit_until = 0;         ///< interrupts are inhibited while ticks() is below this (STI, MOV SS)
  std::uint64_t last_fault_tick = ~0ull;   ///< when the last fault was delivered
  bool inhibit_debug = false;              ///< that shadow holds debug traps off too (MOV SS, POP SS)
  std::uint32_t cr0 = 0x60000010, cr2 = 0, cr3 = 0, cr4 = 0;
  std::uint32_t dr[8] = {};
  std::uint32_t pending_debug = 0;         ///< DR6 bits of debug traps to be taken after this instruction
  TableRegister gdtr, idtr;
  Segment ldtr, tr;
  std::uint64_t pdpte[4] = {};             ///< PAE: loaded with CR3
  std::uint64_t tsc_offset = 0;            ///< TSC = ticks + offset
  std::uint32_t msr_sysenter_cs = 0, msr_sysenter_esp = 0, msr_sysenter_eip = 0;
  std::uint64_t msr_efer = 0;
  std::array<std::uint64_t, 64> msr_file{};  ///< MSRs that are only kept; numbers in msr.cpp
  X87State x87;

  // ===== Fast, derived, droppable =====
  std::uint64_t tick_limit = 0;            ///< ticks() = tick_limit - remaining
  std::uint8_t sse_state = 0;              ///< what SSE handlers need to know, valid within the fast path (fast/simd_float.h)
  bool exact_only = false;                 ///< single-stepped, watched or alignment-checked: no fast path
  std::uint32_t fast_tlb_key = 0;          ///< CR0 bits under which the fast TLB was filled
  std::uint32_t cs_limit = 0;              ///< CS limit that `cs_limit_key` stands for
  std::uint32_t cs_limit_key = 0;
  bool pending_indirect = false;           ///< an indirect branch to eip waits to be remembered
  Op* pending_link = nullptr;              ///< the branch that waits to be linked to the block at eip
  bool debug_active = false;               ///< DR7 enables something: run with the exact path only
  bool exit_requested = false;
  std::uint64_t delivery_tick = ~0ull;     ///< tick to which `delivery_count` belongs
  std::uint32_t delivery_count = 0;        ///< see deliveries()
  std::array<FastTlbEntry, kDataTlbEntries> fast_tlb[2];  ///< [0] supervisor, [1] user
  TlbArray<kDataTlbEntries> data_tlb;
  TlbArray<kCodeTlbEntries> code_tlb;
  std::unique_ptr<BlockCache> blocks;

  PhysicalMemory& memory;
  CpuBus& bus;
  const CpuModel& model;
  CpuObserver* observer = nullptr;
  const DebugMarks* marks = nullptr;       ///< what a debugger wants to be asked about; see marks_changed()
  FaultChain fault_chain;                  ///< the last delivery's faults, for reports
  std::string unimplemented;               ///< set with RunExit::kUnimplemented

  // ===== What the board calls =====
  /// The state after RESET, SDM Vol. 3A, "Processor State After Reset". Time goes on.
  void reset();
  /// Runs until ticks() reaches `limit` (exactly) or something else ends the run.
  RunExit run(std::uint64_t limit);
  /// Executes one instruction (or delivers one interrupt) with the reference executor only.
  RunExit step();
  /// Ticks since power-on, exact at every port access and observer call.
  std::uint64_t ticks() const { return tick_limit - static_cast<std::uint64_t>(remaining); }
  /// Interrupts and faults delivered at the present tick, which retire nothing: where in the tick we are.
  std::uint32_t deliveries() const { return delivery_tick == ticks() ? delivery_count : 0; }
  /// Makes `run` return before the next instruction. From inside the run only (same thread).
  void request_exit() { exit_requested = attention = true; }
  void set_intr(bool level) {
    intr = level;
    if (level) attention = true;
  }
  void pulse_nmi() { nmi_pending = attention = true; }
  void visit(StateVisitor& visitor);
  /// To be called when `marks`, or what is in them, has changed: cuts off the blocks and fast TLB entries that they forbid.
  void marks_changed();
  /// Forgets decoded code and fast TLB entries; changes nothing that a guest can see.
  void drop_caches();

  // ===== Modes =====
  bool protected_mode() const { return (cr0 & kCr0PE) != 0; }
  bool v86() const { return (system_flags & kVM) != 0; }
  /// Protected mode proper: descriptors count.
  bool descriptors() const { return protected_mode() && !v86(); }
  bool paging() const { return (cr0 & kCr0PG) != 0; }
  unsigned iopl() const { return system_flags >> 12 & 3; }
  std::uint32_t eflags() const { return system_flags | flags.word(); }
  /// Replaces the bits of EFLAGS in `mask` (no privilege checks); notes what the run loop must know.
  void set_eflags(std::uint32_t value, std::uint32_t mask);
  /// To be called after any change of CR0, CR4, EFLAGS.VM, CPL or a segment register: recomputes the
  /// mode key and the fast TLB in use. Sets `attention` where decoded code may no longer fit.
  void update_mode();
  void set_cpl(unsigned level);
  /// Interrupts (and with `debug` debug traps) wait until one more instruction has retired.
  void inhibit_interrupts(bool debug) {
    inhibit_until = ticks() + 2;
    inhibit_debug = debug;
  }
  bool interrupts_inhibited() const { return ticks() < inhibit_until; }

  // ===== Faults =====
  [[noreturn]] void raise(Cause cause, std::uint32_t error_code = 0, const FaultDetail& detail = {});
  /// Delivers a fault that an instruction has thrown; eip is the faulting instruction's. Double faults
  /// and shutdown included. (interrupt.cpp)
  void deliver_fault(const Fault& fault);
  /// deliver_fault for the run loop. A fault that comes before any instruction has retired since the last
  /// one costs a tick, so that a handler whose first instruction faults cannot hold time still for ever.
  void deliver_counted(const Fault& fault);
  /// To be called before anything that step() does without letting a tick pass.
  void count_delivery() {
    delivery_count = deliveries() + 1;
    delivery_tick = ticks();
  }
  /// Tells the observer, if there is one.
  void observe_register(SystemRegister what, std::uint64_t value, std::uint32_t number = 0);
  /// External interrupt with this vector, or NMI; faults during delivery are handled inside. (interrupt.cpp)
  void deliver_external(std::uint8_t vector, bool nmi);
  /// Takes the debug traps in `pending_debug` (data, I/O breakpoints, TF, T bit). (debug_registers.cpp)
  void take_debug_trap();
  /// Raises #DB if an instruction breakpoint (DR0-3) is at the present CS:EIP. (debug_registers.cpp)
  void check_instruction_breakpoints();
  /// Notes data breakpoints hit by an access; only called while `debug_active`. (debug_registers.cpp)
  void note_data_access(std::uint32_t linear, unsigned size, Access access);
  /// Notes I/O breakpoints. (debug_registers.cpp)
  void note_port_access(std::uint16_t port, unsigned size);

  // ===== Registers by operand offset =====
  template <typename T>
  T reg(std::uint8_t offset) const {
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const std::uint8_t*>(gpr) + offset, sizeof(T));
    return value;
  }
  template <typename T>
  void set_reg(std::uint8_t offset, T value) {
    __builtin_memcpy(reinterpret_cast<std::uint8_t*>(gpr) + offset, &value, sizeof(T));
  }

  // ===== Memory, logical addresses (access.h): the checks of segmentation and paging, in their order =====
  /// The linear address, or #GP/#SS/#AC where the segment does not allow the access.
  std::uint32_t linear_address(unsigned segment, std::uint32_t offset, unsigned size, Access access);
  template <typename T>
  T read(unsigned segment, std::uint32_t offset);
  template <typename T>
  void write(unsigned segment, std::uint32_t offset, T value);

  /// Physical pieces of an access that was checked as a whole; a second piece where it crosses a page.
  struct Place {
    PhysAddr first = 0, second = 0;
    std::uint32_t linear = 0;
    std::uint8_t first_size = 0, size = 0;
  };
  /// Read for a read-modify-write: every check, the write's too, happens here.
  template <typename T>
  T read_for_write(unsigned segment, std::uint32_t offset, Place& place);
  /// Checks a write without doing it.
  Place place_for_write(unsigned segment, std::uint32_t offset, unsigned size);
  template <typename T>
  void write_place(const Place& place, T value);

  // ===== Memory, linear addresses =====
  /// Translates and checks; #PF with its cause. `user`: as an access of CPL 3. Sets A and D.
  PhysAddr translate(std::uint32_t linear, Access access, bool user);
  /// Translates without side effects, for debuggers; false where a fault would be.
  bool peek_translate(std::uint32_t linear, PhysAddr& physical) const;
  Place place_linear(std::uint32_t linear, unsigned size, Access access, bool user);
  /// Implicit supervisor accesses: descriptor tables, TSS, interrupt stacks of inner levels.
  template <typename T>
  T read_system(std::uint32_t linear);
  template <typename T>
  void write_system(std::uint32_t linear, T value);
  /// As an access at privilege `user`, no segment checks (stacks of another level: check the segment first).
  template <typename T>
  T read_linear(std::uint32_t linear, bool user);
  template <typename T>
  void write_linear(std::uint32_t linear, T value, bool user);
  std::uint64_t read_physical(PhysAddr address, unsigned size);
  void write_physical(PhysAddr address, unsigned size, std::uint64_t value);

  // ===== TLB management (paging.cpp) =====
  void flush_tlb(bool keep_global);
  void invalidate_page(std::uint32_t linear);
  /// Drops fast entries that reach the physical page (it has become code, or is not plain any more).
  void drop_fast_writes(std::uint32_t frame);
  void drop_all_fast_writes();
  void drop_fast_tlb();
  /// A data access to this page succeeded: lets the fast path have it next time.
  void fill_fast_tlb(std::uint32_t linear, PhysAddr physical, bool user, bool write);
  /// The walk of a TLB miss: checks, sets A and D, fills the TLB; false, and `fault` filled, for a #PF.
  bool try_walk(std::uint32_t linear, Access access, bool user, PhysAddr& physical, Fault& fault);
  /// translate() without throwing.
  bool try_translate(std::uint32_t linear, Access access, bool user, PhysAddr& physical, Fault& fault);
  /// Loads the four PAE page-directory pointers from CR3; #GP for reserved bits. (paging.cpp)
  void load_pdptes(std::uint32_t new_cr3);

  // ===== Stack =====
  std::uint32_t stack_mask() const { return seg[kSS].big != 0 ? 0xFFFFFFFFu : 0xFFFFu; }
  /// ESP or SP moved by `delta`, the upper half of ESP kept for a 16-bit stack.
  std::uint32_t moved_esp(std::int32_t delta) const {
    const std::uint32_t mask = stack_mask();
    return (gpr[kESP] & ~mask) | ((gpr[kESP] + static_cast<std::uint32_t>(delta)) & mask);
  }
  template <typename T>
  void push(T value);  ///< ESP changes only after the write succeeded
  template <typename T>
  T pop();             ///< ESP changes only after the read succeeded
  /// The value `depth` bytes above the top of the stack, nothing moved.
  template <typename T>
  T peek_stack(std::uint32_t depth);

  // ===== Segments and far control (segment_load.cpp, far_transfer.cpp, task.cpp) =====
  /// MOV/POP/Lxx to ES, SS, DS, FS, GS in the present mode, with every check. Not for CS.
  void load_segment(unsigned segment, std::uint16_t selector);
  /// Real-mode and V86 load: base = selector * 16; limit and rights kept (real) or fixed (V86).
  void load_segment_real(unsigned segment, std::uint16_t selector);

  // ===== Execution (run.cpp, block_cache.cpp) =====
  /// Executes one decoded instruction with the reference executor. True if it retired; false if it
  /// faulted (the fault was delivered) or the simulator does not have it.
  bool execute_exact(const Op& op);
  /// Debug traps, NMI and external interrupts that are due before the next instruction. True if one was taken.
  bool take_interrupts();
  /// Asks the debugger whether the run ends before the instruction at eip.
  bool stops_here();
  /// Tells the debugger of an access that is about to be made.
  void note_watched(const Place& place, bool write);
  /// One instruction at eip, exact, observing TF, RF and breakpoints.
  void step_exact();
  /// Instruction fetch and decode at eip across pages; faults as the fetch does. Not cached.
  void decode_uncached(Op& op);
  void run_fast();
  /// While halted: lets time pass up to `tick` (not beyond an earlier limit given to run()).
  void skip_to(std::uint64_t tick) {
    if (tick > ticks()) tick_limit += tick - ticks();
  }

  /// New EIP after a near branch; #GP beyond CS.limit.
  void jump_near(std::uint32_t target, bool operand32);
};

}  // namespace ringside
