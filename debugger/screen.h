// The guest's screen for people and for files.
#pragma once

#include <string>

#include "devices/vga.h"

namespace ringside {

/// The text screen in UTF-8, a line per row, blanks at the ends of lines and empty lines at the end left
/// out. In a graphics mode: empty.
std::string screen_text(const Vga& vga);

/// Throws FileError.
void write_screen_text(const Vga& vga, const std::string& path);
void write_screenshot(const Vga& vga, const std::string& path);

}  // namespace ringside
