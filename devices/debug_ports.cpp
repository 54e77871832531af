#include "devices/debug_ports.h"

namespace ringside {

namespace {

constexpr std::uint16_t kConsole = 0xE9;
constexpr std::uint16_t kExit = 0xF4;

}  // namespace

DebugPorts::DebugPorts(PortBus& ports, SystemLines& system) : ports_(ports), system_(system) {
  ports_.claim(kConsole, 1, this);
}

void DebugPorts::enable_debug_exit(bool enabled) {
  if (enabled) {
    ports_.claim(kExit, 1, this, 4);  // guests write bytes and doublewords
  } else {
    ports_.release(kExit, 1, this);
  }
}

void DebugPorts::reset() { state_ = State{}; }

std::uint32_t DebugPorts::read_port(std::uint16_t port, unsigned size) {
  if (port == kConsole) return 0xE9;
  return size == 4 ? 0xFFFFFFFFu : (1u << (8 * size)) - 1;
}

void DebugPorts::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if (port == kExit) return system_.debug_exit(byte);
  state_.last = byte;
  if (sink_ != nullptr) sink_->put(byte);
}

void DebugPorts::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "debug_ports");
  visitor.field("last", state_.last);
}

}  // namespace ringside
