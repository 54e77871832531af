#include "machine/part_file.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "machine/errors.h"
#include "machine/little_endian.h"

namespace ringside {
namespace {

constexpr char kMagic[] = "RINGSIDE";
constexpr std::size_t kPrologueSize = 16;
constexpr std::size_t kNameSize = 16;
constexpr std::size_t kCheckedSize = kNameSize + 4 + 4 + 8 + 8;
constexpr std::size_t kHeaderSize = kCheckedSize + 8;
// State compresses well at any level, and a person waits for it.
constexpr int kZlibLevel = 1;

std::uint64_t checksum(std::span<const std::uint8_t> header, std::span<const std::uint8_t> stored) {
  return XXH64(stored.data(), stored.size(), XXH64(header.data(), kCheckedSize, 0));
}

std::vector<std::uint8_t> compressed(std::span<const std::uint8_t> bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<std::uint8_t> out(size);
  if (compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()), kZlibLevel) != Z_OK)
    throw std::bad_alloc();
  out.resize(size);
  return out;
}

std::optional<std::array<std::uint8_t, kPrologueSize>> prologue_of(const ByteInput& in) {
  std::array<std::uint8_t, kPrologueSize> bytes{};
  if (in.size() < kPrologueSize || !in.read(0, bytes) || !std::equal(kMagic, kMagic + 8, bytes.begin())) return std::nullopt;
  return bytes;
}

}  // namespace

PartWriter::PartWriter(ByteOutput& out, PartFileKind kind) : out_(out) {
  std::vector<std::uint8_t> prologue(kMagic, kMagic + 8);
  put_little_endian(prologue, static_cast<std::uint32_t>(kind), 4);
  put_little_endian(prologue, kPartFileVersion, 4);
  out_.write(prologue);
}

void PartWriter::add(const std::string& name, std::span<const std::uint8_t> bytes, PartEncoding encoding) {
  if (name.size() > kNameSize || bytes.size() > kMaxPartSize) throw std::logic_error("a part's name or content is too long");
  const std::vector<std::uint8_t> packed = encoding == PartEncoding::kZlib ? compressed(bytes) : std::vector<std::uint8_t>{};
  const std::span<const std::uint8_t> stored = encoding == PartEncoding::kZlib ? packed : bytes;
  std::vector<std::uint8_t> part(name.begin(), name.end());
  part.resize(kNameSize, 0);
  part.reserve(kHeaderSize + stored.size());
  put_little_endian(part, static_cast<std::uint32_t>(encoding), 4);
  put_little_endian(part, number_++, 4);
  put_little_endian(part, bytes.size(), 8);
  put_little_endian(part, stored.size(), 8);
  put_little_endian(part, checksum(part, stored), 8);
  part.insert(part.end(), stored.begin(), stored.end());
  out_.write(part);
}

void PartWriter::add(const std::string& name, const std::string& text) {
  add(name, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, PartEncoding::kPlain);
}

std::optional<PartFileKind> part_file_kind(const ByteInput& in) {
  const auto prologue = prologue_of(in);
  if (!prologue) return std::nullopt;
  const auto kind = static_cast<PartFileKind>(get_little_endian(prologue->data() + 8, 4));
  if (kind != PartFileKind::kSnapshot && kind != PartFileKind::kRecording) return std::nullopt;
  return kind;
}

PartReader::PartReader(const ByteInput& in, PartFileKind kind) : in_(in), at_(kPrologueSize) {
  const auto prologue = prologue_of(in);
  const char* wanted = kind == PartFileKind::kSnapshot ? "snapshot" : "recording";
  if (!prologue) refuse(std::string("is not a ") + wanted + " of Ringside");
  if (get_little_endian(prologue->data() + 8, 4) != static_cast<std::uint32_t>(kind))
    refuse(std::string("is not a ") + wanted + ", but another kind of file of Ringside");
  const std::uint64_t version = get_little_endian(prologue->data() + 12, 4);
  if (version != kPartFileVersion)
    refuse("is of version " + std::to_string(version) + "; this program knows version " + std::to_string(kPartFileVersion));
}

void PartReader::refuse(const std::string& reason) const { throw FileError(in_.name() + ": " + reason); }

std::optional<Part> PartReader::next() {
  const std::uint64_t left = in_.size() - at_;
  std::array<std::uint8_t, kHeaderSize> header{};
  cut_off_ = left != 0 && left < kHeaderSize;
  if (left < kHeaderSize) return std::nullopt;
  if (!in_.read(at_, header)) refuse("cannot be read");
  const std::string where = "part " + std::to_string(number_);
  const std::uint64_t size = get_little_endian(header.data() + 24, 8);
  const std::uint64_t stored_size = get_little_endian(header.data() + 32, 8);
  Part part;
  part.encoding = static_cast<PartEncoding>(get_little_endian(header.data() + 16, 4));
  part.stored_size = stored_size;
  part.name.assign(header.begin(), std::find(header.begin(), header.begin() + kNameSize, std::uint8_t{0}));
  const bool plain = part.encoding == PartEncoding::kPlain;
  if ((!plain && part.encoding != PartEncoding::kZlib) || get_little_endian(header.data() + 20, 4) != number_ ||
      size > kMaxPartSize || stored_size > compressBound(static_cast<uLong>(size)) || (plain && stored_size != size))
    refuse("is damaged: " + where + " has an impossible header");
  if (stored_size > left - kHeaderSize) {
    cut_off_ = true;
    return std::nullopt;
  }
  std::vector<std::uint8_t> stored(static_cast<std::size_t>(stored_size));
  if (!in_.read(at_ + kHeaderSize, stored)) refuse("cannot be read");
  if (checksum(header, stored) != get_little_endian(header.data() + kCheckedSize, 8))
    refuse("is damaged: the checksum of " + where + " is wrong");
  if (plain) {
    part.bytes = std::move(stored);
  } else {
    part.bytes.resize(static_cast<std::size_t>(size));
    uLongf unpacked = static_cast<uLongf>(size);
    // zlib insists on a place to write to, also for nothing.
    std::uint8_t nothing = 0;
    Bytef* target = size == 0 ? &nothing : part.bytes.data();
    if (uncompress(target, &unpacked, stored.data(), static_cast<uLong>(stored.size())) != Z_OK || unpacked != size)
      refuse("is damaged: " + where + " cannot be decompressed");
  }
  at_ += kHeaderSize + stored_size;
  ++number_;
  return part;
}

}  // namespace ringside
