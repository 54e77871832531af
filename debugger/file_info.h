// What a file is: for `ringside info`.
#pragma once

#include <string>

namespace ringside {

/// Several lines about a snapshot, a recording or a disk image; all checksums in it are checked. Throws FileError.
std::string describe_file(const std::string& path);

}  // namespace ringside
