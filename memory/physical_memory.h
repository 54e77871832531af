// The guest-physical address space: RAM, ROM, MMIO regions, shadow RAM, A20, dirty and code marks.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "memory/host_pages.h"
#include "memory/state_visitor.h"

namespace ringside {

using PhysAddr = std::uint64_t;

constexpr std::uint32_t kPageSize = 4096;
constexpr std::uint32_t kPageShift = 12;
constexpr std::uint32_t kCodeChunkShift = 7;  ///< code marks have a grain of 128 bytes

/// A device that answers reads and writes in a range of physical addresses.
class MmioDevice {
 public:
  virtual ~MmioDevice() = default;
  /// `size` is 1, 2 or 4 bytes and the access does not cross a page.
  virtual std::uint32_t mmio_read(PhysAddr address, unsigned size) = 0;
  virtual void mmio_write(PhysAddr address, unsigned size, std::uint32_t value) = 0;
};

/// Told when bytes that decoded code was made of have changed, and when the map under the pointers that
/// a reader has cached (see `PhysicalMemory::page`) is not the same any more.
class MemoryListener {
 public:
  virtual ~MemoryListener() = default;
  virtual void code_written(PhysAddr address, std::uint32_t size) = 0;
  virtual void mapping_changed() = 0;
  /// The dirty marks were taken: cached permission to write without telling must be given up, no more.
  virtual void writes_forgotten() { mapping_changed(); }
};

/// What reads (or writes) of a page of the BIOS area reach; see the i440FX PAM registers.
enum class ShadowTarget : std::uint8_t { kBus, kRam };

/// Up to 4 GiB of physical addresses. Accesses beyond, and where nothing is mapped, read as FFh and are
/// otherwise ignored, as on the board's bus.
class PhysicalMemory {
 public:
  static constexpr PhysAddr kSpan = PhysAddr{1} << 32;
  static constexpr std::uint64_t kMinRam = std::uint64_t{1} << 20;
  static constexpr std::uint64_t kMaxRam = std::uint64_t{3} << 30;

  /// Throws std::invalid_argument unless `ram_size` is a whole number of pages in [kMinRam, kMaxRam].
  explicit PhysicalMemory(std::uint64_t ram_size);
  PhysicalMemory(const PhysicalMemory&) = delete;
  PhysicalMemory& operator=(const PhysicalMemory&) = delete;

  std::uint64_t ram_size() const { return ram_size_; }

  // --- The map -------------------------------------------------------------------------------------
  /// Copies `image` to a ROM at `address` (page aligned; padded with FFh). Replaces what was there.
  void map_rom(PhysAddr address, std::span<const std::uint8_t> image);
  /// `address` and `size` are multiples of the page size. The device must outlive the memory's use.
  void map_mmio(PhysAddr address, std::uint64_t size, MmioDevice* device);
  void unmap(PhysAddr address, std::uint64_t size);
  /// Chooses, for pages in C0000h..FFFFFh, whether reads and writes go to RAM or to the bus (ROM).
  void set_shadow(PhysAddr address, std::uint32_t size, ShadowTarget reads, ShadowTarget writes);
  /// Address line 20; while it is disabled, bit 20 of every address is 0.
  void set_a20(bool enabled);
  bool a20() const { return a20_; }
  PhysAddr a20_mask() const { return a20_ ? ~PhysAddr{0} : ~(PhysAddr{1} << 20); }
  void set_listener(MemoryListener* listener) { listener_ = listener; }

  // --- Accesses (little-endian, any alignment, may cross pages). The A20 mask applies to all of them. --
  std::uint8_t read8(PhysAddr a) { return static_cast<std::uint8_t>(read_small(a, 1)); }
  std::uint16_t read16(PhysAddr a) { return static_cast<std::uint16_t>(read_small(a, 2)); }
  std::uint32_t read32(PhysAddr a) { return static_cast<std::uint32_t>(read_small(a, 4)); }
  std::uint64_t read64(PhysAddr a) { return read32(a) | (std::uint64_t{read32(a + 4)} << 32); }
  void write8(PhysAddr a, std::uint8_t v) { write_small(a, 1, v); }
  void write16(PhysAddr a, std::uint16_t v) { write_small(a, 2, v); }
  void write32(PhysAddr a, std::uint32_t v) { write_small(a, 4, v); }
  void write64(PhysAddr a, std::uint64_t v) {
    write32(a, static_cast<std::uint32_t>(v));
    write32(a + 4, static_cast<std::uint32_t>(v >> 32));
  }
  /// DMA, loaders and the debugger's writes.
  void read(PhysAddr address, void* out, std::size_t size);
  void write(PhysAddr address, const void* data, std::size_t size);
  /// Reads without side effects: MMIO reads as FFh.
  void peek(PhysAddr address, void* out, std::size_t size) const;

  // --- What the processor's fast path and decoder use -------------------------------------------------
  struct Page {
    std::uint8_t* read = nullptr;   ///< host bytes that reads see, or null (MMIO, nothing)
    std::uint8_t* write = nullptr;  ///< host bytes that writes reach, or null (ROM, MMIO, nothing)
    MmioDevice* device = nullptr;
  };
  /// The page that holds `address` (A20 is *not* applied); addresses beyond kSpan give an empty page.
  const Page& page(PhysAddr address) const {
    return address < kSpan ? pages_[address >> kPageShift] : kEmptyPage;
  }
  /// 32 marks of 128 bytes each for the page of `address`; 0 where no decoded code was made from it.
  std::uint32_t code_marks(PhysAddr address) const {
    return address < kSpan ? code_marks_[address >> kPageShift] : 0;
  }
  void mark_code(PhysAddr address, std::uint32_t size);
  void clear_code_marks(PhysAddr page_address, std::uint32_t chunks);
  void clear_all_code_marks();

  /// Dirty marks, a page each, for checkpoints: set by every write. A writer that bypasses write() must
  /// call mark_dirty first.
  bool dirty(PhysAddr address) const { return address < kSpan && (dirty_[address >> kPageShift] & kDirty) != 0; }
  void mark_dirty(PhysAddr address) {
    if (address < kSpan) mark_page(static_cast<std::uint32_t>(address >> kPageShift));
  }
  /// The numbers of the pages that were written since the last call, each once, in no order; all are clean
  /// now. Costs what was written, not what there is. The listener is told.
  std::vector<std::uint32_t> take_dirty();
  void clear_dirty() { take_dirty(); }
  /// Whether a page was ever written; if not, it is zero, and the host need not be asked for it.
  bool touched(std::uint32_t number) const { return dirty_[number] != 0; }
  /// Puts back what a RAM page held (nullptr: zeros); only code that was made of changed bytes is forgotten.
  void restore_page(std::uint32_t number, const std::uint8_t* bytes);

  std::span<std::uint8_t> ram() { return {ram_, ram_size_}; }
  std::span<const std::uint8_t> ram() const { return {ram_, ram_size_}; }

  /// Fills RAM with zeros, as at power-on; ROMs stay.
  void power_on();
  /// RAM, the A20 state and the shadow settings. ROMs and MMIO regions belong to the board.
  void visit(StateVisitor& visitor);

 private:
  std::uint64_t read_small(PhysAddr address, unsigned size);
  void write_small(PhysAddr address, unsigned size, std::uint32_t value);
  void note_code_write(PhysAddr address, std::uint32_t size);
  void mark_page(std::uint32_t number) {
    if ((dirty_[number] & kDirty) != 0) return;
    dirty_[number] = kDirty | kTouched;
    dirty_pages_.push_back(number);
  }
  void remap_page(std::uint64_t number);
  void mapping_changed();

  static const Page kEmptyPage;
  static constexpr std::uint8_t kDirty = 1, kTouched = 2;
  static constexpr std::uint64_t kPages = kSpan >> kPageShift;
  static constexpr std::uint64_t kShadowFirst = 0xC0000 >> kPageShift;
  static constexpr std::uint64_t kShadowPages = 0x40000 >> kPageShift;

  std::uint64_t ram_size_;
  HostPages ram_area_, page_area_, code_mark_area_, dirty_area_;
  std::uint8_t* const ram_;
  Page* const pages_;
  std::uint32_t* const code_marks_;
  std::uint8_t* const dirty_;               // a byte a page: kDirty, kTouched
  std::vector<std::uint32_t> dirty_pages_;  // those with kDirty
  std::vector<std::vector<std::uint8_t>> roms_;
  std::vector<std::uint64_t> marked_pages_;  // pages that may have code marks
  std::vector<std::uint8_t*> bus_read_;      // ROM bytes behind each page of the BIOS area
  std::uint8_t shadow_[kShadowPages] = {};   // bit 0: reads from RAM, bit 1: writes to RAM
  bool a20_ = true;
  MemoryListener* listener_ = nullptr;
};

}  // namespace ringside
