// GDB's remote protocol as bytes: packets with checksums, acknowledgements, escapes.
// GDB manual, "Remote Protocol", section "Overview".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringside {

/// Takes bytes as they come and yields what they mean. Nothing that arrives can make it hold more than one packet.
class GdbPackets {
 public:
  static constexpr std::size_t kMaxPacket = 64 * 1024;

  enum class Kind : std::uint8_t {
    kPacket,     ///< `text` is its content, unescaped
    kDamaged,    ///< the checksum is wrong, or it was too long: to be sent again
    kInterrupt,  ///< the byte 03h outside of packets
    kAck,
    kNack,
  };
  struct Event {
    Kind kind;
    std::string text;
  };

  void put(std::uint8_t byte, std::vector<Event>& events);

  /// "$...#xx", with escapes.
  static std::string frame(std::string_view content);

 private:
  enum class State : std::uint8_t { kIdle, kContent, kEscape, kFirstDigit, kSecondDigit };
  void finish(std::vector<Event>& events);

  State state_ = State::kIdle;
  std::string content_;
  std::uint8_t sum_ = 0;
  int wanted_ = 0;
  bool damaged_ = false;
};

// --- Hexadecimal, as the protocol has it -----------------------------------------------------------------
std::string to_hex(std::span<const std::uint8_t> bytes);
std::string to_hex(std::string_view text);
/// Nothing for an odd number of digits, or other characters.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits);
/// A number, big-endian digits; takes it off the front of `text`. Nothing if there is none or it is above `most`.
std::optional<std::uint64_t> take_hex(std::string_view& text, std::uint64_t most = ~std::uint64_t{0});
/// Takes one character off, if it is there.
bool take_char(std::string_view& text, char c);

}  // namespace ringside
