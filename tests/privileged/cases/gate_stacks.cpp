// The stack that a gate to an inner ring takes from the TSS.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"
#include "tests/privileged/cases/task_state.h"

namespace privileged {

void gate_stacks() {
  // Ring 1 is the target, so that ring 0 keeps a good stack for the handlers.
  const auto into_ring1 = [](bool by_int, bool is32, unsigned count) {
    const unsigned size_bit = is32 ? 8 : 0;
    put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, 0xBB, kBig);
    put_gate(descriptor_at(kTest + 16), kCall16 | size_bit | kPresentBit | dpl_bits(3), kTest + 8,
             kLanding & 0xFFFF, count);
    put_gate(kIdt + 8 * kTestVector, kInt16 | size_bit | kPresentBit | dpl_bits(3), kTest + 8,
             kLanding & 0xFFFF, 0);
    Assembler code(kCode);
    if (by_int)
      code.int_n(kTestVector);
    else
      code.call_far(kTest + 16, 0);
    code.ud2();
  };
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned how = 0; how < 64; ++how) {
      const unsigned dpl = how & 3, rpl = how >> 2 & 3;
      const bool absent = (how & 16) != 0, by_int = (how & 32) != 0;
      if (type < 16 && (dpl != 1 || absent)) continue;
      begin_case();
      note("type", type), note("dpl", dpl), note("rpl", rpl), note("absent", absent), note("int", by_int);
      put_segment(descriptor_at(kTest), 0, 0xFFFFF, type | dpl_bits(dpl) | (absent ? 0 : kPresentBit),
                  kGranular | kBig);
      put32(kMainTss + 0x10, kTest | rpl);
      into_ring1(by_int, true, 0);
      const Outcome& out = run(start_state(3));
      report(out);
      report_stack(out);
      // Whether a stack that turns out too small has been marked accessed before is the processor's affair.
      field("a", access_of(kTest) | (out.vector != 6 ? 1 : 0), 2);
      end_case();
    }
  }
  static const uint32_t kSelectors[] = {0, 1, 3, 4, 5, 0x1001, 0x85, 0xFFF9, 0xFFFD};
  for (const uint32_t selector : kSelectors) {
    for (unsigned by_int = 0; by_int < 2; ++by_int) {
      begin_case();
      note("selector", selector), note("int", by_int);
      put32(kMainTss + 0x10, selector);
      into_ring1(by_int != 0, true, 0);
      const Outcome& out = run(start_state(3));
      report(out);
      report_stack(out);
      end_case();
    }
  }
  // Room on the new stack: limits around what is pushed, both directions, both sizes.
  for (unsigned how = 0; how < 16; ++how) {
    const bool down = (how & 1) != 0, by_int = (how & 2) != 0, is32 = (how & 4) != 0;
    const unsigned count = (how & 8) != 0 ? 3 : 0;
    if (by_int && count != 0) continue;
    const uint32_t need = (is32 ? 4u : 2u) * (by_int ? 5 : 4 + count);
    for (uint32_t delta = 0; delta < 4; ++delta) {
      begin_case();
      note("down", down), note("int", by_int), note("is32", is32), note("count", count), note("delta", delta);
      uint32_t esp = 0x800;
      if (down) {
        put_segment(descriptor_at(kTest), kStacks + 0x1000, esp - need - 3 + delta, 0xB7, kBig);
      } else {
        esp = need - 2 + delta;
        put_segment(descriptor_at(kTest), kStacks + 0x1000, 0xFFF, 0xB3, kBig);
      }
      put32(kMainTss + 0x0C, esp);
      put32(kMainTss + 0x10, kTest | 1);
      into_ring1(by_int, is32, count);
      const Outcome& out = run(start_state(3));
      report(out);
      report_stack(out);
      end_case();
    }
  }
  // The TSS's own limit, and a stack of 16 bits.
  put32(kMainTss + 0x0C, stack_top(1));
  put32(kMainTss + 0x10, data32(1));
  for (unsigned how = 0; how < 16; ++how) {
    const bool by_int = (how & 1) != 0, is16 = (how & 2) != 0;
    const unsigned delta = how >> 2;
    begin_case();
    note("int", by_int), note("16-bit TSS", is16), note("delta", delta);
    Task task = task_of(!is16);
    put_task(task);
    // The limits end at the last bytes of SS1. A TSS may be as short as one likes for LTR.
    put_segment(descriptor_at(kTaskASelector), kTaskA, (is16 ? 9u : 0x11u) - 1 + delta, is16 ? 0x81 : 0x89,
                0);
    put_segment(descriptor_at(kTest + 24), 0, 0xFFFFF, 0xFB, kGranular | kBig);
    State s = start_state(0);
    s.gpr[kEax] = kTaskASelector;
    into_ring1(by_int, true, 0);
    // Ring 0 loads the TSS, then goes out to ring 3, whose code calls the gate.
    Assembler outer(kCode + 0x800);
    if (by_int)
      outer.int_n(kTestVector);
    else
      outer.call_far(kTest + 16, 0);
    outer.ud2();
    Assembler code(kCode);
    code.group6(Kind::kLtr);
    code.iret();
    s.gpr[kEsp] -= 20;
    put32(s.gpr[kEsp], kCode + 0x800);
    put32(s.gpr[kEsp] + 4, code32(3));
    put32(s.gpr[kEsp] + 8, 2);
    put32(s.gpr[kEsp] + 12, stack_top(3));
    put32(s.gpr[kEsp] + 16, data32(3));
    const Outcome& out = run(s);
    report(out);
    report_stack(out);
    end_case();
  }
}

}  // namespace privileged
