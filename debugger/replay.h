// A recording against a machine: inputs enter at their ticks, and every hash is compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "debugger/course.h"
#include "machine/recording.h"

namespace ringside {

/// What was found, in words.
struct ReplayDifference {
  std::string interval;              ///< "in the instructions 100 to 200 (ticks 100 to 200)"
  std::vector<std::string> details;  ///< lines: parts of the state that differ, or what ended too early
  Tick good = 0, bad = 0;            ///< the last tick at which all is known to be equal, the first known to differ
};

class Replay final : public Course {
 public:
  /// `machine` stands at the recording's start. Both must outlive this.
  Replay(Machine& machine, const Recording& recording);

  Tick next() const override;
  /// Lets enter what is due and compares what can be compared.
  bool work() override;
  void ended(StopReason why) override;
  /// A headline, and a line for each detail.
  std::string verdict() const override;

  /// Everything was compared, or a difference was found.
  bool over() const { return over_; }
  const std::optional<ReplayDifference>& difference() const { return difference_; }
  /// The verdict's first line, and the others.
  std::string headline() const;
  std::string details() const;

 private:
  std::optional<ReplayDifference> take_next();
  std::optional<ReplayDifference> guest_ended(const std::string& stop_reason);
  void finish(std::optional<ReplayDifference> difference, Tick at);
  std::optional<ReplayDifference> compare_parts(const Record& record);
  std::optional<ReplayDifference> compare_all(const Record& record);
  std::optional<ReplayDifference> compare_end();
  std::optional<ReplayDifference> compare_counts(const Record& record);
  enum class Since : std::uint8_t { kLastHash, kLastWholeHash };
  ReplayDifference difference(std::vector<std::string> details, Since since = Since::kLastHash) const;
  void all_is_equal();
  void load_next();

  Machine& machine_;
  const Recording& recording_;
  std::size_t at_ = 0;
  std::optional<Record> next_;
  std::vector<std::uint32_t> known_;  // low halves of the recorded part hashes
  Tick good_tick_ = 0;                // at the last hash that was equal
  std::uint64_t good_instructions_ = 0;
  Tick whole_tick_ = 0;               // at the last one of the whole state
  std::uint64_t whole_instructions_ = 0;
  std::uint64_t compared_ = 0;
  bool over_ = false;
  Tick over_at_ = 0;
  std::optional<ReplayDifference> difference_;
};

}  // namespace ringside
