// Who may use the privileged instructions, and the fast system calls.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

constexpr unsigned kInstructions = 33;

/// False where the instruction would not come back, or its result is the processor's own affair.
bool put_instruction(Assembler& code, State& s, unsigned which, uint32_t data) {
  put16(data, kGdtLimit);
  put32(data + 2, kGdt);
  put16(data + 8, 0x7FF);
  put32(data + 10, kIdt);
  s.gpr[kEax] = 0;
  s.gpr[kEdx] = 0x310;
  const bool ring0 = (s.eflags & kVm) == 0 && (s.seg[kCs] & 3) == 0;
  switch (which) {
    case 0:
      code.group7(Kind::kLgdt, data);
      break;
    case 1:
      code.group7(Kind::kLidt, data + 8);
      break;
    case 2:
      code.group7(Kind::kSgdt, data + 16);
      break;
    case 3:
      code.group7(Kind::kSidt, data + 16);
      break;
    case 4:
      code.group6(Kind::kLldt);
      break;
    case 5:
      code.group6(Kind::kLtr);
      break;
    case 6:
      code.group6(Kind::kSldt);
      break;
    case 7:
      code.group6(Kind::kStr);
      break;
    case 8:
      code.smsw();
      break;
    case 9:
      code.lmsw();
      break;
    case 10:
      code.clts();
      break;
    case 11:
      // At ring 0 it would lose what the caches have not written.
      if (ring0) return false;
      code.two(Kind::kInvd, 0x08);
      break;
    case 12:
      code.two(Kind::kWbinvd, 0x09);
      break;
    case 13:
      code.group7(Kind::kInvlpg, data);
      break;
    case 14:
      code.mov_from_cr(0);
      break;
    case 15:
      code.mov_from_cr(3);
      break;
    case 16:
      code.mov_to_cr(2);
      break;
    case 17:
      code.mov_from_dr(0);
      break;
    case 18:
      code.mov_to_dr(0);
      break;
    case 19:
      if (ring0) return false;
      code.hlt();
      break;
    case 20:
      code.cli();
      break;
    case 21:
      code.sti();
      break;
    case 22:
      code.pushf();
      break;
    case 23:
      code.in(1);
      break;
    case 24:
      code.out(1);
      break;
    case 25:
      code.lar();
      break;
    case 26:
      code.group6(Kind::kVerr);
      break;
    case 27:
      code.arpl();
      break;
    case 28:
      code.lock_nop();
      break;
    case 29:
      s.gpr[kEax] = 2;
      s.gpr[kEsp] -= 4;
      put32((s.eflags & kVm) != 0 ? kRealStack + s.gpr[kEsp] : s.gpr[kEsp], 2);
      code.popf();
      break;
    case 30:
      code.too_long();
      break;
    case 31:
      code.lsl();
      break;
    default:
      code.int_n(kTestVector);
      break;
  }
  return true;
}

}  // namespace

void privileged_instructions() {
  for (unsigned which = 0; which < kInstructions; ++which) {
    for (unsigned level = 0; level < 4; ++level) {
      for (unsigned mode = 0; mode < 5; ++mode) {
        const bool v86 = mode == 4;
        State s = v86 ? v86_state(level) : start_state(mode);
        s.eflags |= iopl(level);
        Assembler code(v86 ? kRealCode : kCode, v86 ? 16 : 32);
        if (!put_instruction(code, s, which, v86 ? kRealData : kData)) continue;
        code.ud2();
        begin_case();
        note("which", which), note("iopl", level), note("mode", mode);
        if (v86 && (which < 4 || which == 13)) {
          // Memory operands are offsets in DS; they lie at its start.
          code = Assembler(kRealCode, 16);
          static const Kind kKinds[] = {Kind::kLgdt, Kind::kLidt, Kind::kSgdt, Kind::kSidt};
          code.group7(which == 13 ? Kind::kInvlpg : kKinds[which], which == 1 ? 8 : which >= 2 ? 16 : 0);
          code.ud2();
        }
        const Outcome& out = run(s);
        report(out);
        report_flags(out);
        end_case();
      }
    }
  }
  // CR4.TSD and CR4.PCE.
  if ((features() & kFeatureTsc) == 0) return;
  for (unsigned how = 0; how < 10; ++how) {
    const unsigned mode = how >> 1;
    begin_case();
    note("tsd", how & 1), note("mode", mode);
    State s = mode == 4 ? v86_state(3) : start_state(mode);
    s.cr4 = (how & 1) != 0 ? kCr4Tsd : 0;
    Assembler code(mode == 4 ? kRealCode : kCode, mode == 4 ? 16 : 32);
    code.two(Kind::kRdtsc, 0x31);
    code.ud2();
    report(run(s));
    end_case();
  }
}

void fast_calls() {
  if ((features() & kFeatureSep) == 0) return;
  static const uint32_t kSelectors[] = {0, 1, 3, 0x40, 0x43, 0x10040, 0x100, 0xFFFC};
  for (const uint32_t selector : kSelectors) {
    for (unsigned enter = 0; enter < 2; ++enter) {
      for (unsigned mode = 0; mode < 5; ++mode) {
        // What a selector that is no more than 16 bits wide would become is told nowhere.
        if (selector == 0xFFFC && enter == 0) continue;
        begin_case();
        note("cs", selector), note("enter", enter), note("mode", mode);
        write_msr(0x174, selector, 0);
        write_msr(0x175, stack_top(0), 0);
        write_msr(0x176, kLanding, 0);
        State s = mode == 4 ? v86_state(0) : start_state(mode);
        s.eflags |= kIf | iopl(3);
        s.gpr[kEdx] = kLanding;
        s.gpr[kEcx] = stack_top(3);
        Assembler code(mode == 4 ? kRealCode : kCode, mode == 4 ? 16 : 32);
        code.two(enter != 0 ? Kind::kSysenter : Kind::kSysexit, enter != 0 ? 0x34 : 0x35);
        code.ud2();
        const Outcome& out = run(s);
        report(out);
        report_stack(out);
        report_flags(out);
        end_case();
      }
    }
  }
  // Neither exists in real mode, whatever the MSR holds.
  for (unsigned how = 0; how < 4; ++how) {
    begin_case();
    note("real mode, cs", how & 2), note("enter", how & 1);
    write_msr(0x174, (how & 2) != 0 ? 0x40 : 0, 0);
    for (unsigned vector = 0; vector < 256; ++vector) put32(kVectors + 4 * vector, kRealStubs + 8 * vector);
    State s = v86_state(0);
    s.eflags = 2;
    s.idt_limit = 0x3FF;
    Assembler code(kRealCode, 16);
    code.two((how & 1) != 0 ? Kind::kSysenter : Kind::kSysexit, (how & 1) != 0 ? 0x34 : 0x35);
    code.ud2();
    report(run_real(s));
    end_case();
  }
  write_msr(0x174, 0, 0);
}

}  // namespace privileged
