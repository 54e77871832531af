#include "devices/key_code.h"

#include <array>

namespace ringside {
namespace {

struct Key {
  std::string_view name;
  ScanCode set2;
};

// In the order of KeyCode. IBM, Personal System/2 Hardware Interface Technical Reference, "Keyboard (101- and
// 102-Key)", scan code set 2; the three GUI keys from Microsoft's Keyboard Scan Code Specification.
constexpr std::array<Key, kKeyCount> kKeys{{
    {"Escape", {0x76, false}},      {"F1", {0x05, false}},           {"F2", {0x06, false}},
    {"F3", {0x04, false}},          {"F4", {0x0C, false}},           {"F5", {0x03, false}},
    {"F6", {0x0B, false}},          {"F7", {0x83, false}},           {"F8", {0x0A, false}},
    {"F9", {0x01, false}},          {"F10", {0x09, false}},          {"F11", {0x78, false}},
    {"F12", {0x07, false}},         {"PrintScreen", {0x7C, true}},   {"ScrollLock", {0x7E, false}},
    {"Pause", {0x77, false}},       {"Grave", {0x0E, false}},        {"1", {0x16, false}},
    {"2", {0x1E, false}},           {"3", {0x26, false}},            {"4", {0x25, false}},
    {"5", {0x2E, false}},           {"6", {0x36, false}},            {"7", {0x3D, false}},
    {"8", {0x3E, false}},           {"9", {0x46, false}},            {"0", {0x45, false}},
    {"Minus", {0x4E, false}},       {"Equal", {0x55, false}},        {"Backspace", {0x66, false}},
    {"Tab", {0x0D, false}},         {"Q", {0x15, false}},            {"W", {0x1D, false}},
    {"E", {0x24, false}},           {"R", {0x2D, false}},            {"T", {0x2C, false}},
    {"Y", {0x35, false}},           {"U", {0x3C, false}},            {"I", {0x43, false}},
    {"O", {0x44, false}},           {"P", {0x4D, false}},            {"LeftBracket", {0x54, false}},
    {"RightBracket", {0x5B, false}}, {"Backslash", {0x5D, false}},   {"CapsLock", {0x58, false}},
    {"A", {0x1C, false}},           {"S", {0x1B, false}},            {"D", {0x23, false}},
    {"F", {0x2B, false}},           {"G", {0x34, false}},            {"H", {0x33, false}},
    {"J", {0x3B, false}},           {"K", {0x42, false}},            {"L", {0x4B, false}},
    {"Semicolon", {0x4C, false}},   {"Apostrophe", {0x52, false}},   {"Enter", {0x5A, false}},
    {"LeftShift", {0x12, false}},   {"Z", {0x1A, false}},            {"X", {0x22, false}},
    {"C", {0x21, false}},           {"V", {0x2A, false}},            {"B", {0x32, false}},
    {"N", {0x31, false}},           {"M", {0x3A, false}},            {"Comma", {0x41, false}},
    {"Period", {0x49, false}},      {"Slash", {0x4A, false}},        {"RightShift", {0x59, false}},
    {"LeftCtrl", {0x14, false}},    {"LeftGui", {0x1F, true}},       {"LeftAlt", {0x11, false}},
    {"Space", {0x29, false}},       {"RightAlt", {0x11, true}},      {"RightGui", {0x27, true}},
    {"Menu", {0x2F, true}},         {"RightCtrl", {0x14, true}},     {"Insert", {0x70, true}},
    {"Home", {0x6C, true}},         {"PageUp", {0x7D, true}},        {"Delete", {0x71, true}},
    {"End", {0x69, true}},          {"PageDown", {0x7A, true}},      {"Up", {0x75, true}},
    {"Left", {0x6B, true}},         {"Down", {0x72, true}},          {"Right", {0x74, true}},
    {"NumLock", {0x77, false}},     {"KeypadSlash", {0x4A, true}},   {"KeypadStar", {0x7C, false}},
    {"KeypadMinus", {0x7B, false}}, {"Keypad7", {0x6C, false}},      {"Keypad8", {0x75, false}},
    {"Keypad9", {0x7D, false}},     {"KeypadPlus", {0x79, false}},   {"Keypad4", {0x6B, false}},
    {"Keypad5", {0x73, false}},     {"Keypad6", {0x74, false}},      {"Keypad1", {0x69, false}},
    {"Keypad2", {0x72, false}},     {"Keypad3", {0x7A, false}},      {"KeypadEnter", {0x5A, true}},
    {"Keypad0", {0x70, false}},     {"KeypadPeriod", {0x71, false}}, {"NonUs", {0x61, false}},
}};

// The translation ROM of the 8042 for codes 00h..7Fh; of those above, only F7 and SysRq are changed.
constexpr std::array<std::uint8_t, 128> kTranslation{
    0xFF, 0x43, 0x41, 0x3F, 0x3D, 0x3B, 0x3C, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3E, 0x0F, 0x29, 0x59,
    0x65, 0x38, 0x2A, 0x70, 0x1D, 0x10, 0x02, 0x5A, 0x66, 0x71, 0x2C, 0x1F, 0x1E, 0x11, 0x03, 0x5B,
    0x67, 0x2E, 0x2D, 0x20, 0x12, 0x05, 0x04, 0x5C, 0x68, 0x39, 0x2F, 0x21, 0x14, 0x13, 0x06, 0x5D,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5E, 0x6A, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5F,
    0x6B, 0x33, 0x25, 0x17, 0x18, 0x0B, 0x0A, 0x60, 0x6C, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0C, 0x61,
    0x6D, 0x73, 0x28, 0x74, 0x1A, 0x0D, 0x62, 0x6E, 0x3A, 0x36, 0x1C, 0x1B, 0x75, 0x2B, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7A, 0x0E, 0x7B, 0x7C, 0x4F, 0x7D, 0x4B, 0x47, 0x7E, 0x7F, 0x6F,
    0x52, 0x53, 0x50, 0x4C, 0x4D, 0x48, 0x01, 0x45, 0x57, 0x4E, 0x51, 0x4A, 0x37, 0x49, 0x46, 0x54,
};

}  // namespace

ScanCode set2_code(KeyCode key) { return kKeys[static_cast<std::size_t>(key)].set2; }

std::string_view key_name(KeyCode key) {
  return key < KeyCode::kCount ? kKeys[static_cast<std::size_t>(key)].name : std::string_view{};
}

KeyCode key_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kKeyCount; ++i)
    if (kKeys[i].name == name) return static_cast<KeyCode>(i);
  return KeyCode::kCount;
}

std::uint8_t set1_from_set2(std::uint8_t code) {
  if (code < 0x80) return kTranslation[code];
  if (code == 0x83) return 0x41;
  if (code == 0x84) return 0x54;
  return code;
}

}  // namespace ringside
