// Runs the benchmark guests on Ringside and, where they are installed, on other emulators, and prints one
// table. See README.md.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include "tests/bench/benchmark_list.h"
#include "tests/bench/emulators.h"
#include "tests/bench/linux_guest.h"
#include "tests/bench/measurements.h"
#include "tests/bench/report.h"

namespace ringside {
namespace {

struct Options {
  std::string ringside = RINGSIDE_BINARY;
  std::string qemu = "qemu-system-i386";
  std::string bochs = "bochs";
  std::string linux_guest = std::string(RINGSIDE_GUEST_DIRECTORY) + "/linux";
  std::vector<std::string> peers = {"qemu", "bochs"};
  std::vector<std::string> only;
  unsigned repetitions = 3;
  unsigned bochs_repetitions = 1;
  unsigned limit = 1200;
  bool quick = false;
  bool check_only = false;
  bool list = false;

  void add_to(CLI::App& app) {
    app.add_flag("--list", list, "print the benchmarks' names and end");
    app.add_option("--only", only,
                   "these benchmarks, separated by commas; a name that ends in * "
                   "stands for all that begin so")
        ->delimiter(',');
    app.add_option("--peers", peers, "qemu, bochs, or none (default qemu,bochs)")
        ->delimiter(',')
        ->check(CLI::IsMember({"qemu", "bochs", "none"}));
    app.add_option("-r,--repetitions", repetitions, "runs of each, of which the median counts (default 3)")
        ->check(CLI::Range(1, 1000));
    app.add_option("--bochs-repetitions", bochs_repetitions, "runs on Bochs, which is slow (default 1)")
        ->check(CLI::Range(1, 1000));
    app.add_flag("--quick", quick, "about a hundredth of the work: shows that everything runs");
    app.add_flag("--check-only", check_only, "compare check values once, print no table");
    app.add_option("--limit", limit, "end a run after that many seconds (default 1200)")
        ->check(CLI::PositiveNumber);
    app.add_option("--ringside", ringside, "the program (default: that of this build)");
    app.add_option("--qemu", qemu, "the program");
    app.add_option("--bochs", bochs, "the program");
    app.add_option("--linux-guest", linux_guest, "where images/linux/build.sh has put the Linux guest");
  }
};

bool wanted(const std::string& name, const std::vector<std::string>& only) {
  if (only.empty()) return true;
  return std::any_of(only.begin(), only.end(), [&](const std::string& pattern) {
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return name == pattern;
  });
}

// A scratch folder of its own for every process, because ctest runs several at once.
class Scratch {
 public:
  Scratch() : path_(std::string(RINGSIDE_BENCH_SCRATCH) + "/" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

// The chosen benchmarks, and the baselines that they need.
std::vector<Benchmark> chosen(std::vector<Benchmark> all, const Options& options) {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : all)
    if (wanted(benchmark.name, options.only)) {
      names.push_back(benchmark.name);
      if (!options.check_only) names.push_back(benchmark.baseline);
    }
  std::erase_if(all, [&](const Benchmark& benchmark) {
    return std::find(names.begin(), names.end(), benchmark.name) == names.end();
  });
  if (all.empty()) throw std::runtime_error("--only: no benchmark of that name; --list prints them");
  return all;
}

std::vector<Benchmark> all_benchmarks(const Options& options, const Scratch& scratch) {
  std::vector<Benchmark> all = disk_benchmarks(options.quick);
  const auto is_linux = [](const std::string& name) { return name.starts_with("linux") || name == "*"; };
  if (!options.only.empty() && std::none_of(options.only.begin(), options.only.end(), is_linux)) return all;
  const std::vector<Benchmark> linux_ones =
      linux_benchmarks(options.linux_guest, scratch.path(), options.quick);
  if (linux_ones.empty())
    std::fprintf(stderr, "bench: the Linux guest is not in %s; without it (`ringside guests build linux`)\n",
                 options.linux_guest.c_str());
  all.insert(all.end(), linux_ones.begin(), linux_ones.end());
  return all;
}

std::vector<std::unique_ptr<Emulator>> emulators(const Options& options, const Scratch& scratch) {
  std::vector<std::unique_ptr<Emulator>> list;
  list.push_back(make_ringside(options.ringside, scratch.path()));
  if (!list.back()) throw std::runtime_error("there is no " + options.ringside + "; build it first");
  const auto add = [&](const char* name, const std::string& program, auto make) {
    if (std::find(options.peers.begin(), options.peers.end(), name) == options.peers.end()) return;
    if (auto emulator = make(program, scratch.path())) {
      list.push_back(std::move(emulator));
    } else {
      std::fprintf(stderr, "bench: %s is not installed (%s); without it\n", name, program.c_str());
    }
  };
  add("qemu", options.qemu, make_qemu);
  add("bochs", options.bochs, make_bochs);
  return list;
}

// One benchmark on all emulators before the next, and the whole list before its next repetition, so that what
// else the host does falls on all of them alike. Returns whether all went well.
bool measure(const std::vector<Benchmark>& benchmarks, const std::vector<std::unique_ptr<Emulator>>& list,
             const Options& options, Measurements& measurements) {
  bool all_well = true;
  const unsigned repetitions = options.check_only ? 1 : options.repetitions;
  for (unsigned repetition = 0; repetition < repetitions; ++repetition) {
    for (const Benchmark& benchmark : benchmarks) {
      for (const auto& emulator : list) {
        if (!emulator->can_run(benchmark)) continue;
        if (emulator->name() == "bochs" && repetition >= options.bochs_repetitions) continue;
        const RunResult result = emulator->run(benchmark, options.limit);
        const bool well = measurements.add(benchmark, emulator->name(), result);
        all_well = all_well && well;
        std::fprintf(stderr, "bench: %u/%u %-14s %-9s %7.2f s  %s\n", repetition + 1, repetitions,
                     benchmark.name.c_str(), emulator->name().c_str(), result.cpu_seconds,
                     well ? ("check " + result.check).c_str()
                          : measurements.problem_of(benchmark.name, emulator->name()).c_str());
      }
    }
  }
  return all_well;
}

int run(int argc, char** argv) {
  CLI::App app("Whole-machine benchmarks: Ringside beside other emulators");
  Options options;
  options.add_to(app);
  CLI11_PARSE(app, argc, argv);

  Scratch scratch;
  const std::vector<Benchmark> all = all_benchmarks(options, scratch);
  if (options.list) {
    for (const Benchmark& benchmark : all) std::printf("%s\n", benchmark.name.c_str());
    return 0;
  }
  const std::vector<Benchmark> benchmarks = chosen(all, options);
  const auto list = emulators(options, scratch);
  Measurements measurements;
  const bool well = measure(benchmarks, list, options, measurements);
  if (!well) scratch.keep();
  if (!options.check_only) {
    std::vector<std::string> names;
    for (const auto& emulator : list) names.push_back(emulator->name());
    std::fputs(table(benchmarks, names, measurements).c_str(), stdout);
  }
  return well ? 0 : 1;
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  try {
    return ringside::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 2;
  }
}
