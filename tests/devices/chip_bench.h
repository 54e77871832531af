// A workbench for one chip: ports, time, recorded lines, and a save that can be loaded again.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "devices/event_queue.h"
#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside::bench {

class HandClock final : public Clock {
 public:
  using Clock::Clock;
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

/// Writes every field into a string, or reads them back.
class Saver final : public StateVisitor {
 public:
  explicit Saver(bool loading = false, std::string saved = {}) : data(std::move(saved)), loading_(loading) {}
  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return loading_; }
  void bytes(const char*, void* field, std::size_t size) override {
    if (!loading_) {
      data.append(static_cast<const char*>(field), size);
      return;
    }
    if (position_ + size > data.size()) throw StateError("short");
    std::memcpy(field, data.data() + position_, size);
    position_ += size;
  }
  void blob(const char* name, std::vector<std::uint8_t>& field, std::size_t max) override {
    std::uint64_t size = field.size();
    scalar(name, size, 8);
    if (size > max) throw StateError("long");
    field.resize(size);
    bytes(name, field.data(), size);
  }
  bool at_end() const { return position_ == data.size(); }

  std::string data;

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override {
    std::uint8_t raw[8] = {};
    for (unsigned i = 0; i < width; ++i) raw[i] = static_cast<std::uint8_t>(value >> (8 * i));
    bytes(name, raw, width);
    value = 0;
    for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{raw[i]} << (8 * i);
  }

 private:
  bool loading_;
  std::size_t position_ = 0;
};

template <typename Part>
std::string save(Part& part) {
  Saver saver;
  part.visit(saver);
  return saver.data;
}

template <typename Part>
void load(Part& part, const std::string& data) {
  Saver loader(true, data);
  part.visit(loader);
}

/// Time, ports and lines without a chip.
struct Bench {
  explicit Bench(std::uint64_t ips = 1'000'000'000) : clock(ips) {}

  HandClock clock;
  RecordedLog log;
  RecordedIrqs irqs;
  RecordedSystem system;
  PortBus ports{log};
  EventQueue events{clock};
  std::uint64_t events_run = 0;

  void out(std::uint16_t port, std::uint32_t value, unsigned size = 1) { ports.write(port, size, value); }
  std::uint32_t in(std::uint16_t port, unsigned size = 1) { return ports.read(port, size); }

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
  void run_to_cycle(std::uint64_t cycle, std::uint64_t hz) { run_to(clock.tick_of_cycle(cycle, hz)); }
};

}  // namespace ringside::bench
