#include "debugger/inspect/trap_history.h"

#include "debugger/inspect/listing.h"

namespace ringside {

bool has_vector(TrapKind kind) {
  return kind == TrapKind::kException || kind == TrapKind::kSoftwareInterrupt || kind == TrapKind::kExternal || kind == TrapKind::kNmi;
}

TrapHistory::TrapHistory(Machine& machine) : machine_(machine) { machine_.add_observer(this); }

TrapHistory::~TrapHistory() { machine_.remove_observer(this); }

void TrapHistory::trap(const TrapEvent& event) {
  if (machine_.reliving()) return;
  ++by_kind_[static_cast<std::size_t>(event.kind)];
  if (has_vector(event.kind)) ++by_vector_[event.vector];
  if (event.from_cpl != event.to_cpl) ++rings_[event.from_cpl & 3][event.to_cpl & 3];

  if (traps_.size() == kKept) traps_.pop_front();
  KnownTrap& trap = traps_.emplace_back();
  trap.number = next_number_++;
  const Moment now = machine_.moment();
  // The delivery counts itself; before it the step was one less.
  trap.moment = {event.tick, now.tick == event.tick && now.step > 0 && has_vector(event.kind) ? now.step - 1 : now.step};
  trap.event = event;
  trap.event.fault = nullptr;
  if (event.fault != nullptr) trap.fault = *event.fault;
  if (has_vector(event.kind)) note_frame(trap);
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
    const TrapEvent& event = traps_.back().event;
    --by_kind_[static_cast<std::size_t>(event.kind)];
    if (has_vector(event.kind)) --by_vector_[event.vector];
    if (event.from_cpl != event.to_cpl) --rings_[event.from_cpl & 3][event.to_cpl & 3];
    next_number_ = traps_.back().number;
    traps_.pop_back();
  }
}

const KnownTrap* TrapHistory::find(std::uint64_t number) const {
  if (traps_.empty() || number < traps_.front().number || number > traps_.back().number) return nullptr;
  return &traps_[static_cast<std::size_t>(number - traps_.front().number)];
}

}  // namespace ringside
