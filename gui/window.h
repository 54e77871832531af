// The debugger's window.
#pragma once

#include <memory>
#include <string>

#include "debugger/inspect/session.h"
#include "gui/ui.h"

namespace ringside {

struct WindowOptions {
  MachineConfig machine;
  SessionOptions session;
  std::string title;
  std::string gdb;        ///< where gdb may connect; empty: nowhere
  std::string settings;   ///< directory for the user's layout and theme; empty: not kept
  int width = 1440, height = 900;
  bool run_at_start = false;
  std::string layout;     ///< empty: the one of the last time
  float scale = 0;        ///< 0: by the display, or as the user has set it
  bool dark = true;       ///< as the user has set it; false: light
};

/// True where SDL finds a display to open a window on.
bool display_available();

class Window {
 public:
  /// Throws ConfigError where there is no display, and what Session throws.
  explicit Window(const WindowOptions& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  /// Handles what has come, draws. False when the user has closed the window.
  bool frame();
  /// Until it is closed.
  void run();

  // --- For tests ---------------------------------------------------------------------------------------
  Engine& engine();
  Ui& ui();
  void set_layout(const std::string& name);
  /// As the user's own; false for what is no layout.
  bool set_own_layout(const std::string& text);
  /// Opens the panel and brings it to the front.
  void show_panel(const std::string& name);
  /// What a panel showed when it was drawn last; empty if it never was.
  std::string panel_text(const std::string& name) const;
  /// What the dialog in the middle says; empty where there is none.
  std::string dialog_text() const;
  std::string layout() const;
  /// Frames that needed drawing; the others showed what was there.
  unsigned long frames_drawn() const;
  /// The window as a PNG, drawn anew; or as it is, with `as_shown`. Throws FileError.
  void save_picture(const std::string& path, bool as_shown = false);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace ringside
