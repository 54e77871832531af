#include "devices/vga_registers.h"

namespace ringside {

unsigned VgaRegisters::plane_offset(unsigned counter, unsigned row_scan) const {
  const std::uint8_t mode = crtc[0x17];
  unsigned offset = counter & 0xFFFF;
  if ((crtc[0x14] & 0x40) != 0) {
    // Double words: the counter's topmost bits come back at the bottom, so that chain-4 memory, where the
    // processor leaves the two lowest bits of the offset 0, is found in its place. (IBM's table names bits 13
    // and 12, which fits a processor side that puts its own bits 15 and 14 there; no guest sees the
    // difference unless it mixes both views beyond the first 16 KiB.)
    offset = (offset << 2 | (offset >> 14 & 3)) & 0xFFFF;
  } else if ((mode & 0x40) == 0) {  // words: bit 15 or bit 13 comes back at the bottom
    const unsigned wrap = (mode & 0x20) != 0 ? offset >> 15 : offset >> 13;
    offset = (offset << 1 | (wrap & 1)) & 0xFFFF;
  }
  if ((mode & 0x01) == 0) offset = (offset & ~0x2000u) | (row_scan & 1) << 13;
  if ((mode & 0x02) == 0) offset = (offset & ~0x4000u) | (row_scan >> 1 & 1) << 14;
  return offset;
}

unsigned VgaRegisters::font_map(bool attribute_bit_3) const {
  const unsigned select = sequencer[3];
  return attribute_bit_3 ? (select >> 2 & 3) | (select >> 3 & 4) : (select & 3) | (select >> 2 & 4);
}

std::uint32_t VgaRegisters::palette_colour(unsigned value) const {
  unsigned index = attribute[value & attribute[0x12] & 0x0F] & 0x3Fu;
  if ((attribute[0x10] & 0x80) != 0) index = (index & 0x0F) | (attribute[0x14] & 0x03u) << 4;
  index |= (attribute[0x14] & 0x0Cu) << 4;
  return dac.colour(static_cast<std::uint8_t>(index));
}

void VgaRegisters::visit(StateVisitor& visitor) {
  visitor.field("misc", misc);
  visitor.field("feature", feature);
  visitor.field("enable", enable);
  visitor.field("crtc_index", crtc_index);
  visitor.field("sequencer_index", sequencer_index);
  visitor.field("graphics_index", graphics_index);
  visitor.field("attribute_index", attribute_index);
  visitor.field("attribute_data_next", attribute_data_next);
  visitor.field("crtc", crtc);
  visitor.field("sequencer", sequencer);
  visitor.field("graphics", graphics);
  visitor.field("attribute", attribute);
  dac.visit(visitor);
}

}  // namespace ringside
