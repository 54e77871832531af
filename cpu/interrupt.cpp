// Exceptions and interrupts: INT n and its kin, and the delivery of what instructions and the board raise,
// with double faults and shutdown.
#include "cpu/interrupt.h"

#include "cpu/control_transfer.h"
#include "cpu/debug_registers.h"

namespace ringside {
namespace {

/// SDM Vol. 3A, "Interrupt 8 - Double Fault Exception (#DF)": the classes that its table goes by.
enum class Severity : std::uint8_t { kBenign, kContributory, kPageFault, kDoubleFault };

Severity severity_of(Vector vector) {
  switch (vector) {
    case Vector::kDE:
    case Vector::kTS:
    case Vector::kNP:
    case Vector::kSS:
    case Vector::kGP:
      return Severity::kContributory;
    case Vector::kPF:
      return Severity::kPageFault;
    case Vector::kDF:
      return Severity::kDoubleFault;
    default:
      return Severity::kBenign;
  }
}

/// Table "Conditions for Generating a Double Fault": first exception, then second.
bool makes_double_fault(Severity first, Severity second) {
  if (first == Severity::kContributory) return second == Severity::kContributory;
  if (first == Severity::kPageFault)
    return second == Severity::kContributory || second == Severity::kPageFault;
  return false;
}

/// True for the exceptions that push EFLAGS with RF set: faults, but not instruction breakpoints, which the
/// handler must decide about, and no traps or aborts. SDM Vol. 3B, "Instruction-Breakpoint Exception
/// Condition".
bool sets_rf(const Fault& fault) {
  switch (fault.vector) {
    case Vector::kDB:
      return fault.cause == Cause::kDbGeneralDetect;
    case Vector::kBP:
    case Vector::kOF:
    case Vector::kDF:
    case Vector::kMC:
      return false;
    default:
      return true;
  }
}

InterruptEvent event_of(const Fault& fault) {
  InterruptEvent event;
  event.vector = static_cast<std::uint8_t>(fault.vector);
  event.delivery = true;
  event.fault = sets_rf(fault);
  event.has_error_code = has_error_code(fault.vector);
  event.error_code = fault.error_code;
  return event;
}

/// Effects of an exception on registers, which come before its handler is looked for.
void note_exception(Cpu& cpu, const Fault& fault) {
  cpu.fault_chain.add(fault, cpu.seg[kCS].selector, cpu.eip, cpu.ticks());
  if (fault.vector == Vector::kPF) cpu.cr2 = fault.detail.linear;
}

void shut_down(Cpu& cpu) {
  cpu.shutdown = true;
  cpu.attention = true;
}

/// One delivery at most meets a benign fault, a contributory one, a page fault, a double fault in turn; a
/// chain that goes on is one of #AC (or #DB) at CPL 3 for ever. A real processor never ends that loop; here
/// it ends as a shutdown, so that a guest cannot hang its host.
constexpr unsigned kLongestChain = 8;

/// Delivers `event`; `fault` is what it came from, nullptr for an interrupt.
void deliver(Cpu& cpu, InterruptEvent event, const Fault* first, TrapKind kind) {
  Fault current{};
  if (first != nullptr) current = *first;
  Severity severity = first != nullptr ? severity_of(current.vector) : Severity::kBenign;
  cpu.inhibit_until = 0;
  cpu.inhibit_debug = false;
  for (unsigned depth = 0; depth < kLongestChain; ++depth) {
    const Origin origin(cpu, cpu.eip);
    Fault nested{};
    try {
      enter_interrupt(cpu, event);
      // "The processor clears the GD flag upon entering a debug exception handler."
      if (event.vector == 1 && (cpu.dr[7] & kDr7GD) != 0) set_dr7(cpu, cpu.dr[7] & ~kDr7GD);
      if (cpu.observer != nullptr)
        observe(cpu, kind, origin, event.vector, kind == TrapKind::kException ? &current : nullptr);
      return;
    } catch (const Fault& thrown) {
      nested = thrown;
    }
    // EXT: the fault was met while delivering something that no instruction asked for.
    if (nested.vector != Vector::kPF && has_error_code(nested.vector) && cpu.protected_mode())
      nested.error_code |= 1;
    note_exception(cpu, nested);
    const Severity second = severity_of(nested.vector);
    if (severity == Severity::kDoubleFault && second != Severity::kBenign) return shut_down(cpu);
    if (makes_double_fault(severity, second)) {
      const Cause cause = severity == Severity::kPageFault ? Cause::kDfPageFault : Cause::kDfContributory;
      current = Fault{Vector::kDF, 0, cause, nested.detail};
      cpu.fault_chain.add(current, cpu.seg[kCS].selector, cpu.eip, cpu.ticks());
    } else {
      current = nested;
    }
    severity = severity_of(current.vector);
    event = event_of(current);
    kind = TrapKind::kException;
  }
  shut_down(cpu);
}

/// INT n, INT3, INTO, INT1: faults are the instruction's own, and thrown.
void software_interrupt(Cpu& cpu, const Op& op, std::uint8_t vector, Cause cause, bool privileged) {
  const Origin origin(cpu, op.eip);
  InterruptEvent event;
  event.vector = vector;
  event.software = !privileged;
  enter_interrupt(cpu, event);
  if (vector == 1 && (cpu.dr[7] & kDr7GD) != 0) set_dr7(cpu, cpu.dr[7] & ~kDr7GD);
  if (cpu.observer == nullptr) return;
  const Fault fault{static_cast<Vector>(vector), 0, cause, {}};
  observe(cpu, TrapKind::kSoftwareInterrupt, origin, vector, cause == Cause::kCount ? nullptr : &fault);
}

}  // namespace

void Cpu::deliver_fault(const Fault& fault) {
  fault_chain.clear();
  // Data breakpoints of an instruction that did not complete come again with its restart.
  if (fault.vector != Vector::kDB) pending_debug = 0;
  note_exception(*this, fault);
  halted = false;
  deliver(*this, event_of(fault), &fault, TrapKind::kException);
}

void Cpu::deliver_external(std::uint8_t vector, bool nmi) {
  fault_chain.clear();
  halted = false;
  if (nmi) {
    nmi_pending = false;
    nmi_blocked = true;
  }
  InterruptEvent event;
  event.vector = vector;
  event.delivery = true;
  deliver(*this, event, nullptr, nmi ? TrapKind::kNmi : TrapKind::kExternal);
}

namespace exact {

void int_n(Cpu& cpu, const Op& op) {
  const auto vector = static_cast<std::uint8_t>(op.imm);
  if (cpu.v86()) {
    // SDM Vol. 3A, table "Software Interrupt Handling Methods While in Virtual-8086 Mode".
    if ((cpu.cr4 & kCr4VME) != 0 && redirected_to_8086(cpu, vector)) {
      const Origin origin(cpu, op.eip);
      enter_redirected(cpu, vector);
      observe(cpu, TrapKind::kSoftwareInterrupt, origin, vector);
      return;
    }
    if (cpu.iopl() < 3) cpu.raise(Cause::kGpV86Iopl);
  }
  software_interrupt(cpu, op, vector, Cause::kCount, false);
}

void int3(Cpu& cpu, const Op& op) { software_interrupt(cpu, op, 3, Cause::kBpInt3, false); }

void into(Cpu& cpu, const Op& op) {
  if (cpu.flags.of()) software_interrupt(cpu, op, 4, Cause::kOfInto, false);
}

/// INT1 is delivered as a hardware exception: the gate's DPL does not count, and DR6 stays as it is.
void int1(Cpu& cpu, const Op& op) { software_interrupt(cpu, op, 1, Cause::kDbInt1, true); }

}  // namespace exact
}  // namespace ringside
