// The state in pieces, each with a hash of its own: so that a replay that differs can say where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/machine.h"

namespace ringside {

/// Bytes of RAM that share a hash.
constexpr std::uint64_t kHashedRamPiece = std::uint64_t{1} << 20;

struct PartHashes {
  std::vector<std::string> names;
  std::vector<std::uint64_t> values;  ///< XXH3, 64 bits
};

/// The processor and the devices. Costs microseconds.
PartHashes hash_parts(Machine& machine);

/// RAM, a hash for each MiB, and behind them one for each disk's written sectors. Costs milliseconds.
std::vector<std::uint64_t> hash_storage(Machine& machine);
/// What an entry of the above is of: "RAM 00300000h..003FFFFFh".
std::string storage_name(const Machine& machine, std::size_t index);

}  // namespace ringside
