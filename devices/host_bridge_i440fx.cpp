#include "devices/host_bridge_i440fx.h"

namespace ringside {
namespace {

constexpr unsigned kPam0 = 0x59;
constexpr unsigned kPam6 = 0x5F;

}  // namespace

HostBridgeI440fx::HostBridgeI440fx(PciBus& bus, PhysicalMemory& memory) : memory_(memory) {
  set_identity(0x8086, 0x1237, 0x060000, 0x02);
  set_initial(0x04, 2, 0x0006, 0x0140);     // PCICMD: memory and bus master are always on
  set_initial(0x06, 2, 0x0280, 0, 0xF900);  // PCISTS
  set_initial(0x0D, 1, 0x00, 0xF8);         // latency timer
  set_initial(0x50, 2, 0x0000, 0xFF7F);     // PMCCFG
  set_initial(0x52, 1, 0x00, 0xFF);         // DETURBO
  set_initial(0x53, 1, 0x80, 0xFF);         // DBC
  set_initial(0x54, 1, 0x00, 0xFF);         // AXC
  set_initial(0x55, 2, 0x0000, 0xFFFF);     // DRT
  set_initial(0x57, 1, 0x01, 0xFF);         // DRAMC
  set_initial(0x58, 1, 0x00, 0xFF);         // DRAMT
  set_initial(kPam0, 1, 0x00, 0x30);        // PAM0 has only its upper half
  for (unsigned pam = kPam0 + 1; pam <= kPam6; ++pam) set_initial(pam, 1, 0x00, 0x33);
  set_initial(0x60, 4, 0x01010101, 0xFFFFFFFF);  // DRB0-3
  set_initial(0x64, 4, 0x01010101, 0xFFFFFFFF);  // DRB4-7
  set_initial(0x68, 1, 0x00, 0xC0);              // FDHC
  set_initial(0x70, 1, 0x00, 0xFF);              // MTT
  set_initial(0x71, 1, 0x10, 0x1F);              // CLT
  set_initial(0x72, 1, 0x02, 0x78);              // SMRAM
  set_initial(0x90, 1, 0x00, 0x1B);              // ERRCMD
  set_initial(0x91, 1, 0x00, 0, 0x13);           // ERRSTS
  set_initial(0x93, 1, 0x00, 0x0B);              // TRC
  bus.attach(0, 0, this);
}

// A nibble of a PAM register: bit 0 lets reads, bit 1 writes reach RAM.
void HostBridgeI440fx::apply_attribute(PhysAddr address, std::uint32_t size, unsigned attribute) {
  memory_.set_shadow(address, size, (attribute & 1) != 0 ? ShadowTarget::kRam : ShadowTarget::kBus,
                     (attribute & 2) != 0 ? ShadowTarget::kRam : ShadowTarget::kBus);
}

void HostBridgeI440fx::config_written(unsigned offset, unsigned size) {
  for (unsigned pam = kPam0; pam <= kPam6; ++pam) {
    if (pam < offset || pam >= offset + size) continue;
    const unsigned value = config8(pam);
    if (pam == kPam0) {
      apply_attribute(0xF0000, 0x10000, value >> 4);
    } else {
      const PhysAddr area = 0xC0000 + PhysAddr{pam - kPam0 - 1} * 0x8000;
      apply_attribute(area, 0x4000, value & 15);
      apply_attribute(area + 0x4000, 0x4000, value >> 4);
    }
  }
}

void HostBridgeI440fx::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "440FX");
  visit_config(visitor);
}

}  // namespace ringside
