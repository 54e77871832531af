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

bool ImGuiRenderer::differs(const ImDrawData& data, unsigned long pictures) {
  std::uint64_t hash = XXH3_64bits_withSeed(&data.DisplaySize, sizeof(data.DisplaySize), pictures);
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    hash = XXH3_64bits_withSeed(list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.size_in_bytes()), hash);
    hash = XXH3_64bits_withSeed(list.IdxBuffer.Data, static_cast<std::size_t>(list.IdxBuffer.size_in_bytes()), hash);
    for (const ImDrawCmd& command : list.CmdBuffer) hash = XXH3_64bits_withSeed(&command.ClipRect, sizeof(command.ClipRect), hash);
  }
  return std::exchange(last_, hash) != hash;
}

void ImGuiRenderer::draw(const ImDrawData& data) {
  const ImVec2 scale = data.FramebufferScale;
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    const ImDrawVert* vertices = list.VtxBuffer.Data;
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) {
        if (command.UserCallback != ImDrawCallback_ResetRenderState) command.UserCallback(&list, &command);
        continue;
      }
      const float left = std::max((command.ClipRect.x - data.DisplayPos.x) * scale.x, 0.0f);
      const float top = std::max((command.ClipRect.y - data.DisplayPos.y) * scale.y, 0.0f);
      const float right = std::min((command.ClipRect.z - data.DisplayPos.x) * scale.x, data.DisplaySize.x * scale.x);
      const float bottom = std::min((command.ClipRect.w - data.DisplayPos.y) * scale.y, data.DisplaySize.y * scale.y);
      if (right <= left || bottom <= top) continue;
      const SDL_Rect clip{static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left), static_cast<int>(bottom - top)};
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
