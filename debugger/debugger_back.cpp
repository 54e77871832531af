// Running backwards: stretches of the past are run again, and the last hit before the present is remembered.
#include <algorithm>

#include "debugger/debugger.h"
#include "debugger/debugger_hooks.h"
#include "debugger/instruction_kind.h"
#include "debugger/machine_values.h"
#include "debugger/symbols.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

constexpr unsigned kStackWords = 4096;    // that step_back_out looks through for a return address
constexpr unsigned kMaxCandidates = 24;   // of them that it looks into
constexpr unsigned kMaxWalk = 100'000;    // steps back that a step over a line may take

std::uint32_t stack_pointer(const Cpu& cpu) { return cpu.seg[kSS].base + (cpu.gpr[kESP] & cpu.stack_mask()); }
std::uint32_t place(const Cpu& cpu) { return cpu.seg[kCS].base + cpu.eip; }

}  // namespace

void Debugger::require_history() const {
  if (time_ == nullptr) throw DebuggerError("this machine keeps no history: there is no way back");
}

// ===== The search ======================================================================================

Debugger::Found Debugger::search_back(Moment before, Hit& found) {
  bool interrupted = false;
  const auto keep_last = [&](const std::vector<Hit>& hits, std::optional<Hit>& last) {
    for (const Hit& hit : hits)
      if (hit.before < before && (!last || last->before <= hit.before)) last = hit;
  };
  const bool any = time_->scan_back(before, [&](Moment, Moment to) {
    std::optional<Hit> last;
    hooks_->refresh_texts();
    while (machine_.now() < to.tick) {
      if (this->interrupted()) return interrupted = true;
      const Moment from = machine_.moment();
      hooks_->begin(Hooks::Mode::kScan);
      const StopReason why = time_->relive(std::min({to.tick, from.tick + kSlice, hooks_->points.next_look(from.tick)}));
      keep_last(hooks_->collect(), last);
      if (why != StopReason::kLimit && why != StopReason::kRequested) break;
      if (machine_.moment() == from) break;
    }
    // Deliveries and instructions at the last tick itself.
    while (machine_.moment() < to) {
      const Moment from = machine_.moment();
      hooks_->begin(Hooks::Mode::kScan);
      if (!machine_.halted()) hooks_->scan_instruction();
      time_->step();
      keep_last(hooks_->collect(), last);
      if (machine_.moment() == from || machine_.now() > to.tick) break;
    }
    if (!last) return false;
    found = *last;
    return true;
  });
  hooks_->collect();
  if (interrupted) return Found::kInterrupted;
  return any ? Found::kYes : Found::kNo;
}

Stop Debugger::back_to(Moment before, Found found, const Hit& hit, StopWhy otherwise) {
  if (found == Found::kYes) {
    time_->seek(hit.before);
    hooks_->refresh_texts();
    return stopped(StopWhy::kPoint, StopReason::kLimit, {hit});
  }
  if (found == Found::kNo && otherwise == StopWhy::kBeginning) {
    time_->seek(time_->begin());
  } else {
    time_->seek(before);
  }
  hooks_->refresh_texts();
  return stopped(found == Found::kInterrupted ? StopWhy::kInterrupted : otherwise);
}

Stop Debugger::run_back() {
  require_history();
  interrupted_.store(false, std::memory_order_relaxed);
  const Moment before = machine_.moment();
  Hit hit;
  // With nothing to look for there is nothing to repeat.
  const bool any = std::any_of(points().begin(), points().end(),
                               [](const StopPoint& p) { return p.enabled && p.action == PointAction::kStop; });
  const Found found = any ? search_back(before, hit) : Found::kNo;
  return back_to(before, found, hit, StopWhy::kBeginning);
}

Stop Debugger::run_back_to(const StopPointSpec& spec) {
  require_history();
  interrupted_.store(false, std::memory_order_relaxed);
  const Moment before = machine_.moment();
  StopPointSpec one = spec;
  one.action = PointAction::kStop;
  one.enabled = true;
  const int id = add(one);
  hooks_->points.set_only(id);
  Hit hit;
  const Found found = search_back(before, hit);
  hooks_->points.set_only(0);
  remove(id);
  return back_to(before, found, hit, StopWhy::kNotFound);
}

Debugger::Found Debugger::last_write(std::uint32_t linear, std::uint32_t size, Moment before, Hit& found) {
  const StopPointSpec spec{.kind = PointKind::kMemory, .address = linear, .size = size};
  const int id = hooks_->points.add_internal(spec, {});
  hooks_->points.set_only(id);
  points_changed();
  const Found result = search_back(before, found);
  hooks_->points.set_only(0);
  hooks_->points.remove(id);
  points_changed();
  return result;
}

Stop Debugger::seek(Moment moment) {
  require_history();
  time_->seek(moment);
  hooks_->refresh_texts();
  return stopped(StopWhy::kStepped);
}

// ===== Steps ===========================================================================================

Stop Debugger::step_back() {
  require_history();
  interrupted_.store(false, std::memory_order_relaxed);
  const bool moved = time_->step_back();
  hooks_->refresh_texts();
  return stopped(moved ? StopWhy::kStepped : StopWhy::kBeginning);
}

// What an IRET has come back from is undone as a whole, if nothing in the present course of instructions asked for it.
Stop Debugger::step_back_through() {
  const Cpu& cpu = machine_.cpu();
  Stop stop = step_back();
  for (unsigned tries = 0; tries < 64 && stop.why == StopWhy::kStepped; ++tries) {
    if (shape_here(cpu).kind != InstructionKind::kIret) return stop;
    const Moment at = machine_.moment();
    Hit hit;
    const Found found = last_write(stack_pointer(cpu), cpu.seg[kCS].big != 0 ? 4 : 2, at, hit);
    if (found != Found::kYes) return back_to(at, found, hit, StopWhy::kStepped);
    time_->seek(hit.before);
    const std::uint32_t cause = place(cpu);
    time_->step();
    const bool hardware = machine_.moment().step > 0 && cpu.fault_chain.count == 0 && place(cpu) != cause;
    time_->seek(hardware ? hit.before : at);
    if (!hardware) return stopped(StopWhy::kStepped);
    stop = step_back();
  }
  return stop;
}

// A repeated instruction is met where it was entered; that may be the middle, where an interrupt had cut it in two.
Stop Debugger::step_back_repeated() {
  const Stop stop = step_back_through();
  const Cpu& cpu = machine_.cpu();
  if (stop.why != StopWhy::kStepped || shape_here(cpu).kind != InstructionKind::kRepeated) return stop;
  const std::uint32_t at = place(cpu);
  for (;;) {
    const Moment here = machine_.moment();
    const Stop earlier = step_back();
    if (earlier.why != StopWhy::kStepped || place(cpu) != at) {
      time_->seek(here);
      return stopped(StopWhy::kStepped);
    }
    const Stop entry = run_back_to({.kind = PointKind::kInstruction, .address = at});
    if (entry.why == StopWhy::kInterrupted) return entry;
  }
}

// What came before may be the end of a call, or of a handler: then back to where that was called or began.
Stop Debugger::step_back_over() {
  const Moment origin = machine_.moment();
  const Cpu& cpu = machine_.cpu();
  Stop stop = step_back_repeated();
  for (unsigned tries = 0; tries < 64 && stop.why == StopWhy::kStepped; ++tries) {
    const InstructionKind kind = shape_here(cpu).kind;
    if (kind != InstructionKind::kReturn && kind != InstructionKind::kIret) return stop;
    const std::uint32_t slot = stack_pointer(cpu);
    const Moment at = machine_.moment();
    Hit hit;
    const Found found = last_write(slot, cpu.seg[kCS].big != 0 ? 4 : 2, at, hit);
    if (found != Found::kYes) return back_to(found == Found::kInterrupted ? origin : at, found, hit, StopWhy::kStepped);
    time_->seek(hit.before);
    stop = stopped(StopWhy::kStepped);
    const InstructionKind caller = shape_here(cpu).kind;
    if (caller == InstructionKind::kCall || caller == InstructionKind::kInterrupt) return stop;
    if (kind == InstructionKind::kReturn) return stop;  // something else has written the return address
    stop = step_back_repeated();  // a handler came in between: the instruction before it is the one
  }
  return stop;
}

// The return address of the present function lies somewhere above the stack pointer: the nearest word that can be
// one, was written by a call or a delivery, and has not been returned to since.
Stop Debugger::step_back_out() {
  require_history();
  interrupted_.store(false, std::memory_order_relaxed);
  const Moment origin = machine_.moment();
  const Cpu& cpu = machine_.cpu();
  const bool wide = cpu.seg[kCS].big != 0;
  const std::uint32_t step = wide ? 4 : 2, top = stack_pointer(cpu), base = cpu.seg[kCS].base;
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t i = 0; i < kStackWords && candidates.size() < kMaxCandidates; ++i) {
    const std::uint32_t slot = top + i * step;
    std::uint32_t word = 0;
    if (!peek_linear(cpu, slot, &word, step)) break;
    std::uint32_t selector = 0;
    const bool far = peek_linear(cpu, slot + step, &selector, 2) && selector == cpu.seg[kCS].selector;
    if (follows_call(cpu, base + word) || far || (selector & 3) == 3 || !wide) candidates.push_back(slot);
  }
  for (const std::uint32_t slot : candidates) {
    Hit hit;
    const Found found = last_write(slot, step, origin, hit);
    if (found == Found::kInterrupted) return back_to(origin, found, hit, StopWhy::kNotFound);
    if (found == Found::kNo) {
      time_->seek(origin);
      continue;
    }
    time_->seek(hit.before);
    const InstructionKind caller = shape_here(cpu).kind;
    const bool calls = caller == InstructionKind::kCall || caller == InstructionKind::kInterrupt;
    const std::uint32_t esp = stack_pointer(cpu);
    const bool delivery = !calls && hit.moment.tick == hit.before.tick;
    const bool pushed_here = calls ? esp - slot <= 16 && esp > slot : delivery;
    // Has it been returned to since?
    bool returned = false;
    if (pushed_here) {
      time_->step();
      std::uint32_t target = 0;
      peek_linear(cpu, slot, &target, step);
      const int id = hooks_->points.add_internal({.kind = PointKind::kInstruction, .address = base + target},
                                                 [slot](const Cpu& c) { return stack_pointer(c) - slot - 1 < 0x10000; });
      hooks_->points.set_only(id);
      points_changed();
      Hit back;
      returned = search_back(origin, back) == Found::kYes && back.before > hit.before;
      hooks_->points.set_only(0);
      hooks_->points.remove(id);
      points_changed();
    }
    if (pushed_here && !returned) {
      time_->seek(hit.before);
      hooks_->refresh_texts();
      return stopped(StopWhy::kStepped);
    }
    time_->seek(origin);
  }
  return stopped(StopWhy::kNotFound);
}

// To the beginning of the line that was executed before the present one.
Stop Debugger::step_line_back(bool over) {
  const Cpu& cpu = machine_.cpu();
  const auto back = [&] { return over ? step_back_over() : step_back_repeated(); };
  Stop stop = back();
  auto line = symbols_->source_of(place(cpu));
  for (unsigned walked = 0; walked < kMaxWalk && stop.why == StopWhy::kStepped && !line; ++walked) {
    stop = back();
    line = symbols_->source_of(place(cpu));
  }
  for (unsigned walked = 0; walked < kMaxWalk && stop.why == StopWhy::kStepped; ++walked) {
    const Moment here = machine_.moment();
    stop = back();
    if (stop.why != StopWhy::kStepped) return stop;
    if (symbols_->source_of(place(cpu)) == line) continue;
    time_->seek(here);
    return stopped(StopWhy::kStepped);
  }
  return stop;
}

}  // namespace ringside
