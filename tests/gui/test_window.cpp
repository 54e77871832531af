// A tour of the window with real events, as a user would go.
#include <gtest/gtest.h>

#include "tests/gui/window_driver.h"

namespace ringside {
namespace {

WindowOptions demo() {
  WindowOptions options;
  options.title = "Ringside test";
  options.machine.memory = 16u << 20;
  options.machine.disks[0] = DiskConfig{RINGSIDE_GUEST_DIRECTORY "/demo/demo.img", DiskMode::kCopyOnWrite};
  options.machine.boot = "c";
  options.machine.debug_exit = true;
  options.session.symbols = RINGSIDE_GUEST_DIRECTORY "/demo/demo.elf";
  options.width = 1280;
  options.height = 800;
  options.scale = 1;
  return options;
}

TEST(Window, Tour) {
  WindowDriver driver(demo());
  ASSERT_TRUE(driver.stand_still());
  EXPECT_NE(driver.text("Disassembly").find("> "), std::string::npos);
  driver.picture("boot-first-instruction");
  ASSERT_TRUE(driver.click("toolbar/Run"));
  ASSERT_TRUE(driver.until([&] { return driver.text("Screen").find("demo>") != std::string::npos; }, 120));
  driver.key("F6");
  ASSERT_TRUE(driver.stand_still());
  driver.picture("boot-ready");
  for (const char* layout : {"Traps", "Memory", "Devices"}) {
    ASSERT_TRUE(driver.click(std::string("layout/") + layout));
    ASSERT_TRUE(driver.stand_still());
    driver.picture(std::string("layout-") + layout);
  }
}

}  // namespace
}  // namespace ringside
