// Replays cases with known results on Ringside's processor, and counts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/form.h"
#include "tests/oracle/generator.h"

namespace ringside::oracle {

/// What became of the cases of one form in one mode.
struct Tally {
  std::string key;
  Mode mode = Mode::k16;
  std::uint64_t cases = 0, skipped = 0, different = 0, accepted = 0;
  std::array<std::uint64_t, 32> vectors{};  ///< by the exception that ended the case
};

/// A difference that is as it should be: a line "vectors FORM:DIFFERENCES REASON" of tests/known_failures.txt.
struct Accepted {
  std::string form;         ///< its key
  std::string differences;  ///< as listed_differences() has them
  std::string reason;
  std::uint64_t used = 0;
};
/// The lines that concern vectors; others are passed over.
std::vector<Accepted> read_accepted(const std::string& text);

/// Group of the table in README.md: "ALU", "shifts", ...
std::string group_of(const Form& form);
/// The table of README.md: group and mode, cases, agreements, undefined flags.
std::string table(const std::vector<Tally>& tallies);

}  // namespace ringside::oracle
