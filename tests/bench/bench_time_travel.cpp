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
  Machine machine;
  Terminal terminal;
  std::unique_ptr<TimeTravel> time;
  double seconds = 0;
};

/// Lives `ticks` and returns the processor seconds that they took.
void live(Life& life, Tick ticks) {
  const double before = processor_seconds();
  std::size_t typed = 0;
  const std::string work = kWork;
  while (life.machine.now() < ticks) {
    const Tick stop = std::min(ticks, life.machine.now() + 5'000'000);
    const StopReason why = life.time ? life.time->run(stop) : life.machine.run(stop);
    if (why != StopReason::kLimit) std::exit(1);
    if (!life.terminal.prompt()) continue;
    while (typed < work.size() && life.machine.serial(static_cast<std::uint8_t>(work[typed]))) ++typed;
  }
  life.seconds = processor_seconds() - before;
}

struct Times {
  std::vector<double> all;
  void print(const char* what) {
    std::sort(all.begin(), all.end());
    std::printf("| %-58s | %9.1f | %9.1f |\n", what, all[all.size() / 2] * 1e3, all.back() * 1e3);
  }
};

template <typename Action>
double timed(Action&& action) {
  const auto began = HostClock::now();
  action();
  return seconds_since(began);
}

void travel(TimeTravel& time, Tick second) {
  const Moment end = time.end();
  std::mt19937_64 random(60);
  Times first, seek_near, back, again, far, begin, middle, forward;
  first.all.push_back(timed([&] { time.step_back(); }));
  for (int i = 0; i < 40; ++i) {
    const Tick to = end.tick - random() % second;
    seek_near.all.push_back(timed([&] { time.seek(to); }));
    back.all.push_back(timed([&] { time.step_back(); }));
    for (int k = 0; k < 3; ++k) again.all.push_back(timed([&] { time.step_back(); }));
  }
  for (int i = 0; i < 10; ++i) {
    begin.all.push_back(timed([&] { time.seek(time.begin() + random() % 1'000'000); }));
    forward.all.push_back(timed([&] { time.seek(end); }));
  }
  for (int i = 0; i < 40; ++i) {
    far.all.push_back(timed([&] { time.seek(random() % end.tick); }));
    middle.all.push_back(timed([&] { time.step_back(); }));
  }
  std::printf("| %-58s | %9s | %9s |\n|---|---:|---:|\n", "", "median ms", "worst ms");
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
  config.append = "console=ttyS0";
  const auto ticks = static_cast<Tick>(guest_seconds * static_cast<double>(config.ips));

  double plain = 1e9, indexed = 1e9, with = 1e9;
  std::uint64_t instructions = 0;
  std::string hash;
  std::unique_ptr<Life> last;
  for (int round = 0; round < 2; ++round) {
    last.reset();
    {
      Life life(config);
      live(life, ticks);
      plain = std::min(plain, life.seconds);
      instructions = life.machine.instructions();
      hash = life.machine.state_hash();
    }
    {
      Life life(config);
      life.time = std::make_unique<TimeTravel>(life.machine, HistoryOptions{.budget = budget, .index_events = false});
      live(life, ticks);
      indexed = std::min(indexed, life.seconds);
    }
    last = std::make_unique<Life>(config);
    last->time = std::make_unique<TimeTravel>(last->machine, HistoryOptions{.budget = budget});
    live(*last, ticks);
    with = std::min(with, last->seconds);
    if (last->machine.state_hash() != hash) {
      std::fprintf(stderr, "bench_time_travel: the run with history has another state\n");
      return 1;
    }
  }
  TimeTravel& time = *last->time;
  const double million = static_cast<double>(instructions) / 1e6;
  std::printf("%.0f guest seconds, %.0f million instructions\n\n", guest_seconds, million);
  std::printf("| | processor s | MIPS | cost |\n|---|---:|---:|---:|\n");
  std::printf("| no history | %.2f | %.0f | |\n", plain, million / plain);
  std::printf("| checkpoints | %.2f | %.0f | %.1f %% |\n", indexed, million / indexed, (indexed / plain - 1) * 100);
  std::printf("| checkpoints and event index | %.2f | %.0f | %.1f %% |\n\n", with, million / with, (with / plain - 1) * 100);
  std::printf("%zu checkpoints, %.0f MiB of %.0f (event index %.1f)\n\n", time.checkpoints().size(),
              static_cast<double>(time.memory_used()) / 1048576.0, static_cast<double>(budget) / 1048576.0,
              static_cast<double>(time.events().memory_used()) / 1048576.0);
  travel(time, config.ips);
  time.seek(time.end());
  if (last->machine.state_hash() != hash) {
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
