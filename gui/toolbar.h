// The row of buttons, the status line and the time bar.
#pragma once

#include "gui/ui.h"

namespace ringside {

enum class ToolbarWish : std::uint8_t { kNone, kRun, kPause, kPowerCycle, kSnapshot, kRecord, kScreenshot, kFullScreen, kPaste, kCopyScreen };

class Toolbar {
 public:
  /// What was asked for and is not the engine's business.
  ToolbarWish draw(Ui& ui, float width);
  float height() const;

 private:
  void draw_speed(Ui& ui);
  void draw_status(Ui& ui);
  int speed_ = 0;
  float slow_rate_ = 10;
};

/// A key of the debugger's own (not one for the guest). True if it meant something.
bool debugger_key(Ui& ui, int scancode, bool shift, bool control);

}  // namespace ringside
