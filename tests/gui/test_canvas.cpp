// The window's own drawing, pixel by pixel.
#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "gui/canvas.h"

namespace ringside {
namespace {

constexpr std::uint32_t kRed = 0xFF0000FF, kHalfWhite = 0x80FFFFFF;  // as ImGui has colours
constexpr PixelBox kAll{0, 0, 8, 8};

Canvas canvas() {
  Canvas c;
  c.resize(8, 8);
  return c;
}

TEST(Canvas, FillsWhatLiesWithinTheClip) {
  Canvas c = canvas();
  c.fill({-5, 2, 4, 100}, kRed, {1, 1, 8, 5});
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) EXPECT_EQ(c.row(y)[x], x >= 1 && x < 4 && y >= 2 && y < 5 ? 0xFF0000u : 0u) << x << ", " << y;
  c.fill(kAll, kHalfWhite, kAll);
  EXPECT_EQ(c.row(0)[0], 0x808080u);
}

TEST(Canvas, EdgesBeyondAllCanvasesStayThere) {
  for (const float far : {3e9f, 1e30f, std::numeric_limits<float>::infinity()}) {
    EXPECT_GT(first_from(far), 100'000) << far;
    EXPECT_LT(first_from(-far), -100'000) << far;
  }
  EXPECT_NE(first_from(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(first_from(3.5f), 3);
  EXPECT_EQ(first_from(3.6f), 4);
  EXPECT_EQ(first_from(-3.6f), -4);
  Canvas c = canvas();
  c.fill({first_from(-3e9f), 2, first_from(3e9f), 3}, kRed, kAll);
  EXPECT_EQ(c.row(2)[0], 0xFF0000u);
  EXPECT_EQ(c.row(2)[7], 0xFF0000u);
  EXPECT_EQ(c.row(3)[0], 0u);
}

TEST(Canvas, GlyphsAreCopiedPixelByPixel) {
  Canvas c = canvas();
  const std::uint8_t alpha[] = {0, 255, 128, 0, 255, 0, 0, 64, 255};
  const GlyphSheet sheet{3, 3, alpha};
  c.glyph({2, 2, 4, 4}, sheet, {1, 0, 3, 2}, 0xFFFFFFFF, kAll);
  EXPECT_EQ(c.row(2)[2], 0xFFFFFFu);
  EXPECT_EQ(c.row(2)[3], 0x808080u);
  EXPECT_EQ(c.row(3)[2], 0xFFFFFFu);
  EXPECT_EQ(c.row(3)[3], 0u);
  EXPECT_EQ(c.row(4)[2], 0u);
  // Half a glyph within the clip is the same half.
  Canvas half = canvas();
  half.glyph({2, 2, 4, 4}, sheet, {1, 0, 3, 2}, 0xFFFFFFFF, {3, 0, 8, 8});
  EXPECT_EQ(half.row(2)[2], 0u);
  EXPECT_EQ(half.row(2)[3], c.row(2)[3]);
}

TEST(Canvas, TrianglesThatShareAnEdgeMeetWithoutGapOrOverlap) {
  Canvas c = canvas();
  const Canvas::Corner a{0.3f, 0.2f, kHalfWhite}, b{7.7f, 1.1f, kHalfWhite}, d{6.9f, 7.6f, kHalfWhite}, e{1.2f, 6.4f, kHalfWhite};
  c.triangle(a, b, d, kAll);
  c.triangle(a, d, e, kAll);
  for (int y = 2; y < 6; ++y)
    for (int x = 2; x < 6; ++x) EXPECT_EQ(c.row(y)[x], 0x808080u) << x << ", " << y;
}

TEST(Canvas, OpacityChangesAcrossATriangle) {
  Canvas c = canvas();
  c.triangle({0, 0, 0x00FFFFFF}, {16, 0, 0xFFFFFFFF}, {0, 16, 0x00FFFFFF}, kAll);
  for (int x = 1; x < 8; ++x) EXPECT_GT(c.row(1)[x], c.row(1)[x - 1]);
}

TEST(Canvas, NoCoordinatesLeadOutOfIt) {
  Canvas c = canvas();
  const float far[] = {-1e30f, -9e5f, -1, 0, 3.5f, 8, 9e5f, 1e30f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()};
  for (const float x : far)
    for (const float y : far)
      for (const std::uint32_t other : {kHalfWhite, 0x00FFFFFFu}) {
        c.triangle({x, y, kHalfWhite}, {y, 4, other}, {2, x, kHalfWhite}, kAll);
        c.triangle({0, 0, kHalfWhite}, {x, 0, other}, {0, y, kHalfWhite}, {2, 2, 5, 5});
      }
}

TEST(Canvas, APlainPictureStaysPlainAtAnySize) {
  CanvasPicture picture;
  picture.width = 3;
  picture.height = 2;
  picture.rgb.assign(6, 0x123456);
  for (const PixelBox& box : {PixelBox{0, 0, 8, 8}, PixelBox{1, 1, 2, 3}, PixelBox{-20, -20, 90, 90}}) {
    Canvas c = canvas();
    c.picture(box, picture, {0, 0, 3, 2}, kAll);
    const PixelBox in = intersection(box, kAll);
    EXPECT_EQ(c.row(in.top)[in.left], 0x123456u);
    EXPECT_EQ(c.row(in.bottom - 1)[in.right - 1], 0x123456u);
  }
}

}  // namespace
}  // namespace ringside
