#include "debugger/inspect/descriptor_views.h"

#include <algorithm>
#include <optional>
#include <span>

#include "cpu/descriptor.h"
#include "debugger/inspect/listing.h"
#include "debugger/inspect/naming.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::uint32_t kMostRows = 1024;

std::optional<std::uint64_t> read_entry(const Cpu& cpu, std::uint32_t linear) {
  std::uint64_t raw = 0;
  if (peek_span(cpu, linear, &raw, 8) != 8) return std::nullopt;
  return raw;
}

/// What no load would accept, or nobody can have meant; empty: nothing is wrong.
std::string wrong_descriptor(const Cpu& cpu, Descriptor d, bool gdt) {
  if (d.raw == 0) return "";
  if (d.system()) {
    const unsigned type = d.type();
    if (type == 0 || type == 8 || type == 10 || type == 13) return "reserved type: any use faults";
    if (!gdt && (d.is_tss() || type == kLdtType)) return "a TSS or LDT descriptor must be in the GDT";
    if ((type & 7) >= 6) return "an interrupt or trap gate belongs into the IDT";
    if (d.is_tss() && d.limit() < (d.is_tss32() ? 0x67u : 0x2Bu)) return "the limit is too small for a TSS";
    if (type == kCallGate16 || type == kCallGate32) {
      std::uint32_t linear = 0;
      if (find_descriptor(cpu, d.gate_selector(), linear) != Lookup::kFound) return "the gate's selector lies beyond its table";
      const auto target = read_entry(cpu, linear);
      if (target && !Descriptor{*target}.code()) return "the gate does not lead to a code segment";
    }
  }
  return d.present() ? "" : "not present";
}

std::string wrong_gate(const Cpu& cpu, Descriptor d) {
  if (d.raw == 0) return "";
  const unsigned type = d.type();
  if (!d.system() || !(type == kTaskGate || (type & 7) >= 6)) return "neither an interrupt, a trap nor a task gate";
  if (!d.present()) return "not present";
  std::uint32_t linear = 0;
  if (find_descriptor(cpu, d.gate_selector(), linear) != Lookup::kFound) return "the gate's selector lies beyond its table";
  const auto target = read_entry(cpu, linear);
  if (!target) return "";
  if (type == kTaskGate) return Descriptor{*target}.is_tss() ? "" : "the task gate does not name a TSS";
  return Descriptor{*target}.code() ? "" : "the gate does not lead to a code segment";
}

std::string users(const Cpu& cpu, std::uint16_t selector) {
  static constexpr const char* kNames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
  std::string text;
  const auto add = [&](const char* name, const Segment& s) {
    if ((s.selector & ~3u) == selector && s.usable != 0) text += (text.empty() ? "" : " ") + std::string(name);
  };
  for (unsigned i = 0; i < 6; ++i) add(kNames[i], cpu.seg[i]);
  add("LDTR", cpu.ldtr);
  add("TR", cpu.tr);
  return text;
}

void add_row(Table& table, const Cpu& cpu, std::uint16_t selector, std::uint64_t raw, bool gdt) {
  const std::string wrong = raw == 0 ? "" : wrong_descriptor(cpu, {raw}, gdt);
  table.add({plain(hex16(selector), "Click to see it bit by bit", {LinkKind::kSelector, selector}),
             wrong.empty() ? toned(users(cpu, selector), Tone::kGood, "Registers that hold it now") : toned(wrong, Tone::kBad, "What no load would accept, or nobody can have meant"),
             raw == 0 ? dim(selector == 0 && gdt ? "null descriptor" : "empty") : plain(descriptor_line(raw)),
             dim(format("%016llX", static_cast<unsigned long long>(raw)))});
}

Document view_segments_table(const Cpu& cpu, bool gdt) {
  Document document;
  const std::uint32_t base = gdt ? cpu.gdtr.base : cpu.ldtr.base;
  const std::uint32_t limit = gdt ? cpu.gdtr.limit : cpu.ldtr.limit;
  if (!gdt && cpu.ldtr.usable == 0) {
    document.say("LDTR holds a null selector: there is no LDT.", Tone::kDim);
    return document;
  }
  document.say((gdt ? "GDT at " : "LDT at ") + hex32(base) + ", limit " + hex32(limit) + format(": %u entries.", (limit + 1) / 8));
  if (!cpu.protected_mode()) document.say("Real mode: descriptors are not used yet.", Tone::kWarning);
  Table& table = document.untitled(gdt ? "GDT" : "LDT", {"selector", "used by, or wrong", "meaning", "bytes"});
  std::uint32_t empty = 0;
  for (std::uint32_t offset = 0; offset + 7 <= limit && offset / 8 < kMostRows; offset += 8) {
    const auto raw = read_entry(cpu, base + offset);
    if (!raw) {
      table.add({plain(hex16(static_cast<std::uint16_t>(offset))), dim("cannot be read")});
      break;
    }
    if (*raw == 0 && offset != 0) {
      ++empty;
      continue;
    }
    add_row(table, cpu, static_cast<std::uint16_t>(offset | (gdt ? 0 : 4)), *raw, gdt);
  }
  if (empty != 0) document.say(format("%u empty entries are not shown.", empty), Tone::kDim);
  return document;
}

Document view_idt(const Cpu& cpu, const Naming* names) {
  Document document;
  const bool real = !cpu.protected_mode();
  document.say((real ? "Interrupt vector table at " : "IDT at ") + hex32(cpu.idtr.base) + ", limit " + hex16(cpu.idtr.limit) + ".");
  Table& table = document.untitled("IDT", {"vector", "entry", "meaning", "wrong"});
  unsigned empty = 0;
  const unsigned size = real ? 4 : 8;
  for (std::uint32_t v = 0; v < 256 && v * size + size - 1 <= cpu.idtr.limit; ++v) {
    std::uint64_t raw = 0;
    if (peek_span(cpu, cpu.idtr.base + v * size, &raw, size) != size) break;
    const std::string mnemonic = v < 20 ? vector_mnemonic(static_cast<Vector>(v)) : "";
    const std::string name = format("%02Xh", v) + (mnemonic.empty() || mnemonic == "#??" || real ? "" : " " + mnemonic);
    if (raw == 0) {
      ++empty;
      continue;
    }
    if (real) {
      const auto linear = static_cast<std::uint32_t>((raw >> 16 & 0xFFFF) * 16 + (raw & 0xFFFF));
      table.add({label(name), plain(format("%04X:%04X", static_cast<unsigned>(raw >> 16), static_cast<unsigned>(raw & 0xFFFF)), "", {LinkKind::kCode, linear}),
                 plain(names != nullptr ? names->name_of(linear) : "")});
      continue;
    }
    const Descriptor d{raw};
    const std::string wrong = wrong_gate(cpu, d);
    const std::string target = names != nullptr && d.type() != kTaskGate ? names->name_of(d.gate_offset()) : "";
    table.add({label(name), plain(logical(d.gate_selector(), d.gate_offset()), "", {LinkKind::kCode, d.gate_offset()}),
               plain(descriptor_type(raw) + format(", DPL %u", d.dpl()) + (target.empty() ? "" : ", " + target)),
               toned(wrong, Tone::kBad)});
  }
  if (empty != 0) document.say(format("%u empty entries are not shown; their vectors raise #GP.", empty), Tone::kDim);
  return document;
}

struct TssField {
  const char* name;
  std::uint32_t offset;
  bool word;
};

/// SDM Vol. 3A, "Task-State Segment (TSS)".
constexpr TssField kTss32[] = {
    {"back link", 0, true}, {"ESP0", 4, false},  {"SS0", 8, true},   {"ESP1", 12, false}, {"SS1", 16, true},  {"ESP2", 20, false}, {"SS2", 24, true},
    {"CR3", 28, false},     {"EIP", 32, false},  {"EFLAGS", 36, false}, {"EAX", 40, false}, {"ECX", 44, false}, {"EDX", 48, false},  {"EBX", 52, false},
    {"ESP", 56, false},     {"EBP", 60, false},  {"ESI", 64, false}, {"EDI", 68, false},  {"ES", 72, true},   {"CS", 76, true},    {"SS", 80, true},
    {"DS", 84, true},       {"FS", 88, true},    {"GS", 92, true},   {"LDT", 96, true},   {"I/O map base", 102, true}};
/// SDM Vol. 3A, "16-Bit Task-State Segment (TSS)".
constexpr TssField kTss16[] = {
    {"back link", 0, true}, {"SP0", 2, true}, {"SS0", 4, true}, {"SP1", 6, true}, {"SS1", 8, true}, {"SP2", 10, true}, {"SS2", 12, true}, {"IP", 14, true},
    {"FLAGS", 16, true},    {"AX", 18, true}, {"CX", 20, true}, {"DX", 22, true}, {"BX", 24, true}, {"SP", 26, true},  {"BP", 28, true},  {"SI", 30, true},
    {"DI", 32, true},       {"ES", 34, true}, {"CS", 36, true}, {"SS", 38, true}, {"DS", 40, true}, {"LDT", 42, true}};

Document view_tss(const Cpu& cpu, const Naming* names) {
  Document document;
  if (cpu.tr.usable == 0 || (cpu.tr.access & kPresent) == 0 || cpu.tr.selector < 8) {
    document.say("TR names no TSS yet.", Tone::kDim);
    return document;
  }
  document.say("TSS " + hex16(cpu.tr.selector) + " at " + hex32(cpu.tr.base) + ", limit " + hex32(cpu.tr.limit) + ": " + descriptor_type(std::uint64_t{cpu.tr.access} << 40) + ".");
  const bool wide = (cpu.tr.access & 8) != 0;
  Table& table = document.untitled("TSS", {"field", "value", ""});
  for (const TssField& field : wide ? std::span<const TssField>(kTss32) : std::span<const TssField>(kTss16)) {
    std::uint32_t value = 0;
    if (field.offset + (field.word ? 1u : 3u) > cpu.tr.limit || peek_span(cpu, cpu.tr.base + field.offset, &value, field.word ? 2 : 4) == 0) {
      table.add({label(field.name), dim("beyond the limit")});
      continue;
    }
    const std::string name = names != nullptr && wide && field.offset == 32 ? names->name_of(value) : "";
    table.add({label(field.name), plain(field.word ? hex16(static_cast<std::uint16_t>(value)) : hex32(value)), dim(name)});
  }
  return document;
}

}  // namespace

Document view_descriptor_table(const Cpu& cpu, DescriptorTable table, const Naming* names) {
  switch (table) {
    case DescriptorTable::kGdt: return view_segments_table(cpu, true);
    case DescriptorTable::kLdt: return view_segments_table(cpu, false);
    case DescriptorTable::kIdt: return view_idt(cpu, names);
    case DescriptorTable::kTss: return view_tss(cpu, names);
  }
  return {};
}

Document view_descriptor(const Cpu& cpu, std::uint16_t selector) {
  Document document;
  document.strip(selector_strip("Selector", selector));
  std::uint32_t linear = 0;
  switch (find_descriptor(cpu, selector, linear)) {
    case Lookup::kBeyondGdt: document.say("The descriptor lies beyond the GDT's limit.", Tone::kBad); return document;
    case Lookup::kBeyondLdt: document.say("The descriptor lies beyond the LDT's limit.", Tone::kBad); return document;
    case Lookup::kNoLdt: document.say("The selector names the LDT, and there is none.", Tone::kBad); return document;
    case Lookup::kFound: break;
  }
  const auto raw = read_entry(cpu, linear);
  if (!raw) {
    document.say("The descriptor's memory cannot be read.", Tone::kBad);
    return document;
  }
  document.strip(descriptor_strip("Descriptor at " + hex32(linear), *raw));
  return document;
}

}  // namespace ringside
