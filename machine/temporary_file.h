// A file that goes away with the object that stands for it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ringside {

class TemporaryFile {
 public:
  /// In the host's folder for such files. Throws FileError.
  explicit TemporaryFile(std::span<const std::uint8_t> content = {});
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  /// What is in it now.
  std::vector<std::uint8_t> content() const;

 private:
  std::string path_;
};

}  // namespace ringside
