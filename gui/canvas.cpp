#include "gui/canvas.h"

#include <algorithm>
#include <cmath>

namespace ringside {
namespace {

constexpr std::uint32_t kRedBlue = 0x00FF00FF, kGreen = 0x0000FF00;

/// 00RRGGBBh of ImGui's order.
std::uint32_t rgb_of(std::uint32_t colour) { return (colour & 0xFF) << 16 | (colour & 0xFF00) | (colour >> 16 & 0xFF); }

/// `share` of `above` over `below`, 0 to 256; two channels at a time.
std::uint32_t mixed(std::uint32_t below, std::uint32_t above, std::uint32_t share) {
  const std::uint32_t red_blue = ((below & kRedBlue) * (256 - share) + (above & kRedBlue) * share) >> 8 & kRedBlue;
  const std::uint32_t green = ((below & kGreen) * (256 - share) + (above & kGreen) * share) >> 8 & kGreen;
  return red_blue | green;
}

/// 0..255 as 0..256.
std::uint32_t share_of(std::uint32_t alpha) { return alpha + (alpha >> 7); }

}  // namespace

void Canvas::resize(int width, int height) {
  width_ = std::max(width, 0);
  height_ = std::max(height, 0);
  pixels_.assign(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), 0);
}

void Canvas::fill(const PixelBox& box, std::uint32_t colour, const PixelBox& clip) {
  const PixelBox in = intersection(box, clip);
  if (in.empty()) return;
  const std::uint32_t rgb = rgb_of(colour), share = share_of(colour >> 24);
  for (int y = in.top; y < in.bottom; ++y) {
    std::uint32_t* pixel = at(in.left, y);
    if (share == 256) {
      std::fill_n(pixel, in.width(), rgb);
      continue;
    }
    for (int x = 0; x < in.width(); ++x) pixel[x] = mixed(pixel[x], rgb, share);
  }
}

// Text lies pixel on pixel on its sheet; where it does not (a display that scales windows itself) the nearest one is taken.
void Canvas::glyph(const PixelBox& box, const GlyphSheet& sheet, const Part& part, std::uint32_t colour, const PixelBox& clip) {
  const PixelBox in = intersection(box, clip);
  if (in.empty() || sheet.alpha == nullptr) return;
  const std::uint32_t rgb = rgb_of(colour), opacity = share_of(colour >> 24);
  const float step_x = (part.right - part.left) / static_cast<float>(box.width());
  const float step_y = (part.bottom - part.top) / static_cast<float>(box.height());
  const bool plain = std::abs(step_x - 1) < 1e-3f;
  for (int y = in.top; y < in.bottom; ++y) {
    const int v = std::clamp(static_cast<int>(part.top + (static_cast<float>(y - box.top) + 0.5f) * step_y), 0, sheet.height - 1);
    const std::uint8_t* from = sheet.alpha + static_cast<std::ptrdiff_t>(v) * sheet.width;
    std::uint32_t* pixel = at(in.left, y);
    const int first = static_cast<int>(part.left + (static_cast<float>(in.left - box.left) + 0.5f) * step_x);
    for (int x = 0; x < in.width(); ++x) {
      const int u = plain ? first + x : static_cast<int>(part.left + (static_cast<float>(in.left - box.left + x) + 0.5f) * step_x);
      const std::uint32_t alpha = from[std::clamp(u, 0, sheet.width - 1)];
      if (alpha != 0) pixel[x] = mixed(pixel[x], rgb, share_of(alpha) * opacity >> 8);
    }
  }
}

// Between the four nearest pixels, so that a screen of 720 dots is readable at any size.
void Canvas::picture(const PixelBox& box, const CanvasPicture& picture, const Part& part, const PixelBox& clip) {
  const PixelBox in = intersection(box, clip);
  if (in.empty() || picture.width <= 0 || picture.height <= 0) return;
  const auto place = [](int pixel, int from, int size, float first, float last, int count) {
    const float at = first + (static_cast<float>(pixel - from) + 0.5f) * (last - first) / static_cast<float>(size) - 0.5f;
    return static_cast<std::uint32_t>(std::clamp(at, 0.0f, static_cast<float>(count - 1)) * 256);
  };
  const auto width = static_cast<std::size_t>(in.width());
  columns_.resize(width);
  shares_.resize(width);
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t u = place(in.left + static_cast<int>(x), box.left, box.width(), part.left, part.right, picture.width);
    columns_[x] = u >> 8;
    shares_[x] = u & 255;
  }
  const auto stride = static_cast<std::size_t>(picture.width);
  for (int y = in.top; y < in.bottom; ++y) {
    const std::uint32_t v = place(y, box.top, box.height(), part.top, part.bottom, picture.height);
    const std::uint32_t* upper = &picture.rgb[(v >> 8) * stride];
    const std::uint32_t* lower = (v >> 8) + 1 < static_cast<std::uint32_t>(picture.height) ? upper + stride : upper;
    std::uint32_t* pixel = at(in.left, y);
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t left = columns_[x], right = left + 1 < stride ? left + 1 : left;
      const std::uint32_t above = mixed(upper[left], upper[right], shares_[x]), below = mixed(lower[left], lower[right], shares_[x]);
      pixel[x] = mixed(above, below, v & 255);
    }
  }
}

// Line by line between its edges. Only opacity changes within one: the soft rims of ImGui's shapes.
void Canvas::triangle(const Corner& a, const Corner& b, const Corner& c, const PixelBox& clip) {
  const float area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
  if (!(std::abs(area) > 1e-6f && std::abs(area) < 1e12f) || clip.empty()) return;
  const auto opacity = [](const Corner& corner) { return static_cast<float>(corner.colour >> 24); };
  const float step_b = (c.y - a.y) / area, step_c = (a.y - b.y) / area;
  const float step = (opacity(b) - opacity(a)) * step_b + (opacity(c) - opacity(a)) * step_c;
  const bool plain = (a.colour >> 24) == (b.colour >> 24) && (a.colour >> 24) == (c.colour >> 24);
  const std::uint32_t rgb = rgb_of(a.colour);
  const auto within = [](float edge, int low, int high) {
    return std::clamp(first_from(std::clamp(edge, static_cast<float>(low) - 1, static_cast<float>(high) + 1)), low, high);
  };
  const int top = within(std::min({a.y, b.y, c.y}), clip.top, clip.bottom), bottom = within(std::max({a.y, b.y, c.y}), clip.top, clip.bottom);
  for (int y = top; y < bottom; ++y) {
    const float middle = static_cast<float>(y) + 0.5f;
    float left = 1e9f, right = -1e9f;
    const auto cut = [&](const Corner& p, const Corner& q) {
      if ((p.y <= middle) == (q.y <= middle)) return;
      const float x = p.x + (middle - p.y) / (q.y - p.y) * (q.x - p.x);
      left = std::min(left, x);
      right = std::max(right, x);
    };
    cut(a, b);
    cut(b, c);
    cut(c, a);
    const int first = within(left, clip.left, clip.right), last = within(right, clip.left, clip.right);
    if (plain) {
      fill({first, y, last, y + 1}, a.colour, clip);
      continue;
    }
    const float to_x = static_cast<float>(first) + 0.5f - a.x, to_y = middle - a.y;
    const float of_b = (to_x * (c.y - a.y) - (c.x - a.x) * to_y) / area, of_c = ((b.x - a.x) * to_y - to_x * (b.y - a.y)) / area;
    float alpha = opacity(a) + (opacity(b) - opacity(a)) * of_b + (opacity(c) - opacity(a)) * of_c;
    std::uint32_t* pixel = at(0, y);
    for (int x = first; x < last; ++x, alpha += step)
      pixel[x] = mixed(pixel[x], rgb, share_of(static_cast<std::uint32_t>(std::clamp(alpha, 0.0f, 255.0f))));
  }
}

}  // namespace ringside
