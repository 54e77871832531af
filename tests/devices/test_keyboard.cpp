#include <set>

#include "devices/ps2_keyboard.h"
#include "tests/devices/ps2_bench.h"

namespace ringside {
namespace {

using V = std::vector<int>;

class Keyboard : public bench::Ps2Bench<Ps2Keyboard> {
 protected:
  V down(KeyCode key) {
    keyboard.key(key, true);
    return bytes();
  }
  V up(KeyCode key) {
    keyboard.key(key, false);
    return bytes();
  }

  Ps2Keyboard& keyboard = device;
};

TEST_F(Keyboard, NamesAreUniqueAndFoundAgain) {
  std::set<std::string_view> names;
  std::set<int> codes;
  for (std::size_t i = 0; i < kKeyCount; ++i) {
    const auto key = static_cast<KeyCode>(i);
    EXPECT_TRUE(names.insert(key_name(key)).second) << key_name(key);
    EXPECT_EQ(key_from_name(key_name(key)), key);
    const ScanCode code = set2_code(key);
    if (key == KeyCode::kPause) continue;  // shares its code with Num Lock
    EXPECT_TRUE(codes.insert(code.code | (code.extended ? 0x100 : 0)).second) << key_name(key);
  }
  EXPECT_EQ(kKeyCount, 105u);
  EXPECT_EQ(key_from_name("Any"), KeyCode::kCount);
  EXPECT_EQ(key_name(KeyCode::kF12), "F12");
  EXPECT_EQ(key_name(KeyCode::kKeypadPlus), "KeypadPlus");
}

TEST_F(Keyboard, TranslationFollowsTheRowsOfTheBoard) {
  // Set 1 numbers the keys of the first PC row by row.
  const KeyCode order[] = {KeyCode::kEscape,     KeyCode::k1,           KeyCode::k2,
                           KeyCode::k3,          KeyCode::k4,           KeyCode::k5,
                           KeyCode::k6,          KeyCode::k7,           KeyCode::k8,
                           KeyCode::k9,          KeyCode::k0,           KeyCode::kMinus,
                           KeyCode::kEqual,      KeyCode::kBackspace,   KeyCode::kTab,
                           KeyCode::kQ,          KeyCode::kW,           KeyCode::kE,
                           KeyCode::kR,          KeyCode::kT,           KeyCode::kY,
                           KeyCode::kU,          KeyCode::kI,           KeyCode::kO,
                           KeyCode::kP,          KeyCode::kLeftBracket, KeyCode::kRightBracket,
                           KeyCode::kEnter,      KeyCode::kLeftCtrl,    KeyCode::kA,
                           KeyCode::kS,          KeyCode::kD,           KeyCode::kF,
                           KeyCode::kG,          KeyCode::kH,           KeyCode::kJ,
                           KeyCode::kK,          KeyCode::kL,           KeyCode::kSemicolon,
                           KeyCode::kApostrophe, KeyCode::kGrave,       KeyCode::kLeftShift,
                           KeyCode::kBackslash,  KeyCode::kZ,           KeyCode::kX,
                           KeyCode::kC,          KeyCode::kV,           KeyCode::kB,
                           KeyCode::kN,          KeyCode::kM,           KeyCode::kComma,
                           KeyCode::kPeriod,     KeyCode::kSlash,       KeyCode::kRightShift,
                           KeyCode::kKeypadStar, KeyCode::kLeftAlt,     KeyCode::kSpace,
                           KeyCode::kCapsLock,   KeyCode::kF1,          KeyCode::kF2,
                           KeyCode::kF3,         KeyCode::kF4,          KeyCode::kF5,
                           KeyCode::kF6,         KeyCode::kF7,          KeyCode::kF8,
                           KeyCode::kF9,         KeyCode::kF10,         KeyCode::kNumLock,
                           KeyCode::kScrollLock, KeyCode::kKeypad7,     KeyCode::kKeypad8,
                           KeyCode::kKeypad9,    KeyCode::kKeypadMinus, KeyCode::kKeypad4,
                           KeyCode::kKeypad5,    KeyCode::kKeypad6,     KeyCode::kKeypadPlus,
                           KeyCode::kKeypad1,    KeyCode::kKeypad2,     KeyCode::kKeypad3,
                           KeyCode::kKeypad0,    KeyCode::kKeypadPeriod};
  int expected = 1;
  for (KeyCode key : order) EXPECT_EQ(set1_from_set2(set2_code(key).code), expected++) << key_name(key);
  EXPECT_EQ(set1_from_set2(0xAA), 0xAA);
  EXPECT_EQ(set1_from_set2(0xFA), 0xFA);
  EXPECT_EQ(set1_from_set2(0xE0), 0xE0);
  EXPECT_EQ(set1_from_set2(0x84), 0x54);
}

TEST_F(Keyboard, MakeAndBreakInBothSets) {
  EXPECT_EQ(down(KeyCode::kA), (V{0x1C}));
  EXPECT_EQ(up(KeyCode::kA), (V{0xF0, 0x1C}));
  EXPECT_EQ(down(KeyCode::kRightCtrl), (V{0xE0, 0x14}));
  EXPECT_EQ(up(KeyCode::kRightCtrl), (V{0xE0, 0xF0, 0x14}));
  EXPECT_EQ(send({0xF0, 0x01}), (V{0xFA, 0xFA}));
  EXPECT_EQ(down(KeyCode::kA), (V{0x1E}));
  EXPECT_EQ(up(KeyCode::kA), (V{0x9E}));
  EXPECT_EQ(down(KeyCode::kRightCtrl), (V{0xE0, 0x1D}));
  EXPECT_EQ(up(KeyCode::kRightCtrl), (V{0xE0, 0x9D}));
  EXPECT_EQ(send({0xF0, 0x00}), (V{0xFA, 0xFA, 0x01}));
  EXPECT_EQ(send({0xF0, 0x03}), (V{0xFA, 0xFE})) << "set 3 is not there";
  EXPECT_EQ(send({0xF0, 0x02}), (V{0xFA, 0xFA}));
  EXPECT_EQ(down(KeyCode::kA), (V{0x1C}));
}

TEST_F(Keyboard, PauseAndPrintScreen) {
  EXPECT_EQ(down(KeyCode::kPause), (V{0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77}));
  EXPECT_EQ(up(KeyCode::kPause), V{});
  EXPECT_EQ(down(KeyCode::kPrintScreen), (V{0xE0, 0x12, 0xE0, 0x7C}));
  EXPECT_EQ(up(KeyCode::kPrintScreen), (V{0xE0, 0xF0, 0x7C, 0xE0, 0xF0, 0x12}));
  down(KeyCode::kLeftAlt);
  EXPECT_EQ(down(KeyCode::kPrintScreen), (V{0x84})) << "SysRq";
  EXPECT_EQ(up(KeyCode::kPrintScreen), (V{0xF0, 0x84}));
  up(KeyCode::kLeftAlt);
  down(KeyCode::kLeftCtrl);
  EXPECT_EQ(down(KeyCode::kPrintScreen), (V{0xE0, 0x7C}));
  EXPECT_EQ(up(KeyCode::kPrintScreen), (V{0xE0, 0xF0, 0x7C}));
  EXPECT_EQ(down(KeyCode::kPause), (V{0xE0, 0x7E, 0xE0, 0xF0, 0x7E})) << "Break";
}

TEST_F(Keyboard, GreyKeysUndoShiftAndNumLock) {
  EXPECT_EQ(down(KeyCode::kHome), (V{0xE0, 0x6C}));
  EXPECT_EQ(up(KeyCode::kHome), (V{0xE0, 0xF0, 0x6C}));
  send({0xED, 0x02});
  EXPECT_EQ(down(KeyCode::kHome), (V{0xE0, 0x12, 0xE0, 0x6C}));
  EXPECT_EQ(up(KeyCode::kHome), (V{0xE0, 0xF0, 0x6C, 0xE0, 0xF0, 0x12}));
  send({0xED, 0x00});
  down(KeyCode::kLeftShift);
  EXPECT_EQ(down(KeyCode::kHome), (V{0xE0, 0xF0, 0x12, 0xE0, 0x6C}));
  EXPECT_EQ(up(KeyCode::kHome), (V{0xE0, 0xF0, 0x6C, 0xE0, 0x12}));
  EXPECT_EQ(down(KeyCode::kKeypadSlash), (V{0xE0, 0xF0, 0x12, 0xE0, 0x4A}));
}

TEST_F(Keyboard, Commands) {
  EXPECT_EQ(send({0xEE}), (V{0xEE}));
  EXPECT_EQ(send({0xF2}), (V{0xFA, 0xAB, 0x83}));
  EXPECT_EQ(send({0xED, 0x05}), (V{0xFA, 0xFA}));
  EXPECT_EQ(keyboard.leds(), 5u);
  EXPECT_EQ(send({0xED, 0x80}), (V{0xFA, 0xFE})) << "not a set of LEDs";
  EXPECT_EQ(keyboard.leds(), 5u);
  EXPECT_EQ(send({0xED, 0xF2}), (V{0xFA, 0xFA, 0xAB, 0x83})) << "a command instead of the parameter";
  EXPECT_EQ(send({0x12}), (V{0xFE}));
  EXPECT_EQ(send({0xF7, 0xFA}), (V{0xFA, 0xFA}));
  EXPECT_EQ(send({0xFB}), (V{0xFE}));
  EXPECT_EQ(send({0xEE, 0xFE}), (V{0xEE, 0xEE})) << "resend";
}

TEST_F(Keyboard, ScanningCanBeStopped) {
  EXPECT_EQ(send({0xF5}), (V{0xFA}));
  EXPECT_EQ(down(KeyCode::kA), V{});
  EXPECT_EQ(send({0xF4}), (V{0xFA}));
  EXPECT_EQ(down(KeyCode::kB), (V{0x32}));
  EXPECT_EQ(up(KeyCode::kA), (V{0xF0, 0x1C})) << "its state was followed meanwhile";
  EXPECT_EQ(down(KeyCode::kB), V{}) << "it is down already";
  EXPECT_EQ(up(KeyCode::kC), V{}) << "it is not down";
}

TEST_F(Keyboard, SelfTest) {
  send({0xED, 0x07, 0xF5});
  EXPECT_EQ(send({0xFF}), (V{0xFA}));
  EXPECT_EQ(keyboard.leds(), 0u);
  pass_ms(10);
  EXPECT_EQ(bytes(), V{});
  pass_ms(15);
  EXPECT_EQ(bytes(), (V{0xAA}));
  EXPECT_EQ(down(KeyCode::kA), (V{0x1C})) << "scanning again";
}

TEST_F(Keyboard, RepeatsAtTheTypematicRate) {
  down(KeyCode::kA);
  pass_ms(490);
  EXPECT_EQ(bytes(), V{});
  pass_ms(20);
  EXPECT_EQ(bytes(), (V{0x1C})) << "after half a second";
  pass_ms(917);
  EXPECT_EQ(bytes(), V(10, 0x1C)) << "10.9 a second";
  up(KeyCode::kA);
  pass_ms(2000);
  EXPECT_EQ(bytes(), V{});
  send({0xF3, 0x00});  // a quarter of a second, 30 a second
  down(KeyCode::kUp);
  pass_ms(251);
  EXPECT_EQ(bytes(), (V{0xE0, 0x75}));
  pass_ms(100);
  EXPECT_EQ(bytes().size(), 6u);
  down(KeyCode::kB);  // takes over
  up(KeyCode::kUp);
  bytes();
  pass_ms(251);
  EXPECT_EQ(bytes(), (V{0x32}));
  send({0xF3, 0x7F});  // one second, two a second
  up(KeyCode::kB);
  down(KeyCode::kC);
  bytes();
  pass_ms(999);
  EXPECT_EQ(bytes(), V{});
  pass_ms(2);
  EXPECT_EQ(bytes(), (V{0x21}));
  pass_ms(1001);
  EXPECT_EQ(bytes(), (V{0x21, 0x21}));
  EXPECT_EQ(send({0xF3, 0x80}), (V{0xFA, 0xFE}));
}

TEST_F(Keyboard, FullBufferEndsInOneOverrunCode) {
  for (int i = 0; i < 5; ++i) {
    keyboard.key(KeyCode::kA, true);
    keyboard.key(KeyCode::kA, false);
  }
  keyboard.key(KeyCode::kB, true);  // the sixteenth byte
  keyboard.key(KeyCode::kC, true);
  keyboard.key(KeyCode::kD, true);
  pass_ms(3000);
  V all = bytes();
  ASSERT_EQ(all.size(), 17u);
  EXPECT_EQ(all[15], 0x32);
  EXPECT_EQ(all[16], 0x00);
  EXPECT_EQ(down(KeyCode::kE), (V{0x24})) << "room again";
}

TEST_F(Keyboard, AnswersGoBeforeScanCodes) {
  keyboard.key(KeyCode::kA, true);
  keyboard.receive(0xED);
  EXPECT_EQ(bytes(), (V{0xFA, 0x1C}));
}

TEST_F(Keyboard, StateIsComplete) {
  send({0xF3, 0x20, 0xED, 0x03});
  keyboard.key(KeyCode::kUp, true);
  bench::HandClock same;
  same.tick = clock.tick;
  Ps2Keyboard twin(same, [] {});
  expect_complete(twin);
  EXPECT_EQ(twin.leds(), 3u);
  keyboard.reset();
  EXPECT_FALSE(keyboard.has_byte());
  EXPECT_EQ(keyboard.leds(), 0u);
}

}  // namespace
}  // namespace ringside
