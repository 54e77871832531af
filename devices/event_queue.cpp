#include "devices/event_queue.h"

namespace ringside {

void EventQueue::schedule(EventId id, Tick tick) {
  const Tick before = next_;
  slot(id).tick = jittered(tick);
  slot(id).asked = tick;
  slot(id).order = ++order_;
  find_next();
  if (next_ < before && earlier_) earlier_();
}

// SplitMix64. Its state is a counter, so 0 would be met once in 2^64 events; the next one is taken then, since 0
// stands for no jitter.
Tick EventQueue::jittered(Tick tick) {
  if (jitter_ == 0 || tick >= kNever - kMaxJitter) return tick;
  jitter_ += 0x9E3779B97F4A7C15;
  if (jitter_ == 0) ++jitter_;
  std::uint64_t z = jitter_;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  z ^= z >> 31;
  return tick + z % (kMaxJitter + 1);
}

void EventQueue::cancel(EventId id) {
  slot(id).tick = slot(id).asked = kNever;
  find_next();
}

void EventQueue::find_next() {
  next_ = kNever;
  std::uint64_t order = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& s = slots_[i];
    if (s.tick < next_ || (s.tick == next_ && s.tick != kNever && s.order < order)) {
      next_ = s.tick;
      order = s.order;
      next_slot_ = i;
    }
  }
}

void EventQueue::run_until(Tick tick) {
  while (next_ <= tick && next_ != kNever) {
    Slot& due = slots_[next_slot_];
    due.tick = due.asked = kNever;
    find_next();
    if (due.handler) due.handler();
  }
}

void EventQueue::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "events");
  visitor.field("order", order_);
  visitor.field("jitter", jitter_);
  for (Slot& s : slots_) {
    visitor.field("tick", s.tick);
    visitor.field("asked", s.asked);
    visitor.field("entry", s.order);
  }
  if (visitor.loading()) find_next();
}

}  // namespace ringside
