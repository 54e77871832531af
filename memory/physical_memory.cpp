#include "memory/physical_memory.h"

#include <algorithm>
#include <stdexcept>

namespace ringside {
namespace {

std::uint64_t checked_ram_size(std::uint64_t size) {
  if (size < PhysicalMemory::kMinRam || size > PhysicalMemory::kMaxRam || size % kPageSize != 0)
    throw std::invalid_argument("RAM must be a whole number of pages from 1 MiB to 3 GiB");
  return size;
}

bool is_zero_page(const std::uint8_t* page) {
  return page[0] == 0 && std::memcmp(page, page + 1, kPageSize - 1) == 0;
}

}  // namespace

const PhysicalMemory::Page PhysicalMemory::kEmptyPage{};

PhysicalMemory::PhysicalMemory(std::uint64_t ram_size)
    : ram_size_(checked_ram_size(ram_size)),
      ram_area_(ram_size),
      page_area_(kPages * sizeof(Page)),
      code_mark_area_(kPages * sizeof(std::uint32_t)),
      dirty_area_(kPages),
      ram_(ram_area_.as<std::uint8_t>()),
      pages_(page_area_.as<Page>()),
      code_marks_(code_mark_area_.as<std::uint32_t>()),
      dirty_(dirty_area_.as<std::uint8_t>()),
      bus_read_(kShadowPages, nullptr) {
  for (std::uint64_t n = 0; n < ram_size >> kPageShift; ++n) remap_page(n);
}

// The power-on map of a page: RAM, with A0000h..BFFFFh left to the bus and the BIOS area governed by its
// shadow setting.
void PhysicalMemory::remap_page(std::uint64_t n) {
  std::uint8_t* ram = n < ram_size_ >> kPageShift ? ram_ + (n << kPageShift) : nullptr;
  Page& page = pages_[n];
  if (n >= 0xA0 && n < kShadowFirst) {
    if (page.device == nullptr) page = {};
  } else if (n >= kShadowFirst && n < kShadowFirst + kShadowPages) {
    const std::uint8_t setting = shadow_[n - kShadowFirst];
    page.read = (setting & 1) != 0 ? ram : bus_read_[n - kShadowFirst];
    page.write = (setting & 2) != 0 ? ram : nullptr;
  } else {
    page = {ram, ram, nullptr};
  }
}

void PhysicalMemory::mapping_changed() {
  if (listener_ != nullptr) listener_->mapping_changed();
}

void PhysicalMemory::map_rom(PhysAddr address, std::span<const std::uint8_t> image) {
  if (address % kPageSize != 0 || address >= kSpan || image.size() > kSpan - address)
    throw std::invalid_argument("a ROM must begin at a page and lie below 4 GiB");
  std::vector<std::uint8_t> rom(image.begin(), image.end());
  rom.resize((rom.size() + kPageSize - 1) / kPageSize * kPageSize, 0xFF);
  for (std::size_t offset = 0; offset < rom.size(); offset += kPageSize) {
    const std::uint64_t n = (address + offset) >> kPageShift;
    if (n >= kShadowFirst && n < kShadowFirst + kShadowPages) {
      bus_read_[n - kShadowFirst] = rom.data() + offset;
      remap_page(n);
    } else {
      pages_[n] = {rom.data() + offset, nullptr, nullptr};
    }
  }
  roms_.push_back(std::move(rom));  // moving a vector keeps its storage, so the pointers stay good
  mapping_changed();
}

void PhysicalMemory::map_mmio(PhysAddr address, std::uint64_t size, MmioDevice* device) {
  if (address % kPageSize != 0 || size % kPageSize != 0 || address + size > kSpan)
    throw std::invalid_argument("an MMIO region is made of whole pages below 4 GiB");
  for (std::uint64_t n = address >> kPageShift; n < (address + size) >> kPageShift; ++n)
    pages_[n] = {nullptr, nullptr, device};
  mapping_changed();
}

void PhysicalMemory::unmap(PhysAddr address, std::uint64_t size) {
  for (std::uint64_t n = address >> kPageShift; n < (address + size) >> kPageShift && n < kPages; ++n) {
    pages_[n] = {};
    remap_page(n);
  }
  mapping_changed();
}

void PhysicalMemory::set_shadow(PhysAddr address, std::uint32_t size, ShadowTarget reads, ShadowTarget writes) {
  const std::uint64_t first = address >> kPageShift;
  if (first < kShadowFirst || first + (size >> kPageShift) > kShadowFirst + kShadowPages)
    throw std::invalid_argument("only C0000h..FFFFFh has shadow RAM");
  for (std::uint64_t n = first; n < first + (size >> kPageShift); ++n) {
    shadow_[n - kShadowFirst] = static_cast<std::uint8_t>((reads == ShadowTarget::kRam ? 1 : 0) |
                                                          (writes == ShadowTarget::kRam ? 2 : 0));
    remap_page(n);
  }
  mapping_changed();
}

void PhysicalMemory::set_a20(bool enabled) {
  if (a20_ == enabled) return;
  a20_ = enabled;
  mapping_changed();
}

std::uint64_t PhysicalMemory::read_small(PhysAddr address, unsigned size) {
  address &= a20_mask();
  if ((address & (kPageSize - 1)) + size > kPageSize) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= read_small(address + i, 1) << (8 * i);
    return value;
  }
  const Page& p = page(address);
  if (p.read != nullptr) {
    std::uint32_t value = 0;
    std::memcpy(&value, p.read + (address & (kPageSize - 1)), size);
    return value;
  }
  const std::uint32_t mask = size == 4 ? 0xFFFFFFFFu : (1u << (8 * size)) - 1;
  return p.device != nullptr ? p.device->mmio_read(address, size) & mask : mask;
}

void PhysicalMemory::write_small(PhysAddr address, unsigned size, std::uint32_t value) {
  address &= a20_mask();
  if ((address & (kPageSize - 1)) + size > kPageSize) {
    for (unsigned i = 0; i < size; ++i) write_small(address + i, 1, (value >> (8 * i)) & 0xFF);
    return;
  }
  const Page& p = page(address);
  if (p.write != nullptr) {
    note_code_write(address, size);
    mark_page(static_cast<std::uint32_t>(address >> kPageShift));
    std::memcpy(p.write + (address & (kPageSize - 1)), &value, size);
  } else if (p.device != nullptr) {
    p.device->mmio_write(address, size, value);
  }
}

void PhysicalMemory::note_code_write(PhysAddr address, std::uint32_t size) {
  const std::uint32_t marks = code_marks_[address >> kPageShift];
  if (marks == 0 || listener_ == nullptr) return;
  const std::uint32_t first = (address & (kPageSize - 1)) >> kCodeChunkShift;
  const std::uint32_t last = ((address + size - 1) & (kPageSize - 1)) >> kCodeChunkShift;
  for (std::uint32_t chunk = first; chunk <= last; ++chunk) {
    if ((marks >> chunk & 1) != 0) {
      listener_->code_written(address, size);
      return;
    }
  }
}

void PhysicalMemory::read(PhysAddr address, void* out, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(out);
  while (size > 0) {
    const PhysAddr a = address & a20_mask();
    const std::size_t part = std::min<std::size_t>(size, kPageSize - (a & (kPageSize - 1)));
    const Page& p = page(a);
    if (p.read != nullptr) {
      std::memcpy(bytes, p.read + (a & (kPageSize - 1)), part);
    } else {
      for (std::size_t i = 0; i < part; ++i) bytes[i] = read8(a + i);
    }
    bytes += part;
    address += part;
    size -= part;
  }
}

void PhysicalMemory::write(PhysAddr address, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  while (size > 0) {
    const PhysAddr a = address & a20_mask();
    const std::size_t part = std::min<std::size_t>(size, kPageSize - (a & (kPageSize - 1)));
    const Page& p = page(a);
    if (p.write != nullptr) {
      note_code_write(a, static_cast<std::uint32_t>(part));
      mark_page(static_cast<std::uint32_t>(a >> kPageShift));
      std::memcpy(p.write + (a & (kPageSize - 1)), bytes, part);
    } else {
      for (std::size_t i = 0; i < part; ++i) write8(a + i, bytes[i]);
    }
    bytes += part;
    address += part;
    size -= part;
  }
}

void PhysicalMemory::peek(PhysAddr address, void* out, std::size_t size) const {
  auto* bytes = static_cast<std::uint8_t*>(out);
  for (std::size_t i = 0; i < size; ++i) {
    const PhysAddr a = (address + i) & a20_mask();
    const Page& p = page(a);
    bytes[i] = p.read != nullptr ? p.read[a & (kPageSize - 1)] : 0xFF;
  }
}

void PhysicalMemory::mark_code(PhysAddr address, std::uint32_t size) {
  if (address >= kSpan) return;
  std::uint32_t& marks = code_marks_[address >> kPageShift];
  if (marks == 0) marked_pages_.push_back(address >> kPageShift);
  const std::uint32_t first = (address & (kPageSize - 1)) >> kCodeChunkShift;
  const std::uint32_t last =
      static_cast<std::uint32_t>(std::min<PhysAddr>((address & (kPageSize - 1)) + size - 1, kPageSize - 1)) >>
      kCodeChunkShift;
  for (std::uint32_t chunk = first; chunk <= last; ++chunk) marks |= 1u << chunk;
}

void PhysicalMemory::clear_code_marks(PhysAddr page_address, std::uint32_t chunks) {
  if (page_address < kSpan) code_marks_[page_address >> kPageShift] &= ~chunks;
}

void PhysicalMemory::clear_all_code_marks() {
  for (std::uint64_t n : marked_pages_) code_marks_[n] = 0;
  marked_pages_.clear();
}

std::vector<std::uint32_t> PhysicalMemory::take_dirty() {
  for (const std::uint32_t number : dirty_pages_) dirty_[number] = kTouched;
  std::vector<std::uint32_t> taken;
  taken.swap(dirty_pages_);
  dirty_pages_.reserve(taken.size());
  if (listener_ != nullptr) listener_->writes_forgotten();
  return taken;
}

void PhysicalMemory::restore_page(std::uint32_t number, const std::uint8_t* bytes) {
  if (number >= ram_size_ >> kPageShift || (bytes == nullptr && !touched(number))) return;
  std::uint8_t* page = ram_ + (std::uint64_t{number} << kPageShift);
  dirty_[number] |= kTouched;
  if (bytes == nullptr ? is_zero_page(page) : std::memcmp(page, bytes, kPageSize) == 0) return;
  note_code_write(PhysAddr{number} << kPageShift, kPageSize);
  if (bytes != nullptr) {
    std::memcpy(page, bytes, kPageSize);
  } else {
    std::memset(page, 0, kPageSize);
  }
}

void PhysicalMemory::power_on() {
  std::memset(shadow_, 0, sizeof(shadow_));
  a20_ = true;
  ram_area_.clear();
  // Pages that held something hold zeros now.
  for (std::uint32_t n = 0; n < ram_size_ >> kPageShift; ++n)
    if (touched(n)) mark_page(n);
  for (std::uint64_t n = 0; n < kShadowPages; ++n) remap_page(kShadowFirst + n);
  mapping_changed();
}

void PhysicalMemory::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "memory");
  const bool a20_before = a20_;
  std::uint8_t shadow_before[kShadowPages];
  std::memcpy(shadow_before, shadow_, sizeof(shadow_));
  visitor.field("a20", a20_);
  visitor.field("shadow", shadow_);
  std::uint64_t size = ram_size_;
  visitor.field("ram_size", size);
  if (size != ram_size_) throw StateError("the saved machine has another RAM size");
  if (!visitor.bulk()) {
    if (a20_ == a20_before && std::memcmp(shadow_before, shadow_, sizeof(shadow_)) == 0) return;
    for (std::uint64_t n = 0; n < kShadowPages; ++n) remap_page(kShadowFirst + n);
    mapping_changed();
    return;
  }
  // Pages of zeros are only counted, so that an idle 3 GiB costs little.
  for (std::uint64_t offset = 0; offset < ram_size_; offset += kPageSize) {
    std::uint8_t* page = ram_ + offset;
    const auto number = static_cast<std::uint32_t>(offset >> kPageShift);
    bool used = !visitor.loading() && touched(number) && !is_zero_page(page);
    visitor.field("used", used);
    if (visitor.loading() && (used || touched(number))) mark_page(number);
    if (used) {
      visitor.bytes("page", page, kPageSize);
    } else if (visitor.loading() && touched(number)) {
      std::memset(page, 0, kPageSize);
    }
  }
  if (visitor.loading()) {
    for (std::uint64_t n = 0; n < kShadowPages; ++n) remap_page(kShadowFirst + n);
    mapping_changed();
  }
}

}  // namespace ringside
