// One observer of the processor that tells several.
#pragma once

#include <utility>
#include <vector>

#include "cpu/cpu_bus.h"

namespace ringside {

class ObserverHub final : public CpuObserver {
 public:
  /// What the processor is to be given so that all of `listeners` are told: nobody, the one, or this.
  CpuObserver* over(std::vector<CpuObserver*> listeners) {
    listeners_ = std::move(listeners);
    if (listeners_.empty()) return nullptr;
    return listeners_.size() == 1 ? listeners_.front() : this;
  }

  // By index: a listener may come or go while it is told.
  void trap(const TrapEvent& event) override {
    for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->trap(event);
  }
  void port(const PortEvent& event) override {
    for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->port(event);
  }
  void register_written(const RegisterEvent& event) override {
    for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->register_written(event);
  }

 private:
  std::vector<CpuObserver*> listeners_;
};

}  // namespace ringside
