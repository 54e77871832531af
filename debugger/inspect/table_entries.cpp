// Descriptors and paging-structure entries, field by field. SDM Vol. 3A, "Segment Descriptors", "System Descriptor
// Types", "Gate Descriptors", "32-Bit Paging", "PAE Paging".
#include <array>

#include "cpu/descriptor.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

std::uint64_t bits(std::uint64_t value, unsigned high, unsigned low) {
  return value >> low & ((std::uint64_t{2} << (high - low)) - 1);
}

struct Strip {
  BitStrip strip;
  void add(const char* name, unsigned high, unsigned low, std::string meaning, const char* tip, Tone tone = Tone::kPlain) {
    strip.fields.push_back({name, high, low, bits(strip.raw, high, low), std::move(meaning), tip, tone, false});
  }
  bool bit(unsigned n) const { return (strip.raw >> n & 1) != 0; }
};

const char* system_type_name(unsigned type) {
  static constexpr std::array<const char*, 16> kNames = {
      "reserved", "16-bit TSS, available", "LDT", "16-bit TSS, busy", "16-bit call gate", "task gate",
      "16-bit interrupt gate", "16-bit trap gate", "reserved", "32-bit TSS, available", "reserved", "32-bit TSS, busy",
      "32-bit call gate", "reserved", "32-bit interrupt gate", "32-bit trap gate"};
  return kNames[type & 15];
}

bool is_gate(Descriptor d) {
  if (!d.system()) return false;
  const unsigned type = d.type();
  return type == kTaskGate || ((type & 7) >= 4 && (type & 7) != 5);
}

void add_present(Strip& s, Descriptor d) {
  s.add("P", 47, 47, d.present() ? "present" : "not present", "Present: a load of a descriptor without it raises #NP (#SS for a stack).",
        d.present() ? Tone::kPlain : Tone::kBad);
  s.add("DPL", 46, 45, format("ring %u", d.dpl()), "Descriptor privilege level: how privileged one must be.");
}

void add_gate(Strip& s, Descriptor d) {
  const bool task = d.type() == kTaskGate;
  if (!task) s.add("Offset 31:16", 63, 48, "", "Upper half of the entry point.");
  add_present(s, d);
  s.add("S", 44, 44, "system descriptor", "0: a system segment or a gate.");
  s.add("Type", 43, 40, system_type_name(d.type()), "What kind of gate.");
  if ((d.type() & 7) == 4)
    s.add("Count", 36, 32, format("%u parameters", d.gate_count()), "Parameters that a call to an inner ring copies to the new stack.");
  s.add("Selector", 31, 16, "selector " + hex16(d.gate_selector()), task ? "The TSS to switch to." : "The code segment of the entry point.");
  if (!task) s.add("Offset 15:0", 15, 0, "entry point " + hex32(d.gate_offset()), "Lower half of the entry point.");
}

void add_segment_type(Strip& s, Descriptor d) {
  if (d.system()) {
    s.add("Type", 43, 40, system_type_name(d.type()), "What kind of system segment.");
    return;
  }
  if (d.code()) {
    s.add("E", 43, 43, "code", "Executable.");
    s.add("C", 42, 42, d.conforming_code() ? "conforming" : "not conforming",
          "Conforming code runs at its caller's CPL; other code only at its own DPL.");
    s.add("R", 41, 41, d.readable() ? "readable" : "execute only", "Whether data reads through CS are allowed.");
  } else {
    s.add("E", 43, 43, "data", "Executable.");
    s.add("D", 42, 42, (d.access() & kExpandDown) != 0 ? "expands down" : "expands up",
          "An expand-down segment's valid offsets lie above its limit.");
    s.add("W", 41, 41, d.writable_data() ? "writable" : "read only", "Whether writes are allowed.");
  }
  s.add("A", 40, 40, (d.access() & kAccessed) != 0 ? "accessed" : "not yet accessed", "Set by the processor when the descriptor is loaded.");
}

void add_segment(Strip& s, Descriptor d) {
  s.add("Base 31:24", 63, 56, "", "Highest byte of the base.");
  s.add("G", 55, 55, s.bit(55) ? "limit counts pages of 4 KiB" : "limit counts bytes", "Granularity of the limit.");
  s.add("D/B", 54, 54, d.big() ? "32-bit" : "16-bit", "Default operand and address size; for a stack: ESP or SP.");
  s.add("AVL", 52, 52, "", "Free for the system's use.");
  s.add("Limit 19:16", 51, 48, "limit " + hex32(d.limit()), "Highest four bits of the limit.");
  add_present(s, d);
  s.add("S", 44, 44, d.system() ? "system descriptor" : "code or data", "0: a system segment or a gate.");
  add_segment_type(s, d);
  s.add("Base 23:0", 39, 16, "base " + hex32(d.base()), "Lower 24 bits of the base.");
  s.add("Limit 15:0", 15, 0, "", "Lower 16 bits of the limit.");
}

}  // namespace

BitStrip descriptor_strip(const std::string& title, std::uint64_t raw) {
  Strip s{{title, 64, raw, {}}};
  const Descriptor d{raw};
  if (is_gate(d)) {
    add_gate(s, d);
  } else {
    add_segment(s, d);
  }
  return std::move(s.strip);
}

std::string descriptor_type(std::uint64_t raw) {
  const Descriptor d{raw};
  if (d.system()) return system_type_name(d.type());
  if (d.code())
    return std::string(d.conforming_code() ? "conforming code" : "code") + (d.readable() ? ", readable" : ", execute only");
  return std::string((d.access() & kExpandDown) != 0 ? "expand-down data" : "data") +
         (d.writable_data() ? ", writable" : ", read only");
}

std::string descriptor_line(std::uint64_t raw) {
  const Descriptor d{raw};
  std::string text = descriptor_type(raw) + format(", DPL %u", d.dpl()) + (d.present() ? "" : ", not present");
  if (is_gate(d)) {
    if (d.type() == kTaskGate) return text + ", TSS " + hex16(d.gate_selector());
    return text + ", to " + logical(d.gate_selector(), d.gate_offset());
  }
  text += ", base " + hex32(d.base()) + ", limit " + hex32(d.limit());
  if (!d.system()) text += d.big() ? ", 32-bit" : ", 16-bit";
  return text;
}

BitStrip paging_entry_strip(const std::string& title, std::uint64_t entry, PagingLevel level, bool pae) {
  Strip s{{title, pae ? 64u : 32u, entry, {}}};
  if (!s.bit(0)) {
    s.add("ignored", pae ? 63 : 31, 1, "", "The processor reads no other bit of an entry that is not present; systems keep notes of their own there.");
    s.add("P", 0, 0, "not present: any access through it faults", "Present.", Tone::kBad);
    return std::move(s.strip);
  }
  const bool maps = level == PagingLevel::kPte || (level == PagingLevel::kPde && s.bit(7));
  const bool large = maps && level == PagingLevel::kPde;
  const bool rights = level != PagingLevel::kPdpte;
  if (pae && rights) s.add("XD", 63, 63, s.bit(63) ? "not executable" : "executable", "Execute disable; counts only with EFER.NXE.");
  const unsigned high = pae ? 35 : 31;
  const unsigned low = large ? (pae ? 21 : 22) : 12;
  const std::uint64_t frame = bits(entry, high, low) << low;
  s.add("Address", high, low, (maps ? "page at " : "table at ") + hex_physical(frame),
        maps ? "Physical address of the page." : "Physical address of the next table.");
  if (maps) s.add("G", 8, 8, s.bit(8) ? "global" : "not global", "With CR4.PGE, stays in the TLB when CR3 is loaded.");
  if (level == PagingLevel::kPde) s.add("PS", 7, 7, s.bit(7) ? "maps a large page" : "points to a page table", "Page size (needs CR4.PSE or PAE).");
  if (maps) s.add("D", 6, 6, s.bit(6) ? "dirty: was written" : "clean", "Set by the processor at the first write.");
  if (rights) s.add("A", 5, 5, s.bit(5) ? "accessed" : "not yet accessed", "Set by the processor at the first use.");
  s.add("PCD", 4, 4, s.bit(4) ? "cache off" : "", "Cache disable.");
  s.add("PWT", 3, 3, s.bit(3) ? "write-through" : "", "Write-through caching.");
  if (rights) {
    s.add("U/S", 2, 2, s.bit(2) ? "user: ring 3 may use it" : "supervisor only", "All levels must say user for ring 3 to get through.");
    s.add("R/W", 1, 1, s.bit(1) ? "writable" : "read only", "All levels must say writable.");
  }
  s.add("P", 0, 0, "present", "Present.");
  return std::move(s.strip);
}

std::string paging_entry_line(std::uint64_t entry, PagingLevel level) {
  if ((entry & 1) == 0) return "not present";
  std::string text = "present";
  if (level == PagingLevel::kPdpte) return text;
  text += (entry & 2) != 0 ? ", writable" : ", read only";
  text += (entry & 4) != 0 ? ", user" : ", supervisor";
  if ((entry & 0x20) != 0) text += ", accessed";
  const bool large = level == PagingLevel::kPde && (entry & 0x80) != 0;
  if ((level == PagingLevel::kPte || large) && (entry & 0x40) != 0) text += ", dirty";
  if (large) text += ", large page";
  if ((level == PagingLevel::kPte || large) && (entry & 0x100) != 0) text += ", global";
  return text;
}

}  // namespace ringside
