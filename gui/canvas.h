// Pixels in memory, and the few shapes that Dear ImGui's triangles consist of: filled rectangles, glyphs, pictures,
// and triangles proper. A debugger's window is text on plain ground; drawn as rectangles that takes a tenth of the time that
// general triangles take.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ringside {

/// In pixels; `right` and `bottom` lie outside.
struct PixelBox {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool empty() const { return right <= left || bottom <= top; }
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};
inline PixelBox intersection(const PixelBox& a, const PixelBox& b) {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
}
/// In whole pixels. Dear ImGui also draws "as far as it goes": what is further away than any canvas reaches lies there.
inline int to_pixels(float value) {
  constexpr float kFar = 1 << 20;
  return static_cast<int>(value > -kFar ? std::min(value, kFar) : -kFar);
}
/// The first pixel whose middle is not before this edge.
inline int first_from(float edge) {
  const float from = edge - 0.5f;
  const int whole = to_pixels(from);
  return whole + (static_cast<float>(whole) < from ? 1 : 0);
}

/// How opaque the glyphs are, one byte a pixel. Belongs to somebody else.
struct GlyphSheet {
  int width = 0, height = 0;
  const std::uint8_t* alpha = nullptr;
};
struct CanvasPicture {
  int width = 0, height = 0;
  std::vector<std::uint32_t> rgb;
  std::uint64_t version = 0;  ///< another one with every change
};

/// Colours are ImGui's: red in the lowest byte, then green, blue, opacity.
class Canvas {
 public:
  void resize(int width, int height);
  int width() const { return width_; }
  int height() const { return height_; }
  const std::uint32_t* row(int y) const { return &pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_)]; }
  std::span<const std::uint32_t> pixels() const { return pixels_; }

  struct Corner {
    float x = 0, y = 0;
    std::uint32_t colour = 0;
  };
  /// Where on a sheet or picture a rectangle's corners lie, in its pixels.
  struct Part {
    float left = 0, top = 0, right = 0, bottom = 0;
  };
  /// Everything is cut to `clip`, which must lie within the canvas. A pixel belongs to a shape if its middle does.
  void fill(const PixelBox& box, std::uint32_t colour, const PixelBox& clip);
  void glyph(const PixelBox& box, const GlyphSheet& sheet, const Part& part, std::uint32_t colour, const PixelBox& clip);
  void picture(const PixelBox& box, const CanvasPicture& picture, const Part& part, const PixelBox& clip);
  /// Of the first corner's colour; each corner has its own opacity.
  void triangle(const Corner& a, const Corner& b, const Corner& c, const PixelBox& clip);

 private:
  std::uint32_t* at(int x, int y) { return &pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)]; }

  int width_ = 0, height_ = 0;
  std::vector<std::uint32_t> pixels_;  // 00RRGGBBh
  std::vector<std::uint32_t> columns_, shares_;  // of the picture that is being drawn
};

}  // namespace ringside
