#include "machine/host_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "machine/errors.h"

namespace ringside {
namespace {

[[noreturn]] void refuse(const char* what, const std::string& path, const std::string& reason) {
  throw FileError(std::string(what) + " '" + path + "': " + reason);
}

}  // namespace

HostFile::HostFile(const std::string& path, const char* what, bool writable) : path_(path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) refuse(what, path, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) refuse(what, path, "is a directory");
  // Opening a FIFO or a terminal could wait for ever.
  if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) refuse(what, path, "is not a regular file");
  fd_ = open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (fd_ < 0) refuse(what, path, std::strerror(errno));
  const off_t end = lseek(fd_, 0, SEEK_END);
  if (end < 0) {
    const int error = errno;
    close(fd_);
    refuse(what, path, std::strerror(error));
  }
  size_ = static_cast<std::uint64_t>(end);
}

HostFile::~HostFile() {
  if (fd_ >= 0) close(fd_);
}

bool HostFile::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

bool HostFile::write(std::uint64_t offset, std::span<const std::uint8_t> data) const {
  while (!data.empty()) {
    const ssize_t put = pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    data = data.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return true;
}

bool HostFile::sync() const { return fsync(fd_) == 0; }

std::vector<std::uint8_t> read_file(const std::string& path, const char* what, std::uint64_t max) {
  const HostFile file(path, what, false);
  if (file.size() == 0) refuse(what, path, "is empty");
  if (file.size() > max) refuse(what, path, "is larger than " + std::to_string(max >> 10) + " KiB");
  std::vector<std::uint8_t> data(static_cast<std::size_t>(file.size()));
  if (!file.read(0, data)) refuse(what, path, "cannot be read");
  return data;
}

}  // namespace ringside
