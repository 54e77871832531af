#include "app/sweep_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "debugger/junit.h"
#include "machine/errors.h"

namespace ringside {
namespace {

/// A bar on standard error; where that is no terminal, a line every tenth of the way.
class Progress {
 public:
  explicit Progress(std::size_t count) : count_(count), terminal_(isatty(STDERR_FILENO) != 0), began_(Clock::now()) { draw(0); }

  void show(const SweepResult& result, std::size_t done) {
    if (result.failed) {
      ++failed_;
      std::fprintf(stderr, "%sringside: seed %llu fails: %s\n", terminal_ ? "\r\x1B[K" : "", static_cast<unsigned long long>(result.seed),
                   result.message.c_str());
    }
    draw(done);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kWidth = 40;

  void draw(std::size_t done) {
    const std::size_t tenth = done * 10 / count_;
    if (!terminal_ && (done == 0 || tenth == tenth_)) return;
    tenth_ = tenth;
    const std::string bar = std::string(done * kWidth / count_, '#') + std::string(kWidth - done * kWidth / count_, '.');
    const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    const double left = done == 0 ? 0 : seconds / static_cast<double>(done) * static_cast<double>(count_ - done);
    std::fprintf(stderr, "%s[%s] %zu of %zu seeds, %zu failed, %.0f s left%s", terminal_ ? "\r\x1B[K" : "", bar.c_str(), done, count_, failed_,
                 left, terminal_ && done < count_ ? "" : "\n");
    std::fflush(stderr);
  }

  std::size_t count_, failed_ = 0, tenth_ = 0;
  bool terminal_;
  Clock::time_point began_;
};

void write_sweep_junit(const std::string& path, const std::string& script, const std::vector<SweepResult>& results) {
  std::vector<JunitCase> cases;
  for (const SweepResult& result : results) {
    std::string failure;
    if (result.failed) failure = "exit code " + std::to_string(result.exit_code) + ": " + result.message;
    cases.push_back({.name = "seed " + std::to_string(result.seed),
                     .seconds = result.host_seconds,
                     .failure = failure,
                     .details = result.recording.empty() ? "" : "recording: " + result.recording + "\n"});
  }
  write_junit_cases(path, script.empty() ? "sweep" : script, cases);
}

}  // namespace

void SweepCommand::add_to(CLI::App& command) {
  run_.add_to(command, RunCommand::For::kSweep);
  constexpr const char* kGroup = "Sweep";
  command.add_option("--seeds", seeds_, "the seeds: FIRST..LAST")->required()->group(kGroup);
  command.add_option("--jobs", sweep_.jobs, "runs at once (default: one for each processor)")->group(kGroup);
  command.add_option("--expect-exit", sweep_.expected_exit, "the exit code of a run that has not failed (default 0)")->group(kGroup);
  command.add_option("--output", sweep_.directory, "the directory for the recordings of seeds that fail (default .)")->group(kGroup);
}

int SweepCommand::run() const {
  run_.check();
  SweepOptions options = sweep_;
  options.run = run_.options();
  options.junit.swap(options.run.junit);
  parse_seeds(seeds_, options);
  run_.origin();  // builds a guest, and finds mistakes, once
  Progress progress(static_cast<std::size_t>(options.last - options.first + 1));
  const auto origin = [&](std::uint64_t seed) {
    RunOrigin with_seed = run_.origin();
    MachineConfig config = with_seed.config();
    config.seed = seed;
    with_seed.set_config(config);
    return with_seed;
  };
  const auto results = sweep(options, origin, [&](const SweepResult& result, std::size_t done) { progress.show(result, done); });
  if (!options.junit.empty()) write_sweep_junit(options.junit, options.run.script, results);
  std::size_t failed = 0;
  for (const SweepResult& result : results) {
    if (!result.failed) continue;
    ++failed;
    std::printf("seed %llu: exit code %d: %s\n", static_cast<unsigned long long>(result.seed), result.exit_code, result.message.c_str());
    if (!result.recording.empty()) std::printf("  ringside replay %s\n", result.recording.c_str());
  }
  std::printf("%zu of %zu seeds failed\n", failed, results.size());
  return failed == 0 ? kExitOk : kExitLimit;
}

}  // namespace ringside
