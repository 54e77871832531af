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

/// Registers that edit_register() takes, with their values: "EAX", "EIP", "EFLAGS", "CR2", ...
struct EditableRegister {
  std::string name;
  std::uint32_t value;
};
std::vector<EditableRegister> editable_registers(const Cpu& cpu);
/// Changes a register of a machine that stands still. False where there is none of that name. A change is no
/// input: whoever calls this starts a new future.
bool edit_register(Cpu& cpu, const std::string& name, std::uint32_t value);

}  // namespace ringside
