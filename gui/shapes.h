// Dear ImGui's triangles as what they mean: most pairs of them are a rectangle, a glyph or a picture.
#pragma once

#include <cstdint>
#include <vector>

#include "gui/canvas.h"

struct ImDrawData;
struct ImDrawList;
struct ImDrawCmd;

namespace ringside {

/// Without padding, so that its bytes can be hashed.
struct Shape {
  enum Kind : std::uint32_t { kFill, kGlyph, kPicture, kTriangle };
  Kind kind = kFill;
  std::uint32_t colour = 0;
  PixelBox box;
  PixelBox seen;               ///< what lies within its clip rectangle
  Canvas::Part part;           ///< of the sheet or picture
  Canvas::Corner corners[3];   ///< of a triangle
  std::uint32_t picture = 0;   ///< index in ShapeList::pictures
  std::uint32_t version = 0;   ///< of the picture's content
};

struct ShapeList {
  std::vector<Shape> shapes;  ///< in drawing order
  std::vector<const CanvasPicture*> pictures;

  /// `sheet` is the font's: another texture is a CanvasPicture.
  void take(const ImDrawData& data, const GlyphSheet& sheet, const PixelBox& window);

 private:
  void take(const ImDrawData& data, const ImDrawList& list, const ImDrawCmd& command, const GlyphSheet& sheet, const PixelBox& window);
};

}  // namespace ringside
