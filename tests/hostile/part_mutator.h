// What the fuzz targets of snapshots and recordings share: a small machine's files as seeds, and mutations that keep a
// file's form - checksums, sizes, compression - so that what lies behind them is reached too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/machine_config.h"
#include "machine/part_file.h"

namespace ringside {

/// A machine with 1 MiB and the built-in ROMs.
MachineConfig small_machine();
/// Of that machine after some instructions, with inputs.
std::vector<std::uint8_t> snapshot_seed();
std::vector<std::uint8_t> recording_seed();

/// LLVMFuzzerCustomMutator. `data` has room for `max_size` bytes.
std::size_t mutate_parts(PartFileKind kind, const std::vector<std::uint8_t>& first, std::uint8_t* data, std::size_t size,
                         std::size_t max_size, unsigned seed);

}  // namespace ringside
