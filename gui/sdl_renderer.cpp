#include "gui/sdl_renderer.h"

#include <SDL.h>
#include <imgui.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace ringside {

ImGuiRenderer::ImGuiRenderer(SDL_Renderer* renderer) : renderer_(renderer) {
  ImGuiIO& io = ImGui::GetIO();
  io.BackendRendererName = "ringside_sdl";
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  SDL_RendererInfo info;
  keeps_ = SDL_GetRendererInfo(renderer, &info) == 0 && (info.flags & SDL_RENDERER_SOFTWARE) != 0;
  rebuild_fonts();
}

ImGuiRenderer::~ImGuiRenderer() {
  if (fonts_ != nullptr) SDL_DestroyTexture(fonts_);
}

void ImGuiRenderer::rebuild_fonts() {
  if (fonts_ != nullptr) SDL_DestroyTexture(fonts_);
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  fonts_ = SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_ABGR8888, SDL_TEXTUREACCESS_STATIC, width, height);
  if (fonts_ != nullptr) {
    SDL_UpdateTexture(fonts_, nullptr, pixels, 4 * width);
    SDL_SetTextureBlendMode(fonts_, SDL_BLENDMODE_BLEND);
    SDL_SetTextureScaleMode(fonts_, SDL_ScaleModeLinear);
  }
  ImGui::GetIO().Fonts->SetTexID(fonts_);
}

ImGuiRenderer::Drawn ImGuiRenderer::look(const ImDrawList& list, unsigned long pictures) const {
  std::uint64_t hash = XXH3_64bits(list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.size_in_bytes()));
  hash = XXH3_64bits_withSeed(list.IdxBuffer.Data, static_cast<std::size_t>(list.IdxBuffer.size_in_bytes()), hash);
  Drawn drawn{0, {1e9f, 1e9f, -1e9f, -1e9f}};
  for (const ImDrawCmd& command : list.CmdBuffer) {
    const ImVec4 clip = command.ClipRect;
    hash = XXH3_64bits_withSeed(&clip, sizeof(clip), hash);
    if (command.GetTexID() != fonts_) hash = XXH3_64bits_withSeed(&pictures, sizeof(pictures), hash);
    drawn.box = {std::min(drawn.box.left, clip.x), std::min(drawn.box.top, clip.y), std::max(drawn.box.right, clip.z), std::max(drawn.box.bottom, clip.w)};
  }
  drawn.hash = hash;
  return drawn;
}

// Only where the renderer keeps what it has presented can a part be drawn; and only while the windows are the same ones.
bool ImGuiRenderer::draw(const ImDrawData& data, unsigned long pictures, bool always, std::uint32_t background) {
  std::vector<Drawn> now;
  for (int n = 0; n < data.CmdListsCount; ++n) now.push_back(look(*data.CmdLists[n], pictures));
  const bool same_windows = now.size() == last_.size() && data.DisplaySize.x == width_ && data.DisplaySize.y == height_;
  const Box all{0, 0, data.DisplaySize.x, data.DisplaySize.y};
  width_ = data.DisplaySize.x;
  height_ = data.DisplaySize.y;
  std::vector<Box> changed;
  for (std::size_t i = 0; same_windows && i < now.size(); ++i) {
    if (now[i].hash == last_[i].hash) continue;
    const Box &a = now[i].box, &b = last_[i].box;
    changed.push_back({std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right), std::max(a.bottom, b.bottom)});
  }
  last_ = std::move(now);
  constexpr std::size_t kMostParts = 6;
  if (always || !same_windows || (!changed.empty() && (!keeps_ || changed.size() > kMostParts))) changed.assign(1, all);
  for (const Box& box : changed) draw_within(data, box, background);
  return !changed.empty();
}

void ImGuiRenderer::draw_within(const ImDrawData& data, const Box& box, std::uint32_t background) {
  const ImVec2 scale = data.FramebufferScale;
  const auto pixels = [&](const Box& b) {
    const int left = static_cast<int>(b.left * scale.x), top = static_cast<int>(b.top * scale.y);
    return SDL_Rect{left, top, static_cast<int>(b.right * scale.x) - left, static_cast<int>(b.bottom * scale.y) - top};
  };
  const Box part{std::max(box.left, 0.0f), std::max(box.top, 0.0f), std::min(box.right, data.DisplaySize.x), std::min(box.bottom, data.DisplaySize.y)};
  if (part.right <= part.left || part.bottom <= part.top) return;
  const SDL_Rect whole = pixels(part);
  SDL_RenderSetClipRect(renderer_, &whole);
  SDL_SetRenderDrawColor(renderer_, static_cast<Uint8>(background >> 16), static_cast<Uint8>(background >> 8), static_cast<Uint8>(background), 255);
  SDL_RenderFillRect(renderer_, &whole);
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    const ImDrawVert* vertices = list.VtxBuffer.Data;
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) {
        if (command.UserCallback != ImDrawCallback_ResetRenderState) command.UserCallback(&list, &command);
        continue;
      }
      const Box cut{std::max(command.ClipRect.x - data.DisplayPos.x, part.left), std::max(command.ClipRect.y - data.DisplayPos.y, part.top),
                    std::min(command.ClipRect.z - data.DisplayPos.x, part.right), std::min(command.ClipRect.w - data.DisplayPos.y, part.bottom)};
      if (cut.right <= cut.left || cut.bottom <= cut.top) continue;
      const SDL_Rect clip = pixels(cut);
      if (clip.w <= 0 || clip.h <= 0) continue;
      SDL_RenderSetClipRect(renderer_, &clip);
      const ImDrawVert* first = vertices + command.VtxOffset;
      const auto* bytes = reinterpret_cast<const char*>(first);
      const int stride = static_cast<int>(sizeof(ImDrawVert));
      SDL_RenderGeometryRaw(renderer_, static_cast<SDL_Texture*>(command.GetTexID()),
                            reinterpret_cast<const float*>(bytes + offsetof(ImDrawVert, pos)), stride,
                            reinterpret_cast<const SDL_Color*>(bytes + offsetof(ImDrawVert, col)), stride,
                            reinterpret_cast<const float*>(bytes + offsetof(ImDrawVert, uv)), stride,
                            list.VtxBuffer.Size - static_cast<int>(command.VtxOffset), list.IdxBuffer.Data + command.IdxOffset,
                            static_cast<int>(command.ElemCount), static_cast<int>(sizeof(ImDrawIdx)));
    }
  }
  SDL_RenderSetClipRect(renderer_, nullptr);
}

}  // namespace ringside
