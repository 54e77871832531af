#include "debugger/death_report.h"

#include <cstdio>
#include <deque>

#include "debugger/disassembly.h"
#include "debugger/format_text.h"
#include "machine/errors.h"

namespace ringside {
namespace {

constexpr std::size_t kInstructions = 16;
constexpr std::size_t kTraps = 8;
/// Where the walk to the end begins: a repeated string instruction is one line, but a tick for every iteration, and a
/// halt may have skipped ticks.
constexpr Tick kWalk = 1024;
constexpr unsigned kMaxSteps = 4096;

std::string fault_line(const Fault& fault, std::uint16_t cs, std::uint32_t eip) {
  return format("  at %04X:%08X  ", cs, eip) + describe(fault) + "\n";
}

std::string fault_chain(const Cpu& cpu) {
  if (!cpu.shutdown) return "";
  std::string text = "The chain of faults:\n";
  for (unsigned i = 0; i < cpu.fault_chain.count; ++i) {
    const FaultChain::Entry& entry = cpu.fault_chain.entries[i];
    text += fault_line(entry.fault, entry.cs, entry.eip);
  }
  return text + "  A fault during the delivery of a double fault shuts the processor down.\n";
}

std::string recent_traps(const TrapLog& traps) {
  if (traps.recent().empty()) return "";
  std::string text = "The last traps:\n";
  const std::size_t count = traps.recent().size();
  for (std::size_t i = count > kTraps ? count - kTraps : 0; i < count; ++i) {
    const TrapRecord& record = traps.recent()[i];
    text += format("  tick %llu: %s", static_cast<unsigned long long>(record.event.tick), trap_kind_name(record.event.kind));
    if (record.event.kind <= TrapKind::kNmi) text += format(" %02X", record.event.vector);
    text += format(" from %04X:%08X to %04X:%08X", record.event.from_cs, record.event.from_eip, record.event.to_cs,
                   record.event.to_eip);
    if (record.fault) text += ": " + describe(*record.fault);
    text += "\n";
  }
  return text;
}

bool repeatable(const MachineConfig& config) {
  for (const auto& disk : config.disks)
    if (disk && disk->mode == DiskMode::kReadWrite) return false;
  return true;
}

/// Everything that entered the dead machine, for the one that repeats its life.
InputLog inputs_of(const Machine& machine) {
  InputLog log;
  for (const Input& input : machine.input_log().entries()) log.append(input);
  return log;
}

std::string last_instructions(Machine& dead, const MachineAgain& make) {
  if (!repeatable(dead.config()))
    return "The instructions that led there cannot be shown: a disk image in mode rw has changed.\n";
  const auto machine = make ? make(inputs_of(dead)) : std::make_unique<Machine>(dead.config(), inputs_of(dead));
  Machine& again = *machine;
  const Tick end = dead.now();
  StopReason why = again.run(end > kWalk ? end - kWalk : 0);
  struct Step {
    DisassembledLine line;
    unsigned times = 1;
  };
  std::deque<Step> steps;
  for (unsigned i = 0; i < kMaxSteps && why == StopReason::kLimit; ++i) {
    if (again.now() >= end && again.halted()) break;
    const Cpu& cpu = again.cpu();
    if (!steps.empty() && steps.back().line.cs == cpu.seg[kCS].selector && steps.back().line.eip == cpu.eip) {
      ++steps.back().times;
    } else {
      steps.push_back({disassemble_current(cpu)});
      if (steps.size() > kInstructions) steps.pop_front();
    }
    why = again.step();
  }
  std::string text = "The instructions that led there, the last one at the end:\n";
  for (const auto& [line, times] : steps) {
    text += format("  %04X:%08X  %-22s %s", line.cs, line.eip, line.bytes.c_str(), line.text.c_str());
    text += times > 1 ? format("  (%u times)\n", times) : "\n";
  }
  return text;
}

}  // namespace

std::string explain_death(Machine& machine, const TrapLog& traps, const MachineAgain& again) {
  std::string text = fault_chain(machine.cpu());
  text += recent_traps(traps);
  text += "Registers:\n" + format_registers(machine.cpu());
  try {
    text += last_instructions(machine, again);
  } catch (const FileError& error) {
    text += std::string("The instructions that led there cannot be shown: ") + error.what() + "\n";
  }
  return text;
}

}  // namespace ringside
