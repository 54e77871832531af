// A scenario's result as JUnit XML, the form that continuous-integration systems show.
#pragma once

#include <string>
#include <vector>

#include "debugger/run_outcome.h"
#include "debugger/scenario.h"

namespace ringside {

struct JunitReport {
  std::string script;
  std::vector<ActionReport> actions;
  const RunOutcome& outcome;
  double host_seconds = 0;
  std::string serial;     ///< what the guest has said last
  std::string recording;  ///< of the failure; empty: none
};

/// One test suite, a test case for each action; a case's time is guest time. Throws FileError.
void write_junit(const std::string& path, const JunitReport& report);

/// Any list of results in the same form.
struct JunitCase {
  std::string name;
  double seconds = 0;
  std::string failure;  ///< empty: none
  std::string details;
};
void write_junit_cases(const std::string& path, const std::string& suite, const std::vector<JunitCase>& cases);

/// Text as XML: markup escaped, what XML cannot hold as U+FFFD.
std::string xml_text(const std::string& text);

}  // namespace ringside
