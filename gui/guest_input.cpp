#include "gui/guest_input.h"

#include <SDL.h>

#include "gui/guest_keys.h"

namespace ringside {

void GuestInput::send(Ui& ui, KeyCode key, bool down) {
  if (down) {
    down_.insert(key);
  } else {
    down_.erase(key);
  }
  ui.engine->input([key, down](Session& session) { return session.key(key, down); });
}

bool GuestInput::take(Ui& ui, const SDL_Event& event) {
  switch (event.type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP: return take_key(ui, event);
    case SDL_TEXTINPUT: return ui.keyboard_captured;
    case SDL_MOUSEMOTION:
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
    case SDL_MOUSEWHEEL: return take_mouse(ui, event);
    case SDL_WINDOWEVENT:
      if (event.window.event == SDL_WINDOWEVENT_FOCUS_LOST) release(ui);
      return false;
    default: return false;
  }
}

bool GuestInput::take_key(Ui& ui, const SDL_Event& event) {
  if (!ui.keyboard_captured) return false;
  // Ctrl and Alt together lead out, whichever is pressed last; other keys with both of them are the guest's. The event's
  // own modifiers count: both keys may be up again by now.
  const unsigned modifiers = event.key.keysym.mod;
  const SDL_Scancode pressed = event.key.keysym.scancode;
  if (event.type == SDL_KEYDOWN && (pressed == SDL_SCANCODE_LCTRL || pressed == SDL_SCANCODE_LALT)) {
    const bool control = (modifiers & KMOD_LCTRL) != 0 || pressed == SDL_SCANCODE_LCTRL;
    const bool alt = (modifiers & KMOD_LALT) != 0 || pressed == SDL_SCANCODE_LALT;
    if (control && alt) {
      release(ui);
      return true;
    }
  }
  if (event.key.repeat != 0) return true;  // the guest's keyboard repeats by itself
  const KeyCode key = guest_key(event.key.keysym.scancode);
  if (key != KeyCode::kCount) send(ui, key, event.type == SDL_KEYDOWN);
  return true;
}

bool GuestInput::take_mouse(Ui& ui, const SDL_Event& event) {
  if (!ui.mouse_captured) return false;
  int dx = 0, dy = 0, dz = 0;
  if (event.type == SDL_MOUSEMOTION) {
    dx = event.motion.xrel;
    dy = -event.motion.yrel;
  } else if (event.type == SDL_MOUSEWHEEL) {
    dz = -event.wheel.y;
  } else {
    const unsigned bit = event.button.button == SDL_BUTTON_LEFT ? 1 : event.button.button == SDL_BUTTON_RIGHT ? 2 : event.button.button == SDL_BUTTON_MIDDLE ? 4 : 0;
    buttons_ = event.type == SDL_MOUSEBUTTONDOWN ? buttons_ | bit : buttons_ & ~bit;
  }
  ui.engine->input([dx, dy, dz, buttons = buttons_](Session& session) { return session.mouse(dx, dy, dz, buttons); });
  return true;
}

void GuestInput::release(Ui& ui) {
  const std::set<KeyCode> held = down_;
  for (const KeyCode key : held) send(ui, key, false);
  ui.keyboard_captured = false;
  ui.mouse_captured = false;
  follow_capture(ui);
}

void GuestInput::follow_capture(Ui& ui) {
  if (ui.mouse_captured == mouse_held_) return;
  mouse_held_ = ui.mouse_captured;
  SDL_SetRelativeMouseMode(mouse_held_ ? SDL_TRUE : SDL_FALSE);
}

}  // namespace ringside
