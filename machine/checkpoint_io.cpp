#include "machine/checkpoint_io.h"

#include <algorithm>
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

std::uint8_t* PartsWriter::room(std::size_t size) {
  if (out_.size() - used_ < size) out_.resize(std::max(out_.size() * 2, used_ + size));
  return out_.data() + used_;
}

void PartsWriter::bytes(const char*, void* data, std::size_t size) {
  if (size != 0) std::memcpy(room(size), data, size);
  used_ += size;
}

void PartsWriter::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  std::uint64_t size = data.size();
  scalar(name, size, 8);
  bytes(name, data.data(), data.size());
}

void PartsWriter::scalar(const char*, std::uint64_t& value, unsigned width) {
  // There are ten thousand of them, mostly of the TLB: all eight bytes are one store, and what is too much is overwritten.
  std::uint8_t* const to = room(8);
  std::memcpy(to, low_bytes(reinterpret_cast<const std::uint8_t*>(&value), width), std::endian::native == std::endian::little ? 8 : width);
  used_ += width;
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
