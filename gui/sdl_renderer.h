// Dear ImGui's triangles through SDL's renderer, which works with and without a GPU.
#pragma once

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
  void draw(const ImDrawData& data);

 private:
  SDL_Renderer* renderer_;
  SDL_Texture* fonts_ = nullptr;
};

}  // namespace ringside
