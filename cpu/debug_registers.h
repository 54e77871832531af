// Debug registers DR0-DR7. SDM Vol. 3B, "Debug Registers".
#pragma once

#include <cstdint>

#include "cpu/cpu.h"

namespace ringside {

enum Dr6Bit : std::uint32_t { kDr6BD = 1u << 13, kDr6BS = 1u << 14, kDr6BT = 1u << 15 };
constexpr std::uint32_t kDr6Writable = 0xF | kDr6BD | kDr6BS | kDr6BT;
constexpr std::uint32_t kDr6Fixed = 0xFFFF0FF0;
constexpr std::uint32_t kDr7GD = 1u << 13;
constexpr std::uint32_t kDr7Writable = 0xFFFF23FF;
constexpr std::uint32_t kDr7Fixed = 0x400;
constexpr std::uint32_t kDr7Enables = 0xFF;
constexpr std::uint32_t kDr7LocalEnables = 0x155;  ///< L0-L3 and LE

/// Writes DR7 and sees to it that the exact path runs while a breakpoint is enabled.
void set_dr7(Cpu& cpu, std::uint32_t value);

}  // namespace ringside
