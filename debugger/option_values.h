// How options are written: sizes, dates, media.
#pragma once

#include <cstdint>
#include <string>

#include "machine/machine_config.h"

namespace ringside {

/// "65536", "640K", "128M", "2G". Throws ConfigError beginning with `option`.
std::uint64_t parse_size(const std::string& text, const std::string& option);
/// "2000-01-01T00:00:00Z" (the Z and the time may be missing), in seconds since 1970.
std::int64_t parse_date(const std::string& text, const std::string& option);
/// "FILE[,MODE]" with MODE cow, rw or ro.
DiskConfig parse_disk(const std::string& text);

}  // namespace ringside
