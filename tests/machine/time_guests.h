// Guests for tests of time travel: what they are, and what they are told while they run.
#pragma once

#include <filesystem>
#include <optional>
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

/// time_guest.asm: every device at work, and inputs of every kind. Its disk is `disk`, 1024 sectors.
inline TimeGuest device_guest(const std::string& disk) {
  TimeGuest guest;
  guest.config.memory = 8 << 20;
  guest.config.bios = RINGSIDE_TIME_GUEST;
  guest.config.disks[0] = DiskConfig{disk, DiskMode::kCopyOnWrite};
  guest.inputs = date_only();
  std::uint32_t random = 1;
  for (Tick tick = 100'000; tick < 30'000'000; tick += 1 + random % 100'000) {
    random = random * 1'664'525 + 1'013'904'223;
    const unsigned choice = random >> 16 & 3;
    if (choice == 0) {
      guest.inputs.append({.tick = tick, .kind = InputKind::kKey, .down = (random & 0x8000) != 0,
                           .value = static_cast<std::int64_t>(random >> 20 & 63)});
    } else if (choice == 1) {
      guest.inputs.append({.tick = tick, .kind = InputKind::kMouse, .value = random >> 24 & 7, .dx = 3, .dy = -2});
    } else {
      guest.inputs.append({.tick = tick, .kind = InputKind::kSerial, .value = static_cast<std::uint8_t>(random >> 24)});
    }
  }
  guest.end = 30'000'000;
  return guest;
}

/// The Linux guest from its disk, from the time when the kernel decompresses itself until it has its console. Empty
/// where it is not built.
inline std::optional<TimeGuest> linux_guest() {
  TimeGuest guest;
  const std::string disk = std::string(RINGSIDE_GUEST_DIRECTORY) + "/linux/disk.img";
  if (!std::filesystem::exists(disk)) return std::nullopt;
  guest.config.disks[0] = DiskConfig{disk, DiskMode::kCopyOnWrite};
  guest.inputs = date_only();
  guest.begin = 20'000'000;
  guest.end = 1'500'000'000;
  return guest;
}

}  // namespace ringside
