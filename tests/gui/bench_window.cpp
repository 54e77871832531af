// How much of the headless speed is left in the window: the same Linux boots headless, in the window with its default
// layout, and with every panel in view, in one run, so that the figures can be compared.
//   with_display.sh bench_window PICTURES VMLINUZ INITRAMFS [ROUNDS]
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gui/window.h"
#include "tests/gui/window_driver.h"

namespace ringside {
namespace {

constexpr const char* kReady = "ringside-linux: ready";

struct Figures {
  double wall = 0, cpu = 0;  ///< seconds; of the machine's thread
  std::uint64_t instructions = 0, ticks = 0;
  double frames_a_second = 0;
  double window = 0;  ///< share of one processor that the window's own thread took

  double mips() const { return static_cast<double>(instructions) / cpu / 1e6; }
};

/// A busy host makes single runs differ by a third: the run in the middle counts.
class Runs {
 public:
  const Figures& add(const Figures& figures) {
    all_.push_back(figures);
    return all_.back();
  }
  Figures median() const {
    Figures f = all_.front();
    f.wall = middle([](const Figures& r) { return r.wall; });
    f.cpu = middle([](const Figures& r) { return r.cpu; });
    f.frames_a_second = middle([](const Figures& r) { return r.frames_a_second; });
    f.window = middle([](const Figures& r) { return r.window; });
    return f;
  }

 private:
  template <typename F>
  double middle(F value) const {
    std::vector<double> values;
    for (const Figures& r : all_) values.push_back(value(r));
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  std::vector<Figures> all_;
};

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Sink final : ByteSink {
  std::string text;
  void put(std::uint8_t byte) override { text += static_cast<char>(byte); }
};

Figures headless(const MachineConfig& config) {
  Machine machine(config);
  Sink sink;
  machine.set_serial_sink(&sink);
  const double wall = now(), cpu = thread_seconds();
  while (sink.text.find(kReady) == std::string::npos && machine.run(machine.now() + config.ips / 50) == StopReason::kLimit) {
  }
  Figures f;
  f.wall = now() - wall;
  f.cpu = thread_seconds() - cpu;
  f.instructions = machine.instructions();
  f.ticks = machine.now();
  return f;
}

Figures in_window(const MachineConfig& config, const std::string& layout, const std::string& picture) {
  WindowOptions options;
  options.title = "Ringside benchmark";
  options.machine = config;
  options.layout = "Boot";
  options.scale = 1;
  options.width = 1440;
  options.height = 900;
  WindowDriver driver(options);
  if (!layout.empty()) driver.window().set_own_layout(layout);
  driver.frames(10);
  auto cpu = std::make_shared<double>(0), end = std::make_shared<double>(0);
  auto machine_now = std::make_shared<Figures>();
  StopPointSpec ready;
  ready.kind = PointKind::kSerialText;
  ready.text = kReady;
  driver.window().engine().post([cpu](Session&) { *cpu = thread_seconds(); });
  const double wall = now(), own = thread_seconds();
  const unsigned long first = driver.window().ui().frame;
  driver.window().engine().run_to(ready);
  driver.until([&] { return driver.status().running; }, 10);
  driver.until([&] { return !driver.status().running; }, 600);
  Figures f;
  f.wall = now() - wall;
  f.window = (thread_seconds() - own) / f.wall;
  f.frames_a_second = static_cast<double>(driver.window().ui().frame - first) / f.wall;
  driver.window().engine().post([end, machine_now](Session& session) {
    *end = thread_seconds();
    machine_now->instructions = session.machine().instructions();
    machine_now->ticks = session.machine().now();
  });
  driver.window().engine().settle(10'000);
  driver.picture(picture);
  f.cpu = *end - *cpu;
  f.instructions = machine_now->instructions;
  f.ticks = machine_now->ticks;
  return f;
}

void print(const char* what, const Figures& f, const Figures& base) {
  std::printf("%-24s %7.2f s wall  %7.2f s cpu  %6.1f MIPS  %5.1f %% of headless by cpu, %5.1f %% by wall", what, f.wall, f.cpu, f.mips(),
              100 * f.mips() / base.mips(), 100 * base.wall / f.wall);
  if (f.frames_a_second > 0) std::printf("  %.0f frames/s, window's thread %.1f %%", f.frames_a_second, 100 * f.window);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  using namespace ringside;
  if (argc < 3) {
    std::fprintf(stderr, "bench_window VMLINUZ INITRAMFS [ROUNDS]\n");
    return 1;
  }
  MachineConfig config;
  config.kernel = argv[1];
  config.initrds = {argv[2]};
  config.append = "console=ttyS0";
  config.memory = 128u << 20;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 1;
  Runs alone, usual, all;
  for (int i = 0; i < rounds; ++i) {
    const Figures& base = alone.add(headless(config));
    print("headless", base, base);
    print("window, default layout", usual.add(in_window(config, "", "bench-default")), base);
    print("window, every panel", all.add(in_window(config, layout_of_all_panels(), "bench-all")), base);
  }
  const Figures base = alone.median();
  std::printf("medians\n");
  print("headless", base, base);
  print("window, default layout", usual.median(), base);
  print("window, every panel", all.median(), base);
  std::printf("guest: %llu instructions, %llu ticks\n", static_cast<unsigned long long>(base.instructions), static_cast<unsigned long long>(base.ticks));
}
