// The row of buttons, and the debugger's keys.
#pragma once

#include <vector>

#include "debugger/inspect/milestones.h"
#include "gui/actions.h"
#include "gui/ui.h"

namespace ringside {

class Toolbar {
 public:
  void draw(Ui& ui, Actions& actions);

 private:
  void draw_steps_back(Ui& ui);
  void draw_steps(Ui& ui);
  void draw_milestones(Ui& ui, bool back);
  void draw_speed(Ui& ui);

  int speed_ = 0;
  float slow_rate_ = 10;
  Probe<std::vector<Milestone>> places_;
};

/// A key of the debugger's was pressed: does what it stands for. False where it stands for nothing.
bool debugger_key(Ui& ui, int scancode, bool shift, bool control);

}  // namespace ringside
