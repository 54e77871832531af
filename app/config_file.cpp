#include "app/config_file.h"

#include <CLI/CLI.hpp>

#include <sstream>

#include "machine/errors.h"
#include "machine/host_file.h"

namespace ringside {
namespace {

constexpr std::uint64_t kMaxConfig = 1 << 20;
const std::string kOption = "--config";

std::vector<std::string> options_in(const std::string& path) {
  const auto bytes = read_file(path, "config file", kMaxConfig);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(text);
  } catch (const std::exception& error) {
    throw ConfigError("config file '" + path + "': " + error.what());
  }
  std::vector<std::string> options;
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // the parser's marks of a section's two ends
    if (!item.parents.empty() && item.parents != std::vector<std::string>{"run"})
      throw ConfigError("config file '" + path + "': there is no section '" + item.parents.front() + "'");
    for (const std::string& value : item.inputs) options.push_back("--" + item.name + "=" + value);
  }
  return options;
}

}  // namespace

std::vector<std::string> with_config_files(std::vector<std::string> arguments) {
  std::vector<std::string> options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    std::string path;
    if (argument == kOption && i + 1 < arguments.size()) path = arguments[i + 1];
    if (argument.compare(0, kOption.size() + 1, kOption + "=") == 0) path = argument.substr(kOption.size() + 1);
    if (path.empty()) continue;
    const auto found = options_in(path);
    options.insert(options.end(), found.begin(), found.end());
  }
  if (!arguments.empty()) arguments.insert(arguments.begin() + 1, options.begin(), options.end());
  return arguments;
}

}  // namespace ringside
