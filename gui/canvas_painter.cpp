#include "gui/canvas_painter.h"

#include <SDL.h>
#include <imgui.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <string>

#include "gui/shapes.h"
#include "machine/errors.h"

namespace ringside {
namespace {

/// The window in tiles. A tile is drawn anew when what lies in it is not what lay in it.
constexpr int kTileWidth = 64, kTileHeight = 32;

struct Tile {
  std::uint64_t hash = 0, drawn = 0;
  std::vector<std::uint32_t> shapes;  ///< indices, in drawing order
};

class CanvasImage final : public Picture {
 public:
  void set(unsigned width, unsigned height, const std::uint32_t* pixels) override {
    picture_.width = static_cast<int>(width);
    picture_.height = static_cast<int>(height);
    picture_.rgb.assign(pixels, pixels + std::size_t{width} * height);
    ++picture_.version;
  }
  void* id() const override { return picture_.version == 0 ? nullptr : const_cast<CanvasPicture*>(&picture_); }

 private:
  CanvasPicture picture_;
};

class CanvasPainter final : public Painter {
 public:
  explicit CanvasPainter(SDL_Window* window) : window_(window) {
    if (SDL_GetWindowSurface(window_) == nullptr) throw ConfigError(std::string("no window can be drawn: ") + SDL_GetError());
    ImGui::GetIO().BackendRendererName = "ringside_canvas";
    ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    rebuild_fonts();
  }

  void rebuild_fonts() override {
    ImFontAtlas& fonts = *ImGui::GetIO().Fonts;
    unsigned char* alpha = nullptr;
    fonts.GetTexDataAsAlpha8(&alpha, &sheet_.width, &sheet_.height);
    sheet_.alpha = alpha;
    fonts.SetTexID(&sheet_);
    for (Tile& tile : tiles_) tile.drawn = 0;
  }

  std::unique_ptr<Picture> make_picture() override { return std::make_unique<CanvasImage>(); }

  bool draw(const ImDrawData& data, bool always, std::uint32_t background) override {
    const auto width = static_cast<int>(data.DisplaySize.x * data.FramebufferScale.x), height = static_cast<int>(data.DisplaySize.y * data.FramebufferScale.y);
    if (width <= 0 || height <= 0) return false;
    if (width != canvas_.width() || height != canvas_.height()) resize(width, height);
    list_.take(data, sheet_, {0, 0, width, height});
    const std::uint32_t ground = background | 0xFF000000;
    sort_into_tiles(ground);
    changed_.clear();
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
      Tile& tile = tiles_[i];
      if (tile.hash == tile.drawn && !always) continue;
      tile.drawn = tile.hash;
      const PixelBox box = box_of(i);
      canvas_.fill(box, ground, box);
      for (const std::uint32_t shape : tile.shapes) draw_shape(list_.shapes[shape], box);
      note_changed(box);
    }
    return !changed_.empty();
  }

  void present() override {
    SDL_Surface* surface = SDL_GetWindowSurface(window_);
    if (surface == nullptr) return;
    std::vector<SDL_Rect> places;
    for (const PixelBox& changed : changed_) {
      const PixelBox box = intersection(changed, {0, 0, surface->w, surface->h});
      if (box.empty()) continue;
      places.push_back({box.left, box.top, box.width(), box.height()});
      auto* to = static_cast<Uint8*>(surface->pixels) + std::ptrdiff_t{box.top} * surface->pitch + std::ptrdiff_t{box.left} * surface->format->BytesPerPixel;
      SDL_ConvertPixels(box.width(), box.height(), SDL_PIXELFORMAT_RGB888, canvas_.row(box.top) + box.left, canvas_.width() * 4, surface->format->format, to,
                        surface->pitch);
    }
    SDL_UpdateWindowSurfaceRects(window_, places.data(), static_cast<int>(places.size()));
  }

  Pixels read() const override {
    return {static_cast<unsigned>(canvas_.width()), static_cast<unsigned>(canvas_.height()), {canvas_.pixels().begin(), canvas_.pixels().end()}};
  }

 private:
  void resize(int width, int height) {
    canvas_.resize(width, height);
    across_ = (width + kTileWidth - 1) / kTileWidth;
    tiles_.assign(static_cast<std::size_t>(across_) * static_cast<std::size_t>((height + kTileHeight - 1) / kTileHeight), Tile{});
  }

  PixelBox box_of(std::size_t tile) const {
    const int x = static_cast<int>(tile) % across_ * kTileWidth, y = static_cast<int>(tile) / across_ * kTileHeight;
    return intersection({x, y, x + kTileWidth, y + kTileHeight}, {0, 0, canvas_.width(), canvas_.height()});
  }

  void sort_into_tiles(std::uint32_t ground) {
    for (Tile& tile : tiles_) {
      tile.hash = ground | 1;  // never that of a tile that has not been drawn
      tile.shapes.clear();
    }
    for (std::size_t i = 0; i < list_.shapes.size(); ++i) {
      const Shape& shape = list_.shapes[i];
      const std::uint64_t hash = XXH3_64bits(&shape, sizeof(shape));
      for (int y = shape.seen.top / kTileHeight; y <= (shape.seen.bottom - 1) / kTileHeight; ++y)
        for (int x = shape.seen.left / kTileWidth; x <= (shape.seen.right - 1) / kTileWidth; ++x) {
          Tile& tile = tiles_[static_cast<std::size_t>(y * across_ + x)];
          tile.hash = (tile.hash << 7 | tile.hash >> 57) * 0x9E3779B97F4A7C15u ^ hash;
          tile.shapes.push_back(static_cast<std::uint32_t>(i));
        }
    }
  }

  void draw_shape(const Shape& shape, const PixelBox& within) {
    const PixelBox clip = intersection(shape.seen, within);
    switch (shape.kind) {
      case Shape::kFill: canvas_.fill(shape.box, shape.colour, clip); break;
      case Shape::kGlyph: canvas_.glyph(shape.box, sheet_, shape.part, shape.colour, clip); break;
      case Shape::kPicture: canvas_.picture(shape.box, *list_.pictures[shape.picture], shape.part, clip); break;
      case Shape::kTriangle: canvas_.triangle(shape.corners[0], shape.corners[1], shape.corners[2], clip); break;
    }
  }

  /// Tiles side by side, and lines of them below each other, go to the screen as one.
  void note_changed(const PixelBox& box) {
    if (!changed_.empty() && changed_.back().top == box.top && changed_.back().right == box.left) {
      changed_.back().right = box.right;
    } else {
      changed_.push_back(box);
    }
    if (changed_.size() < 2) return;
    const PixelBox last = changed_.back();
    PixelBox& above = changed_[changed_.size() - 2];
    if (last.right == canvas_.width() && above.left == last.left && above.right == last.right && above.bottom == last.top) {
      above.bottom = last.bottom;
      changed_.pop_back();
    }
  }

  SDL_Window* window_;
  GlyphSheet sheet_;
  Canvas canvas_;
  ShapeList list_;
  std::vector<Tile> tiles_;
  int across_ = 0;
  std::vector<PixelBox> changed_;
};

}  // namespace

std::unique_ptr<Painter> make_canvas_painter(SDL_Window* window) { return std::make_unique<CanvasPainter>(window); }

}  // namespace ringside
