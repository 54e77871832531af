// Single-stepping, the resume flag, and the shadows that instructions cast on interrupts and traps.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/debug.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

/// Writes what a case is about, and what it needs of the state.
using Writer = void (*)(State& s, Assembler& code, unsigned cpl);

void push(State& s, uint32_t value) {
  s.gpr[kEsp] -= 4;
  put32(s.gpr[kEsp], value);
}

/// A frame for IRET, on the stack.
void push_return(State& s, unsigned cpl, uint32_t eip, uint32_t eflags) {
  push(s, eflags);
  push(s, code32(cpl));
  push(s, eip);
}

/// LSS ESP with the values that they have.
void load_same_stack(State& s, Assembler& code, unsigned cpl) {
  put32(kWatched, s.gpr[kEsp]);
  put16(kWatched + 4, data32(cpl));
  code.load_far(kSs, kWatched);
}

/// TF comes with the instruction itself.
void without_step(State& s) { s.eflags &= ~kTf; }

constexpr Writer kSteps[] = {
    [](State&, Assembler& code, unsigned) { code.nop(); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kDs); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kSs); },
    [](State&, Assembler& code, unsigned) { code.int_n(kTestVector); },
    [](State&, Assembler& code, unsigned) { code.int3(); },
    [](State&, Assembler& code, unsigned) { code.into(); },
    [](State& s, Assembler& code, unsigned) { s.eflags |= kOf, code.into(); },
    [](State&, Assembler& code, unsigned) { code.int1(); },
    [](State& s, Assembler& code, unsigned) { push(s, 2), code.popf(); },
    [](State&, Assembler& code, unsigned) { code.pushf(); },
    [](State&, Assembler& code, unsigned) { code.sti(); },
    [](State&, Assembler& code, unsigned) { code.jmp(kLanding); },
    [](State&, Assembler& code, unsigned) { code.div_ecx(); },
    [](State& s, Assembler& code, unsigned) { s.dr[7] = dr7_for(0, 3, 4), code.load(kDs, kWatched); },
    [](State& s, Assembler& code, unsigned cpl) { push(s, data32(cpl)), code.pop_sreg(kSs); },
    [](State&, Assembler& code, unsigned) { code.clts(); },
    [](State&, Assembler& code, unsigned) { code.call_far(kTest | 3, 0); },
    [](State&, Assembler& code, unsigned cpl) { code.jmp_far(code32(cpl), kLanding); },
    load_same_stack,
    [](State&, Assembler& code, unsigned) { code.in(1); },
    // IRET to a place with TF clear, and with TF set: what counts is TF before.
    [](State& s, Assembler& code, unsigned cpl) { push_return(s, cpl, kLanding, 2), code.iret(); },
    [](State& s, Assembler& code, unsigned cpl) {
      without_step(s);
      push_return(s, cpl, kCode + 0x10, 2 | kTf);
      code.iret();
      code = Assembler(kCode + 0x10);
      code.nop();
    },
    [](State& s, Assembler& code, unsigned) {
      without_step(s);
      push(s, 2 | kTf);
      code.popf();
      code.nop();
    },
    [](State&, Assembler& code, unsigned) { code.lock_nop(); },
};

constexpr Writer kResumes[] = {
    [](State&, Assembler& code, unsigned) { code.ud2(); },
    [](State&, Assembler& code, unsigned) { code.div_ecx(); },
    [](State&, Assembler& code, unsigned) { code.bound(kData); },
    [](State&, Assembler& code, unsigned) { code.int3(); },
    [](State&, Assembler& code, unsigned) { code.int_n(kTestVector); },
    [](State& s, Assembler& code, unsigned) { s.eflags |= kOf, code.into(); },
    [](State& s, Assembler& code, unsigned) { s.gpr[kEax] = 0x1234, code.mov_to_sreg(kDs); },
    [](State& s, Assembler& code, unsigned) { s.cr0 |= kTs, code.fnop(); },
    [](State& s, Assembler&, unsigned) { s.dr[0] = kCode, s.dr[7] = dr7_for(0, 0, 1); },
    [](State& s, Assembler&, unsigned) { s.eflags |= kTf; },
    [](State& s, Assembler& code, unsigned) {
      s.dr[0] = kWatched;
      s.dr[7] = dr7_for(0, 1, 4);
      code.store(kDs, kWatched);
    },
    [](State& s, Assembler& code, unsigned) {
      put_segment(descriptor_at(kTest), 0, 0xFFFFF, 0x73, kGranular | kBig);
      s.gpr[kEax] = kTest | 3;
      code.mov_to_sreg(kDs);
    },
};

constexpr Writer kShadows[] = {
    [](State&, Assembler& code, unsigned) { code.nop(); },
    [](State&, Assembler& code, unsigned) { code.sti(); },
    [](State&, Assembler& code, unsigned) { code.sti(), code.cli(); },
    [](State&, Assembler& code, unsigned) { code.sti(), code.sti(); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kSs); },
    [](State& s, Assembler& code, unsigned cpl) { push(s, data32(cpl)), code.pop_sreg(kSs); },
    [](State&, Assembler& code, unsigned) { code.sti(), code.mov_to_sreg(kSs); },
    [](State& s, Assembler& code, unsigned cpl) { code.sti(), load_same_stack(s, code, cpl); },
    [](State& s, Assembler& code, unsigned) { push(s, 2 | kIf | iopl(3)), code.popf(); },
    [](State& s, Assembler& code, unsigned cpl) {
      push_return(s, cpl, kCode + 0x10, 2 | kIf | iopl(3));
      code.iret();
      code = Assembler(kCode + 0x10);
    },
    [](State&, Assembler& code, unsigned) { code.sti(), code.hlt(); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kSs), code.sti(); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kDs), code.sti(); },
    [](State&, Assembler& code, unsigned) { code.mov_to_sreg(kSs), code.mov_imm(kEbx, 1), code.sti(); },
    [](State&, Assembler& code, unsigned) { code.sti(), code.ud2(); },
    [](State&, Assembler& code, unsigned) { code.sti(), code.int_n(kTestVector); },
};
constexpr unsigned kHaltShadow = 10;

template <unsigned N>
constexpr unsigned count(const Writer (&)[N]) {
  return N;
}

}  // namespace

/// Instructions with TF set: after which of them, and in which state, the trap comes.
void single_steps() {
  for (unsigned what = 0; what < count(kSteps); ++what) {
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
      begin_case();
      note("what", what), note("cpl", cpl);
      State s = start_state(cpl);
      s.eflags |= kTf | iopl(3);
      put_gate(kIdt + 8 * kTestVector, 0xEE, code32(0), kLanding, 0);
      put_gate(descriptor_at(kTest), 0xEC, code32(0), kLanding, 0);
      s.gpr[kEax] = data32(cpl);
      s.gpr[kEcx] = 0;
      s.gpr[kEdx] = 0x310;
      s.dr[0] = kWatched;
      Assembler code(kCode);
      kSteps[what](s, code, cpl);
      code.nop();
      code.nop();
      code.ud2();
      const Outcome& out = run(s);
      report_debug(out);
      report_flags(out);
      end_case();
    }
  }
  Assembler landing(kLanding);
  landing.ud2();
}

/// RF in the image that each vector pushes.
void resume_images() {
  for (unsigned what = 0; what < count(kResumes); ++what) {
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
      begin_case();
      note("what", what), note("cpl", cpl);
      State s = start_state(cpl);
      put_gate(kIdt + 8 * kTestVector, 0xEE, kKernelCode, kStubs + kTestVector * kStubSize, 0);
      put_gate(kIdt + 8 * 3, 0xEE, kKernelCode, kStubs + 3 * kStubSize, 0);
      put_gate(kIdt + 8 * 4, 0xEE, kKernelCode, kStubs + 4 * kStubSize, 0);
      put32(kData, 0), put32(kData + 4, 0);
      s.gpr[kEax] = 1;
      s.gpr[kEcx] = 0;
      Assembler code(kCode);
      kResumes[what](s, code, cpl);
      code.nop();
      code.ud2();
      const Outcome& out = run(s);
      gate_to_stub(3);
      gate_to_stub(4);
      report(out);
      field("rf", out.at.eflags >> 16 & 1, 1);
      end_case();
    }
  }
}

/// An interrupt waits; after which instruction does it come? With and without TF, from ring 0 and 3.
void shadows() {
  for (unsigned what = 0; what < count(kShadows); ++what) {
    for (unsigned how = 0; how < 8; ++how) {
      const bool enabled = (how & 1) != 0, step = (how & 2) != 0;
      const unsigned cpl = (how & 4) != 0 ? 3 : 0;
      if (what == kHaltShadow && cpl == 3) continue;
      begin_case();
      note("what", what), note("if", enabled), note("tf", step), note("cpl", cpl);
      State s = start_state(cpl);
      s.eflags |= iopl(3) | (enabled ? kIf : 0) | (step ? kTf : 0);
      s.gpr[kEax] = data32(cpl);
      Assembler code(kCode);
      kShadows[what](s, code, cpl);
      put_gate(kIdt + 8 * kTestVector, 0xEF, code32(0), kLanding, 0);
      code.nop();
      code.nop();
      code.ud2();
      raise_interrupt();
      const Outcome& out = run(s);
      drop_interrupt();
      report(out);
      report_flags(out);
      end_case();
    }
  }
}

}  // namespace privileged
