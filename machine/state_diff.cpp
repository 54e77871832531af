#include "machine/state_diff.h"

#include <algorithm>

namespace ringside {
namespace {

std::string hex(std::uint64_t value, unsigned digits) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = digits; i-- > 0;) text += kDigits[value >> (4 * i) & 15];
  return text;
}

}  // namespace

std::string StateLister::where(const char* name) const {
  std::string text;
  for (const std::string& part : path_) text += part + ".";
  return text + name;
}

void StateLister::bytes(const char* name, void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  for (std::size_t at = 0; at < size; at += 32) {
    std::string line = where(name) + "[" + hex(at, 6) + "] =";
    for (std::size_t i = at; i < std::min(at + 32, size); ++i) (line += ' ') += hex(first[i], 2);
    lines_.push_back(line);
  }
}

void StateLister::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  bytes(name, data.data(), data.size());
}

void StateLister::scalar(const char* name, std::uint64_t& value, unsigned width) {
  lines_.push_back(where(name) + " = " + hex(value, 2 * width));
}

}  // namespace ringside
