#include "debugger/debugger_hooks.h"

#include <algorithm>

#include "debugger/screen.h"

namespace ringside {
namespace {

constexpr std::size_t kLongestLine = 512;  // of serial text that a pattern is looked for in
constexpr std::uint16_t kCom1Data = 0x3F8;
constexpr std::uint8_t kDivisorLatch = 0x80;

std::uint8_t vector_kind(TrapKind kind) {
  switch (kind) {
    case TrapKind::kException: return kExceptions;
    case TrapKind::kSoftwareInterrupt: return kSoftwareInterrupts;
    case TrapKind::kExternal:
    case TrapKind::kNmi: return kHardwareInterrupts;
    default: return 0;
  }
}

bool in_range(const StopPoint& p, const WatchedAccess& a) {
  const std::uint64_t first = p.space == AddressSpace::kPhysical ? a.physical : a.linear;
  return first <= p.address + p.size - 1 && first + a.size - 1u >= p.address && (a.write ? p.on_write : p.on_read);
}

}  // namespace

void Debugger::Hooks::begin(Mode mode, std::optional<Moment> passed) {
  mode_ = mode;
  passed_ = passed;
  candidates_.clear();
}

// ===== During the run ==================================================================================

bool Debugger::Hooks::stop_before_instruction() {
  if (!listening() || mode_ == Mode::kStep) return false;
  const Moment now = machine_.moment();
  if (passed_ == now) return false;
  const bool stops = instruction_points(now);
  if (stops) machine_.request_stop();
  return stops;
}

bool Debugger::Hooks::instruction_points(Moment now) {
  const Cpu& cpu = machine_.cpu();
  const std::uint32_t linear = cpu.seg[kCS].base + cpu.eip;
  std::optional<PhysAddr> physical;
  PhysAddr at = 0;
  if (points.any_physical_code() && cpu.peek_translate(linear, at)) physical = at & cpu.memory.a20_mask();
  bool stops = false;
  points.at_instruction(linear, cpu.seg[kCS].selector, cpu.eip, physical, [&](std::size_t index) {
    Hit hit{.id = points.at(index).id, .kind = PointKind::kInstruction, .before = now, .moment = now, .linear = linear,
            .eip = cpu.eip, .cs = cpu.seg[kCS].selector};
    if (!holds(index, hit)) return;
    if (mode_ == Mode::kScan) {
      if (points.at(index).action == PointAction::kStop) candidates_.push_back({index, hit, true});
    } else if (take(index, hit)) {
      candidates_.push_back({index, hit, true});
      stops = true;
    }
  });
  return stops;
}

void Debugger::Hooks::note(std::size_t index, Hit hit) {
  hit.id = points.at(index).id;
  hit.before = machine_.moment();
  for (const Candidate& c : candidates_)
    if (c.index == index && c.hit.before == hit.before) return;  // one instruction, one hit
  candidates_.push_back({index, hit, false});
  machine_.request_stop();
}

template <typename Fits>
void Debugger::Hooks::note_all(PointKind kind, const Hit& hit, Fits&& fits) {
  if (!points.any(kind)) return;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const StopPoint& p = points.points()[i];
    if (p.kind != kind || !points.counts(i) || !fits(p)) continue;
    Hit one = hit;
    one.kind = kind;
    note(i, one);
  }
}

void Debugger::Hooks::watched(const WatchedAccess& access) {
  if (!listening()) return;
  const Hit hit{.linear = access.linear, .physical = access.physical, .size = access.size, .write = access.write};
  note_all(PointKind::kMemory, hit, [&](const StopPoint& p) { return in_range(p, access); });
}

void Debugger::Hooks::trap(const TrapEvent& event) {
  if (!listening()) return;
  Hit hit{.number = event.vector, .value = event.fault != nullptr ? event.fault->error_code : 0u, .eip = event.from_eip,
          .cs = event.from_cs};
  if (const std::uint8_t kind = vector_kind(event.kind); kind != 0)
    note_all(PointKind::kVector, hit, [&](const StopPoint& p) {
      return (p.vector_kinds & kind) != 0 && (!p.vector || *p.vector == event.vector);
    });
  if (event.kind == TrapKind::kTaskSwitch) note_all(PointKind::kTaskSwitch, hit, [](const StopPoint&) { return true; });
  if (event.from_cpl == event.to_cpl) return;
  hit.number = event.to_cpl;
  note_all(PointKind::kRingChange, hit, [&](const StopPoint& p) { return !p.ring || *p.ring == event.to_cpl; });
}

void Debugger::Hooks::port(const PortEvent& event) {
  if (!listening()) return;
  const Hit hit{.size = event.size, .write = event.write, .number = event.port, .value = event.value};
  note_all(PointKind::kPort, hit, [&](const StopPoint& p) {
    return event.port <= p.last_port && event.port + event.size - 1 >= p.first_port && (event.write ? p.on_write : p.on_read);
  });
  if (event.write && event.port == kCom1Data && points.any(PointKind::kSerialText) &&
      (machine_.uart().state().lcr & kDivisorLatch) == 0)
    serial_byte(static_cast<std::uint8_t>(event.value));
}

// A pattern is met at the byte that completes its first match in a line.
void Debugger::Hooks::serial_byte(std::uint8_t byte) {
  if (serial_line_.size() >= kLongestLine) serial_line_.erase(0, kLongestLine / 2);
  const std::size_t old = serial_line_.size();
  serial_line_.push_back(static_cast<char>(byte));
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.points()[i].kind != PointKind::kSerialText || !points.counts(i)) continue;
    const Pattern& pattern = *points.prepared(i).pattern;
    if (pattern.find(serial_line_) && !pattern.find(serial_line_.substr(0, old)))
      note(i, Hit{.kind = PointKind::kSerialText, .value = byte});
  }
  if (byte == '\n') serial_line_.clear();
}

void Debugger::Hooks::register_written(const RegisterEvent& event) {
  if (!listening()) return;
  static constexpr std::uint32_t kNumbers[] = {0, 2, 3, 4};
  const bool msr = event.what == SystemRegister::kMsr;
  const std::uint32_t number = msr ? event.number : kNumbers[static_cast<unsigned>(event.what)];
  const Hit hit{.write = true, .number = number, .value = event.value};
  note_all(msr ? PointKind::kMsr : PointKind::kControlRegister, hit,
           [&](const StopPoint& p) { return !p.number || *p.number == number; });
}

// ===== After the run ===================================================================================

bool Debugger::Hooks::holds(std::size_t index, const Hit& hit) const {
  const PreparedPoint& p = points.prepared(index);
  if (p.also && !p.also(machine_.cpu())) return false;
  return !p.condition || p.condition->holds(machine_.cpu(), &hit);
}

bool Debugger::Hooks::take(std::size_t index, const Hit& hit) {
  StopPoint& p = points.at(index);
  ++p.hits;
  if (p.hits <= p.ignore) return false;
  if (p.action == PointAction::kStop) return true;
  if (trace_listener) trace_listener(hit);
  return false;
}

// Where the step that led to `moment` began.
Moment Debugger::Hooks::before(Moment moment) const {
  if (moment.step > 0) return {moment.tick, moment.step - 1};
  if (moment.tick == 0) return moment;
  const Cpu& cpu = machine_.cpu();
  return {moment.tick - 1, cpu.delivery_tick == moment.tick - 1 ? cpu.delivery_count : 0};
}

void Debugger::Hooks::due_looks(std::vector<Candidate>& out) {
  const Moment now = machine_.moment();
  if (now.step != 0) return;
  std::optional<std::string> screen;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const StopPoint& p = points.points()[i];
    if (!points.counts(i)) continue;
    Hit hit{.id = p.id, .kind = p.kind, .before = now, .moment = now};
    if (p.kind == PointKind::kTick && p.tick == now.tick) out.push_back({i, hit, false});
    if (p.kind != PointKind::kScreenText || now.tick % kScreenLook != 0) continue;
    if (!screen) screen = screen_text(machine_.vga());
    PreparedPoint& prepared = points.prepared(i);
    const bool matches = prepared.pattern->find(*screen).has_value();
    if (matches && !prepared.matched) out.push_back({i, hit, false});
    prepared.matched = matches;
  }
}

void Debugger::Hooks::refresh_texts() {
  serial_line_.clear();
  if (!points.any(PointKind::kScreenText)) return;
  const std::string screen = screen_text(machine_.vga());
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points.points()[i].kind == PointKind::kScreenText)
      points.prepared(i).matched = points.prepared(i).pattern->find(screen).has_value();
}

std::vector<Hit> Debugger::Hooks::collect() {
  const Moment now = machine_.moment();
  std::vector<Candidate> candidates = std::move(candidates_);
  candidates_.clear();
  if (passed_ != now) due_looks(candidates);
  std::vector<Hit> hits;
  for (Candidate& c : candidates) {
    if (!c.decided) {
      c.hit.moment = now;
      // What happens while an interrupt or fault is delivered happens at a moment that is counted already.
      const bool timed = c.hit.kind == PointKind::kTick || c.hit.kind == PointKind::kScreenText;
      if (!timed && c.hit.before >= now) c.hit.before = before(now);
      if (!holds(c.index, c.hit)) continue;
      if (mode_ == Mode::kScan ? points.at(c.index).action != PointAction::kStop : !take(c.index, c.hit)) continue;
    }
    hits.push_back(c.hit);
  }
  mode_ = Mode::kIdle;
  return hits;
}

}  // namespace ringside
