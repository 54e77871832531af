#include "devices/pic_8259a.h"

#include <string>

namespace ringside {

namespace {

constexpr std::uint8_t kElcrMask[2] = {0xF8, 0xDE};  // IRQ 0, 1, 2, 8 and 13 are always edges
constexpr unsigned kCascadeInput = 2;
constexpr std::uint8_t kRequestsUntilRemark = 32;

std::uint8_t bit(unsigned level) { return static_cast<std::uint8_t>(1u << (level & 7)); }
std::uint8_t without(std::uint8_t value, std::uint8_t mask) {
  return static_cast<std::uint8_t>(value & ~mask);
}

}  // namespace

std::uint8_t Pic8259a::Chip::irr() const {
  const std::uint8_t level = (icw1 & 0x08) != 0 ? std::uint8_t{0xFF} : elcr;
  return static_cast<std::uint8_t>((lines & level) | (edges & ~level));
}

Pic8259a::Pic8259a(PortBus& ports, SystemLines& system, DeviceLog& log) : system_(system), log_(log) {
  ports.claim(0x20, 2, this);
  ports.claim(0xA0, 2, this);
  ports.claim(0x4D0, 2, this);
  reset();
}

void Pic8259a::reset() {
  // The 8259A has no reset pin; its inputs stay what they are, and all else waits for ICW1.
  for (Chip& chip : state_.chips) {
    const std::uint8_t lines = chip.lines;
    chip = Chip{};
    chip.lines = lines;
  }
  state_.chips[kMaster].lines = without(state_.chips[kMaster].lines, bit(kCascadeInput));
  state_.intr = false;
  system_.set_intr(false);
}

void Pic8259a::set_irq(unsigned line, bool level) {
  if (line > 15 || line == kCascadeInput) return;
  const unsigned which = line >> 3;
  if ((state_.chips[which].lines >> (line & 7) & 1) == (level ? 1 : 0)) return;
  drive(which, line & 7, level);
  update();
}

void Pic8259a::drive(unsigned which, unsigned ir, bool level) {
  Chip& chip = state_.chips[which];
  const std::uint8_t mask = bit(ir);
  if (!level) {
    // An input that falls before its INTA takes its request back (8259A data sheet, "Interrupt Sequence":
    // the INTA then finds nothing and answers with IR7).
    chip.lines = without(chip.lines, mask);
    chip.edges = without(chip.edges, mask);
    return;
  }
  if ((chip.lines & mask) != 0) return;
  chip.lines |= mask;
  chip.edges |= mask;
  if ((chip.isr & mask) == 0 || chip.unserved[ir] >= kRequestsUntilRemark) return;
  if (++chip.unserved[ir] == kRequestsUntilRemark && (chip.linted & kNoEoi) == 0) {
    chip.linted |= kNoEoi;
    log_.lint("8259A", "IRQ " + std::to_string(which * 8 + ir) +
                           " is still in service after 32 more requests: its handler has sent no EOI");
  }
}

int Pic8259a::winner(unsigned which) const {
  const Chip& chip = state_.chips[which];
  if (chip.step != Step::kReady) return -1;
  const std::uint8_t requests = without(chip.irr(), chip.imr);
  if (requests == 0) return -1;
  // Special mask mode: a level in service that is masked holds nobody back.
  const std::uint8_t in_service = chip.special_mask ? without(chip.isr, chip.imr) : chip.isr;
  const bool fully_nested_slaves = which == kMaster && (chip.icw4 & 0x10) != 0;
  for (unsigned rank = 0; rank < 8; ++rank) {
    const unsigned level = (chip.lowest + 1u + rank) & 7;
    const bool serving = (in_service & bit(level)) != 0;
    // Special fully nested mode: a slave in service may interrupt again, for its own higher levels.
    const bool held_back = serving && !(fully_nested_slaves && chip.cascaded(level));
    if ((requests & bit(level)) != 0 && !held_back) return static_cast<int>(level);
    if (serving) return -1;
  }
  return -1;
}

void Pic8259a::update() {
  drive(kMaster, kCascadeInput, winner(kSlave) >= 0);
  const bool intr = winner(kMaster) >= 0;
  if (intr == state_.intr) return;
  state_.intr = intr;
  system_.set_intr(intr);
}

int Pic8259a::accept(unsigned which) {
  const int level = winner(which);
  if (level < 0) return -1;
  Chip& chip = state_.chips[which];
  const std::uint8_t mask = bit(static_cast<unsigned>(level));
  chip.edges = without(chip.edges, mask);
  chip.isr |= mask;
  chip.unserved[level] = 0;
  if ((chip.icw4 & 0x02) != 0) end_of_interrupt(chip, level, chip.rotate_on_aeoi);
  return level;
}

std::uint8_t Pic8259a::vector(const Chip& chip, int level) const {
  const unsigned ir = level < 0 ? 7 : static_cast<unsigned>(level);
  if ((chip.icw4 & 0x01) != 0) return static_cast<std::uint8_t>((chip.icw2 & 0xF8) | ir);
  // MCS-80 mode: the second INTA carries the low byte of a CALL's address, spaced by 4 or 8.
  if ((chip.icw1 & 0x04) != 0) return static_cast<std::uint8_t>((chip.icw1 & 0xE0) | ir << 2);
  return static_cast<std::uint8_t>((chip.icw1 & 0xC0) | ir << 3);
}

std::uint8_t Pic8259a::acknowledge() {
  const int level = accept(kMaster);
  std::uint8_t result = vector(state_.chips[kMaster], level);
  if (level >= 0 && state_.chips[kMaster].cascaded(static_cast<unsigned>(level))) {
    const Chip& slave = state_.chips[kSlave];
    // The slave answers to the identity in its ICW3; where none answers the data bus floats.
    const bool answers = level == static_cast<int>(kCascadeInput) && (slave.icw3 & 7) == kCascadeInput;
    result = answers ? vector(slave, accept(kSlave)) : std::uint8_t{0xFF};
    drive(kMaster, kCascadeInput, false);  // INT falls with INTA; a further request is a new edge
  }
  update();
  return result;
}

std::uint8_t Pic8259a::peek(std::uint16_t port) const {
  if (port >= 0x4D0) return state_.chips[port & 1].elcr;
  const unsigned which = port >= 0xA0 ? kSlave : kMaster;
  const Chip& chip = state_.chips[which];
  if (chip.poll) {
    const int level = winner(which);
    return level < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(0x80 | level);
  }
  if ((port & 1) != 0) return chip.imr;
  return chip.read_isr ? chip.isr : chip.irr();
}

std::uint32_t Pic8259a::read_port(std::uint16_t port, unsigned) {
  const std::uint8_t value = peek(port);
  if (port >= 0x4D0) return value;
  const unsigned which = port >= 0xA0 ? kSlave : kMaster;
  if (state_.chips[which].poll) {
    state_.chips[which].poll = false;
    accept(which);
    update();
  }
  return value;
}

void Pic8259a::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if (port >= 0x4D0) {
    state_.chips[port & 1].elcr = byte & kElcrMask[port & 1];
  } else if ((port & 1) != 0) {
    write_data(port >= 0xA0 ? kSlave : kMaster, byte);
  } else {
    write_command(port >= 0xA0 ? kSlave : kMaster, byte);
  }
  update();
}

void Pic8259a::write_command(unsigned which, std::uint8_t value) {
  Chip& chip = state_.chips[which];
  if ((value & 0x10) != 0) return write_icw1(chip, value);
  if (chip.step == Step::kPowerOn) {
    remark(chip, kBeforeInit, "an OCW is written before ICW1: the controller has never been initialized");
  } else if (chip.step != Step::kReady) {
    remark(chip, kDuringInit, "an OCW is written in the middle of ICW1-4: an ICW3 or ICW4 is missing");
  }
  if ((value & 0x08) != 0) {
    write_ocw3(chip, value);
  } else {
    write_ocw2(chip, value);
  }
}

void Pic8259a::write_icw1(Chip& chip, std::uint8_t value) {
  if ((value & 0x02) != 0)
    remark(chip, kIcw3,
           "ICW1 says single mode: no ICW3 follows, and the slave's requests lose their vectors");
  chip.icw1 = value;
  chip.icw4 = 0;
  chip.imr = 0;
  chip.isr = 0;
  chip.edges = 0;  // an input must go low and high again to make a request
  chip.lowest = 7;
  chip.special_mask = false;
  chip.rotate_on_aeoi = false;
  chip.read_isr = false;
  chip.poll = false;
  chip.step = Step::kIcw2;
  for (std::uint8_t& count : chip.unserved) count = 0;
}

void Pic8259a::write_data(unsigned which, std::uint8_t value) {
  Chip& chip = state_.chips[which];
  const Step after_icw3 = (chip.icw1 & 0x01) != 0 ? Step::kIcw4 : Step::kReady;
  switch (chip.step) {
    case Step::kPowerOn:
      remark(chip, kBeforeInit, "OCW1 is written before ICW1: the controller has never been initialized");
      chip.imr = value;
      break;
    case Step::kIcw2:
      chip.icw2 = value;
      chip.step = (chip.icw1 & 0x02) != 0 ? after_icw3 : Step::kIcw3;
      break;
    case Step::kIcw3:
      chip.icw3 = value;
      chip.step = after_icw3;
      if (value != (which == kMaster ? 0x04 : 0x02))
        remark(chip, kIcw3, "ICW3 does not say what the board is: 04h for the master, 02h for the slave");
      break;
    case Step::kIcw4:
      chip.icw4 = value & 0x1F;
      chip.step = Step::kReady;
      break;
    case Step::kReady:
      chip.imr = value;
      break;
  }
  if (chip.step == Step::kReady && (chip.icw4 & 0x01) == 0)
    remark(chip, kMode,
           "initialized for an 8080: ICW4 is missing or its bit 0 is clear, vectors come from ICW1");
}

int Pic8259a::highest_in_service(const Chip& chip) {
  // In special mask mode a non-specific EOI passes over levels that are masked.
  const std::uint8_t candidates = chip.special_mask ? without(chip.isr, chip.imr) : chip.isr;
  for (unsigned rank = 0; rank < 8; ++rank) {
    const unsigned level = (chip.lowest + 1u + rank) & 7;
    if ((candidates & bit(level)) != 0) return static_cast<int>(level);
  }
  return -1;
}

void Pic8259a::end_of_interrupt(Chip& chip, int level, bool rotate) {
  if (level < 0) return;
  chip.isr = without(chip.isr, bit(static_cast<unsigned>(level)));
  chip.unserved[level] = 0;
  if (rotate) chip.lowest = static_cast<std::uint8_t>(level);
}

void Pic8259a::write_ocw2(Chip& chip, std::uint8_t value) {
  const int level = value & 7;
  switch (value >> 5) {  // R, SL, EOI
    case 0:
      chip.rotate_on_aeoi = false;
      break;
    case 1:
    case 5: {
      const int served = highest_in_service(chip);
      if (served < 0) remark(chip, kIdleEoi, "a non-specific EOI finds nothing in service");
      end_of_interrupt(chip, served, value >> 5 == 5);
      break;
    }
    case 2:
      break;  // no operation
    case 3:
      end_of_interrupt(chip, level, false);
      break;
    case 4:
      chip.rotate_on_aeoi = true;
      break;
    case 6:
      chip.lowest = static_cast<std::uint8_t>(level);
      break;
    case 7:
      end_of_interrupt(chip, level, true);
      break;
  }
}

void Pic8259a::write_ocw3(Chip& chip, std::uint8_t value) {
  if ((value & 0x40) != 0) chip.special_mask = (value & 0x20) != 0;
  chip.poll = (value & 0x04) != 0;  // takes precedence over RR
  if ((value & 0x04) == 0 && (value & 0x02) != 0) chip.read_isr = (value & 0x01) != 0;
}

void Pic8259a::remark(Chip& chip, Remark what, const char* text) {
  if ((chip.linted & what) != 0) return;
  chip.linted |= what;
  log_.lint("8259A", std::string(&chip == &state_.chips[kMaster] ? "master: " : "slave: ") + text);
}

void Pic8259a::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "pic_8259a");
  for (Chip& chip : state_.chips) {
    visitor.field("lines", chip.lines);
    visitor.field("edges", chip.edges);
    visitor.field("isr", chip.isr);
    visitor.field("imr", chip.imr);
    visitor.field("elcr", chip.elcr);
    visitor.field("icw1", chip.icw1);
    visitor.field("icw2", chip.icw2);
    visitor.field("icw3", chip.icw3);
    visitor.field("icw4", chip.icw4);
    visitor.field("lowest", chip.lowest);
    visitor.field("step", chip.step);
    visitor.field("special_mask", chip.special_mask);
    visitor.field("rotate_on_aeoi", chip.rotate_on_aeoi);
    visitor.field("read_isr", chip.read_isr);
    visitor.field("poll", chip.poll);
    visitor.field("unserved", chip.unserved);
    visitor.field("linted", chip.linted);
    if (visitor.loading() && (chip.lowest > 7 || chip.step > Step::kReady))
      throw StateError("8259A: a priority or an initialization step is out of range");
  }
  visitor.field("intr", state_.intr);
  if (visitor.loading()) system_.set_intr(state_.intr);
}

}  // namespace ringside
