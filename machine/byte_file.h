// Files of our own making as streams of bytes: what a snapshot or a recording is written to and read from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "machine/host_file.h"

namespace ringside {

class ByteOutput {
 public:
  virtual ~ByteOutput() = default;
  /// Handed to the host when this returns, so that it outlives this process. Throws FileError.
  virtual void write(std::span<const std::uint8_t> bytes) = 0;
};

class MemoryOutput final : public ByteOutput {
 public:
  void write(std::span<const std::uint8_t> bytes) override { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// A new file, or one written anew.
class FileOutput final : public ByteOutput {
 public:
  enum class Mode : std::uint8_t {
    kGrowing,  ///< what has been written is in the file at once
    kAtomic,   ///< the file is there, complete, after commit(), or is left as it was
  };
  /// `what` begins the messages. Throws FileError, also for what is no regular file.
  FileOutput(const std::string& path, const char* what, Mode mode);
  ~FileOutput() override;
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  void write(std::span<const std::uint8_t> bytes) override;
  void commit();

 private:
  [[noreturn]] void refuse(int error) const;

  std::string path_, written_path_;
  const char* what_;
  Mode mode_;
  int fd_ = -1;
};

class ByteInput {
 public:
  virtual ~ByteInput() = default;
  virtual std::uint64_t size() const = 0;
  /// False beyond the end, or on an error of the host.
  virtual bool read(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
  /// Begins a message: "snapshot 'a.snap'".
  virtual std::string name() const = 0;
};

class FileInput final : public ByteInput {
 public:
  FileInput(const std::string& path, const char* what) : file_(path, what, false), what_(what) {}
  std::uint64_t size() const override { return file_.size(); }
  bool read(std::uint64_t offset, std::span<std::uint8_t> out) const override { return file_.read(offset, out); }
  std::string name() const override { return what_ + " '" + file_.path() + "'"; }

 private:
  HostFile file_;
  std::string what_;
};

class MemoryInput final : public ByteInput {
 public:
  MemoryInput(std::span<const std::uint8_t> bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t offset, std::span<std::uint8_t> out) const override;
  std::string name() const override { return name_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::string name_;
};

}  // namespace ringside
