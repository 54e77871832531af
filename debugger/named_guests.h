// The table of named guests, images/guests.json, and how they are built.
#pragma once

#include <string>
#include <vector>

#include "machine/machine_config.h"

namespace ringside {

struct NamedGuest {
  std::string name, title, description;
  std::string directory;             ///< where its outputs lie, absolute
  std::string target;                ///< a CMake target that builds it, or
  std::string script;                ///< a script, absolute
  std::vector<std::string> outputs;  ///< absolute
  std::vector<std::string> symbols;  ///< absolute; where two have a name, the last one's counts
  std::string ready;                 ///< the line on COM1 that says that it has booted, or empty
  MachineConfig machine;             ///< its options, over the defaults
  bool built() const;
};

/// Throws FileError where the table cannot be read.
std::vector<NamedGuest> named_guests();
/// Throws ConfigError where there is none of that name.
NamedGuest find_guest(const std::string& name);
/// Calls what makes the guest; its messages go to standard error. Throws FileError where it fails.
void build_guest(const NamedGuest& guest);

}  // namespace ringside
