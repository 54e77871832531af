#include "machine/kernel_loader.h"

#include <algorithm>

#include "machine/errors.h"
#include "machine/host_file.h"

namespace ringside {
namespace {

KernelLayout layout_of(const MachineConfig& config) {
  KernelRequest request;
  request.path = config.kernel;
  request.ram = config.memory;
  request.append = config.append;
  request.image = read_file(config.kernel, "kernel", PhysicalMemory::kMaxRam);
  for (const std::string& path : config.initrds) {
    request.modules.push_back(read_file(path, "initrd", config.memory));
    request.module_names.push_back(path);
  }
  if (is_linux_kernel(request.image)) return load_linux_kernel(request);
  if (find_multiboot_header(request.image) >= 0 || is_elf(request.image)) return load_flat_kernel(request);
  throw FileError("kernel '" + config.kernel + "': is neither a bzImage nor a multiboot or 32-bit ELF kernel");
}

}  // namespace

KernelLoader::KernelLoader(const MachineConfig& config) : layout_(layout_of(config)) {}

void KernelLoader::place(PhysicalMemory& memory) const {
  // Not memory.write(): A20 may be off after a reset, and the pieces were checked to be RAM.
  const auto ram = memory.ram();
  for (const KernelPiece& piece : layout_.pieces) {
    const auto target = ram.subspan(static_cast<std::size_t>(piece.address), static_cast<std::size_t>(piece.size));
    const auto rest = std::copy(piece.data.begin(), piece.data.end(), target.begin());
    std::fill(rest, target.end(), std::uint8_t{0});
    for (std::uint64_t page = piece.address & ~PhysAddr{kPageSize - 1}; page < piece.address + piece.size;
         page += kPageSize)
      memory.mark_dirty(page);
  }
}

void check_kernel_range(const KernelRequest& request, const char* what, std::uint64_t address,
                        std::uint64_t size) {
  const std::uint64_t end = address + size;
  const std::uint64_t top = request.ram - kKernelTopReserve;
  const bool low = address >= kKernelLowFirst && end <= kKernelLowEnd;
  const bool high = address >= kKernelHighFirst && end <= top;
  if (end >= address && size <= request.ram && (low || high)) return;
  char range[64];
  std::snprintf(range, sizeof(range), "%llXh..%llXh", static_cast<unsigned long long>(address),
                static_cast<unsigned long long>(end));
  throw FileError("kernel '" + request.path + "': " + what + " would lie at " + range +
                  ", which is not free RAM of this machine (" + std::to_string(request.ram >> 20) + " MiB)");
}

std::uint64_t ImageReader::get(std::uint64_t offset, unsigned width) const {
  if (offset > request_.image.size() || width > request_.image.size() - offset) refuse("is truncated");
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{request_.image[offset + i]} << (8 * i);
  return value;
}

std::vector<std::uint8_t> ImageReader::copy(std::uint64_t offset, std::uint64_t size) const {
  if (offset > request_.image.size() || size > request_.image.size() - offset) refuse("is truncated");
  const auto first = request_.image.begin() + static_cast<std::ptrdiff_t>(offset);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

void ImageReader::refuse(const std::string& reason) const {
  throw FileError("kernel '" + request_.path + "': " + reason);
}

}  // namespace ringside
