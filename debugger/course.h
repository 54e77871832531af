// What accompanies a machine where it goes for the first time, and nowhere else: a recording whose inputs have to enter at
// their ticks and whose hashes have to be compared there, in whatever way the machine is moved.
#pragma once

#include <string>

#include "machine/machine.h"

namespace ringside {

class Course {
 public:
  virtual ~Course() = default;
  /// The tick beyond which the machine must not go before work() was called there; behind the present one, unless it is
  /// over.
  virtual Tick next() const = 0;
  /// The machine stands, where it has never been before: does what is due. False: the course ends here.
  virtual bool work() = 0;
  /// The machine has ended by itself, for the first time.
  virtual void ended(StopReason why) = 0;
  /// Why it is over, in lines for people; nothing while it is not.
  virtual std::string verdict() const = 0;
};

}  // namespace ringside
