#include "devices/port_bus.h"

namespace ringside {

PortBus::PortBus(DeviceLog& log) : log_(log), claims_(0x10000) {}

void PortBus::claim(std::uint16_t first, std::uint32_t count, PortDevice* device, unsigned widest) {
  for (std::uint32_t i = 0; i < count && first + i < claims_.size(); ++i)
    claims_[first + i] = {device, static_cast<std::uint8_t>(widest), false};
}

void PortBus::release(std::uint16_t first, std::uint32_t count, PortDevice* device) {
  for (std::uint32_t i = 0; i < count && first + i < claims_.size(); ++i)
    if (claims_[first + i].device == device) claims_[first + i] = {};
}

std::uint32_t PortBus::read(std::uint16_t port, unsigned size) {
  Claim& claim = claims_[port];
  if (size == 1 || (claim.device != nullptr && size <= claim.widest)) {
    if (claim.device != nullptr) return claim.device->read_port(port, size);
    if (!claim.logged) {
      claim.logged = true;
      log_.unclaimed_port(port, false, 0);
    }
    return 0xFF;
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= (read(static_cast<std::uint16_t>(port + i), 1) & 0xFF) << (8 * i);
  return value;
}

void PortBus::write(std::uint16_t port, unsigned size, std::uint32_t value) {
  Claim& claim = claims_[port];
  if (size == 1 || (claim.device != nullptr && size <= claim.widest)) {
    if (claim.device != nullptr) {
      claim.device->write_port(port, size, value);
    } else if (!claim.logged) {
      claim.logged = true;
      log_.unclaimed_port(port, true, value);
    }
    return;
  }
  for (unsigned i = 0; i < size; ++i)
    write(static_cast<std::uint16_t>(port + i), 1, (value >> (8 * i)) & 0xFF);
}

}  // namespace ringside
