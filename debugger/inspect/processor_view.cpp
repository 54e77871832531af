#include "debugger/inspect/processor_view.h"

#include <bit>
#include <cmath>

#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr const char* kGprNames[] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
constexpr const char* kSegNames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};

Cell editable(std::string text, std::string name, std::string tip) {
  return {std::move(text), Tone::kPlain, std::move(tip) + (tip.empty() ? "" : " ") + "Double-click to change it while the machine stands.", {}, false, std::move(name)};
}

BitStrip editable_strip(const std::string& title, std::uint64_t value, std::span<const FieldInfo> fields, const std::string& name = "", unsigned width = 32) {
  BitStrip strip = register_strip(title, value, fields, width);
  strip.edit = name.empty() ? title : name;
  return strip;
}

Row segment_row(const char* name, const Segment& s, bool system) {
  std::string rights = format("DPL %u", s.dpl());
  if (!system) {
    rights += s.is_code() ? ", code" : ", data";
    if (s.is_code()) {
      rights += s.readable() ? ", readable" : ", execute only";
      if (s.conforming()) rights += ", conforming";
    } else {
      rights += s.writable() ? ", writable" : ", read only";
      if (s.expand_down()) rights += ", expands down";
    }
    rights += s.big != 0 ? ", 32-bit" : ", 16-bit";
  } else {
    rights = descriptor_type(std::uint64_t{s.access} << 40);
  }
  if (s.usable == 0) rights = "null: any use faults";
  const std::string reg = name;
  return {{{name, Tone::kLabel, "Selector, and the hidden part that its load brought along. Click for the descriptor.", {LinkKind::kSelector, s.selector}, false},
           editable(hex16(s.selector), reg, format("Index %u, %s, RPL %u. A new selector is loaded with the checks of an instruction.", s.selector >> 3,
                                                   (s.selector & 4) != 0 ? "LDT" : "GDT", s.selector & 3)),
           editable(hex32(s.base), reg + " base", "Base: added to every offset."),
           editable(hex32(s.limit), reg + " limit", "Limit: the last valid offset."),
           {rights, s.usable == 0 ? Tone::kDim : Tone::kPlain, "", {}, false}},
          0,
          false};
}

// The six exceptions of floating-point arithmetic, which x87 and SSE have in the same order.
constexpr const char* kRounding = "Rounding: 0 nearest, 1 down, 2 up, 3 towards zero.";

std::vector<FieldInfo> exception_flags() {
  return {{"PE", 5, 5, "Precision: a result was rounded."}, {"UE", 4, 4, "Underflow."}, {"OE", 3, 3, "Overflow."},
          {"ZE", 2, 2, "Division by zero."},                {"DE", 1, 1, "Denormal operand."}, {"IE", 0, 0, "Invalid operation."}};
}

std::vector<FieldInfo> exception_masks(unsigned lowest) {
  std::vector<FieldInfo> fields = {{"PM", 5, 5, "Precision exceptions are masked."}, {"UM", 4, 4, "Underflow is masked."},
                                   {"OM", 3, 3, "Overflow is masked."},              {"ZM", 2, 2, "Division by zero is masked."},
                                   {"DM", 1, 1, "Denormal operands are masked."},    {"IM", 0, 0, "Invalid operations are masked."}};
  for (FieldInfo& field : fields) {
    field.high += lowest;
    field.low += lowest;
  }
  return fields;
}

std::vector<FieldInfo> joined(std::vector<FieldInfo> first, const std::vector<FieldInfo>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// For people: a decimal with 17 digits says which of the 80-bit numbers it is, nearly.
std::string float80_text(const Float80& value, unsigned tag) {
  const bool negative = (value.sign_exp & 0x8000) != 0;
  const int exponent = value.sign_exp & 0x7FFF;
  const std::string sign = negative ? "-" : "+";
  if (tag == 3) return "empty";
  if (exponent == 0x7FFF) {
    if (value.significand << 1 == 0) return sign + "infinity";
    return (value.significand >> 62 & 1) != 0 ? "quiet NaN" : "signalling NaN";
  }
  if (value.significand == 0) return sign + "0";
  const long double number = std::ldexp(static_cast<long double>(value.significand), exponent - 16383 - 63);
  return sign + format("%.18Lg", number);
}

}  // namespace

std::string mode_name(const Cpu& cpu) {
  if (!cpu.protected_mode()) return cpu.seg[kCS].big != 0 ? "32-bit unreal mode" : "16-bit real mode";
  std::string name = cpu.v86() ? "virtual-8086 mode" : cpu.seg[kCS].big != 0 ? "32-bit protected mode" : "16-bit protected mode";
  if (cpu.paging()) name += (cpu.cr4 & kCr4PAE) != 0 ? ", PAE paging" : ", paging";
  return name;
}

Document view_general_registers(const Cpu& cpu) {
  static constexpr const char* kTips[] = {
      "Accumulator: products, quotients, I/O; AX, AH and AL are its parts.", "Counter of REP, LOOP and shifts.",
      "Upper half of products and dividends; port number of IN and OUT.", "Base.",
      "Stack pointer: offset of the top of the stack in SS.", "Frame pointer, by convention; addresses the stack segment.",
      "Source of string instructions.", "Destination of string instructions."};
  Document document;
  Table& mode = document.untitled("Mode");
  mode.add({label("Mode"), toned(mode_name(cpu), Tone::kAccent)});
  std::string ring = format("%u", cpu.cpl);
  if (cpu.halted) ring += "   halted";
  if (cpu.shutdown) ring += "   shutdown: triple fault";
  mode.add({label("CPL", "Current privilege level: the ring the processor is in."), toned(ring, Tone::kAccent, cpu.halted ? "HLT: it waits for an interrupt." : "")});
  Table& table = document.untitled("General registers");
  for (const auto& [left, right] : {std::pair{kEAX, kESI}, std::pair{kEBX, kEDI}, std::pair{kECX, kEBP}, std::pair{kEDX, kESP}}) {
    std::vector<Cell> cells;
    for (const Gpr i : {left, right}) {
      const std::uint32_t value = cpu.gpr[i];
      cells.push_back({kGprNames[i], Tone::kLabel, std::string(kTips[i]) + " Click for the memory there.", {LinkKind::kMemory, value}, false});
      cells.push_back(editable(hex32(value), kGprNames[i], std::to_string(value) + " unsigned, " + std::to_string(static_cast<std::int32_t>(value)) + " signed."));
    }
    table.add(std::move(cells));
  }
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  table.add({{"EIP", Tone::kLabel, "Instruction pointer: offset in CS of the next instruction. Click to see it.", {LinkKind::kCode, here}, false},
             editable(hex32(cpu.eip), "EIP", "Linear address " + hex32(here) + ".")});
  return document;
}

Document view_flags(const Cpu& cpu) {
  Document document;
  document.strip(editable_strip("EFLAGS", cpu.eflags(), eflags_fields()));
  return document;
}

Document view_segments(const Cpu& cpu) {
  Document document;
  Table& table = document.untitled("Segment registers", {"", "selector", "base", "limit", "rights"});
  for (const unsigned i : {unsigned{kCS}, unsigned{kSS}, unsigned{kDS}, unsigned{kES}, unsigned{kFS}, unsigned{kGS}})
    table.rows.push_back(segment_row(kSegNames[i], cpu.seg[i], false));
  table.rows.push_back(segment_row("LDTR", cpu.ldtr, true));
  table.rows.push_back(segment_row("TR", cpu.tr, true));
  const auto add_table = [&](const char* name, const TableRegister& r, const char* tip) {
    table.add({{name, Tone::kLabel, std::string(tip) + " Click for the memory there.", {LinkKind::kMemory, r.base}, false},
               plain(""),
               editable(hex32(r.base), std::string(name) + " base", "Linear address of the table."),
               editable(hex32(r.limit), std::string(name) + " limit", "Its last valid byte."),
               dim(format("%u entries", (r.limit + 1) / 8))});
  };
  add_table("GDTR", cpu.gdtr, "Global descriptor table: the segments of all tasks.");
  add_table("IDTR", cpu.idtr, cpu.protected_mode() ? "Interrupt descriptor table: a gate for each vector." : "Interrupt vector table of real mode: four bytes a vector.");
  return document;
}

Document view_control_registers(const Cpu& cpu) {
  Document document;
  document.strip(editable_strip("CR0", cpu.cr0, cr0_fields()));
  document.strip(editable_strip("CR4", cpu.cr4, cr4_fields()));
  Table& table = document.untitled("Addresses");
  table.add({{"CR2", Tone::kLabel, "The linear address of the last page fault. Click to walk it.", {LinkKind::kWalk, cpu.cr2}, false}, editable(hex32(cpu.cr2), "CR2", "")});
  table.add({{"CR3", Tone::kLabel, "Physical address of the page directory (PAE: of its four pointers). Click for the memory there.", {LinkKind::kPhysical, cpu.cr3 & 0xFFFFFFE0u}, false},
             editable(hex32(cpu.cr3), "CR3", "")});
  table.add({label("SYSENTER", "Where SYSENTER goes: code selector, entry point, stack."),
             plain(hex16(static_cast<std::uint16_t>(cpu.msr_sysenter_cs)) + ":" + hex32(cpu.msr_sysenter_eip) + ", ESP " + hex32(cpu.msr_sysenter_esp))});
  table.add({label("EFER", "Extended features: bit 11 is NXE."), plain(hex_physical(cpu.msr_efer))});
  return document;
}

Document view_debug_registers(const Cpu& cpu) {
  Document document;
  Table& table = document.untitled("Breakpoint addresses");
  for (unsigned i = 0; i < 4; ++i)
    table.add({{format("DR%u", i), Tone::kLabel, "Linear address of a breakpoint that the guest itself has set. Click for the memory there.", {LinkKind::kMemory, cpu.dr[i]}, false},
               editable(hex32(cpu.dr[i]), format("DR%u", i), "")});
  document.strip(editable_strip("DR6", cpu.dr[6], dr6_fields()));
  document.strip(editable_strip("DR7", cpu.dr[7], dr7_fields()));
  return document;
}

Document view_x87(const Cpu& cpu) {
  static const std::vector<FieldInfo> kStatus = joined({{"B", 15, 15, "Busy; a copy of ES."},
                                                        {"C3", 14, 14, "Condition code: equal (or unordered)."},
                                                        {"TOP", 13, 11, "Number of the register that is ST(0)."},
                                                        {"C2", 10, 10, "Condition code: unordered, or a reduction that is not complete."},
                                                        {"C1", 9, 9, "Condition code: direction of rounding, or stack overflow."},
                                                        {"C0", 8, 8, "Condition code: less."},
                                                        {"ES", 7, 7, "An unmasked exception waits."},
                                                        {"SF", 6, 6, "Stack fault."}},
                                                       exception_flags());
  static const std::vector<FieldInfo> kControl = joined(
      {{"RC", 11, 10, kRounding}, {"PC", 9, 8, "Precision: 0 is 24 bits, 2 is 53, 3 is 64."}}, exception_masks(0));
  Document document;
  const X87State& x = cpu.x87;
  const unsigned top = x.status >> 11 & 7;
  Table& table = document.untitled("x87 stack", {"", "value", "sign, exponent, significand"});
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned physical = (top + i) & 7;
    const unsigned tag = x.tags >> (2 * physical) & 3;
    const Float80& value = x.reg[physical];
    table.add({label(format("ST(%u)", i), format("Physical register R%u", physical)),
               {float80_text(value, tag), tag == 3 ? Tone::kDim : Tone::kPlain, "Double-click to change it: a decimal number, or sign and exponent, then significand, in hexadecimal.", {}, false,
                format("ST(%u)", i)},
               dim(format("%04X %016llX", value.sign_exp, static_cast<unsigned long long>(value.significand)))});
  }
  document.strip(editable_strip("Status word", x.status, kStatus, "x87 status", 16));
  document.strip(editable_strip("Control word", x.control, kControl, "x87 control", 16));
  return document;
}

Document view_sse(const Cpu& cpu) {
  static const std::vector<FieldInfo> kMxcsr = joined(
      joined(joined({{"FZ", 15, 15, "Flush to zero: results too small to be normal become zero."}, {"RC", 14, 13, kRounding}}, exception_masks(7)),
             {{"DAZ", 6, 6, "Denormal operands are taken as zero."}}),
      exception_flags());
  Document document;
  if (!cpu.model.has(kFeatureSse)) {
    document.say("This processor model (" + std::string(cpu.model.name) + ") has no SSE registers.", Tone::kDim);
    return document;
  }
  Table& table = document.untitled("SSE registers", {"", "bits 127-0", "four singles", "two doubles"});
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint64_t high = cpu.x87.xmm[i][1], low = cpu.x87.xmm[i][0];
    const auto single = [](std::uint64_t bits) { return format("%.6g", static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))); };
    table.add({label(format("XMM%u", i)),
               editable(format("%016llX%016llX", static_cast<unsigned long long>(high), static_cast<unsigned long long>(low)), format("XMM%u", i), ""),
               dim(single(high >> 32) + "  " + single(high) + "  " + single(low >> 32) + "  " + single(low), "As packed single precision, the highest first"),
               dim(format("%.10g  %.10g", std::bit_cast<double>(high), std::bit_cast<double>(low)), "As packed double precision, the higher first")});
  }
  document.strip(editable_strip("MXCSR", cpu.x87.mxcsr, kMxcsr));
  return document;
}

}  // namespace ringside
