// How much of the headless speed is left in the window, with its default layout and with every panel in view, while Linux
// boots to its shell.
//   with_display.sh bench_window PICTURES VMLINUZ INITRAMFS [ROUNDS]
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gui/window.h"
#include "machine/thread_time.h"
#include "tests/gui/window_driver.h"

namespace ringside {
namespace {

constexpr Tick kUntil = 6'400'000'000;  // the shell is there
constexpr Tick kTurn = 400'000'000;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Seconds {
  double wall = 0, cpu = 0;  ///< of the machine's thread
};

/// The thread that calls may use the first of the processors only, or all but that one. Both machines run on the first:
/// where the host is shared, one processor may be a third faster than another.
void use_first_processor(bool first) {
  static const cpu_set_t all = [] {
    cpu_set_t set;
    pthread_getaffinity_np(pthread_self(), sizeof set, &set);
    return set;
  }();
  if (CPU_COUNT(&all) < 2) return;
  cpu_set_t one, others = all;
  CPU_ZERO(&one);
  std::size_t cpu = 0;
  while (!CPU_ISSET(cpu, &all)) ++cpu;
  CPU_SET(cpu, &one);
  CPU_CLR(cpu, &others);
  pthread_setaffinity_np(pthread_self(), sizeof one, first ? &one : &others);
}

/// Something that lives on from turn to turn.
template <typename F>
Seconds measured(F run) {
  const double wall = now(), cpu = thread_seconds();
  run();
  return {now() - wall, thread_seconds() - cpu};
}

/// The same Linux twice, headless and in a window, a turn each: what else the host does meets both alike.
void compare(const MachineConfig& config, const char* what, const std::string& layout, const std::string& picture) {
  Machine alone(config);
  WindowOptions options;
  options.title = "Ringside benchmark";
  options.machine = config;
  options.layout = "Boot";
  options.scale = 1;
  options.width = 1440;
  options.height = 900;
  WindowDriver driver(options);
  Engine& engine = driver.window().engine();
  if (!layout.empty()) driver.window().set_own_layout(layout);
  driver.frames(60);
  const auto engine_seconds = [&] {
    auto seconds = std::make_shared<double>(0);
    engine.post([seconds](Session&) { *seconds = thread_seconds(); });
    engine.settle(60'000);
    return *seconds;
  };
  engine.post([](Session&) { use_first_processor(true); });
  Seconds headless, window, drawing;
  unsigned long frames = 0;
  for (Tick until = kTurn; until <= kUntil; until += kTurn) {
    use_first_processor(true);
    const Seconds turn = measured([&] { alone.run(until); });
    use_first_processor(false);
    headless.wall += turn.wall;
    headless.cpu += turn.cpu;
    StopPointSpec end;
    end.kind = PointKind::kTick;
    end.tick = until;
    const double before = engine_seconds();
    const unsigned long first = driver.window().ui().frame;
    const Seconds own = measured([&] {
      engine.run_to(end);
      driver.until([&] { return driver.status().moment.tick >= until && !driver.status().running; }, 600);
    });
    window.wall += own.wall;
    window.cpu += engine_seconds() - before;
    drawing.cpu += own.cpu;
    frames += driver.window().ui().frame - first;
  }
  std::printf("%-16s headless %6.2f s (%.2f s by the wall), in the window %6.2f s (%.2f s): %5.1f %% (%5.1f %%); %.0f frames/s, the window's thread takes %.1f %% of a processor\n",
              what, headless.cpu, headless.wall, window.cpu, window.wall, 100 * headless.cpu / window.cpu, 100 * headless.wall / window.wall,
              static_cast<double>(frames) / window.wall, 100 * drawing.cpu / window.wall);
  std::fflush(stdout);
  driver.picture(picture);
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
  for (int i = 0; i < rounds; ++i) {
    compare(config, "default layout", "", "bench-default");
    compare(config, "every panel", layout_of_all_panels(), "bench-all");
  }
}
