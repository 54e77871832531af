#include "gui/guest_keys.h"

#include <SDL_scancode.h>

#include <array>

namespace ringside {
namespace {

using enum KeyCode;

constexpr auto make_table() {
  std::array<KeyCode, SDL_NUM_SCANCODES> t{};
  t.fill(kCount);
  constexpr KeyCode kLetters[] = {kA, kB, kC, kD, kE, kF, kG, kH, kI, kJ, kK, kL, kM, kN, kO, kP, kQ, kR, kS, kT, kU, kV, kW, kX, kY, kZ};
  for (std::size_t i = 0; i < 26; ++i) t[SDL_SCANCODE_A + i] = kLetters[i];
  constexpr KeyCode kDigits[] = {k1, k2, k3, k4, k5, k6, k7, k8, k9, k0};
  for (std::size_t i = 0; i < 10; ++i) t[SDL_SCANCODE_1 + i] = kDigits[i];
  constexpr KeyCode kFunctions[] = {kF1, kF2, kF3, kF4, kF5, kF6, kF7, kF8, kF9, kF10, kF11, kF12};
  for (std::size_t i = 0; i < 12; ++i) t[SDL_SCANCODE_F1 + i] = kFunctions[i];
  constexpr KeyCode kPad[] = {kKeypad1, kKeypad2, kKeypad3, kKeypad4, kKeypad5, kKeypad6, kKeypad7, kKeypad8, kKeypad9, kKeypad0};
  for (std::size_t i = 0; i < 10; ++i) t[SDL_SCANCODE_KP_1 + i] = kPad[i];
  t[SDL_SCANCODE_RETURN] = kEnter;
  t[SDL_SCANCODE_ESCAPE] = kEscape;
  t[SDL_SCANCODE_BACKSPACE] = kBackspace;
  t[SDL_SCANCODE_TAB] = kTab;
  t[SDL_SCANCODE_SPACE] = kSpace;
  t[SDL_SCANCODE_MINUS] = kMinus;
  t[SDL_SCANCODE_EQUALS] = kEqual;
  t[SDL_SCANCODE_LEFTBRACKET] = kLeftBracket;
  t[SDL_SCANCODE_RIGHTBRACKET] = kRightBracket;
  t[SDL_SCANCODE_BACKSLASH] = kBackslash;
  t[SDL_SCANCODE_NONUSHASH] = kBackslash;
  t[SDL_SCANCODE_SEMICOLON] = kSemicolon;
  t[SDL_SCANCODE_APOSTROPHE] = kApostrophe;
  t[SDL_SCANCODE_GRAVE] = kGrave;
  t[SDL_SCANCODE_COMMA] = kComma;
  t[SDL_SCANCODE_PERIOD] = kPeriod;
  t[SDL_SCANCODE_SLASH] = kSlash;
  t[SDL_SCANCODE_CAPSLOCK] = kCapsLock;
  t[SDL_SCANCODE_PRINTSCREEN] = kPrintScreen;
  t[SDL_SCANCODE_SCROLLLOCK] = kScrollLock;
  t[SDL_SCANCODE_PAUSE] = kPause;
  t[SDL_SCANCODE_INSERT] = kInsert;
  t[SDL_SCANCODE_HOME] = kHome;
  t[SDL_SCANCODE_PAGEUP] = kPageUp;
  t[SDL_SCANCODE_DELETE] = kDelete;
  t[SDL_SCANCODE_END] = kEnd;
  t[SDL_SCANCODE_PAGEDOWN] = kPageDown;
  t[SDL_SCANCODE_RIGHT] = kRight;
  t[SDL_SCANCODE_LEFT] = kLeft;
  t[SDL_SCANCODE_DOWN] = kDown;
  t[SDL_SCANCODE_UP] = kUp;
  t[SDL_SCANCODE_NUMLOCKCLEAR] = kNumLock;
  t[SDL_SCANCODE_KP_DIVIDE] = kKeypadSlash;
  t[SDL_SCANCODE_KP_MULTIPLY] = kKeypadStar;
  t[SDL_SCANCODE_KP_MINUS] = kKeypadMinus;
  t[SDL_SCANCODE_KP_PLUS] = kKeypadPlus;
  t[SDL_SCANCODE_KP_ENTER] = kKeypadEnter;
  t[SDL_SCANCODE_KP_PERIOD] = kKeypadPeriod;
  t[SDL_SCANCODE_NONUSBACKSLASH] = kNonUs;
  t[SDL_SCANCODE_APPLICATION] = kMenu;
  t[SDL_SCANCODE_LCTRL] = kLeftCtrl;
  t[SDL_SCANCODE_LSHIFT] = kLeftShift;
  t[SDL_SCANCODE_LALT] = kLeftAlt;
  t[SDL_SCANCODE_LGUI] = kLeftGui;
  t[SDL_SCANCODE_RCTRL] = kRightCtrl;
  t[SDL_SCANCODE_RSHIFT] = kRightShift;
  t[SDL_SCANCODE_RALT] = kRightAlt;
  t[SDL_SCANCODE_RGUI] = kRightGui;
  return t;
}
constexpr auto kTable = make_table();

}  // namespace

KeyCode guest_key(int scancode) {
  return scancode >= 0 && scancode < SDL_NUM_SCANCODES ? kTable[static_cast<std::size_t>(scancode)] : kCount;
}

}  // namespace ringside
