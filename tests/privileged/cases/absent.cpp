// What is not there: no LDT, a TSS too short to hold the redirection map or the old task, a new task without an LDT or
// without a stack for the handler of its first fault.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

/// Every instruction that may be given a selector with TI = 1, after LLDT with a null selector.
void no_local_table() {
  for (unsigned which = 0; which < 12; ++which) {
    for (uint32_t selector = 0x0C; selector < 0x10; ++selector) {
      begin_case();
      note("no LDT", which), note("selector", selector);
      put_segment(descriptor_at(0x0C), 0, 0xFFFFF, which == 3 || which == 4 ? 0x9B : 0x93, kGranular | kBig);
      State s = start_state(0);
      Assembler code(kCode);
      code.mov_imm(kEax, 0);
      code.group6(Kind::kLldt);
      code.mov_imm(kEax, selector);
      put32(kData, 0x1234), put16(kData + 4, selector);
      put16(kMainTss + 0x54, 0);
      switch (which) {
        case 0:
          code.mov_to_sreg(kEs);
          break;
        case 1:
          code.mov_to_sreg(kSs);
          break;
        case 2:
          code.load_far(kGs, kData);
          break;
        case 3:
          code.jmp_far(selector, kLanding);
          break;
        case 4:
          code.call_far(selector, kLanding);
          break;
        case 5:
          code.lar();
          break;
        case 6:
          code.lsl();
          break;
        case 7:
          code.group6(Kind::kVerr);
          break;
        case 8:
          code.group6(Kind::kVerw);
          break;
        case 9:
          code.push();
          code.pop_sreg(kFs);
          break;
        case 10:
          put_gate(kIdt + 8 * kTestVector, 0xEE, selector, kLanding, 0);
          code.int_n(kTestVector);
          break;
        default:
          put_gate(descriptor_at(kTest), 0x80 | kCall32, selector, kLanding, 0);
          code.call_far(kTest, 0);
          break;
      }
      code.ud2();
      const Outcome& out = run(s);
      gate_to_stub(kTestVector);
      report(out);
      report_stack(out);
      field("zf", out.at.eflags >> 6 & 1, 1);
      end_case();
    }
  }
}

/// With CR4.VME, INT n in virtual-8086 mode asks a map in the TSS.
void no_redirection_map() {
  if ((features() & kFeatureVme) == 0) return;
  static const uint32_t kBases[] = {0x88, 0x1000, 0x2200, 0xFFFF};
  for (const uint32_t base : kBases) {
    for (unsigned short_tss = 0; short_tss < 2; ++short_tss) {
      for (unsigned level = 0; level < 4; level += 3) {
        begin_case();
        note("map", base), note("short", short_tss), note("iopl", level);
        if (short_tss != 0) put_segment(kGdt + kMainTssSelector, kMainTss, 0x67, 0x89, 0);
        const uint32_t map = get32(kMainTss + 0x64);
        put16(kMainTss + 0x66, base);
        State s = v86_state(level);
        s.cr4 = kCr4Vme;
        Assembler code(kRealCode, 16);
        code.int_n(kTestVector);
        code.ud2();
        const Outcome& out = run(s);
        put_segment(kGdt + kMainTssSelector, kMainTss, kMainTssLimit, 0x89, 0);
        put32(kMainTss + 0x64, map);
        report(out);
        report_stack(out);
        end_case();
      }
    }
  }
}

void put_task(uint32_t ss, uint32_t ldt) {
  for (uint32_t i = 0; i < 0x68; i += 4) put32(kTaskA + i, 0);
  put32(kTaskA + 0x20, kTaskCode);
  put32(kTaskA + 0x24, 2);
  put32(kTaskA + 0x38, kTaskStack + 0xF00);
  for (unsigned i = 0; i < 6; ++i) put32(kTaskA + 0x48 + 4 * i, i == kCs ? code32(0) : i == kSs ? ss : data32(0));
  put32(kTaskA + 0x60, ldt);
  put_segment(descriptor_at(kTaskASelector), kTaskA, 0x67, 0x89, 0);
}

void go_to_task(unsigned how, Assembler& code) {
  if (how == 0) {
    code.jmp_far(kTaskASelector, 0);
  } else if (how == 1) {
    code.call_far(kTaskASelector, 0);
  } else {
    put_gate(kIdt + 8 * kTestVector, 0xE5, kTaskASelector, 0, 0);
    code.int_n(kTestVector);
  }
  code.ud2();
}

void bad_tasks() {
  // The LDT of the new task: in the LDT itself, absent, beyond the GDT, of another type, null.
  static const uint32_t kTables[] = {kTest, kTest | 4, 0x84, 0x1000, kTest + 8, kTest + 16, 3, 0};
  put_segment(descriptor_at(kTest), kLdt, kLdtLimit, 0x82, 0);
  put_segment(descriptor_at(kTest + 8), kLdt, kLdtLimit, 0x02, 0);
  put_segment(descriptor_at(kTest + 16), 0, 0xFFFFF, 0x93, kGranular | kBig);
  for (unsigned how = 0; how < 3; ++how) {
    for (const uint32_t table : kTables) {
      begin_case();
      note("how", how), note("ldt", table);
      put_task(data32(0), table);
      State s = start_state(0);
      Assembler code(kCode);
      go_to_task(how, code);
      gate_to_fault_task(10);
      const Outcome& out = run(s);
      gate_to_stub(10), gate_to_stub(kTestVector);
      report(out);
      field("tr", out.tr, 4);
      end_case();
    }
  }
  // A task without a stack: the handler of #TS has nowhere to push, so that #SS follows and makes it #DF.
  static const uint32_t kStackSelectors[] = {0, 3, 0x1000, kTest + 24, kTest | 1};
  put_segment(descriptor_at(kTest + 24), 0, 0xFFFFF, 0x13, kGranular | kBig);
  for (unsigned how = 0; how < 3; ++how) {
    for (const uint32_t selector : kStackSelectors) {
      begin_case();
      note("how", how), note("ss", selector);
      put_task(selector, 0);
      State s = start_state(0);
      Assembler code(kCode);
      go_to_task(how, code);
      const Outcome& out = run(s);
      gate_to_stub(kTestVector);
      report(out);
      field("tr", out.tr, 4);
      end_case();
    }
  }
}

/// The present task cannot be saved: its TSS has been given a limit that is far too small.
void short_old_task() {
  for (unsigned how = 0; how < 3; ++how) {
    for (unsigned kind = 0; kind < 2; ++kind) {
      begin_case();
      note("how", how), note("short", kind);
      put_task(data32(0), 0);
      put_segment(kGdt + kMainTssSelector, kMainTss, kind == 0 ? 0x1F : 0x67, 0x89, 0);
      State s = start_state(0);
      Assembler code(kCode);
      go_to_task(how, code);
      const Outcome& out = run(s);
      put_segment(kGdt + kMainTssSelector, kMainTss, kMainTssLimit, 0x89, 0);
      gate_to_stub(kTestVector);
      report(out);
      field("tr", out.tr, 4);
      end_case();
    }
  }
}

}  // namespace

void absent_tables() {
  no_local_table();
  no_redirection_map();
  bad_tasks();
  short_old_task();
}

}  // namespace privileged
