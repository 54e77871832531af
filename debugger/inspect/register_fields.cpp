#include "debugger/inspect/register_fields.h"

#include <algorithm>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

// SDM Vol. 1, "EFLAGS Register".
constexpr FieldInfo kEflags[] = {
    {"ID", 21, 21, "Identification: if a program can change this bit, the processor has CPUID."},
    {"VIP", 20, 20, "Virtual interrupt pending: an interrupt waits for the virtual-8086 program to set VIF."},
    {"VIF", 19, 19, "Virtual interrupt flag: what a virtual-8086 program believes to be IF."},
    {"AC", 18, 18, "Alignment check: with CR0.AM, a misaligned access at CPL 3 raises #AC."},
    {"VM", 17, 17, "Virtual-8086 mode: the task runs as on an 8086, inside protected mode."},
    {"RF", 16, 16, "Resume: instruction breakpoints are ignored for one instruction."},
    {"NT", 14, 14, "Nested task: IRET returns to the task that the back link in the TSS names."},
    {"IOPL", 13, 12, "I/O privilege level: CPL must not be above it for IN, OUT, CLI and STI."},
    {"OF", 11, 11, "Overflow: the signed result did not fit."},
    {"DF", 10, 10, "Direction: string instructions count downwards."},
    {"IF", 9, 9, "Interrupt enable: maskable interrupts are accepted."},
    {"TF", 8, 8, "Trap: a debug exception follows each instruction (single step)."},
    {"SF", 7, 7, "Sign: the highest bit of the result."},
    {"ZF", 6, 6, "Zero: the result was zero."},
    {"AF", 4, 4, "Auxiliary carry: carry out of bit 3, for decimal arithmetic."},
    {"PF", 2, 2, "Parity: the low byte of the result has an even number of ones."},
    {"CF", 0, 0, "Carry: the unsigned result did not fit."},
};

// SDM Vol. 3A, "Control Registers".
constexpr FieldInfo kCr0[] = {
    {"PG", 31, 31, "Paging: linear addresses go through the page tables that CR3 names."},
    {"CD", 30, 30, "Cache disable."},
    {"NW", 29, 29, "Not write-through."},
    {"AM", 18, 18, "Alignment mask: allows EFLAGS.AC to raise #AC."},
    {"WP", 16, 16, "Write protect: the supervisor too must not write to read-only pages."},
    {"NE", 5, 5, "Numeric error: x87 errors raise #MF instead of IRQ 13."},
    {"ET", 4, 4, "Extension type: the coprocessor is a 387."},
    {"TS", 3, 3, "Task switched: the next x87 instruction raises #NM, so that a kernel can save its registers lazily."},
    {"EM", 2, 2, "Emulation: x87 instructions raise #NM."},
    {"MP", 1, 1, "Monitor coprocessor: WAIT looks at TS too."},
    {"PE", 0, 0, "Protection enable: selectors name descriptors, and rings count."},
};

constexpr FieldInfo kCr4[] = {
    {"OSXMMEXCPT", 10, 10, "The system handles SIMD floating-point exceptions (#XM)."},
    {"OSFXSR", 9, 9, "The system saves SSE registers with FXSAVE."},
    {"PCE", 8, 8, "RDPMC is allowed in every ring."},
    {"PGE", 7, 7, "Global pages survive a load of CR3 in the TLB."},
    {"MCE", 6, 6, "Machine checks raise #MC."},
    {"PAE", 5, 5, "Physical address extension: page-table entries of 64 bits, three levels."},
    {"PSE", 4, 4, "Page-directory entries may map pages of 4 MiB."},
    {"DE", 3, 3, "Debugging extensions: I/O breakpoints; DR4 and DR5 raise #UD."},
    {"TSD", 2, 2, "RDTSC is allowed in ring 0 only."},
    {"PVI", 1, 1, "Virtual interrupt flag in protected mode."},
    {"VME", 0, 0, "Virtual-8086 mode extensions: VIF, VIP and the interrupt redirection map."},
};

constexpr FieldInfo kDr6[] = {
    {"BT", 15, 15, "The debug exception came from a task switch (the T bit of the TSS)."},
    {"BS", 14, 14, "It came from single-stepping (EFLAGS.TF)."},
    {"BD", 13, 13, "The next instruction accesses a debug register while DR7.GD is set."},
    {"B3", 3, 3, "The condition of DR3 was met."},
    {"B2", 2, 2, "The condition of DR2 was met."},
    {"B1", 1, 1, "The condition of DR1 was met."},
    {"B0", 0, 0, "The condition of DR0 was met."},
};

constexpr FieldInfo kDr7[] = {
    {"LEN3", 31, 30, "Bytes watched by DR3: 0 is one, 1 two, 3 four."},
    {"R/W3", 29, 28, "What DR3 watches: 0 execution, 1 writes, 2 I/O, 3 reads and writes."},
    {"LEN2", 27, 26, "Bytes watched by DR2."},
    {"R/W2", 25, 24, "What DR2 watches."},
    {"LEN1", 23, 22, "Bytes watched by DR1."},
    {"R/W1", 21, 20, "What DR1 watches."},
    {"LEN0", 19, 18, "Bytes watched by DR0."},
    {"R/W0", 17, 16, "What DR0 watches."},
    {"GD", 13, 13, "General detect: an access to a debug register raises #DB."},
    {"GE", 9, 9, "Exact breakpoints, global (no effect on this processor)."},
    {"LE", 8, 8, "Exact breakpoints, local (no effect on this processor)."},
    {"G3", 7, 7, "DR3 enabled for all tasks."},
    {"L3", 6, 6, "DR3 enabled for this task."},
    {"G2", 5, 5, "DR2 enabled for all tasks."},
    {"L2", 4, 4, "DR2 enabled for this task."},
    {"G1", 3, 3, "DR1 enabled for all tasks."},
    {"L1", 2, 2, "DR1 enabled for this task."},
    {"G0", 1, 1, "DR0 enabled for all tasks."},
    {"L0", 0, 0, "DR0 enabled for this task."},
};

std::uint64_t bits(std::uint64_t value, unsigned high, unsigned low) {
  return value >> low & ((std::uint64_t{1} << (high - low + 1)) - 1);
}

BitField field(std::uint64_t raw, const char* name, unsigned high, unsigned low, std::string meaning, const char* tip,
               Tone tone = Tone::kPlain) {
  return {name, high, low, bits(raw, high, low), std::move(meaning), tip, tone, false};
}

}  // namespace

std::span<const FieldInfo> eflags_fields() { return kEflags; }
std::span<const FieldInfo> cr0_fields() { return kCr0; }
std::span<const FieldInfo> cr4_fields() { return kCr4; }
std::span<const FieldInfo> dr6_fields() { return kDr6; }
std::span<const FieldInfo> dr7_fields() { return kDr7; }

BitStrip register_strip(const std::string& title, std::uint64_t value, std::span<const FieldInfo> fields, unsigned width) {
  BitStrip strip{title, width, value, {}};
  for (const FieldInfo& info : fields) strip.fields.push_back(field(value, info.name, info.high, info.low, "", info.tip));
  return strip;
}

std::string set_fields(std::uint64_t value, std::span<const FieldInfo> fields) {
  std::string text;
  for (const FieldInfo& info : fields) {
    const std::uint64_t part = bits(value, info.high, info.low);
    if (part == 0) continue;
    text += (text.empty() ? "" : " ") + std::string(info.name);
    if (info.high != info.low) text += "=" + std::to_string(part);
  }
  return text;
}

BitStrip selector_strip(const std::string& title, std::uint16_t selector) {
  BitStrip strip{title, 16, selector, {}};
  const std::uint64_t raw = selector;
  strip.fields = {
      field(raw, "Index", 15, 3, format("entry %u of the table", selector >> 3), "Number of the descriptor; 8 bytes each."),
      field(raw, "TI", 2, 2, (selector & 4) != 0 ? "LDT" : "GDT", "Table indicator: which table the index counts in."),
      field(raw, "RPL", 1, 0, format("ring %u", selector & 3),
            "Requested privilege level: the privilege on whose behalf the selector is used. It can only weaken an access."),
  };
  return strip;
}

BitStrip error_code_strip(Vector vector, std::uint32_t error_code) {
  BitStrip strip{"Error code", 16, error_code, {}};
  const std::uint64_t raw = error_code;
  const auto bit = [&](unsigned n) { return (error_code >> n & 1) != 0; };
  if (vector == Vector::kPF) {
    strip.fields = {
        field(raw, "I/D", 4, 4, bit(4) ? "instruction fetch" : "not a fetch", "Set for a fetch, where execution can be forbidden (EFER.NXE)."),
        field(raw, "RSVD", 3, 3, bit(3) ? "a reserved bit was set in an entry" : "no reserved bit", "An entry of the page tables was malformed."),
        field(raw, "U/S", 2, 2, bit(2) ? "the access came from CPL 3" : "a supervisor access", "Who accessed, not whose page it is."),
        field(raw, "W/R", 1, 1, bit(1) ? "it was a write" : "it was a read or a fetch", "What kind of access."),
        field(raw, "P", 0, 0, bit(0) ? "the page was present: its rights were violated" : "no page was present", "Whether the walk found a page."),
    };
    return strip;
  }
  const auto selector = static_cast<std::uint16_t>(error_code);
  if (error_code == 0) {
    strip.fields = {field(raw, "all", 15, 0, "zero: the fault is about no particular descriptor", "Where a selector is concerned, it stands here.")};
    return strip;
  }
  std::string table = (selector & 2) != 0 ? "IDT" : (selector & 4) != 0 ? "LDT" : "GDT";
  strip.fields = {
      field(raw, "Index", 15, 3, format("entry %u of the %s", selector >> 3, table.c_str()), "Which descriptor or gate the fault is about."),
      field(raw, "TI", 2, 2, (selector & 4) != 0 ? "LDT" : "GDT, unless IDT is set", "Table indicator."),
      field(raw, "IDT", 1, 1, bit(1) ? "the index counts in the IDT" : "not the IDT", "The fault is about a gate of the IDT."),
      field(raw, "EXT", 0, 0, bit(0) ? "met while delivering an event from outside the program" : "caused by the program itself",
            "External event: the fault came up while an interrupt or an earlier exception was delivered."),
  };
  return strip;
}

}  // namespace ringside
