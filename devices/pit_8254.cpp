#include "devices/pit_8254.h"

#include <algorithm>
#include <string>

namespace ringside {

Pit8254::Pit8254(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log)
    : events_(events), irqs_(irqs), log_(log) {
  ports.claim(0x40, 4, this);
  events_.set_handler(EventId::kPitChannel0, [this] {
    advance(now());
    schedule();
  });
  reset();
}

void Pit8254::reset() {
  // The 8254 has no reset pin and wakes up undefined; here as mode 0 without a count, OUT low.
  for (unsigned i = 0; i < 3; ++i) state_.counters[i].reset(i != 2);
  state_.linted = 0;
  advance(now());
  schedule();
}

void Pit8254::advance(std::uint64_t t) {
  if (state_.counters[0].advance(t)) {
    // OUT0 was low and went high since; the controller needs to see that, however short it was.
    irqs_.set_irq(0, false);
    irqs_.set_irq(0, true);
  }
  irqs_.set_irq(0, state_.counters[0].out(t));
  state_.counters[1].advance(t);
  state_.counters[2].advance(t);
}

void Pit8254::schedule() {
  const std::uint64_t edge = state_.counters[0].next_edge();
  if (edge == PitCounter::kNoEdge) return events_.cancel(EventId::kPitChannel0);
  // Many edges may fall into one tick of a slow machine: they are one event, and time still moves on.
  const Tick tick = events_.clock().tick_of_cycle(edge, kHz);
  events_.schedule(EventId::kPitChannel0, std::max(tick, events_.now() + 1));
}

PitCounter Pit8254::at(unsigned counter, std::uint64_t t) const {
  PitCounter copy = state_.counters[counter];
  copy.advance(t);
  return copy;
}

bool Pit8254::out(unsigned counter) const {
  const std::uint64_t t = now();
  return at(counter, t).out(t);
}

std::uint16_t Pit8254::count(unsigned counter) const {
  const std::uint64_t t = now();
  return at(counter, t).count(t);
}

void Pit8254::set_gate2(bool gate) {
  const std::uint64_t t = now();
  state_.counters[2].advance(t);
  state_.counters[2].set_gate(t, gate);
}

std::uint8_t Pit8254::peek(std::uint16_t port) const {
  if ((port & 3) == 3) return 0xFF;  // the control word cannot be read; the bus floats
  const std::uint64_t t = now();
  return at(port & 3, t).peek(t);
}

std::uint32_t Pit8254::read_port(std::uint16_t port, unsigned) {
  if ((port & 3) == 3) return 0xFF;
  const std::uint64_t t = now();
  advance(t);
  return state_.counters[port & 3].read(t);
}

void Pit8254::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const std::uint64_t t = now();
  const auto byte = static_cast<std::uint8_t>(value);
  const unsigned index = port & 3;
  advance(t);
  if (index == 3) {
    write_control(t, byte);
  } else {
    PitCounter& counter = state_.counters[index];
    counter.write(t, byte);
    const bool periodic = counter.mode() == 2 || counter.mode() == 3;
    const bool complete = counter.state().count_written && !counter.state().write_high;
    if (periodic && complete && counter.programmed() == 1 && (state_.linted >> index & 1) == 0) {
      state_.linted |= static_cast<std::uint8_t>(1u << index);
      log_.lint("8254", "counter " + std::to_string(index) + ": a count of 1 is illegal in modes 2 and 3");
    }
  }
  irqs_.set_irq(0, state_.counters[0].out(t));
  schedule();
}

void Pit8254::write_control(std::uint64_t t, std::uint8_t value) {
  const unsigned select = value >> 6;
  if (select == 3) {  // read-back
    for (unsigned i = 0; i < 3; ++i) {
      if ((value >> (i + 1) & 1) == 0) continue;
      if ((value & 0x20) == 0) state_.counters[i].latch_count(t);
      if ((value & 0x10) == 0) state_.counters[i].latch_status(t);
    }
  } else if ((value & 0x30) == 0) {
    state_.counters[select].latch_count(t);
  } else {
    state_.counters[select].write_control(t, value);
  }
}

void Pit8254::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "pit_8254");
  for (PitCounter& counter : state_.counters) counter.visit(visitor);
  visitor.field("linted", state_.linted);
}

}  // namespace ringside
