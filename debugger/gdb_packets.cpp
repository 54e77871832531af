#include "debugger/gdb_packets.h"

namespace ringside {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void GdbPackets::put(std::uint8_t byte, std::vector<Event>& events) {
  const char c = static_cast<char>(byte);
  switch (state_) {
    case State::kIdle:
      if (c == '$') {
        content_.clear();
        sum_ = 0;
        damaged_ = false;
        state_ = State::kContent;
      } else if (byte == 3) {
        events.push_back({Kind::kInterrupt, ""});
      } else if (c == '+') {
        events.push_back({Kind::kAck, ""});
      } else if (c == '-') {
        events.push_back({Kind::kNack, ""});
      }
      break;
    case State::kContent:
      if (c == '#') {
        state_ = State::kFirstDigit;
        break;
      }
      sum_ = static_cast<std::uint8_t>(sum_ + byte);
      if (c == '}') {
        state_ = State::kEscape;
      } else if (content_.size() < kMaxPacket) {
        content_.push_back(c);
      } else {
        damaged_ = true;
      }
      break;
    case State::kEscape:
      sum_ = static_cast<std::uint8_t>(sum_ + byte);
      if (content_.size() < kMaxPacket) content_.push_back(static_cast<char>(byte ^ 0x20));
      state_ = State::kContent;
      break;
    case State::kFirstDigit:
      wanted_ = digit_of(c);
      state_ = State::kSecondDigit;
      break;
    case State::kSecondDigit: {
      const int low = digit_of(c);
      if (wanted_ < 0 || low < 0 || (wanted_ << 4 | low) != sum_) damaged_ = true;
      finish(events);
      break;
    }
  }
}

void GdbPackets::finish(std::vector<Event>& events) {
  events.push_back(damaged_ ? Event{Kind::kDamaged, ""} : Event{Kind::kPacket, std::move(content_)});
  content_.clear();
  state_ = State::kIdle;
}

std::string GdbPackets::frame(std::string_view content) {
  std::string out = "$";
  std::uint8_t sum = 0;
  const auto add = [&](char c) {
    out.push_back(c);
    sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
  };
  for (const char c : content) {
    if (c == '$' || c == '#' || c == '}' || c == '*') {
      add('}');
      add(static_cast<char>(c ^ 0x20));
    } else {
      add(c);
    }
  }
  out.push_back('#');
  out.push_back(kDigits[sum >> 4]);
  out.push_back(kDigits[sum & 15]);
  return out;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

std::string to_hex(std::string_view text) {
  return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit_of(digits[i]), low = digit_of(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::optional<std::uint64_t> take_hex(std::string_view& text, std::uint64_t most) {
  std::uint64_t value = 0;
  std::size_t used = 0;
  while (used < text.size() && digit_of(text[used]) >= 0) {
    if (value >> 60 != 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit_of(text[used++]));
  }
  if (used == 0 || value > most) return std::nullopt;
  text.remove_prefix(used);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace ringside
