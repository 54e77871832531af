// make_font: bitmaps of the BIOS font from pen strokes (font/glyphs.txt).
//
//     make_font glyphs.txt HEIGHT OUT.bin
//
// HEIGHT is 16, 14 or 8; the result has 256 characters of HEIGHT bytes, leftmost dot in bit 7.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "make_font: %s\n", message.c_str());
  std::exit(1);
}

using Glyph = std::vector<std::uint8_t>;  // one byte a line

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  fail(std::string("no digit: ") + digit);
}

// ---- letters: strokes ------------------------------------------------------------------------------

// Where the lines 0-C of the drawing lie in a cell. Only the 8-line font is really squeezed.
int place_line(int line, int height) {
  static constexpr std::array<int, 13> kEight = {0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 7};
  if (height == 8) return kEight[static_cast<std::size_t>(line)];
  return line + (height == 16 ? 2 : 1);
}

void set_dot(Glyph& glyph, int x, int y) {
  if (x >= 0 && x < 8 && y >= 0 && y < static_cast<int>(glyph.size()))
    glyph[static_cast<std::size_t>(y)] |= static_cast<std::uint8_t>(0x80 >> x);
}

// Bresenham's line.
void draw_line(Glyph& glyph, int x0, int y0, int x1, int y1) {
  const int dx = std::abs(x1 - x0), dy = -std::abs(y1 - y0);
  const int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1;
  int error = dx + dy;
  for (;;) {
    set_dot(glyph, x0, y0);
    if (x0 == x1 && y0 == y1) return;
    const int twice = 2 * error;
    if (twice >= dy) error += dy, x0 += step_x;
    if (twice <= dx) error += dx, y0 += step_y;
  }
}

void fill_lines(Glyph& glyph) {
  for (auto& line : glyph) {
    int first = 8, last = -1;
    for (int x = 0; x < 8; ++x)
      if (line & (0x80 >> x)) first = std::min(first, x), last = x;
    for (int x = first; x <= last; ++x) line |= static_cast<std::uint8_t>(0x80 >> x);
  }
}

struct Drawing {
  std::vector<std::string> strokes;
};

Glyph draw_stroke(std::string stroke, int height, bool squeezed) {
  const bool filled = stroke.starts_with("#");
  if (filled) stroke.erase(0, 1);
  if (stroke.empty() || stroke.size() % 2 != 0) fail("bad stroke " + stroke);
  Glyph glyph(static_cast<std::size_t>(height), 0);
  int last_x = -1, last_y = 0;
  for (std::size_t at = 0; at < stroke.size(); at += 2) {
    const int x = hex_digit(stroke[at]);
    int line = hex_digit(stroke[at + 1]);
    if (x > 5 || line > 12) fail("point outside the grid in " + stroke);
    if (squeezed && line <= 9) line = 3 + line * 6 / 9;
    const int y = place_line(line, height);
    draw_line(glyph, last_x < 0 ? x : last_x, last_x < 0 ? y : last_y, x, y);
    last_x = x;
    last_y = y;
  }
  if (filled) fill_lines(glyph);
  return glyph;
}

void add_strokes(Glyph& glyph, const std::array<Drawing, 256>& drawings, const Drawing& drawing, bool squeezed) {
  for (const std::string& stroke : drawing.strokes) {
    if (stroke[0] == '=' || stroke[0] == '^') {
      const auto other = static_cast<std::size_t>(hex_digit(stroke.at(1)) * 16 + hex_digit(stroke.at(2)));
      if (!drawings[other].strokes.empty() && drawings[other].strokes[0][0] != '=')
        add_strokes(glyph, drawings, drawings[other], stroke[0] == '^');
      continue;
    }
    const Glyph lines = draw_stroke(stroke, static_cast<int>(glyph.size()), squeezed);
    for (std::size_t y = 0; y < glyph.size(); ++y)
      glyph[y] |= static_cast<std::uint8_t>(lines[y] | lines[y] >> 1);  // the pen is two dots wide
  }
}

std::array<Drawing, 256> read_drawings(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot read " + path);
  std::array<Drawing, 256> drawings;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string code, name, stroke;
    if (!(fields >> code) || code == "#") continue;
    fields >> name;
    if (code.size() != 2) fail("bad line: " + line);
    auto& strokes = drawings[static_cast<std::size_t>(hex_digit(code[0]) * 16 + hex_digit(code[1]))].strokes;
    while (fields >> stroke) strokes.push_back(stroke);
  }
  return drawings;
}

// ---- box drawing: arms --------------------------------------------------------------------------------

// Arms of the characters B3-DA: up, down, left, right; 0 none, 1 single, 2 double.
constexpr const char* kArms[] = {
    "1100", "1110", "1120", "2210", "0210", "0120", "2220", "2200", "0220", "2020",  // B3-BC
    "2010", "1020", "0110", "1001", "1011", "0111", "1101", "0011", "1111", "1102",  // BD-C6
    "2201", "2002", "0202", "2022", "0222", "2202", "0022", "2222", "1022", "2011",  // C7-D0
    "0122", "0211", "2001", "1002", "0102", "0201", "2211", "1122", "1010", "0101",  // D1-DA
};

class Box {
 public:
  Box(const char* arms, int height)
      : up_(arms[0] - '0'), down_(arms[1] - '0'), left_(arms[2] - '0'), right_(arms[3] - '0'),
        middle_(height / 2 - 1), height_(height), glyph_(static_cast<std::size_t>(height), 0) {}

  Glyph draw() {
    const bool wide = up_ == 2 || down_ == 2, tall = left_ == 2 || right_ == 2;
    if (wide && tall) {
      draw_corridors();
      return glyph_;
    }
    draw_verticals(wide, tall);
    draw_horizontals(wide, tall);
    return glyph_;
  }

 private:
  void fill(int x0, int x1, int y0, int y1, bool on = true) {
    for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x) {
        const auto bit = static_cast<std::uint8_t>(0x80 >> x);
        auto& line = glyph_[static_cast<std::size_t>(y)];
        line = on ? static_cast<std::uint8_t>(line | bit) : static_cast<std::uint8_t>(line & ~bit);
      }
  }

  // Double lines meeting double lines are the walls of corridors: paint these, then hollow them out.
  void draw_corridors() {
    const int m = middle_, bottom = height_ - 1;
    if (up_) fill(2, 5, 0, m + 1);
    if (down_) fill(2, 5, m - 1, bottom);
    if (left_) fill(0, 5, m - 1, m + 1);
    if (right_) fill(2, 7, m - 1, m + 1);
    if (up_) fill(3, 4, 0, m, false);
    if (down_) fill(3, 4, m, bottom, false);
    if (left_) fill(0, 4, m, m, false);
    if (right_) fill(3, 7, m, m, false);
  }

  // Vertical arms end at the far line of a double horizontal, or at the near one where that passes through.
  void draw_verticals(bool wide, bool tall) {
    const int m = middle_;
    const bool through = left_ && right_;
    const int up_end = !tall ? m : through ? m - 1 : m + 1;
    const int down_start = !tall ? m : through ? m + 1 : m - 1;
    for (const auto& [x0, x1] : wide ? std::vector<std::pair<int, int>>{{2, 2}, {5, 5}}
                                     : std::vector<std::pair<int, int>>{{3, 4}}) {
      if (up_) fill(x0, x1, 0, up_end);
      if (down_) fill(x0, x1, down_start, height_ - 1);
      if (up_ && down_) fill(x0, x1, 0, height_ - 1);
    }
  }

  void draw_horizontals(bool wide, bool tall) {
    const int m = middle_;
    const bool through = up_ && down_;
    const int left_end = !wide ? 4 : through ? 2 : 5;
    const int right_start = !wide ? 3 : through ? 5 : 2;
    for (const int y : tall ? std::vector<int>{m - 1, m + 1} : std::vector<int>{m}) {
      if (left_) fill(0, left_end, y, y);
      if (right_) fill(right_start, 7, y, y);
      if (left_ && right_) fill(0, 7, y, y);
    }
  }

  int up_, down_, left_, right_;
  int middle_, height_;
  Glyph glyph_;
};

// Shades B0-B2, blocks DB-DF.
Glyph draw_block(int code, int height) {
  Glyph glyph(static_cast<std::size_t>(height), 0);
  for (int y = 0; y < height; ++y) {
    std::uint8_t line = 0xff;
    switch (code) {
      case 0xb0: line = y % 2 == 0 ? 0x22 : 0x88; break;
      case 0xb1: line = y % 2 == 0 ? 0x55 : 0xaa; break;
      case 0xb2: line = y % 2 == 0 ? 0xdd : 0x77; break;
      case 0xdc: line = y < height / 2 ? 0x00 : 0xff; break;
      case 0xdd: line = 0xf0; break;
      case 0xde: line = 0x0f; break;
      case 0xdf: line = y < height / 2 ? 0xff : 0x00; break;
      default: break;
    }
    glyph[static_cast<std::size_t>(y)] = line;
  }
  return glyph;
}

// Characters that are holes in a full cell.
bool is_inverse(int code) { return code == 0x08 || code == 0x0a; }

Glyph draw_character(int code, int height, const std::array<Drawing, 256>& drawings) {
  if (code >= 0xb3 && code <= 0xda) return Box(kArms[code - 0xb3], height).draw();
  if ((code >= 0xb0 && code <= 0xb2) || (code >= 0xdb && code <= 0xdf)) return draw_block(code, height);
  Glyph glyph(static_cast<std::size_t>(height), 0);
  const int shape = is_inverse(code) ? code - 1 : code;
  add_strokes(glyph, drawings, drawings[static_cast<std::size_t>(shape)], false);
  if (code == 0x02)
    for (const char* hole : {"1313", "4343", "16273746"}) {  // eyes and mouth
      const Glyph lines = draw_stroke(hole, height, false);
      for (std::size_t y = 0; y < glyph.size(); ++y) glyph[y] &= static_cast<std::uint8_t>(~lines[y]);
    }
  if (is_inverse(code))
    for (auto& line : glyph) line = static_cast<std::uint8_t>(~line);
  return glyph;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) fail("usage: make_font glyphs.txt HEIGHT OUT.bin");
  const int height = std::atoi(argv[2]);
  if (height != 16 && height != 14 && height != 8) fail("the height must be 16, 14 or 8");
  const auto drawings = read_drawings(argv[1]);
  std::ofstream output(argv[3], std::ios::binary);
  for (int code = 0; code < 256; ++code) {
    const Glyph glyph = draw_character(code, height, drawings);
    output.write(reinterpret_cast<const char*>(glyph.data()), static_cast<std::streamsize>(glyph.size()));
  }
  if (!output.flush()) fail(std::string("cannot write ") + argv[3]);
}
