#include "machine/byte_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "machine/errors.h"

namespace ringside {

FileOutput::FileOutput(const std::string& path, const char* what, Mode mode)
    : path_(path), written_path_(path), what_(what), mode_(mode) {
  struct stat status {};
  // Neither may a FIFO hold us up, nor may a device be replaced by a file.
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) refuse(S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC;
  if (mode == Mode::kAtomic) {
    written_path_ += ".part" + std::to_string(getpid());
    flags |= O_EXCL;
    unlink(written_path_.c_str());  // of an earlier process with this number
  }
  fd_ = open(written_path_.c_str(), flags, 0666);
  if (fd_ < 0) refuse(errno);
}

FileOutput::~FileOutput() {
  if (fd_ >= 0) close(fd_);
  if (fd_ >= 0 && mode_ == Mode::kAtomic) unlink(written_path_.c_str());
}

void FileOutput::refuse(int error) const {
  throw FileError(std::string(what_) + " '" + path_ + "': cannot be written: " +
                  (error == EINVAL ? "is not a regular file" : std::strerror(error)));
}

void FileOutput::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) refuse(put < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void FileOutput::commit() {
  if (mode_ == Mode::kAtomic) {
    if (fsync(fd_) != 0) refuse(errno);
    if (std::rename(written_path_.c_str(), path_.c_str()) != 0) refuse(errno);
  }
  close(fd_);
  fd_ = -1;
}

bool MemoryInput::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return false;
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  return true;
}

}  // namespace ringside
