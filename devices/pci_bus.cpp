#include "devices/pci_bus.h"

#include <algorithm>

namespace ringside {
namespace {

constexpr std::uint16_t kAddressPort = 0xCF8;
constexpr std::uint16_t kDataPort = 0xCFC;
constexpr std::uint32_t kEnable = 0x80000000;

std::uint32_t all_ones(unsigned size) { return size == 4 ? 0xFFFFFFFFu : (1u << (8 * size)) - 1; }

}  // namespace

// --- One function -------------------------------------------------------------------------------------

std::uint32_t PciFunction::config_read(unsigned offset, unsigned size) const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i) value |= std::uint32_t{config_[(offset + i) & 0xFF]} << (8 * i);
  return value;
}

void PciFunction::config_write(unsigned offset, unsigned size, std::uint32_t value) {
  for (unsigned i = 0; i < size && offset + i < config_.size(); ++i) {
    const unsigned at = offset + i;
    const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
    const int kept = config_[at] & ~writable_[at] & ~(byte & clearable_[at]);
    config_[at] = static_cast<std::uint8_t>(kept | (byte & writable_[at]));
  }
  config_written(offset, size);
}

void PciFunction::config_written(unsigned, unsigned) {}

void PciFunction::reset_config() {
  config_ = initial_;
  config_written(0, 256);
}

void PciFunction::visit_config(StateVisitor& visitor) {
  std::array<std::uint8_t, 256> saved = config_;
  visitor.bytes("config", saved.data(), saved.size());
  if (!visitor.loading()) return;
  for (std::size_t i = 0; i < saved.size(); ++i)
    if (((saved[i] ^ initial_[i]) & ~(writable_[i] | clearable_[i])) != 0)
      throw StateError("the saved PCI function is another one");
  config_ = saved;
  config_written(0, 256);
}

void PciFunction::set_initial(unsigned offset, unsigned size, std::uint32_t value, std::uint32_t writable,
                              std::uint32_t write_one_to_clear) {
  for (unsigned i = 0; i < size; ++i) {
    const unsigned at = (offset + i) & 0xFF;
    config_[at] = initial_[at] = static_cast<std::uint8_t>(value >> (8 * i));
    writable_[at] = static_cast<std::uint8_t>(writable >> (8 * i));
    clearable_[at] = static_cast<std::uint8_t>(write_one_to_clear >> (8 * i));
  }
}

void PciFunction::set_identity(std::uint16_t vendor, std::uint16_t device, std::uint32_t class_code,
                               std::uint8_t revision) {
  set_initial(0x00, 2, vendor);
  set_initial(0x02, 2, device);
  set_initial(0x08, 4, class_code << 8 | revision);
}

void PciFunction::set_base_address(unsigned index, bool io, std::uint32_t size) {
  set_initial(0x10 + 4 * index, 4, io ? 1 : 0, ~(size - 1) & (io ? ~3u : ~15u));
}

// --- The bus ------------------------------------------------------------------------------------------

PciBus::PciBus(PortBus& bus, DeviceLog& log) : log_(log) {
  bus.claim(kAddressPort, 1, this, 4);
  bus.claim(kDataPort, 4, this, 4);
}

void PciBus::attach(unsigned device, unsigned function, PciFunction* config) {
  if (device < 32 && function < 8) functions_[device][function] = config;
}

const PciFunction* PciBus::function(unsigned device, unsigned function) const {
  return device < 32 && function < 8 ? functions_[device][function] : nullptr;
}

PciFunction* PciBus::selected() const {
  const std::uint32_t a = state_.address;
  if ((a & kEnable) == 0 || (a >> 16 & 0xFF) != 0) return nullptr;
  return functions_[a >> 11 & 31][a >> 8 & 7];
}

std::uint32_t PciBus::read_port(std::uint16_t port, unsigned size) {
  if (port == kAddressPort) return size == 4 ? state_.address : all_ones(size);
  const PciFunction* function = selected();
  if (function == nullptr) return all_ones(size);
  // An access that runs past CFFh leaves the data register; those lanes float.
  const unsigned lane = port & 3u;
  const unsigned inside = std::min(size, 4 - lane);
  const std::uint32_t value = function->config_read((state_.address & 0xFC) + lane, inside);
  return inside == size ? value : value | (all_ones(size) & ~all_ones(inside));
}

void PciBus::write_port(std::uint16_t port, unsigned size, std::uint32_t value) {
  if (port == kAddressPort) {
    if (size == 4) {
      state_.address = value & 0x80FFFFFC;  // the rest is reserved and reads as 0
    } else {
      log_.lint("PCI", "CF8h takes dword writes only; a narrower one is not a configuration address");
    }
    return;
  }
  PciFunction* function = selected();
  if (function == nullptr) return;
  const unsigned lane = port & 3u;
  function->config_write((state_.address & 0xFC) + lane, std::min(size, 4 - lane), value);
}

void PciBus::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "pci");
  visitor.field("address", state_.address);
  state_.address &= 0x80FFFFFC;
}

}  // namespace ringside
