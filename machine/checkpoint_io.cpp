#include "machine/checkpoint_io.h"

#include <bit>
#include <cstring>

namespace ringside {
namespace {

// Where the low `width` bytes of a number lie: the host's order will do, since this never leaves the process.
template <typename Bytes>
Bytes* low_bytes(Bytes* number, unsigned width) {
  return std::endian::native == std::endian::little ? number : number + 8 - width;
}

}  // namespace

void PartsWriter::bytes(const char*, void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  out_.insert(out_.end(), first, first + size);
}

void PartsWriter::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  std::uint64_t size = data.size();
  scalar(name, size, 8);
  bytes(name, data.data(), data.size());
}

void PartsWriter::scalar(const char*, std::uint64_t& value, unsigned width) {
  const std::size_t at = out_.size();
  out_.resize(at + width);
  std::memcpy(out_.data() + at, low_bytes(reinterpret_cast<const std::uint8_t*>(&value), width), width);
}

const std::uint8_t* PartsReader::take(std::size_t size) {
  if (in_.size() < size) throw StateError("a checkpoint is too short");
  const std::uint8_t* found = in_.data();
  in_ = in_.subspan(size);
  return found;
}

void PartsReader::bytes(const char*, void* data, std::size_t size) {
  if (size != 0) std::memcpy(data, take(size), size);
}

void PartsReader::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) {
  std::uint64_t size = 0;
  scalar(name, size, 8);
  if (size > max) throw StateError("a checkpoint has too long a block");
  const std::uint8_t* found = take(static_cast<std::size_t>(size));
  data.assign(found, found + size);
}

void PartsReader::scalar(const char*, std::uint64_t& value, unsigned width) {
  value = 0;
  std::memcpy(low_bytes(reinterpret_cast<std::uint8_t*>(&value), width), take(width), width);
}

}  // namespace ringside
