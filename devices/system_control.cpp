#include "devices/system_control.h"

namespace ringside {

namespace {

constexpr std::uint16_t kPort61 = 0x61;
constexpr std::uint16_t kPort92 = 0x92;
constexpr std::uint16_t kResetControl = 0xCF9;

bool rises(std::uint8_t before, std::uint8_t after, std::uint8_t bit) { return (~before & after & bit) != 0; }

}  // namespace

SystemControl::SystemControl(PortBus& ports, Pit8254& pit, SystemLines& system) : pit_(pit), system_(system) {
  ports.claim(kPort61, 1, this);
  ports.claim(kPort92, 1, this);
  ports.claim(kResetControl, 1, this);
  reset();
}

void SystemControl::reset() {
  state_ = State{};
  pit_.set_gate2(false);
  system_.set_a20_gate(kA20Source, false);
}

std::uint8_t SystemControl::peek(std::uint16_t port) const {
  switch (port) {
    case kPort61:
      return static_cast<std::uint8_t>(state_.port_61 | (pit_.refresh_toggle() ? 0x10 : 0) |
                                       (pit_.out2() ? 0x20 : 0));
    case kPort92:
      return state_.port_92;
    default:
      return state_.reset_control;
  }
}

std::uint32_t SystemControl::read_port(std::uint16_t port, unsigned) { return peek(port); }

void SystemControl::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  switch (port) {
    case kPort61:
      state_.port_61 = byte & 0x0F;
      pit_.set_gate2((byte & 1) != 0);
      break;
    case kPort92: {
      const std::uint8_t before = state_.port_92;
      state_.port_92 = byte & 0x03;
      system_.set_a20_gate(kA20Source, (byte & 2) != 0);
      if (rises(before, byte, 1)) system_.request_reset(false);
      break;
    }
    default: {
      // Bit 3 (also take the power away for a moment) changes nothing that a guest could tell.
      const std::uint8_t before = state_.reset_control;
      state_.reset_control = byte & 0x0E;
      if (rises(before, byte, 4)) system_.request_reset((byte & 2) != 0);
      break;
    }
  }
}

void SystemControl::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "system_control");
  visitor.field("port_61", state_.port_61);
  visitor.field("port_92", state_.port_92);
  visitor.field("reset_control", state_.reset_control);
  if (visitor.loading()) system_.set_a20_gate(kA20Source, (state_.port_92 & 2) != 0);
}

}  // namespace ringside
