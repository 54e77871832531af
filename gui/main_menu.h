// The menu bar, with the four layouts as buttons in it.
#pragma once

#include "gui/actions.h"
#include "gui/ui.h"
#include "gui/workspace.h"

namespace ringside {

/// What the window itself is asked for.
struct WindowWishes {
  bool quit = false, full_screen = false, other_theme = false;
  float scale_by = 0;
};

/// Returns the bar's height.
float draw_main_menu(Ui& ui, Actions& actions, Workspace& workspace, WindowWishes& wishes);

}  // namespace ringside
