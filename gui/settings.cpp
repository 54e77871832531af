#include "gui/settings.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ringside {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr const char* kFile = "/window";

}  // namespace

Settings load_settings(const std::string& directory) {
  Settings settings;
  if (directory.empty()) return settings;
  std::ifstream file(directory + kFile);
  std::string line;
  for (int lines = 0; lines < 100 && std::getline(file, line); ++lines) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.size() > kLongest) continue;
    const std::string name = line.substr(0, space), value = line.substr(space + 1);
    if (name == "layout") settings.layout = value;
    if (name == "mine") settings.mine = value;
    if (name == "theme") settings.dark = value != "light";
    if (name == "scale") {
      const float scale = std::strtof(value.c_str(), nullptr);
      if (std::isfinite(scale) && scale >= 0.5f && scale <= 4) settings.scale = scale;
    }
  }
  return settings;
}

bool save_settings(const std::string& directory, const Settings& settings) {
  if (directory.empty()) return false;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::ofstream file(directory + kFile);
  if (!settings.layout.empty()) file << "layout " << settings.layout << "\n";
  if (!settings.mine.empty()) file << "mine " << settings.mine << "\n";
  file << "theme " << (settings.dark ? "dark" : "light") << "\n";
  if (settings.scale > 0) file << "scale " << settings.scale << "\n";
  file.flush();
  return file.good();
}

}  // namespace ringside
