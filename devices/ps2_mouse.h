// PS/2 mouse with the IntelliMouse wheel.
//
//   line      serial clock and data to the 8042's auxiliary port
//   in        move(): counts and buttons;  receive(): a byte from the controller
//   out       has_byte(), take_byte();  timer_due(), timer(): self-test and sampling
//   commands  E6h..EBh ECh EEh F0h F2h..F6h FEh FFh
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Mouse";
//             Microsoft, IntelliMouse: sample rates 200, 100, 80 turn device ID 00h into 03h
//
// Not implemented: the five-button Explorer protocol (ID 04h).
// Deviations: a movement too large for one report goes on in the next instead of setting the overflow bits;
// the self-test takes 20 ms; no report of it at power-on.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>

#include "devices/event_queue.h"
#include "devices/ps2_fifo.h"

namespace ringside {

class Ps2Mouse {
 public:
  struct State {
    Ps2Fifo<std::uint8_t, 16> output;
    std::array<std::uint8_t, 4> last_report{};  ///< what FEh repeats
    std::uint8_t last_report_size = 0;
    std::uint8_t parameter_of = 0;
    std::uint8_t id = 0;
    std::uint8_t sample_rate = 100;
    std::uint8_t resolution = 2;     ///< 1 << n counts per mm
    std::uint32_t recent_rates = 0;  ///< the last three sample rates, a byte each: the wheel's password
    bool scaling = false;            ///< 2:1, stream mode only
    bool reporting = false;
    bool remote = false;
    bool wrap = false;
    bool refused = false;                 ///< the byte before was answered with FEh
    std::int32_t dx = 0, dy = 0, dz = 0;  ///< not yet reported
    std::uint8_t buttons = 0;
    std::uint8_t reported_buttons = 0;
    Tick sample_due = kNever;  ///< no report before
    Tick self_test_due = kNever;
  };

  Ps2Mouse(const Clock& clock, std::function<void()> changed);

  void reset() { state_ = State{}; }

  /// Counts to the right, upwards and of the wheel (towards the user); bit 0 of `buttons` is left, 1 right,
  /// 2 middle.
  void move(int dx, int dy, int dz, unsigned buttons);

  void receive(std::uint8_t byte);
  bool has_byte() const { return !state_.output.empty(); }
  std::uint8_t take_byte() { return state_.output.take(); }
  Tick timer_due() const {
    return state_.self_test_due < state_.sample_due ? state_.self_test_due : state_.sample_due;
  }
  void timer();

  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

 private:
  void set_defaults();
  void answer(std::initializer_list<std::uint8_t> bytes);
  void refuse();
  void command(std::uint8_t byte);
  void parameter(std::uint8_t command, std::uint8_t byte);
  void send_status();
  bool anything_new() const;
  void report(bool scaled);
  void stream();

  const Clock& clock_;
  std::function<void()> changed_;
  State state_;
};

}  // namespace ringside
