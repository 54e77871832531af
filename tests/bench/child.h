// A child process, its output, and the processor time that it used.
#pragma once

#include <string>
#include <vector>

namespace ringside {

struct ChildResult {
  int exit_code = -1;        ///< -1 when a signal ended it
  bool timed_out = false;    ///< it was ended here, after `limit_seconds`
  double cpu_seconds = 0.0;  ///< user and system time of all its threads
  double work_seconds =
      0.0;  ///< the same from the mark's appearance to the other's; 0 where one did not appear
};

/// Lines for which a file that the child writes is watched, every few milliseconds.
struct Marks {
  std::string file, begin, end;
};

/// Runs `arguments` with nothing to read, both outputs into the file `output`. Ends it after `limit_seconds`
/// seconds of the clock. Throws std::runtime_error where it cannot be started.
ChildResult run_child(const std::vector<std::string>& arguments, const std::string& output,
                      const Marks& marks, unsigned limit_seconds);

/// The program's path as the shell would find it, or an empty string.
std::string find_program(const std::string& name);

}  // namespace ringside
