#include "machine/board.h"

namespace ringside {

std::uint32_t Board::read_port(std::uint16_t port, unsigned size) {
  const std::uint32_t value = ports_.read(port, size);
  if (cpu_.observer != nullptr)
    cpu_.observer->port({port, static_cast<std::uint8_t>(size), false, value, cpu_.ticks()});
  return value;
}

void Board::write_port(std::uint16_t port, unsigned size, std::uint32_t value) {
  ports_.write(port, size, value);
  if (cpu_.observer != nullptr)
    cpu_.observer->port({port, static_cast<std::uint8_t>(size), true, value, cpu_.ticks()});
}

// The AT latches FERR#: the handler of IRQ 13 clears the latch, whatever the processor's pin does by then.
void Board::set_ferr(bool level) {
  if (level) set_error_latch(true);
}

void Board::set_error_latch(bool level) {
  error_latch_ = level;
  pic_.set_irq(13, level);
}

void Board::request_reset(bool cold) {
  reset_wanted = true;
  cold_reset = cold_reset || cold;
  cpu_.request_exit();
}

void Board::power_off() {
  powered_off = true;
  cpu_.request_exit();
}

void Board::debug_exit(std::uint8_t value) {
  if (exited) return;  // the first value counts
  exited = true;
  exit_value = value;
  cpu_.request_exit();
}

void Board::set_a20_gate(unsigned source, bool enabled) {
  a20_gates_[source % a20_gates_.size()] = enabled;
  memory_.set_a20(a20_gates_[0] || a20_gates_[1]);
}

void Board::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "board");
  visitor.field("a20_gates", a20_gates_);
  visitor.field("error_latch", error_latch_);
  visitor.field("reset_wanted", reset_wanted);
  visitor.field("cold_reset", cold_reset);
  visitor.field("powered_off", powered_off);
  visitor.field("exited", exited);
  visitor.field("exit_value", exit_value);
}

}  // namespace ringside
