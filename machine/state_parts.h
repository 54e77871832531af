// A machine's state as a sequence of parts of a file: the visitors that write and read it. The bytes are those of
// StateWriter, cut where a top-level group begins and wherever a part has become large.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "machine/part_file.h"
#include "memory/state_visitor.h"

namespace ringside {

class StatePartWriter final : public StateVisitor {
 public:
  explicit StatePartWriter(PartWriter& parts) : parts_(parts) {}

  void begin(const char* part) override;
  void end() override { --depth_; }
  bool loading() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;
  /// What is still held back.
  void flush();

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  void make_room(std::size_t size);

  PartWriter& parts_;
  std::string name_ = "machine";
  unsigned depth_ = 0;
  std::vector<std::uint8_t> held_;
};

/// Throws StateError where the parts end too early or belong to another machine, FileError where they are damaged.
class StatePartReader final : public StateVisitor {
 public:
  explicit StatePartReader(PartReader& parts) : parts_(parts) {}

  void begin(const char* part) override;
  void end() override {}
  bool loading() const override { return true; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;
  /// Everything that was read has been used.
  bool finished() const { return at_ == held_.size(); }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  const std::uint8_t* need(const char* name, std::size_t size);

  PartReader& parts_;
  std::string part_;
  std::vector<std::uint8_t> held_;
  std::size_t at_ = 0;
};

}  // namespace ringside
