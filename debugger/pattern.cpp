#include "debugger/pattern.h"

#include <algorithm>

#include "machine/errors.h"

namespace ringside {
namespace {

constexpr std::size_t kWindow = 2048;
constexpr std::size_t kOverlap = kWindow / 2;
// The library's compiler recurses at each group.
constexpr std::size_t kMaxLength = 1024, kMaxDepth = 64;
// And computes with what it reads as a number, however long that is.
constexpr std::size_t kMaxDigits = 4;

std::size_t depth_of(const std::string& text) {
  std::size_t depth = 0, deepest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == '(') deepest = std::max(deepest, ++depth);
    else if (text[i] == ')' && depth > 0) --depth;
  }
  return deepest;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a repetition, {N}, {N,} or {N,M}, or a back reference has a number that is too long.
bool has_long_number(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{' && text[i] != '\\') continue;
    std::size_t digits = 0;
    for (std::size_t at = i + 1; at < text.size() && (is_digit(text[at]) || text[at] == ','); ++at) {
      digits = text[at] == ',' ? 0 : digits + 1;
      if (digits > kMaxDigits) return true;
    }
  }
  return false;
}

}  // namespace

Pattern::Pattern(const std::string& text, const std::string& where) : text_(text) {
  if (text.size() > kMaxLength || depth_of(text) > kMaxDepth)
    throw ConfigError(where + ": a regular expression has at most " + std::to_string(kMaxLength) + " characters and " +
                      std::to_string(kMaxDepth) + " nested groups");
  if (has_long_number(text))
    throw ConfigError(where + ": '" + text + "': numbers in a regular expression have at most " + std::to_string(kMaxDigits) + " digits");
  try {
    regex_.assign(text, std::regex::ECMAScript | std::regex::multiline | std::regex_constants::__polynomial);
  } catch (const std::regex_error& error) {
    if (error.code() == std::regex_constants::error_complexity)
      throw ConfigError(where + ": '" + text + "': back references are not available");
    if (error.code() == std::regex_constants::error_space) throw ConfigError(where + ": '" + text + "' is too large");
    throw ConfigError(where + ": '" + text + "' is not a regular expression");
  }
}

std::optional<std::size_t> Pattern::find(std::string_view text, std::size_t begin) const {
  for (std::size_t at = std::min(begin, text.size());; at += kOverlap) {
    const std::size_t end = std::min(at + kWindow, text.size());
    auto flags = std::regex_constants::match_default;
    if (at > 0) flags |= std::regex_constants::match_prev_avail;
    std::cmatch match;
    if (std::regex_search(text.data() + at, text.data() + end, match, regex_, flags))
      return at + static_cast<std::size_t>(match.position(0) + match.length(0));
    if (end == text.size()) return std::nullopt;
  }
}

void OutputText::put(std::uint8_t byte) {
  if (kept_.size() == kKeep) {
    kept_.erase(0, kKeep / 2);
    dropped_ += kKeep / 2;
  }
  kept_ += static_cast<char>(byte);
}

std::optional<std::uint64_t> OutputWatch::look(const OutputText& text) {
  if (unsearched(text) == 0) return std::nullopt;
  const std::uint64_t back = searched_ > kOverlap / 2 ? searched_ - kOverlap / 2 : 0;
  const std::uint64_t first = std::max({back, from_, text.begin()});
  searched_ = text.end();
  const auto found = pattern_.find(text.kept(), static_cast<std::size_t>(first - text.begin()));
  if (!found) return std::nullopt;
  return text.begin() + *found;
}

}  // namespace ringside
