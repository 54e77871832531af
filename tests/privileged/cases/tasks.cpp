// Task switches: every way into every kind of task, what they leave in both TSSs, and what goes wrong before
// and after the point of no return.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"
#include "tests/privileged/cases/task_state.h"

namespace privileged {
namespace {

enum Way : unsigned {
  kJmpTss,
  kCallTss,
  kJmpGate,
  kCallGate,
  kIntGate,
  kFaultGate,
  kErrorGate,
  kReturn,
  kWays
};

/// The code that goes to `selector` in the given way. For kReturn the main TSS links to it, and NT is set.
void prepare(Way way, uint32_t selector, State& s, bool release = true) {
  Assembler code(kCode);
  put32(kData, 0), put32(kData + 4, 0);
  put_gate(descriptor_at(kTest), kTaskGate | kPresentBit | dpl_bits(3), selector, 0, 0);
  switch (way) {
    case kJmpTss:
      code.jmp_far(selector, 0xDEAD);
      break;
    case kCallTss:
      code.call_far(selector, 0xDEAD);
      break;
    case kJmpGate:
      code.jmp_far(kTest, 0xDEAD);
      break;
    case kCallGate:
      code.call_far(kTest, 0xDEAD);
      break;
    case kIntGate:
      put_gate(kIdt + 8 * kTestVector, kTaskGate | kPresentBit | dpl_bits(3), selector, 0, 0);
      code.int_n(kTestVector);
      break;
    case kFaultGate:
      put_gate(kIdt + 8 * 5, kTaskGate | kPresentBit, selector, 0, 0);
      s.gpr[kEax] = 1;
      code.bound(kData);
      break;
    case kErrorGate:
      put_gate(kIdt + 8 * 13, kTaskGate | kPresentBit, selector, 0, 0);
      s.gpr[kEax] = 0x1234;  // beyond the GDT
      code.mov_to_sreg(kDs);
      break;
    default:
      put16(kMainTss, selector);
      s.eflags |= kNt;
      code.iret();
      break;
  }
  if (release) code.ud2();
}

void restore_gates(bool task_gates = false) {
  gate_to_stub(5);
  if (task_gates)
    gate_to_fault_task(13);
  else
    gate_to_stub(13);
}

void report_switch(const Outcome& out, const Task& task) {
  report(out);
  report_flags(out);
  field("tr", out.tr, 4);
  field("ldt", out.ldtr, 4);
  field("main", out.main_tss_access, 2);
  field("new", access_of(kTaskASelector), 2);
  field("link", get16(task.base), 4);
  field("saved", get32(kMainTss + 0x24) & (kNt | kIf | iopl(3)), 4);
  hex(get32(kMainTss + 0x20) & 0xFFFF, 4);
  field("ts", out.at.cr0 & kTs, 1);
}

/// Each way into tasks of both sizes, from ring 0 and 3, available and busy.
void ways() {
  for (unsigned way = 0; way < kWays; ++way) {
    for (unsigned how = 0; how < 64; ++how) {
      const bool is32 = (how & 1) == 0, busy = (how & 2) != 0, absent = (how & 12) == 4;
      const unsigned cpl = (how & 16) != 0 ? 3 : 0, dpl = (how & 32) != 0 ? 3 : 0;
      if ((how & 12) > 4) continue;
      begin_case();
      note("way", way), note("is32", is32), note("busy", busy), note("absent", absent), note("cpl", cpl);
      note("dpl", dpl);
      Task task = task_of(is32);
      put_task(task);
      for (uint32_t i = 0x20; i < 0x60; i += 4) put32(kMainTss + i, 0);
      put_segment(descriptor_at(kTaskASelector), kTaskA, is32 ? 0x67 : 0x2B,
                  (is32 ? kTss32 : kTss16) | (busy ? 2 : 0) | dpl_bits(dpl) | (absent ? 0 : kPresentBit), 0);
      State s = start_state(cpl);
      s.eflags |= kIf;
      prepare(static_cast<Way>(way), kTaskASelector, s);
      const Outcome& out = run(s);
      restore_gates();
      report_switch(out, task);
      if (out.tr == kTaskASelector) {
        field("sp", out.at.gpr[kEsp] & 0xFFFF, 4);
        field("ax", out.at.gpr[kEax] & 0xFFFF, 4);
        if (static_cast<Way>(way) == kErrorGate) field("e", get16(kTaskStack + 0xF00 - (is32 ? 4 : 2)), 4);
      }
      end_case();
    }
  }
}

/// Every type in place of the TSS, and selectors that lead nowhere.
void wrong_descriptors() {
  for (unsigned way = 0; way < kWays; ++way) {
    for (unsigned type = 0; type < 32; ++type) {
      // Gates and code named directly are other groups' matter.
      if (way <= kCallTss && (type == kCall16 || type == kCall32 || type == kTaskGate || type >= 24))
        continue;
      if ((type & 0x15) == 1) continue;
      begin_case();
      note("way", way), note("type", type);
      put_segment(descriptor_at(kTest + 8), kTaskA, 0x67, type | kPresentBit, 0);
      put_task(task_of(true));
      State s = start_state(0);
      prepare(static_cast<Way>(way), kTest + 8, s);
      const Outcome& out = run(s);
      restore_gates();
      report(out);
      end_case();
    }
    static const uint32_t kSelectors[] = {0, 3, 4, 7, 0x1000, 0x84, 0x0C, 0xFFFC, kTaskASelector | 3};
    put_segment(descriptor_at(0x0C), kTaskA, 0x67, 0x80 | (way == kReturn ? kTss32Busy : kTss32), 0);
    for (const uint32_t selector : kSelectors) {
      begin_case();
      note("way", way), note("selector", selector);
      put_task(task_of(true));
      put_segment(descriptor_at(kTaskASelector), kTaskA, 0x67, way == kReturn ? 0x8B : 0x89, 0);
      State s = start_state(0);
      prepare(static_cast<Way>(way), selector, s);
      const Outcome& out = run(s);
      restore_gates();
      report(out);
      field("tr", out.tr, 4);
      end_case();
    }
    // The least limit of either kind.
    for (unsigned how = 0; how < 6; ++how) {
      const bool is32 = how < 3;
      const uint32_t limit = (is32 ? 0x67u : 0x2Bu) - 1 + how % 3;
      begin_case();
      note("way", way), note("is32", is32), note("limit", limit);
      put_task(task_of(is32));
      put_segment(descriptor_at(kTaskASelector), kTaskA, limit,
                  0x80 | (is32 ? kTss32 : kTss16) | (way == kReturn ? 2 : 0), 0);
      State s = start_state(0);
      prepare(static_cast<Way>(way), kTaskASelector, s);
      const Outcome& out = run(s);
      restore_gates();
      report(out);
      field("tr", out.tr, 4);
      field("main", out.main_tss_access, 2);
      end_case();
    }
  }
  // Privilege: DPL of gate and TSS against CPL and RPL.
  for (unsigned how = 0; how < 256; ++how) {
    const unsigned cpl = how & 3, rpl = how >> 2 & 3, dpl = how >> 4 & 3;
    const Way way = static_cast<Way>(how >> 6);
    begin_case();
    note("way", way), note("cpl", cpl), note("rpl", rpl), note("dpl", dpl);
    put_task(task_of(true));
    put_segment(descriptor_at(kTaskASelector), kTaskA, 0x67, 0x89 | (way <= kCallTss ? dpl_bits(dpl) : 0), 0);
    State s = start_state(cpl);
    prepare(way, kTaskASelector | (way <= kCallTss ? rpl : 0), s);
    if (way > kCallTss) {
      put_gate(descriptor_at(kTest), kTaskGate | kPresentBit | dpl_bits(dpl), kTaskASelector, 0, 0);
      Assembler code(kCode);
      if (way == kJmpGate)
        code.jmp_far(kTest | rpl, 0);
      else
        code.call_far(kTest | rpl, 0);
      code.ud2();
    }
    const Outcome& out = run(s);
    report(out);
    field("tr", out.tr, 4);
    end_case();
  }
}

/// One thing wrong in the new task's state. The exceptions that tell have tasks of their own, because the new
/// task may have no stack for a handler.
void bad_states() {
  for (unsigned vector = 10; vector < 14; ++vector) gate_to_fault_task(vector);
  static const Way kSome[] = {kJmpTss, kCallGate, kIntGate, kFaultGate, kReturn};
  for (const Way way : kSome) {
    for (unsigned is16 = 0; is16 < 2; ++is16) {
      for (unsigned defect = 0; defect < 112; ++defect) {
        const bool is32 = is16 == 0;
        Task task = task_of(is32);
        const uint32_t base = is32 ? 0 : kCode, stack_base = is32 ? 0 : kStacks;
        uint32_t limit = is32 ? 0xFFFFF : 0xFFFF;
        unsigned flags = is32 ? kGranular | kBig : 0u;
        const unsigned which = defect / 16, value = defect % 16;
        uint32_t selector = kTest + 16;
        uint32_t at_base = 0;
        unsigned access = 0x93;
        if (which < 2) {
          // CS: types, then selectors and rights.
          at_base = base;
          task.seg[kCs] = selector;
          access = which == 0 ? 0x90 | value : 0x9B;
        } else if (which < 4) {
          at_base = stack_base;
          task.seg[kSs] = selector;
          access = which == 2 ? 0x90 | value : 0x93;
        } else if (which < 6) {
          task.seg[is32 ? kGs : kDs] = selector;
          access = which == 4 ? 0x90 | value : 0x93;
        } else {
          task.ldt = selector;
          access = 0x80 | value;
        }
        if ((which & 1) != 0) {
          // An odd group: the right type, but what a selector or its rights can get wrong.
          static const uint32_t kOdd[] = {0, 4, 0x84, 0x1000, 1, 2, 3};
          uint32_t* const slot = which == 1   ? &task.seg[kCs]
                                 : which == 3 ? &task.seg[kSs]
                                              : &task.seg[is32 ? kGs : kDs];
          if (value < 4)
            *slot = kOdd[value];
          else if (value < 7)
            *slot = selector | kOdd[value];
          else if (value == 7)
            access &= ~kPresentBit;
          else if (value < 11)
            access |= dpl_bits(value - 7);
          else if (value < 14)
            access |= dpl_bits(value - 10), *slot = selector | (value - 10);
          else if (value == 14)
            access = which == 1 ? 0xFF : 0x13;
          else
            limit = which == 1 ? (task.eip & 0xFFFF) - 1 : 0xFFFF, flags = which == 1 ? 0 : flags;
          if (which == 1 && value >= 11 && value < 14) {
            // An outer ring with a stack of its own.
            task.seg[kSs] = is32 ? data32(value - 10) : data16(value - 10);
            task.seg[kEs] = task.seg[kDs] = task.seg[kFs] = task.seg[kGs] = data32(3);
          }
        }
        begin_case();
        note("way", way), note("is32", is32), note("which", which), note("value", value);
        put_segment(descriptor_at(selector), at_base, limit, access, flags);
        put_task(task);
        put_segment(descriptor_at(kTaskASelector), kTaskA, is32 ? 0x67 : 0x2B,
                    0x80 | (is32 ? kTss32 : kTss16) | (way == kReturn ? 2 : 0), 0);
        State s = start_state(0);
        prepare(way, kTaskASelector, s);
        const Outcome& out = run(s);
        restore_gates(true);
        report(out);
        field("tr", out.tr, 4);
        field("main", out.main_tss_access, 2);
        field("new", access_of(kTaskASelector), 2);
        field("link", get16(kTaskA), 4);
        end_case();
      }
    }
  }
  for (unsigned vector = 10; vector < 14; ++vector) gate_to_stub(vector);
}

/// The T bit of a TSS, tasks in virtual-8086 mode, and a nested task that returns.
void special_tasks() {
  for (unsigned way = 0; way < kWays; ++way) {
    begin_case();
    note("trap of way", way);
    Task task = task_of(true);
    task.trap = 1;
    put_task(task);
    put_segment(descriptor_at(kTaskASelector), kTaskA, 0x67, way == kReturn ? 0x8B : 0x89, 0);
    State s = start_state(0);
    s.dr[7] = 0x7FF;
    s.dr[0] = s.dr[1] = s.dr[2] = s.dr[3] = kData + 0x800;
    prepare(static_cast<Way>(way), kTaskASelector, s);
    const Outcome& out = run(s);
    restore_gates();
    report(out);
    field("dr6", out.at.dr[6] & 0xE00F, 4);
    field("tr", out.tr, 4);
    end_case();
  }
  for (unsigned way = 0; way < kWays; ++way) {
    for (unsigned level = 0; level < 4; ++level) {
      begin_case();
      note("way into virtual-8086 mode", way), note("iopl", level);
      Task task = task_of(true);
      task.eflags = 2 | kVm | iopl(level);
      task.eip = 0x10;
      for (uint32_t& selector : task.seg) selector = kRealData >> 4;
      task.seg[kCs] = kRealCode >> 4;
      put_task(task);
      Assembler inside(kRealCode + 0x10, 16);
      inside.ud2();
      put_segment(descriptor_at(kTaskASelector), kTaskA, 0x67, way == kReturn ? 0x8B : 0x89, 0);
      State s = start_state(0);
      prepare(static_cast<Way>(way), kTaskASelector, s);
      if (static_cast<Way>(way) == kErrorGate) put32(kTaskA + 0x38, 0x800);
      const Outcome& out = run(s);
      restore_gates();
      report(out);
      report_flags(out);
      field("tr", out.tr, 4);
      field("ds", out.at.seg[kDs], 4);
      end_case();
    }
  }
  for (unsigned how = 0; how < 16; ++how) {
    const bool is32 = (how & 1) == 0, by_int = (how & 2) != 0, clear_nt = (how & 4) != 0;
    const unsigned cpl = (how & 8) != 0 ? 3 : 0;
    begin_case();
    note("is32", is32), note("by_int", by_int), note("clear_nt", clear_nt), note("cpl", cpl);
    Task task = task_of(is32);
    put_task(task);
    put_segment(descriptor_at(kTaskASelector), kTaskA, is32 ? 0x67 : 0x2B, 0xE0 | (is32 ? kTss32 : kTss16),
                0);
    Assembler inside(kTaskCode, is32 ? 32 : 16);
    if (clear_nt) {
      // Without NT the frame on the stack counts: back into this task.
      inside.mov_imm(kEax, 2);
      inside.push(4);
      inside.popf(4);
      put32(kTaskA, get32(kTaskA));
    }
    if (!clear_nt) inside.iret(is32 ? 4 : 2);
    inside.ud2();
    State s = start_state(cpl);
    prepare(by_int ? kIntGate : kCallTss, kTaskASelector, s);
    const Outcome& out = run(s);
    restore_gates();
    report_switch(out, task);
    report_stack(out);
    end_case();
  }
  Assembler task(kTaskCode);
  task.ud2();
}

}  // namespace

void tasks() {
  ways();
  wrong_descriptors();
  bad_states();
  special_tasks();
}

}  // namespace privileged
