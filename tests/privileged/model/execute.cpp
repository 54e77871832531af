// The operations and what comes between two of them. SDM Vol. 2 under their names; Vol. 3A, "Priority Among
// Concurrent Events"; Vol. 3B, "Debug Registers".
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

void Cpu::load_start(const State& start, bool real) {
  for (unsigned i = 0; i < 8; ++i) gpr[i] = start.gpr[i], dr[i] = start.dr[i];
  gdtr = {kGdt, start.gdt_limit};
  idtr = {real ? kVectors : kIdt, start.idt_limit};
  pending_debug = 0;
  shadow_interrupts = shadow_debug = halted = false;
  // What the kernel has loaded before it starts a case.
  cr0 = kPe | kEt;
  cr3 = cr4 = 0;
  eflags = 2;
  cpl = 0;
  release_tasks();
  load_task_register(kMainTssSelector);
  load_ldt(kLdtSelector);
  cr4 = start.cr4;
  cr3 = start.cr3;
  if ((start.cr0 & kPg) != 0 && (cr4 & kCr4Pae) != 0) load_pdptes();
  cr0 = start.cr0;
  if (real) {
    cr0 &= ~kPe;
    for (unsigned i = 0; i < 6; ++i) {
      seg[i] = Segment{};
      load_sreg(i, start.seg[i]);
    }
  } else if ((start.eflags & kVm) != 0) {
    eflags |= kVm;
    for (unsigned i = 0; i < 6; ++i) load_sreg(i, start.seg[i]);
    cpl = 3;
  } else {
    cpl = start.seg[kCs] & 3;
    for (unsigned i = 0; i < 6; ++i) {
      if (i != kCs) {
        load_sreg(i, start.seg[i]);
        continue;
      }
      Descriptor d = fetch(start.seg[i]);
      mark_accessed(start.seg[i], d);
      seg[i] = segment_of(start.seg[i], d);
    }
  }
  eip = start.eip;
  eflags = start.eflags | 2;
}

unsigned Cpu::run() {
  for (unsigned n = 0; n < 1000; ++n) {
    // The handlers: stubs behind gates, and those of real mode.
    const std::uint32_t at = seg[kCs].base + eip;
    if (protected_mode() && !v86() && cpl == 0 && at >= kStubs && at <= fault_entry(14)) {
      by_task = at >= fault_entry(0);
      return (at - (by_task ? fault_entry(0) : kStubs)) / kStubSize;
    }
    if (!protected_mode() && at >= kRealStubs && at < kRealStubs + 256 * 8) return (at - kRealStubs) / 8;
    step();
  }
  throw Shutdown{};
}

void Cpu::step() {
  const bool shadow = shadow_interrupts, shadowed_debug = shadow_debug;
  shadow_interrupts = shadow_debug = false;
  start_eip = eip;
  std::uint32_t physical = 0;
  try {
    // Traps of the previous instruction, then interrupts, then instruction breakpoints, then the fetch.
    if (pending_debug != 0 && !shadowed_debug) {
      dr[6] |= pending_debug;
      pending_debug = 0;
      halted = false;
      throw Fault{1, 0, true};
    }
    if (shadowed_debug) pending_debug = 0;
    if (interrupt_pending && (eflags & kIf) != 0 && !shadow) {
      halted = false;
      interrupt_pending = false;
      try {
        Event event{0x20};
        event.ext = 1;
        enter(event);
      } catch (const Fault& fault) {
        deliver(fault);
      }
      return;
    }
    if (halted) throw Shutdown{};
    const std::uint32_t linear = seg[kCs].base + eip;
    if ((eflags & kRf) == 0 && matches_instruction_breakpoint(linear)) throw Fault{1, 0, true};
    if (eip > seg[kCs].limit) gp();
    physical = translate(linear, Access::kExecute, cpl == 3);
    const auto found = ops.find(physical);
    if (found == ops.end()) throw Fault{6};
    const Op op = found->second;
    if (op.kind == Kind::kTooLong) gp();
    for (unsigned i = 1; i < op.length; ++i) {
      if (eip + i > seg[kCs].limit) gp();
      translate(linear + i, Access::kExecute, cpl == 3);
    }
    const bool single_step = (eflags & kTf) != 0;
    eip += op.length;
    if (!seg[kCs].big && !v86()) eip &= 0xFFFFFFFF;
    execute(op);
    if (op.kind != Kind::kIret) eflags &= ~kRf;
    const bool enters = op.kind == Kind::kInt || op.kind == Kind::kInt3 || op.kind == Kind::kInt1 ||
                        (op.kind == Kind::kInto && (start_eip + op.length) != eip);
    if (single_step && !enters) pending_debug |= 0x4000;
  } catch (const Fault& fault) {
    if (fault.vector != 1) pending_debug = 0;
    eip = start_eip;
    deliver(fault);
    // "The processor clears the GD flag upon entering to the debug exception handler."
    if (fault.vector == 1) dr[7] &= ~0x2000u;
  }
}

bool Cpu::matches_instruction_breakpoint(std::uint32_t linear) const {
  bool hit = false;
  for (unsigned n = 0; n < 4; ++n) {
    const unsigned control = dr[7] >> (16 + 4 * n) & 15;
    if ((dr[7] >> (2 * n) & 3) != 0 && control == 0 && dr[n] == linear) {
      const_cast<Cpu*>(this)->dr[6] |= 1u << n;
      hit = true;
    }
  }
  return hit;
}

/// "Breakpoint Field Recognition": LEN masks the address; any byte in common is a hit. RW 01 writes, 11 both.
void Cpu::match_data_breakpoints(std::uint32_t linear, unsigned size, bool write) {
  for (unsigned n = 0; n < 4; ++n) {
    if ((dr[7] >> (2 * n) & 3) == 0) continue;
    const unsigned kind = dr[7] >> (16 + 4 * n) & 3;
    if (kind != 3 && !(kind == 1 && write)) continue;
    const std::uint32_t length = (dr[7] >> (18 + 4 * n) & 3) + 1;
    const std::uint32_t first = dr[n] & ~(length - 1);
    if (linear < first + length && first < linear + size) pending_debug |= 1u << n;
  }
}

void Cpu::execute(const Op& op) {
  switch (op.kind) {
    case Kind::kNop:
      break;
    case Kind::kMovImm:
      gpr[op.reg] = op.address;
      break;
    case Kind::kMovToSreg:
      if (op.reg == kCs || op.reg > kGs) throw Fault{6};
      load_sreg(op.reg, gpr[kEax] & 0xFFFF);
      if (op.reg == kSs) shadow_interrupts = shadow_debug = true;
      break;
    case Kind::kMovFromSreg:
      if (op.reg > kGs) throw Fault{6};
      gpr[kEax] = seg[op.reg].selector;
      break;
    case Kind::kPushSreg:
      push(seg[op.reg].selector, op.size);
      break;
    case Kind::kPopSreg: {
      const std::uint32_t selector = peek(0, op.size) & 0xFFFF;
      const std::uint32_t mask = stack_mask();
      load_sreg(op.reg, selector);
      gpr[kEsp] = (gpr[kEsp] & ~mask) | ((gpr[kEsp] + op.size) & mask);
      if (op.reg == kSs) shadow_interrupts = shadow_debug = true;
      break;
    }
    case Kind::kLoadFar: {
      const std::uint32_t offset = read(kDs, op.address, op.size);
      load_sreg(op.reg, read(kDs, op.address + op.size, 2));
      gpr[kEax] = offset;
      break;
    }
    case Kind::kCallFar:
      far_transfer(op, true);
      break;
    case Kind::kJmpFar:
      far_transfer(op, false);
      break;
    case Kind::kRetFar:
      return_far(op);
      break;
    case Kind::kIret:
      interrupt_return(op);
      break;
    case Kind::kInt:
      if (v86())
        int_v86(op.address);
      else
        software_interrupt(op.address, 0);
      break;
    case Kind::kInt3:
      software_interrupt(3, 0);
      break;
    case Kind::kInto:
      if ((eflags & kOf) != 0) software_interrupt(4, 0);
      break;
    case Kind::kInt1:
      software_interrupt(1, 1);
      break;
    case Kind::kLar:
    case Kind::kLsl:
    case Kind::kVerr:
    case Kind::kVerw:
      query(op);
      break;
    case Kind::kHlt:
      require_ring0();
      halted = true;
      break;
    case Kind::kCli:
    case Kind::kSti:
    case Kind::kPushf:
    case Kind::kPopf:
      flags_instruction(op);
      break;
    case Kind::kIn:
    case Kind::kOut:
      input_output(op);
      break;
    case Kind::kArpl: {
      if (!protected_mode() || v86()) throw Fault{6};
      set_flags(0, kZf);
      if ((gpr[kEax] & 3) >= (gpr[kEdx] & 3)) break;
      gpr[kEax] = (gpr[kEax] & ~3u) | (gpr[kEdx] & 3);
      set_flags(kZf, kZf);
      break;
    }
    case Kind::kLoad: {
      const std::uint32_t mask = op.size == 4 ? ~0u : (1u << (8 * op.size)) - 1;
      gpr[kEax] = (gpr[kEax] & ~mask) | read(op.reg, op.address, op.size);
      break;
    }
    case Kind::kStore:
      write(op.reg, op.address, op.size, gpr[kEax]);
      break;
    case Kind::kAdd: {
      // Read and written: checked as a write before anything happens, by segment and by page.
      const std::uint32_t linear = check_segment(op.reg, op.address, op.size, true);
      for (unsigned i = 0; i < op.size; ++i) translate(linear + i, Access::kWrite, cpl == 3);
      const std::uint32_t value = read_linear(linear, op.size, cpl == 3);
      write(op.reg, op.address, op.size, value + gpr[kEax]);
      break;
    }
    case Kind::kPush:
      push(gpr[kEax], op.size);
      break;
    case Kind::kPop:
      gpr[kEax] = pop(op.size);
      break;
    case Kind::kJmp:
      if (op.address > seg[kCs].limit) gp();
      eip = op.address;
      break;
    case Kind::kDiv:
      throw Fault{0};
    case Kind::kBound:
      throw Fault{5};
    case Kind::kFnop:
      require_x87(true);
      break;
    case Kind::kWait:
      if ((cr0 & (kTs | kMp)) == (kTs | kMp)) throw Fault{7};
      if (x87_pending && (cr0 & kNe) != 0) throw Fault{16};
      break;
    case Kind::kLocked:
    case Kind::kAlways:
      break;
    case Kind::kAam:
      if (op.selector != 0) throw Fault{0};
      break;
    case Kind::kUndefined:
      throw Fault{6};
    default:
      if (op.kind > Kind::kAam)
        float_instruction(op);
      else
        system_instruction(op);
      break;
  }
}

}  // namespace privileged::model
