// The processor as gdb sees it: which registers there are, in which order, and their values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cpu/cpu.h"

namespace ringside::gdb {

/// GDB manual, "Target Descriptions", "i386 Features": core, x87 and SSE as gdb knows them, then a group `system` of our
/// own with what the processor has beyond: segment bases and limits, control, table and debug registers, CPL, tick.
///
/// EIP is the *linear* address of the instruction. With a flat code segment that is EIP; in real mode it is what makes
/// breakpoints, disassembly and the program counter speak of the same place. The offset is the register `ip_offset`.
std::string target_xml();

std::size_t register_count();
/// Hexadecimal, in target byte order. Nothing where there is no such register.
std::optional<std::string> register_hex(const Cpu& cpu, std::size_t number);
/// All of them, as for the packet `g`.
std::string all_registers(const Cpu& cpu);
/// General registers, EIP (linear, as above), EFLAGS but its VM, and what register_edit.h has of 32 bits; false for what
/// cannot be changed from outside, or not to that value.
bool set_register(Cpu& cpu, std::size_t number, std::uint32_t value);

/// Numbers of registers that every stop tells at once.
constexpr std::size_t kEspNumber = 4, kEbpNumber = 5, kEipNumber = 8, kEflagsNumber = 9;

}  // namespace ringside::gdb
