// Motions, stop replies, points. GDB manual, "Remote Protocol": "Packets", "Stop Reply Packets".
#include "debugger/gdb_stub.h"

#include <algorithm>
#include <utility>

#include "debugger/course.h"
#include "debugger/gdb_target.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

/// Signals as gdb numbers them.
enum Signal : unsigned { kSigInt = 2, kSigIll = 4, kSigTrap = 5, kSigFpe = 8, kSigBus = 10, kSigSegv = 11, kSigUsr1 = 30 };
/// Packets that a client may send ahead while it waits for a stop.
constexpr std::size_t kMostWaiting = 16;
/// Instructions of a range step between two looks at the client.
constexpr unsigned kLookEvery = 1024;

/// What a client that knows only signals is told of a point that it did not set itself. SIGTRAP would be taken for the
/// end of a step.
unsigned signal_of(const Hit& hit) {
  if (hit.kind != PointKind::kVector) return kSigUsr1;
  switch (static_cast<Vector>(hit.number)) {
    case Vector::kDE: case Vector::kMF: case Vector::kXM: return kSigFpe;
    case Vector::kUD: return kSigIll;
    case Vector::kAC: return kSigBus;
    case Vector::kDF: case Vector::kTS: case Vector::kNP: case Vector::kSS: case Vector::kGP: case Vector::kPF: return kSigSegv;
    default: return kSigUsr1;
  }
}

std::string signal_text(unsigned number) {
  const auto byte = static_cast<std::uint8_t>(number);
  return "T" + to_hex(std::span(&byte, 1)) + "thread:1;";
}

std::string hex_number(std::uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do text.insert(text.begin(), kDigits[value & 15]);
  while ((value >>= 4) != 0);
  return text;
}

StopPointSpec spec_of(unsigned type, std::uint64_t address, std::uint64_t size) {
  if (type <= 1) return {.kind = PointKind::kInstruction, .address = static_cast<std::uint32_t>(address)};
  return {.kind = PointKind::kMemory, .address = static_cast<std::uint32_t>(address), .size = size,
          .on_read = type != 2, .on_write = type != 3};
}

std::uint32_t place(const Cpu& cpu) { return cpu.seg[kCS].base + cpu.eip; }

}  // namespace

GdbStub::GdbStub(Debugger& debugger, std::string refusal_of_edits)
    : debugger_(&debugger), commands_(std::make_unique<Commands>(debugger)), refusal_(std::move(refusal_of_edits)) {}
GdbStub::~GdbStub() {
  if (debugger_ != nullptr) leave();
}

void GdbStub::attach() {
  leave();
  client_ = Client::kAttached;
  last_stop_ = signal_text(kSigTrap);
}

void GdbStub::leave() {
  client_ = Client::kNone;
  packets_ = {};
  waiting_.clear();
  output_.clear();
  last_frame_.clear();
  acknowledge_ = true;
  space_ = gdb::MemorySpace::kLinear;
  motion_.reset();
  break_ = tell_refusal_ = false;
  wanted_.clear();
  sync_points();
  end_of_edits();
}

// ===== Packets ==========================================================================================

void GdbStub::reply(std::string_view text) {
  last_frame_ = GdbPackets::frame(text);
  output_ += last_frame_;
}

void GdbStub::error(unsigned number) {
  const auto byte = static_cast<std::uint8_t>(number);
  reply("E" + to_hex(std::span(&byte, 1)));
}

void GdbStub::console(const std::string& text) {
  constexpr std::size_t kPiece = 1024;
  for (std::size_t at = 0; at < text.size(); at += kPiece) reply("O" + to_hex(std::string_view(text).substr(at, kPiece)));
}

void GdbStub::receive(std::span<const std::uint8_t> bytes) {
  if (client_ != Client::kAttached) return;
  for (const std::uint8_t byte : bytes) {
    fresh_.clear();
    packets_.put(byte, fresh_);
    for (GdbPackets::Event& event : fresh_) {
      if (event.kind == GdbPackets::Kind::kInterrupt) {
        // To a machine that stands it comes too late: the stop that it asks for has been told already.
        if (moving() || busy_) break_ = true;
      } else if (waiting_.size() < kMostWaiting) {
        waiting_.push_back(std::move(event));
      }
    }
    handle_events();
  }
}

// A monitor command that takes long looks at the client meanwhile, so this can be called while it is at work.
void GdbStub::handle_events() {
  if (busy_) return;
  while (!waiting_.empty() && !moving() && client_ == Client::kAttached) {
    const GdbPackets::Event event = std::move(waiting_.front());
    waiting_.pop_front();
    switch (event.kind) {
      case GdbPackets::Kind::kPacket:
        if (acknowledge_) output_ += '+';
        busy_ = true;
        break_ = false;
        packet(event.text);
        busy_ = false;
        break;
      case GdbPackets::Kind::kDamaged:
        if (acknowledge_) output_ += '-';
        break;
      case GdbPackets::Kind::kNack:
        if (acknowledge_) output_ += last_frame_;
        break;
      default: break;
    }
  }
}

void GdbStub::packet(const std::string& text) {
  const std::string_view words = text.empty() ? std::string_view() : std::string_view(text).substr(1);
  switch (text.empty() ? '\0' : text[0]) {
    case '?': return reply(last_stop_);
    case 'c': case 's': case 'C': case 'S': return resume_old(text[0], words);
    case 'b':
      if (text != "bc" && text != "bs") return reply("");
      if (!debugger_->can_go_back()) return error(1);
      return begin_motion(text == "bc" ? Motion::kContinueBack : Motion::kStepBack);
    case 'v':
      if (words.starts_with("Cont?")) return reply("vCont;c;C;s;S;r");
      if (words.starts_with("Cont;")) return resume(words.substr(5));
      if (!words.starts_with("Kill")) return reply("");
      reply("OK");
      client_ = Client::kKilled;
      return;
    case 'k': client_ = Client::kKilled; return;
    case 'D':
      reply("OK");
      client_ = Client::kDetached;
      return;
    case 'Z': return point(true, words);
    case 'z': return point(false, words);
    case 'g': case 'G': case 'p': case 'P': return registers(text);
    case 'm': case 'M': case 'X': return memory(text);
    case 'q': case 'Q': return query(text);
    case 'H': return reply("OK");
    case 'T': return words == "1" ? reply("OK") : error(1);
    default: return reply("");
  }
}

// ===== Moving ===========================================================================================

// One processor, so the first action is the one that counts, whichever thread it names.
void GdbStub::resume(std::string_view words) {
  if (words.empty()) return error(1);
  const char action = words[0];
  words.remove_prefix(1);
  switch (action) {
    case 'c': case 'C': return begin_motion(Motion::kContinue);
    case 's': case 'S': return begin_motion(Motion::kStep);
    case 'r': {
      const auto begin = take_hex(words, 0xFFFFFFFF);
      if (!begin || !take_char(words, ',')) return error(1);
      const auto end = take_hex(words, 0xFFFFFFFF);
      if (!end) return error(1);
      range_begin_ = static_cast<std::uint32_t>(*begin);
      range_end_ = static_cast<std::uint32_t>(*end);
      return begin_motion(Motion::kRange);
    }
    default: return error(1);
  }
}

// c and s may have an address to go on at, C and S a signal, which a machine has no use for.
void GdbStub::resume_old(char how, std::string_view words) {
  const bool with_signal = how == 'C' || how == 'S';
  if (with_signal) words.remove_prefix(std::min(words.find(';'), words.size()));
  if (with_signal) take_char(words, ';');
  if (const auto address = take_hex(words, 0xFFFFFFFF)) {
    if (!may_edit()) return refuse_edit();
    begin_edit();
    gdb::set_register(debugger_->machine().cpu(), gdb::kEipNumber, static_cast<std::uint32_t>(*address));
  }
  begin_motion(how == 'c' || how == 'C' ? Motion::kContinue : Motion::kStep);
}

void GdbStub::begin_motion(Motion motion) {
  sync_points();
  const bool forwards = motion != Motion::kContinueBack && motion != Motion::kStepBack;
  const Moment before = debugger_->machine().moment();
  end_of_edits();
  // A history begins between two ticks; where that took the step already, it is done.
  if (forwards && motion != Motion::kContinue && debugger_->machine().moment() != before)
    return stop_reply({.why = StopWhy::kStepped, .moment = debugger_->machine().moment()});
  motion_ = motion;
}

Stop GdbStub::move(Tick limit) {
  Stop stop;
  if (!motion_) return stop;
  const Motion motion = *motion_;
  try {
    switch (motion) {
      case Motion::kContinue: stop = debugger_->run(limit); break;
      case Motion::kStep: stop = debugger_->step_through(); break;
      case Motion::kRange: stop = step_range(); break;
      case Motion::kContinueBack: stop = debugger_->run_back(); break;
      case Motion::kStepBack: stop = debugger_->step_back_through(); break;
    }
  } catch (const DebuggerError&) {
    stop = {.why = StopWhy::kStepped, .moment = debugger_->machine().moment()};
  }
  if (motion != Motion::kContinue || stop.why != StopWhy::kLimit) stopped(stop);
  return stop;
}

void GdbStub::stopped(const Stop& stop) {
  motion_.reset();
  break_ = false;
  stop_reply(stop);
  handle_events();
}

Stop GdbStub::step_range() {
  const Cpu& cpu = debugger_->machine().cpu();
  for (unsigned count = 1;; ++count) {
    const Stop stop = debugger_->step_through();
    if (stop.why != StopWhy::kStepped) return stop;
    if (place(cpu) - range_begin_ >= range_end_ - range_begin_ || count == kLookEvery) return stop;
  }
}

// ===== Stops ============================================================================================

void GdbStub::stop_reply(const Stop& stop) {
  if (std::exchange(tell_refusal_, false)) console("ringside: what was to be changed before is as it was: " + refusal_ + "\n");
  last_stop_ = stop_text(stop);
  const Cpu& cpu = debugger_->machine().cpu();
  for (const std::size_t number : {gdb::kEipNumber, gdb::kEspNumber, gdb::kEbpNumber})
    last_stop_ += hex_number(number) + ":" + gdb::register_hex(cpu, number).value_or("") + ";";
  reply(last_stop_);
}

std::string GdbStub::stop_text(const Stop& stop) {
  switch (stop.why) {
    case StopWhy::kInterrupted: return signal_text(kSigInt);
    case StopWhy::kBeginning: return signal_text(kSigTrap) + "replaylog:begin;";
    case StopWhy::kEnd:
    case StopWhy::kMachine:
      if (stop.why == StopWhy::kMachine) console("ringside: " + describe(stop) + "\n");
      if (debugger_->course() != nullptr) console("ringside: " + debugger_->course()->verdict());
      return signal_text(kSigTrap) + "replaylog:end;";
    case StopWhy::kPoint: break;
    default: return signal_text(kSigTrap);
  }
  std::string text;
  for (const Hit& hit : stop.hits)
    if (text.empty()) text = hit_text(hit);
  if (!text.empty()) return text;
  console("ringside: " + describe(stop) + "\n");
  const Hit& hit = stop.hits.front();
  const FaultChain& faults = debugger_->machine().cpu().fault_chain;
  if (hit.kind == PointKind::kVector && stop.moment == hit.moment && faults.count != 0)
    console("ringside: " + describe(faults.entries[faults.count - 1].fault) + "\n");
  return signal_text(signal_of(hit));
}

// Nothing where the point is not the client's.
std::string GdbStub::hit_text(const Hit& hit) const {
  const auto ours = std::find_if(set_.begin(), set_.end(), [&](const auto& entry) { return entry.second == hit.id; });
  if (ours == set_.end()) return "";
  const auto [type, address, size] = ours->first;
  static constexpr const char* kReasons[] = {"swbreak:;", "hwbreak:;", "watch:", "rwatch:", "awatch:"};
  const std::string text = signal_text(kSigTrap) + kReasons[type];
  if (type <= 1) return text;
  return text + hex_number(std::max<std::uint64_t>(hit.linear, address)) + ";";
}

// ===== Points ===========================================================================================

void GdbStub::point(bool insert, std::string_view words) {
  const auto type = take_hex(words, 4);
  if (!type) return reply("");
  if (!take_char(words, ',')) return error(1);
  const auto address = take_hex(words, 0xFFFFFFFF);
  if (!address || !take_char(words, ',')) return error(1);
  auto size = take_hex(words, 0x10000000);
  if (!size) return error(1);
  if (*type <= 1) size = 1;  // there it names a kind of breakpoint instruction
  const PointKey key{static_cast<unsigned>(*type), *address, *size};
  if (insert) {
    if (*size == 0 || wanted_.size() >= kMaxPoints) return error(28);
    wanted_[key] = true;
  } else {
    wanted_.erase(key);
  }
  reply("OK");
}

void GdbStub::sync_points() {
  // Somebody else may have taken one away.
  std::erase_if(set_, [this](const auto& entry) { return debugger_->point(entry.second) == nullptr; });
  std::vector<int> gone;
  std::erase_if(set_, [&](const auto& entry) {
    const bool unwanted = wanted_.count(entry.first) == 0;
    if (unwanted) gone.push_back(entry.second);
    return unwanted;
  });
  if (!gone.empty()) debugger_->remove(gone);
  changed_ |= !gone.empty();
  std::vector<PointKey> keys;
  std::vector<StopPointSpec> specs;
  for (const auto& [key, on] : wanted_) {
    if (!on || set_.count(key) != 0) continue;
    keys.push_back(key);
    specs.push_back(std::apply(spec_of, key));
  }
  if (specs.empty()) return;
  const std::vector<int> ids = debugger_->add(specs);
  for (std::size_t i = 0; i < ids.size(); ++i) set_[keys[i]] = ids[i];
  changed_ = true;
}

// ===== Another machine ==================================================================================

// What the client wants to have set stays wanted; it is set again when the machine moves for it.
void GdbStub::release() {
  const auto wanted = std::exchange(wanted_, {});
  sync_points();
  wanted_ = wanted;
  edited_ = false;
  commands_.reset();
  debugger_ = nullptr;
}

void GdbStub::take(Debugger& debugger) {
  debugger_ = &debugger;
  commands_ = std::make_unique<Commands>(debugger);
  if (moving()) sync_points();
}

// ===== Changes by hand ==================================================================================

// gdb shows the words of an error where a register was to be changed; of memory it says only that it cannot be accessed, so
// that the words have to wait for the next stop.
void GdbStub::refuse_edit() {
  tell_refusal_ = true;
  reply("E." + refusal_);
}

// What was done by hand is no input, so nothing in front of it can be lived again together with what follows.
void GdbStub::begin_edit() { edited_ = changed_ = true; }

void GdbStub::end_of_edits() {
  if (!std::exchange(edited_, false) || debugger_->time() == nullptr) return;
  debugger_->time()->forget_future();
  debugger_->time()->restart();
}

void GdbStub::exited(int code) {
  if (client_ != Client::kAttached) return;
  const auto byte = static_cast<std::uint8_t>(code);
  reply("W" + to_hex(std::span(&byte, 1)));
}

}  // namespace ringside
