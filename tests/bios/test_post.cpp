// What POST finds on this board, however quick the processor is.
#include <gtest/gtest.h>

#include <string>

#include "debugger/screen.h"
#include "machine/machine.h"

namespace ringside {
namespace {

TEST(Post, TheKeyboardAnswersAtEverySpeed) {
  for (const std::uint64_t ips : {1'000'000ull, 100'000'000ull, 4'000'000'000ull}) {
    MachineConfig config;
    config.memory = 2 << 20;
    config.ips = ips;
    Machine machine(config);
    std::string screen;
    // Half a second is ample; the first instructions are the same at every speed.
    for (unsigned slice = 0; slice < 50 && screen.find("Keyboard") == std::string::npos; ++slice) {
      machine.run(machine.now() + ips / 100 + 100'000);
      screen = screen_text(machine.vga());
    }
    EXPECT_NE(screen.find("Keyboard     ready"), std::string::npos) << ips << "\n" << screen;
  }
}

}  // namespace
}  // namespace ringside
