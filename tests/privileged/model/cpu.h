// A processor that knows only the operations that the cases consist of, written from the pseudocode of the
// Intel SDM (combined edition of 2023) and for no other purpose than to be compared with. It shares nothing
// with the folder `cpu`. Slow, plain, every check where the manual has it.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tests/privileged/cases/assembler.h"

namespace privileged::model {

struct Fault {
  unsigned vector;
  std::uint32_t error = 0;
  bool breakpoint = false;  ///< an instruction breakpoint: RF stays as it was
};

/// The machine ended: a third fault, or nothing to go on with.
struct Shutdown {};

struct Descriptor {
  std::uint32_t low = 0, high = 0;

  unsigned access() const { return high >> 8 & 0xFF; }
  unsigned type() const { return high >> 8 & 15; }
  bool system() const { return (high & 0x1000) == 0; }
  bool present() const { return (high & 0x8000) != 0; }
  unsigned dpl() const { return high >> 13 & 3; }
  bool code() const { return !system() && (type() & 8) != 0; }
  bool conforming() const { return code() && (type() & 4) != 0; }
  bool readable() const { return !system() && ((type() & 8) == 0 || (type() & 2) != 0); }
  bool writable() const { return !system() && (type() & 10) == 2; }
  std::uint32_t base() const { return low >> 16 | (high & 0xFF) << 16 | (high & 0xFF000000); }
  std::uint32_t limit() const {
    const std::uint32_t raw = (low & 0xFFFF) | (high & 0xF0000);
    return (high & 0x800000) != 0 ? raw << 12 | 0xFFF : raw;
  }
  bool big() const { return (high & 0x400000) != 0; }
  bool tss() const { return system() && (type() & 5) == 1; }
  bool available_tss() const { return system() && (type() & 7) == 1; }
  bool is32() const { return (type() & 8) != 0; }
  std::uint32_t gate_selector() const { return low >> 16; }
  std::uint32_t gate_offset() const { return is32() ? (low & 0xFFFF) | (high & 0xFFFF0000) : low & 0xFFFF; }
};

/// A segment register with its hidden part.
struct Segment {
  std::uint32_t selector = 0, base = 0, limit = 0xFFFF;
  unsigned access = 0x93;
  bool big = false;
  bool usable = true;

  unsigned dpl() const { return access >> 5 & 3; }
  bool code() const { return (access & 0x18) == 0x18; }
};

enum class Access { kRead, kWrite, kExecute };
enum class Switch { kJmp, kCall, kInterrupt, kIret };

struct Table {
  std::uint32_t base = 0, limit = 0;
};

/// How an interrupt or exception is delivered.
struct Event {
  unsigned vector;
  bool has_error = false;
  std::uint32_t error = 0;
  bool software = false;  ///< INT n, INT3, INTO: the gate's DPL counts
  unsigned ext = 0;
};

class Cpu {
 public:
  Cpu() : memory(16u << 20) {}

  // --- State
  std::uint32_t gpr[8] = {}, eip = 0, eflags = 2, cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0, dr[8] = {};
  Segment seg[6], tr, ldtr;
  Table gdtr, idtr;
  unsigned cpl = 0;
  std::uint32_t sysenter_cs = 0, sysenter_esp = 0, sysenter_eip = 0;
  std::uint32_t x87_flags = 0, x87_masks = 0x3F, mxcsr = 0x1F80;
  bool x87_pending = false;
  std::uint32_t features = 0;
  bool interrupt_pending = false;
  std::vector<std::uint8_t> memory;
  std::unordered_map<std::uint32_t, Op> ops;  ///< by physical address

  /// Executes until a vector leads to a stub or a fault's task; returns its number.
  unsigned run();
  bool by_task = false;  ///< it was the entry of a fault's task

  bool protected_mode() const { return (cr0 & kPe) != 0; }
  bool v86() const { return (eflags & kVm) != 0; }
  unsigned io_level() const { return eflags >> 12 & 3; }
  void load_start(const State& start, bool real);

  // --- memory.cpp
  std::uint32_t translate(std::uint32_t linear, Access access, bool user);
  std::uint32_t read_linear(std::uint32_t linear, unsigned size, bool user);
  void write_linear(std::uint32_t linear, unsigned size, std::uint32_t value, bool user);
  std::uint32_t system_read(std::uint32_t linear, unsigned size) { return read_linear(linear, size, false); }
  void system_write(std::uint32_t linear, unsigned size, std::uint32_t v) {
    write_linear(linear, size, v, false);
  }
  /// Checks of a memory operand; returns its linear address.
  std::uint32_t check_segment(unsigned index, std::uint32_t offset, unsigned size, bool write);
  std::uint32_t read(unsigned index, std::uint32_t offset, unsigned size);
  void write(unsigned index, std::uint32_t offset, unsigned size, std::uint32_t value);
  static bool within(const Segment& s, std::uint32_t offset, unsigned size);
  void load_pdptes();
  bool fast_tlb_stale = false;

  // --- segments.cpp
  bool find(std::uint32_t selector, std::uint32_t& linear) const;
  /// The descriptor, or #GP or #TS (`vector`) with the selector and EXT where it lies beyond its table.
  Descriptor fetch(std::uint32_t selector, unsigned vector = 13, unsigned ext = 0);
  void mark_accessed(std::uint32_t selector, Descriptor& d);
  void load_sreg(unsigned index, std::uint32_t selector);
  Segment segment_of(std::uint32_t selector, Descriptor d);
  void set_busy(std::uint32_t selector, bool busy);
  void query(const Op& op);
  void load_task_register(std::uint32_t selector);
  void load_ldt(std::uint32_t selector);

  // --- transfer.cpp
  void far_transfer(const Op& op, bool call);
  void return_far(const Op& op);
  void interrupt_return(const Op& op);

  // --- interrupt.cpp
  void enter(const Event& event);
  void deliver(const Fault& fault);
  void software_interrupt(unsigned vector, unsigned ext);
  void int_v86(unsigned vector);
  /// Stack of ring `level` out of the TSS, with its checks.
  Segment inner_stack(unsigned level, unsigned ext, std::uint32_t& esp);

  // --- task.cpp
  void switch_task(std::uint32_t selector, Switch reason, const Event* event);
  /// TSS by a task gate.
  void through_task_gate(std::uint32_t selector, Switch reason, const Event* event, unsigned ext);

  // --- execute.cpp
  void execute(const Op& op);
  void set_cr(unsigned n, std::uint32_t value);

  // --- stack
  std::uint32_t stack_mask() const { return seg[kSs].big ? 0xFFFFFFFF : 0xFFFF; }
  std::uint32_t pop(unsigned size);
  void push(std::uint32_t value, unsigned size);
  void set_esp(std::uint32_t value) { gpr[kEsp] = (gpr[kEsp] & ~stack_mask()) | (value & stack_mask()); }
  std::uint32_t peek(unsigned offset, unsigned size);

  [[noreturn]] void gp(std::uint32_t error = 0) { throw Fault{13, error}; }
  std::uint32_t start_eip = 0;      ///< of the instruction being executed
  std::uint32_t pending_debug = 0;  ///< DR6 bits of traps after this instruction
  bool shadow_interrupts = false, shadow_debug = false;
  bool halted = false;
  void set_flags(std::uint32_t value, std::uint32_t mask) { eflags = (eflags & ~mask) | (value & mask) | 2; }

 private:
  void step();
  void match_data_breakpoints(std::uint32_t linear, unsigned size, bool write);
  bool matches_instruction_breakpoint(std::uint32_t linear) const;
  void check_io(std::uint32_t port, unsigned size);
  void input_output(const Op& op);
  void flags_instruction(const Op& op);
  void system_instruction(const Op& op);
  void float_instruction(const Op& op);
  void require_x87(bool waits);
  void require_sse();
  void meet_x87(std::uint32_t exceptions);
  std::uint32_t checked_mxcsr(std::uint32_t value);
  void require_alignment(std::uint32_t address);
  void require_ring0() {
    if (cpl != 0) gp();
  }
  void push_flags(unsigned size);
  void pop_flags(unsigned size);
  void far_real(const Op& op, bool call);
  void far_code(const Op& op, std::uint32_t selector, Descriptor d, bool call);
  void call_gate(const Op& op, std::uint32_t selector, Descriptor gate, bool call);
  void enter_code(std::uint32_t selector, Descriptor d, unsigned level, std::uint32_t offset);
  Descriptor check_return_code(std::uint32_t selector);
  Segment check_return_stack(std::uint32_t selector, unsigned level);
  void null_inaccessible_segments();
  void return_flags(std::uint32_t value, unsigned size, unsigned old_cpl);
  void iret_v86(unsigned size);
  void iret_to_v86(std::uint32_t new_eip, std::uint32_t new_cs, std::uint32_t new_flags);
  void enter_real(const Event& event);
  void gate_transfer(const Event& event, Descriptor gate);
  void load_task_image(std::uint32_t base, bool is32, bool nested);
  void load_task_segments(unsigned ext);
  std::uint64_t pdpte_[4] = {};
  std::uint32_t physical32(std::uint32_t address) const;
};

}  // namespace privileged::model
