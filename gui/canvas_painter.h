// The window drawn by ourselves, where no graphics card does it.
#pragma once

#include <memory>

#include "gui/painter.h"

namespace ringside {

std::unique_ptr<Painter> make_canvas_painter(SDL_Window* window);

}  // namespace ringside
