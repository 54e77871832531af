#include "tests/gui/window_driver.h"

#include <SDL.h>
#include <SDL_syswm.h>

#include <chrono>
#include <cstdlib>

#include "gui/panel.h"

namespace ringside {

namespace {

std::string grid(const std::vector<std::string>& names, std::size_t from, std::size_t count, bool side_by_side) {
  if (count == 1) return "[" + names[from] + "]";
  const std::size_t half = count / 2;
  const double share = static_cast<double>(half) / static_cast<double>(count);
  return std::string("(") + (side_by_side ? "h " : "v ") + std::to_string(share).substr(0, 5) + " " + grid(names, from, half, !side_by_side) + " " +
         grid(names, from + half, count - half, !side_by_side) + ")";
}

}  // namespace

WindowOptions demo_window() {
  WindowOptions options;
  options.title = "Ringside test";
  options.machine.memory = 16u << 20;
  options.machine.disks[0] = DiskConfig{RINGSIDE_GUEST_DIRECTORY "/demo/demo.img", DiskMode::kCopyOnWrite};
  options.machine.boot = "c";
  options.machine.debug_exit = true;
  options.session.symbols = {RINGSIDE_GUEST_DIRECTORY "/demo/boot.elf", RINGSIDE_GUEST_DIRECTORY "/demo/demo.elf"};
  options.session.ready = "demo: ready";
  options.width = 1280;
  options.height = 800;
  options.scale = 1;
  options.layout = "Boot";
  return options;
}

std::string layout_of_all_panels() {
  const std::vector<std::string> names = panel_names();
  return grid(names, 0, names.size(), true);
}

WindowDriver::WindowDriver(const WindowOptions& options) : window_(std::make_unique<Window>(options)) {
  frames(5);
  SDL_RaiseWindow(window_->ui().window);
  SDL_SysWMinfo info;
  SDL_VERSION(&info.version);
  if (SDL_GetWindowWMInfo(window_->ui().window, &info) == SDL_TRUE)
    tool("windowfocus " + std::to_string(static_cast<unsigned long>(info.info.x11.window)));
  frames(5);
}

void WindowDriver::tool(const std::string& arguments) {
  const std::string command = "xdotool " + arguments;
  if (std::system(command.c_str()) != 0) std::abort();
}

void WindowDriver::frames(int count) {
  for (int i = 0; i < count; ++i) window_->frame();
}

bool WindowDriver::until(const std::function<bool()>& holds, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    window_->frame();
    if (holds()) return true;
  }
  return false;
}

bool WindowDriver::stand_still(int seconds) {
  const auto quiet = [this] {
    const EngineStatus s = status();
    return !s.running && !s.busy;
  };
  if (!until(quiet, seconds)) return false;
  for (int i = 0; i < 4; ++i) {
    frames(2);
    window_->engine().settle(5'000);
  }
  frames(2);
  return quiet() || stand_still(seconds);
}

bool WindowDriver::has(const std::string& landmark) const { return window_->ui().landmarks.count(landmark) != 0; }

bool WindowDriver::click(const std::string& landmark, int button) { return click_at(landmark, 0.5, 0.5, button); }

bool WindowDriver::click_at(const std::string& landmark, double share_x, double share_y, int button) {
  const auto found = window_->ui().landmarks.find(landmark);
  if (found == window_->ui().landmarks.end()) return false;
  const Rectangle r = found->second;
  int x = 0, y = 0;
  SDL_GetWindowPosition(window_->ui().window, &x, &y);
  tool("mousemove " + std::to_string(x + static_cast<int>(r.x + r.width * share_x)) + " " + std::to_string(y + static_cast<int>(r.y + r.height * share_y)));
  frames(4);
  tool("mousedown " + std::to_string(button));
  frames(3);
  tool("mouseup " + std::to_string(button));
  frames(4);
  return true;
}

void WindowDriver::double_click(const std::string& landmark) {
  const Rectangle r = window_->ui().landmarks.at(landmark);
  int x = 0, y = 0;
  SDL_GetWindowPosition(window_->ui().window, &x, &y);
  tool("mousemove " + std::to_string(x + static_cast<int>(r.x + r.width / 2)) + " " + std::to_string(y + static_cast<int>(r.y + r.height / 2)));
  frames(4);
  // ImGui looks once a frame: each press and release is to be seen.
  for (int i = 0; i < 2; ++i) {
    tool("mousedown 1");
    frames(1);
    tool("mouseup 1");
    frames(1);
  }
  frames(3);
}

void WindowDriver::move_mouse(int dx, int dy) {
  constexpr int kSteps = 4;
  for (int i = 0; i < kSteps; ++i) {
    tool("mousemove_relative -- " + std::to_string(dx / kSteps) + " " + std::to_string(dy / kSteps));
    frames(2);
  }
}

void WindowDriver::mouse_button(int button) {
  tool("click " + std::to_string(button));
  frames(4);
}

bool WindowDriver::choose(const std::string& menu, const std::string& item) { return click("menu/" + menu) && click("item/" + item); }

bool WindowDriver::go_to(const std::string& milestone, bool back) {
  if (!click(back ? "toolbar/<To..." : "toolbar/To...>")) return false;
  until([&] { return has("to/" + milestone); }, 10);
  const Moment before = status().moment;
  if (!click("to/" + milestone)) return false;
  until([&] { return status().moment != before; }, 60);
  return stand_still();
}

std::vector<std::string> WindowDriver::landmarks(const std::string& prefix) const {
  std::vector<std::string> names;
  for (const auto& [name, place] : window_->ui().landmarks)
    if (name.starts_with(prefix)) names.push_back(name);
  return names;
}

void WindowDriver::key(const std::string& name) {
  tool("key " + name);
  frames(4);
}

void WindowDriver::type(const std::string& text) {
  for (const char c : text) {
    if (c == '\n') {
      tool("key Return");
    } else {
      tool("type --delay 20 '" + std::string(1, c) + "'");
    }
    frames(6);
  }
}

void WindowDriver::show(const std::string& panel) {
  window_->show_panel(panel);
  frames(3);
  window_->engine().settle(5'000);
  frames(3);
}

void WindowDriver::picture(const std::string& name) {
  const char* directory = std::getenv("RINGSIDE_PICTURES");
  if (directory != nullptr) window_->save_picture(std::string(directory) + "/" + name + ".png");
}

bool boot_to_prompt(WindowDriver& driver) {
  driver.key("F5");
  if (!driver.until([&] { return contains(driver.text("Screen"), "demo>"); }, 200)) return false;
  driver.key("F6");
  return driver.stand_still();
}

}  // namespace ringside
