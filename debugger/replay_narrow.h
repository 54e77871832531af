// The first tick at which a replay differs from its recording, found with the program that has made the recording.
#pragma once

#include <string>

#include "debugger/replay.h"

namespace ringside {

/// A recording has hashes at intervals; what lies between is known only to the program that wrote it (another build,
/// another version). `program` replays `file` again and again and hashes ever closer within the interval of `difference`;
/// each of its recordings is replayed here. Lines for people. Throws FileError where `program` cannot do it.
std::string narrow_difference(const std::string& file, const std::string& program, const ReplayDifference& difference);

}  // namespace ringside
