#include "debugger/replay_narrow.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "debugger/run_control.h"
#include "machine/errors.h"

extern char** environ;

namespace ringside {
namespace {

constexpr Tick kHashesInRound = 400;

/// A name that goes with its file.
class Temporary {
 public:
  Temporary() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ringside-narrow-XXXXXX").string();
    const int fd = mkstemp(pattern.data());
    if (fd < 0) throw FileError("no temporary file can be made: " + std::string(std::strerror(errno)));
    close(fd);
    path_ = pattern;
  }
  ~Temporary() { std::remove(path_.c_str()); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

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
  if (!WIFEXITED(status) || WEXITSTATUS(status) != kExitOk)
    throw FileError("program '" + words.front() + "' does not replay the recording either, so it cannot say where the difference begins");
}

}  // namespace

std::string narrow_difference(const std::string& file, const std::string& program, const ReplayDifference& difference) {
  ReplayDifference found = difference;
  const Temporary dense;
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
