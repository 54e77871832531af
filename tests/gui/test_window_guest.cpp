// What goes between the window and its guest: input, recordings, snapshots, speeds, a death.
#include <gtest/gtest.h>

#include <SDL.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "gui/panel.h"
#include "tests/gui/window_driver.h"

namespace ringside {
namespace {

std::size_t inputs_taken(WindowDriver& driver) {
  auto count = std::make_shared<std::size_t>(0);
  driver.window().engine().post([count](Session& session) { *count = session.machine().inputs_taken(); });
  driver.window().engine().settle(5'000);
  return *count;
}

TEST(Window, TypesIntoTheGuest) {
  WindowDriver driver(demo_window());
  driver.key("F5");
  ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200));
  ASSERT_TRUE(driver.click("screen"));
  EXPECT_TRUE(driver.has("capture line"));
  driver.type("help\n");
  EXPECT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "this list"); }, 60)) << driver.text("Screen");
  driver.picture("keys-to-the-guest");
  // Both together lead out, and the guest is not left with keys that are down.
  driver.key("ctrl+alt");
  EXPECT_FALSE(driver.has("capture line"));
  SDL_SetClipboardText("echo pasted text\n");
  driver.key("ctrl+shift+v");
  EXPECT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "pasted text"); }, 60)) << driver.text("Screen");
  driver.key("ctrl+shift+c");
  const auto copied = [] {
    const std::unique_ptr<char, decltype(&SDL_free)> text(SDL_GetClipboardText(), SDL_free);
    return std::string(text.get());
  };
  EXPECT_TRUE(driver.until([&] { return contains(copied(), "demo>"); }, 20));
  // The serial line.
  driver.show("Serial");
  ASSERT_TRUE(driver.click("serial/line"));
  driver.type("help\n");
  EXPECT_TRUE(driver.until([&] { return contains(driver.text("Serial"), "this list"); }, 60)) << driver.text("Serial");
  driver.picture("serial");
}

TEST(Window, NoPanelChangesTheMachine) {
  constexpr Tick kUntil = 60'000'000;
  const WindowOptions options = demo_window();
  Machine alone(options.machine);
  ASSERT_EQ(alone.run(kUntil), StopReason::kLimit);
  const std::string expected = alone.state_hash();

  WindowDriver driver(options);
  ASSERT_TRUE(driver.window().set_own_layout(layout_of_all_panels()));
  driver.frames(10);
  StopPointSpec spec;
  spec.kind = PointKind::kTick;
  spec.tick = kUntil;
  driver.window().engine().run_to(spec);
  ASSERT_TRUE(driver.until([&] { return driver.status().moment.tick == kUntil; }, 300));
  ASSERT_TRUE(driver.stand_still());
  driver.picture("all-panels");
  auto hash = std::make_shared<std::string>();
  driver.window().engine().post([hash](Session& session) { *hash = session.machine().state_hash(); });
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(*hash, expected);
}

TEST(Window, ARecordingMadeWithAllPanelsOpenReplaysHeadless) {
  const char* program = std::getenv("RINGSIDE_PROGRAM");
  if (program == nullptr) GTEST_SKIP() << "RINGSIDE_PROGRAM does not say which ringside replays";
  const std::string path = (std::filesystem::temp_directory_path() / "ringside-window-test.recording").string();
  std::filesystem::remove(path);
  {
    WindowDriver driver(demo_window());
    ASSERT_TRUE(driver.stand_still());
    ASSERT_TRUE(driver.click("toolbar/Record"));
    ASSERT_TRUE(driver.has("dialog/path"));
    driver.key("ctrl+a");
    driver.type(path);
    driver.picture("record-asks");
    driver.type("\n");
    ASSERT_TRUE(driver.until([&] { return driver.has("recording line"); }, 20)) << driver.window().dialog_text();
    ASSERT_TRUE(driver.window().set_own_layout(layout_of_all_panels()));
    driver.key("F5");
    ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 300));
    // A look into the past on the way, with nothing changed there, and on from the end.
    driver.key("F6");
    ASSERT_TRUE(driver.stand_still());
    const Moment end = driver.status().moment;
    driver.key("shift+F7");
    ASSERT_TRUE(driver.stand_still());
    EXPECT_LT(driver.status().moment, end);
    driver.window().engine().return_to_end();
    ASSERT_TRUE(driver.stand_still());
    driver.key("F5");
    ASSERT_TRUE(driver.until([&] { return driver.status().running; }, 20));
    ASSERT_TRUE(driver.click("screen"));
    driver.type("echo hello\n");
    ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "\nhello"); }, 100)) << driver.text("Screen");
    driver.key("ctrl+alt");
    driver.key("F6");
    ASSERT_TRUE(driver.stand_still());
    ASSERT_TRUE(driver.click("toolbar/Record"));
    EXPECT_TRUE(contains(driver.window().dialog_text(), path));
    ASSERT_TRUE(driver.click("dialog/yes"));
  }
  EXPECT_EQ(std::system((std::string(program) + " replay " + path + " --serial none").c_str()), 0);

  // And the window lives it again: dropped on it, it asks first.
  WindowDriver driver(demo_window());
  SDL_Event drop{};
  drop.type = SDL_DROPFILE;
  drop.drop.file = SDL_strdup(path.c_str());
  SDL_PushEvent(&drop);
  ASSERT_TRUE(driver.until([&] { return driver.has("dialog/yes"); }, 20));
  EXPECT_TRUE(contains(driver.window().dialog_text(), "recording"));
  driver.picture("drop-asks");
  ASSERT_TRUE(driver.click("dialog/yes"));
  driver.key("F5");
  EXPECT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "\nhello"); }, 300)) << driver.text("Screen");
  std::filesystem::remove(path);
}

TEST(Window, SnapshotAndDroppedDisk) {
  const std::string path = (std::filesystem::temp_directory_path() / "ringside-window-test.snapshot").string();
  std::filesystem::remove(path);
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.stand_still());
  ASSERT_TRUE(driver.go_to("boot sector"));
  const Tick tick = driver.status().moment.tick;
  ASSERT_TRUE(driver.choose("Machine", "Save a snapshot..."));
  driver.key("ctrl+a");
  driver.type(path + "\n");
  ASSERT_TRUE(driver.stand_still());
  ASSERT_TRUE(std::filesystem::exists(path)) << driver.window().dialog_text();
  ASSERT_TRUE(driver.click("toolbar/Reset"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment.tick, 0u);
  const auto drop = [&](const std::string& file) {
    SDL_Event event{};
    event.type = SDL_DROPFILE;
    event.drop.file = SDL_strdup(file.c_str());
    SDL_PushEvent(&event);
    driver.frames(4);
  };
  drop(path);
  ASSERT_TRUE(driver.click("dialog/yes"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment.tick, tick);
  EXPECT_EQ(driver.status().code_linear, 0x7C00u);
  drop("/no/such/file");
  EXPECT_TRUE(contains(driver.window().dialog_text(), "/no/such/file"));
  ASSERT_TRUE(driver.click("dialog/yes"));
  drop(RINGSIDE_GUEST_DIRECTORY "/demo/demo.img");
  EXPECT_TRUE(contains(driver.window().dialog_text(), "Power on a new machine"));
  ASSERT_TRUE(driver.click("dialog/no"));
  EXPECT_EQ(driver.status().moment.tick, tick);
  drop(RINGSIDE_GUEST_DIRECTORY "/demo/demo.img");
  ASSERT_TRUE(driver.click("dialog/yes"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment.tick, 0u);
  std::filesystem::remove(path);
}

TEST(Window, AKeyReachesTheGuestWithinTwoFrames) {
  WindowDriver driver(demo_window());
  driver.key("F5");
  ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200));
  ASSERT_TRUE(driver.click("screen"));
  const auto taken = [&] { return inputs_taken(driver); };
  int worst = 0;
  for (int i = 0; i < 10; ++i) {
    const std::size_t before = taken();
    SDL_Event press{};
    press.type = i % 2 == 0 ? SDL_KEYDOWN : SDL_KEYUP;
    press.key.keysym.scancode = SDL_SCANCODE_A;
    SDL_PushEvent(&press);
    int frames = 0;
    do {
      driver.frames(1);
      ++frames;
    } while (taken() == before && frames < 100);
    worst = std::max(worst, frames);
  }
  RecordProperty("frames", worst);
  EXPECT_LE(worst, 2);
}

TEST(Window, MouseIsCapturedAndComesBack) {
  WindowDriver driver(demo_window());
  driver.key("F5");
  ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200));
  ASSERT_TRUE(driver.click("screen/mouse"));
  EXPECT_TRUE(driver.window().ui().mouse_captured && driver.window().ui().keyboard_captured);
  EXPECT_TRUE(driver.has("capture line"));
  EXPECT_TRUE(SDL_GetRelativeMouseMode());
  driver.picture("mouse-captured");
  // Movements and buttons are the guest's now, also where the window's own buttons lie.
  std::size_t before = inputs_taken(driver);
  driver.move_mouse(40, 12);
  EXPECT_TRUE(driver.until([&] { return inputs_taken(driver) > before; }, 20)) << "movement";
  before = inputs_taken(driver);
  driver.mouse_button(1);
  EXPECT_TRUE(driver.until([&] { return inputs_taken(driver) >= before + 2; }, 20)) << "down and up";
  EXPECT_TRUE(driver.status().running);
  // The way out.
  driver.key("ctrl+alt");
  EXPECT_FALSE(driver.window().ui().mouse_captured || driver.window().ui().keyboard_captured);
  EXPECT_FALSE(SDL_GetRelativeMouseMode());
  EXPECT_FALSE(driver.has("capture line"));
  before = inputs_taken(driver);
  driver.move_mouse(-40, 20);
  driver.frames(10);
  EXPECT_EQ(inputs_taken(driver), before);
  ASSERT_TRUE(driver.click("toolbar/Pause"));
  EXPECT_TRUE(driver.stand_still());
}

// A guest that programs its display adapter with whatever there is.
TEST(Window, AnyDisplayRegistersAreShownAndTheWindowAnswers) {
  WindowDriver driver(demo_window());
  driver.key("F5");
  ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200));
  driver.window().set_own_layout(layout_of_all_panels());
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::pair<std::uint16_t, std::uint8_t>> writes;
    for (int i = 0; i < 12; ++i) {
      constexpr std::uint16_t kIndexPorts[] = {0x3C4, 0x3CE, 0x3D4};
      const std::uint16_t port = kIndexPorts[random() % 3];
      writes.emplace_back(port, static_cast<std::uint8_t>(random() % 0x19));
      writes.emplace_back(static_cast<std::uint16_t>(port + 1), static_cast<std::uint8_t>(random()));
    }
    writes.emplace_back(0x3C2, static_cast<std::uint8_t>(random()));
    driver.window().engine().post([writes](Session& session) {
      for (const auto& [port, value] : writes) session.machine().vga().write_port(port, 1, value);
    });
    driver.frames(2);
  }
  driver.picture("any-display-registers");
  ASSERT_TRUE(driver.click("toolbar/Pause"));
  EXPECT_TRUE(driver.stand_still());
}

/// Chooses a speed, runs for a second of the wall's time, and stops.
struct Lived {
  double wall = 0, guest = 0;  ///< seconds
  std::uint64_t instructions = 0;
};
Lived live_a_second(WindowDriver& driver, const char* speed) {
  Lived lived;
  EXPECT_TRUE(driver.click("toolbar/speed") && driver.click(std::string("speed/") + speed)) << speed;
  const EngineStatus before = driver.status();
  const Uint64 from = SDL_GetTicks64();
  driver.key("F5");
  driver.until([&] { return SDL_GetTicks64() - from >= 1'000; });
  driver.picture(std::string("speed-") + speed);
  driver.key("F6");
  EXPECT_TRUE(driver.stand_still());
  lived.wall = static_cast<double>(SDL_GetTicks64() - from) / 1e3;
  lived.guest = static_cast<double>(driver.status().nanoseconds - before.nanoseconds) / 1e9;
  lived.instructions = driver.status().instructions - before.instructions;
  return lived;
}

TEST(Window, RealTimeAndSlowMotion) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.stand_still());
  const Lived real = live_a_second(driver, "real time");
  EXPECT_GT(real.guest, 0.01);
  EXPECT_LT(real.guest, real.wall + 0.1) << "a guest second takes a second at least";
  const Lived slow = live_a_second(driver, "slow");
  EXPECT_GE(slow.instructions, 1u);
  EXPECT_LE(static_cast<double>(slow.instructions), 10 * slow.wall + 5) << "ten instructions a second";
  const Lived full = live_a_second(driver, "full speed");
  EXPECT_GT(full.instructions, 10 * slow.instructions);
}

TEST(Window, ATripleFaultStopsBeforeTheResetAndIsExplained) {
  WindowDriver driver(demo_window());
  driver.key("F5");
  ASSERT_TRUE(driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200));
  ASSERT_TRUE(driver.click("screen"));
  driver.type("triple\n");
  ASSERT_TRUE(driver.until([&] { return driver.status().died; }, 60));
  ASSERT_TRUE(driver.stand_still());
  driver.key("ctrl+alt");
  EXPECT_TRUE(contains(driver.status().stop, "riple fault")) << driver.status().stop;
  EXPECT_TRUE(contains(driver.status().stop, "reset")) << driver.status().stop;
  driver.show("Explained fault");
  const std::string text = driver.text("Explained fault");
  EXPECT_TRUE(contains(text, "riple fault")) << text;
  EXPECT_TRUE(contains(text, "#DF") || contains(text, "double fault")) << text;
  EXPECT_TRUE(contains(driver.text("Screen"), "demo>")) << "nothing has been reset";
  driver.picture("triple-fault");
  // Back before it, as if it had not been; and from the beginning.
  const Moment end = driver.status().moment;
  driver.key("shift+F7");
  ASSERT_TRUE(driver.stand_still());
  EXPECT_LT(driver.status().moment, end);
  EXPECT_FALSE(driver.status().died);
  ASSERT_TRUE(driver.click("toolbar/Reset"));
  ASSERT_TRUE(driver.stand_still());
  EXPECT_EQ(driver.status().moment.tick, 0u);
}

TEST(Window, ARegisterIsEditedByDoubleClick) {
  WindowDriver driver(demo_window());
  ASSERT_TRUE(driver.go_to("boot sector"));
  const auto edit = [&](const std::string& name, const std::string& value) {
    ASSERT_TRUE(driver.has("edit/" + name)) << name;
    driver.double_click("edit/" + name);
    ASSERT_TRUE(driver.has("edit/value")) << name;
    driver.key("ctrl+a");
    driver.type(value + "\n");
    ASSERT_TRUE(driver.stand_still());
  };
  edit("EAX", "12345678");
  EXPECT_TRUE(contains(driver.text("Processor"), "12345678")) << driver.text("Processor");
  driver.show("Segments");
  edit("DS", "0040");
  EXPECT_TRUE(contains(driver.text("Segments"), "00000400")) << driver.text("Segments");
  driver.picture("segments-edited");
  // What no instruction could load is refused, with the reason.
  driver.show("Control");
  driver.double_click("edit/CR0.PG");
  ASSERT_TRUE(driver.until([&] { return !driver.window().dialog_text().empty(); }, 20));
  EXPECT_TRUE(contains(driver.window().dialog_text(), "CR0 cannot be")) << driver.window().dialog_text();
  driver.picture("edit-refused");
}

}  // namespace
}  // namespace ringside
