// The window with somebody in front of it: the tour that a user would make, with real events.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "gui/panel.h"
#include "tests/gui/window_driver.h"

namespace ringside {
namespace {

/// What lies below the tabs, so that two panels can be told apart.
void expect_no_overlap(WindowDriver& driver, const std::string& layout) {
  const auto& marks = driver.window().ui().landmarks;
  std::vector<Rectangle> places;
  for (const std::string& name : driver.landmarks("panel/")) places.push_back(marks.at(name));
  EXPECT_GE(places.size(), 4u) << layout;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Rectangle& a = places[i];
    EXPECT_GT(a.width, 250) << layout;
    EXPECT_GT(a.height, 100) << layout;
    EXPECT_TRUE(a.x >= 0 && a.y >= 0 && a.x + a.width <= 1280 && a.y + a.height <= 800) << layout;
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      const Rectangle& b = places[j];
      EXPECT_TRUE(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y) << layout;
    }
  }
}

TEST(Window, FromTheFirstInstructionToRingThreeAndBack) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.stand_still());
  EXPECT_TRUE(contains(driver.text("Disassembly"), "> ")) << driver.text("Disassembly");
  EXPECT_TRUE(contains(driver.text("Source"), "jmp")) << driver.text("Source");
  driver.picture("boot-1-first-instruction");
  driver.key("F7");
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment.tick, 1u);
  struct Place {
    const char* name;
    const char* picture;
  };
  std::vector<Moment> moments;
  for (const Place place : {Place{"boot sector", "boot-2-boot-sector"}, Place{"protected mode", "boot-3-protected-mode"},
                            Place{"paging", "boot-4-paging"}, Place{"first ring-3 instruction", "boot-5-ring-3"}}) {
    ASSERT_TRUE(driver.go_to(place.name)) << place.name;
    moments.push_back(driver.status().moment);
    driver.picture(place.picture);
    EXPECT_FALSE(contains(driver.text("Source"), "No source")) << place.name;
  }
  EXPECT_EQ(driver.status().cpl, 3u);
  EXPECT_EQ(moments.size(), 4u);
  // And backwards: each of them is left by one step at most, and the boot sector is met exactly.
  ASSERT_TRUE(driver.go_to("paging", true));
  EXPECT_LE(driver.status().moment, moments[2]);
  ASSERT_TRUE(driver.go_to("boot sector", true));
  EXPECT_EQ(driver.status().moment, moments[0]);
  driver.key("F8");
  ASSERT_TRUE(driver.stand_still());
  driver.key("shift+F8");
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment, moments[0]);
}

TEST(Window, BreakpointByClickContinueStepBack) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.stand_still());
  ASSERT_TRUE(driver.go_to("boot sector"));
  const Moment start = driver.status().moment;
  driver.show("Disassembly");
  const auto margins = driver.landmarks("margin/");
  ASSERT_GE(margins.size(), 8u);
  const std::uint32_t here = driver.status().code_linear;
  // The instruction three lines on.
  std::size_t at = 0;
  while (at < margins.size() && std::strtoul(margins[at].c_str() + 7, nullptr, 16) != here) ++at;
  ASSERT_LT(at + 3, margins.size());
  const auto target = static_cast<std::uint32_t>(std::strtoul(margins[at + 3].c_str() + 7, nullptr, 16));
  ASSERT_TRUE(driver.click(margins[at + 3]));
  driver.show("Breakpoints");
  EXPECT_TRUE(contains(driver.text("Disassembly"), "* ")) << driver.text("Disassembly");
  driver.picture("breakpoint");
  ASSERT_TRUE(driver.click("toolbar/ Run "));
  ASSERT_TRUE(driver.until([&] { return driver.status().moment != start; }));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().code_linear, target);
  ASSERT_TRUE(driver.click("toolbar/<Step"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_NE(driver.status().code_linear, target);
  EXPECT_LT(driver.status().moment.tick, start.tick + 100);
  ASSERT_TRUE(driver.click("toolbar/Step>"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().code_linear, target);
}

TEST(Window, EveryPanelInEveryLayout) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(boot_to_prompt(driver));
  driver.picture("boot-6-ready");
  const bool all_pictures = std::getenv("RINGSIDE_ALL_PICTURES") != nullptr;
  for (const char* layout : {"Boot", "Traps", "Memory", "Devices"}) {
    ASSERT_TRUE(driver.click(std::string("layout/") + layout));
    ASSERT_TRUE(driver.stand_still());
    expect_no_overlap(driver, layout);
    driver.picture(std::string("layout-") + layout);
    for (const std::string& panel : panel_names()) {
      driver.show(panel);
      EXPECT_TRUE(driver.has("panel/" + panel)) << panel << " in " << layout;
      const bool may_be_empty = panel == "Watch" || panel == "Breakpoints" || panel == "Log";
      EXPECT_TRUE(may_be_empty || !driver.text(panel).empty()) << panel;
      if (all_pictures && std::string(layout) == "Boot") driver.picture("panel-" + panel);
    }
    EXPECT_EQ(driver.window().layout(), layout) << "opening a panel does not make another layout";
  }
  driver.key("ctrl+1");
  EXPECT_EQ(driver.window().layout(), "Boot");
}

// For eyes, after a change of how things look.
TEST(Window, PicturesOfEveryLayoutInEverySizeAndTheme) {
  if (std::getenv("RINGSIDE_ALL_PICTURES") == nullptr) GTEST_SKIP() << "RINGSIDE_ALL_PICTURES is not set";
  for (const auto& [width, height] : {std::pair{1280, 800}, std::pair{1920, 1080}})
    for (const bool dark : {true, false})
      for (const float scale : {1.0f, 2.0f}) {
        WindowOptions options = demo_window();
        options.width = width;
        options.height = height;
        options.dark = dark;
        options.scale = scale;
        WindowDriver driver(options);
        ASSERT_TRUE(boot_to_prompt(driver));
        for (const char* layout : {"Boot", "Traps", "Memory", "Devices"}) {
          driver.window().set_layout(layout);
          driver.frames(10);
          ASSERT_TRUE(driver.stand_still());
          driver.picture(std::string("look-") + layout + "-" + std::to_string(width) + (dark ? "-dark-" : "-light-") + std::to_string(static_cast<int>(scale)));
        }
      }
}

TEST(Window, WalkAPage) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(boot_to_prompt(driver));
  ASSERT_TRUE(driver.click("layout/Memory"));
  ASSERT_TRUE(driver.stand_still());
  ASSERT_TRUE(driver.click_at("field/linear address", 0.2, 0.5));
  driver.key("ctrl+a");
  driver.type("C0100000\n");
  ASSERT_TRUE(driver.stand_still());
  EXPECT_TRUE(contains(driver.text("Page walk"), "C0100000")) << driver.text("Page walk");
  EXPECT_TRUE(contains(driver.text("Page walk"), "Page-directory entry")) << driver.text("Page walk");
  EXPECT_TRUE(contains(driver.text("Page walk"), "Allowed")) << driver.text("Page walk");
  // The last of the four levels below the box.
  ASSERT_TRUE(driver.click("walk/cpl") && driver.click_at("walk/cpl", 0.3, 4.5));
  driver.move_mouse(0, 200);
  ASSERT_TRUE(driver.stand_still());
  EXPECT_TRUE(contains(driver.text("Page walk"), "Page fault, error code 5")) << driver.text("Page walk");
  driver.picture("page-walk");
}

TEST(Window, TravelToAFaultAndReadItsExplanation) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(boot_to_prompt(driver));
  const Moment end = driver.status().moment;
  ASSERT_TRUE(driver.click("layout/Traps"));
  ASSERT_TRUE(driver.stand_still());
  // The exceptions alone.
  for (const char* others : {"traps/interrupts", "traps/INT n", "traps/other"}) ASSERT_TRUE(driver.click_at(others, 0.1, 0.5));
  ASSERT_TRUE(driver.stand_still());
  driver.frames(20);
  std::string row;
  for (const std::string& name : driver.landmarks("trap at/"))
    if (contains(name, "fault_supervisor")) row = name;
  ASSERT_FALSE(row.empty());
  driver.double_click(row);
  ASSERT_TRUE(driver.stand_still());
  driver.move_mouse(0, 400);
  EXPECT_EQ(driver.status().cpl, 3u);
  EXPECT_TRUE(contains(driver.text("Explained fault"), "fault_supervisor"));
  const std::string text = driver.text("Explained fault");
  EXPECT_TRUE(contains(text, "#PF")) << text;
  EXPECT_TRUE(contains(text, "Page-directory entry")) << text;
  EXPECT_TRUE(contains(text, "The frame that was pushed")) << text;
  driver.picture("fault-explained");
  // Back from there to the page fault before it, and by a click on the time bar anywhere.
  const Moment fault = driver.status().moment;
  EXPECT_LT(fault, end);
  ASSERT_TRUE(driver.go_to("page fault", true));
  EXPECT_LT(driver.status().moment, fault);
  ASSERT_TRUE(driver.click_at("time bar", 0.3, 0.5));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_LT(driver.status().moment, end);
  driver.picture("time-travelled");
}

TEST(Window, KeepsTheUsersLayoutThemeAndSize) {
  const std::string directory = (std::filesystem::temp_directory_path() / "ringside-window-test.settings").string();
  std::filesystem::remove_all(directory);
  WindowOptions options = demo_window();
  options.settings = directory;
  options.layout.clear();
  {
    WindowDriver driver(options);
    ASSERT_TRUE(driver.click("tab/Screen", 3));
    ASSERT_TRUE(driver.stand_still());
    driver.picture("tab-menu");
    ASSERT_TRUE(driver.has("tab-menu/Close"));
    ASSERT_TRUE(driver.click("tab-menu/Close"));
    EXPECT_EQ(driver.window().layout(), "Mine");
    ASSERT_TRUE(driver.choose("Layout", "Dark"));
    EXPECT_FALSE(driver.window().ui().dark);
    driver.frames(5);
    driver.picture("light");
  }
  WindowDriver again(options);
  EXPECT_EQ(again.window().layout(), "Mine");
  EXPECT_FALSE(again.has("tab/Screen"));
  EXPECT_FALSE(again.window().ui().dark);
  std::filesystem::remove_all(directory);
}

TEST(Window, LargeTextNarrowWindowAndFullScreen) {
  WindowOptions options = demo_window();
  options.scale = 2;
  WindowDriver driver(options);
  ASSERT_TRUE(driver.stand_still());
  driver.picture("scale-2");
  driver.key("F11");
  driver.frames(10);
  EXPECT_TRUE(driver.has("way out"));
  driver.picture("full-screen");
  driver.key("F11");
  driver.frames(10);
  EXPECT_TRUE(driver.has("toolbar/ Run "));
}

TEST(Window, WhatIsDrawnInPartsLooksAsDrawnWhole) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.go_to("boot sector"));
  driver.key("F7");
  ASSERT_TRUE(driver.stand_still());
  ASSERT_TRUE(driver.click("layout/Traps"));
  driver.key("F7");
  ASSERT_TRUE(driver.stand_still());
  driver.frames(60);  // tooltips come and go
  const auto pixels = [&](bool as_shown) {
    const std::string path = (std::filesystem::temp_directory_path() / "ringside-window-test.png").string();
    driver.window().save_picture(path, as_shown);
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string shown = pixels(true);
  EXPECT_TRUE(shown == pixels(false));
}

}  // namespace
}  // namespace ringside
