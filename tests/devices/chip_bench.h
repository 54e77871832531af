// A workbench for one chip: ports, time, and recorded lines.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "devices/event_queue.h"
#include "devices/lines.h"
#include "devices/port_bus.h"
#include "tests/devices/saved_state.h"

namespace ringside::bench {

class HandClock final : public Clock {
 public:
  explicit HandClock(std::uint64_t ips = 1'000'000'000) : Clock(ips) {}  // a tick is 1 ns
  Tick now() const override { return tick; }
  Tick tick = 0;
};

struct RecordedIrqs final : IrqLines {
  std::array<bool, 16> level{};
  std::array<unsigned, 16> rises{};
  std::array<unsigned, 16> falls{};
  void set_irq(unsigned line, bool value) override {
    if (value && !level.at(line)) ++rises.at(line);
    if (!value && level.at(line)) ++falls.at(line);
    level.at(line) = value;
  }
};

struct RecordedSystem final : SystemLines {
  bool intr = false;
  unsigned intr_calls = 0;
  unsigned nmis = 0;
  unsigned cold_resets = 0;
  unsigned warm_resets = 0;
  unsigned power_offs = 0;
  std::vector<std::uint8_t> exits;
  bool a20[2] = {};
  void set_intr(bool value) override {
    intr = value;
    ++intr_calls;
  }
  void pulse_nmi() override { ++nmis; }
  void request_reset(bool cold) override { ++(cold ? cold_resets : warm_resets); }
  void power_off() override { ++power_offs; }
  void debug_exit(std::uint8_t value) override { exits.push_back(value); }
  void set_a20_gate(unsigned source, bool enabled) override { a20[source & 1] = enabled; }
};

struct RecordedLog final : DeviceLog {
  std::vector<std::string> lints;
  std::vector<std::uint16_t> unclaimed;
  void lint(const char* device, const std::string& message) override {
    lints.push_back(std::string(device) + ": " + message);
  }
  void unclaimed_port(std::uint16_t port, bool, std::uint32_t) override { unclaimed.push_back(port); }
};

struct RecordedBytes final : ByteSink {
  std::string text;
  void put(std::uint8_t byte) override { text.push_back(static_cast<char>(byte)); }
};

/// Time, ports and lines without a chip.
struct Bench {
  Bench() = default;
  explicit Bench(std::uint64_t ips) : clock(ips) {}

  HandClock clock;
  RecordedLog log;
  RecordedIrqs irqs;
  RecordedSystem system;
  PortBus ports{log};
  EventQueue events{clock};
  std::uint64_t events_run = 0;

  void out(std::uint16_t port, std::uint32_t value, unsigned size = 1) { ports.write(port, size, value); }
  std::uint32_t in(std::uint16_t port, unsigned size = 1) { return ports.read(port, size); }
  void out8(std::uint16_t port, unsigned value) { out(port, value & 0xFF); }
  void out16(std::uint16_t port, unsigned value) { out(port, value & 0xFFFF, 2); }
  void out32(std::uint16_t port, std::uint32_t value) { out(port, value, 4); }
  std::uint8_t in8(std::uint16_t port) { return static_cast<std::uint8_t>(in(port)); }
  std::uint16_t in16(std::uint16_t port) { return static_cast<std::uint16_t>(in(port, 2)); }
  std::uint32_t in32(std::uint16_t port) { return in(port, 4); }

  /// Lets time pass, events at their ticks.
  void run_to(Tick tick) {
    while (events.next() <= tick) {
      if (events.next() > clock.tick) clock.tick = events.next();
      events.run_until(clock.tick);
      ++events_run;
    }
    if (tick > clock.tick) clock.tick = tick;
  }
  void run_for(Tick ticks) { run_to(clock.tick + ticks); }
  void pass(std::uint64_t ns) { run_for(clock.delay(ns)); }
  void pass_ms(std::uint64_t ms) { pass(ms * 1'000'000); }
  void run_to_cycle(std::uint64_t cycle, std::uint64_t hz) { run_to(clock.tick_of_cycle(cycle, hz)); }
};

/// Gives `twin` on `there` the state of `part` on `here`, the events that wait and the time with it.
template <typename Part>
void move_over(Part& part, Bench& here, Part& twin, Bench& there) {
  there.clock.tick = here.clock.tick;
  load(twin, saved(part));
  load(there.events, saved(here.events));
  EXPECT_EQ(saved(twin), saved(part));
}

}  // namespace ringside::bench
