// Reading files that the user named, with one clear sentence for each thing that can be wrong with them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ringside {

/// An open regular file (or block device), closed at the end of its life.
class HostFile {
 public:
  /// `what` begins the messages ("disk image", "kernel"). Throws FileError.
  HostFile(const std::string& path, const char* what, bool writable);
  ~HostFile();
  HostFile(const HostFile&) = delete;
  HostFile& operator=(const HostFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }
  /// False on an error of the host or beyond the end.
  bool read(std::uint64_t offset, std::span<std::uint8_t> out) const;
  bool write(std::uint64_t offset, std::span<const std::uint8_t> data) const;
  bool sync() const;

 private:
  std::string path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

/// The whole file; FileError where it is larger than `max` bytes or empty.
std::vector<std::uint8_t> read_file(const std::string& path, const char* what, std::uint64_t max);

}  // namespace ringside
