// bzImage: "The Linux/x86 Boot Protocol" (Documentation/arch/x86/boot.rst of Linux). Field names as there.
#include <algorithm>

#include "machine/errors.h"
#include "machine/kernel_loader.h"

namespace ringside {
namespace {

// Offsets in the image, and therefore in the loaded real-mode part.
constexpr std::uint64_t kSetupSects = 0x1F1;
constexpr std::uint64_t kBootFlag = 0x1FE;
constexpr std::uint64_t kJumpLength = 0x201;
constexpr std::uint64_t kHeaderMagic = 0x202;
constexpr std::uint64_t kVersion = 0x206;
constexpr std::uint64_t kTypeOfLoader = 0x210;
constexpr std::uint64_t kLoadFlags = 0x211;
constexpr std::uint64_t kRamdiskImage = 0x218;
constexpr std::uint64_t kRamdiskSize = 0x21C;
constexpr std::uint64_t kHeapEndPtr = 0x224;
constexpr std::uint64_t kCmdLinePtr = 0x228;
constexpr std::uint64_t kInitrdAddrMax = 0x22C;
constexpr std::uint64_t kCmdLineSize = 0x238;
constexpr std::uint64_t kPrefAddress = 0x258;
constexpr std::uint64_t kInitSize = 0x260;

constexpr std::uint8_t kLoadedHigh = 0x01;
constexpr std::uint8_t kCanUseHeap = 0x80;

// The real-mode part's 64 KiB: code and data, then heap and stack, then the command line above them.
constexpr std::uint64_t kSetupAddress = 0x90000;
constexpr std::uint64_t kHeapEnd = 0xE000;
constexpr std::uint64_t kCommandLine = 0x9E000;
constexpr std::uint64_t kCommandLineMax = kKernelLowEnd - kCommandLine;

void put(std::vector<std::uint8_t>& setup, std::uint64_t offset, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) setup[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

struct Header {
  std::uint64_t setup_size;
  unsigned version;
  std::uint64_t initrd_max;
  std::uint64_t run_end;  ///< end of what the kernel occupies while it unpacks itself
};

Header read_header(const KernelRequest& request, const ImageReader& in) {
  Header header{};
  header.version = in.u16(kVersion);
  if (header.version < 0x202) in.refuse("uses a Linux boot protocol older than 2.02");
  if ((in.u8(kLoadFlags) & kLoadedHigh) == 0) in.refuse("is a zImage, which loads low; a bzImage is needed");
  const unsigned sectors = in.u8(kSetupSects) == 0 ? 4 : in.u8(kSetupSects);
  header.setup_size = (sectors + 1) * std::uint64_t{512};
  if (header.setup_size > 0x8000 || header.setup_size < kInitSize + 4)
    in.refuse("has a real-mode part of " + std::to_string(header.setup_size) + " bytes, which cannot be");
  if (header.setup_size >= request.image.size()) in.refuse("is truncated: its protected-mode part is missing");

  const std::uint64_t payload = request.image.size() - header.setup_size;
  // syssize says how much there must be, in paragraphs.
  const std::uint64_t promised = std::uint64_t{in.u32(0x1F4)} * 16;
  if (promised > payload + 15) in.refuse("is truncated: " + std::to_string(promised - payload) + " bytes are missing");
  header.initrd_max = header.version >= 0x203 ? in.u32(kInitrdAddrMax) : 0x37FFFFFF;
  header.run_end = kKernelHighFirst + payload;
  if (header.version >= 0x20A) {
    const std::uint64_t start = std::max(in.u64(kPrefAddress), kKernelHighFirst);
    if (start > PhysicalMemory::kMaxRam) in.refuse("wants to run beyond 3 GiB");
    header.run_end = std::max(header.run_end, start + in.u32(kInitSize));
  }
  check_kernel_range(request, "the unpacked kernel", kKernelHighFirst, header.run_end - kKernelHighFirst);
  return header;
}

// Several --initrd files are one after the other, as the kernel takes concatenated archives.
std::vector<std::uint8_t> joined(const std::vector<std::vector<std::uint8_t>>& parts) {
  std::vector<std::uint8_t> all;
  for (const auto& part : parts) {
    all.resize((all.size() + 3) & ~std::size_t{3});
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

bool is_linux_kernel(std::span<const std::uint8_t> image) {
  static constexpr std::uint8_t kMagic[] = {'H', 'd', 'r', 'S'};
  return image.size() >= kHeaderMagic + 4 && image[kBootFlag] == 0x55 && image[kBootFlag + 1] == 0xAA &&
         std::equal(std::begin(kMagic), std::end(kMagic), image.begin() + kHeaderMagic);
}

KernelLayout load_linux_kernel(const KernelRequest& request) {
  const ImageReader in(request);
  const Header header = read_header(request, in);
  std::vector<std::uint8_t> setup = in.copy(0, header.setup_size);
  if (0x202 + std::uint64_t{in.u8(kJumpLength)} > header.setup_size) in.refuse("has a setup header that is too long");

  const std::uint64_t line_max =
      std::min<std::uint64_t>(header.version >= 0x206 ? in.u32(kCmdLineSize) : 255, kCommandLineMax - 1);
  if (request.append.size() > line_max)
    throw ConfigError("append: the kernel takes at most " + std::to_string(line_max) + " characters");

  put(setup, kTypeOfLoader, 0xFF, 1);  // no number was assigned to us
  put(setup, kLoadFlags, in.u8(kLoadFlags) | kCanUseHeap, 1);
  put(setup, kHeapEndPtr, kHeapEnd - 0x200, 2);
  put(setup, kCmdLinePtr, kCommandLine, 4);

  KernelLayout layout;
  std::vector<std::uint8_t> initrd = joined(request.modules);
  if (!initrd.empty()) {
    const std::uint64_t top = std::min(request.ram - kKernelTopReserve, header.initrd_max + 1);
    const std::uint64_t size = initrd.size();
    const std::uint64_t address = top >= size ? (top - size) & ~std::uint64_t{kPageSize - 1} : 0;
    if (address < header.run_end)
      throw FileError("initrd '" + request.module_names.front() + "': does not fit into " +
                      std::to_string(request.ram >> 20) + " MiB of RAM beside the kernel");
    put(setup, kRamdiskImage, address, 4);
    put(setup, kRamdiskSize, size, 4);
    layout.pieces.push_back({address, std::move(initrd), size});
  }

  std::vector<std::uint8_t> line(request.append.begin(), request.append.end());
  line.push_back(0);
  const std::uint64_t line_size = line.size();
  layout.pieces.push_back({kCommandLine, std::move(line), line_size});
  layout.pieces.push_back({kSetupAddress, std::move(setup), header.setup_size});
  const std::uint64_t payload = request.image.size() - header.setup_size;
  layout.pieces.push_back({kKernelHighFirst, in.copy(header.setup_size, payload), payload});
  layout.entry.kind = KernelEntry::Kind::kLinux;
  layout.entry.setup_segment = kSetupAddress >> 4;
  return layout;
}

}  // namespace ringside
