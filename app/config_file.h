// --config: options from a file, as if they stood on the command line before all others.
#pragma once

#include <string>
#include <vector>

namespace ringside {

/// The command line with the options of each --config FILE put behind the sub-command's name. Throws FileError
/// where a file cannot be read, ConfigError where it is not of CLI11's TOML/INI form.
std::vector<std::string> with_config_files(std::vector<std::string> arguments);

}  // namespace ringside
