// Dear ImGui's triangles through SDL's renderer, which works with and without a GPU.
#pragma once

#include <cstdint>

struct SDL_Renderer;
struct SDL_Texture;
struct ImDrawData;

namespace ringside {

/// The font texture is made on construction; build all fonts before.
class ImGuiRenderer {
 public:
  explicit ImGuiRenderer(SDL_Renderer* renderer);
  ~ImGuiRenderer();
  ImGuiRenderer(const ImGuiRenderer&) = delete;
  ImGuiRenderer& operator=(const ImGuiRenderer&) = delete;

  /// After the fonts have changed.
  void rebuild_fonts();
  /// False where this is what draw() has drawn last: nothing needs to be done then. `pictures` grows whenever a
  /// texture's content has changed. A window that is not touched costs nearly nothing, which the guest gets.
  bool differs(const ImDrawData& data, unsigned long pictures);
  void draw(const ImDrawData& data);

 private:
  std::uint64_t last_ = 0;
  SDL_Renderer* renderer_;
  SDL_Texture* fonts_ = nullptr;
};

}  // namespace ringside
