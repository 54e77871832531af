#include "devices/ide_controller.h"

#include <algorithm>

namespace ringside {
namespace {

constexpr const char* kName = "IDE";
constexpr std::uint8_t kInterruptsOff = 0x02;  // nIEN
constexpr std::uint8_t kSoftwareReset = 0x04;  // SRST
constexpr std::uint8_t kHighOrderByte = 0x80;  // HOB
constexpr std::uint8_t kDiagnostic = 0x90;

}  // namespace

IdeController::IdeController(PortBus& bus, EventQueue& queue, IrqLines& irqs, DeviceLog& log,
                             unsigned channel)
    : queue_(queue),
      irqs_(irqs),
      log_(log),
      event_(channel == 0 ? EventId::kIdePrimary : EventId::kIdeSecondary),
      irq_(channel == 0 ? 14 : 15),
      base_(channel == 0 ? 0x1F0 : 0x170),
      control_port_(channel == 0 ? 0x3F6 : 0x376),
      drives_{AtaDisk(queue, log, channel, 0), AtaDisk(queue, log, channel, 1)} {
  bus.claim(base_, 1, this, 4);
  bus.claim(static_cast<std::uint16_t>(base_ + 1), 7, this);
  bus.claim(control_port_, 1, this);
  queue.set_handler(event_, [this] { on_event(); });
}

void IdeController::attach(unsigned drive, BlockMedium* medium) {
  drives_[drive & 1].attach(medium);
  update();
}

void IdeController::reset() {
  state_ = State{};
  for (AtaDisk& drive : drives_) drive.reset();
  update();
}

// --- Reads --------------------------------------------------------------------------------------------

std::uint8_t IdeController::read_register(unsigned number) const {
  // Where drive 1 is not there, drive 0 answers for it.
  const AtaDisk& source = current().present() ? current() : drives_[0];
  const std::uint8_t value = source.read_register(number, (state_.control & kHighOrderByte) != 0);
  if (number != 6) return value;
  return static_cast<std::uint8_t>((value & 0xEF) | state_.selected << 4);
}

std::uint8_t IdeController::peek(std::uint16_t port) const {
  if (floating() || port == base_) return 0xFF;
  if (port == control_port_ || port == base_ + 7) return current_status();
  return read_register(port - base_);
}

std::uint32_t IdeController::read_port(std::uint16_t port, unsigned size) {
  if (port == base_) {
    if (!current().present()) return 0xFFFFFFFF;
    const std::uint32_t value = current().read_data(size);
    if (current().between_blocks()) update();
    return value;
  }
  const std::uint8_t value = peek(port);
  if (port == base_ + 7 && current().interrupt()) {
    current().clear_interrupt();
    update();
  }
  return value;
}

// --- Writes -------------------------------------------------------------------------------------------

void IdeController::write_port(std::uint16_t port, unsigned size, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if (port == base_) {
    if (!current().present()) return;
    current().write_data(size, value);
    if (current().between_blocks()) update();
    return;
  }
  if (port == control_port_) return write_control(byte);
  const unsigned number = port - base_;
  state_.control &= static_cast<std::uint8_t>(~kHighOrderByte);
  if (current().present() && current().busy()) {
    log_.lint(kName, number == 7 ? "a command was written while the drive was busy, and is ignored"
                                 : "a register was written while the drive was busy, and keeps its value");
    return;
  }
  if (number == 7) return write_command(byte);
  for (AtaDisk& drive : drives_) {
    if (!drive.busy()) drive.write_register(number, byte);
  }
  if (number == 6) {
    state_.selected = byte >> 4 & 1;
    update();  // INTRQ is the selected drive's
  }
}

void IdeController::write_command(std::uint8_t code) {
  if (code == kDiagnostic) {
    // Both drives run it; drive 0 reports for both and is selected afterwards.
    state_.selected = 0;
    for (AtaDisk& drive : drives_)
      if (drive.present()) drive.command(code);
  } else if (current().present()) {
    current().command(code);
  }
  update();
}

void IdeController::write_control(std::uint8_t value) {
  const bool was_reset = (state_.control & kSoftwareReset) != 0;
  const bool is_reset = (value & kSoftwareReset) != 0;
  state_.control = value;
  if (is_reset && !was_reset) {
    state_.selected = 0;
    for (AtaDisk& drive : drives_)
      if (drive.present()) drive.hold_reset();
  } else if (was_reset && !is_reset) {
    for (AtaDisk& drive : drives_)
      if (drive.present()) drive.release_reset();
  }
  update();
}

// --- Time and interrupts --------------------------------------------------------------------------------

void IdeController::on_event() {
  for (AtaDisk& drive : drives_)
    if (drive.due() <= queue_.now()) drive.advance();
  // Drive 0 raises the interrupt of a diagnostic for both.
  if (drives_[0].present() && drives_[1].state().command == kDiagnostic) drives_[1].clear_interrupt();
  update();
}

void IdeController::update() {
  const Tick due = std::min(drives_[0].due(), drives_[1].due());
  if (due == kNever) {
    if (queue_.pending(event_)) queue_.cancel(event_);
  } else if (queue_.due(event_) != due) {
    queue_.schedule(event_, due);
  }
  irqs_.set_irq(irq_, current().interrupt() && (state_.control & kInterruptsOff) == 0);
}

void IdeController::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "ide");
  visitor.field("selected", state_.selected);
  visitor.field("control", state_.control);
  if (state_.selected > 1) throw StateError("an IDE channel has two drives");
  for (AtaDisk& drive : drives_) drive.visit(visitor);
}

}  // namespace ringside
