// National PC16550D UART (a serial port of a PC/AT: COM1 is 3F8h, IRQ 4).
//
//   ports   base + 0..7   RBR/THR/DLL, IER/DLM, IIR/FCR, LCR, MCR, LSR, MSR, SCR
//   clock   1.8432 MHz; a character takes 16 x divisor clocks for each of its bits
//   out     INTR, gated by OUT2 as on the PC's adapter; the transmitted bytes, to a ByteSink
//   manual  National Semiconductor PC16550D data sheet
//   in      bytes from the far end of the line, which keeps CTS, DSR and DCD asserted
//
// Transmission and reception take their exact time; the sink gets a byte when its start bit goes out. A
// machine may be built with an accelerated line instead, which moves a character in about a microsecond
// whatever the divisor says. The far end is polite: it holds back while the receiver has no room.
//
// Only one instance can exist, since there is one pair of events. Not modelled: parity, framing and break
// errors of received characters (they never happen), the delayed transmitter-empty indication for single
// characters, DMA mode (FCR bit 3).
#pragma once

#include <cstdint>

#include "devices/lines.h"
#include "devices/port_bus.h"

namespace ringside {

class Uart16550 final : public PortDevice {
 public:
  static constexpr std::uint64_t kHz = 1'843'200;
  static constexpr unsigned kFifoSize = 16;
  static constexpr unsigned kLineSize = 4096;  ///< bytes that the far end may hold ready

  struct State {
    std::uint8_t ier = 0;
    std::uint8_t fcr = 0;  ///< bit 0 FIFOs enabled, bits 6-7 trigger level
    std::uint8_t lcr = 0;
    std::uint8_t mcr = 0;
    std::uint8_t scr = 0;
    std::uint8_t lsr_errors = 0;
    std::uint8_t msr_deltas = 0;
    std::uint16_t divisor = 12;
    bool thre_pending = false;
    bool timeout_pending = false;
    std::uint8_t rx[kFifoSize] = {};
    std::uint8_t rx_count = 0;
    std::uint8_t tx[kFifoSize] = {};
    std::uint8_t tx_count = 0;
    std::uint8_t shift = 0;  ///< the transmitter's shift register
    bool shifting = false;
    std::uint64_t shift_done = 0;  ///< clock at which its stop bit ends
    std::uint64_t timeout_at = 0;
    std::uint8_t line[kLineSize] = {};  ///< ring of bytes that the far end has still to send
    std::uint16_t line_head = 0;
    std::uint16_t line_count = 0;
    bool line_held = false;       ///< the first of them is complete, and waits for room
    std::uint64_t line_done = 0;  ///< clock at which the first of them is complete
    bool linted = false;
  };

  Uart16550(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log, std::uint16_t base,
            unsigned irq);

  /// Master reset. Bytes that the far end has still to send stay with it.
  void reset();
  void visit(StateVisitor& visitor);
  const State& state() const { return state_; }

  /// Not owned; nullptr drops the bytes.
  void set_sink(ByteSink* sink) { sink_ = sink; }
  /// Part of how the machine is built, and not of its state.
  void set_accelerated(bool accelerated) { accelerated_ = accelerated; }
  /// Off, the far end sends on into a full receiver, and characters are lost (LSR OE). Likewise.
  void set_polite_far_end(bool polite) { polite_ = polite; }

  /// A byte for the guest, queued at the far end. False, and not taken, while kLineSize bytes wait there.
  bool receive(std::uint8_t byte);

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  /// What a read of register 0..7 would return, without its effects.
  std::uint8_t peek(unsigned reg) const;

 private:
  std::uint64_t now() const { return events_.clock().cycles(events_.now(), kHz); }
  std::uint64_t character_time() const;
  bool fifo() const { return (state_.fcr & 1) != 0; }
  bool loopback() const { return (state_.mcr & 0x10) != 0; }
  bool dlab() const { return (state_.lcr & 0x80) != 0; }
  unsigned capacity() const { return fifo() ? kFifoSize : 1; }
  unsigned trigger() const;
  bool data_ready_interrupt() const;
  std::uint8_t modem_inputs() const;

  void advance(std::uint64_t t);
  void advance_line(std::uint64_t t);
  void begin_character(std::uint64_t t);
  void take(std::uint8_t byte, std::uint64_t t);
  void restart_line(std::uint64_t t);
  void settle();
  void update_irq();

  std::uint8_t read_rbr(std::uint64_t t);
  void write_thr(std::uint64_t t, std::uint8_t value);
  void write_ier(std::uint8_t value);
  void write_fcr(std::uint8_t value);
  void write_mcr(std::uint64_t t, std::uint8_t value);

  EventQueue& events_;
  IrqLines& irqs_;
  DeviceLog& log_;
  std::uint16_t base_;
  unsigned irq_;
  ByteSink* sink_ = nullptr;
  bool accelerated_ = false;
  bool polite_ = true;
  State state_;
};

}  // namespace ringside
