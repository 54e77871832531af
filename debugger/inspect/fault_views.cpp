// One trap, explained.
#include <algorithm>
#include <array>

#include "cpu/descriptor.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"

namespace ringside {
namespace {

void add_walk(Document& document, const FaultDetail& detail, bool pae) {
  for (unsigned i = 0; i < detail.levels && i < detail.entries.size(); ++i) {
    const unsigned from_last = (pae ? 3u : 2u) - i;
    const PagingLevel level = from_last == 3 ? PagingLevel::kPdpte : from_last == 2 ? PagingLevel::kPde : PagingLevel::kPte;
    static constexpr const char* kNames[] = {"Page-directory-pointer entry", "Page-directory entry", "Page-table entry"};
    document.strip(paging_entry_strip(std::string(kNames[static_cast<unsigned>(level)]) + " at " + hex_physical(detail.entry_addresses[i]),
                                      detail.entries[i], level, pae));
  }
}

void add_operands(Document& document, const Fault& fault, bool pae) {
  const FaultDetail& d = fault.detail;
  if (fault.vector == Vector::kPF) {
    document.say("The linear address was " + hex32(d.linear) + "; the handler finds it in CR2.");
    add_walk(document, d, pae);
  }
  if (d.selector != 0) document.strip(selector_strip("Selector " + hex16(d.selector), d.selector));
  if (d.descriptor != 0) document.strip(descriptor_strip(descriptor_type(d.descriptor), d.descriptor));
  if (d.limit != 0 && fault.vector != Vector::kPF)
    document.say("Offset " + hex32(d.offset) + ", limit " + hex32(d.limit) + ".");
  if (has_error_code(fault.vector)) document.strip(error_code_strip(fault.vector, fault.error_code));
}

void add_fault(Document& document, const Fault& fault, bool pae) {
  document.say(describe(fault), Tone::kBad);
  document.say(explanation_of(fault.cause));
  add_operands(document, fault, pae);
}

template <typename Entries>
void add_chain(Document& document, const Entries& entries, std::size_t count, bool pae) {
  for (std::size_t i = 0; i < count; ++i) {
    document.say(format("%u. at %04X:%08X", static_cast<unsigned>(i) + 1, entries[i].cs, entries[i].eip));
    add_fault(document, entries[i].fault, pae);
  }
}

bool by_task_gate(const KnownTrap& trap) { return !trap.real_mode && (trap.gate >> 40 & 0x1F) == kTaskGate; }

// SDM Vol. 3A, "Exception- or Interrupt-Handler Procedures".
void add_frame(Document& document, const KnownTrap& trap) {
  if (by_task_gate(trap)) {
    const bool pushed = trap.fault && has_error_code(trap.fault->vector);
    document.say("The gate is a task gate: the interrupted task's registers were saved in its TSS, to which the back link of the handler's TSS leads. "
                 + std::string(pushed ? "On the handler's own stack lies the error code only." : "Nothing was pushed on the handler's own stack."));
    return;
  }
  const bool error = trap.fault && !trap.real_mode && has_error_code(trap.fault->vector);
  const std::size_t eflags_at = (error ? 1u : 0u) + 2;
  const bool from_v86 = !trap.real_mode && eflags_at < trap.frame_words && trap.gate32 && (trap.frame[eflags_at] & kVM) != 0;
  const bool changed = !trap.real_mode && trap.event.from_cpl > trap.event.to_cpl;
  std::vector<const char*> names;
  if (error) names.push_back("error code");
  names.insert(names.end(), {trap.gate32 ? "EIP" : "IP", "CS", trap.gate32 ? "EFLAGS" : "FLAGS"});
  if (changed || from_v86) names.insert(names.end(), {trap.gate32 ? "ESP" : "SP", "SS"});
  if (from_v86) names.insert(names.end(), {"ES", "DS", "FS", "GS"});
  Table& table = document.table("The frame that was pushed", {"address", "field", "value", ""});
  const unsigned width = trap.gate32 ? 4 : 2;
  for (std::size_t i = 0; i < names.size() && i < trap.frame_words; ++i) {
    const std::uint32_t value = trap.frame[i];
    const bool selector = std::string(names[i]).size() == 2 && names[i][1] == 'S';
    std::string meaning;
    if (std::string(names[i]).ends_with("FLAGS")) meaning = set_fields(value, eflags_fields());
    if (selector && !trap.real_mode) meaning = format("index %u, %s, RPL %u", (value & 0xFFFF) >> 3, (value & 4) != 0 ? "LDT" : "GDT", value & 3);
    table.add({dim(logical(trap.ss, trap.esp + static_cast<std::uint32_t>(i) * width)), label(names[i]),
               plain(selector || width == 2 ? hex16(static_cast<std::uint16_t>(value)) : hex32(value)), dim(meaning)});
  }
  if (trap.frame_words == 0) table.add({dim("the handler's stack cannot be read")});
}

void add_gate(Document& document, const KnownTrap& trap) {
  if (trap.real_mode) {
    document.say(format("Real mode: entry %02Xh of the interrupt vector table points to %04X:%04X.", trap.event.vector,
                        static_cast<unsigned>(trap.gate >> 16 & 0xFFFF), static_cast<unsigned>(trap.gate & 0xFFFF)));
    return;
  }
  document.strip(descriptor_strip(format("Gate %02Xh of the IDT", trap.event.vector), trap.gate));
}

std::string why_no_fault(const KnownTrap& trap) {
  switch (trap.event.kind) {
    case TrapKind::kSoftwareInterrupt: return "The program asked for it with an INT instruction. Returning with IRET goes on behind that instruction.";
    case TrapKind::kExternal:
      return "A device asked for attention: its line went to the interrupt controller, which raised INTR and then named this vector. IF was set, so the processor took it between two instructions.";
    case TrapKind::kNmi: return "A non-maskable interrupt: IF does not hold it back. Further ones wait for the next IRET.";
    case TrapKind::kIret: return "IRET took CS:EIP and EFLAGS from the stack, and SS:ESP as well where it leads to an outer ring.";
    case TrapKind::kTaskSwitch: return "The processor saved all registers in the old TSS and loaded them from the new one.";
    case TrapKind::kRingChange: return "A far call, a far return, SYSENTER or SYSEXIT has changed the privilege level; the stack changed with it.";
    case TrapKind::kException: return "";
  }
  return "";
}

}  // namespace

std::string explanation_of(Cause cause) {
  switch (cause) {
#define EXPLAIN(name, text) \
  case Cause::name: return text;
#include "debugger/inspect/explanations.def"
#undef EXPLAIN
    default: return "";
  }
}

Document explain_trap(const Session& session, std::uint64_t number) {
  Document document;
  const KnownTrap* trap = session.traps().find(number);
  if (trap == nullptr) {
    document.say("That trap is not remembered any more.", Tone::kDim);
    return document;
  }
  const TrapEvent& e = trap->event;
  document.heading(trap_name(e) + " at " + logical(e.from_cs, e.from_eip) + ", tick " + grouped(e.tick));
  Table& table = document.untitled("Transfer");
  const auto named = [&](std::uint16_t cs, std::uint32_t eip) { return logical(cs, eip) + " " + session.names().name_of(eip); };
  table.add({label("from"), plain(named(e.from_cs, e.from_eip), "", {LinkKind::kCode, e.from_eip}), dim(format("ring %u", e.from_cpl))});
  table.add({label("to"), plain(named(e.to_cs, e.to_eip), "", {LinkKind::kCode, e.to_eip}), dim(format("ring %u", e.to_cpl))});
  table.add({label("when"), plain("travel there", "To the moment just before it", {LinkKind::kTick, trap->moment.tick}), dim("tick " + grouped(e.tick))});
  if (trap->fault) {
    add_fault(document, *trap->fault, trap->pae);
  } else {
    document.say(why_no_fault(*trap));
  }
  if (has_vector(e.kind)) {
    add_frame(document, *trap);
    add_gate(document, *trap);
  }
  if (!trap->chain.empty()) {
    document.heading("The chain of faults");
    add_chain(document, trap->chain, trap->chain.size(), trap->pae);
  }
  return document;
}

Document explain_chain(const Session& session) {
  Document document;
  const Cpu& cpu = session.machine().cpu();
  if (cpu.fault_chain.count == 0) return document;
  document.heading(cpu.shutdown ? "The chain that ended in a triple fault" : "The chain of faults");
  add_chain(document, cpu.fault_chain.entries, cpu.fault_chain.count, (cpu.cr4 & kCr4PAE) != 0);
  if (cpu.shutdown)
    document.say("A fault during the delivery of a double fault leaves the processor no handler to go to: it shuts down, and a real PC resets itself. The machine stands just before that.", Tone::kBad);
  return document;
}

Document view_explained_fault(const Session& session, std::optional<std::uint64_t> chosen) {
  if (session.machine().cpu().shutdown && !chosen) return explain_chain(session);
  if (chosen) return explain_trap(session, *chosen);
  const std::deque<KnownTrap>& traps = session.traps().traps();
  const auto latest = std::find_if(traps.rbegin(), traps.rend(), [&](const KnownTrap& t) {
    return t.event.kind == TrapKind::kException && t.moment < session.machine().moment();
  });
  if (latest != traps.rend()) return explain_trap(session, latest->number);
  Document document;
  document.say("No exception yet. When one happens, or when you click a row in Traps, it is explained here.", Tone::kDim);
  return document;
}

}  // namespace ringside
