#include "machine/rom_setup.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "bios/rom_images.h"
#include "machine/errors.h"
#include "machine/host_file.h"

namespace ringside {
namespace {

constexpr PhysAddr kMebibyte = 0x100000;
constexpr std::size_t kLowRomMax = 0x20000;  // E0000h..FFFFFh
constexpr std::size_t kParameters = 0x20;    // offset in the kernel boot ROM, see bios/kernel_boot

std::vector<std::uint8_t> image_or_file(std::span<const std::uint8_t> built_in, const std::string& file,
                                        const char* what) {
  if (file.empty()) return {built_in.begin(), built_in.end()};
  return read_file(file, what, kMebibyte);
}

void put32(std::vector<std::uint8_t>& image, std::size_t offset, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) image[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

void map_system_bios(PhysicalMemory& memory, const std::string& file) {
  const auto image = image_or_file(system_bios_image(), file, "BIOS image");
  if (image.size() % 0x10000 != 0)
    throw FileError("BIOS image '" + file + "': its size is not a multiple of 64 KiB");
  const std::size_t low = std::min(image.size(), kLowRomMax);
  memory.map_rom(kMebibyte - low, std::span(image).last(low));
  memory.map_rom(PhysicalMemory::kSpan - image.size(), image);
}

void map_vga_bios(PhysicalMemory& memory, const std::string& file) {
  const auto image = image_or_file(vga_bios_image(), file, "VGA BIOS image");
  if (image.size() < 512 || image.size() > 0x10000 || image[0] != 0x55 || image[1] != 0xAA)
    throw FileError("VGA BIOS image '" + file + "': is no option ROM of at most 64 KiB (55h AAh missing)");
  memory.map_rom(0xC0000, image);
}

void map_kernel_rom(PhysicalMemory& memory, const KernelEntry& entry) {
  const auto source = kernel_boot_rom_image();
  std::vector<std::uint8_t> image(source.begin(), source.end());
  static constexpr std::uint8_t kMark[] = {'R', 'S', 'K', 'B'};
  if (image.size() < 512 || !std::equal(std::begin(kMark), std::end(kMark), image.begin() + kParameters))
    throw std::logic_error("the kernel boot ROM has no parameter block");
  put32(image, kParameters + 4, static_cast<std::uint32_t>(entry.kind));
  put32(image, kParameters + 8, entry.address);
  put32(image, kParameters + 12, entry.setup_segment);
  put32(image, kParameters + 16, entry.ebx);
  put32(image, kParameters + 20, entry.eax);
  // The BIOS starts an option ROM only if its bytes add up to 0.
  image.back() = 0;
  const unsigned sum = std::accumulate(image.begin(), image.end(), 0u);
  image.back() = static_cast<std::uint8_t>(0u - sum);
  memory.map_rom(0xD0000, image);
}

}  // namespace ringside
