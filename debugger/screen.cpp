#include "debugger/screen.h"

#include <png.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "machine/errors.h"

namespace ringside {
namespace {

// Code page 437, what the VGA's own font shows.
constexpr std::array<const char*, 32> kControls = {
    " ", "☺", "☻", "♥", "♦", "♣", "♠", "•", "◘", "○", "◙", "♂", "♀", "♪", "♫", "☼",
    "►", "◄", "↕", "‼", "¶", "§", "▬", "↨", "↑", "↓", "→", "←", "∟", "↔", "▲", "▼"};
constexpr std::array<const char*, 129> kUpper = {
    "⌂",
    "Ç", "ü", "é", "â", "ä", "à", "å", "ç", "ê", "ë", "è", "ï", "î", "ì", "Ä", "Å",
    "É", "æ", "Æ", "ô", "ö", "ò", "û", "ù", "ÿ", "Ö", "Ü", "¢", "£", "¥", "₧", "ƒ",
    "á", "í", "ó", "ú", "ñ", "Ñ", "ª", "º", "¿", "⌐", "¬", "½", "¼", "¡", "«", "»",
    "░", "▒", "▓", "│", "┤", "╡", "╢", "╖", "╕", "╣", "║", "╗", "╝", "╜", "╛", "┐",
    "└", "┴", "┬", "├", "─", "┼", "╞", "╟", "╚", "╔", "╩", "╦", "╠", "═", "╬", "╧",
    "╨", "╤", "╥", "╙", "╘", "╒", "╓", "╫", "╪", "┘", "┌", "█", "▄", "▌", "▐", "▀",
    "α", "ß", "Γ", "π", "Σ", "σ", "µ", "τ", "Φ", "Θ", "Ω", "δ", "∞", "φ", "ε", "∩",
    "≡", "±", "≥", "≤", "⌠", "⌡", "÷", "≈", "°", "∙", "·", "√", "ⁿ", "²", "■", " "};

void append_character(std::string& out, std::uint8_t character) {
  if (character < 0x20) {
    out += kControls[character];
  } else if (character < 0x7F) {
    out += static_cast<char>(character);
  } else {
    out += kUpper[character - 0x7F];
  }
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

File create(const std::string& path) {
  File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) throw FileError("output file '" + path + "': " + std::strerror(errno));
  return file;
}

[[noreturn]] void cannot_write(const std::string& path) {
  throw FileError("output file '" + path + "': cannot be written");
}

}  // namespace

std::string screen_text(const Vga& vga) {
  const TextScreen screen = vga.text_screen();
  std::string text;
  std::size_t used = 0;  // up to the last character that is no blank
  for (unsigned row = 0; row < screen.rows; ++row) {
    std::string line;
    std::size_t line_used = 0;
    for (unsigned column = 0; column < screen.columns; ++column) {
      const std::uint8_t character = screen.cells[std::size_t{row} * screen.columns + column].character;
      append_character(line, character);
      if (character != 0 && character != ' ' && character != 0xFF) line_used = line.size();
    }
    line.resize(line_used);
    text += line + '\n';
    if (line_used != 0) used = text.size();
  }
  text.resize(used);
  return text;
}

void write_screen_text(const Vga& vga, const std::string& path) {
  const std::string text = screen_text(vga);
  const File file = create(path);
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0)
    cannot_write(path);
}

void write_screenshot(const Vga& vga, const std::string& path) {
  unsigned width = 0, height = 0;
  const std::vector<std::uint32_t> pixels = vga.render(width, height);
  if (width == 0 || height == 0) throw FileError("screenshot '" + path + "': the screen has no size");
  std::vector<std::uint8_t> rgb;
  rgb.reserve(pixels.size() * 3);
  for (const std::uint32_t pixel : pixels)
    for (const unsigned shift : {16u, 8u, 0u}) rgb.push_back(static_cast<std::uint8_t>(pixel >> shift));

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  const File file = create(path);
  if (png_image_write_to_stdio(&image, file.get(), 0, rgb.data(), 0, nullptr) == 0 || std::fflush(file.get()) != 0)
    cannot_write(path);
}

}  // namespace ringside
