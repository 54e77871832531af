#include "machine/host_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "machine/errors.h"

namespace ringside {
namespace {

constexpr char kFilePrefix[] = "file:";
constexpr std::size_t kFilePrefixSize = sizeof(kFilePrefix) - 1;
constexpr std::uint8_t kLeaveKey = 0x1D;  // Ctrl-]

}  // namespace

bool valid_output(const std::string& where) {
  return where == "stdio" || where == "none" ||
         (where.compare(0, kFilePrefixSize, kFilePrefix) == 0 && where.size() > kFilePrefixSize);
}

HostOutput::HostOutput(const std::string& where, const std::string& option) {
  if (!valid_output(where)) throw ConfigError(option + ": '" + where + "' is not stdio, file:PATH or none");
  if (where == "none") return;
  if (where == "stdio") {
    stream_ = stdout;
    return;
  }
  const std::string path = where.substr(kFilePrefixSize);
  stream_ = std::fopen(path.c_str(), "wb");
  if (stream_ == nullptr) throw FileError(option + " file '" + path + "': " + std::strerror(errno));
  owned_ = true;
}

HostOutput::~HostOutput() {
  if (owned_) std::fclose(stream_);
}

void HostOutput::put(std::uint8_t byte) {
  if (stream_ != nullptr) std::fputc(byte, stream_);
}

void HostOutput::flush() {
  if (stream_ != nullptr) std::fflush(stream_);
}

HostInput::HostInput() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0) {
    at_end_ = true;
    return;
  }
  if (isatty(STDIN_FILENO) == 0) return;
  // A process in the background must not touch the terminal: it would be stopped.
  if (tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &saved_) != 0) {
    at_end_ = true;
    return;
  }
  terminal_ = true;
  termios raw = saved_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

HostInput::~HostInput() {
  if (terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
}

std::vector<std::uint8_t> HostInput::read(std::size_t max, int milliseconds) {
  std::vector<std::uint8_t> bytes;
  if (at_end_ || max == 0) return bytes;
  pollfd request{STDIN_FILENO, POLLIN, 0};
  if (poll(&request, 1, milliseconds) <= 0) return bytes;
  bytes.resize(max);
  const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (got <= 0) {
    at_end_ = got == 0 || (errno != EINTR && errno != EAGAIN);
    bytes.clear();
    return bytes;
  }
  bytes.resize(static_cast<std::size_t>(got));
  if (terminal_ && std::memchr(bytes.data(), kLeaveKey, bytes.size()) != nullptr) {
    quit_ = true;
    bytes.clear();
  }
  return bytes;
}

}  // namespace ringside
