#include "debugger/perfetto_trace.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "machine/errors.h"

namespace ringside {
namespace {

enum Process : unsigned { kRings = 1, kInterrupts, kSpaces, kRemarks };
enum Track : unsigned { kHardware = 1, kSoftware, kExceptionTrack };

constexpr std::size_t kPiece = 8 * 1024;
constexpr char kTail[] = "\n]}\n";
/// A guest that never comes back from its handlers fills this many levels, and one that invents values of CR3 so many
/// tracks; what comes then is put together.
constexpr std::size_t kMostHandlers = 64;
constexpr unsigned kMostSpaces = 256;

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string hex(std::uint32_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof(text), "%0*X", digits, value);
  return text;
}

unsigned track_of(TrapKind kind) {
  switch (kind) {
    case TrapKind::kException: return kExceptionTrack;
    case TrapKind::kSoftwareInterrupt: return kSoftware;
    case TrapKind::kExternal:
    case TrapKind::kNmi: return kHardware;
    default: return 0;
  }
}

std::string name_of(const TrapEvent& event) {
  if (event.fault != nullptr) return vector_mnemonic(event.fault->vector);
  if (event.kind == TrapKind::kNmi) return "NMI";
  return (event.kind == TrapKind::kSoftwareInterrupt ? "INT " : "vector ") + hex(event.vector, 2) + "h";
}

std::string arguments_of(const TrapEvent& event) {
  std::string text = "\"from\":\"" + hex(event.from_cs, 4) + ":" + hex(event.from_eip, 8) + "\",\"to\":\"" +
                     hex(event.to_cs, 4) + ":" + hex(event.to_eip, 8) + "\",\"ring\":" + std::to_string(event.from_cpl) +
                     ",\"tick\":" + std::to_string(event.tick);
  if (event.fault != nullptr) text += ",\"cause\":" + quoted(describe(*event.fault));
  return text;
}

}  // namespace

bool PerfettoTrace::wanted_by(const std::string& path) { return path.ends_with(".perfetto.json"); }

PerfettoTrace::PerfettoTrace(const Machine& machine, const std::string& path)
    : machine_(machine), file_(std::fopen(path.c_str(), "wb")) {
  if (file_ == nullptr) throw FileError("output file '" + path + "': " + std::strerror(errno));
  ring_ = machine.cpu().cpl;
  cr3_ = machine.cpu().cr3;
  ring_since_ = cr3_since_ = machine.now();
  pending_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  name_process(kRings, "Rings");
  for (unsigned ring = 0; ring < 4; ++ring) name_track(kRings, ring + 1, "ring " + std::to_string(ring));
  name_process(kInterrupts, "Interrupts");
  name_track(kInterrupts, kHardware, "hardware interrupts");
  name_track(kInterrupts, kSoftware, "software interrupts");
  name_track(kInterrupts, kExceptionTrack, "exceptions");
  name_process(kSpaces, "Processes (CR3)");
  name_process(kRemarks, "Remarks");
  name_track(kRemarks, 1, "remarks");
  flush();
}

PerfettoTrace::~PerfettoTrace() {
  const Tick now = machine_.now();
  while (!handlers_.empty()) leave_handler(now);
  enter_ring(ring_ ^ 1, now);
  load_cr3(~cr3_, now);
  flush();
}

// ===== What is told =====================================================================================

void PerfettoTrace::trap(const TrapEvent& event) {
  if (event.kind == TrapKind::kIret && !handlers_.empty()) leave_handler(event.tick);
  if (track_of(event.kind) != 0) enter_handler(event);
  if (event.kind == TrapKind::kTaskSwitch) instant("task switch to " + hex(event.to_cs, 4) + ":" + hex(event.to_eip, 8), event.tick);
  enter_ring(event.to_cpl, event.tick);
  // Nothing of the kernel's is under way in ring 3, whichever way it was left.
  if (event.to_cpl == 3)
    while (!handlers_.empty()) leave_handler(event.tick);
}

void PerfettoTrace::register_written(const RegisterEvent& event) {
  if (event.what == SystemRegister::kCr3) load_cr3(static_cast<std::uint32_t>(event.value), event.tick);
}

void PerfettoTrace::remark(const std::string& text) { instant(text, machine_.now()); }

void PerfettoTrace::enter_ring(unsigned ring, Tick tick) {
  if (ring == ring_) return;
  slice(kRings, ring_ + 1, "ring " + std::to_string(ring_), ring_since_, tick, "");
  ring_ = ring & 3;
  ring_since_ = tick;
}

void PerfettoTrace::enter_handler(const TrapEvent& event) {
  if (handlers_.size() == kMostHandlers)
    while (!handlers_.empty()) leave_handler(event.tick);
  handlers_.push_back({track_of(event.kind), event.tick, name_of(event), arguments_of(event)});
}

void PerfettoTrace::leave_handler(Tick tick) {
  const Handler& h = handlers_.back();
  slice(kInterrupts, h.track, h.name, h.begin, tick, h.arguments);
  handlers_.pop_back();
}

void PerfettoTrace::load_cr3(std::uint32_t value, Tick tick) {
  if (value == cr3_) return;
  slice(kSpaces, space_track(cr3_), "CR3 " + hex(cr3_, 8), cr3_since_, tick, "");
  cr3_ = value;
  cr3_since_ = tick;
}

unsigned PerfettoTrace::space_track(std::uint32_t cr3) {
  const auto known = spaces_.find(cr3);
  if (known != spaces_.end()) return known->second;
  const auto track = static_cast<unsigned>(spaces_.size()) + 1;
  if (track > kMostSpaces) return kMostSpaces + 1;
  spaces_[cr3] = track;
  name_track(kSpaces, track, "CR3 " + hex(cr3, 8));
  if (track == kMostSpaces) name_track(kSpaces, track + 1, "others");
  return track;
}

// ===== The file =========================================================================================

// Microseconds with three decimals, from exact nanoseconds.
std::string PerfettoTrace::time(Tick tick) const {
  const auto nanoseconds = static_cast<unsigned long long>(machine_.events().clock().nanoseconds(tick));
  char text[32];
  std::snprintf(text, sizeof(text), "%llu.%03llu", nanoseconds / 1000, nanoseconds % 1000);
  return text;
}

void PerfettoTrace::add(const std::string& event) {
  pending_ += (first_ ? "\n" : ",\n") + event;
  first_ = false;
  if (pending_.size() >= kPiece) flush();
}

void PerfettoTrace::slice(unsigned process, unsigned track, const std::string& name, Tick begin, Tick end,
                          const std::string& arguments) {
  if (end < begin) return;
  const std::string from = time(begin);
  const auto length = static_cast<unsigned long long>(machine_.events().clock().nanoseconds(end) - machine_.events().clock().nanoseconds(begin));
  char duration[32];
  std::snprintf(duration, sizeof(duration), "%llu.%03llu", length / 1000, length % 1000);
  add("{\"ph\":\"X\",\"pid\":" + std::to_string(process) + ",\"tid\":" + std::to_string(track) + ",\"name\":" + quoted(name) +
      ",\"ts\":" + from + ",\"dur\":" + duration + (arguments.empty() ? "" : ",\"args\":{" + arguments + "}") + "}");
}

void PerfettoTrace::instant(const std::string& name, Tick tick) {
  add("{\"ph\":\"i\",\"s\":\"t\",\"pid\":" + std::to_string(unsigned{kRemarks}) + ",\"tid\":1,\"name\":" + quoted(name) + ",\"ts\":" + time(tick) + "}");
}

void PerfettoTrace::name_process(unsigned process, const std::string& name) {
  add("{\"ph\":\"M\",\"pid\":" + std::to_string(process) + ",\"name\":\"process_name\",\"args\":{\"name\":" + quoted(name) + "}}");
}

void PerfettoTrace::name_track(unsigned process, unsigned track, const std::string& name) {
  add("{\"ph\":\"M\",\"pid\":" + std::to_string(process) + ",\"tid\":" + std::to_string(track) +
      ",\"name\":\"thread_name\",\"args\":{\"name\":" + quoted(name) + "}}");
}

void PerfettoTrace::flush() {
  if (pending_.empty()) return;
  const std::string text = pending_ + kTail;
  std::fseek(file_.get(), end_, SEEK_SET);
  std::fwrite(text.data(), 1, text.size(), file_.get());
  std::fflush(file_.get());
  end_ += static_cast<long>(pending_.size());
  pending_.clear();
}

}  // namespace ringside
