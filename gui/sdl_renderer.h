// Dear ImGui's triangles through SDL's renderer, which works with and without a GPU.
#pragma once

#include <cstdint>
#include <vector>

struct SDL_Renderer;
struct SDL_Texture;
struct ImDrawData;
struct ImDrawList;

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
  /// Draws what has changed since the last time, and says whether that was anything. `pictures` grows whenever a texture's
  /// content has changed. A window that is not touched costs nearly nothing, which the guest gets. `always`: all of it.
  bool draw(const ImDrawData& data, unsigned long pictures, bool always, std::uint32_t background);

 private:
  struct Box {
    float left = 0, top = 0, right = 0, bottom = 0;
  };
  /// A window of ImGui's as it was drawn.
  struct Drawn {
    std::uint64_t hash = 0;
    Box box;
  };
  Drawn look(const ImDrawList& list, unsigned long pictures) const;
  void draw_within(const ImDrawData& data, const Box& box, std::uint32_t background);

  bool keeps_ = false;  ///< what was presented is still there
  std::vector<Drawn> last_;
  float width_ = 0, height_ = 0;
  SDL_Renderer* renderer_;
  SDL_Texture* fonts_ = nullptr;
};

}  // namespace ringside
