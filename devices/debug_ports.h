// Two ports that real boards do not have, as other emulators offer them.
//
//   ports   E9h   a byte written goes to the host's debug console; reads E9h, so that a guest can tell
//           F4h   debug exit, where enabled: a value written ends the run
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class DebugPorts final : public PortDevice {
 public:
  struct State {
    std::uint8_t last = 0;  ///< the last byte written to E9h
  };

  DebugPorts(PortBus& ports, SystemLines& system);

  /// Not owned; nullptr drops the bytes.
  void set_sink(ByteSink* sink) { sink_ = sink; }
  /// Part of how the machine is built, and not of its state. Off, port F4h is unclaimed.
  void enable_debug_exit(bool enabled);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;

 private:
  PortBus& ports_;
  SystemLines& system_;
  ByteSink* sink_ = nullptr;
  State state_;
};

}  // namespace ringside
