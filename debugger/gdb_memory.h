// Guest memory as gdb's memory packets ask for it: linear, or physical where the client has said so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/machine.h"

namespace ringside::gdb {

enum class MemorySpace : std::uint8_t { kLinear, kPhysical };

/// At most `size` bytes; shorter where the next one cannot be read. Without side effects: device registers read as FFh.
std::vector<std::uint8_t> read_memory(const Machine& machine, MemorySpace space, std::uint64_t address, std::size_t size);
/// Into RAM only. False, and nothing is written, where a byte of it is elsewhere or not present.
bool write_memory(Machine& machine, MemorySpace space, std::uint64_t address, std::span<const std::uint8_t> bytes);

}  // namespace ringside::gdb
