// Planes, write modes, pictures and state of the VGA.
#include <bit>
#include <random>

#include "tests/devices/vga_bench.h"

namespace ringside {
namespace {

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
  bench::Bench other;
  PhysicalMemory other_memory(1 << 20);
  Vga twin(other.ports, other_memory, other.events, other.log);
  bench::load(twin, bench::saved(vga));
  EXPECT_EQ(bench::saved(twin), bench::saved(vga));
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
  bench::load_damaged(
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

// Whoever keeps checkpoints asks for nothing else: a piece that changed unseen would be lost on the way back.
TEST_F(VgaCard, EveryPieceThatChangesIsToldAsWritten) {
  std::mt19937 random(11);
  const auto any = [&](unsigned count) { return static_cast<unsigned>(random() % count); };
  unsigned changes = 0;
  for (unsigned round = 0; round < 3000; ++round) {
    if (round % 20 == 0) set_mode(*std::array{&kMode3, &kMode12, &kMode13}[any(3)]);
    if (round % 20 > 10) {  // any data path and any window, too
      sequencer(2, any(16));
      sequencer(4, any(16));
      graphics(5, any(4));
      graphics(6, any(16));
    }
    const std::vector<std::uint8_t> before(vga.video_memory().begin(), vga.video_memory().end());
    vga.take_written();
    const unsigned size = 1u << any(3);
    vga.mmio_write(Vga::kApertureBase + random() % (Vga::kApertureSize - 4), size, static_cast<std::uint32_t>(random()));
    const std::uint64_t written = vga.take_written();
    EXPECT_LE(std::popcount(written), 4);
    for (std::size_t at = 0; at < before.size(); ++at) {
      if (before[at] == vga.video_memory()[at]) continue;
      ++changes;
      ASSERT_TRUE((written >> (at / Vga::kPieceSize) & 1) != 0) << "byte " << at << ", round " << round;
    }
  }
  EXPECT_GT(changes, 500u);
}

}  // namespace
}  // namespace ringside
