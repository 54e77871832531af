// Intel 8259A Programmable Interrupt Controller, the cascaded pair of a PC/AT.
//
//   ports   20h, 21h    master: A0 = 0 (ICW1, OCW2, OCW3; reads IRR, ISR or poll), A0 = 1 (ICW2-4, OCW1)
//           A0h, A1h    slave, likewise; its INT output drives the master's IR2
//           4D0h, 4D1h  ELCR of the ISA bridge: a set bit makes that input level-triggered
//   in      IR0-IR15 (IrqLines), INTA (acknowledge())
//   out     INT of the master, to the processor's INTR
//   manual  Intel 8259A data sheet; Intel 82371SB (PIIX3), "ELCR1, ELCR2"
//
// Not modelled: buffered mode (ICW4 BUF, M/S), which has no effect on a PC. The time that the priority
// resolver takes is zero.
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class Pic8259a final : public PortDevice, public IrqLines {
 public:
  /// Where a chip is in its initialization sequence.
  enum class Step : std::uint8_t { kPowerOn, kIcw2, kIcw3, kIcw4, kReady };

  struct Chip {
    std::uint8_t lines = 0;  ///< the IR inputs, as they are now
    std::uint8_t edges = 0;  ///< edge-sense latches: went high, and neither low nor acknowledged since
    std::uint8_t isr = 0;
    std::uint8_t imr = 0;
    std::uint8_t elcr = 0;
    std::uint8_t icw1 = 0;
    std::uint8_t icw2 = 0;
    std::uint8_t icw3 = 0;
    std::uint8_t icw4 = 0;
    std::uint8_t lowest = 7;  ///< the input of lowest priority
    Step step = Step::kPowerOn;
    bool special_mask = false;
    bool rotate_on_aeoi = false;
    bool read_isr = false;
    bool poll = false;
    std::uint8_t unserved[8] = {};  ///< requests that came while their level was in service
    std::uint8_t linted = 0;        ///< remarks already made

    bool level_triggered(unsigned ir) const { return (((icw1 & 0x08) != 0 ? 0xFF : elcr) >> ir & 1) != 0; }
    std::uint8_t irr() const;
    bool cascaded(unsigned ir) const { return (icw1 & 0x02) == 0 && (icw3 >> ir & 1) != 0; }
  };

  struct State {
    Chip chips[2];  ///< master, slave
    bool intr = false;
  };

  Pic8259a(PortBus& ports, SystemLines& system, DeviceLog& log);

  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// An IR input of the pair, 0..15. IR2 of the master is wired to the slave and cannot be driven.
  void set_irq(unsigned line, bool level) override;

  /// The processor's two INTA cycles: puts the request in service and returns its vector. Without a
  /// request any more, the vector of IR7 (of the chip that lost it), with nothing put in service.
  std::uint8_t acknowledge();
  bool intr() const { return state_.intr; }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// What a read would return, without its effects (a poll acknowledges).
  std::uint8_t peek(std::uint16_t port) const;

 private:
  enum Remark : std::uint8_t {
    kBeforeInit = 1,
    kDuringInit = 2,
    kIcw3 = 4,
    kNoEoi = 8,
    kMode = 16,
    kIdleEoi = 32
  };

  static constexpr unsigned kMaster = 0;
  static constexpr unsigned kSlave = 1;

  /// The level that INT would be raised for, or -1.
  int winner(unsigned which) const;
  /// The INTA cycle of one chip. Returns the level, -1 if there is none to serve.
  int accept(unsigned which);
  std::uint8_t vector(const Chip& chip, int level) const;
  void drive(unsigned which, unsigned ir, bool level);
  void update();

  void write_command(unsigned which, std::uint8_t value);
  void write_data(unsigned which, std::uint8_t value);
  void write_icw1(Chip& chip, std::uint8_t value);
  void write_ocw2(Chip& chip, std::uint8_t value);
  void write_ocw3(Chip& chip, std::uint8_t value);
  void end_of_interrupt(Chip& chip, int level, bool rotate);
  static int highest_in_service(const Chip& chip);

  void remark(Chip& chip, Remark what, const char* text);

  SystemLines& system_;
  DeviceLog& log_;
  State state_;
};

}  // namespace ringside
