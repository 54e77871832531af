// Everything that enters the machine from outside, each with the tick at which it entered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "devices/event_queue.h"

namespace ringside {

enum class InputKind : std::uint8_t {
  kDate,    ///< value: seconds since 1970, set at power-on
  kKey,     ///< value: KeyCode; down: pressed or released
  kMouse,   ///< dx, dy, dz: counts; value: buttons
  kSerial,  ///< value: a byte that COM1 has taken
  kCount,
};

struct Input {
  Tick tick = 0;
  InputKind kind = InputKind::kDate;
  bool down = false;
  std::int64_t value = 0;
  std::int32_t dx = 0, dy = 0, dz = 0;

  bool operator==(const Input&) const = default;
};

/// Entries in order of their ticks. A machine first takes the entries that are there already (a replay);
/// what comes live is appended behind them.
class InputLog {
 public:
  void append(const Input& input);
  /// Forgets all entries from the one with this number on.
  void truncate(std::size_t count);
  std::span<const Input> entries() const { return entries_; }

  /// For a recording: a flat little-endian form, and back. Throws StateError on bytes that are no log.
  std::vector<std::uint8_t> serialize() const;
  static InputLog parse(std::span<const std::uint8_t> bytes);

 private:
  std::vector<Input> entries_;
};

}  // namespace ringside
