// Control registers and model-specific registers, by whatever instruction they are written.
#pragma once

#include <cstdint>

#include "cpu/cpu.h"

namespace ringside {

/// MOV CR0, LMSW: every check, then the TLB flushes that the SDM asks for.
void write_cr0(Cpu& cpu, std::uint32_t value);
void write_cr3(Cpu& cpu, std::uint32_t value);
void write_cr4(Cpu& cpu, std::uint32_t value);
/// CR4 bits that the model has.
std::uint32_t cr4_bits(const CpuModel& model);

/// #GP(0) where there is no such register. (msr.cpp)
std::uint64_t read_msr(Cpu& cpu, std::uint32_t number);
/// #GP(0) also where the value is not allowed.
void write_msr(Cpu& cpu, std::uint32_t number, std::uint64_t value);

}  // namespace ringside
