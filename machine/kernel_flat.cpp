// Kernels that are entered in flat 32-bit mode. Manuals: Multiboot Specification 0.6.96, "OS image format",
// "Machine state", "Boot information format"; System V ABI, "ELF header", "Program header".
#include <algorithm>
#include <optional>

#include "machine/errors.h"
#include "machine/kernel_loader.h"

namespace ringside {
namespace {

/// The folder in which a file lies is the host's affair: a guest that saw it would run differently elsewhere.
std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

constexpr std::uint32_t kHeaderMagic = 0x1BADB002;
constexpr std::uint32_t kLoaderMagic = 0x2BADB002;
constexpr std::size_t kHeaderSearch = 8192;

enum HeaderFlag : std::uint32_t { kPageAlign = 1, kMemoryInfo = 2, kVideoMode = 4, kAddresses = 1u << 16 };
enum InfoFlag : std::uint32_t { kHasMemory = 1, kHasCommandLine = 4, kHasModules = 8, kHasMap = 64, kHasName = 512 };

void append32(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append64(std::vector<std::uint8_t>& out, std::uint64_t value) {
  append32(out, value);
  append32(out, value >> 32);
}

std::uint64_t page_up(std::uint64_t address) {
  return (address + kPageSize - 1) & ~std::uint64_t{kPageSize - 1};
}

// ----- ELF ---------------------------------------------------------------------------------------------

void load_elf(const KernelRequest& request, const ImageReader& in, KernelLayout& layout) {
  constexpr std::uint8_t kClass32 = 1;
  constexpr std::uint8_t kLittleEndian = 1;
  constexpr std::uint32_t kLoadSegment = 1;
  if (in.u8(4) != kClass32) in.refuse("is a 64-bit ELF file; the machine is a 32-bit one");
  if (in.u8(5) != kLittleEndian) in.refuse("is a big-endian ELF file");
  if (in.u16(16) != 2) in.refuse("is an ELF file, but not an executable");
  if (in.u16(18) != 3) in.refuse("is an ELF executable for another processor than the i386");
  const std::uint64_t table = in.u32(28);
  const unsigned entry_size = in.u16(42);
  const unsigned count = in.u16(44);
  if (entry_size < 32) in.refuse("has ELF program headers of a wrong size");
  const std::uint64_t entry = in.u32(24);
  std::optional<std::uint64_t> physical_entry;
  std::uint64_t total = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint64_t header = table + std::uint64_t{i} * entry_size;
    if (in.u32(header) != kLoadSegment) continue;
    const std::uint64_t offset = in.u32(header + 4);
    const std::uint64_t linear = in.u32(header + 8);
    const std::uint64_t address = in.u32(header + 12);
    const std::uint64_t in_file = in.u32(header + 16);
    const std::uint64_t in_memory = in.u32(header + 20);
    if (in_memory == 0) continue;
    if (in_file > in_memory) in.refuse("has an ELF segment that is longer in the file than in memory");
    check_kernel_range(request, "an ELF segment", address, in_memory);
    // 65535 headers may all claim the same bytes; what does not fit into RAM side by side is not copied even once.
    total += in_memory;
    if (total > request.ram) in.refuse("has ELF segments that overlap");
    if (entry >= address && entry < address + in_memory) physical_entry = entry;
    if (!physical_entry && entry >= linear && entry < linear + in_memory) physical_entry = entry - linear + address;
    layout.pieces.push_back({address, in.copy(offset, in_file), in_memory});
  }
  if (layout.pieces.empty()) in.refuse("is an ELF file with nothing to load");
  if (!physical_entry) in.refuse("has its ELF entry point outside all segments");
  layout.entry.address = static_cast<std::uint32_t>(*physical_entry);
}

// ----- The multiboot header's own addresses ----------------------------------------------------------------

void load_by_header(const KernelRequest& request, const ImageReader& in, std::uint64_t header,
                    KernelLayout& layout) {
  const std::uint64_t header_address = in.u32(header + 12);
  const std::uint64_t load = in.u32(header + 16);
  std::uint64_t load_end = in.u32(header + 20);
  std::uint64_t bss_end = in.u32(header + 24);
  const std::uint64_t entry = in.u32(header + 28);
  if (load > header_address || header_address - load > header)
    in.refuse("has a multiboot header whose addresses contradict its place");
  const std::uint64_t offset = header - (header_address - load);
  if (load_end == 0) load_end = load + (request.image.size() - offset);
  if (bss_end == 0) bss_end = load_end;
  if (load_end <= load || bss_end < load_end || entry < load || entry >= bss_end)
    in.refuse("has a multiboot header whose addresses are not in order");
  check_kernel_range(request, "the kernel", load, bss_end - load);
  layout.pieces.push_back({load, in.copy(offset, load_end - load), bss_end - load});
  layout.entry.address = static_cast<std::uint32_t>(entry);
}

// ----- The boot information --------------------------------------------------------------------------------

/// One block of memory: the structure first, then what it points to.
class InfoBlock {
 public:
  explicit InfoBlock(std::uint64_t address) : address_(address), bytes_(kFixed, 0) {}

  std::uint64_t here() const { return address_ + bytes_.size(); }
  void set32(std::size_t offset, std::uint64_t value) {
    for (unsigned i = 0; i < 4; ++i) bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  std::uint64_t text(const std::string& value) {
    const std::uint64_t at = here();
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    bytes_.resize((bytes_.size() + 4) & ~std::size_t{3}, 0);
    return at;
  }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  static constexpr std::size_t kFixed = 88;
  std::uint64_t address_;
  std::vector<std::uint8_t> bytes_;
};

void add_memory_map(InfoBlock& info, std::uint64_t ram) {
  struct Range {
    std::uint64_t base, size;
    std::uint32_t type;  ///< 1 RAM, 2 reserved
  };
  const Range ranges[] = {{0, 0x9FC00, 1},
                          {0x9FC00, 0x400, 2},
                          {0xF0000, 0x10000, 2},
                          {kKernelHighFirst, ram - kKernelTopReserve - kKernelHighFirst, 1},
                          {ram - kKernelTopReserve, kKernelTopReserve, 2}};
  const std::uint64_t first = info.here();
  for (const Range& range : ranges) {
    append32(info.bytes(), 20);  // the size of the rest of the entry
    append64(info.bytes(), range.base);
    append64(info.bytes(), range.size);
    append32(info.bytes(), range.type);
  }
  info.set32(44, info.here() - first);
  info.set32(48, first);
}

void add_multiboot_info(const KernelRequest& request, KernelLayout& layout) {
  std::uint64_t end = kKernelHighFirst;
  for (const KernelPiece& piece : layout.pieces) end = std::max(end, piece.address + piece.size);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& module : request.modules) {
    const std::uint64_t address = page_up(end);
    end = address + module.size();
    check_kernel_range(request, "a module", address, module.size());
    places.emplace_back(address, end);
    layout.pieces.push_back({address, module, module.size()});
  }

  const std::uint64_t address = page_up(end);
  InfoBlock info(address);
  info.set32(0, kHasMemory | kHasCommandLine | kHasModules | kHasMap | kHasName);
  info.set32(4, 640 - 1);  // the lower memory that the BIOS has left, KiB
  info.set32(8, (request.ram - kKernelTopReserve - kKernelHighFirst) >> 10);
  info.set32(16, info.text(request.append.empty() ? file_name(request.path) : file_name(request.path) + " " + request.append));
  info.set32(64, info.text("Ringside"));
  std::vector<std::uint64_t> names;
  for (const std::string& name : request.module_names) names.push_back(info.text(file_name(name)));
  info.set32(20, places.size());
  info.set32(24, info.here());
  for (std::size_t i = 0; i < places.size(); ++i) {
    append32(info.bytes(), places[i].first);
    append32(info.bytes(), places[i].second);
    append32(info.bytes(), names[i]);
    append32(info.bytes(), 0);
  }
  add_memory_map(info, request.ram);
  const std::uint64_t size = info.bytes().size();
  check_kernel_range(request, "the boot information", address, size);
  layout.pieces.push_back({address, std::move(info.bytes()), size});
  layout.entry.eax = kLoaderMagic;
  layout.entry.ebx = static_cast<std::uint32_t>(address);
}

}  // namespace

std::int64_t find_multiboot_header(std::span<const std::uint8_t> image) {
  const auto word = [&](std::size_t at) {
    return static_cast<std::uint32_t>(image[at] | image[at + 1] << 8 | image[at + 2] << 16) |
           static_cast<std::uint32_t>(image[at + 3]) << 24;
  };
  const std::size_t end = std::min(image.size(), kHeaderSearch);
  for (std::size_t at = 0; at + 12 <= end; at += 4) {
    if (word(at) == kHeaderMagic && word(at) + word(at + 4) + word(at + 8) == 0) return static_cast<std::int64_t>(at);
  }
  return -1;
}

bool is_elf(std::span<const std::uint8_t> image) {
  static constexpr std::uint8_t kMagic[] = {0x7F, 'E', 'L', 'F'};
  return image.size() >= 4 && std::equal(std::begin(kMagic), std::end(kMagic), image.begin());
}

KernelLayout load_flat_kernel(const KernelRequest& request) {
  const ImageReader in(request);
  KernelLayout layout;
  const std::int64_t found = find_multiboot_header(request.image);
  if (found < 0) {
    if (!request.modules.empty() || !request.append.empty())
      throw ConfigError("initrd and append: a plain ELF kernel has no use for them");
    load_elf(request, in, layout);
    return layout;
  }
  const auto header = static_cast<std::uint64_t>(found);
  const std::uint32_t flags = in.u32(header + 4);
  // Bits 0..15 are demands that a loader must refuse to ignore; a video mode is none of ours.
  if ((flags & 0xFFFF & ~std::uint32_t{kPageAlign | kMemoryInfo | kVideoMode}) != 0)
    in.refuse("demands something of its boot loader that Multiboot 0.6.96 does not define");
  if ((flags & kVideoMode) != 0) in.refuse("demands a graphics mode of its boot loader");
  if ((flags & kAddresses) != 0) {
    load_by_header(request, in, header, layout);
  } else if (is_elf(request.image)) {
    load_elf(request, in, layout);
  } else {
    in.refuse("has a multiboot header, but is no ELF file and gives no load addresses");
  }
  add_multiboot_info(request, layout);
  return layout;
}

}  // namespace ringside
