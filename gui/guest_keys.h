// The host's keys as the guest's.
#pragma once

#include "devices/key_code.h"

namespace ringside {

/// KeyCode::kCount where the guest's keyboard has no such key. `scancode` is SDL's: a place on the keyboard.
KeyCode guest_key(int scancode);

}  // namespace ringside
