#include "debugger/junit.h"

#include <cstdio>

#include "machine/byte_file.h"

namespace ringside {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr const char* kReplacement = "\xEF\xBF\xBD";

/// The length of the UTF-8 sequence at `at` that stands for a character XML 1.0 can hold; 0: none.
std::size_t sequence_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const std::size_t length = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC2 && first < 0xE0 ? 2 : 0;
  if (length == 0) return 0;
  unsigned code = first & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  constexpr unsigned kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool good = code >= kSmallest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF) && (code & 0xFFFE) != 0xFFFE;
  return good ? length : 0;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6f", value);
  return text;
}

std::string test_case(const JunitReport& report, const ActionReport& action) {
  std::string xml = "    <testcase name=\"line " + std::to_string(action.line) + ": " + xml_text(action.text) + "\" classname=\"" +
                    xml_text(report.script) + "\" time=\"" + seconds(action.guest_seconds) + "\"";
  switch (action.status) {
    case ActionReport::Status::kGood: return xml + "/>\n";
    case ActionReport::Status::kNotReached: return xml + "><skipped/></testcase>\n";
    case ActionReport::Status::kFailed: break;
  }
  xml += ">\n      <failure message=\"" + xml_text(report.outcome.message) + "\" type=\"" + xml_text(report.outcome.stop_reason) + "\">";
  xml += xml_text(report.outcome.explanation);
  if (!report.recording.empty()) xml += xml_text("recording: " + report.recording + "\n");
  return xml + "</failure>\n    </testcase>\n";
}

std::string counts(std::size_t tests, std::size_t failures, std::size_t skipped, double time) {
  return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"0\" skipped=\"" +
         std::to_string(skipped) + "\" time=\"" + seconds(time) + "\"";
}

void write_suite(const std::string& path, const std::string& suite, const std::string& counts, const std::string& content) {
  const std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts + ">\n  <testsuite name=\"" +
                          xml_text(suite) + "\"" + counts + ">\n" + content + "  </testsuite>\n</testsuites>\n";
  FileOutput file(path, "JUnit file", FileOutput::Mode::kAtomic);
  file.write({reinterpret_cast<const std::uint8_t*>(xml.data()), xml.size()});
  file.commit();
}

}  // namespace

std::string xml_text(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_at(text, at);
    switch (text[at]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': break;
      default: out += length == 0 ? kReplacement : text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return out;
}

void write_junit(const std::string& path, const JunitReport& report) {
  // A run may also fail behind the last action, where nothing is left to be blamed.
  std::vector<ActionReport> actions = report.actions;
  std::size_t failed = 0, skipped = 0;
  const bool good = report.outcome.exit_code == kExitOk;
  for (ActionReport& action : actions) {
    // ... and an action that was never over is none's failure where the run has ended well.
    if (good && action.status == ActionReport::Status::kFailed) action.status = ActionReport::Status::kGood;
    failed += action.status == ActionReport::Status::kFailed ? 1u : 0u;
    skipped += action.status == ActionReport::Status::kNotReached ? 1u : 0u;
  }
  if (!good && failed == 0) {
    actions.push_back({.line = actions.empty() ? 1 : actions.back().line + 1, .text = "end of the run", .status = ActionReport::Status::kFailed});
    failed = 1;
  }
  std::string content;
  for (const ActionReport& action : actions) content += test_case(report, action);
  const std::size_t from = report.serial.size() > kMaxOutput ? report.serial.size() - kMaxOutput : 0;
  content += "    <system-out>" + xml_text(report.serial.substr(from)) + "</system-out>\n";
  write_suite(path, report.script, counts(actions.size(), failed, skipped, report.host_seconds), content);
}

void write_junit_cases(const std::string& path, const std::string& suite, const std::vector<JunitCase>& cases) {
  std::string content;
  std::size_t failed = 0;
  double time = 0;
  for (const JunitCase& one : cases) {
    time += one.seconds;
    content += "    <testcase name=\"" + xml_text(one.name) + "\" classname=\"" + xml_text(suite) + "\" time=\"" + seconds(one.seconds) + "\"";
    if (one.failure.empty()) {
      content += "/>\n";
      continue;
    }
    ++failed;
    content += "><failure message=\"" + xml_text(one.failure) + "\">" + xml_text(one.details) + "</failure></testcase>\n";
  }
  write_suite(path, suite, counts(cases.size(), failed, 0, time), content);
}

}  // namespace ringside
