#include "machine/time_travel.h"

#include <algorithm>

#include "machine/checkpoint_store.h"
#include "machine/errors.h"
#include "machine/thread_time.h"

namespace ringside {
namespace {

// Seconds of running between checkpoints: near enough for a step back of well under 100 ms, far enough for the
// taking to cost little.
constexpr double kLeastSeconds = 0.02, kMostSeconds = 0.06;
constexpr double kLargestShare = 0.08;  // of the time, for checkpoints, as long as they are not too far apart then
constexpr double kSliceSeconds = 0.004;
constexpr Tick kLeastSlice = 20'000, kMostSlice = 20'000'000;

/// A seek leaves checkpoints this far before its destination, where that is worth the while: the next step back
/// goes there.
constexpr Tick kApproach[] = {3'000'000, 300'000, 30'000};
constexpr double kWorthSeconds = 0.002;

/// Part of the budget that belongs to the event index.
constexpr std::size_t kIndexShare = 8;

/// What a tick takes that was stepped through, when it is run again.
constexpr double kSteppedSeconds = 5e-9;

EventKind kind_of(TrapKind kind) {
  switch (kind) {
    case TrapKind::kException: return EventKind::kException;
    case TrapKind::kSoftwareInterrupt: return EventKind::kSoftwareInterrupt;
    case TrapKind::kExternal: return EventKind::kExternal;
    case TrapKind::kNmi: return EventKind::kNmi;
    case TrapKind::kIret: return EventKind::kIret;
    case TrapKind::kTaskSwitch: return EventKind::kTaskSwitch;
    case TrapKind::kRingChange: return EventKind::kRingChange;
  }
  return EventKind::kCount;
}

}  // namespace

/// Writes what happens for the first time into the index.
class TimeTravel::Indexer final : public CpuObserver {
 public:
  Indexer(Machine& machine, EventIndex& index) : machine_(machine), index_(index) { machine_.add_observer(this); }
  ~Indexer() override { machine_.remove_observer(this); }
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  void trap(const TrapEvent& event) override {
    const bool delivered = event.kind == TrapKind::kException || event.kind == TrapKind::kExternal ||
                           event.kind == TrapKind::kNmi;
    const std::uint32_t detail = event.kind == TrapKind::kRingChange ? event.to_cpl : event.vector;
    std::optional<unsigned> new_cpl;
    if (event.from_cpl != event.to_cpl) new_cpl = event.to_cpl;
    add(kind_of(event.kind), detail, delivered, new_cpl);
  }
  void port(const PortEvent& event) override {
    add(event.write ? EventKind::kPortWrite : EventKind::kPortRead, event.port, false);
  }
  void register_written(const RegisterEvent& event) override {
    const auto value = static_cast<std::uint32_t>(event.value);
    switch (event.what) {
      case SystemRegister::kCr0: add(EventKind::kCr0Write, value, false); break;
      case SystemRegister::kCr2: break;
      case SystemRegister::kCr3: add(EventKind::kCr3Write, value, false); break;
      case SystemRegister::kCr4: add(EventKind::kCr4Write, value, false); break;
      case SystemRegister::kMsr: add(EventKind::kMsrWrite, event.number, false); break;
    }
  }

 private:
  // A delivery has been counted when it is reported; the moment is the one before it.
  void add(EventKind kind, std::uint32_t detail, bool delivered, std::optional<unsigned> new_cpl = {}) {
    if (machine_.reliving()) return;
    Moment moment = machine_.moment();
    if (delivered && moment.step > 0) --moment.step;
    index_.add({moment, kind, detail}, new_cpl);
  }

  Machine& machine_;
  EventIndex& index_;
};

class TimeTravel::Muted {
 public:
  Muted(TimeTravel& time, Machine::Audience audience) : time_(time), before_(time.machine_.audience()) { set(audience); }
  ~Muted() { set(before_); }
  Muted(const Muted&) = delete;
  Muted& operator=(const Muted&) = delete;

 private:
  void set(Machine::Audience audience) {
    time_.machine_.set_audience(audience, audience == Machine::Audience::kOne ? time_.scan_observer_ : nullptr);
  }

  TimeTravel& time_;
  Machine::Audience before_;
};

// A search stays one whatever moves the machine in it.
Machine::Audience TimeTravel::audience() const {
  if (machine_.audience() == Machine::Audience::kOne) return Machine::Audience::kOne;
  return in_past() ? Machine::Audience::kObservers : Machine::Audience::kEverybody;
}

TimeTravel::TimeTravel(Machine& machine, const HistoryOptions& options)
    : machine_(machine), options_(options), events_(options.budget / kIndexShare) {
  for (const auto& disk : machine.config().disks)
    if (disk && disk->mode == DiskMode::kReadWrite)
      throw ConfigError("there is no way back with disk image '" + disk->path +
                        "' in mode rw: what is written to the file cannot be taken back; use cow");
  restart();
  if (options_.index_events) indexer_ = std::make_unique<Indexer>(machine_, events_);
  machine_.set_input_guard([this] {
    if (input_starts_new_future()) forget_future();
  });
}

TimeTravel::~TimeTravel() { machine_.set_input_guard(nullptr); }

void TimeTravel::restart() {
  // A checkpoint lies at the beginning of a tick; one instruction leads there.
  while (present().step != 0) {
    const Moment before = present();
    machine_.step();
    if (present() == before) break;
  }
  store_.reset();
  store_ = std::make_unique<CheckpointStore>(machine_, options_.budget - options_.budget / kIndexShare);
  events_.clear();
  end_ = present();
  since_base_ = 0;
}

// ===== Running =========================================================================================

double TimeTravel::wanted_seconds() const {
  return std::clamp(store_->last_cost() / kLargestShare, kLeastSeconds, kMostSeconds);
}

bool TimeTravel::checkpoint_due() const {
  if (present().step != 0 || machine_.now() == store_->base()) return false;
  if (options_.spacing != 0) return machine_.now() >= store_->base() + options_.spacing;
  return since_base_ >= wanted_seconds();
}

void TimeTravel::take_checkpoint() {
  store_->take(since_base_);
  since_base_ = 0;
}

// A few milliseconds of the machine's life, and a checkpoint where one is due or was before.
StopReason TimeTravel::advance(Tick limit) {
  const Tick now = machine_.now();
  Tick stop = std::min({limit, now + std::min(slice_, kNever - now), store_->after(now)});
  if (options_.spacing != 0 && store_->base() + options_.spacing > now)
    stop = std::min(stop, store_->base() + options_.spacing);
  // A machine that halts for ever must not be led along slice by slice.
  if (machine_.halted() && machine_.events().next() == kNever && !machine_.has_future_inputs()) stop = limit;
  const double began = thread_seconds();
  const StopReason why = machine_.run(stop);
  const double seconds = thread_seconds() - began;
  since_base_ += seconds;
  if (seconds < kSliceSeconds / 2) slice_ = std::min(slice_ * 2, kMostSlice);
  if (seconds > kSliceSeconds * 2) slice_ = std::max(slice_ / 2, kLeastSlice);
  if (why != StopReason::kLimit) return why;
  const bool known_one = machine_.now() == stop && store_->at_or_before(stop) == stop;
  if (present().step == 0 && (known_one || checkpoint_due())) take_checkpoint();
  return why;
}

StopReason TimeTravel::run(Tick limit) {
  end_ = end();
  for (;;) {
    const bool known = in_past();
    const Muted muted(*this, audience());
    StopReason why;
    if (known && end_.tick == machine_.now()) {
      // Of the known past only deliveries at this tick are left.
      if (limit <= machine_.now()) return StopReason::kLimit;
      why = machine_.step();
    } else {
      why = advance(known ? std::min(limit, end_.tick) : limit);
    }
    end_ = end();
    if (why != StopReason::kLimit) return why;
    if (machine_.now() >= limit) return why;
  }
}

StopReason TimeTravel::step() {
  end_ = end();
  const Muted muted(*this, audience());
  const std::uint64_t instructions = machine_.instructions();
  const StopReason why = machine_.step();
  since_base_ += kSteppedSeconds * static_cast<double>(machine_.instructions() - instructions);
  end_ = end();
  if (checkpoint_due()) take_checkpoint();
  return why;
}

// ===== Seeking =========================================================================================

void TimeTravel::restore(Tick checkpoint) {
  store_->restore(checkpoint);
  since_base_ = 0;
}

// False where the machine cannot get there: its life has ended.
bool TimeTravel::reach(Tick tick) {
  while (machine_.now() < tick) {
    const Moment before = present();
    advance(tick);
    if (present() != before) continue;
    machine_.step();
    if (present() == before) return false;
  }
  return true;
}

void TimeTravel::go_to(Tick tick) {
  for (const Tick distance : kApproach) {
    if (tick < distance || tick - distance <= machine_.now()) continue;
    if (!reach(tick - distance)) return;
    if (options_.spacing == 0 && present().step == 0 && since_base_ > kWorthSeconds) take_checkpoint();
  }
  if (reach(tick)) machine_.run(tick);  // inputs of this tick enter
}

void TimeTravel::seek(Moment moment) {
  end_ = end();
  moment = std::clamp(moment, Moment{begin(), 0}, end_);
  if (moment == present()) return;
  const Muted muted(*this, Machine::Audience::kNobody);
  const bool leaving_end = present() == end_ && present().step == 0;
  if (leaving_end && moment < end_ && since_base_ > kWorthSeconds && options_.spacing == 0) take_checkpoint();
  const Tick checkpoint = store_->at_or_before(moment.tick);
  if (moment < present() || checkpoint > machine_.now()) restore(checkpoint);
  go_to(moment.tick);
  while (present() < moment) {
    const Moment before = present();
    machine_.step();
    if (present() == before) return;
  }
}

bool TimeTravel::step_back() {
  const Moment now = present();
  if (now <= Moment{begin(), 0}) return false;
  if (now.step > 0) {
    seek(Moment{now.tick, now.step - 1});
  } else {
    // The last moment of the tick before: as many steps as do not lead here.
    seek(now.tick - 1);
    Moment last = present();
    {
      const Muted muted(*this, Machine::Audience::kNobody);
      for (;;) {
        machine_.step();
        if (present() >= now || present() == last) break;
        last = present();
      }
    }
    seek(last);
  }
  // All of a halt is one step.
  if (machine_.halted() && machine_.halted_since() < present().tick) seek(machine_.halted_since());
  return true;
}

bool TimeTravel::seek_previous(const EventQuery& query) {
  const auto event = events_.previous(present(), query);
  if (!event || event->moment < Moment{begin(), 0}) return false;
  seek(event->moment);
  return true;
}

bool TimeTravel::seek_next(const EventQuery& query) {
  const auto event = events_.next(present(), query);
  if (!event) return false;
  seek(event->moment);
  return true;
}

// ===== Searching =======================================================================================

bool TimeTravel::scan_back(Moment before, const std::function<bool(Moment from, Moment to)>& look) {
  end_ = end();
  const Muted muted(*this, Machine::Audience::kOne);
  Moment to = std::min(before, end_);
  while (to > Moment{begin(), 0}) {
    const Tick from = store_->at_or_before(to.step > 0 ? to.tick : to.tick - 1);
    restore(from);
    if (look(Moment{from, 0}, to)) return true;
    to = {from, 0};
  }
  return false;
}

StopReason TimeTravel::relive(Tick limit) {
  end_ = end();
  const Muted muted(*this, Machine::Audience::kOne);
  const double began = thread_seconds();
  const StopReason why = machine_.run(std::min(limit, end_.tick));
  since_base_ += thread_seconds() - began;
  return why;
}

// ===== Futures and figures =============================================================================

Tick TimeTravel::begin() const { return store_->first(); }

Moment TimeTravel::end() const { return std::max(end_, present()); }

bool TimeTravel::input_starts_new_future() const { return in_past() || machine_.has_future_inputs(); }

void TimeTravel::set_new_future_callback(std::function<void(Moment, Moment)> callback) {
  new_future_ = std::move(callback);
}

void TimeTravel::forget_future() {
  if (!input_starts_new_future()) return;
  if (new_future_) new_future_(present(), end());
  store_->truncate(machine_.now());
  events_.truncate(present());
  machine_.forget_future_inputs();
  end_ = present();
  ++futures_forgotten_;
}

std::size_t TimeTravel::memory_used() const { return store_->memory_used() + events_.memory_used(); }

std::vector<Tick> TimeTravel::checkpoints() const { return store_->ticks(); }

}  // namespace ringside
