// Guests for tests of time travel: what they are, and what they are told while they run.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "machine/machine.h"

namespace ringside {

/// A machine's life up to `end`, with inputs that enter on the way.
struct TimeGuest {
  MachineConfig config;
  InputLog inputs;
  Tick begin = 0;  ///< where the history begins
  Tick end = 0;
};

inline InputLog date_only() {
  InputLog log;
  log.append({.tick = 0, .kind = InputKind::kDate, .value = 946'684'800});
  return log;
}

/// Our demo from its disk, with some conversation.
inline TimeGuest demo_guest() {
  TimeGuest guest;
  guest.config.memory = 16 << 20;
  guest.config.disks[0] = DiskConfig{std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/demo.img", DiskMode::kCopyOnWrite};
  guest.inputs = date_only();
  Tick tick = 95'000'000;
  for (const char c : std::string("faults\n"))
    guest.inputs.append({.tick = tick += 12'345, .kind = InputKind::kSerial, .value = static_cast<std::uint8_t>(c)});
  guest.end = 102'000'000;
  return guest;
}

}  // namespace ringside
