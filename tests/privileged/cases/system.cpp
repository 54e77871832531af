// Control, debug, model-specific and table registers, and their reserved bits.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

void map_low() {
  for (uint32_t i = 0; i < 0x2000; i += 4) put32(kPageTables + i, 0);
  put32(kPageTables, (kPageTables + 0x1000) | 7);
  for (uint32_t page = 0; page < 1024; ++page) put32(kPageTables + 0x1000 + 4 * page, page << 12 | 7);
}

/// MOV to a control register, and what can be read back from it.
void write_cr(unsigned n, uint32_t value, uint32_t shown) {
  State s = start_state(0);
  s.cr3 = kPageTables;
  s.gpr[kEax] = value;
  Assembler code(kCode);
  code.mov_to_cr(n);
  code.mov_from_cr(n);
  code.ud2();
  const Outcome& out = run(s);
  report(out);
  if (out.at.eip != kCode) field("read", out.at.gpr[kEax] & shown, 8);
}

constexpr unsigned kCr4Bits = 11;  ///< up to OSXMMEXCPT

void control_registers() {
  map_low();
  for (unsigned bit = 1; bit < 32; ++bit) {
    if (bit == 29) continue;
    begin_case();
    note("cr0 bit", bit);
    write_cr(0, kPe | 1u << bit, ~kEt);
    end_case();
  }
  // Bits that have come since are tried at the end, with other values that are refused.
  for (unsigned bit = 0; bit < kCr4Bits; ++bit) {
    begin_case();
    note("cr4 bit", bit);
    write_cr(4, 1u << bit, ~0u);
    end_case();
  }
  for (unsigned bit = 12; bit < 32; ++bit) {
    begin_case();
    note("cr3 bit", bit);
    write_cr(3, 1u << bit, ~0u);
    end_case();
  }
  static const uint32_t kValues[] = {0, ~0u, 0x12345678};
  for (const uint32_t value : kValues) {
    begin_case();
    note("cr2", value);
    write_cr(2, value, ~0u);
    end_case();
  }
  for (unsigned n = 0; n < 8; ++n) {
    for (unsigned write = 0; write < 2; ++write) {
      for (unsigned cpl = 0; cpl < 4; ++cpl) {
        // Of a register that does not exist, at an outer ring, #UD and #GP are both true.
        const bool exists = n == 0 || (n >= 2 && n <= 4);
        if ((!exists && cpl != 0) || (write != 0 && cpl == 0 && exists)) continue;
        begin_case();
        note("cr", n), note("write", write), note("cpl", cpl);
        State s = start_state(cpl);
        s.gpr[kEax] = kPe;
        Assembler code(kCode);
        if (write != 0)
          code.mov_to_cr(n);
        else
          code.mov_from_cr(n);
        code.ud2();
        report(run(s));
        end_case();
      }
    }
  }
}

void machine_status_word() {
  for (unsigned bits = 0; bits < 16; ++bits) {
    for (unsigned before = 0; before < 16; before += 2) {
      begin_case();
      note("lmsw", bits), note("before", before);
      State s = start_state(0);
      s.cr0 |= before;
      s.gpr[kEax] = 0xFFF0 | bits;
      Assembler code(kCode);
      code.lmsw();
      code.smsw();
      code.ud2();
      const Outcome& out = run(s);
      report(out);
      field("msw", out.at.gpr[kEax] & 0xFFEF, 4);
      end_case();
    }
  }
}

void debug_register_bits() {
  static const uint32_t kValues[] = {0, ~0u, 0x00FF00FF, 0xFF00D0AA};
  for (unsigned n = 0; n < 8; ++n) {
    for (const uint32_t value : kValues) {
      for (unsigned de = 0; de < ((features() & kFeatureDe) != 0 ? 2u : 1u); ++de) {
        begin_case();
        note("dr", n), note("value", value), note("de", de);
        State s = start_state(0);
        s.cr4 = de != 0 ? kCr4De : 0;
        // GD would stop the reading, and the breakpoints must not hit anything.
        s.gpr[kEax] = n == 7 || n == 5 ? value & ~0x2000u & 0xFFFF00FF : value;
        for (unsigned i = 0; i < 4; ++i) s.dr[i] = kData + 0x800;
        Assembler code(kCode);
        code.mov_to_dr(n);
        code.mov_from_dr(n);
        code.ud2();
        const Outcome& out = run(s);
        report(out);
        // DR6's bits 12 and 16 and above that have got a meaning since are left out.
        const uint32_t shown = n == 6 || n == 4 ? 0x0000E7FF : ~0u;
        if (out.at.eip != kCode) field("read", out.at.gpr[kEax] & shown, 8);
        end_case();
      }
    }
  }
}

/// Values that an MTRR must not have, and one that can only be read (IA32_MTRRCAP).
void refused_msr_values() {
  static constexpr struct {
    uint32_t index, low, high;
  } kWrites[] = {{0xFE, 0x508, 0},     {0x2FF, 2, 0},       {0x2FF, 7, 0},          {0x2FF, 0x100, 0}, {0x2FF, 0x1000, 0},
                 {0x2FF, 0, 1},        {0x250, 2, 0},       {0x250, 0x03000000, 0}, {0x268, 0, 7},     {0x200, 2, 0},
                 {0x200, 0x106, 0},    {0x200, 0, 0x10000}, {0x201, 1, 0},          {0x201, 0, 0x80000000}};
  for (const auto& write : kWrites) {
    begin_case();
    note("msr", write.index), note("low", write.low), note("high", write.high);
    State s = start_state(0);
    s.gpr[kEcx] = write.index;
    s.gpr[kEax] = write.low;
    s.gpr[kEdx] = write.high;
    Assembler code(kCode);
    code.wrmsr();
    code.ud2();
    report(run(s));
    end_case();
  }
}

void performance_counters() {
  // They came with the Pentium Pro and with MMX.
  if ((features() & (kFeatureSep | kFeatureMmx)) == 0) return;
  for (unsigned how = 0; how < 20; ++how) {
    const unsigned mode = how >> 2;
    begin_case();
    note("pce", how & 1), note("index", how & 2), note("mode", mode);
    State s = mode == 4 ? v86_state(3) : start_state(mode);
    s.cr4 = (how & 1) != 0 ? kCr4Pce : 0;
    s.gpr[kEcx] = (how & 2) != 0 ? 0x1000 : 0;
    Assembler code(mode == 4 ? kRealCode : kCode, mode == 4 ? 16 : 32);
    code.two(Kind::kRdpmc, 0x33);
    code.ud2();
    report(run(s));
    end_case();
  }
}

void model_specific_registers() {
  if ((features() & kFeatureMsr) == 0) return;
  static const uint32_t kUnknown[] = {0x12345678, 0x4FFFFFFF, 0xDEADBEEF, 0x00007FFF, 0xFFFFFFFF};
  for (const uint32_t index : kUnknown) {
    for (unsigned how = 0; how < 8; ++how) {
      begin_case();
      note("msr", index), note("write", how & 1), note("cpl", how >> 1);
      State s = start_state(how >> 1);
      s.gpr[kEcx] = index;
      Assembler code(kCode);
      if ((how & 1) != 0)
        code.wrmsr();
      else
        code.rdmsr();
      code.ud2();
      report(run(s));
      end_case();
    }
  }
  if ((features() & kFeatureMtrr) != 0) refused_msr_values();
  if ((features() & kFeatureSep) == 0) return;
  for (uint32_t index = 0x174; index <= 0x176; ++index) {
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      begin_case();
      note("msr", index), note("cpl", cpl);
      write_msr(index, 0x40, 0);
      State s = start_state(cpl);
      s.gpr[kEcx] = index;
      s.gpr[kEax] = 0x8088;
      s.gpr[kEdx] = 0;
      Assembler code(kCode);
      code.wrmsr();
      code.mov_imm(kEax, 0);
      code.rdmsr();
      code.ud2();
      const Outcome& out = run(s);
      report(out);
      if (cpl == 0) field("eax", out.at.gpr[kEax], 8);
      end_case();
    }
  }
}

void table_registers() {
  for (unsigned what = 0; what < 4; ++what) {
    static const uint32_t kLimits[] = {0xFFF, 0xFFFF, 0xABCD};
    for (const uint32_t limit : kLimits) {
      for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        begin_case();
        note("what", what), note("limit", limit), note("cpl", cpl);
        const bool gdt = (what & 1) == 0;
        put16(kData, limit);
        put32(kData + 2, gdt ? kGdt : kIdt);
        put32(kData + 8, 0), put32(kData + 12, 0);
        State s = start_state(cpl);
        Assembler code(kCode);
        if (what < 2) code.group7(gdt ? Kind::kLgdt : Kind::kLidt, kData);
        code.group7(gdt ? Kind::kSgdt : Kind::kSidt, kData + 8);
        code.ud2();
        report(run(s));
        field("limit", get16(kData + 8), 4);
        field("base", get32(kData + 10), 8);
        end_case();
      }
    }
  }
}

/// Instructions that not everybody may execute.

}  // namespace

void system_registers() {
  control_registers();
  machine_status_word();
  performance_counters();
  debug_register_bits();
  model_specific_registers();
  table_registers();
}

/// Combinations in CR0, most of which are refused, and reserved bits of CR4.
void refused_values() {
  map_low();
  // Leaving protected mode is not for here.
  for (unsigned bits = 0; bits < 16; ++bits) {
    const uint32_t value = ((bits & 1) != 0 ? kPe : 0) | ((bits & 2) != 0 ? kPg : 0) |
                           ((bits & 4) != 0 ? kNw : 0) | ((bits & 8) != 0 ? kCd : 0);
    const bool refused = (bits & 3) == 2 || (bits & 12) == 4;
    if ((bits & 1) == 0 && !refused) continue;
    begin_case();
    note("cr0", value);
    write_cr(0, value, ~kEt);
    end_case();
  }
  for (unsigned bit = kCr4Bits; bit < 32; ++bit) {
    begin_case();
    note("cr4 bit", bit);
    write_cr(4, 1u << bit, ~0u);
    end_case();
  }
}

}  // namespace privileged
