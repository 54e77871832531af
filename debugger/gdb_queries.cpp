// What a client asks of a machine that stands: queries, registers, memory, monitor commands.
// GDB manual, "Remote Protocol": "General Query Packets". QEMU's documentation of its gdb stub: PhyMemMode.
#include <algorithm>

#include "debugger/gdb_stub.h"
#include "debugger/gdb_target.h"

namespace ringside {
namespace {

/// What fits into a packet as hexadecimal.
constexpr std::size_t kMaxTransfer = GdbPackets::kMaxPacket / 2 - 64;
constexpr unsigned kNotReadable = 14;

constexpr const char* kMemoryMap =
    "<?xml version=\"1.0\"?><!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
    "\"http://sourceware.org/gdb/gdb-memory-map.dtd\"><memory-map>"
    "<memory type=\"ram\" start=\"0x0\" length=\"0x100000000\"/></memory-map>";
constexpr const char* kThreads = "<?xml version=\"1.0\"?><threads><thread id=\"1\" name=\"processor\"/></threads>";

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::uint32_t little(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4 && at + i < bytes.size(); ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

}  // namespace

// ===== Queries ==========================================================================================

void GdbStub::query(std::string_view words) {
  if (simple_query(words)) return;
  if (take_word(words, "qSupported")) return supported();
  if (take_word(words, "qXfer:")) return transfer(words);
  if (take_word(words, "qRcmd,")) return monitor(words);
  if (words == "QStartNoAckMode") {
    reply("OK");
    acknowledge_ = false;
    return;
  }
  if (take_word(words, "Qqemu.PhyMemMode:")) {
    if (words != "0" && words != "1") return error(22);
    space_ = words == "1" ? gdb::MemorySpace::kPhysical : gdb::MemorySpace::kLinear;
    return reply("OK");
  }
  if (words == "qqemu.PhyMemMode") return reply(space_ == gdb::MemorySpace::kPhysical ? "1" : "0");
  if (take_word(words, "qThreadExtraInfo,")) {
    const unsigned cpl = debugger_->machine().cpu().cpl;
    return reply(to_hex(std::string_view("processor, ring " + std::to_string(cpl))));
  }
  reply("");
}

bool GdbStub::simple_query(std::string_view words) {
  static constexpr std::pair<std::string_view, std::string_view> kAnswers[] = {
      {"qC", "QC1"}, {"qfThreadInfo", "m1"}, {"qsThreadInfo", "l"}, {"qAttached", "1"}, {"qSymbol::", "OK"}};
  for (const auto& [question, answer] : kAnswers) {
    if (words != question) continue;
    reply(answer);
    return true;
  }
  return false;
}

void GdbStub::supported() {
  std::string text = "PacketSize=f000;qXfer:features:read+;qXfer:memory-map:read+;qXfer:threads:read+;QStartNoAckMode+;"
                     "vContSupported+;swbreak+;hwbreak+";
  if (debugger_->can_go_back()) text += ";ReverseStep+;ReverseContinue+";
  reply(text);
}

void GdbStub::transfer(std::string_view words) {
  std::string document;
  if (take_word(words, "features:read:target.xml:")) {
    document = gdb::target_xml();
  } else if (take_word(words, "memory-map:read::")) {
    document = kMemoryMap;
  } else if (take_word(words, "threads:read::")) {
    document = kThreads;
  } else {
    return words.starts_with("features:read:") ? error(0) : reply("");
  }
  const auto offset = take_hex(words);
  if (!offset || !take_char(words, ',')) return error(0);
  const auto length = take_hex(words);
  if (!length) return error(0);
  if (*offset > document.size()) return error(0);
  const std::string piece = document.substr(*offset, std::min<std::uint64_t>(*length, kMaxTransfer));
  reply((*offset + piece.size() < document.size() ? "m" : "l") + piece);
}

void GdbStub::monitor(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return error(1);
  sync_points();
  end_of_edits();
  changed_ = true;
  const CommandResult result = commands_->execute(std::string(bytes->begin(), bytes->end()));
  console(result.text);
  // gdb keeps what it has read of a stopped machine, and no packet tells it that this is another moment.
  if (result.moved) console("(gdb still shows the old registers: `maintenance flush register-cache`)\n");
  reply("OK");
}

// ===== Registers and memory =============================================================================

void GdbStub::registers(const std::string& text) {
  Cpu& cpu = debugger_->machine().cpu();
  std::string_view words = std::string_view(text).substr(1);
  if (text[0] == 'g') return reply(gdb::all_registers(cpu));
  if (text[0] == 'p') {
    const auto number = take_hex(words, 0xFFFF);
    const auto value = number ? gdb::register_hex(cpu, *number) : std::nullopt;
    return value ? reply(*value) : error(1);
  }
  if (text[0] == 'P') {
    const auto number = take_hex(words, 0xFFFF);
    if (!number || !take_char(words, '=')) return error(1);
    const auto bytes = from_hex(words);
    if (!bytes || bytes->size() != 4) return error(1);
    if (!may_edit()) return refuse_edit();
    begin_edit();
    return gdb::set_register(cpu, *number, little(*bytes, 0)) ? reply("OK") : error(1);
  }
  // G: of all of them, those that can be changed.
  const auto bytes = from_hex(words);
  if (!bytes || bytes->size() < 4 * (gdb::kEflagsNumber + 1)) return error(1);
  if (!may_edit()) return refuse_edit();
  begin_edit();
  for (std::size_t number = 0; number <= gdb::kEflagsNumber; ++number) gdb::set_register(cpu, number, little(*bytes, 4 * number));
  reply("OK");
}

void GdbStub::memory(const std::string& text) {
  std::string_view words = std::string_view(text).substr(1);
  const auto address = take_hex(words);
  if (!address || !take_char(words, ',')) return error(22);
  const auto size = take_hex(words);
  if (!size) return error(22);
  Machine& machine = debugger_->machine();
  if (text[0] == 'm') {
    const auto bytes = gdb::read_memory(machine, space_, *address, std::min<std::uint64_t>(*size, kMaxTransfer));
    return bytes.empty() && *size != 0 ? error(kNotReadable) : reply(to_hex(bytes));
  }
  if (!take_char(words, ':')) return error(22);
  std::vector<std::uint8_t> bytes(words.begin(), words.end());
  if (text[0] == 'M') {
    const auto decoded = from_hex(words);
    if (!decoded) return error(22);
    bytes = *decoded;
  }
  if (bytes.size() != *size) return error(22);
  if (bytes.empty()) return reply("OK");  // gdb asks so whether there is an X packet
  if (!may_edit()) return refuse_edit();
  begin_edit();
  if (!gdb::write_memory(machine, space_, *address, bytes)) return error(kNotReadable);
  reply("OK");
}

}  // namespace ringside
