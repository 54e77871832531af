#include "debugger/inspect/source_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace ringside {
namespace {

constexpr std::uintmax_t kLargest = 4u << 20;
constexpr std::size_t kLongestName = 4096;
constexpr std::size_t kMostFiles = 256;

/// Compilers keep paths of where they ran; the tail that exists below a root is the file.
void find_below(SourceFile& file, const std::filesystem::path& name, const std::string& root) {
  const std::vector<std::filesystem::path> pieces(name.begin(), name.end());
  std::error_code error;
  for (std::size_t skip = 0; skip < pieces.size() && file.path.empty(); ++skip) {
    std::filesystem::path tail;
    for (std::size_t i = skip; i < pieces.size(); ++i)
      if (pieces[i] != "/") tail /= pieces[i];
    if (!std::filesystem::is_regular_file(root / tail, error)) continue;
    file.path = (root / tail).string();
    file.shown = tail.string();
  }
}

SourceFile read(const std::string& name, const std::vector<std::string>& roots) {
  SourceFile file;
  file.shown = name;
  std::error_code error;
  if (name.empty() || name.size() > kLongestName) return file;
  for (const std::string& root : roots)
    if (file.path.empty()) find_below(file, name, root);
  if (file.path.empty() && std::filesystem::is_regular_file(name, error)) file.path = name;
  if (file.path.empty()) return file;
  if (std::filesystem::file_size(file.path, error) > kLargest || error) {
    file.path.clear();
    return file;
  }
  std::ifstream stream(file.path);
  for (std::string line; std::getline(stream, line);) {
    std::replace(line.begin(), line.end(), '\t', ' ');
    file.lines.push_back(std::move(line));
  }
  return file;
}

}  // namespace

const SourceFile& source_file(const std::string& name, const std::vector<std::string>& roots) {
  thread_local std::map<std::string, SourceFile> files;
  if (files.size() > kMostFiles) files.clear();
  const auto [at, fresh] = files.try_emplace(name);
  if (fresh) at->second = read(name, roots);
  return at->second;
}

std::string source_line(const SourcePlace& place, const std::vector<std::string>& roots) {
  const SourceFile& file = source_file(place.file, roots);
  if (place.line == 0 || place.line > file.lines.size()) return "";
  const std::string& line = file.lines[place.line - 1];
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string::npos ? "" : line.substr(first);
}

}  // namespace ringside
