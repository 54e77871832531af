// What the VGA shows: text cells, and pictures of text and graphics modes.
#include <array>

#include "devices/vga.h"

namespace ringside {
namespace {

constexpr unsigned kCharacterPlane = 0;
constexpr unsigned kAttributePlane = 1;
constexpr unsigned kFontPlane = 2;
constexpr unsigned kGlyphSize = 32;

struct CursorShape {
  unsigned first;
  unsigned last;
  bool on;
};

// CR0A and CR0B; a start beyond the end, or beyond the cell, shows nothing.
CursorShape cursor_shape(const VgaRegisters& r) {
  const unsigned first = r.crtc[0x0A] & 0x1F;
  const unsigned last = r.crtc[0x0B] & 0x1F;
  return {first, last, (r.crtc[0x0A] & 0x20) == 0 && first <= last && first < r.row_height()};
}

/// Where a line of the picture comes from: the row in its characters, and the address counter of its first column.
struct ScanLine {
  unsigned scan;
  unsigned first;
};

ScanLine scan_line(const VgaRegisters& r, unsigned y) {
  const unsigned line = y / r.line_repeat();
  return {line % r.row_height(), r.start_address() + line / r.row_height() * r.pitch()};
}

std::array<std::uint32_t, 16> palette(const VgaRegisters& r) {
  std::array<std::uint32_t, 16> colours{};
  for (unsigned i = 0; i < colours.size(); ++i) colours[i] = r.palette_colour(i);
  return colours;
}

}  // namespace

TextScreen Vga::text_screen() const {
  const VgaRegisters& r = state_.registers;
  TextScreen screen;
  if (r.graphics_mode()) return screen;
  screen.columns = r.columns();
  screen.rows = r.rows();
  screen.cells.reserve(std::size_t{screen.columns} * screen.rows);
  const unsigned cursor = r.cursor_address();
  for (unsigned row = 0; row < screen.rows; ++row) {
    for (unsigned column = 0; column < screen.columns; ++column) {
      const unsigned counter = (r.start_address() + row * r.pitch() + column) & 0xFFFF;
      const unsigned offset = r.plane_offset(counter, 0);
      screen.cells.push_back({plane_byte(kCharacterPlane, offset), plane_byte(kAttributePlane, offset)});
      if (counter != cursor || screen.cursor_visible) continue;
      screen.cursor_column = column;
      screen.cursor_row = row;
      screen.cursor_visible = cursor_shape(r).on;
    }
  }
  return screen;
}

std::vector<std::uint32_t> Vga::render(unsigned& width, unsigned& height) const {
  const VgaRegisters& r = state_.registers;
  const unsigned dots = r.graphics_mode() ? 8 : r.dots_per_character();
  width = r.columns() * dots * (r.half_dot_clock() ? 2 : 1);
  height = r.lines();
  std::vector<std::uint32_t> picture(std::size_t{width} * height);
  if (r.blanked()) return picture;
  if (r.graphics_mode()) {
    render_graphics(picture, width, height);
  } else {
    render_text(picture, width, height);
  }
  return picture;
}

void Vga::render_text(std::vector<std::uint32_t>& out, unsigned width, unsigned height) const {
  const VgaRegisters& r = state_.registers;
  const unsigned dots = r.dots_per_character();
  const unsigned stretch = r.half_dot_clock() ? 2 : 1;
  const bool line_graphics = (r.attribute[0x10] & 0x04) != 0;
  const bool monochrome = (r.attribute[0x10] & 0x02) != 0;
  const unsigned background_bits = (r.attribute[0x10] & 0x08) != 0 ? 7 : 15;  // blink takes the fourth
  const CursorShape cursor = cursor_shape(r);
  const unsigned fonts[2] = {VgaRegisters::font_offset(r.font_map(false)),
                             VgaRegisters::font_offset(r.font_map(true))};
  const auto colours = palette(r);

  for (unsigned y = 0; y < height; ++y) {
    const auto [scan, first] = scan_line(r, y);
    std::uint32_t* pixel = &out[std::size_t{y} * width];
    for (unsigned column = 0; column < r.columns(); ++column) {
      const unsigned counter = (first + column) & 0xFFFF;
      const unsigned offset = r.plane_offset(counter, 0);
      const unsigned character = plane_byte(kCharacterPlane, offset);
      const unsigned attribute = plane_byte(kAttributePlane, offset);
      unsigned glyph = plane_byte(kFontPlane, fonts[attribute >> 3 & 1] + character * kGlyphSize + scan);
      // The ninth dot is background, except that line graphics continue into it.
      glyph = glyph << 1 | (line_graphics && (character & 0xE0) == 0xC0 ? glyph & 1 : 0);
      if (monochrome && (attribute & 7) == 1 && scan == (r.crtc[0x14] & 0x1Fu)) glyph = 0x1FF;
      if (cursor.on && counter == r.cursor_address() && scan >= cursor.first && scan <= cursor.last)
        glyph = 0x1FF;
      const std::uint32_t foreground = colours[attribute & 15];
      const std::uint32_t background = colours[attribute >> 4 & background_bits];
      for (unsigned dot = 0; dot < dots; ++dot)
        for (unsigned i = 0; i < stretch; ++i)
          *pixel++ = (glyph >> (8 - dot) & 1) != 0 ? foreground : background;
    }
  }
}

// A character clock fetches one byte of each plane; the shift registers make pixels of these 32 bits.
void Vga::render_graphics(std::vector<std::uint32_t>& out, unsigned width, unsigned height) const {
  const VgaRegisters& r = state_.registers;
  const unsigned stretch = r.half_dot_clock() ? 2 : 1;
  const bool wide_pixels = (r.graphics[5] & 0x40) != 0;  // 256 colours
  const bool interleaved = (r.graphics[5] & 0x20) != 0;  // CGA's two bits a pixel
  const auto colours = palette(r);

  for (unsigned y = 0; y < height; ++y) {
    const auto [scan, first] = scan_line(r, y);
    std::uint32_t* pixel = &out[std::size_t{y} * width];
    for (unsigned column = 0; column < r.columns(); ++column) {
      const unsigned offset = r.plane_offset(first + column, scan);
      std::uint8_t planes[4];
      for (unsigned p = 0; p < 4; ++p) planes[p] = plane_byte(p, offset);
      for (unsigned dot = 0; dot < 8; ++dot) {
        std::uint32_t colour = 0;
        if (wide_pixels) {
          colour = r.dac_colour(planes[dot / 2]);
        } else if (interleaved) {
          const unsigned pair = dot / 4;  // planes 0 and 2 hold the left half, 1 and 3 the right
          const unsigned shift = 6 - dot % 4 * 2;
          colour = colours[(planes[pair] >> shift & 3u) | (planes[pair + 2] >> shift & 3u) << 2];
        } else {
          unsigned value = 0;
          for (unsigned p = 0; p < 4; ++p) value |= (planes[p] >> (7 - dot) & 1u) << p;
          colour = colours[value];
        }
        for (unsigned i = 0; i < stretch; ++i) *pixel++ = colour;
      }
    }
  }
}

}  // namespace ringside
