#include "debugger/commands.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>

#include "debugger/conditions.h"
#include "debugger/disassembly.h"
#include "debugger/format_text.h"
#include "debugger/machine_values.h"
#include "debugger/symbols.h"
#include "machine/errors.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

constexpr std::uint64_t kMostLines = 512;

/// Splits off the first word.
std::string take_word(std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) {
    line.clear();
    return "";
  }
  const std::size_t end = std::min(line.find_first_of(" \t\r\n", begin), line.size());
  std::string word = line.substr(begin, end - begin);
  const std::size_t rest = line.find_first_not_of(" \t\r\n", end);
  line = rest == std::string::npos ? "" : line.substr(rest);
  return word;
}

/// Splits " if CONDITION" off the end.
std::string take_condition(std::string& words) {
  std::size_t at = words.find(" if ");
  std::size_t skip = 4;
  if (at == std::string::npos && words.starts_with("if ")) {
    at = 0;
    skip = 3;
  }
  if (at == std::string::npos) return "";
  std::string condition = words.substr(at + skip);
  words.erase(at);
  return condition;
}

std::uint64_t hex_number(const std::string& text, std::uint64_t most, const char* what) {
  std::size_t used = 0;
  std::uint64_t value = 0;
  try {
    value = std::stoull(text, &used, 16);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || value > most) throw DebuggerError("'" + text + "' is no " + what);
  return value;
}

StopPointSpec instruction_point(const Debugger& d, std::string words) {
  StopPointSpec spec{.kind = PointKind::kInstruction};
  std::string place = take_word(words);
  if (place == "phys") {
    spec.space = AddressSpace::kPhysical;
    place = take_word(words);
  }
  if (place.empty()) throw DebuggerError("exec needs an address");
  if (!words.empty()) place += " " + words;
  const std::size_t colon = place.find(':');
  if (spec.space == AddressSpace::kLinear && colon != std::string::npos && !d.symbols().address_of(place)) {
    spec.space = AddressSpace::kFar;
    spec.selector = static_cast<std::uint16_t>(hex_number(place.substr(0, colon), 0xFFFF, "selector"));
    spec.address = hex_number(place.substr(colon + 1), 0xFFFFFFFF, "offset");
  } else {
    spec.address = parse_value(d, place);
  }
  return spec;
}

StopPointSpec memory_point(const Debugger& d, const std::string& kind, std::string words) {
  StopPointSpec spec{.kind = PointKind::kMemory, .on_read = kind != "write", .on_write = kind != "read"};
  std::string place = take_word(words);
  if (place == "phys") {
    spec.space = AddressSpace::kPhysical;
    place = take_word(words);
  }
  if (place.empty()) throw DebuggerError(kind + " needs an address");
  spec.address = parse_value(d, place);
  spec.size = words.empty() ? 4 : parse_value(d, words);
  return spec;
}

StopPointSpec port_point(std::string words) {
  StopPointSpec spec{.kind = PointKind::kPort, .on_read = true, .on_write = true};
  std::string range = take_word(words);
  if (range == "read" || range == "write") {
    spec.on_read = range == "read";
    spec.on_write = !spec.on_read;
    range = take_word(words);
  }
  const std::size_t dash = range.find('-');
  spec.first_port = static_cast<std::uint16_t>(hex_number(range.substr(0, dash), 0xFFFF, "port"));
  spec.last_port = dash == std::string::npos ? spec.first_port
                                             : static_cast<std::uint16_t>(hex_number(range.substr(dash + 1), 0xFFFF, "port"));
  return spec;
}

StopPointSpec vector_point(const Debugger& d, const std::string& kind, std::string words) {
  StopPointSpec spec{.kind = PointKind::kVector};
  if (kind == "exception") spec.vector_kinds = kExceptions;
  if (kind == "interrupt") spec.vector_kinds = kHardwareInterrupts | kSoftwareInterrupts;
  if (kind == "irq") spec.vector_kinds = kHardwareInterrupts;
  const std::string number = take_word(words);
  if (number.empty() || number == "any") return spec;
  const std::uint64_t value = parse_value(d, number);
  if (value > 255) throw DebuggerError("vectors go from 0 to 255");
  spec.vector = static_cast<std::uint8_t>(value);
  return spec;
}

}  // namespace

std::uint64_t parse_value(const Debugger& d, const std::string& text) {
  const Expression e = Expression::parse(text, [&](const std::string& name) { return d.symbols().address_of(name); });
  const auto value = e.evaluate(d.machine().cpu());
  if (!value) throw DebuggerError("'" + text + "' has no value now");
  return *value;
}

StopPointSpec parse_point(const Debugger& d, const std::string& text) {
  std::string words = text;
  const std::string kind = take_word(words);
  const bool patterns = kind == "screen" || kind == "serial";
  const std::string condition = patterns ? "" : take_condition(words);
  StopPointSpec spec;
  if (kind == "exec") {
    spec = instruction_point(d, words);
  } else if (kind == "read" || kind == "write" || kind == "access") {
    spec = memory_point(d, kind, words);
  } else if (kind == "port") {
    spec = port_point(words);
  } else if (kind == "vector" || kind == "exception" || kind == "interrupt" || kind == "irq") {
    spec = vector_point(d, kind, words);
  } else if (kind == "ring") {
    spec.kind = PointKind::kRingChange;
    if (!words.empty()) spec.ring = static_cast<std::uint8_t>(parse_value(d, words) & 3);
  } else if (kind == "cr") {
    spec.kind = PointKind::kControlRegister;
    if (!words.empty()) spec.number = static_cast<std::uint32_t>(parse_value(d, words));
  } else if (kind == "msr") {
    spec.kind = PointKind::kMsr;
    if (!words.empty()) spec.number = static_cast<std::uint32_t>(hex_number(words, 0xFFFFFFFF, "number of an MSR"));
  } else if (kind == "task") {
    spec.kind = PointKind::kTaskSwitch;
  } else if (kind == "tick") {
    spec.kind = PointKind::kTick;
    spec.tick = parse_value(d, words);
  } else if (patterns) {
    spec.kind = kind == "screen" ? PointKind::kScreenText : PointKind::kSerialText;
    spec.text = words;
  } else {
    throw DebuggerError("'" + kind + "' is nothing to stop at: there are exec, read, write, access, port, vector, exception, "
                        "interrupt, irq, ring, cr, msr, task, tick, screen, serial");
  }
  spec.condition = condition;
  return spec;
}

// ===== Commands ========================================================================================

std::string Commands::help() {
  return
      "Points. POINT is one of\n"
      "  exec [phys] ADDRESS | exec CS:IP       an instruction (CS:IP in hexadecimal)\n"
      "  read|write|access [phys] ADDRESS [SIZE]  memory; SIZE is 4 by default\n"
      "  port [read|write] P[-Q]                ports, in hexadecimal\n"
      "  vector|exception|interrupt|irq [N]     what is delivered through the IDT\n"
      "  ring [N]   cr [N]   msr [N]   task     ring change, register writes, task switch\n"
      "  tick N   screen REGEX   serial REGEX   time, and text\n"
      "each (but texts) with `if CONDITION` behind it, as in: exec schedule if [current] != 0 && cpl == 0\n"
      "  stop POINT         set it                 trace POINT       tell, and go on\n"
      "  once POINT         gone after its first stop\n"
      "  points             list them              delete N|all\n"
      "  enable N, disable N                       ignore N HITS     pass so many\n"
      "  condition N [EXPRESSION]                  none: always\n"
      "Moving\n"
      "  run [TICKS]        forwards               back              backwards, to the last point\n"
      "  to POINT           run to it once         back-to POINT     to the last time it was met\n"
      "  step, stepi        instruction            back-step         undo it\n"
      "  next, out          over calls, out        back-next, back-out\n"
      "  line, line-back    source lines           seek TICK\n"
      "Looking\n"
      "  regs               registers              where             the present place\n"
      "  print EXPRESSION   compute                dump [phys] ADDRESS [BYTES]\n"
      "  disas [ADDRESS] [COUNT]                   translate LINEAR  to a physical address\n"
      "  history            what is remembered     events KIND [N]   exceptions, irqs, ... before now\n"
      "  symbols FILE [BIAS]                       add names and lines\n"
      "Numbers: 10, 0x1F, 1Fh; registers, symbols and [memory] may stand for them (help expressions).\n";
}

namespace {

std::string expression_help() {
  return
      "eax == 5 && [esp+4] > 0x1000       registers; a dword at a linear address\n"
      "byte[ds:esi] == 'A'                byte, word, dword, qword; a segment adds its base\n"
      "[phys:0x1000] & 1                  physical memory\n"
      "[counter] % 2, @name, $eax         symbols are addresses; @ symbol, $ register\n"
      "int(eax) < 0                       sign-extended from 32 bits; all else is unsigned, 64 bits\n"
      "value, address, vector, error, port, ring, msr, write   of what was met\n";
}

std::string point_line(const StopPoint& p) {
  return format("%3d %s%s", p.id, p.action == PointAction::kTrace ? "trace " : "", p.enabled ? "" : "(disabled) ") +
         describe(p) + format("; %llu hit%s", static_cast<unsigned long long>(p.hits), p.hits == 1 ? "" : "s") +
         (p.ignore != 0 ? format(" of %llu to ignore", static_cast<unsigned long long>(p.ignore)) : "") + "\n";
}

int point_number(const Debugger& d, const std::string& word) {
  int id = 0;
  try {
    id = std::stoi(word);
  } catch (const std::exception&) {
    id = 0;
  }
  if (d.point(id) == nullptr) throw DebuggerError("there is no point '" + word + "'");
  return id;
}

}  // namespace

std::string Commands::list() const {
  std::string text;
  for (const StopPoint& p : debugger_.points()) text += point_line(p);
  return text.empty() ? "no points\n" : text;
}

std::string Commands::disassemble(const std::string& words) const {
  std::string rest = words;
  const Cpu& cpu = debugger_.machine().cpu();
  const std::string place = take_word(rest);
  const std::uint32_t base = cpu.seg[kCS].base;
  std::uint32_t linear = place.empty() ? base + cpu.eip : static_cast<std::uint32_t>(parse_value(debugger_, place));
  const std::uint64_t count = rest.empty() ? 10 : std::min(parse_value(debugger_, rest), kMostLines);
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint8_t bytes[15];
    std::size_t have = 0;
    while (have < sizeof(bytes) && peek_linear(cpu, linear + static_cast<std::uint32_t>(have), bytes + have, 1)) ++have;
    if (have == 0) return text + format("%08X: not present\n", linear);
    const DisassembledLine line = ringside::disassemble({bytes, have}, cpu.seg[kCS].big != 0, cpu.seg[kCS].selector, linear - base);
    const std::string label = debugger_.symbols().label_at(linear);
    if (!label.empty()) text += label + ":\n";
    text += format("%s%04X:%08X  %-22s ", linear == base + cpu.eip ? "=>" : "  ", line.cs, line.eip, line.bytes.c_str()) + line.text + "\n";
    linear += std::max(line.length, 1u);
  }
  return text;
}

std::string Commands::dump(const std::string& words) const {
  std::string rest = words;
  std::string place = take_word(rest);
  const bool physical = place == "phys";
  if (physical) place = take_word(rest);
  if (place.empty()) throw DebuggerError("dump needs an address");
  const std::uint64_t begin = parse_value(debugger_, place);
  const std::uint64_t size = std::min<std::uint64_t>(rest.empty() ? 64 : parse_value(debugger_, rest), 4096);
  const Machine& machine = debugger_.machine();
  std::string text;
  for (std::uint64_t row = 0; row < size; row += 16) {
    std::string bytes, letters;
    for (std::uint64_t i = row; i < std::min(row + 16, size); ++i) {
      std::uint8_t byte = 0;
      bool readable = begin + i < PhysicalMemory::kSpan;
      if (physical && readable) machine.memory().peek(begin + i, &byte, 1);
      if (!physical) readable = peek_linear(machine.cpu(), static_cast<std::uint32_t>(begin + i), &byte, 1);
      bytes += readable ? format(" %02X", byte) : " --";
      letters += readable && byte >= 0x20 && byte < 0x7F ? static_cast<char>(byte) : '.';
    }
    text += format("%08llX ", static_cast<unsigned long long>(begin + row)) + bytes + std::string(50 - bytes.size(), ' ') + letters + "\n";
  }
  return text;
}

std::string Commands::translate(const std::string& words) const {
  const auto linear = static_cast<std::uint32_t>(parse_value(debugger_, words));
  PhysAddr physical = 0;
  if (!debugger_.machine().cpu().peek_translate(linear, physical)) return format("%08X is not present\n", linear);
  return format("linear %08X is physical %08llX\n", linear, static_cast<unsigned long long>(physical));
}

std::string Commands::events(const std::string& words) const {
  TimeTravel* time = debugger_.time();
  if (time == nullptr) throw DebuggerError("this machine keeps no history");
  std::string rest = words;
  const std::string wanted = take_word(rest);
  const std::uint64_t count = rest.empty() ? 10 : std::min(parse_value(debugger_, rest), kMostLines);
  EventQuery query;
  std::string known;
  for (unsigned k = 0; k < static_cast<unsigned>(EventKind::kCount); ++k) {
    const auto kind = static_cast<EventKind>(k);
    known += (known.empty() ? "" : ", ") + std::string(event_kind_name(kind));
    if (wanted == event_kind_name(kind) || wanted == "all") query.kinds |= kind_bit(kind);
  }
  if (query.kinds == 0) throw DebuggerError("kinds of events: all, " + known);
  std::string text;
  Moment from = time->present();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto event = time->events().previous(from, query);
    if (!event) break;
    text += format("tick %llu: %s %Xh\n", static_cast<unsigned long long>(event->moment.tick), event_kind_name(event->kind), event->detail);
    from = event->moment;
  }
  return text.empty() ? "none\n" : text;
}

CommandResult Commands::moved(const Stop& stop) {
  const Cpu& cpu = debugger_.machine().cpu();
  std::string text = describe(stop) + "\n" + disassemble_current(cpu).text;
  const std::string place = debugger_.symbols().place_of(cpu.seg[kCS].base + cpu.eip);
  return {text + format("   at %04X:%08X ", cpu.seg[kCS].selector, cpu.eip) + place + "\n", true};
}

CommandResult Commands::execute(const std::string& line) {
  std::string rest = line;
  const std::string word = take_word(rest);
  Debugger& d = debugger_;
  using Action = std::function<CommandResult()>;
  const std::map<std::string, Action> actions = {
      {"help", [&] { return CommandResult{rest == "expressions" ? expression_help() : help()}; }},
      {"stop", [&] { return CommandResult{point_line(*d.point(d.add(parse_point(d, rest))))}; }},
      {"once",
       [&] {
         StopPointSpec spec = parse_point(d, rest);
         spec.once = true;
         return CommandResult{point_line(*d.point(d.add(spec)))};
       }},
      {"trace",
       [&] {
         StopPointSpec spec = parse_point(d, rest);
         spec.action = PointAction::kTrace;
         return CommandResult{point_line(*d.point(d.add(spec)))};
       }},
      {"points", [&] { return CommandResult{list()}; }},
      {"delete",
       [&] {
         if (rest == "all") {
           d.remove_all();
         } else {
           d.remove(point_number(d, rest));
         }
         return CommandResult{list()};
       }},
      {"enable", [&] { return d.set_enabled(point_number(d, rest), true), CommandResult{list()}; }},
      {"disable", [&] { return d.set_enabled(point_number(d, rest), false), CommandResult{list()}; }},
      {"ignore",
       [&] {
         const int id = point_number(d, take_word(rest));
         d.set_ignore(id, parse_value(d, rest));
         return CommandResult{list()};
       }},
      {"condition",
       [&] {
         const int id = point_number(d, take_word(rest));
         d.set_condition(id, rest);
         return CommandResult{list()};
       }},
      {"run", [&] { return moved(d.run(rest.empty() ? kNever : d.machine().now() + parse_value(d, rest))); }},
      {"back", [&] { return moved(d.run_back()); }},
      {"to", [&] { return moved(d.run_to(parse_point(d, rest))); }},
      {"back-to", [&] { return moved(d.run_back_to(parse_point(d, rest))); }},
      {"step", [&] { return moved(d.step_repeated()); }},
      {"stepi", [&] { return moved(d.step()); }},
      {"next", [&] { return moved(d.step_over()); }},
      {"out", [&] { return moved(d.step_out()); }},
      {"line", [&] { return moved(d.step_line(true)); }},
      {"line-back", [&] { return moved(d.step_line_back(true)); }},
      {"back-step", [&] { return moved(d.step_back()); }},
      {"back-next", [&] { return moved(d.step_back_over()); }},
      {"back-out", [&] { return moved(d.step_back_out()); }},
      {"seek", [&] { return moved(d.seek({parse_value(d, rest), 0})); }},
      {"regs", [&] { return CommandResult{format_registers(d.machine().cpu())}; }},
      {"where", [&] { return CommandResult{disassemble("$eip+csbase 1") + d.symbols().place_of(d.machine().cpu().seg[kCS].base + d.machine().cpu().eip) + "\n"}; }},
      {"print",
       [&] {
         const auto value = static_cast<unsigned long long>(parse_value(d, rest));
         return CommandResult{format("%llu = %llXh", value, value) + " " + d.symbols().name_of(static_cast<std::uint32_t>(value)) + "\n"};
       }},
      {"dump", [&] { return CommandResult{dump(rest)}; }},
      {"disas", [&] { return CommandResult{disassemble(rest)}; }},
      {"translate", [&] { return CommandResult{translate(rest)}; }},
      {"events", [&] { return CommandResult{events(rest)}; }},
      {"history",
       [&] {
         if (d.time() == nullptr) return CommandResult{"no history is kept\n"};
         return CommandResult{format("ticks %llu to %llu, now %llu; %zu checkpoints, %zu KiB\n",
                                     static_cast<unsigned long long>(d.time()->begin()),
                                     static_cast<unsigned long long>(d.time()->end().tick),
                                     static_cast<unsigned long long>(d.machine().now()), d.time()->checkpoints().size(),
                                     d.time()->memory_used() / 1024)};
       }},
      {"symbols",
       [&] {
         const std::string file = take_word(rest);
         d.load_symbols(file, rest.empty() ? 0 : static_cast<std::uint32_t>(parse_value(d, rest)));
         return CommandResult{format("%zu symbols, %zu lines\n", d.symbols().count(), d.symbols().line_count())};
       }},
  };
  const auto found = actions.find(word);
  if (found == actions.end()) return {"there is no command '" + word + "'; try help\n"};
  try {
    return found->second();
  } catch (const DebuggerError& error) {
    return {std::string(error.what()) + "\n"};
  } catch (const FileError& error) {
    return {std::string(error.what()) + "\n"};
  }
}

}  // namespace ringside
