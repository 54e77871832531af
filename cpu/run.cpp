// The processor's main loop, and the events between two instructions.
#include <algorithm>

#include "cpu/access.h"
#include "cpu/block_cache.h"
#include "cpu/debug_marks.h"
#include "cpu/decode.h"
#include "cpu/fast/fast.h"
#include "cpu/opcodes.h"

namespace ringside {

Cpu::Cpu(PhysicalMemory& memory_, CpuBus& bus_, const CpuModel& model_)
    : memory(memory_), bus(bus_), model(model_) {
  opcode_rows();  // fills the exact table
  blocks = std::make_unique<BlockCache>(*this);
  reset();
}

Cpu::~Cpu() = default;

void Cpu::reset() {
  std::fill(std::begin(gpr), std::end(gpr), 0u);
  gpr[kEDX] = model.reset_edx;
  eip = 0xFFF0;
  flags = {};
  system_flags = 2;
  for (Segment& s : seg) {
    s = Segment{};
    s.derive();
  }
  seg[kCS].selector = 0xF000;
  seg[kCS].base = 0xFFFF0000;
  // In real mode CS is a writable data segment like the others.
  gdtr = idtr = {};
  ldtr = Segment{};
  ldtr.access = kPresent | 2;
  tr = Segment{};
  tr.access = kPresent | 11;
  cr0 = 0x60000010;
  cr2 = cr3 = cr4 = 0;
  std::fill(std::begin(dr), std::end(dr), 0u);
  dr[6] = 0xFFFF0FF0;
  dr[7] = 0x400;
  std::fill(std::begin(pdpte), std::end(pdpte), 0u);
  halted = shutdown = nmi_pending = nmi_blocked = false;
  pending_debug = 0;
  inhibit_until = 0;
  last_fault_tick = ~0ull;
  inhibit_debug = false;
  debug_active = false;
  msr_sysenter_cs = msr_sysenter_esp = msr_sysenter_eip = 0;
  msr_efer = 0;
  msr_file = {};
  tsc_offset = 0 - ticks();
  x87 = {};
  cpl = 0;
  flush_tlb(false);
  drop_caches();
  update_mode();
}

void Cpu::drop_caches() {
  drop_fast_tlb();
  blocks->flush();
}

void Cpu::marks_changed() {
  drop_fast_tlb();
  if (marks != nullptr) blocks->cut_marked(*marks);
}

bool Cpu::stops_here() {
  if (!marks->code_here(*this) || !marks->hook().stop_before_instruction()) return false;
  request_exit();
  return true;
}

void Cpu::note_watched(const Place& place, bool write) {
  const PhysAddr a20 = memory.a20_mask();
  marks->note({place.linear, place.first & a20, place.first_size, write});
  if (place.first_size < place.size)
    marks->note({place.linear + place.first_size, place.second & a20,
                 static_cast<std::uint8_t>(place.size - place.first_size), write});
}

void Cpu::raise(Cause cause, std::uint32_t error_code, const FaultDetail& detail) {
  throw Fault{vector_of(cause), error_code, cause, detail};
}

void Cpu::set_eflags(std::uint32_t value, std::uint32_t mask) {
  if ((mask & kArithmeticFlags) != 0)
    flags.set_word((flags.word() & ~mask) | (value & mask & kArithmeticFlags));
  const std::uint32_t system = mask & ~kArithmeticFlags;
  const std::uint32_t before = system_flags;
  system_flags = (system_flags & ~system) | (value & system) | 2;
  const std::uint32_t changed = before ^ system_flags;
  if ((changed & (kTF | kVM | kAC | kRF)) != 0) update_mode();
  if ((changed & kIF) != 0 && intr) attention = true;
}

void Cpu::set_cpl(unsigned level) {
  cpl = static_cast<std::uint8_t>(level);
  tlb = fast_tlb[level == 3 ? 1 : 0].data();
}

void Cpu::update_mode() {
  const std::uint32_t fast_key = cr0 & (kCr0PG | kCr0WP);
  if (fast_key != fast_tlb_key) {
    fast_tlb_key = fast_key;
    drop_fast_tlb();
    if ((fast_key & kCr0PG) == 0) flush_tlb(false);
  }
  tlb = fast_tlb[cpl == 3 ? 1 : 0].data();
  const std::uint32_t key = (seg[kCS].big != 0 ? kModeCode32 : 0u) | (seg[kSS].big != 0 ? kModeStack32 : 0u) |
                            (seg[kDS].flat_writable() && seg[kES].flat_writable() ? kModeFlatData : 0u) |
                            (seg[kSS].flat_writable() ? kModeFlatStack : 0u);
  if (seg[kCS].limit != cs_limit) {
    cs_limit = seg[kCS].limit;
    cs_limit_key = blocks->limit_number(cs_limit) << 8;
  }
  if ((key | cs_limit_key) != mode) {
    mode = key | cs_limit_key;
    attention = true;
  }
  const bool exact = debug_active || (system_flags & (kTF | kRF)) != 0 ||
                     ((cr0 & kCr0AM) != 0 && (system_flags & kAC) != 0 && cpl == 3);
  if (exact || exact_only) attention = true;
  exact_only = exact;
}

void Cpu::jump_near(std::uint32_t target, bool operand32) {
  const std::uint32_t destination = operand32 ? target : target & 0xFFFF;
  if (destination > seg[kCS].limit) {
    FaultDetail detail;
    detail.seg = kCS;
    detail.offset = destination;
    detail.limit = seg[kCS].limit;
    detail.selector = seg[kCS].selector;
    raise(Cause::kGpCodeLimit, 0, detail);
  }
  eip = destination;
}

// The whole life of the processor between two of the board's events.
RunExit Cpu::run(std::uint64_t limit) {
  const std::uint64_t now = ticks();
  tick_limit = std::max(limit, now);
  remaining = static_cast<std::int64_t>(tick_limit - now);
  exit_requested = false;
  unimplemented.clear();
  for (;;) {
    if (exit_requested) return RunExit::kRequested;
    if (shutdown) return RunExit::kShutdown;
    if (!unimplemented.empty()) return RunExit::kUnimplemented;
    if (remaining <= 0) return RunExit::kLimit;
    attention = false;
    if (take_interrupts()) {
      pending_link = nullptr;
      continue;
    }
    if (halted) return RunExit::kHalted;
    if (marks != nullptr && stops_here()) continue;
    if (exact_only) {
      pending_link = nullptr;
      step_exact();
    } else {
      run_fast();
    }
  }
}

RunExit Cpu::step() {
  tick_limit = ticks() + 1;
  remaining = 1;
  exit_requested = false;
  unimplemented.clear();
  if (shutdown) return RunExit::kShutdown;
  attention = false;
  pending_link = nullptr;  // belongs to the place that run() has left, and that is being left here
  pending_indirect = false;
  if (!take_interrupts()) {
    if (halted) return RunExit::kHalted;
    step_exact();
  }
  if (shutdown) return RunExit::kShutdown;
  return unimplemented.empty() ? RunExit::kLimit : RunExit::kUnimplemented;
}

// SDM Vol. 3A, "Priority Among Simultaneous Exceptions and Interrupts": traps on the previous instruction,
// NMI, external interrupts. Code breakpoints come with the instruction (step_exact).
bool Cpu::take_interrupts() {
  const bool inhibited = interrupts_inhibited();
  if (pending_debug != 0 && !(inhibited && inhibit_debug)) {
    count_delivery();
    take_debug_trap();
    return true;
  }
  if (nmi_pending && !nmi_blocked && !(inhibited && inhibit_debug)) {
    nmi_pending = false;
    halted = false;
    count_delivery();
    deliver_external(2, true);
    return true;
  }
  if (intr && (system_flags & kIF) != 0) {
    if (inhibited) {
      // One instruction first; it must not start a block that runs on past the shadow.
      if (!halted) {
        if (marks != nullptr && stops_here()) return true;
        step_exact();
      } else {
        count_delivery();
        inhibit_until = 0;
      }
      return true;
    }
    halted = false;
    count_delivery();
    deliver_external(bus.acknowledge_interrupt(), false);
    return true;
  }
  return false;
}

void Cpu::deliver_counted(const Fault& fault) {
  if (ticks() == last_fault_tick) {
    --remaining;
  } else {
    count_delivery();
  }
  last_fault_tick = ticks();
  attention = true;
  deliver_fault(fault);
}

bool Cpu::execute_exact(const Op& op) {
  eip = op.eip + op.length;
  try {
    exact_table[op.id](*this, op);
    --remaining;
    return true;
  } catch (const Fault& fault) {
    eip = op.eip;
    deliver_counted(fault);
  } catch (const Unimplemented& gap) {
    eip = op.eip;
    unimplemented = gap.what;
  }
  attention = true;
  return false;
}

void Cpu::step_exact() {
  const std::uint32_t flags_before = system_flags;
  Op uncached;
  const Op* op = &uncached;
  try {
    if (debug_active && (system_flags & kRF) == 0) check_instruction_breakpoints();
    Block* block = blocks->find();
    if (block != nullptr) {
      op = &block->ops[0];
    } else {
      decode_uncached(uncached);
    }
  } catch (const Fault& fault) {
    deliver_counted(fault);
    return;
  }
  const std::uint16_t id = op->id;
  const std::uint32_t at = op->eip;
  if (!execute_exact(*op)) return;
  // RF lasts for one instruction; IRET and a task switch may have set it for the next.
  const std::uint16_t row = row_of(id);
  if ((flags_before & kRF) != 0 && row != 0xCF && (system_flags & kRF) != 0) set_eflags(0, kRF);
  if ((flags_before & kTF) != 0) {
    // INT n clears TF before the trap could be taken; after IRET it comes again.
    const bool software_interrupt = (row >= 0xCC && row <= 0xCE && (system_flags & kTF) == 0) || row == 0xF1;
    if (!software_interrupt) pending_debug |= 1u << 14;
    // "For a trap-class exception between two iterations of a repeated string instruction RF is 1."
    const bool string = (row >= 0x6C && row <= 0x6F) || (row >= 0xA4 && row <= 0xAF);
    if (string && eip == at) set_eflags(kRF, kRF);
  }
}

void Cpu::decode_uncached(Op& op) {
  std::uint8_t bytes[kMaxInstructionLength];
  const std::uint32_t limit = seg[kCS].limit;
  FaultDetail detail;
  detail.seg = kCS;
  detail.offset = eip;
  detail.limit = limit;
  detail.selector = seg[kCS].selector;
  unsigned have = 0;
  PhysAddr physical = 0;
  for (;;) {
    // Byte by byte, so that a fault on the next page comes only when the instruction really reaches it.
    const std::uint32_t offset = eip + have;
    if (std::uint64_t{eip} + have > limit && (limit != 0xFFFFFFFF || seg[kCS].base != 0))
      raise(Cause::kGpFetchLimit, 0, detail);
    const std::uint32_t linear = seg[kCS].base + offset;
    if (have == 0 || (linear & (kPageSize - 1)) == 0) physical = translate(linear, Access::kExecute, cpl == 3);
    bytes[have++] = memory.read8(physical++);
    const Decoded d = decode(bytes, have, mode, eip, model, op);
    if (d.status == Decoded::kOk) break;
    if (d.status == Decoded::kTooLong || have == kMaxInstructionLength)
      raise(Cause::kGpInstructionTooLong, 0, detail);
  }
  op.handler = nullptr;
}

void Cpu::run_fast() {
  Block* block = nullptr;
  Op uncached;
  try {
    block = blocks->find();  // may flush, and then there is nothing to link any more
    if (block == nullptr) {
      decode_uncached(uncached);
    } else if (pending_link != nullptr) {
      pending_link->link = block;
    } else if (pending_indirect) {
      blocks->jump_cache[BlockCache::jump_slot(eip)] = {eip, block};
    }
    pending_link = nullptr;
    pending_indirect = false;
  } catch (const Fault& fault) {
    pending_link = nullptr;
    deliver_counted(fault);
    return;
  }
  if (block == nullptr) {
    execute_exact(uncached);
    return;
  }
  if (block->count > remaining) {
    // The event is closer than the block is long: walk up to it.
    const std::uint32_t length = block->length;
    for (std::uint32_t i = 0; i < length && remaining > 0; ++i) {
      const Op& op = block->ops[i];
      if (!execute_exact(op) || attention || eip != op.eip + op.length) return;
    }
    return;
  }
  fast::enter(*this, *block);
}

void Cpu::observe_register(SystemRegister what, std::uint64_t value, std::uint32_t number) {
  if (observer != nullptr) observer->register_written({.what = what, .number = number, .value = value, .tick = ticks()});
}

void Cpu::visit(StateVisitor& v) {
  VisitGroup group(v, "cpu");
  std::uint64_t now = ticks();
  v.field("ticks", now);
  v.field("gpr", gpr);
  v.field("eip", eip);
  // The arithmetic flags are visited as what the guest can see of them, not as their lazy form.
  std::uint32_t arithmetic = flags.word();
  v.field("arithmetic_flags", arithmetic);
  v.field("system_flags", system_flags);
  const auto visit_segment = [&](const char* name, Segment& s) {
    VisitGroup segment_group(v, name);
    v.field("selector", s.selector);
    v.field("base", s.base);
    v.field("limit", s.limit);
    v.field("access", s.access);
    v.field("big", s.big);
    v.field("usable", s.usable);
  };
  static constexpr const char* kNames[] = {"es", "cs", "ss", "ds", "fs", "gs"};
  for (unsigned i = 0; i < 6; ++i) visit_segment(kNames[i], seg[i]);
  visit_segment("ldtr", ldtr);
  visit_segment("tr", tr);
  v.field("gdtr_base", gdtr.base);
  v.field("gdtr_limit", gdtr.limit);
  v.field("idtr_base", idtr.base);
  v.field("idtr_limit", idtr.limit);
  v.field("cpl", cpl);
  v.field("halted", halted);
  v.field("shutdown", shutdown);
  v.field("nmi_pending", nmi_pending);
  v.field("nmi_blocked", nmi_blocked);
  v.field("intr", intr);
  v.field("inhibit_until", inhibit_until);
  v.field("inhibit_debug", inhibit_debug);
  v.field("last_fault_tick", last_fault_tick);
  v.field("cr0", cr0);
  v.field("cr2", cr2);
  v.field("cr3", cr3);
  v.field("cr4", cr4);
  v.field("dr", dr);
  v.field("pending_debug", pending_debug);
  v.field("debug_active", debug_active);
  v.field("pdpte", pdpte);
  v.field("tsc_offset", tsc_offset);
  v.field("msr_sysenter_cs", msr_sysenter_cs);
  v.field("msr_sysenter_esp", msr_sysenter_esp);
  v.field("msr_sysenter_eip", msr_sysenter_eip);
  v.field("msr_efer", msr_efer);
  v.field("msr_file", msr_file);
  x87.visit(v);
  data_tlb.visit(v);
  code_tlb.visit(v);
  if (!v.loading()) return;
  flags.set_word(arithmetic);
  cpl &= 3;
  tick_limit = now;
  remaining = 0;
  delivery_tick = ~0ull;
  for (Segment& s : seg) s.derive();
  if (v.bulk()) {
    drop_caches();
  } else {
    drop_fast_tlb();
    blocks->forget_paths();
  }
  fast_tlb_key = cr0 & (kCr0PG | kCr0WP);
  update_mode();
}

}  // namespace ringside
