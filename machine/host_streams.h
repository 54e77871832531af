// Bytes to and from the host: standard output or a file for what leaves, standard input for what enters.
#pragma once

#include <termios.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "devices/lines.h"

namespace ringside {

/// `stdio`, `file:PATH` or `none`, as --serial and --debugcon take them.
class HostOutput final : public ByteSink {
 public:
  /// Throws ConfigError (`option` names it) and FileError.
  HostOutput(const std::string& where, const std::string& option);
  ~HostOutput() override;
  HostOutput(const HostOutput&) = delete;
  HostOutput& operator=(const HostOutput&) = delete;

  void put(std::uint8_t byte) override;
  void flush();

 private:
  std::FILE* stream_ = nullptr;
  bool owned_ = false;
};

/// True for a `where` that HostOutput takes.
bool valid_output(const std::string& where);

/// Standard input, never waited for unless asked. A terminal is switched to single keys without echo, and
/// gets its settings back at the end; Ctrl-] there ends the run.
class HostInput {
 public:
  HostInput();
  ~HostInput();
  HostInput(const HostInput&) = delete;
  HostInput& operator=(const HostInput&) = delete;

  bool terminal() const { return terminal_; }
  bool at_end() const { return at_end_; }
  /// The user has asked to leave.
  bool quit() const { return quit_; }
  /// What is there now, at most `max` bytes; waits up to `milliseconds` for the first.
  std::vector<std::uint8_t> read(std::size_t max, int milliseconds = 0);

 private:
  bool terminal_ = false;
  bool at_end_ = false;
  bool quit_ = false;
  termios saved_{};
};

}  // namespace ringside
