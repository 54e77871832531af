#include "machine/temporary_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "machine/errors.h"

namespace ringside {

TemporaryFile::TemporaryFile(std::span<const std::uint8_t> content) {
  std::string pattern = (std::filesystem::temp_directory_path() / "ringside-XXXXXX").string();
  const int fd = mkstemp(pattern.data());
  if (fd < 0) throw FileError("no temporary file can be made: " + std::string(std::strerror(errno)));
  close(fd);
  path_ = pattern;
  std::ofstream file(path_, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  file.close();
  if (file.good()) return;
  std::remove(path_.c_str());
  throw FileError("temporary file '" + path_ + "' cannot be written");
}

TemporaryFile::~TemporaryFile() { std::remove(path_.c_str()); }

std::vector<std::uint8_t> TemporaryFile::content() const {
  std::ifstream file(path_, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace ringside
