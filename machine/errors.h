// What a caller of the machine can do wrong. The command line turns each into one line and an exit code.
#pragma once

#include <stdexcept>

namespace ringside {

/// An option or a combination of options that makes no machine.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A host file that cannot be used, or is not what it should be. The message names the file.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace ringside
