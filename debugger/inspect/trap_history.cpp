#include "debugger/inspect/trap_history.h"

#include <numeric>

#include "debugger/inspect/listing.h"

namespace ringside {

bool has_vector(TrapKind kind) {
  return kind == TrapKind::kException || kind == TrapKind::kSoftwareInterrupt || kind == TrapKind::kExternal || kind == TrapKind::kNmi;
}

const char* trap_way_name(TrapWay way) {
  switch (way) {
    case TrapWay::kException: return "exception";
    case TrapWay::kSoftware: return "INT n";
    case TrapWay::kExternal: return "IRQ";
    case TrapWay::kNmi: return "NMI";
    case TrapWay::kIret: return "IRET";
    case TrapWay::kTaskSwitch: return "task switch";
    case TrapWay::kCallGate: return "call gate";
    case TrapWay::kFarReturn: return "far return";
    case TrapWay::kSysenter: return "SYSENTER";
    case TrapWay::kSysexit: return "SYSEXIT";
    case TrapWay::kCount: break;
  }
  return "";
}

TrapHistory::TrapHistory(Machine& machine) : machine_(machine) { machine_.add_observer(this); }

TrapHistory::~TrapHistory() { machine_.remove_observer(this); }

void TrapHistory::trap(const TrapEvent& event) {
  if (machine_.reliving()) return;
  if (traps_.size() == kKept) traps_.pop_front();
  KnownTrap& trap = traps_.emplace_back();
  trap.number = next_number_++;
  const Moment now = machine_.moment();
  // The delivery counts itself; before it the step was one less.
  trap.moment = {event.tick, now.tick == event.tick && now.step > 0 && has_vector(event.kind) ? now.step - 1 : now.step};
  trap.event = event;
  trap.event.fault = nullptr;
  trap.way = way_of(event);
  count(trap, 1);
  if (event.fault != nullptr) trap.fault = *event.fault;
  trap.pae = (machine_.cpu().cr4 & kCr4PAE) != 0;
  if (trap.fault && trap.fault->vector == Vector::kDF) {
    const FaultChain& chain = machine_.cpu().fault_chain;
    trap.chain.assign(chain.entries.begin(), chain.entries.begin() + chain.count);
  }
  if (has_vector(event.kind)) note_frame(trap);
}

// A ring change without a vector says only where it led: SYSENTER and SYSEXIT are told by the registers that they go
// by (SDM Vol. 2, "SYSENTER", "SYSEXIT").
TrapWay TrapHistory::way_of(const TrapEvent& event) const {
  switch (event.kind) {
    case TrapKind::kException: return TrapWay::kException;
    case TrapKind::kSoftwareInterrupt: return TrapWay::kSoftware;
    case TrapKind::kExternal: return TrapWay::kExternal;
    case TrapKind::kNmi: return TrapWay::kNmi;
    case TrapKind::kIret: return TrapWay::kIret;
    case TrapKind::kTaskSwitch: return TrapWay::kTaskSwitch;
    case TrapKind::kRingChange: break;
  }
  const Cpu& cpu = machine_.cpu();
  const std::uint32_t code = cpu.msr_sysenter_cs & 0xFFFC;
  if (event.to_cpl < event.from_cpl)
    return code != 0 && event.to_cs == code && event.to_eip == cpu.msr_sysenter_eip ? TrapWay::kSysenter : TrapWay::kCallGate;
  const bool fast = code != 0 && event.to_cs == ((code + 16) | 3) && event.to_eip == cpu.gpr[kEDX] && cpu.gpr[kESP] == cpu.gpr[kECX];
  return fast ? TrapWay::kSysexit : TrapWay::kFarReturn;
}

void TrapHistory::count(const KnownTrap& trap, std::uint64_t by) {
  const TrapEvent& e = trap.event;
  by_kind_[static_cast<std::size_t>(e.kind)] += by;
  if (has_vector(e.kind)) by_vector_[static_cast<std::size_t>(e.kind)][e.vector] += by;
  if (e.from_cpl != e.to_cpl) rings_[e.from_cpl & 3][e.to_cpl & 3][static_cast<std::size_t>(trap.way)] += by;
}

std::uint64_t TrapHistory::transitions(unsigned from, unsigned to) const {
  const auto& ways = rings_[from & 3][to & 3];
  return std::accumulate(ways.begin(), ways.end(), std::uint64_t{0});
}

void TrapHistory::note_frame(KnownTrap& trap) const {
  const Cpu& cpu = machine_.cpu();
  trap.cr2 = cpu.cr2;
  trap.real_mode = !cpu.protected_mode();
  const std::uint32_t entry = cpu.idtr.base + trap.event.vector * (trap.real_mode ? 4u : 8u);
  peek_span(cpu, entry, &trap.gate, trap.real_mode ? 4 : 8);
  trap.gate32 = !trap.real_mode && (trap.gate >> 43 & 1) != 0;
  trap.ss = cpu.seg[kSS].selector;
  trap.esp = cpu.gpr[kESP] & cpu.stack_mask();
  const std::size_t width = trap.gate32 ? 4 : 2;
  std::array<std::uint8_t, 40> raw{};
  const std::size_t size = peek_span(cpu, cpu.seg[kSS].base + trap.esp, raw.data(), width * trap.frame.size());
  trap.frame_words = static_cast<std::uint8_t>(size / width);
  for (std::size_t i = 0; i < trap.frame_words; ++i)
    for (std::size_t byte = 0; byte < width; ++byte) trap.frame[i] |= std::uint32_t{raw[i * width + byte]} << (8 * byte);
}

void TrapHistory::truncate(Moment from) {
  while (!traps_.empty() && traps_.back().moment >= from) {
    count(traps_.back(), ~std::uint64_t{0});  // one less
    next_number_ = traps_.back().number;
    traps_.pop_back();
  }
}

const KnownTrap* TrapHistory::find(std::uint64_t number) const {
  if (traps_.empty() || number < traps_.front().number || number > traps_.back().number) return nullptr;
  return &traps_[static_cast<std::size_t>(number - traps_.front().number)];
}

}  // namespace ringside
