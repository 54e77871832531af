// Delivery of interrupts and exceptions. SDM Vol. 2, "INT n/INTO/INT3/INT1"; Vol. 3A, "Interrupt and
// Exception Handling".
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

namespace {

enum class Class { kBenign, kContributory, kPageFault, kDouble };

Class class_of(unsigned vector) {
  switch (vector) {
    case 0:
    case 10:
    case 11:
    case 12:
    case 13:
      return Class::kContributory;
    case 14:
      return Class::kPageFault;
    case 8:
      return Class::kDouble;
    default:
      return Class::kBenign;
  }
}

bool pushes_error(unsigned vector) { return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17; }

}  // namespace

Segment Cpu::inner_stack(unsigned level, unsigned ext, std::uint32_t& esp) {
  const bool is32 = (tr.access & 8) != 0;
  const std::uint32_t at = is32 ? level * 8 + 4 : level * 4 + 2;
  const std::uint32_t last = at + (is32 ? 5 : 3);
  if (last > tr.limit) throw Fault{10, (tr.selector & 0xFFFC) | ext};
  esp = system_read(tr.base + at, is32 ? 4 : 2);
  const std::uint32_t selector = system_read(tr.base + at + (is32 ? 4 : 2), 2);
  const std::uint32_t error = (selector & 0xFFFC) | ext;
  if ((selector & 0xFFFC) == 0) throw Fault{10, error};
  Descriptor d = fetch(selector, 10, ext);
  if ((selector & 3) != level || d.dpl() != level || !d.writable()) throw Fault{10, error};
  if (!d.present()) throw Fault{12, error};
  mark_accessed(selector, d);
  return segment_of(selector, d);
}

void Cpu::enter_real(const Event& event) {
  if (event.vector * 4 + 3 > idtr.limit) throw Fault{13};
  push(eflags & 0xFFFF, 2);
  push(seg[kCs].selector, 2);
  push(eip & 0xFFFF, 2);
  eflags &= ~(kIf | kTf | kAc | kRf);
  eip = system_read(idtr.base + event.vector * 4, 2);
  load_sreg(kCs, system_read(idtr.base + event.vector * 4 + 2, 2));
}

void Cpu::enter(const Event& event) {
  if (!protected_mode()) return enter_real(event);
  const std::uint32_t error = event.vector * 8 + 2 + event.ext;
  if (event.vector * 8 + 7 > idtr.limit) throw Fault{13, error};
  const Descriptor gate{system_read(idtr.base + event.vector * 8, 4),
                        system_read(idtr.base + event.vector * 8 + 4, 4)};
  const unsigned type = gate.type();
  const bool known =
      type == kTaskGate || type == kInt16 || type == kTrap16 || type == kInt32 || type == kTrap32;
  if (!gate.system() || !known) throw Fault{13, error};
  if (event.software && gate.dpl() < cpl) throw Fault{13, event.vector * 8 + 2};
  if (!gate.present()) throw Fault{11, error};
  if (type == kTaskGate)
    return through_task_gate(gate.gate_selector(), Switch::kInterrupt, &event, event.ext);
  gate_transfer(event, gate);
}

void Cpu::gate_transfer(const Event& event, Descriptor gate) {
  const unsigned ext = event.ext;
  const std::uint32_t target = gate.gate_selector();
  const std::uint32_t error = (target & 0xFFFC) | ext;
  if ((target & 0xFFFC) == 0) throw Fault{13, ext};
  Descriptor d = fetch(target, 13, ext);
  if (!d.code() || d.dpl() > cpl) throw Fault{13, error};
  if (!d.present()) throw Fault{11, error};
  const unsigned size = gate.is32() ? 4 : 2;
  const std::uint32_t offset = gate.gate_offset();
  const std::uint32_t old_flags = eflags, old_cs = seg[kCs].selector, old_eip = eip;
  const std::uint32_t cleared = kTf | kNt | kVm | kRf | ((gate.type() & 1) == 0 ? kIf : 0u);
  const unsigned errors = event.has_error ? 1 : 0;
  if (!d.conforming() && d.dpl() < cpl) {
    const bool from_v86 = v86();
    if (from_v86 && d.dpl() != 0) throw Fault{13, error};
    const unsigned level = d.dpl();
    std::uint32_t new_esp = 0;
    const Segment new_ss = inner_stack(level, ext, new_esp);
    const unsigned bytes = ((from_v86 ? 9 : 5) + errors) * size;
    const std::uint32_t mask = new_ss.big ? 0xFFFFFFFFu : 0xFFFFu;
    if (!within(new_ss, (new_esp - bytes) & mask, bytes)) throw Fault{12, (new_ss.selector & 0xFFFC) | ext};
    if (offset > d.limit()) throw Fault{13, ext};
    std::uint32_t old[6];
    for (unsigned i = 0; i < 6; ++i) old[i] = seg[i].selector;
    const std::uint32_t old_esp = gpr[kEsp];
    eflags &= ~kVm;
    cpl = level;
    seg[kSs] = new_ss;
    gpr[kEsp] = new_ss.big ? new_esp : (old_esp & 0xFFFF0000) | (new_esp & 0xFFFF);
    if (from_v86) {
      for (const unsigned index : {kGs, kFs, kDs, kEs}) {
        push(old[index], size);
        seg[index] = Segment{};
        seg[index].usable = false;
      }
    }
    push(old[kSs], size);
    push(old_esp, size);
    push(old_flags, size);
    push(old_cs, size);
    push(old_eip, size);
    if (errors != 0) push(event.error, size);
    enter_code(target, d, level, offset);
  } else {
    if (v86()) throw Fault{13, error};
    const unsigned bytes = (3 + errors) * size;
    if (!within(seg[kSs], (gpr[kEsp] - bytes) & stack_mask(), bytes)) throw Fault{12, ext};
    if (offset > d.limit()) throw Fault{13, ext};
    push(old_flags, size);
    push(old_cs, size);
    push(old_eip, size);
    if (errors != 0) push(event.error, size);
    enter_code(target, d, cpl, offset);
  }
  eflags &= ~cleared;
}

/// INT n and its kin: a fault in the delivery is the instruction's own.
void Cpu::software_interrupt(unsigned vector, unsigned ext) {
  Event event{vector};
  event.software = ext == 0;
  event.ext = ext;
  enter(event);
}

/// Vol. 3B, "Software Interrupt Handling Methods While in Virtual-8086 Mode".
void Cpu::int_v86(unsigned vector) {
  if ((cr4 & kCr4Vme) != 0) {
    const std::uint32_t map = system_read(tr.base + 0x66, 2);
    // The manual does not say what holds where the map lies beyond the TSS; all others treat it as a refusal.
    if (map - 32 + vector / 8 > tr.limit) gp();
    const std::uint32_t byte = system_read(tr.base + map - 32 + vector / 8, 1);
    if ((byte >> (vector % 8) & 1) == 0) {
      std::uint32_t image = eflags & 0xFFFF;
      if (io_level() < 3) {
        image = (image & ~kIf) | iopl(3) | ((eflags & kVif) != 0 ? kIf : 0);
      }
      push(image, 2);
      push(seg[kCs].selector, 2);
      push(eip, 2);
      eflags &= ~(kTf | (io_level() < 3 ? kVif : kIf));
      eip = read_linear(vector * 4, 2, true);
      load_sreg(kCs, read_linear(vector * 4 + 2, 2, true));
      return;
    }
  }
  if (io_level() < 3) gp();
  software_interrupt(vector, 0);
}

/// "Interrupt 8 - Double Fault Exception (#DF)".
void Cpu::deliver(const Fault& first) {
  Fault fault = first;
  Class previous = Class::kBenign;
  for (unsigned depth = 0; depth < 8; ++depth) {
    const Class now = class_of(fault.vector);
    bool doubled = previous == Class::kContributory && now == Class::kContributory;
    doubled = doubled ||
              (previous == Class::kPageFault && (now == Class::kContributory || now == Class::kPageFault));
    if (previous == Class::kDouble && now != Class::kBenign) throw Shutdown{};
    if (doubled) fault = Fault{8};
    previous = class_of(fault.vector);
    // RF in the image: faults, but not instruction breakpoints, traps and aborts.
    const bool trap = fault.vector == 1 || fault.vector == 3 || fault.vector == 4 || fault.vector == 8;
    const std::uint32_t rf_before = eflags & kRf;
    if (!trap && !fault.breakpoint) eflags |= kRf;
    Event event{fault.vector};
    event.has_error = pushes_error(fault.vector) && protected_mode();
    event.error = fault.error;
    event.ext = 1;
    try {
      enter(event);
      return;
    } catch (const Fault& next) {
      eflags = (eflags & ~kRf) | rf_before;
      fault = next;
    }
  }
  throw Shutdown{};
}

}  // namespace privileged::model
