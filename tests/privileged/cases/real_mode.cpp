// Real mode, and what it has in common with virtual-8086 mode.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"
#include "tests/privileged/cases/real_code.h"

namespace privileged {

void set_vectors(uint32_t base, unsigned step) {
  for (unsigned vector = 0; vector < 256; ++vector) {
    put16(kVectors + 4 * vector, base + step * vector);
    put16(kVectors + 4 * vector + 2, 0);
  }
}

void set_handlers() {
  set_vectors(kRealHandlers, 4);
  for (unsigned vector = 0; vector < 256; ++vector) {
    Assembler handler(kRealHandlers + 4 * vector, 16);
    handler.ud2();
  }
}

void addressing(bool v86) {
  static const uint32_t kOffsets[] = {0, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x12345678};
  for (const uint32_t offset : kOffsets) {
    for (unsigned what = 0; what < 12; ++what) {
      const unsigned size = 1u << what % 3, segment = what < 6 ? kDs : kSs;
      const bool write = what / 3 % 2 != 0;
      begin_case();
      note("offset", offset), note("size", size), note("segment", segment), note("write", write);
      State s = v86_state(0);
      if (!v86) s.eflags = 2, s.idt_limit = 0x3FF;
      Assembler code(kRealCode, 16);
      if (write)
        code.store(segment, offset, size);
      else
        code.load(segment, offset, size);
      code.ud2();
      report(v86 ? run(s) : run_real(s));
      end_case();
    }
  }
  for (unsigned what = 0; what < 14; ++what) {
    // In real mode, no handler could be entered on such a stack.
    if (what >= 12 && !v86) continue;
    begin_case();
    note("transfer", what);
    State s = v86_state(3);
    if (!v86) s.eflags = 2, s.idt_limit = 0x3FF;
    s.gpr[kEax] = kRealData >> 4;
    constexpr uint32_t kTarget = (kRealCode >> 4) + 0x10;
    Assembler target(kRealCode + 0x100 + 0x50, 16);
    target.ud2();
    const uint32_t stack = kRealStack + 0xF00;
    Assembler code(kRealCode, 16);
    switch (what) {
      case 0:
        code.jmp_far(kTarget, 0x50, 2);
        break;
      case 1:
        code.jmp_far(kTarget, 0x50, 4);
        break;
      case 2:
        code.call_far(kTarget, 0x50, 2);
        break;
      case 3:
        code.call_far(kTarget, 0x50, 4);
        break;
      case 4:
        code.jmp_far(kTarget, 0x10050, 4);
        break;
      case 5:
        code.call_far(kTarget, 0x10050, 4);
        break;
      case 6:
      case 7:
        s.gpr[kEsp] -= 8;
        put16(stack - 8, 0x50), put16(stack - 6, kTarget);
        code.ret_far(2, what == 6 ? 0 : 4);
        break;
      case 8:
      case 9:
        s.gpr[kEsp] -= 8;
        put32(stack - 8, what == 8 ? 0x50 : 0x10050), put32(stack - 4, kTarget);
        code.ret_far(4);
        break;
      case 10:
        code.mov_to_sreg(kEs);
        break;
      case 11:
        put32(kRealData, 0x00500BAD);
        code.load_far(kGs, 0, 2);
        break;
      case 12:
        s.gpr[kEsp] = 1;
        code.push(4);
        break;
      default:
        s.gpr[kEsp] = 0xFFFF;
        code.pop(2);
        break;
    }
    code.ud2();
    const Outcome& out = v86 ? run(s) : run_real(s);
    report(out);
    report_stack(out);
    field("es", out.at.seg[kEs], 4);
    field("gs", out.at.seg[kGs], 4);
    end_case();
  }
}

void real_mode() {
  set_vectors(kRealStubs, 8);
  const auto state = [] {
    State s = v86_state(0);
    s.eflags = 2;
    s.idt_limit = 0x3FF;
    return s;
  };
  for (unsigned which = 0; which < 33; ++which) {
    begin_case();
    note("which", which);
    State s = state();
    s.gpr[kEax] = 0;
    s.gpr[kEdx] = 0x310;
    s.gpr[kEcx] = 0;
    put32(kRealData, 1), put32(kRealData + 4, 0);
    put16(kRealData + 8, 0x3FF), put32(kRealData + 10, kVectors);
    Assembler code(kRealCode, 16);
    switch (which) {
      case 0:
        code.lar();
        break;
      case 1:
        code.lsl();
        break;
      case 2:
        code.group6(Kind::kVerr);
        break;
      case 3:
        code.group6(Kind::kVerw);
        break;
      case 4:
        code.group6(Kind::kSldt);
        break;
      case 5:
        code.group6(Kind::kStr);
        break;
      case 6:
        code.group6(Kind::kLldt);
        break;
      case 7:
        code.group6(Kind::kLtr);
        break;
      case 8:
        code.arpl();
        break;
      case 9:
        code.lock_nop();
        break;
      case 10:
        code.clts();
        break;
      case 11:
        code.smsw();
        break;
      case 12:
        code.lmsw();
        break;
      case 13:
        code.mov_from_cr(3);
        break;
      case 14:
        code.mov_from_dr(3);
        break;
      case 15:
        code.cli();
        break;
      case 16:
        code.sti();
        break;
      case 17:
        code.pushf(2);
        break;
      case 18:
        code.in(1);
        break;
      case 19:
        code.int_n(kTestVector);
        break;
      case 20:
        code.int3();
        break;
      case 21:
        s.eflags |= kOf;
        code.into();
        break;
      case 22:
        code.bound(0);
        break;
      case 23:
        code.div_ecx();
        break;
      case 24:
        code.too_long();
        break;
      case 25:
        code.group7(Kind::kInvlpg, 0);
        break;
      case 26:
        code.group7(Kind::kSgdt, 0x20);
        break;
      case 27:
        code.group7(Kind::kLidt, 8);
        break;
      case 28:
        code.two(Kind::kRdtsc, 0x31);
        break;
      case 29:
        code.int1();
        break;
      case 30:
        code.mov_from_cr(1);
        break;
      case 31:
        s.gpr[kEcx] = 0x12345678;
        code.rdmsr();
        break;
      default:
        code.fnop();
        break;
    }
    code.ud2();
    const Outcome& out = run_real(s);
    report(out);
    report_stack(out);
    field("f", out.at.eflags & (kIf | kTf | kNt | iopl(3)), 4);
    end_case();
  }
  // The interrupt table's limit counts in real mode as well.
  for (uint32_t limit = 4 * kTestVector - 1; limit < 4 * kTestVector + 5; ++limit) {
    begin_case();
    note("limit", limit);
    State s = state();
    s.idt_limit = limit;
    Assembler code(kRealCode, 16);
    code.int_n(kTestVector);
    code.ud2();
    report(run_real(s));
    end_case();
  }
  // IRET and POPF: all of IF, IOPL and NT are free.
  static const uint32_t kImages[] = {0, kIf, iopl(3), iopl(1) | kIf, kNt, 0x0CD5, 0x7ED5};
  for (const uint32_t image : kImages) {
    for (unsigned how = 0; how < 4; ++how) {
      begin_case();
      note("image", image), note("how", how);
      const unsigned size = (how & 1) != 0 ? 4 : 2;
      State s = state();
      Assembler code(kRealCode, 16);
      if (how < 2) {
        s.gpr[kEsp] -= size;
        put32(kRealStack + s.gpr[kEsp], image);
        code.popf(size);
      } else {
        s.gpr[kEsp] -= 3 * size;
        const uint32_t at = kRealStack + s.gpr[kEsp];
        put16(at, 0x40), put16(at + 2, 0);
        put16(at + size, kRealCode >> 4),
            put16(at + size + (size == 4 ? 2 : 0), size == 4 ? 0 : kRealCode >> 4);
        put16(at + 2 * size, image);
        if (size == 4) put16(at + 2 * size + 2, 0);
        code.iret(size);
        code = Assembler(kRealCode + 0x40, 16);
      }
      code.ud2();
      const Outcome& out = run_real(s);
      report(out);
      report_stack(out);
      field("f", out.at.eflags & 0x7200, 4);
      end_case();
    }
  }
  addressing(false);
  set_handlers();
}

}  // namespace privileged
