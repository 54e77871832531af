// The row of buttons, and the debugger's keys.
#pragma once

#include "gui/ui.h"

namespace ringside {

class Toolbar {
 public:
  void draw(Ui& ui);

 private:
  void draw_speed(Ui& ui);
  int speed_ = 0;
  float slow_rate_ = 10;
};

/// A key of the debugger's own (not one for the guest). True if it meant something.
bool debugger_key(Ui& ui, int scancode, bool shift, bool control);

}  // namespace ringside
