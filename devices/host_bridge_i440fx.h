// Intel 82441FX (440FX PCI and memory controller), 8086:1237, at 0:0.0.
//
//   out       PAM0-PAM6 (59h-5Fh): what reads and writes of C0000h-FFFFFh reach, ROM on the bus or RAM
//   manual    Intel 440FX PCIset, 82441FX and 82442FX, "PAM - Programmable Attribute Map Registers"
//
// Kept without effect: PMCCFG, DRAM row boundaries (60h-67h), DRAM timing, SMRAM (72h), error registers.
// Not implemented: SMM memory, 3C-3Fh multi-transaction timer behaviour, AGP (the 440FX has none).
#pragma once

#include "devices/pci_bus.h"
#include "memory/physical_memory.h"

namespace ringside {

class HostBridgeI440fx : public PciFunction {
 public:
  HostBridgeI440fx(PciBus& bus, PhysicalMemory& memory);

  void reset() { reset_config(); }
  void visit(StateVisitor& visitor);

 protected:
  void config_written(unsigned offset, unsigned size) override;

 private:
  void apply_attribute(PhysAddr address, std::uint32_t size, unsigned attribute);

  PhysicalMemory& memory_;
};

}  // namespace ringside
