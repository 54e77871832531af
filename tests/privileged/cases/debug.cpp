// Debug registers: breakpoints on data, instructions and ports, and general detect.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/debug.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

void data_breakpoints() {
  for (unsigned length = 1; length <= 4; length *= 2) {
    for (unsigned kind = 1; kind <= 3; kind += 2) {
      for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned offset = 0; offset < 12; ++offset) {
          for (unsigned access = 0; access < 3; ++access) {
            begin_case();
            note("length", length), note("kind", kind), note("size", size), note("offset", offset - 4);
            note("access", access);
            const unsigned n = (offset + size) % 4;
            State s = start_state(0);
            s.dr[n] = kWatched;
            s.dr[7] = dr7_for(n, kind, length, (offset & 1) != 0);
            Assembler code(kCode);
            const uint32_t at = kWatched - 4 + offset;
            if (access == 0)
              code.load(kDs, at, size);
            else if (access == 1)
              code.store(kDs, at, size);
            else
              code.add(kDs, at, size);
            code.nop();
            code.ud2();
            report_debug(run(s));
            end_case();
          }
        }
      }
    }
  }
  // Addresses that are no multiple of the length: the low bits are ignored.
  for (unsigned low = 0; low < 4; ++low) {
    for (unsigned length = 2; length <= 4; length += 2) {
      for (unsigned offset = 0; offset < 8; ++offset) {
        begin_case();
        note("low", low), note("length", length), note("offset", offset);
        State s = start_state(0);
        s.dr[0] = kWatched + low;
        s.dr[7] = dr7_for(0, 3, length);
        Assembler code(kCode);
        code.load(kDs, kWatched + offset, 1);
        code.nop();
        code.ud2();
        report_debug(run(s));
        end_case();
      }
    }
  }
  // Several at once, at every ring, and what the stack's and the far instructions' accesses do.
  for (unsigned how = 0; how < 24; ++how) {
    const unsigned cpl = how & 3, what = how >> 2;
    begin_case();
    note("cpl", cpl), note("what", what);
    State s = start_state(cpl);
    const uint32_t esp = stack_top(cpl);
    s.dr[0] = kWatched, s.dr[1] = kWatched + 2, s.dr[2] = esp - 0x104, s.dr[3] = kWatched + 4;
    s.dr[7] = dr7_for(0, 3, 1) | dr7_for(1, 1, 2) | dr7_for(2, 1, 4) | dr7_for(3, 3, 4);
    Assembler code(kCode);
    switch (what) {
      case 0:
        code.load(kDs, kWatched);
        break;
      case 1:
        code.store(kDs, kWatched);
        break;
      case 2:
        // Far below what the way into the case and out of it writes at ring 0.
        code.mov_imm(kEsp, esp - 0x100);
        code.push();
        break;
      case 3:
        code.pop();
        break;
      case 4:
        code.store(kDs, kWatched + 2, 2);
        break;
      default:
        put32(kWatched, 0x1234);
        put16(kWatched + 4, data32(3));
        code.load_far(kEs, kWatched);
        break;
    }
    code.nop();
    code.ud2();
    report_debug(run(s));
    end_case();
  }
}

void code_breakpoints() {
  for (unsigned n = 0; n < 4; ++n) {
    for (unsigned how = 0; how < 16; ++how) {
      const bool enabled = (how & 1) != 0, global = (how & 2) != 0, resume = (how & 4) != 0,
                 ring3 = (how & 8) != 0;
      for (unsigned where = 0; where < 3; ++where) {
        begin_case();
        note("n", n), note("enabled", enabled), note("global", global), note("rf", resume),
            note("ring3", ring3);
        note("where", where);
        State s = start_state(ring3 ? 3 : 0);
        // At the first instruction, at the second, inside the third.
        const uint32_t at[] = {kCode, kCode + 1, kCode + 3};
        s.dr[n] = at[where];
        s.dr[7] = enabled ? dr7_for(n, 0, 1, global) : 0x400;
        if (resume) s.eflags |= kRf;
        Assembler code(kCode);
        code.nop();
        code.nop();
        code.mov_imm(kEbx, 5);
        code.ud2();
        const Outcome& out = run(s);
        report_debug(out);
        // An instruction breakpoint leaves RF in the image as it was; the fault of UD2 sets it.
        field("rf", out.at.eflags >> 16 & 1, 1);
        end_case();
      }
    }
  }
  // A breakpoint on an instruction that faults comes first; with RF, the fault comes alone.
  for (unsigned resume = 0; resume < 2; ++resume) {
    begin_case();
    note("breakpoint on UD2, rf", resume);
    State s = start_state(0);
    s.dr[0] = kCode;
    s.dr[7] = dr7_for(0, 0, 1);
    if (resume != 0) s.eflags |= kRf;
    Assembler code(kCode);
    code.ud2();
    report_debug(run(s));
    end_case();
  }
}

void port_breakpoints() {
  if ((features() & kFeatureDe) == 0) return;
  constexpr uint32_t kPort = 0x310;
  for (unsigned enabled = 0; enabled < 2; ++enabled) {
    for (unsigned length = 1; length <= 4; length *= 2) {
      for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned offset = 0; offset < 12; ++offset) {
          // Without CR4.DE the encoding is undefined; only that nothing happens when it is not enabled is
          // told.
          if (enabled == 0 && offset != 4) continue;
          begin_case();
          note("enabled", enabled), note("length", length), note("size", size), note("offset", offset - 4);
          State s = start_state(0);
          s.cr4 = kCr4De;
          s.dr[1] = kPort;
          s.dr[7] = enabled != 0 ? dr7_for(1, 2, length) : 0x400;
          s.gpr[kEdx] = kPort - 4 + offset;
          Assembler code(kCode);
          if ((offset & 1) != 0)
            code.out(size);
          else
            code.in(size);
          code.nop();
          code.ud2();
          report_debug(run(s));
          end_case();
        }
      }
    }
  }
}

void general_detect() {
  for (unsigned n = 0; n < 8; ++n) {
    for (unsigned how = 0; how < 8; ++how) {
      const bool write = (how & 1) != 0, de = (how & 2) != 0;
      const unsigned cpl = (how & 4) != 0 ? 3 : 0;
      if (de && (features() & kFeatureDe) == 0) continue;
      // DR4 and DR5 with DE at CPL 3: both #UD and #GP apply.
      if (cpl == 3 && de) continue;
      begin_case();
      note("dr", n), note("write", write), note("de", de), note("cpl", cpl);
      State s = start_state(cpl);
      s.cr4 = de ? kCr4De : 0;
      // At CPL 3 there is nothing to detect, and the kernel could not read its registers afterwards.
      s.dr[7] = cpl == 0 && (n < 4 || n > 5 || !de) ? 0x2400 : 0x400;
      s.gpr[kEax] = 0x400;
      Assembler code(kCode);
      if (write)
        code.mov_to_dr(n);
      else
        code.mov_from_dr(n);
      code.ud2();
      const Outcome& out = run(s);
      report_debug(out);
      field("gd", out.at.dr[7] >> 13 & 1, 1);
      end_case();
    }
  }
}

}  // namespace

void debug_registers() {
  data_breakpoints();
  code_breakpoints();
  port_breakpoints();
  general_detect();
  single_steps();
  resume_images();
}

}  // namespace privileged
