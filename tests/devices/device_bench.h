// A workbench for one chip: a clock that the test turns, recorded wires, and saving to bytes.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "devices/event_queue.h"
#include "devices/lines.h"
#include "devices/port_bus.h"
#include "memory/state_visitor.h"

namespace ringside::device_bench {

class TestClock : public Clock {
 public:
  TestClock() : Clock(100'000'000) {}  // a tick is 10 ns
  Tick now() const override { return tick; }
  Tick tick = 0;
};

class RecordedLog : public DeviceLog {
 public:
  void lint(const char* device, const std::string& message) override {
    remarks.push_back(std::string(device) + ": " + message);
  }
  void unclaimed_port(std::uint16_t port, bool, std::uint32_t) override { unclaimed.push_back(port); }
  std::vector<std::string> remarks;
  std::vector<std::uint16_t> unclaimed;
};

class RecordedLines : public IrqLines, public SystemLines {
 public:
  void set_irq(unsigned line, bool level) override {
    if (level && !irq[line]) ++edges[line];
    irq[line] = level;
  }
  void set_intr(bool) override {}
  void pulse_nmi() override {}
  void request_reset(bool) override { ++resets; }
  void power_off() override {}
  void debug_exit(std::uint8_t) override {}
  void set_a20_gate(unsigned source, bool enabled) override { a20[source] = enabled; }
  std::array<bool, 16> irq{};
  std::array<int, 16> edges{};
  std::map<unsigned, bool> a20;
  int resets = 0;
};

/// Saves into bytes, and loads from them; a load that runs out of bytes throws StateError.
class BytesVisitor : public StateVisitor {
 public:
  BytesVisitor() = default;
  explicit BytesVisitor(std::vector<std::uint8_t> saved) : data(std::move(saved)), loading_(true) {}
  void begin(const char*) override {}
  void end() override {}
  bool loading() const override { return loading_; }
  void bytes(const char*, void* block, std::size_t size) override {
    auto* p = static_cast<std::uint8_t*>(block);
    if (!loading_) {
      data.insert(data.end(), p, p + size);
      return;
    }
    if (data.size() - at_ < size) throw StateError("truncated");
    std::memcpy(p, &data[at_], size);
    at_ += size;
  }
  void blob(const char*, std::vector<std::uint8_t>&, std::size_t) override { FAIL(); }
  std::vector<std::uint8_t> data;

 protected:
  void scalar(const char*, std::uint64_t& value, unsigned width) override {
    std::uint8_t raw[8] = {};
    for (unsigned i = 0; i < 8; ++i) raw[i] = static_cast<std::uint8_t>(value >> (8 * i));
    bytes("", raw, width);
    value = 0;
    for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{raw[i]} << (8 * i);
  }

 private:
  bool loading_ = false;
  std::size_t at_ = 0;
};

template <typename Part>
std::vector<std::uint8_t> saved(Part& part) {
  BytesVisitor visitor;
  part.visit(visitor);
  return visitor.data;
}

template <typename Part>
void load(Part& part, const std::vector<std::uint8_t>& data) {
  BytesVisitor visitor(data);
  part.visit(visitor);
}

/// Loads many damaged copies of the state of `part`: each is refused with StateError or accepted, and then
/// `use` must get by with it.
template <typename Part, typename Use>
void load_damaged(Part& part, Use use, std::size_t most = 4000) {
  const std::vector<std::uint8_t> good = saved(part);
  std::uint32_t seed = 12345;
  for (std::size_t round = 0; round < most; ++round) {
    std::vector<std::uint8_t> bad = good;
    for (int changes = 0; changes < 3; ++changes) {
      seed = seed * 1664525 + 1013904223;
      // The first kilobyte holds the registers; the rest is mostly buffers.
      bad[(seed >> 8) % std::min<std::size_t>(bad.size(), 1024)] = static_cast<std::uint8_t>(seed >> 24);
    }
    try {
      load(part, bad);
    } catch (const StateError&) {
      load(part, good);
      continue;
    }
    use();
  }
}

/// Ports, wires and time.
struct Bench {
  TestClock clock;
  RecordedLog log;
  RecordedLines lines;
  EventQueue queue{clock};
  PortBus bus{log};

  std::uint8_t in8(std::uint16_t port) { return static_cast<std::uint8_t>(bus.read(port, 1)); }
  std::uint16_t in16(std::uint16_t port) { return static_cast<std::uint16_t>(bus.read(port, 2)); }
  std::uint32_t in32(std::uint16_t port) { return bus.read(port, 4); }
  void out8(std::uint16_t port, unsigned value) { bus.write(port, 1, value & 0xFF); }
  void out16(std::uint16_t port, unsigned value) { bus.write(port, 2, value & 0xFFFF); }
  void out32(std::uint16_t port, std::uint32_t value) { bus.write(port, 4, value); }

  /// Lets guest time pass, with every event at its own tick.
  void pass(std::uint64_t ns) {
    const Tick end = clock.tick + clock.delay(ns);
    while (queue.next() <= end) {
      clock.tick = std::max(clock.tick, queue.next());
      queue.run_until(clock.tick);
    }
    clock.tick = end;
  }
  void pass_ms(std::uint64_t ms) { pass(ms * 1'000'000); }
};

/// A medium in memory, with places that can be made bad.
class MemoryMedium : public BlockMedium {
 public:
  explicit MemoryMedium(std::uint64_t sectors, std::uint64_t claimed = 0)
      : bytes(sectors * 512), sectors_(claimed != 0 ? claimed : sectors) {
    for (std::uint64_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern(i / 512, i % 512);
  }
  static std::uint8_t pattern(std::uint64_t sector, std::uint64_t offset) {
    return static_cast<std::uint8_t>(sector * 7 + offset * 13 + (offset >> 8));
  }
  std::uint64_t sectors() const override { return sectors_; }
  bool read_only() const override { return protect; }
  bool read_sector(std::uint64_t sector, std::span<std::uint8_t> out) override {
    if (sector == bad) return false;
    for (std::size_t i = 0; i < 512; ++i)
      out[i] = sector * 512 + i < bytes.size() ? bytes[sector * 512 + i] : pattern(sector, i);
    return true;
  }
  bool write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) override {
    if (sector == bad) return false;
    ++writes;
    if (sector * 512 < bytes.size())
      std::copy(data.begin(), data.end(), bytes.begin() + static_cast<long>(sector * 512));
    last_written = sector;
    return true;
  }
  bool flush() override {
    ++flushes;
    return true;
  }
  void visit(StateVisitor&) override {}
  std::vector<std::uint8_t> bytes;
  std::uint64_t bad = ~std::uint64_t{0};
  std::uint64_t last_written = 0;
  int writes = 0;
  int flushes = 0;
  bool protect = false;

 private:
  std::uint64_t sectors_;
};

}  // namespace ringside::device_bench
