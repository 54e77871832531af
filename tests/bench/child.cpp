#include "tests/bench/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace ringside {

namespace {

constexpr int kCannotExecute = 127;

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (in < 0 || out < 0) _exit(kCannotExecute);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(kCannotExecute);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// The processor time of a process that still runs.
double cpu_time_of(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0.0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Follows a file as it grows, and notes the processor time at which each mark was first seen.
class MarkWatch {
 public:
  explicit MarkWatch(const Marks& marks) : marks_(marks) {}

  void look(pid_t process) {
    if (end_ || marks_.file.empty()) return;
    const double now = cpu_time_of(process);
    read_on();
    if (!begin_ && text_.find(marks_.begin) != std::string::npos) begin_ = now;
    if (begin_ && text_.find(marks_.end) != std::string::npos) end_ = now;
  }

  /// With `total`, the time of the whole process, for a mark that nobody saw before it ended.
  double seconds(double total) {
    read_on();
    if (!begin_ || text_.find(marks_.end) == std::string::npos) return 0.0;
    return end_.value_or(total) - *begin_;
  }

 private:
  void read_on() {
    std::ifstream file(marks_.file, std::ios::binary);
    if (!file || !file.seekg(static_cast<std::streamoff>(text_.size()))) return;
    text_.append(std::istreambuf_iterator<char>(file), {});
  }

  const Marks& marks_;
  std::string text_;
  std::optional<double> begin_, end_;
};

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, const std::string& output,
                      const Marks& marks, unsigned limit_seconds) {
  using Clock = std::chrono::steady_clock;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) become(arguments, output);

  ChildResult result;
  MarkWatch watch(marks);
  const auto deadline = Clock::now() + std::chrono::seconds(limit_seconds);
  int status = 0;
  rusage usage{};
  for (;;) {
    const pid_t ended = wait4(child, &status, result.timed_out ? 0 : WNOHANG, &usage);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) throw std::runtime_error(std::string("wait: ") + std::strerror(errno));
    watch.look(child);
    if (!result.timed_out && Clock::now() > deadline) {
      kill(child, SIGKILL);
      result.timed_out = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  result.work_seconds = watch.seconds(result.cpu_seconds);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (result.exit_code == kCannotExecute) throw std::runtime_error("cannot run " + arguments[0]);
  return result;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : std::string();
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace ringside
