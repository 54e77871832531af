// Boots a kernel without a boot loader: puts it into RAM and says how the kernel boot ROM enters it.
//
//   bzImage     The Linux/x86 Boot Protocol, versions 2.02 and up, kernels that load high
//   multiboot   Multiboot Specification 0.6.96: ELF, or the header's own load addresses
//   ELF         32-bit, i386, executable: entered in flat 32-bit mode with paging off
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "machine/machine_config.h"
#include "memory/physical_memory.h"

namespace ringside {

/// What the kernel boot ROM does; see bios/kernel_boot.
struct KernelEntry {
  enum class Kind : std::uint32_t { kLinux = 1, kFlat = 2 };
  Kind kind = Kind::kFlat;
  std::uint32_t address = 0;        ///< kFlat: EIP
  std::uint32_t setup_segment = 0;  ///< kLinux: the real-mode part; entered at its offset 200h
  std::uint32_t ebx = 0;
  std::uint32_t eax = 0;
};

/// A piece of guest RAM: `data`, and zeros up to `size`.
struct KernelPiece {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> data;
  std::uint64_t size = 0;
};

/// All pieces, and the entry: what a kernel file turns into.
struct KernelLayout {
  std::vector<KernelPiece> pieces;
  KernelEntry entry;
};

class KernelLoader {
 public:
  /// Reads and checks `config.kernel` and `config.initrds`. Throws FileError, ConfigError.
  explicit KernelLoader(const MachineConfig& config);

  const KernelEntry& entry() const { return layout_.entry; }
  void place(PhysicalMemory& memory) const;

 private:
  KernelLayout layout_;
};

/// Where the pieces of a kernel may go, and the files that go with it.
struct KernelRequest {
  std::string path;                 ///< for messages
  std::vector<std::uint8_t> image;
  std::vector<std::vector<std::uint8_t>> modules;
  std::vector<std::string> module_names;
  std::string append;
  std::uint64_t ram = 0;
};

constexpr std::uint64_t kKernelLowFirst = 0x1000;    ///< below lie the interrupt table and the BIOS data area
constexpr std::uint64_t kKernelLowEnd = 0x9F000;     ///< above lie the BIOS's extended data area and the adapters
constexpr std::uint64_t kKernelHighFirst = 0x100000;
/// The BIOS keeps its ACPI tables at the top of RAM: nothing is placed in there.
constexpr std::uint64_t kKernelTopReserve = 0x20000;

/// Throws FileError unless [address, address + size) is RAM that a kernel may occupy.
void check_kernel_range(const KernelRequest& request, const char* what, std::uint64_t address, std::uint64_t size);

bool is_linux_kernel(std::span<const std::uint8_t> image);
KernelLayout load_linux_kernel(const KernelRequest& request);
/// Offset of the multiboot header, or -1.
std::int64_t find_multiboot_header(std::span<const std::uint8_t> image);
bool is_elf(std::span<const std::uint8_t> image);
KernelLayout load_flat_kernel(const KernelRequest& request);

/// Little-endian fields of a file; out of range is FileError, naming the file.
class ImageReader {
 public:
  explicit ImageReader(const KernelRequest& request) : request_(request) {}
  std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(get(offset, 2)); }
  std::uint32_t u32(std::uint64_t offset) const { return static_cast<std::uint32_t>(get(offset, 4)); }
  std::uint64_t u64(std::uint64_t offset) const { return get(offset, 8); }
  std::uint8_t u8(std::uint64_t offset) const { return static_cast<std::uint8_t>(get(offset, 1)); }
  std::vector<std::uint8_t> copy(std::uint64_t offset, std::uint64_t size) const;
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  std::uint64_t get(std::uint64_t offset, unsigned width) const;
  const KernelRequest& request_;
};

}  // namespace ringside
