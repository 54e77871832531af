// Room for the cases below 4 GiB beside AddressSanitizer, whose shadow of low memory lies there.
#pragma once

namespace ringside::oracle {

#ifdef RINGSIDE_SANITIZE
/// Frees the addresses between 2 and 4 GiB but for the shadow that is needed. False where that fails.
bool make_room_below_4g();

/// While one exists, a case finds no shadow: what is not the case's is absent. No instrumented code may run meanwhile.
class HiddenShadow {
 public:
  HiddenShadow();
  ~HiddenShadow();
};
#else
inline bool make_room_below_4g() { return true; }
struct HiddenShadow {
  HiddenShadow() {}  // not trivial, so that nobody takes the variable for an unused one
};
#endif

}  // namespace ringside::oracle
