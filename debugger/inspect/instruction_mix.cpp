#include "debugger/inspect/instruction_mix.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "debugger/inspect/listing.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::size_t kListed = 12;

const char* kind_name(ZydisInstructionCategory category) {
  switch (category) {
    case ZYDIS_CATEGORY_DATAXFER:
    case ZYDIS_CATEGORY_CMOV:
    case ZYDIS_CATEGORY_SETCC: return "moves";
    case ZYDIS_CATEGORY_PUSH:
    case ZYDIS_CATEGORY_POP: return "PUSH and POP";
    case ZYDIS_CATEGORY_BINARY: return "integer arithmetic and compares";
    case ZYDIS_CATEGORY_LOGICAL: return "logic and tests";
    case ZYDIS_CATEGORY_SHIFT:
    case ZYDIS_CATEGORY_ROTATE:
    case ZYDIS_CATEGORY_BITBYTE: return "shifts and bits";
    case ZYDIS_CATEGORY_MISC:
    case ZYDIS_CATEGORY_CONVERT: return "LEA and conversions";
    case ZYDIS_CATEGORY_COND_BR: return "conditional branches";
    case ZYDIS_CATEGORY_UNCOND_BR: return "jumps";
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_RET: return "CALL and RET";
    case ZYDIS_CATEGORY_STRINGOP: return "string instructions";
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_IOSTRINGOP: return "I/O";
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET: return "system calls and returns";
    case ZYDIS_CATEGORY_SYSTEM: return "system instructions";
    case ZYDIS_CATEGORY_FLAGOP: return "flag instructions";
    case ZYDIS_CATEGORY_SEMAPHORE: return "atomic instructions";
    case ZYDIS_CATEGORY_X87_ALU:
    case ZYDIS_CATEGORY_FCMOV: return "x87";
    case ZYDIS_CATEGORY_MMX:
    case ZYDIS_CATEGORY_SSE: return "MMX and SSE";
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_WIDENOP: return "NOP";
    default: return "others";
  }
}

std::string kind_at(const Cpu& cpu, std::uint32_t linear) {
  std::array<std::uint8_t, 15> code{};
  const std::size_t size = peek_span(cpu, linear, code.data(), code.size());
  const bool wide = cpu.seg[kCS].big != 0;
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, wide ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16, wide ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16);
  ZydisDecodedInstruction instruction;
  if (size == 0 || !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, code.data(), size, &instruction))) return "others";
  return kind_name(instruction.meta.category);
}

void add_counts(Document& document, const std::string& title, const std::map<std::string, std::uint64_t>& counts, std::uint64_t all) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > kListed) sorted.resize(kListed);
  Table& table = document.table(title);
  for (const auto& [name, count] : sorted)
    table.add({label(name), plain(format("%5.1f %%", 100.0 * static_cast<double>(count) / static_cast<double>(all))), toned(std::string(1 + count * 24 / all, '='), Tone::kAccent)});
}

}  // namespace

void InstructionMix::note_place(const Session& session, std::uint32_t linear) {
  std::string name = session.names().name_of(linear);
  name = name.empty() ? hex32(linear & ~std::uint32_t{0xFFF}).substr(0, 5) + "xxx" : name.substr(0, name.find('+'));
  if (places_.size() < kMostPlaces || places_.count(name) != 0) ++places_[name];
}

void InstructionMix::sample(const Session& session) {
  const Machine& machine = session.machine();
  if (machine.now() == last_) return;
  if (machine.now() < last_ && last_ != ~Tick{0}) *this = {};  // another life: power-on, or the past
  last_ = machine.now();
  ++samples_;
  const Cpu& cpu = machine.cpu();
  if (cpu.halted) {
    ++halted_;
    return;
  }
  const std::uint32_t linear = cpu.seg[kCS].base + cpu.eip;
  ++rings_[cpu.cpl & 3];
  ++kinds_[kind_at(cpu, linear)];
  note_place(session, linear);
}

Document InstructionMix::view() const {
  Document document;
  if (samples_ == 0) {
    document.say("The instruction mix is sampled while the machine runs and this panel is in view.", Tone::kDim);
    return document;
  }
  const std::uint64_t awake = samples_ - halted_;
  const auto part = [this](std::uint64_t n) { return format("%.1f %%", 100.0 * static_cast<double>(n) / static_cast<double>(samples_)); };
  Table& table = document.table(grouped(samples_) + " samples of the running machine");
  table.add({label("halted", "Waiting for an interrupt"), plain(part(halted_))});
  for (unsigned ring = 0; ring < 4; ++ring)
    if (rings_[ring] != 0) table.add({label(format("in ring %u", ring)), plain(part(rings_[ring]))});
  if (awake == 0) return document;
  add_counts(document, "Instruction mix", kinds_, awake);
  add_counts(document, "Where", places_, awake);
  return document;
}

}  // namespace ringside
