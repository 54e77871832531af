#include "devices/isa_bridge_piix3.h"

namespace ringside {

IsaBridgePiix3::IsaBridgePiix3(PciBus& bus, PmBaseChanged pm_base_changed) : pm_(std::move(pm_base_changed)) {
  bus.attach(1, 0, &isa_);
  bus.attach(1, 1, &ide_);
  bus.attach(1, 3, &pm_);
}

void IsaBridgePiix3::reset() {
  isa_.reset_config();
  ide_.reset_config();
  pm_.reset_config();
}

void IsaBridgePiix3::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "PIIX3");
  isa_.visit_config(visitor);
  ide_.visit_config(visitor);
  pm_.visit_config(visitor);
}

IsaBridgePiix3::IsaFunction::IsaFunction() {
  set_identity(0x8086, 0x7000, 0x060100, 0x00);
  set_initial(0x04, 2, 0x0007, 0x0008);  // special cycle enable
  set_initial(0x06, 2, 0x0200, 0, 0x7800);
  set_initial(0x0E, 1, 0x80);                    // multifunction
  set_initial(0x4C, 1, 0x4D, 0x7F);              // IORT
  set_initial(0x4E, 2, 0x0003, 0x01FF);          // XBCS
  set_initial(0x60, 4, 0x80808080, 0x8F8F8F8F);  // PIRQRC[A:D]
  set_initial(0x69, 1, 0x02, 0xFE);              // TOM
  set_initial(0x6A, 2, 0x0000, 0x8080);          // MSTAT
  set_initial(0x70, 1, 0x80, 0xEF);              // MBIRQ0
  set_initial(0x76, 2, 0x0C0C, 0x8F8F);          // MBDMA0, MBDMA1
  set_initial(0x78, 2, 0x0002, 0xFFFF);          // PCSC
  set_initial(0x80, 1, 0x00, 0x7F);              // APICBASE
  set_initial(0x82, 1, 0x00, 0x0F);              // DLC
  set_initial(0xA0, 1, 0x08, 0x1F);              // SMICNTL
  set_initial(0xA2, 2, 0x0000, 0x00FF);          // SMIEN
  set_initial(0xA4, 4, 0x00000000, 0xFFFFFFFF);  // SEE
  set_initial(0xA8, 1, 0x0F, 0xFF);              // FTMR
  set_initial(0xAA, 2, 0x0000, 0, 0x00FF);       // SMIREQ
  set_initial(0xAC, 1, 0x00, 0xFF);              // CTLTMR
  set_initial(0xAE, 1, 0x00, 0xFF);              // CTHTMR
}

IsaBridgePiix3::IdeFunction::IdeFunction() {
  set_identity(0x8086, 0x7010, 0x010100, 0x00);
  set_initial(0x04, 2, 0x0000, 0x0001);  // no bus mastering to enable
  set_initial(0x06, 2, 0x0280, 0, 0x3800);
  set_initial(0x0D, 1, 0x00, 0xF0);
  set_initial(0x40, 4, 0x80008000, 0xFFFFFFFF);  // IDETIM of both channels
  set_initial(0x44, 1, 0x00, 0xFF);              // SIDETIM
}

IsaBridgePiix3::PmFunction::PmFunction(PmBaseChanged changed) : changed_(std::move(changed)) {
  set_identity(0x8086, 0x7113, 0x068000, 0x03);
  set_initial(0x04, 2, 0x0000, 0x0001);
  set_initial(0x06, 2, 0x0280, 0, 0x3800);
  set_initial(0x3C, 1, 0x00, 0xFF);              // interrupt line; SCI is IRQ9
  set_initial(0x3D, 1, 0x01);                    // interrupt pin A
  set_initial(0x40, 4, 0x00000001, 0x0000FFC0);  // PMBASE
  for (unsigned offset = 0x44; offset < 0x80; offset += 4)
    set_initial(offset, 4, 0, 0xFFFFFFFF);       // CNT, DEVACT, DEVRES
  set_initial(0x80, 1, 0x00, 0x01);              // PMREGMISC
  set_initial(0x90, 4, 0x00000001, 0x0000FFF0);  // SMBBA
  set_initial(0xD2, 1, 0x00, 0x0F);              // SMBHSTCFG
}

void IsaBridgePiix3::PmFunction::config_written(unsigned, unsigned size) {
  const bool everything = size == 256;  // after a reset or a load the receiver may know nothing
  if (!everything && base() == told_base_ && enabled() == told_enabled_) return;
  told_base_ = base();
  told_enabled_ = enabled();
  if (changed_) changed_(told_base_, told_enabled_);
}

}  // namespace ringside
