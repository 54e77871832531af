// Where two states differ, in words.
#pragma once

#include <string>
#include <vector>

#include "memory/state_visitor.h"

namespace ringside {

/// Every field with its path and value; blocks of bytes as lines of 32.
class StateLister final : public StateVisitor {
 public:
  void begin(const char* part) override { path_.push_back(part); }
  void end() override { path_.pop_back(); }
  bool loading() const override { return false; }
  void bytes(const char* name, void* data, std::size_t size) override;
  void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) override;

  const std::vector<std::string>& lines() const { return lines_; }

 protected:
  void scalar(const char* name, std::uint64_t& value, unsigned width) override;

 private:
  std::string where(const char* name) const;

  std::vector<std::string> path_;
  std::vector<std::string> lines_;
};

/// At most `max` differences, "cpu.eip = 1A | 1C" each. `Part` has visit().
template <typename Part>
std::vector<std::string> state_difference(Part& left, Part& right, std::size_t max = 20) {
  StateLister a, b;
  left.visit(a);
  right.visit(b);
  std::vector<std::string> found;
  const std::size_t lines = a.lines().size() < b.lines().size() ? a.lines().size() : b.lines().size();
  for (std::size_t i = 0; i < lines && found.size() < max; ++i)
    if (a.lines()[i] != b.lines()[i]) found.push_back(a.lines()[i] + " | " + b.lines()[i]);
  if (a.lines().size() != b.lines().size() && found.size() < max) found.push_back("one state has more fields");
  return found;
}

}  // namespace ringside
