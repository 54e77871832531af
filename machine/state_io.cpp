#include "machine/state_io.h"

#include <cstring>

namespace ringside {

void StateWriter::begin(const char* part) {
  const std::size_t size = std::strlen(part);
  out_.push_back(static_cast<std::uint8_t>(size));
  out_.insert(out_.end(), part, part + size);
}

void StateWriter::bytes(const char*, void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  out_.insert(out_.end(), first, first + size);
}

void StateWriter::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  std::uint64_t size = data.size();
  scalar(name, size, 8);
  bytes(name, data.data(), data.size());
}

void StateWriter::scalar(const char*, std::uint64_t& value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::span<const std::uint8_t> StateReader::need(const char* name, std::size_t size) {
  if (in_.size() < size) throw StateError("the saved state ends inside " + part_ + "." + name);
  const auto found = in_.first(size);
  in_ = in_.subspan(size);
  return found;
}

void StateReader::begin(const char* part) {
  const std::size_t size = need(part, 1)[0];
  const auto name = need(part, size);
  if (std::string(name.begin(), name.end()) != part)
    throw StateError(std::string("the saved state does not fit this machine: expected ") + part);
  part_ = part;
}

void StateReader::bytes(const char* name, void* data, std::size_t size) {
  if (size != 0) std::memcpy(data, need(name, size).data(), size);
}

void StateReader::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) {
  std::uint64_t size = 0;
  scalar(name, size, 8);
  if (size > max) throw StateError("the saved state has too long a " + part_ + "." + name);
  const auto found = need(name, static_cast<std::size_t>(size));
  data.assign(found.begin(), found.end());
}

void StateReader::scalar(const char* name, std::uint64_t& value, unsigned width) {
  const auto found = need(name, width);
  value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{found[i]} << (8 * i);
}

}  // namespace ringside
