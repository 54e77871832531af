#include "gui/painter.h"

#include "gui/canvas_painter.h"
#include "gui/sdl_painter.h"

namespace ringside {

std::unique_ptr<Painter> make_painter(SDL_Window* window) {
  std::unique_ptr<Painter> painter = make_sdl_painter(window);
  return painter != nullptr ? std::move(painter) : make_canvas_painter(window);
}

}  // namespace ringside
