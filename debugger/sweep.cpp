#include "debugger/sweep.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>

#include "debugger/junit.h"
#include "machine/errors.h"

namespace ringside {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxSeeds = 1'000'000;
constexpr std::size_t kMaxMessage = 2048;  // less than a pipe holds, so that no child waits for us

struct Child {
  std::uint64_t seed;
  int messages;  // the pipe's end that we read
  Clock::time_point began;
};

std::string recording_path(const SweepOptions& options, std::uint64_t seed) {
  return (std::filesystem::path(options.directory) / ("seed-" + std::to_string(seed) + ".rec")).string();
}

void say(int pipe, const std::string& message) {
  const std::size_t size = std::min(message.size(), kMaxMessage);
  if (write(pipe, message.data(), size) < 0) std::perror("ringside: a sweep's pipe");
}

/// Begins the message of a child whose options, or files, are wrong. Its exit code alone could be the guest's own.
constexpr char kWrong = '\1';

RunOptions run_options(const SweepOptions& options, std::uint64_t seed) {
  RunOptions run = options.run;
  run.serial = run.debugcon = "none";
  run.expected_exit = options.expected_exit;
  run.failure_recording = recording_path(options, seed);
  return run;
}

int run_one(const SweepOptions& options, const std::function<RunOrigin(std::uint64_t)>& origin, std::uint64_t seed, int pipe) {
  // What one of many guests says would only mix with what the others say.
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  try {
    RunControl control(origin(seed), run_options(options, seed));
    const RunOutcome outcome = control.run();
    control.write_results(outcome);
    say(pipe, outcome.message + ", after " + std::to_string(control.machine().instructions()) + " instructions");
    return outcome.exit_code;
  } catch (const ConfigError& error) {
    say(pipe, kWrong + std::string(error.what()));
    return kExitUsage;
  } catch (const std::exception& error) {
    say(pipe, kWrong + std::string(error.what()));
    return kExitFile;
  }
}

std::string read_all(int pipe) {
  char text[kMaxMessage];
  std::string all;
  for (ssize_t got; (got = read(pipe, text, sizeof(text))) > 0;) all.append(text, static_cast<std::size_t>(got));
  close(pipe);
  return all;
}

std::pair<pid_t, Child> start(const SweepOptions& options, const std::function<RunOrigin(std::uint64_t)>& origin, std::uint64_t seed) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw FileError(std::string("a sweep's pipe: ") + std::strerror(errno));
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw FileError(std::string("a sweep's process cannot be started: ") + std::strerror(errno));
  if (pid == 0) {
    close(ends[0]);
    _exit(run_one(options, origin, seed, ends[1]));
  }
  close(ends[1]);
  return {pid, Child{seed, ends[0], Clock::now()}};
}

SweepResult finish(const SweepOptions& options, const Child& child, int status) {
  SweepResult result;
  result.seed = child.seed;
  result.host_seconds = std::chrono::duration<double>(Clock::now() - child.began).count();
  result.message = read_all(child.messages);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (WIFSIGNALED(status)) result.message = std::string("the simulator was ended by a signal: ") + strsignal(WTERMSIG(status));
  result.failed = result.exit_code != options.expected_exit || WIFSIGNALED(status);
  const std::string path = recording_path(options, child.seed);
  if (result.failed && std::filesystem::exists(path)) result.recording = path;
  return result;
}

void end_all(const std::map<pid_t, Child>& children) {
  for (const auto& [pid, child] : children) kill(pid, SIGTERM);
  for (const auto& [pid, child] : children) {
    waitpid(pid, nullptr, 0);
    close(child.messages);
  }
}

}  // namespace

void parse_seeds(const std::string& text, SweepOptions& options) {
  const auto number = [&](const std::string& digits, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  };
  const std::size_t dots = text.find("..");
  const bool good = number(text.substr(0, dots), options.first) &&
                    number(dots == std::string::npos ? text : text.substr(dots + 2), options.last);
  if (!good || options.last < options.first) throw ConfigError("--seeds: '" + text + "' is not FIRST..LAST");
  if (options.last - options.first >= kMaxSeeds) throw ConfigError("--seeds: more than " + std::to_string(kMaxSeeds) + " at once");
}

std::vector<SweepResult> sweep(const SweepOptions& options, const std::function<RunOrigin(std::uint64_t)>& origin,
                               const std::function<void(const SweepResult&, std::size_t)>& progress) {
  // What is wrong with the options is wrong for every seed, and found before anything is written.
  RunControl(origin(options.first), run_options(options, options.first));
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) throw FileError("directory '" + options.directory + "': " + error.message());
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed)
    std::filesystem::remove(recording_path(options, seed), error);  // of another sweep
  const unsigned jobs = options.jobs != 0 ? options.jobs : static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  std::vector<SweepResult> results;
  std::map<pid_t, Child> children;
  std::uint64_t next = options.first;
  const std::uint64_t count = options.last - options.first + 1;
  while (results.size() < count) {
    while (children.size() < jobs && next - options.first < count) {
      children.insert(start(options, origin, next));
      ++next;
    }
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    const auto child = children.find(pid);
    if (pid < 0 && errno == EINTR) continue;
    if (child == children.end()) continue;
    results.push_back(finish(options, child->second, status));
    children.erase(child);
    if (const SweepResult& result = results.back(); !result.message.empty() && result.message[0] == kWrong) {
      end_all(children);
      if (result.exit_code == kExitUsage) throw ConfigError(result.message.substr(1));
      throw FileError(result.message.substr(1));
    }
    progress(results.back(), results.size());
  }
  std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.seed < b.seed; });
  return results;
}

}  // namespace ringside
