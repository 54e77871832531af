#include "devices/ps2_mouse.h"
#include "tests/devices/ps2_bench.h"

namespace ringside {
namespace {

using V = std::vector<int>;

class Mouse : public bench::Ps2Bench<Ps2Mouse> {
 protected:
  Ps2Mouse& mouse = device;
};

TEST_F(Mouse, ResetReportsSelfTestAndId) {
  EXPECT_EQ(send({0xFF}), (V{0xFA}));
  EXPECT_EQ(bytes(), V{});
  pass_ms(25);
  EXPECT_EQ(bytes(), (V{0xAA, 0x00}));
  EXPECT_EQ(send({0xF2}), (V{0xFA, 0x00}));
  EXPECT_EQ(send({0xE9}), (V{0xFA, 0x00, 0x02, 100}));
}

TEST_F(Mouse, SilentUntilReportingIsEnabled) {
  mouse.move(10, 10, 0, 1);
  EXPECT_EQ(bytes(), V{});
  EXPECT_EQ(send({0xF4}), (V{0xFA}));
  pass_ms(20);
  mouse.move(1, 2, 0, 1);
  EXPECT_EQ(bytes(), (V{0x09, 1, 2})) << "what moved before is forgotten";
  EXPECT_EQ(send({0xF5}), (V{0xFA}));
  pass_ms(20);
  mouse.move(1, 2, 0, 0);
  EXPECT_EQ(bytes(), V{});
}

TEST_F(Mouse, SignsAndButtons) {
  send({0xF4});
  mouse.move(-1, 0, 0, 0);
  EXPECT_EQ(bytes(), (V{0x18, 0xFF, 0}));
  pass_ms(20);
  mouse.move(0, -2, 0, 2);
  EXPECT_EQ(bytes(), (V{0x2A, 0, 0xFE}));
  pass_ms(20);
  mouse.move(0, 0, 0, 6);
  EXPECT_EQ(bytes(), (V{0x0E, 0, 0}));
  pass_ms(20);
  mouse.move(0, 0, 0, 6);
  EXPECT_EQ(bytes(), V{}) << "nothing new";
}

TEST_F(Mouse, SampleRateLimitsReports) {
  send({0xF3, 10, 0xF4});  // ten a second
  mouse.move(1, 0, 0, 0);
  EXPECT_EQ(bytes(), (V{0x08, 1, 0}));
  mouse.move(2, 0, 0, 0);
  mouse.move(3, 0, 0, 0);
  EXPECT_EQ(bytes(), V{});
  pass_ms(99);
  EXPECT_EQ(bytes(), V{});
  pass_ms(2);
  EXPECT_EQ(bytes(), (V{0x08, 5, 0})) << "the sum of both";
  pass_ms(500);
  EXPECT_EQ(bytes(), V{});
}

TEST_F(Mouse, LongMovesGoOnInTheNextReport) {
  send({0xF4});
  mouse.move(300, -300, 0, 0);
  EXPECT_EQ(bytes(), (V{0x28, 0xFF, 0x01}));
  pass_ms(11);
  EXPECT_EQ(bytes(), (V{0x28, 45, 0xD3}));
  pass_ms(11);
  EXPECT_EQ(bytes(), V{});
  for (int i = 0; i < 100; ++i) mouse.move(2147483647, -2147483647 - 1, 2147483647, 0);
  EXPECT_LE(mouse.state().dx, 0x7FFF);
  EXPECT_GE(mouse.state().dy, -0x7FFF);
}

TEST_F(Mouse, WheelAfterThePassword) {
  EXPECT_EQ(send({0xF3, 200, 0xF3, 100, 0xF3, 80}), V(6, 0xFA));
  EXPECT_EQ(send({0xF2}), (V{0xFA, 0x03}));
  send({0xF4});
  mouse.move(0, 0, 1, 0);
  EXPECT_EQ(bytes(), (V{0x08, 0, 0, 1}));
  pass_ms(20);
  mouse.move(0, 0, -10, 0);
  EXPECT_EQ(bytes(), (V{0x08, 0, 0, 0xF8}));
  pass_ms(20);
  EXPECT_EQ(bytes(), (V{0x08, 0, 0, 0xFE}));
  send({0xFF});
  pass_ms(30);
  EXPECT_EQ(bytes(), (V{0xAA, 0x00})) << "forgotten by a reset";
}

TEST_F(Mouse, Scaling) {
  send({0xE7, 0xF4});
  const int expected[] = {0, 1, 1, 3, 6, 9, 12, 14};
  for (int counts = 1; counts < 8; ++counts) {
    mouse.move(counts, -counts, 0, 0);
    const V report = bytes();
    ASSERT_EQ(report.size(), 3u);
    EXPECT_EQ(report[1], expected[counts]);
    EXPECT_EQ(report[2], 256 - expected[counts]);
    pass_ms(20);
  }
  send({0xE6});
  mouse.move(7, 0, 0, 0);
  EXPECT_EQ(bytes(), (V{0x08, 7, 0}));
}

TEST_F(Mouse, RemoteModeReportsWhenAsked) {
  send({0xF4, 0xF0});
  mouse.move(4, 5, 0, 1);
  pass_ms(100);
  EXPECT_EQ(bytes(), V{});
  EXPECT_EQ(send({0xEB}), (V{0xFA, 0x09, 4, 5}));
  EXPECT_EQ(send({0xEB}), (V{0xFA, 0x09, 0, 0}));
  EXPECT_EQ(send({0xE9}), (V{0xFA, 0x64, 2, 100})) << "remote, reporting, left button";
  send({0xEA});
  mouse.move(1, 0, 0, 0);
  EXPECT_EQ(bytes(), (V{0x08, 1, 0}));
}

TEST_F(Mouse, WrapModeEchoes) {
  EXPECT_EQ(send({0xEE}), (V{0xFA}));
  EXPECT_EQ(send({0xF4, 0x12, 0xF2, 0xE9}), (V{0xF4, 0x12, 0xF2, 0xE9}));
  EXPECT_EQ(send({0xEC}), (V{0xFA}));
  EXPECT_EQ(send({0xF2}), (V{0xFA, 0x00}));
}

TEST_F(Mouse, MistakesAreRefused) {
  EXPECT_EQ(send({0x00}), (V{0xFE}));
  EXPECT_EQ(send({0x01}), (V{0xFC})) << "the second in a row";
  EXPECT_EQ(send({0xE8, 4}), (V{0xFA, 0xFE}));
  EXPECT_EQ(send({3}), (V{0xFA})) << "the parameter once more";
  EXPECT_EQ(send({0xF3, 33}), (V{0xFA, 0xFE}));
  EXPECT_EQ(send({34}), (V{0xFC}));
  EXPECT_EQ(send({0xE9}), (V{0xFA, 0x00, 3, 100}));
  EXPECT_EQ(send({0xF6, 0xE9}), (V{0xFA, 0xFA, 0x00, 2, 100}));
}

TEST_F(Mouse, ResendRepeatsTheReport) {
  send({0xF4});
  mouse.move(9, 8, 0, 0);
  EXPECT_EQ(bytes(), (V{0x08, 9, 8}));
  EXPECT_EQ(send({0xFE}), (V{0x08, 9, 8}));
}

TEST_F(Mouse, StateIsComplete) {
  send({0xF3, 200, 0xF3, 100, 0xF3, 80, 0xF4});
  mouse.move(400, 3, 2, 5);
  bench::HandClock same;
  Ps2Mouse twin(same, [] {});
  expect_complete(twin);
  auto bad = bench::saved(mouse);
  bad[16] = 99;  // head of the queue
  EXPECT_THROW(bench::load(twin, bad), StateError);
}

}  // namespace
}  // namespace ringside
