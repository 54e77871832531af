// A VGA with 1 MiB of memory around its window, and the register tables of three modes.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "devices/vga.h"
#include "memory/physical_memory.h"
#include "tests/devices/chip_bench.h"

namespace ringside {

struct ModeTable {
  std::uint8_t misc;
  std::array<std::uint8_t, 5> sequencer;
  std::array<std::uint8_t, 25> crtc;
  std::array<std::uint8_t, 9> graphics;
  std::array<std::uint8_t, 21> attribute;
};

inline constexpr std::array<std::uint8_t, 21> kTextPalette{
    0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x0C, 0, 0x0F, 8, 0};
// 80 x 25, 9 x 16 dots, 720 x 400.
inline constexpr ModeTable kMode3{0x67,
                                  {3, 0, 3, 0, 2},
                                  {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0,    0x4F, 0x0D, 0x0E, 0,
                                   0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF},
                                  {0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF},
                                  kTextPalette};
// 320 x 200 in 256 colours.
inline constexpr ModeTable kMode13{
    0x63,
    {3, 1, 0x0F, 0, 0x0E},
    {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0,    0x41, 0,    0,   0,
     0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x40, 0x96, 0xB9, 0xA3, 0xFF},
    {0, 0, 0, 0, 0, 0x40, 0x05, 0x0F, 0xFF},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0F, 0, 0}};
// 640 x 480 in 16 colours.
inline constexpr ModeTable kMode12{
    0xE3,
    {3, 1, 0x0F, 0, 6},
    {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0x0B, 0x3E, 0,    0x40, 0,    0,   0,
     0,    0,    0,    0xEA, 0x8C, 0xDF, 0x28, 0,    0xE7, 0x04, 0xE3, 0xFF},
    {0, 0, 0, 0, 0, 0, 0x05, 0x0F, 0xFF},
    {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 1, 0, 0x0F, 0, 0}};

class VgaCard : public testing::Test {
 protected:
  void indexed(std::uint16_t port, unsigned index, unsigned value) { b.out16(port, index | value << 8); }
  void sequencer(unsigned index, unsigned value) { indexed(0x3C4, index, value); }
  void graphics(unsigned index, unsigned value) { indexed(0x3CE, index, value); }
  void crtc(unsigned index, unsigned value) { indexed(0x3D4, index, value); }
  void attribute(unsigned index, unsigned value) {
    b.in8(0x3DA);
    b.out8(0x3C0, index);
    b.out8(0x3C0, value);
    b.out8(0x3C0, 0x20);
  }
  void set_mode(const ModeTable& mode) {
    b.out8(0x3C2, mode.misc);
    for (unsigned i = 0; i < 5; ++i) sequencer(i, mode.sequencer[i]);
    crtc(0x11, 0);
    for (unsigned i = 0; i < 25; ++i) crtc(i, mode.crtc[i]);
    for (unsigned i = 0; i < 9; ++i) graphics(i, mode.graphics[i]);
    b.in8(0x3DA);
    for (unsigned i = 0; i < 21; ++i) {
      b.out8(0x3C0, i);
      b.out8(0x3C0, mode.attribute[i]);
    }
    b.out8(0x3C0, 0x20);
    b.out8(0x3C8, 0);
    for (unsigned i = 0; i < 256; ++i)
      for (unsigned shift : {0u, 2u, 4u}) b.out8(0x3C9, (i >> shift & 3) * 21);
  }
  /// The access that a BIOS uses to reach the planes one by one.
  void planar(unsigned planes) {
    sequencer(2, planes);
    sequencer(4, 6);
    graphics(5, 0);
    graphics(6, 4);
  }
  void put_glyph(unsigned map, unsigned character, unsigned row, unsigned bits) {
    planar(4);
    memory.write8(0xA0000 + VgaRegisters::font_offset(map) + character * 32 + row,
                  static_cast<std::uint8_t>(bits));
    for (unsigned i : {2u, 4u}) sequencer(i, kMode3.sequencer[i]);
    for (unsigned i : {5u, 6u}) graphics(i, kMode3.graphics[i]);
  }
  void put(unsigned row, unsigned column, char character, unsigned attribute_value = 7) {
    memory.write16(0xB8000 + (row * 80 + column) * 2,
                   static_cast<std::uint16_t>(static_cast<unsigned char>(character) | attribute_value << 8));
  }
  std::uint32_t planes(unsigned offset) {
    std::uint32_t value = 0;
    for (unsigned p = 0; p < 4; ++p) value |= std::uint32_t{vga.plane_byte(p, offset)} << (8 * p);
    return value;
  }

  bench::Bench b;
  PhysicalMemory memory{1 << 20};
  Vga vga{b.ports, memory, b.events, b.log};
};

}  // namespace ringside
