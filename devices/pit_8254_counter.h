// One of the three counters of an Intel 8254.
//
// A counter is never stepped. It remembers when its counting element CE was loaded and with what, and
// computes count and OUT for any later clock from that, so that time that nobody looks at costs nothing and
// periodic modes cannot drift. `t` is always the number of whole CLK cycles since power-on.
#pragma once

#include <cstdint>

#include "memory/state_visitor.h"

namespace ringside {

class PitCounter {
 public:
  static constexpr std::uint64_t kNoEdge = ~std::uint64_t{0};

  struct State {
    std::uint8_t control = 0x30;  ///< RW, mode and BCD bits of the last control word
    std::uint16_t cr = 0;         ///< the count register: what CE is loaded with
    std::uint8_t cr_low = 0;      ///< the first byte of a two-byte count
    bool write_high = false;      ///< the next byte written is the high one
    bool read_high = false;
    bool count_written = false;  ///< since the control word
    bool null_count = true;      ///< CR holds a count that CE does not have yet
    bool gate = true;
    bool loaded = false;          ///< CE has been loaded since the control word
    std::uint64_t load = 0;       ///< when
    std::uint32_t initial = 1;    ///< with what, 1..65536
    bool first_half_high = true;  ///< mode 3: OUT in the half period that began at `load`
    bool load_pending = false;    ///< CE will be loaded from CR at `load_at`
    bool load_restarts = false;   ///< mode 3: ... and a high half begins, whatever came before
    std::uint64_t load_at = 0;
    bool stopped = false;  ///< counting is held, with `stopped_elapsed` clocks counted
    std::uint64_t stopped_elapsed = 0;
    std::uint16_t held = 0;  ///< what CE shows until it is loaded
    bool count_latched = false;
    std::uint16_t latch = 0;
    bool status_latched = false;
    std::uint8_t status = 0;
    std::uint64_t synced = 0;  ///< the last `t` that advance() was told
  };

  const State& state() const { return state_; }
  unsigned mode() const;
  bool bcd() const { return (state_.control & 1) != 0; }

  void reset(bool gate);
  void visit(StateVisitor& visitor);

  /// Carries out what is due until `t`. True where OUT went from low to high on the way.
  bool advance(std::uint64_t t);

  // All below expect advance(t) to have been called for the same t.

  bool out(std::uint64_t t) const;
  /// CE as the processor would read it, in BCD where programmed so.
  std::uint16_t count(std::uint64_t t) const;
  /// The first clock after the last advance() at which OUT rises (in mode 3 also: falls), kNoEdge if none.
  /// The one-clock pulses of modes 2, 4 and 5 are told by their end.
  std::uint64_t next_edge() const;

  void write_control(std::uint64_t t, std::uint8_t control);
  void write(std::uint64_t t, std::uint8_t value);
  std::uint8_t read(std::uint64_t t);
  std::uint8_t peek(std::uint64_t t) const;
  void latch_count(std::uint64_t t);
  void latch_status(std::uint64_t t);
  void set_gate(std::uint64_t t, bool gate);

  /// The count of the last completed write, 1..65536.
  std::uint32_t programmed() const;

 private:
  struct Half {
    bool high;
    std::uint64_t position;
  };
  unsigned rw() const { return state_.control >> 4 & 3; }
  bool half_written() const { return rw() == 3 && state_.write_high; }
  std::uint64_t elapsed(std::uint64_t t) const;
  Half half(std::uint64_t elapsed) const;
  std::uint64_t next_rise(std::uint64_t t) const;
  std::uint64_t next_fall_of_square(std::uint64_t t) const;
  std::uint64_t next_reload(std::uint64_t t) const;
  void stop(std::uint64_t t);
  void load_next_clock(std::uint64_t t);
  void load_ce();
  void count_complete(std::uint64_t t, std::uint16_t count);
  std::uint16_t encode(std::uint32_t value) const;

  State state_;
};

}  // namespace ringside
