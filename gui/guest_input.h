// Keys and mouse from the window to the guest, while it has them.
#pragma once

#include <set>
#include <string>

#include "devices/key_code.h"
#include "gui/ui.h"

union SDL_Event;

namespace ringside {

class GuestInput {
 public:
  /// True if the event was the guest's.
  bool take(Ui& ui, const SDL_Event& event);
  /// Gives keyboard and mouse back to the window; keys that are down are let go.
  void release(Ui& ui);
  /// The mouse was captured or let go by the panel.
  void follow_capture(Ui& ui);

 private:
  bool take_key(Ui& ui, const SDL_Event& event);
  bool take_mouse(Ui& ui, const SDL_Event& event);
  void send(Ui& ui, KeyCode key, bool down);

  std::set<KeyCode> down_;
  unsigned buttons_ = 0;
  bool mouse_held_ = false;
};

}  // namespace ringside
