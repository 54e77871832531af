// Task switches. SDM Vol. 3A, "Task Switching" with its table "Exception Conditions Checked During a Task
// Switch"; numbers in comments are those of the section's steps.
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

namespace {

struct Layout {
  std::uint32_t limit, eip, eflags, gpr, gpr_step, segments, segment_count, ldt;
};
constexpr Layout k32{0x67, 0x20, 0x24, 0x28, 4, 0x48, 6, 0x60};
constexpr Layout k16{0x2B, 0x0E, 0x10, 0x12, 2, 0x22, 4, 0x2A};

}  // namespace

/// "TASK-GATE" in JMP, CALL and INT.
void Cpu::through_task_gate(std::uint32_t selector, Switch reason, const Event* event, unsigned ext) {
  const std::uint32_t error = (selector & 0xFFFC) | ext;
  // A null selector is one whose descriptor is no TSS.
  if ((selector & 4) != 0 || (selector & 0xFFFC) == 0) gp(error);
  const Descriptor d = fetch(selector, 13, ext);
  if (!d.available_tss()) gp(error);
  if (!d.present()) throw Fault{11, error};
  switch_task(selector, reason, event);
}

void Cpu::switch_task(std::uint32_t selector, Switch reason, const Event* event) {
  const unsigned ext = event != nullptr ? event->ext : 0;
  const std::uint32_t error = (selector & 0xFFFC) | ext;
  // 1.-4. The caller has checked gate and descriptor, except for IRET, where everything is #TS.
  if (reason == Switch::kIret) {
    if ((selector & 4) != 0) throw Fault{10, error};
    std::uint32_t linear = 0;
    if (!find(selector, linear) || (selector & 0xFFFC) == 0) throw Fault{10, error};
  }
  Descriptor d = fetch(selector);
  if (reason == Switch::kIret) {
    if (!d.tss() || d.available_tss()) throw Fault{10, error};
    if (!d.present()) throw Fault{11, error};
  }
  const bool is32 = d.is32();
  if (d.limit() < (is32 ? k32 : k16).limit) throw Fault{10, error};
  // The manual does not say what happens where the old task does not fit into its TSS; #TS is what fits best.
  if (tr.limit < ((tr.access & 8) != 0 ? 0x5Fu : 0x29u)) throw Fault{10, (tr.selector & 0xFFFC) | ext};
  // 6. JMP and IRET leave the old task; CALL and interrupts nest the new one in it.
  const bool nested = reason == Switch::kCall || reason == Switch::kInterrupt;
  std::uint32_t saved_flags = eflags;
  if (!nested) set_busy(tr.selector, false);
  // 7. "If the task switch was initiated with an IRET instruction, the processor clears the NT flag in a
  // temporarily saved image of the EFLAGS register."
  if (reason == Switch::kIret) saved_flags &= ~kNt;
  // 8. Save the old task.
  const bool old32 = (tr.access & 8) != 0;
  const Layout& old = old32 ? k32 : k16;
  system_write(tr.base + old.eip, old32 ? 4 : 2, eip);
  system_write(tr.base + old.eflags, old32 ? 4 : 2, saved_flags);
  for (unsigned i = 0; i < 8; ++i) system_write(tr.base + old.gpr + i * old.gpr_step, old.gpr_step, gpr[i]);
  for (unsigned i = 0; i < old.segment_count; ++i)
    system_write(tr.base + old.segments + i * old.gpr_step, 2, seg[i].selector);
  // 9., 10.
  if (nested) system_write(d.base(), 2, tr.selector);
  if (reason != Switch::kIret) set_busy(selector, true);
  // 11.-13.
  d.high |= 0x200;
  tr = segment_of(selector, d);
  cr0 |= kTs;
  load_task_image(d.base(), is32, nested);
  dr[7] &= ~0x155u;
  // From here on, exceptions are those of the new task.
  start_eip = eip;
  load_task_segments(ext);
  const bool trap = is32 && (system_read(tr.base + 0x64, 2) & 1) != 0;
  if (event != nullptr && event->has_error) {
    const unsigned size = is32 ? 4 : 2;
    if (!within(seg[kSs], (gpr[kEsp] - size) & stack_mask(), size)) throw Fault{12, ext};
    push(event->error, size);
  }
  if (eip > seg[kCs].limit) throw Fault{13, ext};
  if (trap) pending_debug |= 0x8000;
}

void Cpu::load_task_image(std::uint32_t base, bool is32, bool nested) {
  const Layout& layout = is32 ? k32 : k16;
  const unsigned size = is32 ? 4 : 2;
  if (is32 && (cr0 & kPg) != 0) {
    cr3 = system_read(base + 0x1C, 4);
    if ((cr4 & kCr4Pae) != 0) load_pdptes();
  }
  eip = system_read(base + layout.eip, size);
  eflags = (system_read(base + layout.eflags, size) & 0x3F7FD5) | 2;
  if (nested) eflags |= kNt;
  for (unsigned i = 0; i < 8; ++i) {
    gpr[i] = system_read(base + layout.gpr + i * layout.gpr_step, size);
    if (!is32) gpr[i] |= 0xFFFF0000;
  }
  for (unsigned i = 0; i < 6; ++i) {
    seg[i] = Segment{};
    seg[i].usable = false;
    if (i < layout.segment_count)
      seg[i].selector = system_read(base + layout.segments + i * layout.gpr_step, 2);
  }
  ldtr = Segment{};
  ldtr.usable = false;
  ldtr.selector = system_read(base + layout.ldt, 2);
}

/// The second half of the table: LDT, CS, SS, the others, each against the new CPL, which is the RPL of CS.
void Cpu::load_task_segments(unsigned ext) {
  const std::uint32_t ldt = ldtr.selector;
  const auto refuse = [ext](unsigned vector, std::uint32_t selector) {
    throw Fault{vector, (selector & 0xFFFC) | ext};
  };
  if (v86()) {
    // Segments of virtual-8086 mode need no descriptors; the LDT comes first.
    cpl = 3;
    const std::uint32_t selectors[6] = {seg[0].selector, seg[1].selector, seg[2].selector,
                                        seg[3].selector, seg[4].selector, seg[5].selector};
    for (unsigned i = 0; i < 6; ++i) load_sreg(i, selectors[i]);
  } else {
    cpl = seg[kCs].selector & 3;
  }
  if ((ldt & 0xFFFC) != 0) {
    if ((ldt & 4) != 0) refuse(10, ldt);
    const Descriptor d = fetch(ldt, 10, ext);
    if (!d.system() || d.type() != kLdtType || !d.present()) refuse(10, ldt);
    ldtr = segment_of(ldt, d);
  }
  if (v86()) return;
  const std::uint32_t cs = seg[kCs].selector;
  if ((cs & 0xFFFC) == 0) refuse(10, cs);
  Descriptor code = fetch(cs, 10, ext);
  if (!code.code()) refuse(10, cs);
  if (code.conforming() ? code.dpl() > cpl : code.dpl() != cpl) refuse(10, cs);
  if (!code.present()) refuse(11, cs);
  const std::uint32_t ss = seg[kSs].selector;
  if ((ss & 0xFFFC) == 0) refuse(10, ss);
  Descriptor stack = fetch(ss, 10, ext);
  if (!stack.writable()) refuse(10, ss);
  if (stack.dpl() != cpl || (ss & 3) != cpl) refuse(10, ss);
  if (!stack.present()) refuse(12, ss);
  mark_accessed(cs, code);
  seg[kCs] = segment_of(cs, code);
  mark_accessed(ss, stack);
  seg[kSs] = segment_of(ss, stack);
  for (const unsigned index : {kEs, kDs, kFs, kGs}) {
    const std::uint32_t selector = seg[index].selector;
    if ((selector & 0xFFFC) == 0) continue;
    Descriptor d = fetch(selector, 10, ext);
    if (!d.readable()) refuse(10, selector);
    if (!d.conforming() && (d.dpl() < cpl || d.dpl() < (selector & 3))) refuse(10, selector);
    if (!d.present()) refuse(11, selector);
    mark_accessed(selector, d);
    seg[index] = segment_of(selector, d);
  }
}

}  // namespace privileged::model
