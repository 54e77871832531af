#include "devices/vga.h"
#include "tests/devices/device_bench.h"

namespace ringside {
namespace {

using device_bench::Bench;
using Cell = TextScreen::Cell;

struct ModeTable {
  std::uint8_t misc;
  std::array<std::uint8_t, 5> sequencer;
  std::array<std::uint8_t, 25> crtc;
  std::array<std::uint8_t, 9> graphics;
  std::array<std::uint8_t, 21> attribute;
};

constexpr std::array<std::uint8_t, 21> kTextPalette{
    0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x0C, 0, 0x0F, 8, 0};
// 80 x 25, 9 x 16 dots, 720 x 400.
constexpr ModeTable kMode3{0x67,
                           {3, 0, 3, 0, 2},
                           {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0,    0x4F, 0x0D, 0x0E, 0,
                            0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF},
                           {0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF},
                           kTextPalette};
// 320 x 200 in 256 colours.
constexpr ModeTable kMode13{0x63,
                            {3, 1, 0x0F, 0, 0x0E},
                            {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0,    0x41, 0,    0,   0,
                             0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x40, 0x96, 0xB9, 0xA3, 0xFF},
                            {0, 0, 0, 0, 0, 0x40, 0x05, 0x0F, 0xFF},
                            {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0F, 0, 0}};
// 640 x 480 in 16 colours.
constexpr ModeTable kMode12{
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

  Bench b;
  PhysicalMemory memory{1 << 20};
  Vga vga{b.bus, memory, b.queue, b.log};
};

TEST_F(VgaCard, RegistersReadBack) {
  set_mode(kMode3);
  EXPECT_EQ(b.in8(0x3CC), 0x67);
  for (unsigned i = 0; i < 25; ++i) {
    b.out8(0x3D4, i);
    EXPECT_EQ(b.in8(0x3D5), kMode3.crtc[i]) << i;
  }
  for (unsigned i = 0; i < 5; ++i) {
    b.out8(0x3C4, i);
    EXPECT_EQ(b.in8(0x3C5), kMode3.sequencer[i]) << i;
  }
  for (unsigned i = 0; i < 9; ++i) {
    b.out8(0x3CE, i);
    EXPECT_EQ(b.in8(0x3CF), kMode3.graphics[i]) << i;
  }
  for (unsigned i = 0; i < 21; ++i) {
    b.in8(0x3DA);
    b.out8(0x3C0, i);
    EXPECT_EQ(b.in8(0x3C1), kMode3.attribute[i]) << i;
  }
  b.out8(0x3DA, 0x03);
  EXPECT_EQ(b.in8(0x3CA), 0x03);
  EXPECT_EQ(b.in8(0x3CD), 0xFF);
}

TEST_F(VgaCard, CrtcMovesWithTheMonochromeBit) {
  b.out8(0x3C2, 0x01);
  crtc(0x0F, 0x12);
  EXPECT_EQ(b.in8(0x3D5), 0x12);
  EXPECT_EQ(b.in8(0x3B5), 0xFF);
  b.out8(0x3C2, 0x00);
  EXPECT_EQ(b.in8(0x3D5), 0xFF);
  EXPECT_EQ(b.in8(0x3DA), 0xFF);
  b.out8(0x3D5, 0x99);
  EXPECT_EQ(b.in8(0x3B4), 0x0F);
  EXPECT_EQ(b.in8(0x3B5), 0x12);
  EXPECT_NE(b.in8(0x3BA), 0xFF);
}

TEST_F(VgaCard, ProtectedCrtcRegisters) {
  set_mode(kMode3);
  for (unsigned i = 0; i < 8; ++i) crtc(i, 0xEF);
  for (unsigned i = 0; i < 7; ++i) {
    b.out8(0x3D4, i);
    EXPECT_EQ(b.in8(0x3D5), kMode3.crtc[i]) << i;
  }
  b.out8(0x3D4, 7);
  EXPECT_EQ(b.in8(0x3D5), 0x0F) << "only the line compare bit";
  crtc(0x11, 0x0E);
  crtc(0, 0x11);
  EXPECT_EQ(b.in8(0x3D5), 0x11);
}

TEST_F(VgaCard, AttributeFlipFlop) {
  set_mode(kMode3);
  b.in8(0x3DA);
  b.out8(0x3C0, 0x10);
  b.out8(0x3C0, 0x08);
  b.out8(0x3C0, 0x13);
  b.in8(0x3DA);
  b.out8(0x3C0, 0x10);  // index again
  EXPECT_EQ(b.in8(0x3C0), 0x10);
  EXPECT_EQ(b.in8(0x3C1), 0x08);
  b.in8(0x3DA);
  b.out8(0x3C0, 0x21);  // palette register 1, while the palette is in use
  b.out8(0x3C0, 0x2A);
  EXPECT_EQ(b.in8(0x3C1), 1);
  EXPECT_EQ(b.log.remarks.size(), 1u);
}

TEST_F(VgaCard, DacCountsComponents) {
  b.out8(0x3C8, 10);
  for (unsigned v : {1u, 2u, 3u, 0xFFu, 0x45u, 0x3Fu}) b.out8(0x3C9, v);
  EXPECT_EQ(b.in8(0x3C8), 12);
  EXPECT_EQ(b.in8(0x3C7), 0) << "writing";
  b.out8(0x3C7, 10);
  EXPECT_EQ(b.in8(0x3C7), 3) << "reading";
  for (int v : {1, 2, 3, 0x3F, 0x05, 0x3F}) EXPECT_EQ(b.in8(0x3C9), v);
  b.out8(0x3C6, 0x0F);
  EXPECT_EQ(b.in8(0x3C6), 0x0F);
  const VgaDac& dac = vga.registers().dac;
  EXPECT_EQ(dac.colour(0xFB), 0x00FF14FFu) << "the mask leaves 11";
  b.out8(0x3C8, 255);
  for (unsigned v : {9u, 9u, 9u, 8u}) b.out8(0x3C9, v);
  EXPECT_EQ(b.in8(0x3C8), 0) << "wraps";
  b.out8(0x3C8, 20);
  b.out8(0x3C9, 5);
  b.out8(0x3C7, 20);
  EXPECT_EQ(b.in8(0x3C9), 0) << "an unfinished colour never arrives";
}

TEST_F(VgaCard, RetraceFollowsGuestTime) {
  set_mode(kMode3);
  // 720 x 400 at 28.322 MHz: 900 dots a line, 449 lines a frame: 14.27 ms.
  unsigned frames = 0;
  unsigned displayed = 0;
  bool before = true;
  constexpr unsigned kSamples = 100'000;
  for (unsigned i = 0; i < kSamples; ++i) {
    const unsigned status = b.in8(0x3DA);
    const bool retrace = (status & 8) != 0;
    if (retrace && !before) ++frames;
    before = retrace;
    EXPECT_TRUE(!retrace || (status & 1) != 0);
    displayed += (status & 1) == 0;
    b.clock.tick += 997;  // some 10 us
  }
  EXPECT_GE(frames, 69u);
  EXPECT_LE(frames, 71u);
  EXPECT_NEAR(displayed, kSamples * (720.0 / 900) * (400.0 / 449), kSamples * 0.02);
  const auto status = b.in8(0x3DA);
  EXPECT_EQ(b.in8(0x3DA), status) << "the same tick, the same answer";
}

TEST_F(VgaCard, TextScreen) {
  set_mode(kMode3);
  const std::string text = "Hello, ring 0";
  for (unsigned i = 0; i < text.size(); ++i) put(3, i + 5, text[i], 0x1E);
  put(24, 79, 'Z', 0x70);
  crtc(0x0E, (3 * 80 + 18) >> 8);
  crtc(0x0F, (3 * 80 + 18) & 0xFF);
  const TextScreen screen = vga.text_screen();
  EXPECT_FALSE(vga.graphics_mode());
  EXPECT_EQ(screen.columns, 80u);
  EXPECT_EQ(screen.rows, 25u);
  ASSERT_EQ(screen.cells.size(), 2000u);
  for (unsigned i = 0; i < text.size(); ++i)
    EXPECT_EQ(screen.cells[3 * 80 + 5 + i], (Cell{static_cast<std::uint8_t>(text[i]), 0x1E}));
  EXPECT_EQ(screen.cells[1999], (Cell{'Z', 0x70}));
  EXPECT_TRUE(screen.cursor_visible);
  EXPECT_EQ(screen.cursor_row, 3u);
  EXPECT_EQ(screen.cursor_column, 18u);
  EXPECT_EQ(memory.read16(0xB8000 + (3 * 80 + 5) * 2), 0x1E48);
  crtc(0x0A, 0x20);
  EXPECT_FALSE(vga.text_screen().cursor_visible) << "switched off";
  crtc(0x0A, 0x0F);
  EXPECT_FALSE(vga.text_screen().cursor_visible) << "start beyond end";
}

TEST_F(VgaCard, OtherTextSizes) {
  set_mode(kMode3);
  crtc(0x09, 0x47);
  EXPECT_EQ(vga.text_screen().rows, 50u);
  crtc(0x11, 0x0E);
  crtc(0x09, 0x47);
  crtc(0x12, 0x57);  // 344 lines
  EXPECT_EQ(vga.text_screen().rows, 43u);
  crtc(0x12, 0x8F);
  crtc(0x09, 0xC7);
  EXPECT_EQ(vga.text_screen().rows, 25u) << "8 lines, double-scanned";
  crtc(0x01, 0x27);
  crtc(0x13, 0x14);
  put(0, 0, 'a');
  put(0, 40, 'b');
  const TextScreen screen = vga.text_screen();
  EXPECT_EQ(screen.columns, 40u);
  EXPECT_EQ(screen.cells[0].character, 'a');
  EXPECT_EQ(screen.cells[40].character, 'b') << "40 columns a row";
}

TEST_F(VgaCard, StartAddressAndOffsetScroll) {
  set_mode(kMode3);
  put(1, 0, 'x');
  put(2, 7, 'y');
  crtc(0x0D, 80);
  EXPECT_EQ(vga.text_screen().cells[0].character, 'x');
  EXPECT_EQ(vga.text_screen().cells[87].character, 'y');
  crtc(0x0E, 0);
  crtc(0x0F, 5);
  EXPECT_FALSE(vga.text_screen().cursor_visible) << "above the first row";
  crtc(0x0D, 0);
  crtc(0x13, 0x50);  // 160 columns apart
  EXPECT_EQ(vga.text_screen().cells[80 + 7].character, 'y');
}

TEST_F(VgaCard, WindowFollowsTheMemoryMap) {
  set_mode(kMode3);
  memory.write8(0xB0000, 1);
  memory.write8(0xA0000, 1);
  EXPECT_EQ(memory.read8(0xB0000), 0xFF);
  EXPECT_EQ(memory.read8(0xA0000), 0xFF);
  EXPECT_EQ(planes(0), 0u);
  graphics(6, 0x0A);  // B0000h, as in monochrome modes
  memory.write8(0xB0000, 0x41);
  EXPECT_EQ(memory.read8(0xB0000), 0x41);
  EXPECT_EQ(memory.read8(0xB8000), 0xFF);
  EXPECT_EQ(vga.text_screen().cells[0].character, 0x41);
  b.out8(0x3C2, 0x65);  // the processor is kept out
  EXPECT_EQ(memory.read8(0xB0000), 0xFF);
}

TEST_F(VgaCard, DwordTextWritesMatchByteWrites) {
  set_mode(kMode3);
  memory.write32(0xB8000, 0x1F421E41);
  memory.write32(0xB8FFD, 0x44332211);
  EXPECT_EQ(planes(0), 0x1E41u);
  EXPECT_EQ(planes(2), 0x1F42u);
  EXPECT_EQ(memory.read32(0xB8000), 0x1F421E41u);
  EXPECT_EQ(memory.read32(0xB8FFD), 0x44332211u);
  memory.write32(0xBFFFE, 0xAABBCCDD);  // runs out of the window
  EXPECT_EQ(memory.read16(0xBFFFE), 0xCCDD);
  EXPECT_EQ(vga.peek_memory(0xBFFFE), 0xDD);
  EXPECT_EQ(vga.peek_memory(0xA0000), 0xFF);
}

class Planar : public VgaCard {
 protected:
  Planar() { set_mode(kMode12); }
  /// The latches, loaded from a place with a known colour.
  void latch(std::uint32_t value) {
    graphics(5, 0);
    graphics(1, 0);
    graphics(3, 0);
    graphics(8, 0xFF);
    for (unsigned p = 0; p < 4; ++p) {
      sequencer(2, 1u << p);
      memory.write8(0xA1000, static_cast<std::uint8_t>(value >> (8 * p)));
    }
    sequencer(2, 0x0F);
    memory.read8(0xA1000);
  }
};

TEST_F(Planar, MapMaskAndReadMap) {
  for (unsigned p = 0; p < 4; ++p) {
    sequencer(2, 1u << p);
    memory.write8(0xA0123, static_cast<std::uint8_t>(0x10 + p));
  }
  EXPECT_EQ(planes(0x123), 0x13121110u);
  for (unsigned p = 0; p < 4; ++p) {
    graphics(4, p);
    EXPECT_EQ(memory.read8(0xA0123), 0x10 + p);
  }
  EXPECT_EQ(vga.state().latch, 0x13121110u);
}

TEST_F(Planar, WriteMode0SetResetRotateAndFunctions) {
  latch(0x0F0F0F0F);
  graphics(0, 0x05);
  graphics(1, 0x07);  // planes 0..2 from set/reset, plane 3 from the processor
  memory.write8(0xA0000, 0x81);
  EXPECT_EQ(planes(0), 0x81FF00FFu);
  latch(0x0F0F0F0F);
  graphics(3, 0x03);
  memory.write8(0xA0000, 0x81);
  EXPECT_EQ(planes(0), 0x30303030u) << "rotated right by three";
  const std::uint32_t expected[] = {0x33333333, 0x03030303, 0x3F3F3F3F, 0x3C3C3C3C};
  for (unsigned function = 0; function < 4; ++function) {
    latch(0x0F0F0F0F);
    graphics(3, function << 3);
    memory.write8(0xA0000, 0x33);
    EXPECT_EQ(planes(0), expected[function]) << function;
  }
  latch(0x0F0F0F0F);
  graphics(8, 0xC0);
  memory.write8(0xA0000, 0xFF);
  EXPECT_EQ(planes(0), 0xCFCFCFCFu) << "the bit mask lets the latches through";
}

TEST_F(Planar, WriteModes1To3) {
  latch(0x44332211);
  graphics(5, 1);
  graphics(8, 0x00);
  memory.write8(0xA0002, 0xFF);
  EXPECT_EQ(planes(2), 0x44332211u) << "mode 1 copies the latches";
  latch(0xFF00FF00);
  graphics(5, 2);
  graphics(8, 0x0F);
  memory.write8(0xA0003, 0x06);
  EXPECT_EQ(planes(3), 0xF00FFF00u) << "mode 2: a colour in the masked bits";
  latch(0);
  graphics(5, 3);
  graphics(0, 0x0A);
  graphics(8, 0xF0);
  graphics(3, 4);
  memory.write8(0xA0004, 0xC3);  // rotated by four: 3Ch
  EXPECT_EQ(planes(4), 0x30003000u) << "mode 3: the data is a mask for set/reset";
}

TEST_F(Planar, ReadMode1Compares) {
  latch(0xFF00F0CC);
  graphics(5, 8);
  graphics(7, 0x0F);
  graphics(2, 0x0A);  // plane 3 and 1 set, 2 and 0 clear
  EXPECT_EQ(memory.read8(0xA1000), 0x30);
  graphics(7, 0x02);
  EXPECT_EQ(memory.read8(0xA1000), 0xF0);
  graphics(7, 0x00);
  EXPECT_EQ(memory.read8(0xA1000), 0xFF) << "no plane is cared about";
}

TEST_F(Planar, PictureOf16Colours) {
  sequencer(2, 0x0F);
  graphics(5, 2);
  graphics(8, 0x80);
  memory.read8(0xA0000 + 80 * 2 + 1);
  memory.write8(0xA0000 + 80 * 2 + 1, 0x0C);
  unsigned width = 0;
  unsigned height = 0;
  const auto picture = vga.render(width, height);
  EXPECT_EQ(width, 640u);
  EXPECT_EQ(height, 480u);
  EXPECT_TRUE(vga.graphics_mode());
  EXPECT_TRUE(vga.text_screen().cells.empty());
  EXPECT_EQ(picture[2 * 640 + 8], vga.registers().palette_colour(12));
  EXPECT_EQ(picture[2 * 640 + 9], vga.registers().palette_colour(0));
  EXPECT_NE(picture[2 * 640 + 8], picture[2 * 640 + 9]);
}

TEST_F(VgaCard, Chain4Picture) {
  set_mode(kMode13);
  for (unsigned i = 0; i < 320; ++i) memory.write8(0xA0000 + 320 * 100 + i, static_cast<std::uint8_t>(i));
  memory.write32(0xA0000, 0x04030201);
  EXPECT_EQ(memory.read32(0xA0000), 0x04030201u);
  EXPECT_EQ(planes(0), 0x04030201u);
  EXPECT_EQ(vga.plane_byte(2, 320 * 100 + 4), 6);
  unsigned width = 0;
  unsigned height = 0;
  const auto picture = vga.render(width, height);
  EXPECT_EQ(width, 640u);
  EXPECT_EQ(height, 400u);
  for (unsigned i = 0; i < 320; ++i) {
    const std::uint32_t colour = vga.registers().dac_colour(i & 0xFF);
    EXPECT_EQ(picture[640 * 200 + 2 * i], colour);
    EXPECT_EQ(picture[640 * 201 + 2 * i + 1], colour);
  }
}

TEST_F(VgaCard, PictureOfText) {
  set_mode(kMode3);
  put_glyph(0, 'A', 0, 0x81);
  put_glyph(0, 0xC4, 0, 0xFF);
  put_glyph(0, 0xDB + 5, 0, 0xFF);
  put(0, 0, 'A', 0x1E);
  put(0, 1, static_cast<char>(0xC4), 0x1E);
  put(0, 2, static_cast<char>(0xE0), 0x1E);
  unsigned width = 0;
  unsigned height = 0;
  auto picture = vga.render(width, height);
  ASSERT_EQ(width, 720u);
  ASSERT_EQ(height, 400u);
  const std::uint32_t fore = vga.registers().palette_colour(14);
  const std::uint32_t back = vga.registers().palette_colour(1);
  EXPECT_NE(fore, back);
  EXPECT_EQ(picture[0], fore);
  EXPECT_EQ(picture[1], back);
  EXPECT_EQ(picture[7], fore);
  EXPECT_EQ(picture[8], back) << "the ninth dot";
  EXPECT_EQ(picture[16], fore);
  EXPECT_EQ(picture[17], fore) << "line graphics go on into it";
  EXPECT_EQ(picture[25], fore);
  EXPECT_EQ(picture[26], back);
  EXPECT_EQ(picture[720], back) << "second line of the glyph";
  // The cursor is at 0,0: lines 13 and 14.
  EXPECT_EQ(picture[13 * 720], fore);
  EXPECT_EQ(picture[14 * 720 + 4], fore);
  EXPECT_EQ(picture[15 * 720], back);
  sequencer(1, 1);
  vga.render(width, height);
  EXPECT_EQ(width, 640u);
  sequencer(1, 9);
  crtc(0x11, 0);
  crtc(0x01, 0x27);
  picture = vga.render(width, height);
  EXPECT_EQ(width, 640u);
  EXPECT_EQ(picture[0], fore);
  EXPECT_EQ(picture[1], fore) << "dots of twice the width";
  EXPECT_EQ(picture[2], back);
  sequencer(1, 0x20);
  EXPECT_EQ(vga.render(width, height)[0], 0u) << "screen off";
}

TEST_F(VgaCard, AttributesOfText) {
  set_mode(kMode3);
  put_glyph(0, 'B', 0, 0x80);
  put_glyph(1, 'B', 0, 0x01);
  put_glyph(4, 'B', 0, 0x18);
  put(0, 10, 'B', 0xF4);
  unsigned width = 0;
  unsigned height = 0;
  const auto pixel = [&](unsigned dot) { return vga.render(width, height)[90 + dot]; };
  const auto colour = [&](unsigned i) { return vga.registers().palette_colour(i); };
  EXPECT_EQ(pixel(0), colour(4));
  EXPECT_EQ(pixel(1), colour(7)) << "bit 7 is blink";
  attribute(0x10, 0x04);
  EXPECT_EQ(pixel(1), colour(15)) << "bit 7 is background intensity";
  sequencer(3, 0x04);  // map A (attribute bit 3) is 1, map B is 0
  EXPECT_EQ(pixel(0), colour(4));
  put(0, 10, 'B', 0x0C);
  EXPECT_EQ(pixel(0), colour(0));
  EXPECT_EQ(pixel(7), colour(12));
  sequencer(3, 0x20);  // map A is 4
  EXPECT_EQ(pixel(3), colour(12));
  EXPECT_EQ(pixel(7), colour(0));
  put(0, 10, ' ', 0x01);
  crtc(0x14, 0x00);
  EXPECT_EQ(pixel(5), colour(0));
  attribute(0x10, 0x06);
  EXPECT_EQ(pixel(5), colour(1)) << "underline in monochrome";
}

TEST_F(VgaCard, PaletteSelectsDacPages) {
  set_mode(kMode3);
  attribute(0x14, 0x0C);
  EXPECT_EQ(vga.registers().palette_colour(1), vga.registers().dac_colour(0xC1));
  attribute(0x10, 0x8C);
  attribute(0x14, 0x06);
  EXPECT_EQ(vga.registers().palette_colour(15), vga.registers().dac_colour(0x6F));
  attribute(0x12, 0x03);
  EXPECT_EQ(vga.registers().palette_colour(15), vga.registers().palette_colour(3)) << "colour planes off";
}

TEST_F(VgaCard, StateIsComplete) {
  set_mode(kMode3);
  put_glyph(0, 'A', 0, 0x81);
  put(5, 5, 'Q', 0x4F);
  memory.read8(0xB8000);
  Bench other;
  PhysicalMemory other_memory(1 << 20);
  Vga twin(other.bus, other_memory, other.queue, other.log);
  device_bench::load(twin, device_bench::saved(vga));
  EXPECT_EQ(device_bench::saved(twin), device_bench::saved(vga));
  EXPECT_EQ(twin.text_screen().cells, vga.text_screen().cells);
  other_memory.write8(0xB8000, 'w');
  EXPECT_EQ(twin.text_screen().cells[0].character, 'w') << "the decoding was restored";
  vga.reset();
  EXPECT_EQ(planes(5), 0u);
  unsigned width = 0;
  unsigned height = 0;
  const std::size_t pixels = vga.render(width, height).size();
  EXPECT_EQ(pixels, std::size_t{width} * height);
}

TEST_F(VgaCard, AnyRegistersAreHarmless) {
  std::uint32_t seed = 99;
  const auto random = [&seed] { return (seed = seed * 1664525 + 1013904223) >> 8; };
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 60; ++i) b.out8(static_cast<std::uint16_t>(0x3B0 + random() % 0x30), random());
    for (int i = 0; i < 20; ++i) {
      const PhysAddr a = 0x9FFFC + random() % 0x20008;
      memory.write32(a, random());
      memory.read32(a);
      vga.peek_memory(a);
    }
    for (std::uint16_t port = 0x3B0; port < 0x3E0; ++port) b.in8(port);
    vga.text_screen();
    unsigned width = 0;
    unsigned height = 0;
    if (round % 20 != 0) continue;
    const std::size_t pixels = vga.render(width, height).size();
    EXPECT_EQ(pixels, std::size_t{width} * height);
  }
  device_bench::load_damaged(
      vga,
      [this] {
        memory.write32(0xA0000, 1);
        memory.write32(0xB8000, 1);
        memory.read32(0xB8000);
        for (std::uint16_t port = 0x3C0; port < 0x3E0; ++port) b.in8(port);
        vga.text_screen();
      },
      100);
}

}  // namespace
}  // namespace ringside
