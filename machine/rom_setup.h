// Puts the ROM images in their places.
#pragma once

#include <string>

#include "machine/kernel_loader.h"
#include "memory/physical_memory.h"

namespace ringside {

/// Ends at 1 MiB, and again at 4 GiB, where the processor starts. `file` empty: the built-in image.
void map_system_bios(PhysicalMemory& memory, const std::string& file);
/// At C0000h.
void map_vga_bios(PhysicalMemory& memory, const std::string& file);
/// At D0000h, with the parameters of the kernel that it starts.
void map_kernel_rom(PhysicalMemory& memory, const KernelEntry& entry);

}  // namespace ringside
