// Entering a handler: what software interrupts, exceptions and external interrupts share.
#pragma once

#include <cstdint>

#include "cpu/cpu.h"

namespace ringside {

struct InterruptEvent {
  std::uint8_t vector = 0;
  bool software = false;        ///< INT n, INT3, INTO: the gate's DPL counts
  bool delivery = false;        ///< exception or external: EXT in error codes, faults belong to the delivery
  bool fault = false;           ///< pushes EFLAGS with RF set
  bool has_error_code = false;  ///< pushed in protected mode only
  std::uint32_t error_code = 0;
};

/// Goes to the handler of `event`, by the IVT or the IDT of the present mode. Throws Fault before any
/// effect where the SDM says so. cpu.eip is what will be pushed.
void enter_interrupt(Cpu& cpu, const InterruptEvent& event);

/// Virtual-8086 mode with CR4.VME: true if the redirection map gives INT `vector` to the 8086 program.
bool redirected_to_8086(Cpu& cpu, std::uint8_t vector);
/// INT n by the 8086 program's own interrupt table, without leaving virtual-8086 mode.
void enter_redirected(Cpu& cpu, std::uint8_t vector);

}  // namespace ringside
