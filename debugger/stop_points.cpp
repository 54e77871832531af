#include "debugger/stop_points.h"

#include <cstdio>

#include "cpu/fault.h"
#include "debugger/format_text.h"

namespace ringside {
namespace {

const char* accesses(bool read, bool write) { return read && write ? "access to" : read ? "read of" : "write of"; }

std::string vector_name(unsigned vector) {
  if (vector < 32) {
    const std::string mnemonic = vector_mnemonic(static_cast<Vector>(vector));
    if (mnemonic != "#??") return mnemonic;
  }
  return format("vector %02Xh", vector);
}

std::string vector_words(const StopPointSpec& p) {
  std::string ways;
  const auto add = [&](unsigned kind, const char* word) {
    if ((p.vector_kinds & kind) != 0) ways += (ways.empty() ? "" : " or ") + std::string(word);
  };
  add(kExceptions, "exception");
  add(kHardwareInterrupts, "hardware interrupt");
  add(kSoftwareInterrupts, "software interrupt");
  if (p.vector_kinds == kAnyVector) ways = "exception or interrupt";
  return (p.vector ? vector_name(*p.vector) + " as " : "any ") + ways;
}

std::string subject(const StopPointSpec& p) {
  const char* space = p.space == AddressSpace::kPhysical ? "physical" : "linear";
  const auto address = static_cast<unsigned long long>(p.address);
  switch (p.kind) {
    case PointKind::kInstruction:
      if (p.space == AddressSpace::kFar) return format("instruction at %04X:%08llX", p.selector, address);
      return format("instruction at %s %08llX", space, address);
    case PointKind::kMemory:
      return format("%s %s %08llX, %llu byte%s", accesses(p.on_read, p.on_write), space, address,
                    static_cast<unsigned long long>(p.size), p.size == 1 ? "" : "s");
    case PointKind::kPort:
      if (p.first_port == p.last_port) return format("%s port %03Xh", accesses(p.on_read, p.on_write), p.first_port);
      return format("%s ports %03Xh-%03Xh", accesses(p.on_read, p.on_write), p.first_port, p.last_port);
    case PointKind::kVector: return vector_words(p);
    case PointKind::kRingChange: return p.ring ? format("change to ring %u", *p.ring) : "ring change";
    case PointKind::kControlRegister: return p.number ? format("write of CR%u", *p.number) : "write of a control register";
    case PointKind::kMsr: return p.number ? format("write of MSR %Xh", *p.number) : "write of an MSR";
    case PointKind::kTaskSwitch: return "task switch";
    case PointKind::kTick: return "tick " + std::to_string(p.tick);
    case PointKind::kScreenText: return "screen text '" + p.text + "'";
    case PointKind::kSerialText: return "serial text '" + p.text + "'";
  }
  return "";
}

std::string event(const Hit& h) {
  const auto value = static_cast<unsigned long long>(h.value);
  switch (h.kind) {
    case PointKind::kInstruction: return format("instruction at %04X:%08X (linear %08X)", h.cs, h.eip, h.linear);
    case PointKind::kMemory:
      return format("%s of %u byte%s at linear %08X (physical %08llX)", h.write ? "write" : "read", h.size,
                    h.size == 1 ? "" : "s", h.linear, static_cast<unsigned long long>(h.physical));
    case PointKind::kPort: return format("%s port %03Xh, %u byte%s, value %llXh", h.write ? "write to" : "read from", h.number, h.size, h.size == 1 ? "" : "s", value);
    case PointKind::kVector: return vector_name(h.number) + format(", error code %llX, at %04X:%08X", value, h.cs, h.eip);
    case PointKind::kRingChange: return format("to ring %u, from %04X:%08X", h.number, h.cs, h.eip);
    case PointKind::kControlRegister: return format("CR%u := %08llX", h.number, value);
    case PointKind::kMsr: return format("MSR %Xh := %llXh", h.number, value);
    case PointKind::kTaskSwitch: return format("task switch at %04X:%08X", h.cs, h.eip);
    case PointKind::kTick: return "tick " + std::to_string(h.moment.tick);
    case PointKind::kScreenText: return "text on the screen";
    case PointKind::kSerialText: return "text on COM1";
  }
  return "";
}

}  // namespace

const char* point_kind_name(PointKind kind) {
  switch (kind) {
    case PointKind::kInstruction: return "instruction";
    case PointKind::kMemory: return "memory";
    case PointKind::kPort: return "port";
    case PointKind::kVector: return "vector";
    case PointKind::kRingChange: return "ring";
    case PointKind::kControlRegister: return "control-register";
    case PointKind::kMsr: return "msr";
    case PointKind::kTaskSwitch: return "task-switch";
    case PointKind::kTick: return "tick";
    case PointKind::kScreenText: return "screen-text";
    case PointKind::kSerialText: return "serial-text";
  }
  return "?";
}

std::string describe(const StopPointSpec& point) {
  std::string text = subject(point);
  if (!point.condition.empty()) text += ", if " + point.condition;
  return text;
}

std::string describe(const Hit& hit) { return "stop " + std::to_string(hit.id) + ": " + event(hit); }

}  // namespace ringside
