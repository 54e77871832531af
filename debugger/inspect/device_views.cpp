// Interrupts, time, keyboard, serial line.
#include "debugger/inspect/device_views.h"

#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr const char* kIrqNames[16] = {"timer",      "keyboard",   "cascade", "COM2", "COM1",  "LPT2",      "floppy",      "LPT1",
                                       "RTC", "ACPI (SCI)", "-",       "-",    "mouse", "x87 error", "IDE primary", "IDE secondary"};

std::string binary8(std::uint8_t value) {
  std::string text;
  for (unsigned i = 8; i-- > 0;) text += (value >> i & 1) != 0 ? '1' : '0';
  return text;
}

std::string yes(bool value) { return value ? "yes" : "no"; }

const char* step_name(Pic8259a::Step step) {
  switch (step) {
    case Pic8259a::Step::kPowerOn: return "not initialized";
    case Pic8259a::Step::kIcw2: return "waits for ICW2 (vectors)";
    case Pic8259a::Step::kIcw3: return "waits for ICW3 (cascade)";
    case Pic8259a::Step::kIcw4: return "waits for ICW4 (mode)";
    case Pic8259a::Step::kReady: return "ready";
  }
  return "";
}

const char* transfer_name(Kbc8042::Transfer transfer) {
  switch (transfer) {
    case Kbc8042::Transfer::kNone: return "nothing under way";
    case Kbc8042::Transfer::kController: return "an answer of the controller";
    case Kbc8042::Transfer::kKeyboard: return "a byte from the keyboard";
    case Kbc8042::Transfer::kMouse: return "a byte from the mouse";
  }
  return "";
}

constexpr FieldInfo kKbcStatus[] = {
    {"PERR", 7, 7, "Parity error."},
    {"TO", 6, 6, "Time-out."},
    {"AUXB", 5, 5, "The byte in the output buffer is the mouse's."},
    {"INH", 4, 4, "Keyboard not locked."},
    {"A2", 3, 3, "The last write was to port 64h (a command)."},
    {"SYS", 2, 2, "System flag: the power-on test has passed."},
    {"IBF", 1, 1, "Input buffer full: the controller has not taken the last write yet."},
    {"OBF", 0, 0, "Output buffer full: a byte waits at port 60h."},
};

constexpr FieldInfo kKbcCommand[] = {
    {"XLAT", 6, 6, "Translate the keyboard's scan codes to set 1."},
    {"DIS2", 5, 5, "Mouse interface off."},
    {"DIS", 4, 4, "Keyboard interface off."},
    {"SYS", 2, 2, "System flag."},
    {"INT2", 1, 1, "IRQ 12 for the mouse."},
    {"INT", 0, 0, "IRQ 1 for the keyboard."},
};

constexpr FieldInfo kLsr[] = {
    {"FIFOE", 7, 7, "An error is somewhere in the FIFO."},
    {"TEMT", 6, 6, "The transmitter is empty altogether."},
    {"THRE", 5, 5, "The next byte can be written."},
    {"BI", 4, 4, "Break."},
    {"FE", 3, 3, "Framing error."},
    {"PE", 2, 2, "Parity error."},
    {"OE", 1, 1, "Overrun: a byte was lost."},
    {"DR", 0, 0, "A received byte can be read."},
};
constexpr FieldInfo kIer[] = {
    {"EDSSI", 3, 3, "Interrupt for modem lines."},
    {"ELSI", 2, 2, "Interrupt for line errors."},
    {"ETBEI", 1, 1, "Interrupt when the transmitter can take a byte."},
    {"ERBFI", 0, 0, "Interrupt for received bytes."},
};
constexpr FieldInfo kMcr[] = {
    {"LOOP", 4, 4, "Loopback: the transmitter feeds the receiver."},
    {"OUT2", 3, 3, "On a PC: lets the interrupt through."},
    {"OUT1", 2, 2, "Not connected."},
    {"RTS", 1, 1, "Request to send."},
    {"DTR", 0, 0, "Data terminal ready."},
};

}  // namespace

PicLines pic_lines(const Session& session) {
  PicLines view;
  const Machine& machine = session.machine();
  const Pic8259a::State& state = machine.pic().state();
  for (unsigned i = 0; i < 16; ++i) {
    const Pic8259a::Chip& chip = state.chips[i / 8];
    const unsigned ir = i % 8;
    PicLines::Line& line = view.lines[i];
    line.device = kIrqNames[i];
    line.high = (chip.lines >> ir & 1) != 0;
    line.requested = (chip.irr() >> ir & 1) != 0;
    line.masked = (chip.imr >> ir & 1) != 0;
    line.in_service = (chip.isr >> ir & 1) != 0;
    line.vector = static_cast<std::uint8_t>((chip.icw2 & 0xF8) | ir);
  }
  view.intr = state.intr;
  view.accepted = (machine.cpu().system_flags & kIF) != 0;
  return view;
}

std::string irq_name(const Session& session, unsigned vector) {
  const PicLines view = pic_lines(session);
  for (unsigned i = 0; i < 16; ++i)
    if (view.lines[i].vector == vector && i != 2) return std::string(view.lines[i].device) + format(", IRQ %u", i);
  return "";
}

Document view_pic(const Session& session) {
  Document document;
  const PicLines view = pic_lines(session);
  document.say(std::string("INTR to the processor is ") + (view.intr ? "high" : "low") + ", EFLAGS.IF is " +
                   (view.accepted ? "set: interrupts are accepted." : "clear: interrupts wait."),
               view.intr && !view.accepted ? Tone::kWarning : Tone::kPlain);
  Table& lines = document.table("Request lines", {"IRQ", "device", "line", "IRR", "IMR", "ISR", "vector"});
  for (unsigned i = 0; i < 16; ++i) {
    const PicLines::Line& l = view.lines[i];
    lines.add({label(std::to_string(i)), plain(l.device), plain(l.high ? "high" : "low", "The wire from the device"),
               l.requested ? toned("requested", Tone::kWarning) : dim("-"), l.masked ? dim("masked") : toned("open", Tone::kGood),
               l.in_service ? toned("in service", Tone::kAccent, "Accepted, and no end of interrupt (EOI) yet: lower priorities wait") : dim("-"), plain(hex8(l.vector) + "h")});
  }
  const Pic8259a::State& state = session.machine().pic().state();
  Table& table = document.table("Registers", {"", "master, 20h", "slave, A0h"});
  const auto row = [&](const char* name, const char* tip, auto&& text) { table.add({label(name, tip), plain(text(state.chips[0])), plain(text(state.chips[1]))}); };
  using Chip = Pic8259a::Chip;
  row("IRR", "Interrupt request register: who asks.", [](const Chip& c) { return binary8(c.irr()); });
  row("ISR", "In-service register: who is being served.", [](const Chip& c) { return binary8(c.isr); });
  row("IMR", "Interrupt mask register (OCW1): who must not ask.", [](const Chip& c) { return binary8(c.imr); });
  row("state", "Where the chip is in its initialization sequence", [](const Chip& c) { return std::string(step_name(c.step)); });
  row("vectors", "ICW2: the vector of input 0.", [](const Chip& c) { return hex8(c.icw2) + "h"; });
  row("ICW1", "Edge or level, single or cascaded.", [](const Chip& c) { return hex8(c.icw1); });
  row("ICW3", "Which input has a slave, or the slave's number.", [](const Chip& c) { return hex8(c.icw3); });
  row("automatic EOI", "ICW4 bit 1.", [](const Chip& c) { return yes((c.icw4 & 2) != 0); });
  row("special mask", "OCW3: masked levels do not hold lower ones back.", [](const Chip& c) { return yes(c.special_mask); });
  row("lowest priority", "Priorities rotate behind this input.", [](const Chip& c) { return "input " + std::to_string(c.lowest); });
  row("ELCR", "Inputs that are level-triggered.", [](const Chip& c) { return binary8(c.elcr); });
  return document;
}

Document view_pit(const Session& session) {
  static constexpr const char* kModes[] = {"0, interrupt on terminal count", "1, one-shot",          "2, rate generator",
                                           "3, square wave",                 "4, software strobe", "5, hardware strobe"};
  static constexpr const char* kUses[] = {"IRQ 0, the clock interrupt", "memory refresh", "speaker, and timing loops"};
  Document document;
  const Pit8254& pit = session.machine().pit();
  Table& table = document.table("8254, ports 40h-43h", {"", "counter 0", "counter 1", "counter 2"});
  const auto row = [&](const char* name, const char* tip, auto&& text) {
    table.add({label(name, tip), plain(text(0u)), plain(text(1u)), plain(text(2u))});
  };
  const auto counter = [&](unsigned i) -> const PitCounter& { return pit.state().counters[i]; };
  row("use", "", [&](unsigned i) { return std::string(kUses[i]); });
  row("mode", "How the counter counts and what OUT does.", [&](unsigned i) { return std::string(kModes[counter(i).mode() % 6]); });
  row("programmed", "CR: the count to begin with.", [&](unsigned i) { return std::to_string(counter(i).programmed()); });
  row("count", "CE: where it is now.", [&](unsigned i) { return std::to_string(pit.count(i)); });
  row("OUT", "Its output.", [&](unsigned i) { return std::string(pit.out(i) ? "high" : "low"); });
  row("GATE", "Its enable input.", [&](unsigned i) { return std::string(counter(i).state().gate ? "high" : "low"); });
  row("BCD", "Counts in decimal digits.", [&](unsigned i) { return yes(counter(i).bcd()); });
  row("rate", "How often OUT rises, in the periodic modes.", [&](unsigned i) {
    const unsigned mode = counter(i).mode();
    if ((mode != 2 && mode != 3) || counter(i).programmed() == 0) return std::string("-");
    return format("%.2f Hz", static_cast<double>(Pit8254::kHz) / counter(i).programmed());
  });
  row("latched", "A count waits to be read.", [&](unsigned i) { return yes(counter(i).state().count_latched); });
  row("null count", "A new count was written and not loaded yet.", [&](unsigned i) { return yes(counter(i).state().null_count); });
  const std::uint8_t port = session.machine().system_control().state().port_61;
  document.say(std::string("Port 61h: counter 2's gate is ") + ((port & 1) != 0 ? "on" : "off") + ", the speaker is " + ((port & 2) != 0 ? "connected." : "off."));
  return document;
}

Document view_kbc(const Session& session) {
  Document document;
  const Kbc8042& kbc = session.machine().kbc();
  const Kbc8042::State& s = kbc.state();
  document.strip(register_strip("Status, port 64h", kbc.status(), kKbcStatus, 8));
  document.strip(register_strip("Command byte", s.ram[0], kKbcCommand, 8));
  Table& table = document.table("8042");
  table.add({label("output buffer", "What the guest reads next at port 60h."), s.output_full ? plain(hex8(s.output) + (s.output_from_mouse ? " from the mouse" : " from the keyboard or the controller")) : dim("empty")});
  table.add({label("on the line"), plain(transfer_name(s.transfer))});
  table.add({label("answers waiting"), plain(std::to_string(s.answers.size()))});
  table.add({label("parameter of", "The command whose next byte is awaited."), s.parameter_of != 0 ? plain(hex8(s.parameter_of) + "h") : dim("-")});
  table.add({label("A20 gate"), plain(s.a20 ? "on" : "off: bit 20 of addresses is 0, as on an 8086")});
  const Ps2Keyboard::State& k = kbc.keyboard().state();
  Table& keyboard = document.table("Keyboard");
  std::string down;
  for (std::size_t i = 0; i < kKeyCount; ++i)
    if (k.down[i]) down += (down.empty() ? "" : " ") + std::string(key_name(static_cast<KeyCode>(i)));
  keyboard.add({label("keys down"), down.empty() ? dim("none") : plain(down)});
  keyboard.add({label("codes waiting"), plain(format("%zu of %zu", k.buffer.size(), Ps2Keyboard::kBufferSize))});
  keyboard.add({label("scanning"), plain(yes(k.scanning))});
  keyboard.add({label("scan code set"), plain(std::to_string(k.scan_code_set))});
  const std::string lamps = std::string((k.leds & 1) != 0 ? "Scroll " : "") + ((k.leds & 2) != 0 ? "Num " : "") + ((k.leds & 4) != 0 ? "Caps" : "");
  keyboard.add({label("lamps"), lamps.empty() ? dim("none lit") : plain(lamps)});
  return document;
}

Document view_uart(const Session& session) {
  Document document;
  const Uart16550& uart = session.machine().uart();
  const Uart16550::State& s = uart.state();
  const unsigned bits = 5 + (s.lcr & 3u);
  const char parity = (s.lcr & 8) == 0 ? 'N' : (s.lcr & 0x10) != 0 ? 'E' : 'O';
  Table& table = document.table("COM1, ports 3F8h-3FFh, IRQ 4");
  table.add({label("line", "From divisor and LCR."), plain(format("%u baud, %u%c%u", s.divisor != 0 ? 115200u / s.divisor : 0u, bits, parity, (s.lcr & 4) != 0 ? 2u : 1u))});
  table.add({label("divisor"), plain(std::to_string(s.divisor))});
  table.add({label("DLAB", "The first two ports are the divisor's."), plain(yes((s.lcr & 0x80) != 0))});
  table.add({label("FIFOs"), plain((s.fcr & 1) != 0 ? "on, 16 bytes" : "off, as an 8250")});
  table.add({label("to receive"), plain(format("%u in the chip, %u on the line", s.rx_count, s.line_count))});
  table.add({label("to send"), plain(format("%u waiting%s", s.tx_count, s.shifting ? ", one going out" : ""))});
  table.add({label("IIR", "What it interrupts for."), plain(hex8(uart.peek(2)))});
  table.add({label("scratch"), plain(hex8(s.scr))});
  document.strip(register_strip("LSR, line status", uart.peek(5), kLsr, 8));
  document.strip(register_strip("IER, interrupt enable", s.ier, kIer, 8));
  document.strip(register_strip("MCR, modem control", s.mcr, kMcr, 8));
  return document;
}

}  // namespace ringside
