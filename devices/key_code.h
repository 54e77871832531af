// The physical keys of a 104-key board, their names, and the scan codes that they send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringside {

/// A key by its place on a US board, not by what is printed on it. kNonUs is the 105th key, beside the left
/// Shift of European boards.
enum class KeyCode : std::uint8_t {
  kEscape, kF1, kF2, kF3, kF4, kF5, kF6, kF7, kF8, kF9, kF10, kF11, kF12,
  kPrintScreen, kScrollLock, kPause,
  kGrave, k1, k2, k3, k4, k5, k6, k7, k8, k9, k0, kMinus, kEqual, kBackspace,
  kTab, kQ, kW, kE, kR, kT, kY, kU, kI, kO, kP, kLeftBracket, kRightBracket, kBackslash,
  kCapsLock, kA, kS, kD, kF, kG, kH, kJ, kK, kL, kSemicolon, kApostrophe, kEnter,
  kLeftShift, kZ, kX, kC, kV, kB, kN, kM, kComma, kPeriod, kSlash, kRightShift,
  kLeftCtrl, kLeftGui, kLeftAlt, kSpace, kRightAlt, kRightGui, kMenu, kRightCtrl,
  kInsert, kHome, kPageUp, kDelete, kEnd, kPageDown, kUp, kLeft, kDown, kRight,
  kNumLock, kKeypadSlash, kKeypadStar, kKeypadMinus, kKeypad7, kKeypad8, kKeypad9, kKeypadPlus,
  kKeypad4, kKeypad5, kKeypad6, kKeypad1, kKeypad2, kKeypad3, kKeypadEnter, kKeypad0, kKeypadPeriod,
  kNonUs,
  kCount,
};

constexpr std::size_t kKeyCount = static_cast<std::size_t>(KeyCode::kCount);

/// A code of scan code set 2, after the prefix E0h where `extended`. Print Screen and Pause send sequences
/// of their own; what stands here for them is the code that those sequences are built around.
struct ScanCode {
  std::uint8_t code;
  bool extended;
};
ScanCode set2_code(KeyCode key);

/// "Escape", "F1", "LeftShift", ...; the names that scripts and recordings use.
std::string_view key_name(KeyCode key);
/// kCount where no key has this name.
KeyCode key_from_name(std::string_view name);

/// What the 8042 makes of one byte of set 2 (not of the prefix F0h) when it translates: the byte of set 1.
std::uint8_t set1_from_set2(std::uint8_t code);

}  // namespace ringside
