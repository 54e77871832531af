// Dear ImGui's triangles through SDL's renderer, where that is a graphics card's.
#pragma once

#include <memory>

#include "gui/painter.h"

namespace ringside {

/// Null where SDL has no accelerated renderer, or only one that is software itself.
std::unique_ptr<Painter> make_sdl_painter(SDL_Window* window);

}  // namespace ringside
