// What time travel costs and how quick it is: a Linux that works for a minute of guest time, with and without
// history, then steps back from anywhere in its last second and seeks from end to beginning.
//
//   bench_time_travel [GUEST SECONDS [BUDGET IN MIB [DIRECTORY OF vmlinuz AND initramfs.cpio]]]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "machine/time_travel.h"

namespace ringside {
namespace {

using HostClock = std::chrono::steady_clock;
double seconds_since(HostClock::time_point then) { return std::chrono::duration<double>(HostClock::now() - then).count(); }

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Waits for the shell's prompt.
class Terminal final : public ByteSink {
 public:
  void put(std::uint8_t byte) override {
    text_ += static_cast<char>(byte);
    if (text_.size() > 64) text_.erase(0, 32);
    if (text_.ends_with("ringside# ")) prompt_ = true;
  }
  bool prompt() const { return prompt_; }

 private:
  std::string text_;
  bool prompt_ = false;
};

/// The shell is kept busy for ever: processes, pipes, files, computing.
constexpr const char* kWork =
    "while :; do ls -lR /bin /etc /proc/sys | md5sum; dd if=/dev/zero of=/tmp/f bs=64k count=64 2>/dev/null; "
    "gzip -c /bin/busybox | sha256sum; done >/dev/null\n";

struct Life {
  explicit Life(const MachineConfig& config) : machine(config) { machine.set_serial_sink(&terminal); }

  /// Lives on until `ticks` and adds the processor seconds that it took.
  void live(Tick ticks) {
    const double before = processor_seconds();
    while (machine.now() < ticks) {
      const Tick stop = std::min(ticks, machine.now() + 5'000'000);
      const StopReason why = time ? time->run(stop) : machine.run(stop);
      if (why != StopReason::kLimit) std::exit(1);
      if (!terminal.prompt()) continue;
      while (typed < work.size() && machine.serial(static_cast<std::uint8_t>(work[typed]))) ++typed;
    }
    seconds += processor_seconds() - before;
  }

  const std::string work = kWork;
  std::size_t typed = 0;
  Machine machine;
  Terminal terminal;
  std::unique_ptr<TimeTravel> time;
  double seconds = 0;
};

/// By the clock and in processor time: where other work shares the host, the two are far apart.
struct Times {
  std::vector<double> processor, clock;

  template <typename Action>
  void take(Action&& action) {
    const auto began = HostClock::now();
    const double before = processor_seconds();
    action();
    processor.push_back((processor_seconds() - before) * 1e3);
    clock.push_back(seconds_since(began) * 1e3);
  }
  void print(const char* what) {
    std::sort(processor.begin(), processor.end());
    std::sort(clock.begin(), clock.end());
    std::printf("| %-42s | %9.1f | %9.1f | %9.1f | %9.1f |\n", what, processor[processor.size() / 2], processor.back(),
                clock[clock.size() / 2], clock.back());
  }
};

void travel(TimeTravel& time, Tick second) {
  const Moment end = time.end();
  std::mt19937_64 random(60);
  Times first, seek_near, back, again, far, begin, middle, forward;
  first.take([&] { time.step_back(); });
  for (int i = 0; i < 40; ++i) {
    const Tick to = end.tick - random() % second;
    seek_near.take([&] { time.seek(to); });
    back.take([&] { time.step_back(); });
    for (int k = 0; k < 3; ++k) again.take([&] { time.step_back(); });
  }
  for (int i = 0; i < 10; ++i) {
    begin.take([&] { time.seek(time.begin() + random() % 1'000'000); });
    forward.take([&] { time.seek(end); });
  }
  for (int i = 0; i < 40; ++i) {
    far.take([&] { time.seek(random() % end.tick); });
    middle.take([&] { time.step_back(); });
  }
  std::printf("| | processor ms: median | worst | clock ms: median | worst |\n|---|---:|---:|---:|---:|\n");
  first.print("one step back from the end");
  seek_near.print("seek to anywhere in the last guest second");
  back.print("one step back there");
  again.print("the next steps back");
  begin.print("back to the beginning (first 10 ms)");
  forward.print("from there to the end");
  far.print("seek to anywhere in the whole run");
  middle.print("one step back there");
}

int bench(double guest_seconds, std::size_t budget, const std::string& directory) {
  MachineConfig config;
  config.kernel = directory + "/vmlinuz";
  config.initrds = {directory + "/initramfs.cpio"};
  config.append = "console=ttyS0 cryptomgr.notests";  // the self-tests would be half of the run
  const auto ticks = static_cast<Tick>(guest_seconds * static_cast<double>(config.ips));

  // Side by side, in pieces of half a guest second: what else the host does falls on all three alike.
  Life plain(config), checkpoints(config), indexed(config);
  checkpoints.time = std::make_unique<TimeTravel>(checkpoints.machine, HistoryOptions{.budget = budget, .index_events = false});
  indexed.time = std::make_unique<TimeTravel>(indexed.machine, HistoryOptions{.budget = budget});
  for (Tick until = std::min(ticks, config.ips / 2);; until = std::min(ticks, until + config.ips / 2)) {
    plain.live(until);
    checkpoints.live(until);
    indexed.live(until);
    if (until == ticks) break;
  }
  const std::string hash = plain.machine.state_hash();
  if (checkpoints.machine.state_hash() != hash || indexed.machine.state_hash() != hash) {
    std::fprintf(stderr, "bench_time_travel: a run with history has another state\n");
    return 1;
  }
  TimeTravel& time = *indexed.time;
  const double million = static_cast<double>(plain.machine.instructions()) / 1e6;
  std::printf("%.0f guest seconds, %.0f million instructions, shell %s\n\n", guest_seconds, million,
              plain.typed == plain.work.size() ? "busy" : "never reached");
  std::printf("| | processor s | MIPS | cost |\n|---|---:|---:|---:|\n");
  const auto row = [&](const char* what, const Life& life) {
    std::printf("| %s | %.2f | %.0f | %+.1f %% |\n", what, life.seconds, million / life.seconds,
                (life.seconds / plain.seconds - 1) * 100);
  };
  row("no history", plain);
  row("checkpoints", checkpoints);
  row("checkpoints and event index", indexed);
  std::printf("\n%zu checkpoints, %.0f MiB of %.0f (event index %.1f)\n\n", time.checkpoints().size(),
              static_cast<double>(time.memory_used()) / 1048576.0, static_cast<double>(budget) / 1048576.0,
              static_cast<double>(time.events().memory_used()) / 1048576.0);
  travel(time, config.ips);
  time.seek(time.end());
  if (indexed.machine.state_hash() != hash) {
    std::fprintf(stderr, "bench_time_travel: the end is not what it was\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 60;
  const std::size_t mebibytes = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 512;
  const std::string directory = argc > 3 ? argv[3] : std::string(RINGSIDE_GUEST_DIRECTORY) + "/linux";
  try {
    return ringside::bench(seconds, mebibytes << 20, directory);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_time_travel: %s\n", error.what());
    return 2;
  }
}
