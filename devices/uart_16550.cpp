#include "devices/uart_16550.h"

#include <algorithm>

namespace ringside {

namespace {

enum Register : unsigned { kData, kIer, kIir, kLcr, kMcr, kLsr, kMsr, kScr };

// IER, and what it enables, from the highest priority to the lowest.
constexpr std::uint8_t kLineStatus = 0x04;
constexpr std::uint8_t kDataAvailable = 0x01;
constexpr std::uint8_t kTransmitterEmpty = 0x02;
constexpr std::uint8_t kModemStatus = 0x08;

constexpr std::uint8_t kIirNone = 0x01;
constexpr std::uint8_t kIirModem = 0x00;
constexpr std::uint8_t kIirTransmitter = 0x02;
constexpr std::uint8_t kIirData = 0x04;
constexpr std::uint8_t kIirLine = 0x06;
constexpr std::uint8_t kIirTimeout = 0x0C;

constexpr std::uint8_t kLsrDataReady = 0x01;
constexpr std::uint8_t kLsrOverrun = 0x02;
constexpr std::uint8_t kLsrThre = 0x20;
constexpr std::uint8_t kLsrTemt = 0x40;

constexpr std::uint8_t kMcrOut2 = 0x08;
constexpr std::uint8_t kLcrBreak = 0x40;

std::uint8_t word_mask(std::uint8_t lcr) { return static_cast<std::uint8_t>(0xFF >> (3 - (lcr & 3))); }

}  // namespace

Uart16550::Uart16550(PortBus& ports, EventQueue& events, IrqLines& irqs, DeviceLog& log, std::uint16_t base,
                     unsigned irq)
    : events_(events), irqs_(irqs), log_(log), base_(base), irq_(irq) {
  ports.claim(base, 8, this);
  const auto on_event = [this] {
    advance(now());
    settle();
  };
  events_.set_handler(EventId::kUart0Transmit, on_event);
  events_.set_handler(EventId::kUart0Receive, on_event);
  reset();
}

void Uart16550::reset() {
  State fresh;
  std::copy(std::begin(state_.line), std::end(state_.line), std::begin(fresh.line));
  fresh.line_head = state_.line_head;
  fresh.line_count = state_.line_count;
  state_ = fresh;
  restart_line(now());
  settle();
}

// Start bit, 5 to 8 data bits, parity, 1, 1.5 (with 5 bits) or 2 stop bits; 8 x divisor clocks per half bit.
std::uint64_t Uart16550::character_time() const {
  if (accelerated_) return 2;
  const unsigned data = 5 + (state_.lcr & 3u);
  const unsigned parity = (state_.lcr & 0x08) != 0 ? 1 : 0;
  unsigned half_bits = 2 * (1 + data + parity + 1);
  if ((state_.lcr & 0x04) != 0) half_bits += data == 5 ? 1 : 2;
  const std::uint64_t divisor = state_.divisor == 0 ? 1 : state_.divisor;  // undefined on the chip
  return 8 * divisor * half_bits;
}

unsigned Uart16550::trigger() const {
  static constexpr std::uint8_t kLevels[4] = {1, 4, 8, 14};
  return kLevels[state_.fcr >> 6];
}

bool Uart16550::data_ready_interrupt() const { return state_.rx_count >= (fifo() ? trigger() : 1u); }

std::uint8_t Uart16550::modem_inputs() const {
  if (!loopback()) return 0xB0;  // DCD, DSR, CTS
  const unsigned mcr = state_.mcr;
  // RTS to CTS, DTR to DSR, OUT1 to RI, OUT2 to DCD.
  return static_cast<std::uint8_t>((mcr & 2) << 3 | (mcr & 1) << 5 | (mcr & 4) << 4 | (mcr & 8) << 4);
}

// --- Time ---------------------------------------------------------------------------------------------

void Uart16550::advance(std::uint64_t t) {
  State& s = state_;
  while (s.shifting && s.shift_done <= t) {  // at most a FIFO's content
    s.shifting = false;
    if (loopback()) take(s.shift, s.shift_done);
    begin_character(s.shift_done);
  }
  advance_line(t);
  if (fifo() && s.rx_count > 0 && s.timeout_at <= t) s.timeout_pending = true;
}

void Uart16550::begin_character(std::uint64_t t) {
  State& s = state_;
  if (s.tx_count == 0) return;
  s.shift = s.tx[0] & word_mask(s.lcr);
  std::copy(s.tx + 1, s.tx + s.tx_count, s.tx);
  s.shifting = true;
  s.shift_done = t + character_time();
  if (--s.tx_count == 0) s.thre_pending = true;
  const bool leaves = !loopback() && (s.lcr & kLcrBreak) == 0;
  if (leaves && sink_ != nullptr) sink_->put(s.shift);
}

void Uart16550::advance_line(std::uint64_t t) {
  State& s = state_;
  while (s.line_count > 0 && !loopback() && s.line_done <= t) {
    s.line_held = polite_ && s.rx_count >= capacity();
    if (s.line_held) return;
    take(s.line[s.line_head], s.line_done);
    s.line_head = static_cast<std::uint16_t>((s.line_head + 1u) % kLineSize);
    --s.line_count;
    s.line_done += character_time();
  }
}

void Uart16550::restart_line(std::uint64_t t) {
  state_.line_held = false;
  state_.line_done = t + character_time();
}

void Uart16550::take(std::uint8_t byte, std::uint64_t t) {
  State& s = state_;
  byte &= word_mask(s.lcr);
  if (s.rx_count < capacity()) {
    s.rx[s.rx_count++] = byte;
  } else {
    // A full FIFO keeps what it has; without FIFOs the new character replaces the old one.
    s.lsr_errors |= kLsrOverrun;
    if (!fifo()) s.rx[0] = byte;
  }
  s.timeout_at = t + 4 * character_time();
}

// After anything has changed: the interrupt line, and the next things that will happen by themselves.
void Uart16550::settle() {
  const State& s = state_;
  update_irq();
  const auto schedule = [this](EventId id, std::uint64_t clock) {
    if (clock == kNever) return events_.cancel(id);
    events_.schedule(id, std::max(events_.clock().tick_of_cycle(clock, kHz), events_.now() + 1));
  };
  schedule(EventId::kUart0Transmit, s.shifting ? s.shift_done : kNever);
  std::uint64_t next = kNever;
  if (s.line_count > 0 && !s.line_held && !loopback()) next = s.line_done;
  const bool timeout_matters =
      fifo() && s.rx_count > 0 && !s.timeout_pending && (s.ier & kDataAvailable) != 0;
  if (timeout_matters) next = std::min(next, s.timeout_at);
  schedule(EventId::kUart0Receive, next);
}

void Uart16550::update_irq() {
  // The adapter's interrupt driver is enabled by OUT2, which loopback mode holds inactive.
  const bool gated = (state_.mcr & kMcrOut2) != 0 && !loopback();
  irqs_.set_irq(irq_, gated && (peek(kIir) & kIirNone) == 0);
}

bool Uart16550::receive(std::uint8_t byte) {
  const std::uint64_t t = now();
  advance(t);
  State& s = state_;
  const bool taken = s.line_count < kLineSize;
  if (taken) {
    if (s.line_count == 0) restart_line(t);
    s.line[(s.line_head + s.line_count) % kLineSize] = byte;
    ++s.line_count;
  }
  settle();
  return taken;
}

// --- Registers ----------------------------------------------------------------------------------------

std::uint8_t Uart16550::peek(unsigned reg) const {
  const State& s = state_;
  switch (reg & 7) {
    case kData:
      if (dlab()) return static_cast<std::uint8_t>(s.divisor);
      return s.rx_count > 0 ? s.rx[0] : std::uint8_t{0};
    case kIer:
      return dlab() ? static_cast<std::uint8_t>(s.divisor >> 8) : s.ier;
    case kIir: {
      const std::uint8_t fifos = fifo() ? 0xC0 : 0;
      std::uint8_t id = kIirNone;
      if ((s.ier & kLineStatus) != 0 && s.lsr_errors != 0)
        id = kIirLine;
      else if ((s.ier & kDataAvailable) != 0 && data_ready_interrupt())
        id = kIirData;
      else if ((s.ier & kDataAvailable) != 0 && s.timeout_pending)
        id = kIirTimeout;
      else if ((s.ier & kTransmitterEmpty) != 0 && s.thre_pending)
        id = kIirTransmitter;
      else if ((s.ier & kModemStatus) != 0 && s.msr_deltas != 0)
        id = kIirModem;
      return fifos | id;
    }
    case kLcr:
      return s.lcr;
    case kMcr:
      return s.mcr;
    case kLsr: {
      unsigned lsr = s.lsr_errors;
      if (s.rx_count > 0) lsr |= kLsrDataReady;
      if (s.tx_count == 0) lsr |= kLsrThre;
      if (s.tx_count == 0 && !s.shifting) lsr |= kLsrTemt;
      return static_cast<std::uint8_t>(lsr);
    }
    case kMsr:
      return modem_inputs() | s.msr_deltas;
    default:
      return s.scr;
  }
}

std::uint32_t Uart16550::read_port(std::uint16_t port, unsigned) {
  const unsigned reg = (port - base_) & 7u;
  if (reg == kLcr || reg == kMcr || reg == kScr || (reg <= kIer && dlab())) return peek(reg);
  const std::uint64_t t = now();
  advance(t);
  std::uint8_t value = peek(reg);
  switch (reg) {
    case kData:
      value = read_rbr(t);
      break;
    case kIir:
      if ((value & 0x0F) == kIirTransmitter) state_.thre_pending = false;
      break;
    case kLsr:
      if (state_.lsr_errors == 0) return value;  // what a guest polls: nothing has changed
      state_.lsr_errors = 0;
      break;
    case kMsr:
      state_.msr_deltas = 0;
      break;
    default:
      break;
  }
  settle();
  return value;
}

std::uint8_t Uart16550::read_rbr(std::uint64_t t) {
  State& s = state_;
  const std::uint8_t value = peek(kData);
  if (s.rx_count > 0) {
    std::copy(s.rx + 1, s.rx + s.rx_count, s.rx);
    --s.rx_count;
  }
  s.timeout_pending = false;
  s.timeout_at = t + 4 * character_time();
  if (s.line_held) restart_line(t);
  return value;
}

void Uart16550::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const unsigned reg = (port - base_) & 7u;
  const auto byte = static_cast<std::uint8_t>(value);
  const std::uint64_t t = now();
  State& s = state_;
  advance(t);
  switch (reg) {
    case kData:
      if (dlab()) {
        s.divisor = static_cast<std::uint16_t>((s.divisor & 0xFF00) | byte);
      } else {
        write_thr(t, byte);
      }
      break;
    case kIer:
      if (dlab()) {
        s.divisor = static_cast<std::uint16_t>((s.divisor & 0x00FF) | byte << 8);
      } else {
        write_ier(byte);
      }
      break;
    case kIir:
      write_fcr(byte);
      break;
    case kLcr:
      s.lcr = byte;
      break;
    case kMcr:
      write_mcr(t, byte);
      break;
    case kScr:
      s.scr = byte;
      break;
    default:
      break;  // LSR and MSR are not for writing
  }
  settle();
}

void Uart16550::write_thr(std::uint64_t t, std::uint8_t value) {
  State& s = state_;
  s.thre_pending = false;
  update_irq();  // the line falls here even if an empty transmitter raises it again at once
  if (s.tx_count >= capacity()) {
    if (!s.linted) log_.lint("16550A", "a character is written into a full transmitter and lost");
    s.linted = true;
    if (!fifo()) s.tx[0] = value;
    return;
  }
  s.tx[s.tx_count++] = value;
  if (!s.shifting) begin_character(t);
}

void Uart16550::write_ier(std::uint8_t value) {
  const bool enabled = (~state_.ier & value & kTransmitterEmpty) != 0;
  state_.ier = value & 0x0F;
  if (enabled && state_.tx_count == 0) state_.thre_pending = true;
}

void Uart16550::write_fcr(std::uint8_t value) {
  State& s = state_;
  const bool switched = ((s.fcr ^ value) & 1) != 0;
  if (switched || (value & 0x03) == 0x03) {
    s.rx_count = 0;
    s.timeout_pending = false;
    if (s.line_held) restart_line(now());
  }
  if ((switched || (value & 0x05) == 0x05) && s.tx_count > 0) {
    s.tx_count = 0;
    s.thre_pending = true;
  }
  s.fcr = (value & 1) != 0 ? value & 0xC1 : 0;  // the other bits count only together with bit 0
}

void Uart16550::write_mcr(std::uint64_t t, std::uint8_t value) {
  State& s = state_;
  const std::uint8_t before = modem_inputs();
  const bool was_looped = loopback();
  s.mcr = value & 0x1F;
  const std::uint8_t after = modem_inputs();
  const unsigned changed = before ^ after;
  // CTS, DSR and DCD tell every change, RI its trailing edge.
  s.msr_deltas |= static_cast<std::uint8_t>((changed & 0xB0) >> 4 | (changed & before & 0x40) >> 4);
  if (was_looped && !loopback()) restart_line(t);
}

void Uart16550::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "uart_16550");
  State& s = state_;
  visitor.field("ier", s.ier);
  visitor.field("fcr", s.fcr);
  visitor.field("lcr", s.lcr);
  visitor.field("mcr", s.mcr);
  visitor.field("scr", s.scr);
  visitor.field("lsr_errors", s.lsr_errors);
  visitor.field("msr_deltas", s.msr_deltas);
  visitor.field("divisor", s.divisor);
  visitor.field("thre_pending", s.thre_pending);
  visitor.field("timeout_pending", s.timeout_pending);
  visitor.field("rx", s.rx);
  visitor.field("rx_count", s.rx_count);
  visitor.field("tx", s.tx);
  visitor.field("tx_count", s.tx_count);
  visitor.field("shift", s.shift);
  visitor.field("shifting", s.shifting);
  visitor.field("shift_done", s.shift_done);
  visitor.field("timeout_at", s.timeout_at);
  visitor.bytes("line", s.line, sizeof s.line);
  visitor.field("line_head", s.line_head);
  visitor.field("line_count", s.line_count);
  visitor.field("line_held", s.line_held);
  visitor.field("line_done", s.line_done);
  visitor.field("linted", s.linted);
  if (visitor.loading() && (s.rx_count > kFifoSize || s.tx_count > kFifoSize || s.line_head >= kLineSize ||
                            s.line_count > kLineSize))
    throw StateError("16550A: a FIFO's length is out of range");
}

}  // namespace ringside
