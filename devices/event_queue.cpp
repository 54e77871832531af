#include "devices/event_queue.h"

namespace ringside {

void EventQueue::schedule(EventId id, Tick tick) {
  const Tick before = next_;
  slot(id).tick = tick;
  slot(id).order = ++order_;
  find_next();
  if (next_ < before && earlier_) earlier_();
}

void EventQueue::cancel(EventId id) {
  slot(id).tick = kNever;
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
    due.tick = kNever;
    find_next();
    if (due.handler) due.handler();
  }
}

void EventQueue::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "events");
  visitor.field("order", order_);
  for (Slot& s : slots_) {
    visitor.field("tick", s.tick);
    visitor.field("entry", s.order);
  }
  if (visitor.loading()) find_next();
}

}  // namespace ringside
