// Exceptions while an exception or interrupt is being delivered; segment limits; alignment.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

constexpr uint32_t kUnmapped = 0x900000;

/// Paging with the first 4 MByte as they are and nothing else; the page of the IDT's copy can be taken away.
void map_low() {
  for (uint32_t i = 0; i < 0x2000; i += 4) put32(kPageTables + i, 0);
  put32(kPageTables, (kPageTables + 0x1000) | 7);
  for (uint32_t page = 0; page < 1024; ++page) put32(kPageTables + 0x1000 + 4 * page, page << 12 | 7);
}

enum First : unsigned {
  kInvalidOpcode,
  kBoundRange,
  kDivide,
  kBadTask,
  kAbsentData,
  kAbsentStack,
  kProtection,
  kPageFault,
  kSoftware,
  kExternal,
  kFirsts
};
constexpr unsigned kFirstVector[] = {6, 5, 0, 10, 11, 12, 13, 14, kTestVector, 0x20};

void raise_first(First first, State& s, unsigned cpl) {
  Assembler code(kCode);
  put_segment(descriptor_at(kTest), 0, 0xFFFFF, 0x13 | dpl_bits(cpl), kGranular | kBig);
  switch (first) {
    case kInvalidOpcode:
      break;
    case kBoundRange:
      put32(kData, 0), put32(kData + 4, 0);
      s.gpr[kEax] = 1;
      code.bound(kData);
      break;
    case kDivide:
      s.gpr[kEcx] = 0;
      code.div_ecx();
      break;
    case kBadTask:
      put16(kMainTss, 0x1000);
      s.eflags |= kNt;
      code.iret();
      break;
    case kAbsentData:
      s.gpr[kEax] = kTest | cpl;
      code.mov_to_sreg(kEs);
      break;
    case kAbsentStack:
      s.gpr[kEax] = kTest | cpl;
      code.mov_to_sreg(kSs);
      break;
    case kProtection:
      s.gpr[kEax] = 0x1234;
      code.mov_to_sreg(kEs);
      break;
    case kPageFault:
      code.load(kDs, kUnmapped);
      break;
    case kSoftware:
      code.int_n(kTestVector);
      break;
    default:
      s.eflags |= kIf;
      break;
  }
  code.ud2();
}

enum Second : unsigned {
  kGateAbsent,
  kGateType,
  kTargetNull,
  kTargetAbsent,
  kStackNull,
  kStackAbsent,
  kStackRoom,
  kStackUnmapped,
  kCodeUnmapped,
  kSeconds
};

/// Makes the delivery of `vector` fail.
void break_delivery(unsigned vector, Second second) {
  const uint32_t gate = kIdt + 8 * vector;
  const unsigned access = 0x8E | dpl_bits(3);
  // The handler is in ring 1 where its stack is what fails, so that ring 0's is good.
  put_segment(descriptor_at(kTest + 8), 0, 0xFFFFF, 0xBB, kGranular | kBig);
  put_segment(descriptor_at(kTest + 16), 0, 0xFFFFF, 0xB3, kGranular | kBig);
  uint32_t selector = kTest + 8;
  put32(kMainTss + 0x0C, stack_top(1));
  put32(kMainTss + 0x10, (kTest + 16) | 1);
  switch (second) {
    case kGateAbsent:
      put_gate(gate, access & ~kPresentBit, kKernelCode, kLanding, 0);
      return;
    case kGateType:
      put_gate(gate, 0x8C, kKernelCode, kLanding, 0);
      return;
    case kTargetNull:
      put_gate(gate, access, 0, kLanding, 0);
      return;
    case kTargetAbsent:
      put_segment(descriptor_at(kTest + 8), 0, 0xFFFFF, 0x1B, kGranular | kBig);
      break;
    case kStackNull:
      put32(kMainTss + 0x10, 0);
      break;
    case kStackAbsent:
      put_segment(descriptor_at(kTest + 16), 0, 0xFFFFF, 0x33, kGranular | kBig);
      break;
    case kStackRoom:
      put_segment(descriptor_at(kTest + 16), kStacks + 0x1000, 0xF00 - 8, 0xB7, kBig);
      put32(kMainTss + 0x0C, 0xF00);
      break;
    case kStackUnmapped:
      put32(kMainTss + 0x0C, kUnmapped + 0x800);
      break;
    default:
      // The target's descriptor lies in a page that is not there.
      put_segment(descriptor_at(kLdtSelector), kUnmapped, 0xFFF, 0x82, 0);
      selector = 0x0C;
      break;
  }
  put_gate(gate, access, selector, kLanding, 0);
}

}  // namespace

void double_faults() {
  map_low();
  put32(fault_tss(8) + 0x1C, kPageTables);
  for (unsigned first = 0; first < kFirsts; ++first) {
    for (unsigned second = 0; second < kSeconds; ++second) {
      for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        // From ring 0 a handler in ring 1 is refused before its stack is looked at.
        if (cpl == 0 && second >= kTargetAbsent && second < kCodeUnmapped) continue;
        const unsigned vector = kFirstVector[first];
        begin_case();
        note("first", vector), note("second", second), note("cpl", cpl);
        State s = start_state(cpl);
        s.cr0 |= kPg;
        s.cr3 = kPageTables;
        raise_first(static_cast<First>(first), s, cpl);
        break_delivery(vector, static_cast<Second>(second));
        if (first == kExternal) raise_interrupt();
        const Outcome& out = run(s);
        if (first == kExternal) drop_interrupt();
        gate_to_stub(vector);
        put_segment(descriptor_at(kLdtSelector), kLdt, kLdtLimit, 0x82, 0);
        put16(kMainTss, 0);
        report(out);
        if (out.vector == 14) field("cr2", out.cr2, 8);
        end_case();
      }
    }
  }
  put32(fault_tss(8) + 0x1C, 0);
  put32(kMainTss + 0x0C, stack_top(1));
  put32(kMainTss + 0x10, data32(1));
}

/// Data segments in both directions, of both sizes and granularities, at their ends.
void limits() {
  static const uint32_t kLimits[] = {0x0FFF, 0x7FFE, 0xFFFF};
  for (unsigned kind = 0; kind < 16; ++kind) {
    const bool down = (kind & 1) != 0, big = (kind & 2) != 0, granular = (kind & 4) != 0,
               stack = (kind & 8) != 0;
    for (const uint32_t limit : kLimits) {
      if (granular && limit != 0x0FFF) continue;
      const uint32_t last = granular ? limit << 12 | 0xFFF : limit;
      for (unsigned delta = 0; delta < 8; ++delta) {
        for (unsigned size = 1; size <= 4; size *= 2) {
          for (unsigned top = 0; top < (down ? 2u : 1u); ++top) {
            const uint32_t edge = top == 0 ? last : big ? 0xFFFFFFFF : 0xFFFF;
            const uint32_t at = edge - 4 + delta;
            // An offset that wraps around is no case of this.
            if (top != 0 && delta > 4) continue;
            begin_case();
            note("down", down), note("big", big), note("granular", granular), note("stack", stack);
            note("limit", limit), note("offset", at), note("size", size);
            // The base puts whatever is allowed into memory that is there.
            const uint32_t base = top != 0 && big ? kPages + 0x1000
                                  : granular      ? kPages - last + 0x800
                                                  : kPages;
            const unsigned access = (down ? 0xF7 : 0xF3) & ~(stack ? dpl_bits(3) : 0);
            put_segment(descriptor_at(kTest), base, limit, access,
                        (granular ? kGranular : 0) | (big ? kBig : 0));
            State s = start_state(stack ? 0 : 3);
            Assembler code(kCode);
            const uint32_t esp = s.gpr[kEsp];
            if (stack) {
              s.gpr[kEax] = kTest;
              code.mov_to_sreg(kSs);
              if ((delta & 1) != 0)
                code.load(kSs, at, size);
              else
                code.store(kSs, at, size);
              // The handler needs the old stack back; a fault here is #DF's to tell, on its own stack.
              code.mov_imm(kEax, kKernelData);
              code.mov_to_sreg(kSs);
              code.mov_imm(kEsp, esp);
            } else {
              s.gpr[kEax] = kTest | 3;
              code.mov_to_sreg(kEs);
              if ((delta & 1) != 0)
                code.load(kEs, at, size);
              else
                code.store(kEs, at, size);
            }
            code.ud2();
            if (stack) {
              gate_to_fault_task(12);
              gate_to_fault_task(13);
            }
            const Outcome& out = run(s);
            gate_to_stub(12);
            gate_to_stub(13);
            report(out);
            end_case();
          }
        }
      }
    }
  }
  // What each loadable type allows: read, write, by segment.
  for (unsigned type = 16; type < 32; ++type) {
    for (unsigned how = 0; how < 12; ++how) {
      const unsigned access = how & 3, segment = how < 4 ? kDs : how < 8 ? kFs : kCs;
      if (segment == kCs ? type < 24 : (type & 10) == 8) continue;
      begin_case();
      note("type", type), note("access", access), note("segment", segment);
      put_segment(descriptor_at(kTest), 0, (type & 12) == 4 ? 0 : 0xFFFFF, 0x80 | type, kGranular | kBig);
      State s = start_state(0);
      s.gpr[kEax] = kTest;
      Assembler code(kCode);
      if (segment == kCs) {
        code.jmp_far(kTest, kLanding + 0x100);
        code = Assembler(kLanding + 0x100);
      } else {
        code.mov_to_sreg(segment);
      }
      if (access == 0)
        code.load(segment, kData);
      else if (access == 1)
        code.store(segment, kData);
      else if (access == 2)
        code.add(segment, kData);
      else
        code.load(segment, kData, 1);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
  // Null selectors, and code that runs off its segment.
  for (unsigned segment = kEs; segment <= kGs; ++segment) {
    if (segment == kCs || segment == kSs) continue;
    for (unsigned rpl = 0; rpl < 4; ++rpl) {
      begin_case();
      note("null in", segment), note("rpl", rpl);
      State s = start_state(3);
      s.gpr[kEax] = rpl;
      Assembler code(kCode);
      code.mov_to_sreg(segment);
      if ((rpl & 1) != 0)
        code.load(segment, kData);
      else
        code.store(segment, kData);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
  for (uint32_t limit = 0xF8; limit < 0x110; ++limit) {
    for (unsigned what = 0; what < 2; ++what) {
      begin_case();
      note("code limit", limit), note("what", what);
      put_segment(descriptor_at(kTest), kCode, limit, 0xFB, kBig);
      State s = start_state(3);
      s.seg[kCs] = kTest | 3;
      s.eip = 0xF8;
      Assembler code(kCode + 0xF8);
      for (unsigned i = 0; i < 4; ++i) code.nop();
      if (what == 0)
        code.mov_imm(kEbx, 7);
      else
        code.jmp(kCode + 0x108, kCode);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

void alignment() {
  for (unsigned am = 0; am < 2; ++am) {
    for (unsigned ac = 0; ac < 2; ++ac) {
      for (unsigned cpl = 0; cpl < 4; ++cpl) {
        for (unsigned size = 1; size <= 4; size *= 2) {
          for (unsigned offset = 0; offset < 4; ++offset) {
            for (unsigned what = 0; what < 3; ++what) {
              if (am + ac < 2 && offset != 3) continue;
              begin_case();
              note("am", am), note("ac", ac), note("cpl", cpl), note("size", size), note("offset", offset);
              note("what", what);
              State s = start_state(cpl);
              if (am != 0) s.cr0 |= kAm;
              if (ac != 0) s.eflags |= kAc;
              Assembler code(kCode);
              if (what == 0)
                code.load(kDs, kData + offset, size);
              else if (what == 1)
                code.store(kDs, kData + offset, size);
              else
                code.add(kDs, kData + offset, size);
              code.ud2();
              report(run(s));
              end_case();
            }
          }
        }
      }
    }
  }
  // Stack, far pointers, and misaligned segment bases; a limit violation comes first.
  for (unsigned what = 0; what < 8; ++what) {
    for (unsigned offset = 0; offset < 4; ++offset) {
      begin_case();
      note("what", what), note("offset", offset);
      State s = start_state(3);
      s.cr0 |= kAm;
      s.eflags |= kAc;
      put_segment(descriptor_at(kTest), kData + offset, 0x100, 0xF3, kBig);
      s.gpr[kEax] = kTest | 3;
      Assembler code(kCode);
      switch (what) {
        case 0:
          s.gpr[kEsp] -= 16 + offset;
          code.push();
          break;
        case 1:
          s.gpr[kEsp] -= 16 + offset;
          code.push(2);
          break;
        case 2:
          s.gpr[kEsp] -= 16 + offset;
          code.pop();
          break;
        case 3:
          code.mov_to_sreg(kEs);
          code.load(kEs, 0x10);
          break;
        case 4:
          code.mov_to_sreg(kEs);
          code.load(kEs, 0x10 - offset);
          break;
        case 5:
          code.mov_to_sreg(kEs);
          code.load(kEs, 0xFF);
          break;
        case 6:
          s.gpr[kEsp] -= 16 + offset;
          code.pushf();
          break;
        default:
          code.mov_to_sreg(kEs);
          code.load(kEs, 0x11, 2);
          break;
      }
      code.mov_imm(kEsp, stack_top(3));
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

}  // namespace privileged
