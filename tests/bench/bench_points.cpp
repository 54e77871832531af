// What points cost that are set and not hit: Linux boots freely, and with 1,000 breakpoints and 100 watchpoints spread over
// its kernel's code and data. Points that are hit are removed at once, so that what is left is not.
//
// All cases take turns for some rounds, from one state, and the quickest round of each counts: a busy host disturbs them
// alike.
//
//   bench_points KERNEL INITRD [MILLION_TICKS [ROUNDS]]
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "debugger/debugger.h"
#include "machine/machine.h"

namespace ringside {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

/// Everything of interest happens behind this tick: the kernel is unpacked and runs at its linear addresses.
constexpr Tick kBegin = 1'500'000'000;
constexpr std::uint32_t kText = 0xC1000000, kTextSize = 0x700000;
constexpr std::uint32_t kDirectMap = 0xC0000000;

struct Result {
  double seconds = 0;
  std::string hash;
  std::size_t left = 0;
  std::uint64_t hits = 0;
};

Result measure(const MachineConfig& config, const std::vector<std::uint8_t>& state, Tick end, const std::function<void(Debugger&)>& set) {
  Machine machine(config);
  machine.load(state);
  Debugger debugger(machine);
  set(debugger);
  Result result;
  const double began = cpu_seconds();
  for (;;) {
    const Stop stop = debugger.run(end);
    if (stop.why != StopWhy::kPoint) break;
    ++result.hits;
    for (const Hit& hit : stop.hits) debugger.remove(hit.id);
  }
  result.seconds = cpu_seconds() - began;
  result.left = debugger.points().size();
  result.hash = machine.state_hash();
  return result;
}

std::vector<StopPointSpec> breakpoints(unsigned count, std::mt19937& random) {
  std::vector<StopPointSpec> specs;
  for (unsigned i = 0; i < count; ++i)
    specs.push_back({.kind = PointKind::kInstruction, .address = kText + random() % kTextSize});
  return specs;
}

std::vector<StopPointSpec> watchpoints(unsigned count, std::mt19937& random, std::uint32_t from, std::uint32_t size, bool read) {
  std::vector<StopPointSpec> specs;
  for (unsigned i = 0; i < count; ++i)
    specs.push_back({.kind = PointKind::kMemory, .address = from + random() % size / 4 * 4, .size = 4, .on_read = read});
  return specs;
}

std::vector<std::uint8_t> state_at_begin(const MachineConfig& config) {
  Machine machine(config);
  machine.run(kBegin);
  return machine.save();
}

int run(const char* kernel, const char* initrd, Tick ticks, unsigned rounds) {
  MachineConfig config;
  config.kernel = kernel;
  config.initrds = {initrd};
  config.append = "console=ttyS0 nokaslr";
  const Tick end = kBegin + ticks;
  const std::vector<std::uint8_t> state = state_at_begin(config);
  struct Case {
    const char* name;
    unsigned breaks, watches;
    std::uint32_t from, size;
    bool read;
  };
  static constexpr Case kCases[] = {
      {"free", 0, 0, 0, 4, false},
      {"1000 breakpoints in kernel code", 1000, 0, 0, 4, false},
      {"... and 100 write watchpoints anywhere in 128 MiB", 1000, 100, kDirectMap, 128u << 20, false},
      {"... and 100 access watchpoints anywhere in 128 MiB", 1000, 100, kDirectMap, 128u << 20, true},
      {"... and 100 write watchpoints in the kernel's data", 1000, 100, 0xC1700000, 0x300000, false},
      {"... and 100 access watchpoints in the kernel's data", 1000, 100, 0xC1700000, 0x300000, true},
      {"free once more", 0, 0, 0, 4, false},
  };
  std::array<Result, std::size(kCases)> best;
  int failures = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < std::size(kCases); ++i) {
      const Case& c = kCases[i];
      std::mt19937 random(12345);
      const Result r = measure(config, state, end, [&](Debugger& d) {
        d.add(breakpoints(c.breaks, random));
        d.add(watchpoints(c.watches, random, c.from, c.size, c.read));
      });
      if (round == 0 || r.seconds < best[i].seconds) best[i] = r;
      failures += r.hash == best[0].hash ? 0 : 1;
    }
  }
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    const Result& r = best[i];
    std::printf("%-64s %8.3f s  %5.1f %%  %zu left, %llu hit  %s\n", kCases[i].name, r.seconds, 100 * best[0].seconds / r.seconds, r.left,
                static_cast<unsigned long long>(r.hits), r.hash == best[0].hash ? "same state" : "ANOTHER STATE");
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_points KERNEL INITRD [MILLION_TICKS [ROUNDS]]\n");
    return 2;
  }
  return ringside::run(argv[1], argv[2], (argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 600) * 1'000'000,
                       argc > 4 ? static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10)) : 5);
}
