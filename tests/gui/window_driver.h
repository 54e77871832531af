// The window with somebody in front of it: real mouse and keyboard events through the X server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gui/window.h"

namespace ringside {

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
  void key(const std::string& name);    ///< as xdotool names keys
  void type(const std::string& text);
  bool has(const std::string& landmark) const;
  std::string text(const std::string& panel) { return window_->panel_text(panel); }
  /// Brings a panel to the front by its tab or by name, and waits for its answer.
  void show(const std::string& panel);
  void picture(const std::string& name);
  EngineStatus status() { return window_->engine().status(); }

 private:
  void tool(const std::string& arguments);

  std::unique_ptr<Window> window_;
};

}  // namespace ringside
