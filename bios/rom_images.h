// The ROM images that the build has assembled, and the names of the places in them.
//
// Card: system BIOS 64 KiB at F0000h (and again below 4 GiB), VGA BIOS 32 KiB at C0000h, kernel boot ROM 1 KiB at
// D0000h. In the last one the board fills in the parameters at kKernelBootParameters and then sets the last
// byte so that all bytes have the sum zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ringside {

inline constexpr std::uint32_t kSystemBiosBase = 0xf0000;
inline constexpr std::uint32_t kVgaBiosBase = 0xc0000;
inline constexpr std::uint32_t kKernelBootRomBase = 0xd0000;

// Offset of the parameter block: magic "RSKB", kind (1 Linux, 2 flat 32-bit), entry, setup segment, EBX, EAX;
// six little-endian dwords. As long as kind is 0 the ROM does nothing.
inline constexpr std::size_t kKernelBootParameters = 0x20;

std::span<const std::uint8_t> system_bios_image();
std::span<const std::uint8_t> vga_bios_image();
std::span<const std::uint8_t> kernel_boot_rom_image();

// One line "AAAAAAAA name" for each label of the three images: physical address in hexadecimal, ascending
// within an image.
std::string_view bios_symbol_map();

}  // namespace ringside
