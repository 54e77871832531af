// What people read of a stopped machine by name or address: registers, and memory without side effects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cpu/cpu.h"

namespace ringside {

/// A register's number in the list of those that people know by a name (see conditions.h), and its value.
std::optional<std::uint32_t> register_number(const std::string& name);
std::uint64_t register_value(const Cpu& cpu, std::uint32_t number);

/// Reads guest memory without side effects; false where a byte cannot be read.
bool peek_linear(const Cpu& cpu, std::uint32_t linear, void* out, std::size_t size);

}  // namespace ringside
