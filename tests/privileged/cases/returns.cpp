// Far RET and IRET to every ring and to every wrong place.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

struct Frame {
  uint32_t eip, cs, flags, esp, ss;
};

/// Returns from ring `cpl` by a frame on the stack, RET or IRET of either size.
const Outcome& return_by(unsigned cpl, bool iret, unsigned size, const Frame& frame, uint32_t flags = 2,
                         unsigned release = 0) {
  State s = start_state(cpl);
  s.eflags = flags;
  s.seg[kEs] = data32(cpl);
  s.seg[kFs] = conforming32(0);
  s.gpr[kEsp] -= 20 + release;
  uint32_t at = s.gpr[kEsp];
  const auto put = [&](uint32_t value) {
    if (size == 4)
      put32(at, value);
    else
      put16(at, value);
    at += size;
  };
  put(frame.eip);
  put(frame.cs);
  if (iret) put(frame.flags);
  at += release;
  put(frame.esp);
  put(frame.ss);
  Assembler code(kCode);
  if (iret)
    code.iret(size);
  else
    code.ret_far(size, release);
  code.ud2();
  return run(s);
}

void report_return(const Outcome& out) {
  report(out);
  report_stack(out);
  report_flags(out);
  field("es", out.at.seg[kEs], 4);
  field("ds", out.at.seg[kDs], 4);
  field("fs", out.at.seg[kFs], 4);
}

void code_types() {
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned dpl = 0; dpl < 4; ++dpl) {
      for (unsigned level = 0; level < 16; ++level) {
        const unsigned cpl = level >> 2, rpl = level & 3;
        for (unsigned iret = 0; iret < 2; ++iret) {
          if (type < 24 && (dpl != rpl || iret != (type & 1))) continue;
          begin_case();
          note("type", type), note("dpl", dpl), note("cpl", cpl), note("rpl", rpl), note("iret", iret);
          put_segment(descriptor_at(kTest), 0, 0xFFFFF, type | kPresentBit | dpl_bits(dpl), kGranular | kBig);
          report_return(
              return_by(cpl, iret != 0, 4, {kLanding, kTest | rpl, 2, stack_top(rpl) - 64, data32(rpl)}));
          field("a", access_of(kTest), 2);
          end_case();
        }
      }
    }
  }
}

void stack_types() {
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned dpl = 0; dpl < 4; ++dpl) {
      for (unsigned rpl = 0; rpl < 4; ++rpl) {
        for (unsigned how = 0; how < 4; ++how) {
          const bool iret = (how & 1) != 0, present = (how & 2) == 0;
          if (type < 16 && (dpl != 3 || !present)) continue;
          const unsigned to = 1 + (dpl + rpl + type) % 3;
          begin_case();
          note("type", type), note("dpl", dpl), note("rpl", rpl), note("iret", iret),
              note("present", present);
          note("to", to);
          put_segment(descriptor_at(kTest), 0, 0xFFFFF, type | dpl_bits(dpl) | (present ? kPresentBit : 0),
                      kGranular | kBig);
          report_return(return_by(0, iret, 4, {kLanding, code32(to), 2, stack_top(to) - 64, kTest | rpl}));
          field("a", access_of(kTest), 2);
          end_case();
        }
      }
    }
  }
}

void odd_frames() {
  static const uint32_t kSelectors[] = {0, 1, 2, 3, 4, 7, 0x84, 0x87, 0x1000, 0x1003, 0xFFFF, 0xFFFC};
  for (const uint32_t selector : kSelectors) {
    for (unsigned how = 0; how < 4; ++how) {
      const bool iret = (how & 1) != 0, stack = (how & 2) != 0;
      begin_case();
      note("selector", selector), note("iret", iret), note("stack", stack);
      const uint32_t cs = stack ? code32(3) : selector;
      const uint32_t ss = stack ? selector : data32(3);
      report_return(return_by(0, iret, 4, {kLanding, cs, 2, stack_top(3), ss}));
      end_case();
    }
  }
  // Absent code, limits, 16-bit returns, parameters released on both stacks.
  for (unsigned how = 0; how < 32; ++how) {
    const bool iret = (how & 1) != 0, outer = (how & 2) != 0;
    const unsigned kind = how >> 2;
    begin_case();
    note("iret", iret), note("outer", outer), note("kind", kind);
    const unsigned to = outer ? 3 : 0, size = kind == 4 || kind == 5 ? 2 : 4;
    const unsigned access = kind == 0 ? 0x1B : 0x9B;
    const uint32_t offset = kLanding & 0xFFFF;
    const uint32_t limit = kind == 1 ? offset - 1 : kind == 2 ? offset : 0xFFFF;
    put_segment(descriptor_at(kTest), kLanding & ~0xFFFFu, limit, access | dpl_bits(to),
                kind == 5 ? 0 : kBig);
    const unsigned release = kind == 6 ? 8 : kind == 7 ? 32 : 0;
    const Outcome& out = return_by(
        0, iret, size, {offset, kTest | to, 0x3002, stack_top(to) - 64, data32(to)}, 2, iret ? 0 : release);
    report_return(out);
    end_case();
  }
  // A 16-bit stack to return to: only SP changes.
  for (unsigned how = 0; how < 4; ++how) {
    const bool iret = (how & 1) != 0;
    const unsigned size = (how & 2) != 0 ? 2 : 4;
    begin_case();
    note("iret", iret), note("size", size);
    put_segment(descriptor_at(kTest), kLanding & ~0xFFFFu, 0xFFFF, 0xFB, kBig);
    put_segment(descriptor_at(kTest + 8), kStacks, 0xFFFF, 0xF3, 0);
    const Outcome& out =
        return_by(0, iret, size, {kLanding & 0xFFFF, kTest | 3, 2, 0x5678F00, (kTest + 8) | 3});
    report(out);
    field("esp", out.at.gpr[kEsp], 8);
    end_case();
  }
}

/// Which flags IRET and POPF may change, by CPL, IOPL and size.
void flag_images() {
  static const uint32_t kImages[] = {0x2, kIf,  iopl(3), kIf | iopl(1), kNt,      kAc | kId,
                                     kRf, kVif, kVip,    kVif | kVip,   0x3F6ED7, 0x37u << 12};
  for (unsigned what = 0; what < 4; ++what) {
    const unsigned size = (what & 1) != 0 ? 2 : 4;
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      for (unsigned level = 0; level < 4; ++level) {
        for (const uint32_t image : kImages) {
          const uint32_t value = image & ~(kVm | kTf);
          begin_case();
          note("popf", what >> 1), note("size", size), note("cpl", cpl), note("iopl", level),
              note("image", value);
          if ((what & 2) == 0) {
            put_segment(descriptor_at(kTest), kLanding & ~0xFFFFu, 0xFFFF, 0x9B | dpl_bits(cpl), kBig);
            const Outcome& out = return_by(cpl, true, size, {kLanding & 0xFFFF, kTest | cpl, value, 0, 0},
                                           2 | kIf | iopl(level));
            report(out);
            report_flags(out);
          } else {
            State s = start_state(cpl);
            s.eflags = 2 | kIf | iopl(level);
            s.gpr[kEsp] -= size;
            if (size == 4)
              put32(s.gpr[kEsp], value);
            else
              put16(s.gpr[kEsp], value);
            Assembler code(kCode);
            code.popf(size);
            code.pushf(4);
            code.ud2();
            const Outcome& out = run(s);
            report(out);
            report_flags(out);
            field("pushed", get32(out.at.gpr[kEsp]) & 0x3F7FD5, 6);
          }
          end_case();
        }
      }
    }
  }
}

}  // namespace

void returns() {
  code_types();
  stack_types();
  odd_frames();
  flag_images();
}

}  // namespace privileged
