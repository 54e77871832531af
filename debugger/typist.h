// Text as key presses on a US keyboard, in guest time.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "machine/machine.h"

namespace ringside {

struct KeyStroke {
  KeyCode key;
  bool down;
};

/// `\n`, `\t`, `\\`, `\<`; `<F1>`, `<esc>`, `<up>`, `<ctrl-c>`, `<ctrl-alt-delete>`, or a key's own name.
/// Throws ConfigError for what no key can type.
std::vector<KeyStroke> keystrokes(const std::string& text);

/// Presses keys one by one, 10 ms of guest time apart: slow enough for every BIOS, quick enough that no key
/// repeats.
class Typist {
 public:
  explicit Typist(Machine& machine) : machine_(machine) {}

  void type(const std::vector<KeyStroke>& strokes);
  bool idle() const { return queue_.empty(); }
  /// When the next key is due; kNever while idle.
  Tick next() const { return queue_.empty() ? kNever : next_; }
  /// Does what is due at the machine's present tick.
  void work();

 private:
  Machine& machine_;
  std::deque<KeyStroke> queue_;
  Tick next_ = 0;
};

}  // namespace ringside
