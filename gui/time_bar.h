// The scroll bar over time.
#pragma once

#include "debugger/inspect/time_bar.h"
#include "gui/ui.h"

namespace ringside {

class TimeBarView {
 public:
  void draw(Ui& ui, float width);
  float height() const;

 private:
  Probe<TimeBar> probe_;
  bool dragging_ = false;
};

}  // namespace ringside
