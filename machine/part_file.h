// The form that snapshots and recordings share: a prologue, then parts that are only ever appended, each with its
// own checksum. What is cut off anywhere is good up to its last complete part.
//
//   prologue   "RINGSIDE", kind (4 bytes), version (4 bytes)
//   part       name (16 bytes, padded with 0), encoding (4), number in the file (4), size (8), stored size (8),
//              XXH64 of these and of the stored bytes (8), stored bytes
//
// All numbers are little-endian. A part holds at most 16 MiB before compression, so that no file can make its
// reader need more than that at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "machine/byte_file.h"

namespace ringside {

enum class PartFileKind : std::uint32_t { kSnapshot = 0x50414E53, kRecording = 0x4F434552 };  // "SNAP", "RECO"

/// Of the files' form, and of what is in them; not of a machine's state, which tells by itself whether it fits.
constexpr std::uint32_t kPartFileVersion = 1;
constexpr std::size_t kMaxPartSize = 16 << 20;

enum class PartEncoding : std::uint32_t { kPlain = 0, kZlib = 1 };

class PartWriter {
 public:
  PartWriter(ByteOutput& out, PartFileKind kind);
  /// `name` has at most 16 characters. Throws FileError where the host cannot write.
  void add(const std::string& name, std::span<const std::uint8_t> bytes, PartEncoding encoding);
  void add(const std::string& name, const std::string& text);

 private:
  ByteOutput& out_;
  std::uint32_t number_ = 0;
};

struct Part {
  std::string name;
  PartEncoding encoding = PartEncoding::kPlain;
  std::uint64_t stored_size = 0;
  std::vector<std::uint8_t> bytes;
};

/// What a file claims to be, by its first bytes; nothing where it is neither.
std::optional<PartFileKind> part_file_kind(const ByteInput& in);

class PartReader {
 public:
  /// Throws FileError where this is not a file of that kind and version.
  PartReader(const ByteInput& in, PartFileKind kind);

  /// Nothing at the end. Throws FileError where a part is damaged.
  std::optional<Part> next();
  /// After next() gave nothing: the file ended inside a part.
  bool cut_off() const { return cut_off_; }
  /// Where the next part begins; and back to such a place.
  std::uint64_t position() const { return at_; }
  std::uint32_t number() const { return number_; }
  void seek(std::uint64_t position, std::uint32_t number) { at_ = position, number_ = number, cut_off_ = false; }
  std::string name() const { return in_.name(); }
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  const ByteInput& in_;
  std::uint64_t at_ = 0;
  std::uint32_t number_ = 0;
  bool cut_off_ = false;
};

}  // namespace ringside
