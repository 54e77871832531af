// The window with somebody in front of it: real mouse and keyboard events through the X server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gui/window.h"

namespace ringside {

/// The demo guest as the window opens on it, at 1280x800.
WindowOptions demo_window();
/// Every panel in a place of its own, all in view at once.
std::string layout_of_all_panels();

class WindowDriver {
 public:
  explicit WindowDriver(const WindowOptions& options);

  Window& window() { return *window_; }
  /// Draws that many frames.
  void frames(int count);
  /// Draws frames until it holds. False after `seconds`.
  bool until(const std::function<bool()>& holds, int seconds = 60);
  /// Until the machine stands and all questions are answered.
  bool stand_still(int seconds = 120);

  /// Clicks in the middle of a landmark; `button` as X counts. False where there is no such landmark.
  bool click(const std::string& landmark, int button = 1);
  /// Somewhere in the landmark: shares of its width and height.
  bool click_at(const std::string& landmark, double x, double y, int button = 1);
  void double_click(const std::string& landmark);
  void move_mouse(int dx, int dy);      ///< in small steps, as a hand does
  void mouse_button(int button);        ///< where the pointer is
  void key(const std::string& name);    ///< as xdotool names keys
  void type(const std::string& text);
  bool has(const std::string& landmark) const;
  std::string text(const std::string& panel) { return window_->panel_text(panel); }
  /// Opens the menu and clicks the item.
  bool choose(const std::string& menu, const std::string& item);
  /// Runs to a milestone, or back to it, with the toolbar.
  bool go_to(const std::string& milestone, bool back = false);
  std::vector<std::string> landmarks(const std::string& prefix) const;
  /// Brings a panel to the front by its tab or by name, and waits for its answer.
  void show(const std::string& panel);
  void picture(const std::string& name);
  EngineStatus status() { return window_->engine().status(); }

 private:
  void tool(const std::string& arguments);

  std::unique_ptr<Window> window_;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Runs the demo guest until it waits for a command, and pauses it.
bool boot_to_prompt(WindowDriver& driver);

}  // namespace ringside
