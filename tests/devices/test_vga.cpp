// Registers, the text screen and the window into memory.
#include "tests/devices/vga_bench.h"

namespace ringside {
namespace {

using Cell = TextScreen::Cell;

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
  EXPECT_EQ(b.log.lints.size(), 1u);
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
    b.pass(9'970);
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

}  // namespace
}  // namespace ringside
