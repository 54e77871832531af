// What a disk image is: for `ringside info`.
#pragma once

#include <string>

namespace ringside {

/// Several lines: size, hash, partitions. Throws FileError.
std::string describe_disk(const std::string& path);

}  // namespace ringside
