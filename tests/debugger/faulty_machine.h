// A machine with a mistake of our own choosing: from one tick on it is not what it would have been.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "machine/machine.h"

namespace ringside {

/// At the guest's first access to a port from tick `from` on, changes one bit of `where`: "ram" (physical address 700h) or
/// "cpu" (the base of FS, which the
/// tests' guests do not load).
class Mistake final : public CpuObserver {
 public:
  Mistake(Machine& machine, std::string where, Tick from) : machine_(machine), where_(std::move(where)), from_(from) {
    machine_.add_observer(this);
  }
  ~Mistake() override { machine_.remove_observer(this); }
  Mistake(const Mistake&) = delete;
  Mistake& operator=(const Mistake&) = delete;

  void trap(const TrapEvent&) override {}
  void port(const PortEvent&) override {
    if (done_ || machine_.now() < from_) return;
    done_ = true;
    if (where_ == "cpu") {
      machine_.cpu().seg[kFS].base ^= 0x10;
      return;
    }
    std::uint8_t byte = 0;
    machine_.memory().peek(kAddress, &byte, 1);
    byte ^= 1;
    machine_.memory().write(kAddress, &byte, 1);
  }

 private:
  static constexpr PhysAddr kAddress = 0x700;

  Machine& machine_;
  std::string where_;
  Tick from_;
  bool done_ = false;
};

}  // namespace ringside
