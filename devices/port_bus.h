// I/O ports: who answers which, and what an access that nobody answers does.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "devices/device_log.h"

namespace ringside {

/// A chip with I/O ports. `size` is 1, 2 or 4 bytes; a device gets the sizes that it claimed, wider
/// accesses arrive as consecutive byte accesses, lowest port first, as on the ISA bus.
class PortDevice {
 public:
  virtual ~PortDevice() = default;
  virtual std::uint32_t read_port(std::uint16_t port, unsigned size) = 0;
  virtual void write_port(std::uint16_t port, unsigned size, std::uint32_t value) = 0;
};

/// The board's 65,536 ports.
class PortBus {
 public:
  explicit PortBus(DeviceLog& log);

  /// Gives ports [first, first + count) to `device`; a later claim replaces an earlier one.
  /// `widest` is the largest access in bytes (1, 2 or 4) that reaches the device whole.
  void claim(std::uint16_t first, std::uint32_t count, PortDevice* device, unsigned widest = 1);
  /// Takes back whatever of [first, first + count) belongs to `device` (PCI base address changes).
  void release(std::uint16_t first, std::uint32_t count, PortDevice* device);

  /// Ports that nobody claimed read as FFh in every byte, and are logged once each.
  std::uint32_t read(std::uint16_t port, unsigned size);
  void write(std::uint16_t port, unsigned size, std::uint32_t value);

 private:
  struct Claim {
    PortDevice* device = nullptr;
    std::uint8_t widest = 1;
    bool logged = false;
  };
  DeviceLog& log_;
  std::vector<Claim> claims_;
};

}  // namespace ringside
