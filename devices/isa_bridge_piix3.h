// Intel 82371SB (PIIX3) at device 1: ISA bridge, IDE function, and the power management function of the
// PIIX4.
//
//   functions 0:1.0 ISA bridge 8086:7000;  0:1.1 IDE 8086:7010, both channels at their legacy ports, no bus
//             master;  0:1.3 power management 8086:7113 (a PIIX4 function, for ACPI timer and soft-off)
//   out       the base of the power management ports and whether they are decoded (PMBASE, PMREGMISC)
//   manual    Intel 82371FB (PIIX) and 82371SB (PIIX3), "PCI Configuration Registers";
//             Intel 82371AB (PIIX4), "Power Management Registers"
//
// Kept without effect: PIRQRC (60h-63h; no PCI device here raises an interrupt), XBCS, IDE timing, APICBASE.
// Not implemented: USB (function 2), bus-master IDE, programmable chip selects, SMI, SMBus, power planes.
// Deviation: IDETIM has its decode-enable bits set after reset, because the IDE channels always decode here.
#pragma once

#include <functional>

#include "devices/pci_bus.h"

namespace ringside {

class IsaBridgePiix3 {
 public:
  using PmBaseChanged = std::function<void(std::uint16_t base, bool enabled)>;

  IsaBridgePiix3(PciBus& bus, PmBaseChanged pm_base_changed);

  void reset();
  void visit(StateVisitor& visitor);

  /// PIRQRC[A..D], `pirq` 0..3: bit 7 set where not routed, else the IRQ in bits 3..0.
  std::uint8_t interrupt_route(unsigned pirq) const { return isa_.config8(0x60 + (pirq & 3)); }
  std::uint16_t pm_base() const { return pm_.base(); }
  bool pm_enabled() const { return pm_.enabled(); }

 private:
  class IsaFunction : public PciFunction {
   public:
    IsaFunction();
  };
  class IdeFunction : public PciFunction {
   public:
    IdeFunction();
  };
  class PmFunction : public PciFunction {
   public:
    explicit PmFunction(PmBaseChanged changed);
    std::uint16_t base() const { return config16(0x40) & 0xFFC0; }
    bool enabled() const { return (config8(0x80) & 1) != 0; }

   protected:
    void config_written(unsigned offset, unsigned size) override;

   private:
    PmBaseChanged changed_;
    std::uint16_t told_base_ = 0;  // derived from the registers: what was last passed on
    bool told_enabled_ = false;
  };

  IsaFunction isa_;
  IdeFunction ide_;
  PmFunction pm_;
};

}  // namespace ringside
