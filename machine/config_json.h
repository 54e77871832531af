// A machine's configuration, and what its media hold, in the headers of snapshots and recordings.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "machine/machine_config.h"

namespace ringside {

/// The configuration with its defaults spelled out and its paths absolute: what has the same form is the same.
MachineConfig normal_form(MachineConfig config);

nlohmann::ordered_json config_to_json(const MachineConfig& config);
/// Throws StateError where that is no configuration.
MachineConfig config_from_json(const nlohmann::ordered_json& json);

/// A file, or a built-in ROM, that a machine was made from.
struct Medium {
  std::string role;  ///< hda..hdd, kernel, initrd 1.., bios, vgabios
  std::string path;  ///< empty: built in
  std::uint64_t size = 0;
  std::string hash;  ///< XXH3-128 of the content
};

/// Reads all media of `config`. Throws FileError.
std::vector<Medium> media_of(const MachineConfig& config);
nlohmann::ordered_json media_to_json(const std::vector<Medium>& media);
std::vector<Medium> media_from_json(const nlohmann::ordered_json& json);
/// Throws FileError, which `name` begins, where a medium of `config` is not what it was.
void check_media(const std::vector<Medium>& expected, const MachineConfig& config, const std::string& name);
/// Media that are not where they were are looked for beside the file at `path`.
void look_beside(MachineConfig& config, const std::string& path);

/// XXH3-128 of a file.
std::string hash_of_file(const std::string& path, const char* what);

}  // namespace ringside
