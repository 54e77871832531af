#include "gui/sdl_painter.h"

#include <SDL.h>
#include <imgui.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "gui/canvas.h"

namespace ringside {
namespace {

struct Closer {
  void operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }
  void operator()(SDL_Texture* texture) const { SDL_DestroyTexture(texture); }
};
using Renderer = std::unique_ptr<SDL_Renderer, Closer>;
using Texture = std::unique_ptr<SDL_Texture, Closer>;

/// OpenGL without a graphics card is several threads of software, which take the processors from the guest.
bool drawn_in_software(SDL_Renderer* renderer) {
  SDL_RendererInfo info;
  if (SDL_GetRendererInfo(renderer, &info) != 0) return true;
  if ((info.flags & SDL_RENDERER_SOFTWARE) != 0) return true;
  if (std::string(info.name).find("opengl") == std::string::npos) return false;
  constexpr unsigned kGlRenderer = 0x1F01;
  using GetString = const unsigned char* (*)(unsigned);
  const auto get_string = reinterpret_cast<GetString>(SDL_GL_GetProcAddress("glGetString"));
  const unsigned char* name = get_string != nullptr ? get_string(kGlRenderer) : nullptr;
  if (name == nullptr) return false;
  const std::string words = reinterpret_cast<const char*>(name);
  return words.find("llvmpipe") != std::string::npos || words.find("softpipe") != std::string::npos || words.find("SWR") != std::string::npos;
}

class SdlPicture final : public Picture {
 public:
  SdlPicture(SDL_Renderer* renderer, std::uint64_t& pictures) : renderer_(renderer), pictures_(pictures) {}

  void set(unsigned width, unsigned height, const std::uint32_t* pixels) override {
    if (texture_ == nullptr || width != width_ || height != height_) {
      texture_.reset(SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, static_cast<int>(width), static_cast<int>(height)));
      if (texture_ != nullptr) SDL_SetTextureScaleMode(texture_.get(), SDL_ScaleModeLinear);
      width_ = width;
      height_ = height;
    }
    if (texture_ != nullptr) SDL_UpdateTexture(texture_.get(), nullptr, pixels, static_cast<int>(width * 4));
    ++pictures_;
  }
  void* id() const override { return texture_.get(); }

 private:
  SDL_Renderer* renderer_;
  std::uint64_t& pictures_;
  Texture texture_;
  unsigned width_ = 0, height_ = 0;
};

class SdlPainter final : public Painter {
 public:
  explicit SdlPainter(Renderer renderer) : renderer_(std::move(renderer)) {
    ImGui::GetIO().BackendRendererName = "ringside_sdl";
    ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    rebuild_fonts();
  }

  void rebuild_fonts() override {
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
    fonts_.reset(SDL_CreateTexture(renderer_.get(), SDL_PIXELFORMAT_ABGR8888, SDL_TEXTUREACCESS_STATIC, width, height));
    if (fonts_ != nullptr) {
      SDL_UpdateTexture(fonts_.get(), nullptr, pixels, 4 * width);
      SDL_SetTextureBlendMode(fonts_.get(), SDL_BLENDMODE_BLEND);
      SDL_SetTextureScaleMode(fonts_.get(), SDL_ScaleModeLinear);
    }
    ImGui::GetIO().Fonts->SetTexID(fonts_.get());
    ++pictures_;
  }

  std::unique_ptr<Picture> make_picture() override { return std::make_unique<SdlPicture>(renderer_.get(), pictures_); }

  // What a graphics card has presented is gone afterwards: it is all or nothing.
  bool draw(const ImDrawData& data, bool always, std::uint32_t background) override {
    const std::uint64_t hash = look(data);
    if (hash == last_ && !always) return false;
    last_ = hash;
    SDL_RenderSetClipRect(renderer_.get(), nullptr);
    SDL_SetRenderDrawColor(renderer_.get(), static_cast<Uint8>(background >> 16), static_cast<Uint8>(background >> 8), static_cast<Uint8>(background), 255);
    SDL_RenderClear(renderer_.get());
    for (int n = 0; n < data.CmdListsCount; ++n) draw_list(data, *data.CmdLists[n]);
    SDL_RenderSetClipRect(renderer_.get(), nullptr);
    return true;
  }

  void present() override { SDL_RenderPresent(renderer_.get()); }

  Pixels read() const override {
    int width = 0, height = 0;
    SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
    Pixels pixels{static_cast<unsigned>(width), static_cast<unsigned>(height), std::vector<std::uint32_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
    SDL_RenderReadPixels(renderer_.get(), nullptr, SDL_PIXELFORMAT_RGB888, pixels.rgb.data(), width * 4);
    return pixels;
  }

 private:
  std::uint64_t look(const ImDrawData& data) const {
    std::uint64_t hash = XXH3_64bits_withSeed(&data.DisplaySize, sizeof(data.DisplaySize), pictures_);
    for (int n = 0; n < data.CmdListsCount; ++n) {
      const ImDrawList& list = *data.CmdLists[n];
      hash = XXH3_64bits_withSeed(list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.size_in_bytes()), hash);
      hash = XXH3_64bits_withSeed(list.IdxBuffer.Data, static_cast<std::size_t>(list.IdxBuffer.size_in_bytes()), hash);
      for (const ImDrawCmd& command : list.CmdBuffer) hash = XXH3_64bits_withSeed(&command.ClipRect, sizeof(command.ClipRect), hash);
    }
    return hash;
  }

  void draw_list(const ImDrawData& data, const ImDrawList& list) {
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) continue;
      const float left = std::max((command.ClipRect.x - data.DisplayPos.x) * data.FramebufferScale.x, 0.0f);
      const float top = std::max((command.ClipRect.y - data.DisplayPos.y) * data.FramebufferScale.y, 0.0f);
      const float right = std::min((command.ClipRect.z - data.DisplayPos.x), data.DisplaySize.x) * data.FramebufferScale.x;
      const float bottom = std::min((command.ClipRect.w - data.DisplayPos.y), data.DisplaySize.y) * data.FramebufferScale.y;
      const SDL_Rect clip{to_pixels(left), to_pixels(top), to_pixels(right) - to_pixels(left), to_pixels(bottom) - to_pixels(top)};
      if (clip.w <= 0 || clip.h <= 0) continue;
      SDL_RenderSetClipRect(renderer_.get(), &clip);
      const auto* bytes = reinterpret_cast<const char*>(list.VtxBuffer.Data + command.VtxOffset);
      const int stride = static_cast<int>(sizeof(ImDrawVert));
      SDL_RenderGeometryRaw(renderer_.get(), static_cast<SDL_Texture*>(command.GetTexID()),
                            reinterpret_cast<const float*>(bytes + offsetof(ImDrawVert, pos)), stride,
                            reinterpret_cast<const SDL_Color*>(bytes + offsetof(ImDrawVert, col)), stride,
                            reinterpret_cast<const float*>(bytes + offsetof(ImDrawVert, uv)), stride,
                            list.VtxBuffer.Size - static_cast<int>(command.VtxOffset), list.IdxBuffer.Data + command.IdxOffset,
                            static_cast<int>(command.ElemCount), static_cast<int>(sizeof(ImDrawIdx)));
    }
  }

  Renderer renderer_;
  Texture fonts_;
  std::uint64_t pictures_ = 0;  ///< grows whenever a texture's content changes
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<Painter> make_sdl_painter(SDL_Window* window) {
  Renderer renderer(SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC));
  if (renderer == nullptr || drawn_in_software(renderer.get())) return nullptr;
  return std::make_unique<SdlPainter>(std::move(renderer));
}

}  // namespace ringside
