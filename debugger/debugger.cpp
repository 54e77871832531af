// Points, and running forwards.
#include "debugger/debugger.h"

#include <algorithm>

#include "debugger/course.h"
#include "debugger/debugger_hooks.h"
#include "debugger/instruction_kind.h"
#include "debugger/symbols.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

/// Instructions that step_out walks one by one in the function itself.
constexpr unsigned kMaxWalk = 20'000'000;

std::uint32_t stack_pointer(const Cpu& cpu) { return cpu.seg[kSS].base + (cpu.gpr[kESP] & cpu.stack_mask()); }
std::uint32_t place(const Cpu& cpu) { return cpu.seg[kCS].base + cpu.eip; }

}  // namespace

Debugger::Debugger(Machine& machine, TimeTravel* time)
    : machine_(machine), time_(time), symbols_(std::make_unique<Symbols>()), hooks_(std::make_unique<Hooks>(machine)) {
  symbols_->load_bios();
  if (time_ != nullptr) time_->set_scan_observer(hooks_.get());
  passed_ = machine_.moment();
}

Debugger::~Debugger() {
  remove_all();
  if (time_ != nullptr) time_->set_scan_observer(nullptr);
}

void Debugger::load_symbols(const std::string& path, std::uint32_t bias) { symbols_->load(path, bias); }

std::function<std::optional<std::uint32_t>(const std::string&)> Debugger::symbol_lookup() const {
  return [this](const std::string& name) { return symbols_->address_of(name); };
}

// ===== Points ==========================================================================================

// Marks and the observer are there only while something needs them: what is not watched costs nothing.
void Debugger::points_changed() {
  const bool changed = hooks_->points.apply();
  Cpu& cpu = machine_.cpu();
  if (changed) {
    cpu.marks = hooks_->marks.empty() ? nullptr : &hooks_->marks;
    cpu.marks_changed();
  }
  const bool observe = hooks_->points.any_observed();
  if (observe == observing_) return;
  observing_ = observe;
  if (observe) {
    machine_.add_observer(hooks_.get());
  } else {
    machine_.remove_observer(hooks_.get());
  }
}

int Debugger::add(const StopPointSpec& spec) {
  const int id = hooks_->points.add(spec, symbol_lookup());
  points_changed();
  hooks_->refresh_texts();
  return id;
}

std::vector<int> Debugger::add(const std::vector<StopPointSpec>& specs) {
  std::vector<int> ids;
  try {
    for (const StopPointSpec& spec : specs) ids.push_back(hooks_->points.add(spec, symbol_lookup()));
  } catch (const DebuggerError&) {
    hooks_->points.remove(ids);
    throw;
  }
  points_changed();
  hooks_->refresh_texts();
  return ids;
}

void Debugger::remove(int id) {
  hooks_->points.remove(id);
  points_changed();
}

void Debugger::remove(const std::vector<int>& ids) {
  hooks_->points.remove(ids);
  points_changed();
}

void Debugger::remove_all() {
  hooks_->points.remove_all();
  points_changed();
}

void Debugger::set_enabled(int id, bool enabled) {
  if (StopPoint* p = hooks_->points.find(id)) p->enabled = enabled;
  points_changed();
}

void Debugger::set_condition(int id, const std::string& condition) {
  hooks_->points.set_condition(id, condition, symbol_lookup());
}

void Debugger::set_ignore(int id, std::uint64_t hits) {
  if (StopPoint* p = hooks_->points.find(id)) {
    p->ignore = hits;
    p->hits = 0;
  }
}

const std::vector<StopPoint>& Debugger::points() const { return hooks_->points.points(); }
const StopPoint* Debugger::point(int id) const { return hooks_->points.find(id); }

int Debugger::point_at(std::uint32_t linear) const {
  for (const StopPoint& p : points())
    if (p.kind == PointKind::kInstruction && p.space == AddressSpace::kLinear && p.address == linear && p.enabled) return p.id;
  return 0;
}

void Debugger::set_trace_listener(std::function<void(const Hit&)> listener) { hooks_->trace_listener = std::move(listener); }

// ===== Forwards ========================================================================================

Stop Debugger::stopped(StopWhy why, StopReason machine, std::vector<Hit> hits) {
  Stop stop{.why = why, .machine = machine, .moment = machine_.moment(), .hits = std::move(hits)};
  if (why != StopWhy::kLimit) passed_ = stop.moment;
  bool removed = false;
  for (const Hit& hit : stop.hits) {
    const StopPoint* p = hooks_->points.find(hit.id);
    if (p == nullptr || !p->once) continue;
    hooks_->points.remove(hit.id);
    removed = true;
  }
  if (removed) points_changed();
  return stop;
}

bool Debugger::interrupted() { return interrupted_.exchange(false) || (poll_ && poll_()); }

StopReason Debugger::go(Tick limit) {
  const StopReason why = time_ != nullptr ? time_->run(limit) : machine_.run(limit);
  if (course_ != nullptr && !in_past() && why != StopReason::kLimit && why != StopReason::kRequested) course_->ended(why);
  return why;
}

bool Debugger::in_past() const { return time_ != nullptr && time_->in_past(); }

// False: the course ends where the machine stands. The past has been compared already.
bool Debugger::on_course() { return course_ == nullptr || in_past() || course_->work(); }

// A step leaps over the rest of a halt, to the next event; what is due on the way comes first.
bool Debugger::halt_on_course() {
  while (course_ != nullptr && machine_.halted() && course_->next() <= machine_.events().next()) {
    const Tick before = machine_.now();
    if (go(course_->next()) != StopReason::kLimit || machine_.now() == before) return true;
    if (!on_course()) return false;
  }
  return true;
}

Stop Debugger::run(Tick limit) {
  pause_ = false;
  return run_on(limit, true);
}

Stop Debugger::run_on(Tick limit, bool pauses) {
  interrupted_.store(false, std::memory_order_relaxed);
  for (;;) {
    if (pauses && pause_) return stopped(StopWhy::kLimit);
    if (interrupted()) return stopped(StopWhy::kInterrupted);
    if (!on_course()) return stopped(StopWhy::kEnd);
    const Tick now = machine_.now();
    if (now >= limit) return stopped(StopWhy::kLimit);
    hooks_->begin(Hooks::Mode::kForward, passed_);
    Tick end = std::min({limit, now + kSlice, hooks_->points.next_look(now)});
    if (course_ != nullptr) end = std::min(end, std::max(course_->next(), now + 1));
    const StopReason why = go(end);
    std::vector<Hit> hits = hooks_->collect();
    if (passed_ != machine_.moment()) passed_.reset();
    if (why != StopReason::kLimit && why != StopReason::kRequested) return stopped(StopWhy::kMachine, why, std::move(hits));
    if (!hits.empty()) return stopped(StopWhy::kPoint, why, std::move(hits));
  }
}

Stop Debugger::run_to(const StopPointSpec& spec, Tick limit) {
  StopPointSpec once = spec;
  once.once = true;
  const int id = add(once);
  Stop stop = run(limit);
  remove(id);
  return stop;
}

Stop Debugger::single_step() {
  if (!on_course() || !halt_on_course()) return stopped(StopWhy::kEnd);
  hooks_->begin(Hooks::Mode::kStep, passed_);
  const StopReason why = time_ != nullptr ? time_->step() : machine_.step();
  if (course_ != nullptr && !in_past() && why != StopReason::kLimit && why != StopReason::kRequested) course_->ended(why);
  std::vector<Hit> hits = hooks_->collect();
  if (why != StopReason::kLimit && why != StopReason::kRequested) return stopped(StopWhy::kMachine, why, std::move(hits));
  return hits.empty() ? stopped(StopWhy::kStepped) : stopped(StopWhy::kPoint, why, std::move(hits));
}

Stop Debugger::step() {
  interrupted_.store(false, std::memory_order_relaxed);
  return single_step();
}

// A stack pointer below `esp` is a deeper call of the same code; one far away is another stack.
Stop Debugger::run_to_return(std::uint32_t target, std::uint32_t esp, bool exactly, Tick limit) {
  constexpr std::uint32_t kSameStack = 0x10000;
  const StopPointSpec spec{.kind = PointKind::kInstruction, .address = target};
  const int id = hooks_->points.add_internal(spec, [esp, exactly](const Cpu& cpu) {
    const std::uint32_t above = stack_pointer(cpu) - esp;
    return exactly ? above == 0 : above < kSameStack;
  });
  points_changed();
  Stop stop = run_on(limit, false);
  hooks_->points.remove(id);
  points_changed();
  const auto ours = std::find_if(stop.hits.begin(), stop.hits.end(), [id](const Hit& h) { return h.id == id; });
  if (ours == stop.hits.end()) return stop;
  stop.hits.erase(ours);
  if (stop.hits.empty()) stop.why = StopWhy::kStepped;
  return stop;
}

Stop Debugger::step_through() {
  const Cpu& cpu = machine_.cpu();
  const std::uint32_t at = place(cpu), esp = stack_pointer(cpu);
  Stop stop = step();
  for (unsigned tries = 0; tries < 64; ++tries) {
    const bool delivered = stop.why == StopWhy::kStepped && stop.moment.step > 0 && place(cpu) != at;
    if (!delivered || cpu.fault_chain.count != 0) return stop;  // its own fault is part of the step
    stop = run_to_return(at, esp, true, kNever);
    if (stop.why == StopWhy::kStepped) stop = step();
  }
  return stop;
}

Stop Debugger::step_repeated() {
  const Cpu& cpu = machine_.cpu();
  const InstructionShape shape = shape_here(cpu);
  if (shape.kind != InstructionKind::kRepeated || cpu.halted) return step_through();
  return run_to_return(place(cpu) + shape.length, stack_pointer(cpu), true, kNever);
}

Stop Debugger::step_over() {
  const Cpu& cpu = machine_.cpu();
  const InstructionShape shape = shape_here(cpu);
  if (shape.kind != InstructionKind::kCall && shape.kind != InstructionKind::kInterrupt) return step_repeated();
  return run_to_return(place(cpu) + shape.length, stack_pointer(cpu), false, kNever);
}

Stop Debugger::step_out() {
  const Cpu& cpu = machine_.cpu();
  interrupted_.store(false, std::memory_order_relaxed);
  const Tick limit = machine_.now() + kSearchTicks;
  for (unsigned walked = 0; walked < kMaxWalk && machine_.now() < limit; ++walked) {
    const InstructionShape shape = shape_here(cpu);
    const std::uint32_t at = place(cpu), esp = stack_pointer(cpu);
    const bool leaves = shape.kind == InstructionKind::kReturn || shape.kind == InstructionKind::kIret;
    Stop stop;
    if (shape.kind == InstructionKind::kCall || shape.kind == InstructionKind::kInterrupt) {
      stop = run_to_return(at + shape.length, esp, false, limit);
    } else {
      if (walked % 1024 == 0 && interrupted()) return stopped(StopWhy::kInterrupted);
      stop = single_step();
      // A fault or an interrupt came instead; its handler returns here.
      if (stop.why == StopWhy::kStepped && stop.moment.step > 0) {
        if (place(cpu) != at) stop = run_to_return(at, esp, true, limit);
      } else if (leaves) {
        return stop;
      }
    }
    if (stop.why != StopWhy::kStepped) return stop;
  }
  return stopped(StopWhy::kNotFound);
}

Stop Debugger::step_line(bool over) {
  const Cpu& cpu = machine_.cpu();
  const auto line = symbols_->source_of(place(cpu));
  const std::uint32_t esp = stack_pointer(cpu);
  if (!line) return over ? step_over() : step_repeated();
  for (unsigned walked = 0; walked < kMaxWalk; ++walked) {
    const Stop stop = over ? step_over() : step_repeated();
    if (stop.why != StopWhy::kStepped) return stop;
    const auto now = symbols_->source_of(place(cpu));
    // Code without lines (a library, an entry stub) is run through as a whole where it was called.
    if (!now && stack_pointer(cpu) < esp) {
      const Stop out = step_out();
      if (out.why != StopWhy::kStepped) return out;
      continue;
    }
    if (now != line && now) return stop;
  }
  return stopped(StopWhy::kNotFound);
}

// ===== Words ===========================================================================================

std::string describe(const Stop& stop) {
  const std::string where = " at tick " + std::to_string(stop.moment.tick);
  switch (stop.why) {
    case StopWhy::kPoint: {
      std::string text;
      for (const Hit& hit : stop.hits) text += (text.empty() ? "" : "; ") + describe(hit);
      return text + where;
    }
    case StopWhy::kStepped: return "stepped" + where;
    case StopWhy::kLimit: return "reached" + where;
    case StopWhy::kInterrupted: return "interrupted" + where;
    case StopWhy::kBeginning: return "the beginning of what is remembered" + where;
    case StopWhy::kNotFound: return "not found; stands" + where;
    case StopWhy::kEnd: return "the end" + where;
    case StopWhy::kMachine: break;
  }
  switch (stop.machine) {
    case StopReason::kPowerOff: return "the guest switched itself off" + where;
    case StopReason::kDebugExit: return "the guest ended the run" + where;
    case StopReason::kTripleFault: return "triple fault" + where;
    case StopReason::kHalted: return "halted for ever" + where;
    case StopReason::kUnimplemented: return "an instruction that the simulator does not have" + where;
    default: return "stopped" + where;
  }
}

}  // namespace ringside
