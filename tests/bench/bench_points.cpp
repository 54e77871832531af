// What points cost that are set and not hit: Linux boots freely, and with 1,000 breakpoints and 100 watchpoints spread over
// its kernel's code and data. Points that are hit are removed at once, so that what is left is not.
//
//   bench_points KERNEL INITRD [MILLION_TICKS]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>

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

Result measure(const MachineConfig& config, Tick end, const std::function<void(Debugger&)>& set) {
  Machine machine(config);
  Debugger debugger(machine);
  debugger.run(kBegin);
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

int run(const char* kernel, const char* initrd, Tick ticks) {
  MachineConfig config;
  config.kernel = kernel;
  config.initrds = {initrd};
  config.append = "console=ttyS0 nokaslr";
  const Tick end = kBegin + ticks;
  const Result free = measure(config, end, [](Debugger&) {});
  std::printf("%-64s %8.2f s\n", "free", free.seconds);
  struct Case {
    const char* name;
    unsigned breaks, watches;
    std::uint32_t from, size;
    bool read;
  };
  static constexpr Case kCases[] = {
      {"1000 breakpoints in kernel code", 1000, 0, 0, 4, false},
      {"... and 100 write watchpoints anywhere in 128 MiB", 1000, 100, kDirectMap, 128u << 20, false},
      {"... and 100 access watchpoints anywhere in 128 MiB", 1000, 100, kDirectMap, 128u << 20, true},
      {"... and 100 write watchpoints in the kernel's data", 1000, 100, 0xC1700000, 0x300000, false},
      {"... and 100 access watchpoints in the kernel's data", 1000, 100, 0xC1700000, 0x300000, true},
  };
  int failures = 0;
  for (const Case& c : kCases) {
    std::mt19937 random(12345);
    const Result r = measure(config, end, [&](Debugger& d) {
      d.add(breakpoints(c.breaks, random));
      d.add(watchpoints(c.watches, random, c.from, c.size, c.read));
    });
    std::printf("%-64s %8.2f s  %5.1f %%  %zu left, %llu hit  %s\n", c.name, r.seconds, 100 * free.seconds / r.seconds, r.left,
                static_cast<unsigned long long>(r.hits), r.hash == free.hash ? "same state" : "ANOTHER STATE");
    failures += r.hash == free.hash ? 0 : 1;
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_points KERNEL INITRD [MILLION_TICKS]\n");
    return 2;
  }
  return ringside::run(argv[1], argv[2], (argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 2000) * 1'000'000);
}
