// The processor as a person reads it: mode, general registers, flags and control registers by their bits, segment
// registers with their hidden parts, x87 and SSE; and editing one of them by name.
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

/// Changes a register of a machine that stands still: EAX..EDI, EIP, EFLAGS, CR2, MXCSR, "x87 control" and "x87 status"
/// in hexadecimal; XMM0..7 as 32 hexadecimal digits; ST(0)..(7) as a decimal number or as "4000 C90FDAA22168C235".
/// False where there is none of that name, or the value is none. A change is no input: whoever calls this starts a new
/// future.
bool edit_register(Cpu& cpu, const std::string& name, const std::string& value);

}  // namespace ringside
