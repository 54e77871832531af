// Regular expressions over what a guest writes: on COM1, and on its screen.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace ringside {

/// An ECMAScript regular expression; `^` and `$` match at lines. Matching looks at windows of 2 KiB that
/// overlap by half, so that the guest's text can never exhaust the host's stack: a match of up to 1 KiB is
/// always found. The library's automaton that needs no backtracking is used, so that neither an unlucky pattern nor
/// a hostile text can take exponential time; back references are the price.
class Pattern {
 public:
  /// Throws ConfigError; `where` begins the message ("--until-serial").
  Pattern(const std::string& text, const std::string& where);

  const std::string& text() const { return text_; }
  /// The end of the first match in `text` from `begin` on; what lies before counts as context for `^` only.
  std::optional<std::size_t> find(std::string_view text, std::size_t begin = 0) const;

 private:
  std::string text_;
  std::regex regex_;
};

/// The end of a stream of bytes. Positions count from the stream's beginning.
class OutputText {
 public:
  void put(std::uint8_t byte);
  std::uint64_t end() const { return dropped_ + kept_.size(); }
  std::uint64_t begin() const { return dropped_; }
  const std::string& kept() const { return kept_; }

 private:
  static constexpr std::size_t kKeep = 256 * 1024;
  std::string kept_;
  std::uint64_t dropped_ = 0;
};

/// A pattern awaited in a stream, looked for only in what is new.
class OutputWatch {
 public:
  OutputWatch(Pattern pattern, std::uint64_t from) : pattern_(std::move(pattern)), from_(from), searched_(from) {}

  const Pattern& pattern() const { return pattern_; }
  std::uint64_t unsearched(const OutputText& text) const { return text.end() - searched_; }
  /// The position behind the match.
  std::optional<std::uint64_t> look(const OutputText& text);

 private:
  Pattern pattern_;
  std::uint64_t from_;
  std::uint64_t searched_;
};

}  // namespace ringside
