// Far JMP, CALL and RET, call gates, interrupt gates: who may go where, and what lies on the stack then.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

/// Where it arrived: new CS:EIP, SS:ESP and the words on the stack.
void report_landing(const Outcome& out, unsigned words, unsigned size) {
  report(out);
  if (out.vector != 6 || (out.at.eip & 0xFFFFF000) != kLanding) return;
  report_stack(out);
  for (unsigned i = 0; i < words; ++i) {
    text(i == 0 ? " [" : " ");
    const uint32_t at = out.at.gpr[kEsp] + i * size;
    hex(size == 4 ? get32(at) : get16(at), size * 2);
  }
  if (words != 0) text("]");
}

void put_far(Assembler& code, bool call, uint32_t selector, uint32_t offset, unsigned size = 4) {
  if (call)
    code.call_far(selector, offset, size);
  else
    code.jmp_far(selector, offset, size);
  code.ud2();
}

/// Straight to a descriptor of each type. TSSs and gates of the right kind have groups of their own, so here
/// they lead nowhere: gates hold a null selector, TSSs are too short.
void direct() {
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned rights = 0; rights < 8; ++rights) {
      for (unsigned level = 0; level < 16; ++level) {
        const unsigned cpl = level >> 2, rpl = level & 3;
        if (type < 24 && rights >= 4 && rpl != 0) continue;
        for (unsigned call = 0; call < 2; ++call) {
          if (type < 24 && call != (rpl & 1)) continue;
          begin_case();
          note("type", type), note("dpl", rights & 3), note("absent", rights >> 2), note("cpl", cpl);
          note("rpl", rpl), note("call", call);
          const unsigned access = type | dpl_bits(rights & 3) | (rights < 4 ? kPresentBit : 0);
          if (type < 16)
            put_segment(descriptor_at(kTest), 0, 0x10, access, 0);
          else
            put_segment(descriptor_at(kTest), 0, 0xFFFFF, access, kGranular | kBig);
          State s = start_state(cpl);
          Assembler code(kCode);
          put_far(code, call != 0, kTest | rpl, kLanding);
          report_landing(run(s), call != 0 ? 2 : 0, 4);
          field("a", access_of(kTest), 2);
          end_case();
        }
      }
    }
  }
}

/// Limits of the target, selectors out of their table, 16-bit operands and 16-bit code.
void direct_edges() {
  for (unsigned call = 0; call < 2; ++call) {
    for (uint32_t limit = kLanding - 1; limit < kLanding + 2; ++limit) {
      begin_case();
      note("call", call), note("limit", limit);
      // Byte-granular limits end at 1 MByte, so the segment's base moves instead.
      put_segment(descriptor_at(kTest), kLanding - 0x1000, 0x1000 + limit - kLanding, 0x9B, kBig);
      State s = start_state(0);
      Assembler code(kCode);
      put_far(code, call != 0, kTest, 0x1000);
      const Outcome& out = run(s);
      report(out);
      report_stack(out);
      end_case();
    }
    static const uint32_t kSelectors[] = {0, 1, 2, 3, 4, 7, 0x84, 0x1000, 0xFFFB, 0xFFFF};
    for (const uint32_t selector : kSelectors) {
      for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        begin_case();
        note("call", call), note("selector", selector), note("cpl", cpl);
        State s = start_state(cpl);
        Assembler code(kCode);
        put_far(code, call != 0, selector, kLanding);
        report(run(s));
        end_case();
      }
    }
    for (unsigned size = 2; size <= 4; size += 2) {
      for (unsigned bits = 16; bits <= 32; bits += 16) {
        begin_case();
        note("call", call), note("size", size), note("bits", bits);
        State s = start_state(0);
        if (bits == 16) s.seg[kCs] = code16(0), s.eip = 0x100;
        Assembler code(bits == 16 ? kCode + 0x100 : kCode, bits);
        put_far(code, call != 0, code16(0), kLanding - kCode, size);
        const Outcome& out = run(s);
        report(out);
        report_stack(out);
        if (call != 0) {
          const uint32_t at = out.at.gpr[kEsp];
          field("ip", size == 4 ? get32(at) : get16(at), 8);
          field("cs", get16(at + size), 4);
        }
        end_case();
      }
    }
  }
}

/// Every call gate: size, DPL of gate and target, conforming or not, CPL and RPL, JMP or CALL.
void call_gates() {
  for (unsigned type = kCall16; type <= kCall32; type += 8) {
    for (unsigned gate_dpl = 0; gate_dpl < 4; ++gate_dpl) {
      for (unsigned target = 0; target < 8; ++target) {
        for (unsigned level = 0; level < 16; ++level) {
          const unsigned cpl = level >> 2, rpl = level & 3;
          for (unsigned call = 0; call < 2; ++call) {
            const unsigned target_dpl = target & 3;
            const bool conforming = target >= 4;
            const bool is32 = type == kCall32;
            begin_case();
            note("type", type), note("gate", gate_dpl), note("target", target_dpl),
                note("conforming", conforming);
            note("cpl", cpl), note("rpl", rpl), note("call", call);
            // A gate of 16 bits reaches 64 KiB only, so its target has its base at the code.
            put_segment(descriptor_at(kTest + 8), is32 ? 0 : kLanding & ~0xFFFFu, 0xFFFFF,
                        (conforming ? 0x9F : 0x9B) | dpl_bits(target_dpl), kGranular | kBig);
            put_gate(descriptor_at(kTest), type | kPresentBit | dpl_bits(gate_dpl), kTest + 8,
                     is32 ? kLanding : kLanding & 0xFFFF, 0);
            State s = start_state(cpl);
            Assembler code(kCode);
            put_far(code, call != 0, kTest | rpl, 0xDEADBEEF);
            const Outcome& out = run(s);
            report(out);
            report_stack(out);
            const bool arrived = (out.at.eip & 0xFFFF) == (kLanding & 0xFFFF);
            if (arrived && call != 0) {
              const unsigned size = is32 ? 4 : 2;
              const unsigned words = (out.at.seg[kCs] & 3) != cpl ? 4 : 2;
              for (unsigned i = 0; i < words; ++i) {
                const uint32_t at = out.at.gpr[kEsp] + i * size;
                text(" ");
                hex(size == 4 ? get32(at) : get16(at), 2 * size);
              }
            }
            end_case();
          }
        }
      }
    }
  }
}

/// What is wrong with a gate or its target, one thing at a time.
void gate_defects() {
  for (unsigned type = kCall16; type <= kCall32; type += 8) {
    for (unsigned defect = 0; defect < 40; ++defect) {
      begin_case();
      note("type", type), note("defect", defect);
      put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, 0x9B, kBig);
      uint32_t target = kTest + 8, selector = kTest | 3;
      unsigned access = type | kPresentBit | dpl_bits(3);
      uint32_t offset = kLanding & 0xFFFF;
      if (defect < 32) {
        // Every type of target.
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, defect | kPresentBit, kBig);
      } else if (defect == 32) {
        target = 0;
      } else if (defect == 33) {
        target = 3;
      } else if (defect == 34) {
        target = 0x1000;
      } else if (defect == 35) {
        target = 0x84;
      } else if (defect == 36) {
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, 0x1B, kBig);
      } else if (defect == 37) {
        access &= ~kPresentBit;
      } else if (defect == 38) {
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, offset - 1, 0x9B, kBig);
      } else {
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, offset, 0x9B, kBig);
        target |= 3;
      }
      put_gate(descriptor_at(kTest), access, target, offset, 0);
      State s = start_state(3);
      Assembler code(kCode);
      put_far(code, true, selector, 0);
      const Outcome& out = run(s);
      report(out);
      report_stack(out);
      end_case();
    }
  }
}

/// Parameters, 0 to 31, of both sizes, from every outer ring.
void gate_parameters() {
  for (unsigned type = kCall16; type <= kCall32; type += 8) {
    for (unsigned count = 0; count < 32; ++count) {
      const unsigned cpl = 1 + count % 3, size = type == kCall32 ? 4 : 2;
      begin_case();
      note("type", type), note("count", count), note("cpl", cpl);
      put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, 0x9B, kBig);
      put_gate(descriptor_at(kTest), type | kPresentBit | dpl_bits(3), kTest + 8, kLanding & 0xFFFF, count);
      State s = start_state(cpl);
      s.gpr[kEsp] -= 128;
      for (unsigned i = 0; i < 32; ++i) put32(s.gpr[kEsp] + 4 * i, 0xA5000000 + 0x10001 * i);
      Assembler code(kCode);
      put_far(code, true, kTest | cpl, 0);
      const Outcome& out = run(s);
      report(out);
      report_stack(out);
      uint32_t sum = 0;
      for (uint32_t at = out.at.gpr[kEsp]; at < stack_top(0); at += 2) sum = sum * 31 + get16(at);
      field("sum", sum, 8);
      field("old", size == 4 ? get32(stack_top(0) - 8) : get16(stack_top(0) - 4), 8);
      end_case();
    }
  }
}

}  // namespace

void far_transfers() {
  direct();
  direct_edges();
}

void gates() {
  call_gates();
  gate_defects();
  gate_parameters();
}

/// INT n through every gate, and the same by an exception, which ignores the gate's DPL.
void interrupts() {
  static const unsigned kTypes[] = {kInt16, kTrap16, kInt32, kTrap32};
  for (const unsigned type : kTypes) {
    for (unsigned gate_dpl = 0; gate_dpl < 4; ++gate_dpl) {
      for (unsigned target = 0; target < 8; ++target) {
        for (unsigned cpl = 0; cpl < 4; ++cpl) {
          for (unsigned exception = 0; exception < 2; ++exception) {
            if (exception != 0 && gate_dpl != 0) continue;
            const bool is32 = (type & 8) != 0, conforming = target >= 4;
            const unsigned target_dpl = target & 3;
            begin_case();
            note("type", type), note("gate", gate_dpl), note("target", target_dpl),
                note("conforming", conforming);
            note("cpl", cpl), note("exception", exception);
            put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF,
                        (conforming ? 0x9F : 0x9B) | dpl_bits(target_dpl), kBig);
            // The exception is #DE by AAM 0's like: a division by zero.
            const unsigned vector = exception != 0 ? 0 : kTestVector;
            put_gate(kIdt + 8 * vector, type | kPresentBit | dpl_bits(gate_dpl), kTest + 8, kLanding & 0xFFFF,
                     0);
            State s = start_state(cpl);
            s.eflags |= kIf | iopl(2);
            s.gpr[kEcx] = 0;
            Assembler code(kCode);
            if (exception != 0)
              code.div_ecx();
            else
              code.int_n(vector);
            code.ud2();
            const Outcome& out = run(s);
            put_gate(kIdt, 0x8E, kKernelCode, kStubs, 0);
            report(out);
            report_stack(out);
            report_flags(out);
            if ((out.at.eip & 0xFFFF) == (kLanding & 0xFFFF)) {
              const unsigned size = is32 ? 4 : 2;
              for (unsigned i = 0; i < ((out.at.seg[kCs] & 3) != cpl ? 5 : 3); ++i) {
                const uint32_t at = out.at.gpr[kEsp] + i * size;
                text(" ");
                // Arithmetic flags after a division are undefined.
                const uint32_t keep = i == 2 ? ~0x8D5u : ~0u;
                hex((size == 4 ? get32(at) : get16(at)) & keep, 2 * size);
              }
            }
            end_case();
          }
        }
      }
    }
  }
  // Every type in the IDT, present and absent, by INT n and by an exception.
  for (unsigned type = 0; type < 32; ++type) {
    if (type == kTaskGate) continue;
    for (unsigned how = 0; how < 8; ++how) {
      const unsigned cpl = (how & 1) * 3;
      const bool present = (how & 2) == 0, exception = (how & 4) != 0;
      begin_case();
      note("type", type), note("cpl", cpl), note("present", present), note("exception", exception);
      const unsigned vector = exception ? 5 : kTestVector;
      put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF, 0x9B, kBig);
      put_gate(kIdt + 8 * vector, type | (present ? kPresentBit : 0) | dpl_bits(3), kTest + 8,
               kLanding & 0xFFFF, 0);
      put32(kData, 0), put32(kData + 4, 0);
      State s = start_state(cpl);
      s.gpr[kEax] = 1;
      Assembler code(kCode);
      if (exception)
        code.bound(kData);
      else
        code.int_n(vector);
      code.ud2();
      const Outcome& out = run(s);
      put_gate(kIdt + 8 * 5, 0x8E, kKernelCode, kStubs + 5 * kStubSize, 0);
      report(out);
      report_stack(out);
      end_case();
    }
  }
  // The IDT's limit.
  for (uint32_t limit = 8 * kTestVector - 1; limit < 8 * kTestVector + 9; ++limit) {
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
      begin_case();
      note("limit", limit), note("cpl", cpl);
      put_gate(kIdt + 8 * kTestVector, 0xEE, kKernelCode, kStubs + kTestVector * kStubSize, 0);
      State s = start_state(cpl);
      s.idt_limit = limit;
      Assembler code(kCode);
      code.int_n(kTestVector);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
  // INT3, INTO, INT1 against the gate's DPL.
  for (unsigned gate_dpl = 0; gate_dpl < 4; ++gate_dpl) {
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      for (unsigned how = 0; how < 4; ++how) {
        begin_case();
        note("gate", gate_dpl), note("cpl", cpl), note("how", how);
        const unsigned vector = how == 0 ? 3 : how == 3 ? 1 : 4;
        put_gate(kIdt + 8 * vector, 0x8E | dpl_bits(gate_dpl), kKernelCode, kStubs + vector * kStubSize, 0);
        State s = start_state(cpl);
        if (how == 1) s.eflags |= kOf;
        Assembler code(kCode);
        if (how == 0)
          code.int3();
        else if (how == 3)
          code.int1();
        else
          code.into();
        code.ud2();
        const Outcome& out = run(s);
        put_gate(kIdt + 8 * vector, 0x8E, kKernelCode, kStubs + vector * kStubSize, 0);
        report(out);
        report_flags(out);
        end_case();
      }
    }
  }
  // What is wrong with the target.
  for (const unsigned type : kTypes) {
    for (unsigned defect = 0; defect < 40; ++defect) {
      for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        begin_case();
        note("type", type), note("defect", defect), note("cpl", cpl);
        uint32_t target = kTest + 8;
        unsigned access = 0x9B;
        uint32_t limit = 0xFFFF;
        if (defect < 32)
          access = defect | kPresentBit;
        else if (defect == 32)
          target = 0;
        else if (defect == 33)
          target = 3;
        else if (defect == 34)
          target = 0x1000;
        else if (defect == 35)
          target = 0x84;
        else if (defect == 36)
          access = 0x1B;
        else if (defect == 37)
          limit = (kLanding & 0xFFFF) - 1;
        else if (defect == 38)
          target |= 3;
        else
          limit = (kLanding & 0xFFFF) + 1;
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, limit, access, kBig);
        put_gate(kIdt + 8 * kTestVector, type | kPresentBit | dpl_bits(3), target, kLanding & 0xFFFF, 0);
        State s = start_state(cpl);
        Assembler code(kCode);
        code.int_n(kTestVector);
        code.ud2();
        const Outcome& out = run(s);
        report(out);
        report_stack(out);
        end_case();
      }
    }
  }
}

}  // namespace privileged
