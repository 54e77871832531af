// Fonts and colours.
#pragma once

struct SDL_Window;

namespace ringside {

/// Factor by which text is larger than at 96 dots an inch; 1 where the display does not say.
float display_scale(SDL_Window* window);
/// Debian's DejaVu Sans Mono, or ImGui's own font where it is not installed: false then.
bool load_fonts(float scale);
void apply_theme(bool dark, float scale);

}  // namespace ringside
