// Places in a guest's life that people want to run to, by name, with no address to be known.
#pragma once

#include <string>
#include <vector>

#include "debugger/inspect/session.h"

namespace ringside {

struct Milestone {
  std::string name;
  std::string tip;
  StopPointSpec point;
  bool group_ends = false;  ///< a line in the menu behind it
};
/// In the order of a boot; the last ones are not of a boot only. `session` says what the guest's own ready line is.
std::vector<Milestone> milestones(const SessionOptions& session);

}  // namespace ringside
