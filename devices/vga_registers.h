// The registers of the VGA, and what can be derived from them.
//
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Video Subsystem";
//             J. Neal, FreeVGA, "Hardware Level VGA and SVGA Video Programming Information Page"
#pragma once

#include <array>
#include <cstdint>

#include "devices/vga_dac.h"
#include "memory/state_visitor.h"

namespace ringside {

struct VgaRegisters {
  static constexpr unsigned kCrtcCount = 0x19;
  static constexpr unsigned kSequencerCount = 5;
  static constexpr unsigned kGraphicsCount = 9;
  static constexpr unsigned kAttributeCount = 0x15;

  std::uint8_t misc = 0;     ///< miscellaneous output, 3C2h
  std::uint8_t feature = 0;  ///< feature control, 3xAh
  std::uint8_t enable = 1;   ///< video subsystem enable, 3C3h
  std::uint8_t crtc_index = 0;
  std::uint8_t sequencer_index = 0;
  std::uint8_t graphics_index = 0;
  std::uint8_t attribute_index = 0;  ///< bit 5: the palette feeds the screen, not the processor
  bool attribute_data_next = false;  ///< the flip-flop of 3C0h
  std::array<std::uint8_t, kCrtcCount> crtc{};
  std::array<std::uint8_t, kSequencerCount> sequencer{};
  std::array<std::uint8_t, kGraphicsCount> graphics{};
  std::array<std::uint8_t, kAttributeCount> attribute{};
  VgaDac dac;

  bool colour() const { return (misc & 0x01) != 0; }
  bool graphics_mode() const { return (graphics[6] & 0x01) != 0; }
  bool chain4() const { return (sequencer[4] & 0x08) != 0; }
  bool blanked() const { return (sequencer[1] & 0x20) != 0 || (attribute_index & 0x20) == 0; }

  unsigned dots_per_character() const { return (sequencer[1] & 0x01) != 0 ? 8 : 9; }
  /// Each dot lasts two dot clocks (40 columns).
  bool half_dot_clock() const { return (sequencer[1] & 0x08) != 0; }
  unsigned columns() const { return crtc[0x01] + 1u; }
  /// Visible scan lines.
  unsigned lines() const { return (crtc[0x12] | (crtc[0x07] & 0x02u) << 7 | (crtc[0x07] & 0x40u) << 3) + 1; }
  /// Scan lines of a character row, before double-scanning.
  unsigned row_height() const { return (crtc[0x09] & 0x1Fu) + 1; }
  unsigned line_repeat() const { return (crtc[0x09] & 0x80) != 0 ? 2 : 1; }
  unsigned rows() const { return lines() / (row_height() * line_repeat()); }
  /// Counts of the address counter from one row to the next.
  unsigned pitch() const { return crtc[0x13] * 2u; }
  unsigned start_address() const { return crtc[0x0C] * 256u + crtc[0x0D]; }
  unsigned cursor_address() const { return crtc[0x0E] * 256u + crtc[0x0F]; }

  /// The offset within a plane that the CRTC fetches for a count of its address counter: byte, word or
  /// double-word addressing, and the row-scan bits that CGA and Hercules modes put into the address.
  unsigned plane_offset(unsigned counter, unsigned row_scan) const;
  /// Where the glyphs of character map 0..7 begin in plane 2.
  static unsigned font_offset(unsigned map) { return ((map & 3) << 14) | ((map & 4) << 11); }
  /// The map that attribute bit 3 chooses.
  unsigned font_map(bool attribute_bit_3) const;

  /// The colour of a 4-bit attribute as 00RRGGBBh, through palette, colour select and DAC.
  std::uint32_t palette_colour(unsigned value) const;
  /// The same for an 8-bit pixel of the 256-colour mode.
  std::uint32_t dac_colour(unsigned value) const { return dac.colour(static_cast<std::uint8_t>(value)); }

  void visit(StateVisitor& visitor);

  bool operator==(const VgaRegisters&) const = default;
};

}  // namespace ringside
