// Guest time: the closed set of device events, one queue in ticks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "memory/state_visitor.h"

namespace ringside {

/// A tick is one retired instruction.
using Tick = std::uint64_t;
constexpr Tick kNever = ~Tick{0};

/// Every event that a device can wait for. The set is closed so that time can be saved.
enum class EventId : std::uint8_t {
  kPitChannel0,
  kPitChannel2,
  kRtcPeriodic,
  kRtcUpdate,
  kRtcAlarm,
  kUart0Transmit,
  kUart0Receive,
  kKeyboard,
  kMouse,
  kIdePrimary,
  kIdeSecondary,
  kAcpiTimer,
  kVgaRetrace,
  kInputLog,
  kRunLimit,
  kDma,
  kFloppy,
  kReset,
  kPeriodic,
  kCount,
};

/// The present, and the exact conversion between ticks and a device's own clock.
class Clock {
 public:
  explicit Clock(std::uint64_t ips) : ips_(ips) {}
  virtual ~Clock() = default;
  /// Ticks since power-on, exact also in the middle of a block of instructions.
  virtual Tick now() const = 0;
  /// Instructions per guest second.
  std::uint64_t ips() const { return ips_; }

  /// Whole cycles of a clock of `hz` that have passed at `tick`.
  std::uint64_t cycles(Tick tick, std::uint64_t hz) const {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(tick) * hz / ips_);
  }
  /// The first tick at which `cycles` cycles of a clock of `hz` have passed.
  Tick tick_of_cycle(std::uint64_t cycles, std::uint64_t hz) const {
    return static_cast<Tick>((static_cast<unsigned __int128>(cycles) * ips_ + hz - 1) / hz);
  }
  std::uint64_t nanoseconds(Tick tick) const { return cycles(tick, 1'000'000'000); }
  /// Ticks that a delay of `ns` nanoseconds takes, at least one.
  Tick delay(std::uint64_t ns) const {
    const Tick t = tick_of_cycle(ns, 1'000'000'000);
    return t == 0 ? 1 : t;
  }

 private:
  std::uint64_t ips_;
};

/// At most one pending occurrence of each event; equal ticks happen in the order in which they were
/// scheduled.
class EventQueue {
 public:
  using Handler = std::function<void()>;

  explicit EventQueue(const Clock& clock) : clock_(clock) {}

  const Clock& clock() const { return clock_; }
  Tick now() const { return clock_.now(); }

  /// Called once, by the device that owns the event, at construction.
  void set_handler(EventId id, Handler handler) { slot(id).handler = std::move(handler); }

  /// Replaces a pending occurrence. A tick in the past happens at once, when the queue next runs.
  void schedule(EventId id, Tick tick);
  void cancel(EventId id);
  bool pending(EventId id) const { return slots_[static_cast<std::size_t>(id)].tick != kNever; }
  /// The tick that the device asked for.
  Tick due(EventId id) const { return slots_[static_cast<std::size_t>(id)].asked; }

  /// The tick of the earliest pending event, kNever if there is none.
  Tick next() const { return next_; }
  /// Runs everything due at or before `tick`, in order; handlers may schedule again.
  void run_until(Tick tick);

  /// Called whenever `next()` has become earlier, so that a running processor can be told.
  void set_earlier_callback(std::function<void()> callback) { earlier_ = std::move(callback); }

  /// Jitter: from now on every event happens up to kMaxJitter ticks later than its device asked for, each by an
  /// amount that follows from `seed` and from how many were scheduled before it. 0: exactly when asked for.
  static constexpr Tick kMaxJitter = 63;
  void set_jitter(std::uint64_t seed) { jitter_ = seed; }

  void visit(StateVisitor& visitor);

 private:
  Tick jittered(Tick tick);
  struct Slot {
    Tick tick = kNever;
    Tick asked = kNever;  // without jitter
    std::uint64_t order = 0;
    Handler handler;
  };
  Slot& slot(EventId id) { return slots_[static_cast<std::size_t>(id)]; }
  void find_next();

  const Clock& clock_;
  std::array<Slot, static_cast<std::size_t>(EventId::kCount)> slots_;
  std::uint64_t order_ = 0;
  std::uint64_t jitter_ = 0;  // the generator's state; 0: no jitter
  Tick next_ = kNever;
  std::size_t next_slot_ = 0;
  std::function<void()> earlier_;
};

}  // namespace ringside
