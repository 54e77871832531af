// The demo guest as a session, for the tests of what panels show.
#pragma once

#include <string>

#include "debugger/inspect/session.h"

namespace ringside {

inline MachineConfig demo_machine() {
  MachineConfig config;
  config.memory = 16u << 20;
  config.disks[0] = DiskConfig{RINGSIDE_GUEST_DIRECTORY "/demo/demo.img", DiskMode::kCopyOnWrite};
  config.boot = "c";
  config.debug_exit = true;
  return config;
}

inline SessionOptions demo_options() {
  SessionOptions options;
  options.symbols = {RINGSIDE_GUEST_DIRECTORY "/demo/boot.elf", RINGSIDE_GUEST_DIRECTORY "/demo/demo.elf"};
  options.history = 64u << 20;
  return options;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The demo at its prompt, once for all tests of a program that only look.
inline Session& ready() {
  static Session& session = []() -> Session& {
    static Session s(demo_machine(), demo_options());
    for (int i = 0; i < 400 && !contains(s.serial().kept(), "demo: ready"); ++i) s.run_slice(1'000'000);
    return s;
  }();
  return session;
}

}  // namespace ringside
