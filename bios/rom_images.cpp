#include "bios/rom_images.h"

// The assembler includes the files; an array in source form would take the compiler far longer.
#define RINGSIDE_INCLUDE_ROM(name, file)                     \
  asm(".section .rodata\n"                                   \
      ".balign 16\n"                                         \
      "ringside_rom_" name "_begin:\n"                       \
      ".incbin \"" RINGSIDE_ROM_FOLDER "/" file "\"\n"       \
      "ringside_rom_" name "_end:\n"                         \
      ".byte 0\n"                                            \
      ".globl ringside_rom_" name "_begin\n"                 \
      ".globl ringside_rom_" name "_end\n"                   \
      ".text\n")

RINGSIDE_INCLUDE_ROM("system", "bios.bin");
RINGSIDE_INCLUDE_ROM("vga", "vga.bin");
RINGSIDE_INCLUDE_ROM("kernel_boot", "kernel_boot.bin");

// The three symbol lists follow each other without a gap.
asm(".section .rodata\n"
    ".globl ringside_rom_symbols_begin\n"
    ".globl ringside_rom_symbols_end\n"
    "ringside_rom_symbols_begin:\n"
    ".incbin \"" RINGSIDE_ROM_FOLDER "/vga.sym\"\n"
    ".incbin \"" RINGSIDE_ROM_FOLDER "/kernel_boot.sym\"\n"
    ".incbin \"" RINGSIDE_ROM_FOLDER "/bios.sym\"\n"
    "ringside_rom_symbols_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const std::uint8_t ringside_rom_system_begin[], ringside_rom_system_end[];
extern const std::uint8_t ringside_rom_vga_begin[], ringside_rom_vga_end[];
extern const std::uint8_t ringside_rom_kernel_boot_begin[], ringside_rom_kernel_boot_end[];
extern const char ringside_rom_symbols_begin[], ringside_rom_symbols_end[];
}

namespace ringside {

std::span<const std::uint8_t> system_bios_image() {
  return {ringside_rom_system_begin, ringside_rom_system_end};
}

std::span<const std::uint8_t> vga_bios_image() {
  return {ringside_rom_vga_begin, ringside_rom_vga_end};
}

std::span<const std::uint8_t> kernel_boot_rom_image() {
  return {ringside_rom_kernel_boot_begin, ringside_rom_kernel_boot_end};
}

std::string_view bios_symbol_map() {
  return {ringside_rom_symbols_begin, ringside_rom_symbols_end};
}

}  // namespace ringside
