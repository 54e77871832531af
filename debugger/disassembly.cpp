#include "debugger/disassembly.h"

#include <Zydis/Zydis.h>

#include <array>
#include <cstdio>

#include "debugger/format_text.h"

namespace ringside {
namespace {

constexpr std::size_t kLongest = 15;

std::string segment_line(const char* name, const Segment& s) {
  return format("%s %04X base %08X limit %08X access %02X%s", name, s.selector, s.base, s.limit, s.access,
                s.usable != 0 ? "" : " (null)");
}

std::string flag_names(std::uint32_t eflags) {
  static constexpr struct {
    std::uint32_t bit;
    const char* name;
  } kNames[] = {{kCF, "CF"}, {kPF, "PF"}, {kAF, "AF"}, {kZF, "ZF"}, {kSF, "SF"}, {kTF, "TF"}, {kIF, "IF"},
                {kDF, "DF"}, {kOF, "OF"}, {kNT, "NT"}, {kRF, "RF"}, {kVM, "VM"}, {kAC, "AC"}, {kID, "ID"}};
  std::string text;
  for (const auto& flag : kNames)
    if ((eflags & flag.bit) != 0) text += std::string(" ") + flag.name;
  return text;
}

}  // namespace

DisassembledLine disassemble(std::span<const std::uint8_t> code, bool code32, std::uint16_t cs,
                             std::uint32_t eip) {
  DisassembledLine line{cs, eip, "", "", 0};
  ZydisDisassembledInstruction instruction;
  const auto mode = code32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16;
  if (!code.empty() && ZYAN_SUCCESS(ZydisDisassembleIntel(mode, eip, code.data(), code.size(), &instruction))) {
    line.length = instruction.info.length;
    line.text = instruction.text;
  } else {
    line.length = code.empty() ? 0 : 1;
    line.text = code.empty() ? "(the instruction cannot be read)" : "(no instruction)";
  }
  for (unsigned i = 0; i < line.length; ++i) line.bytes += format("%02X", code[i]);
  return line;
}

DisassembledLine disassemble_current(const Cpu& cpu) {
  std::array<std::uint8_t, kLongest> code{};
  std::size_t size = 0;
  for (; size < code.size(); ++size) {
    const auto linear = cpu.seg[kCS].base + cpu.eip + static_cast<std::uint32_t>(size);
    PhysAddr physical = linear;
    if (cpu.paging() && !cpu.peek_translate(linear, physical)) break;
    cpu.memory.peek(physical, &code[size], 1);
  }
  return disassemble(std::span(code).first(size), cpu.seg[kCS].big != 0, cpu.seg[kCS].selector, cpu.eip);
}

std::string format_registers(const Cpu& cpu) {
  std::string text;
  const auto& r = cpu.gpr;
  text += format("EAX %08X  EBX %08X  ECX %08X  EDX %08X\n", r[kEAX], r[kEBX], r[kECX], r[kEDX]);
  text += format("ESI %08X  EDI %08X  EBP %08X  ESP %08X\n", r[kESI], r[kEDI], r[kEBP], r[kESP]);
  text += format("EIP %08X  EFLAGS %08X%s  CPL %u\n", cpu.eip, cpu.eflags(), flag_names(cpu.eflags()).c_str(), cpu.cpl);
  text += format("CR0 %08X  CR2 %08X  CR3 %08X  CR4 %08X\n", cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4);
  static constexpr const char* kNames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
  for (const unsigned s : {unsigned{kCS}, unsigned{kSS}, unsigned{kDS}, unsigned{kES}, unsigned{kFS}, unsigned{kGS}})
    text += segment_line(kNames[s], cpu.seg[s]) + "\n";
  text += segment_line("LDTR", cpu.ldtr) + "\n" + segment_line("TR", cpu.tr) + "\n";
  text += format("GDTR base %08X limit %04X  IDTR base %08X limit %04X\n", cpu.gdtr.base, cpu.gdtr.limit,
                 cpu.idtr.base, cpu.idtr.limit);
  return text;
}

}  // namespace ringside
