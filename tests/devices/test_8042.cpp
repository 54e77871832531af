#include "devices/kbc_8042.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

class Controller : public testing::Test {
 protected:
  void command(unsigned code) {
    b.out8(0x64, code);
    b.pass(15'000);
  }
  void data(unsigned value) {
    b.out8(0x60, value);
    b.pass(15'000);
  }
  /// Waits for a byte, as software does; -1 where none comes.
  int next() {
    for (int i = 0; i < 300; ++i) {
      if ((b.in8(0x64) & 1) != 0) return b.in8(0x60);
      b.pass(100'000);
    }
    return -1;
  }
  void set_command_byte(unsigned value) {
    command(0x60);
    data(value);
  }
  int to_mouse(unsigned value) {
    command(0xD4);
    data(value);
    return next();
  }

  bench::Bench b;
  Kbc8042 kbc{b.ports, b.events, b.irqs, b.system, b.log};
};

TEST_F(Controller, SelfTestAndInterfaceTests) {
  EXPECT_EQ(b.in8(0x64) & 0x05, 0);
  command(0xAA);
  EXPECT_EQ(b.in8(0x64) & 0x04, 0x04) << "system flag";
  EXPECT_EQ(next(), 0x55);
  command(0xAB);
  EXPECT_EQ(next(), 0x00);
  command(0xA9);
  EXPECT_EQ(next(), 0x00);
  command(0xA4);
  EXPECT_EQ(next(), 0xF1);
  EXPECT_EQ(next(), -1);
  EXPECT_TRUE(b.log.lints.empty());
}

TEST_F(Controller, AnswersTakeTime) {
  b.out8(0x64, 0x20);
  EXPECT_EQ(b.in8(0x64) & 0x0B, 0x0A) << "input buffer full, a command, no output";
  b.pass(12'000);
  EXPECT_EQ(b.in8(0x64) & 0x0B, 0x08);
  b.pass(12'000);
  EXPECT_EQ(b.in8(0x64) & 0x0B, 0x09);
  EXPECT_EQ(b.in8(0x60), 0x30) << "both interfaces disabled at power-on";
  EXPECT_EQ(b.in8(0x64) & 0x01, 0);
  EXPECT_EQ(b.in8(0x60), 0x30) << "the latch keeps its byte";
  b.out8(0x60, 0xEE);
  EXPECT_EQ(b.in8(0x64) & 0x08, 0) << "data was written last";
}

TEST_F(Controller, CommandByteAndRam) {
  set_command_byte(0x47);
  command(0x20);
  EXPECT_EQ(next(), 0x47);
  EXPECT_EQ(b.in8(0x64) & 0x04, 0x04);
  set_command_byte(0x43);
  EXPECT_EQ(b.in8(0x64) & 0x04, 0x00);
  for (unsigned i = 1; i < 32; ++i) {
    command(0x60 + i);
    data(0x80 + i);
  }
  for (unsigned i = 1; i < 32; ++i) {
    command(0x20 + i);
    EXPECT_EQ(next(), static_cast<int>(0x80 + i));
  }
  const auto bit = [this](unsigned code) {
    command(code);
    command(0x20);
    return next();
  };
  EXPECT_EQ(bit(0xA7), 0x63);
  EXPECT_EQ(bit(0xAD), 0x73);
  EXPECT_EQ(bit(0xA8), 0x53);
  EXPECT_EQ(bit(0xAE), 0x43);
}

TEST_F(Controller, InterruptsFollowTheOutputBuffer) {
  set_command_byte(0x03);
  EXPECT_FALSE(b.irqs.level[1]);
  command(0xD2);
  data(0x5A);
  b.pass(50'000);
  EXPECT_TRUE(b.irqs.level[1]);
  EXPECT_FALSE(b.irqs.level[12]);
  EXPECT_EQ(b.in8(0x64) & 0x21, 0x01);
  EXPECT_EQ(b.in8(0x60), 0x5A);
  EXPECT_FALSE(b.irqs.level[1]);
  command(0xD3);
  data(0xA5);
  b.pass(50'000);
  EXPECT_TRUE(b.irqs.level[12]);
  EXPECT_FALSE(b.irqs.level[1]);
  EXPECT_EQ(b.in8(0x64) & 0x21, 0x21) << "from the mouse port";
  EXPECT_EQ(b.in8(0x60), 0xA5);
  EXPECT_FALSE(b.irqs.level[12]);
  set_command_byte(0x00);
  command(0xD3);
  data(0xA5);
  b.pass(50'000);
  EXPECT_FALSE(b.irqs.level[12]);
  EXPECT_EQ(next(), 0xA5);
}

TEST_F(Controller, A20AndReset) {
  kbc.reset();
  EXPECT_TRUE(b.system.a20[0]);
  command(0xD0);
  const int port = next();
  EXPECT_EQ(port & 0x03, 0x03);
  command(0xD1);
  data(static_cast<unsigned>(port) & ~2u);
  EXPECT_FALSE(b.system.a20[0]);
  command(0xD0);
  EXPECT_EQ(next() & 0x02, 0x00);
  command(0xDF);
  EXPECT_TRUE(b.system.a20[0]);
  command(0xDD);
  EXPECT_FALSE(b.system.a20[0]);
  command(0xD1);
  data(0xDF);
  EXPECT_TRUE(b.system.a20[0]);
  EXPECT_EQ(b.system.warm_resets, 0u);
  command(0xFE);
  EXPECT_EQ(b.system.warm_resets, 1u);
  command(0xFF);
  command(0xF1);
  EXPECT_EQ(b.system.warm_resets, 1u) << "bit 0 is high: no pulse on the reset line";
  command(0xF0);
  EXPECT_EQ(b.system.warm_resets, 2u);
  command(0xD1);
  data(0x02);
  EXPECT_EQ(b.system.warm_resets, 3u);
}

TEST_F(Controller, KeyboardSpeaksOnlyWhileEnabled) {
  kbc.keyboard().key(KeyCode::kA, true);
  EXPECT_EQ(next(), -1);
  command(0xAE);
  EXPECT_EQ(next(), 0x1C) << "set 2 without translation";
  command(0xAD);
  kbc.keyboard().key(KeyCode::kA, false);
  EXPECT_EQ(next(), -1);
  data(0xEE);  // sending enables the interface
  EXPECT_EQ(next(), 0xEE);
  EXPECT_EQ(next(), 0xF0);
  EXPECT_EQ(next(), 0x1C);
}

TEST_F(Controller, OneByteAtATime) {
  set_command_byte(0x01);
  kbc.keyboard().key(KeyCode::kUp, true);
  b.pass_ms(10);
  EXPECT_EQ(b.irqs.rises[1], 1u);
  EXPECT_EQ(b.in8(0x60), 0xE0);
  EXPECT_EQ(b.in8(0x64) & 1, 0) << "the next frame takes a millisecond";
  b.pass(900'000);
  EXPECT_EQ(b.in8(0x64) & 1, 0);
  b.pass(200'000);
  EXPECT_EQ(b.irqs.rises[1], 2u);
  EXPECT_EQ(b.in8(0x60), 0x75);
}

TEST_F(Controller, Translation) {
  set_command_byte(0x41);
  const auto press_and_release = [this](KeyCode key) {
    std::vector<int> bytes;
    kbc.keyboard().key(key, true);
    kbc.keyboard().key(key, false);
    for (int byte = next(); byte >= 0; byte = next()) bytes.push_back(byte);
    return bytes;
  };
  using V = std::vector<int>;
  EXPECT_EQ(press_and_release(KeyCode::kEscape), (V{0x01, 0x81}));
  EXPECT_EQ(press_and_release(KeyCode::kA), (V{0x1E, 0x9E}));
  EXPECT_EQ(press_and_release(KeyCode::kF7), (V{0x41, 0xC1}));
  EXPECT_EQ(press_and_release(KeyCode::kF11), (V{0x57, 0xD7}));
  EXPECT_EQ(press_and_release(KeyCode::kEnter), (V{0x1C, 0x9C}));
  EXPECT_EQ(press_and_release(KeyCode::kKeypadEnter), (V{0xE0, 0x1C, 0xE0, 0x9C}));
  EXPECT_EQ(press_and_release(KeyCode::kDelete), (V{0xE0, 0x53, 0xE0, 0xD3}));
  EXPECT_EQ(press_and_release(KeyCode::kPause), (V{0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5}));
  EXPECT_EQ(press_and_release(KeyCode::kPrintScreen), (V{0xE0, 0x2A, 0xE0, 0x37, 0xE0, 0xB7, 0xE0, 0xAA}));
  EXPECT_EQ(press_and_release(KeyCode::kNonUs), (V{0x56, 0xD6}));
  data(0xF2);
  EXPECT_EQ(next(), 0xFA);
  EXPECT_EQ(next(), 0xAB);
  EXPECT_EQ(next(), 0x41) << "83h, translated";
}

TEST_F(Controller, ResetOfTheKeyboard) {
  data(0xFF);
  EXPECT_EQ(next(), 0xFA);
  EXPECT_EQ(b.in8(0x64) & 1, 0);
  EXPECT_EQ(next(), 0xAA);
  EXPECT_EQ(next(), -1);
}

TEST_F(Controller, MousePort) {
  set_command_byte(0x03);
  EXPECT_EQ(to_mouse(0xF4), 0xFA);
  EXPECT_EQ(b.irqs.rises[12], 1u);
  kbc.mouse().move(5, -3, 0, 1);
  b.pass_ms(2);
  EXPECT_EQ(b.in8(0x64) & 0x21, 0x21);
  EXPECT_EQ(next(), 0x29);
  EXPECT_EQ(next(), 5);
  EXPECT_EQ(next(), 0xFD);
  EXPECT_EQ(next(), -1);
  command(0xA7);
  kbc.mouse().move(1, 1, 0, 0);
  EXPECT_EQ(next(), -1);
  command(0xA8);
  EXPECT_EQ(next(), 0x08);
}

TEST_F(Controller, AnswersGoBeforeDeviceBytes) {
  set_command_byte(0x00);
  kbc.keyboard().key(KeyCode::kB, true);
  b.pass(500'000);  // half a frame
  command(0x20);
  EXPECT_EQ(next(), 0x00) << "the command byte";
  EXPECT_EQ(next(), 0x32) << "the interrupted byte is sent again";
}

TEST_F(Controller, MistakesAreNoted) {
  b.out8(0x64, 0x20);
  b.out8(0x64, 0x20);
  EXPECT_EQ(b.log.lints.size(), 1u) << "input buffer full";
  b.pass_ms(1);
  command(0x99);
  EXPECT_EQ(b.log.lints.size(), 2u) << "no such command";
  command(0xD1);
  command(0xAE);
  EXPECT_EQ(b.log.lints.size(), 3u) << "parameter missing";
}

TEST_F(Controller, StateGoesOnElsewhere) {
  set_command_byte(0x43);
  for (KeyCode key : {KeyCode::kPause, KeyCode::kA, KeyCode::kB}) kbc.keyboard().key(key, true);
  EXPECT_EQ(to_mouse(0xF4), 0xE1);
  b.pass(300'000);
  bench::Bench other;
  Kbc8042 twin(other.ports, other.events, other.irqs, other.system, other.log);
  bench::move_over(kbc, b, twin, other);
  for (int i = 0; i < 400; ++i) {
    b.pass(250'000);
    other.pass(250'000);
    ASSERT_EQ(b.in8(0x64), other.in8(0x64));
    ASSERT_EQ(b.in8(0x60), other.in8(0x60));
  }
  EXPECT_EQ(bench::saved(twin), bench::saved(kbc));
}

TEST_F(Controller, DamagedStateIsRefusedOrHarmless) {
  set_command_byte(0x43);
  kbc.keyboard().key(KeyCode::kPause, true);
  kbc.mouse().move(1, 2, 3, 1);
  bench::load_damaged(kbc, [this] {
    for (int i = 0; i < 10; ++i) {
      b.in8(0x60);
      b.pass_ms(2);
    }
    kbc.keyboard().key(KeyCode::kHome, true);
    kbc.keyboard().key(KeyCode::kHome, false);
    kbc.mouse().move(30000, -30000, 9, 2);
    b.out8(0x64, 0xD4);
    b.out8(0x60, 0xE9);
    b.out8(0x60, 0xF2);
    b.pass_ms(3);
  });
}

}  // namespace
}  // namespace ringside
