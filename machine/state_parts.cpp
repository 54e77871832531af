#include "machine/state_parts.h"

#include <cstring>
#include <stdexcept>

#include "machine/little_endian.h"

namespace ringside {
namespace {

constexpr std::size_t kPartSize = 1 << 20;
constexpr std::size_t kMaxName = 16;

}  // namespace

void StatePartWriter::flush() {
  if (!held_.empty()) parts_.add(name_, held_, PartEncoding::kZlib);
  held_.clear();
}

void StatePartWriter::make_room(std::size_t size) {
  if (size > kMaxPartSize) throw std::logic_error("a field is larger than a part");
  if (held_.size() + size > kPartSize) flush();
}

void StatePartWriter::begin(const char* part) {
  if (++depth_ == 2) {
    flush();
    name_.assign(part, strnlen(part, kMaxName));
  }
  const std::size_t size = std::strlen(part);
  make_room(size + 1);
  held_.push_back(static_cast<std::uint8_t>(size));
  held_.insert(held_.end(), part, part + size);
}

void StatePartWriter::bytes(const char*, void* data, std::size_t size) {
  make_room(size);
  const auto* first = static_cast<const std::uint8_t*>(data);
  held_.insert(held_.end(), first, first + size);
}

void StatePartWriter::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  std::uint64_t size = data.size();
  scalar(name, size, 8);
  bytes(name, data.data(), data.size());
}

void StatePartWriter::scalar(const char*, std::uint64_t& value, unsigned width) {
  make_room(width);
  put_little_endian(held_, value, width);
}

const std::uint8_t* StatePartReader::need(const char* name, std::size_t size) {
  if (finished()) {
    auto part = parts_.next();
    if (!part) throw StateError("it ends inside the state's " + part_ + "." + name);
    held_ = std::move(part->bytes);
    at_ = 0;
  }
  if (size > held_.size() - at_) throw StateError("its state does not fit this version of Ringside, in " + part_ + "." + name);
  const std::uint8_t* found = held_.data() + at_;
  at_ += size;
  return found;
}

void StatePartReader::begin(const char* part) {
  const std::size_t size = *need(part, 1);
  const auto* name = reinterpret_cast<const char*>(need(part, size));
  if (size != std::strlen(part) || std::memcmp(name, part, size) != 0)
    throw StateError(std::string("its state does not fit this version of Ringside: there should be ") + part);
  part_ = part;
}

void StatePartReader::bytes(const char* name, void* data, std::size_t size) {
  if (size != 0) std::memcpy(data, need(name, size), size);
}

void StatePartReader::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) {
  std::uint64_t size = 0;
  scalar(name, size, 8);
  if (size > max) throw StateError("its state has too long a " + part_ + "." + name);
  if (size == 0) return data.clear();
  const std::uint8_t* found = need(name, static_cast<std::size_t>(size));
  data.assign(found, found + size);
}

void StatePartReader::scalar(const char* name, std::uint64_t& value, unsigned width) {
  value = get_little_endian(need(name, width), width);
}

}  // namespace ringside
