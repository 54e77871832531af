// PS/2 keyboard (IBM 101/102-key, MF2).
//
//   line      serial clock and data to the 8042 (bytes here; the 8042 models the duration of a frame)
//   in        key(): a key went down or up;  receive(): a byte from the controller
//   out       has_byte(), take_byte();  timer_due(), timer(): self-test and typematic repeat
//   commands  EDh EEh F0h F2h F3h F4h F5h F6h FEh FFh; F7h..FAh are acknowledged without effect
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Keyboard (101- and 102-Key)"
//
// Not implemented: scan code set 3 (F0h 03h is refused with FEh) and its per-key commands FBh..FDh.
// Deviations: the self-test after FFh takes 20 ms instead of some 500; no self-test report is sent at
// power-on, as if the controller had swallowed it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>

#include "devices/event_queue.h"
#include "devices/key_code.h"
#include "devices/ps2_fifo.h"

namespace ringside {

class Ps2Keyboard {
 public:
  static constexpr std::size_t kBufferSize = 16;

  struct State {
    std::array<bool, kKeyCount> down{};
    Ps2Fifo<std::uint8_t, kBufferSize + 1> buffer;  ///< scan codes; the last place is for the overrun code
    Ps2Fifo<std::uint8_t, 8> reply;                 ///< answers to commands go before scan codes
    std::uint8_t last_sent = 0;
    std::uint8_t parameter_of = 0;  ///< the command whose parameter comes next, or 0
    std::uint8_t scan_code_set = 2;
    std::uint8_t leds = 0;
    std::uint8_t typematic = 0x2B;  ///< 10.9 characters a second after half a second
    bool scanning = true;
    bool overrun = false;  ///< codes were lost and the buffer has not been empty since
    bool repeating = false;
    KeyCode repeat_key = KeyCode::kEscape;
    Tick repeat_due = kNever;
    Tick self_test_due = kNever;
  };

  /// `changed` is called when there may be something to send or the timer has moved.
  Ps2Keyboard(const Clock& clock, std::function<void()> changed);

  void reset() { state_ = State{}; }

  /// Repeated presses of a key that is down (the host's own repeat) change nothing.
  void key(KeyCode code, bool down);
  /// Bit 0 Scroll Lock, bit 1 Num Lock, bit 2 Caps Lock.
  unsigned leds() const { return state_.leds; }

  void receive(std::uint8_t byte);
  bool has_byte() const { return !state_.reply.empty() || !state_.buffer.empty(); }
  std::uint8_t take_byte();
  Tick timer_due() const {
    return state_.self_test_due < state_.repeat_due ? state_.self_test_due : state_.repeat_due;
  }
  void timer();

  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

 private:
  struct Sequence {
    std::array<std::uint8_t, 12> bytes{};
    std::size_t size = 0;
    void add(std::initializer_list<std::uint8_t> more);
  };

  void set_defaults();
  void command(std::uint8_t byte);
  void parameter(std::uint8_t command, std::uint8_t byte);
  void answer(std::initializer_list<std::uint8_t> bytes);
  bool is_down(KeyCode key) const { return state_.down[static_cast<std::size_t>(key)]; }
  void add_code(Sequence& sequence, ScanCode code, bool down) const;
  void add_fake_shifts(Sequence& sequence, KeyCode key, bool down) const;
  Sequence sequence_of(KeyCode key, bool down, bool repeat) const;
  void send(const Sequence& sequence);
  Tick repeat_delay() const;
  Tick repeat_period() const;

  const Clock& clock_;
  std::function<void()> changed_;
  State state_;
};

}  // namespace ringside
