// Where devices report what real hardware would punish and other emulators forgive.
#pragma once

#include <cstdint>
#include <string>

namespace ringside {

/// Receives the devices' remarks. Nothing in here changes the guest.
class DeviceLog {
 public:
  virtual ~DeviceLog() = default;
  /// A protocol mistake of the guest, in one sentence, never fatal. `device` is the part ("8259A").
  virtual void lint(const char* device, const std::string& message) = 0;
  /// The first access to a port that no device has claimed.
  virtual void unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) = 0;
};

}  // namespace ringside
