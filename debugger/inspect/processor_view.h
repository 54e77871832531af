// The processor as a person reads it: mode, general registers, flags and control registers by their bits, segment
// registers with their hidden parts, x87 and SSE.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpu/cpu.h"
#include "debugger/inspect/document.h"

namespace ringside {

/// "16-bit real mode", "32-bit protected mode, paging", "virtual-8086 mode", ...
std::string mode_name(const Cpu& cpu);

Document view_general_registers(const Cpu& cpu);
Document view_flags(const Cpu& cpu);
Document view_segments(const Cpu& cpu);
Document view_control_registers(const Cpu& cpu);
Document view_debug_registers(const Cpu& cpu);
Document view_x87(const Cpu& cpu);
Document view_sse(const Cpu& cpu);

}  // namespace ringside
