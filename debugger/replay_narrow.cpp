#include "debugger/replay_narrow.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "debugger/run_control.h"
#include "machine/errors.h"
#include "machine/temporary_file.h"

extern char** environ;

namespace ringside {
namespace {

constexpr Tick kHashesInRound = 400;

void call(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, words.front().c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw FileError("program '" + words.front() + "': " + std::strerror(error));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  // It may end before the tick of --until-point.
  if (!WIFEXITED(status) || (WEXITSTATUS(status) != kExitOk && WEXITSTATUS(status) != kExitLimit))
    throw FileError("program '" + words.front() + "' does not replay the recording either, so it cannot say where the difference begins");
}

}  // namespace

std::string narrow_difference(const std::string& file, const std::string& program, const ReplayDifference& difference) {
  ReplayDifference found = difference;
  const TemporaryFile dense;
  while (found.bad - found.good > 1) {
    const Tick every = (found.bad - found.good + kHashesInRound - 1) / kHashesInRound;
    // One tick more, so that the last hash lies within what is run.
    call({program, "replay", file, "--serial", "none", "--record", dense.path(), "--hash-every", std::to_string(every), "--hash-range",
          std::to_string(found.good) + ".." + std::to_string(found.bad), "--until-point", "tick " + std::to_string(found.bad + 1)});
    RunOptions quiet;
    quiet.serial = "none";
    RunControl control(RunOrigin::replayed(dense.path()), quiet);
    control.run();
    const auto& closer = control.replay_difference();
    if (!closer) return "  with the hashes of '" + program + "' in between there is no difference: that is not the program of the recording\n";
    const bool same = closer->good <= found.good && closer->bad >= found.bad;
    found = *closer;
    if (same) break;  // nothing lies between: a halt was skipped, or what differs is no state at a tick
  }
  std::string text = "  the first tick that differs is " + std::to_string(found.bad) + "; at tick " + std::to_string(found.good) + " all was equal\n";
  for (const std::string& line : found.details) text += "  there: " + line + "\n";
  return text;
}

}  // namespace ringside
