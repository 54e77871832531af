#include "gui/shapes.h"

#include <imgui.h>

#include <algorithm>
#include <type_traits>

namespace ringside {
namespace {

static_assert(sizeof(Shape) == 4 * (2 + 4 + 4 + 4 + 9 + 2) && std::is_trivially_copyable_v<Shape>, "a shape's bytes are hashed");

/// Two triangles that share their corners 0 and 2 and are one upright rectangle of one colour.
bool is_rectangle(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, const ImDrawVert& d) {
  if (a.col != b.col || a.col != c.col || a.col != d.col) return false;
  const bool across = a.pos.y == b.pos.y && c.pos.y == d.pos.y && a.pos.x == d.pos.x && b.pos.x == c.pos.x;
  const bool down = a.pos.x == b.pos.x && c.pos.x == d.pos.x && a.pos.y == d.pos.y && b.pos.y == c.pos.y;
  return across || down;
}

}  // namespace

void ShapeList::take(const ImDrawData& data, const GlyphSheet& sheet, const PixelBox& window) {
  shapes.clear();
  pictures.clear();
  for (int n = 0; n < data.CmdListsCount; ++n)
    for (const ImDrawCmd& command : data.CmdLists[n]->CmdBuffer)
      if (command.UserCallback == nullptr) take(data, *data.CmdLists[n], command, sheet, window);
}

void ShapeList::take(const ImDrawData& data, const ImDrawList& list, const ImDrawCmd& command, const GlyphSheet& sheet, const PixelBox& window) {
  const ImVec2 scale = data.FramebufferScale, from = data.DisplayPos;
  const PixelBox clip = intersection(window, {to_pixels((command.ClipRect.x - from.x) * scale.x), to_pixels((command.ClipRect.y - from.y) * scale.y),
                                              to_pixels((command.ClipRect.z - from.x) * scale.x), to_pixels((command.ClipRect.w - from.y) * scale.y)});
  if (clip.empty()) return;
  const ImDrawVert* vertices = list.VtxBuffer.Data + command.VtxOffset;
  const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
  const auto* picture = command.GetTexID() == ImGui::GetIO().Fonts->TexID ? nullptr : static_cast<const CanvasPicture*>(command.GetTexID());
  if (picture != nullptr) pictures.push_back(picture);
  const auto sheet_width = static_cast<float>(picture != nullptr ? picture->width : sheet.width);
  const auto sheet_height = static_cast<float>(picture != nullptr ? picture->height : sheet.height);
  const auto place = [&](const ImDrawVert& v) { return ImVec2((v.pos.x - from.x) * scale.x, (v.pos.y - from.y) * scale.y); };

  for (unsigned i = 0; i + 3 <= command.ElemCount; i += 3) {
    const ImDrawVert &a = vertices[index[i]], &b = vertices[index[i + 1]], &c = vertices[index[i + 2]];
    Shape shape;
    shape.colour = a.col;
    const ImVec2 at = place(a), opposite = place(c);
    if (i + 6 <= command.ElemCount && index[i + 3] == index[i] && index[i + 4] == index[i + 2] && is_rectangle(a, b, c, vertices[index[i + 5]])) {
      i += 3;
      shape.box = {first_from(std::min(at.x, opposite.x)), first_from(std::min(at.y, opposite.y)), first_from(std::max(at.x, opposite.x)),
                   first_from(std::max(at.y, opposite.y))};
      shape.kind = picture != nullptr ? Shape::kPicture : a.uv.x == c.uv.x && a.uv.y == c.uv.y ? Shape::kFill : Shape::kGlyph;
      if (shape.kind != Shape::kFill) shape.part = {a.uv.x * sheet_width, a.uv.y * sheet_height, c.uv.x * sheet_width, c.uv.y * sheet_height};
      if (picture != nullptr) {
        shape.picture = static_cast<std::uint32_t>(pictures.size() - 1);
        shape.version = static_cast<std::uint32_t>(picture->version);
      }
    } else {
      const ImVec2 third = place(b);
      shape.kind = Shape::kTriangle;
      shape.corners[0] = {at.x, at.y, a.col};
      shape.corners[1] = {third.x, third.y, b.col};
      shape.corners[2] = {opposite.x, opposite.y, c.col};
      shape.box = {first_from(std::min({at.x, third.x, opposite.x})), first_from(std::min({at.y, third.y, opposite.y})),
                   first_from(std::max({at.x, third.x, opposite.x})), first_from(std::max({at.y, third.y, opposite.y}))};
    }
    shape.seen = intersection(shape.box, clip);
    if (!shape.seen.empty() && (shape.colour >> 24 != 0 || shape.kind == Shape::kTriangle)) shapes.push_back(shape);
  }
}

}  // namespace ringside
