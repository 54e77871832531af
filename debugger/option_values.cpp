#include "debugger/option_values.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "machine/errors.h"

namespace ringside {

std::uint64_t parse_size(const std::string& text, const std::string& option) {
  std::uint64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  unsigned shift = 0;
  bool good = error == std::errc{} && last - end <= 1;
  if (good && end != last) {
    switch (*end) {
      case 'K': case 'k': shift = 10; break;
      case 'M': case 'm': shift = 20; break;
      case 'G': case 'g': shift = 30; break;
      default: good = false;
    }
  }
  if (!good || value > (~std::uint64_t{0} >> shift))
    throw ConfigError(option + ": '" + text + "' is not a size such as 65536, 640K, 128M or 2G");
  return value << shift;
}

std::int64_t parse_date(const std::string& text, const std::string& option) {
  int year = 0, hour = 0, minute = 0, second = 0, used = 0;
  unsigned month = 0, day = 0;
  bool good = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &used) == 3;
  if (good && text[static_cast<std::size_t>(used)] == 'T') {
    const char* rest = text.c_str() + used;
    good = std::sscanf(rest, "T%2d:%2d:%2d%n", &hour, &minute, &second, &used) == 3;
    if (good) good = rest[used] == '\0' || (rest[used] == 'Z' && rest[used + 1] == '\0');
  } else if (good) {
    good = text.size() == static_cast<std::size_t>(used);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  good = good && date.ok() && year >= 1970 && year <= 2099 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 &&
         second >= 0 && second < 60;
  if (!good)
    throw ConfigError(option + ": '" + text + "' is not a date from 1970 to 2099 such as 2000-01-01T00:00:00Z");
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400 + hour * 3600 + minute * 60 + second;
}

DiskConfig parse_disk(const std::string& text) {
  const std::size_t comma = text.rfind(',');
  if (comma == std::string::npos) return {text, DiskMode::kCopyOnWrite};
  const std::string path = text.substr(0, comma);
  const std::string mode = text.substr(comma + 1);
  if (mode == "cow") return {path, DiskMode::kCopyOnWrite};
  if (mode == "rw") return {path, DiskMode::kReadWrite};
  if (mode == "ro") return {path, DiskMode::kReadOnly};
  // A comma may belong to the file's name.
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::exists(text, ignored))
    throw ConfigError("disk image '" + path + "': the mode '" + mode + "' is not cow, rw or ro");
  return {text, DiskMode::kCopyOnWrite};
}

}  // namespace ringside
