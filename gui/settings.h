// What the window remembers from one day to the next: a file of lines "name value" in the user's configuration folder.
#pragma once

#include <string>

namespace ringside {

struct Settings {
  std::string layout;  ///< the one in use; empty: none was kept
  std::string mine;    ///< the user's own, as layout_text writes it
  bool dark = true;
  float scale = 0;     ///< 0: by the display

  auto operator<=>(const Settings&) const = default;
};

/// What cannot be read, or is no setting, is left out: a window opens all the same.
Settings load_settings(const std::string& directory);
/// True if they were written. An empty directory is "nowhere".
bool save_settings(const std::string& directory, const Settings& settings);

}  // namespace ringside
