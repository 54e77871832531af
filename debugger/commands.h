// The debugger's vocabulary as lines of text: what gdb's `monitor`, the window's console and scenarios speak.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "debugger/debugger.h"

namespace ringside {

/// A point from words: "exec kernel_main if eax == 5", "write [phys] 0x1000 4", "port 3f8-3ff", "vector 14", "ring 3",
/// "cr 0", "msr 1b", "task", "tick 1000000", "screen REGEX", "serial REGEX". Throws DebuggerError.
StopPointSpec parse_point(const Debugger& debugger, const std::string& words);
/// One word or expression: a number, a symbol, a register. Throws DebuggerError.
std::uint64_t parse_value(const Debugger& debugger, const std::string& text);

struct CommandResult {
  std::string text;           ///< lines for people
  bool moved = false;         ///< the machine stands elsewhere than before
};

class Commands {
 public:
  explicit Commands(Debugger& debugger) : debugger_(debugger) {}

  CommandResult execute(const std::string& line);
  static std::string help();

 private:
  CommandResult moved(const Stop& stop);
  std::string list() const;
  std::string disassemble(const std::string& words) const;
  std::string dump(const std::string& words) const;
  std::string translate(const std::string& words) const;
  std::string events(const std::string& words) const;

  Debugger& debugger_;
};

}  // namespace ringside
