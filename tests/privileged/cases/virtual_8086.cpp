// Virtual-8086 mode with and without its extensions.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"
#include "tests/privileged/cases/real_code.h"

namespace privileged {
namespace {

constexpr uint32_t kMap = 0x100;  ///< I/O map in the main TSS; the redirection map lies in the 32 bytes below

void report_v86(const Outcome& out) {
  report(out);
  report_stack(out);
  report_flags(out);
}

/// Flags through CLI, STI, PUSHF, POPF and IRET: VIF stands in for IF where IOPL is below 3 and VME is on.
void flag_instructions() {
  static const uint32_t kImages[] = {0, kIf, kTf, kNt, iopl(3), 0x0CD5};
  for (unsigned vme = 0; vme < ((features() & kFeatureVme) != 0 ? 2u : 1u); ++vme) {
    for (unsigned level = 0; level < 4; ++level) {
      for (unsigned flags = 0; flags < 8; ++flags) {
        const uint32_t before =
            ((flags & 1) != 0 ? kIf : 0) | ((flags & 2) != 0 ? kVif : 0) | ((flags & 4) != 0 ? kVip : 0);
        // With VIF and VIP the monitor owes the program its interrupt; the manual does not say what happens
        // here.
        if ((vme == 0 && (flags & 6) != 0) || (flags & 6) == 6) continue;
        for (unsigned what = 0; what < 16; ++what) {
          const bool with_image = what >= 4;
          begin_case();
          note("vme", vme), note("iopl", level), note("before", before), note("what", what);
          State s = v86_state(level);
          s.eflags |= before;
          s.cr4 = vme != 0 ? kCr4Vme : 0;
          const unsigned size = (what & 1) != 0 ? 4 : 2;
          const uint32_t image = with_image ? kImages[(what - 4) / 2] : 0;
          Assembler code(kRealCode, 16);
          if (what == 0)
            code.cli();
          else if (what == 1)
            code.sti();
          else if (what < 4)
            code.pushf(size);
          if (with_image) {
            s.gpr[kEsp] -= size;
            const uint32_t at = kRealStack + s.gpr[kEsp];
            if (size == 4)
              put32(at, image);
            else
              put16(at, image);
            code.popf(size);
            // A trap flag that was let through traps behind the next instruction.
            code.nop();
          }
          code.ud2();
          const Outcome& out = run(s);
          report_v86(out);
          if (what == 2 || what == 3) field("image", get16(kRealStack + 0xF00 - size), 4);
          end_case();
        }
        for (unsigned what = 0; what < 12; ++what) {
          const unsigned size = (what & 1) != 0 ? 4 : 2;
          begin_case();
          note("vme", vme), note("iopl", level), note("before", before), note("iret", kImages[what / 2]);
          State s = v86_state(level);
          s.eflags |= before;
          s.cr4 = vme != 0 ? kCr4Vme : 0;
          s.gpr[kEsp] -= 3 * size;
          const uint32_t at = kRealStack + s.gpr[kEsp];
          const uint32_t frame[] = {0x123, (kRealCode >> 4) + 2, kImages[what / 2]};
          for (unsigned i = 0; i < 3; ++i) {
            if (size == 4)
              put32(at + 4 * i, frame[i]);
            else
              put16(at + 2 * i, frame[i]);
          }
          Assembler target(kRealCode + 0x20 + 0x123, 16);
          target.nop();
          target.ud2();
          Assembler code(kRealCode, 16);
          code.iret(size);
          code.ud2();
          report_v86(run(s));
          end_case();
        }
      }
    }
  }
}

/// INT n: by gate, by redirection, or #GP.
void software_interrupts() {
  for (unsigned vme = 0; vme < ((features() & kFeatureVme) != 0 ? 2u : 1u); ++vme) {
    for (unsigned level = 0; level < 4; ++level) {
      for (unsigned redirect = 0; redirect < 2; ++redirect) {
        for (unsigned flags = 0; flags < 4; ++flags) {
          for (unsigned gate_dpl = 0; gate_dpl < 4; gate_dpl += 3) {
            if (vme == 0 && (redirect != 0 || flags > 1)) continue;
            begin_case();
            note("vme", vme), note("iopl", level), note("redirect", redirect), note("flags", flags);
            note("gate", gate_dpl);
            // A clear bit sends the interrupt to the 8086 program.
            put16(kMainTss + 0x66, kMap);
            for (unsigned i = 0; i < 32; ++i) put8(kMainTss + kMap - 32 + i, redirect != 0 ? 0 : 0xFF);
            put8(kMainTss + kMap - 32 + 0x42 / 8, redirect != 0 ? ~(1u << 2) : 1u << 2);
            put_gate(kIdt + 8 * kTestVector, 0x8E | dpl_bits(gate_dpl), kKernelCode,
                     kStubs + kTestVector * kStubSize, 0);
            State s = v86_state(level);
            s.cr4 = vme != 0 ? kCr4Vme : 0;
            s.eflags |= ((flags & 1) != 0 ? kIf : 0) | ((flags & 2) != 0 ? kVif : 0);
            Assembler code(kRealCode, 16);
            code.int_n(kTestVector);
            code.ud2();
            const Outcome& out = run(s);
            report_v86(out);
            if (out.vector == 6 && out.at.seg[kCs] == 0) {
              for (unsigned i = 0; i < 3; ++i) {
                text(" ");
                hex(get16(kRealStack + out.at.gpr[kEsp] + 2 * i), 4);
              }
            }
            end_case();
          }
        }
      }
    }
  }
  // Each bit of the map for its own vector.
  if ((features() & kFeatureVme) == 0) return;
  for (unsigned vector = 0x21; vector < 0x100; vector += 7) {
    for (unsigned bit = 0; bit < 3; ++bit) {
      begin_case();
      note("vector", vector), note("bit", vector + bit - 1);
      for (unsigned i = 0; i < 32; ++i) put8(kMainTss + kMap - 32 + i, 0xFF);
      const unsigned clear = vector + bit - 1;
      const uint32_t byte = kMainTss + kMap - 32 + (clear & 0xFF) / 8;
      put8(byte, get8(byte) & ~(1u << (clear % 8)));
      State s = v86_state(0);
      s.cr4 = kCr4Vme;
      Assembler code(kRealCode, 16);
      code.int_n(vector);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

/// From virtual-8086 mode through gates: the target must be ring 0, and no other.
void gates_from_v86() {
  static const unsigned kTypes[] = {kInt16, kTrap16, kInt32, kTrap32};
  for (const unsigned type : kTypes) {
    for (unsigned target = 0; target < 8; ++target) {
      for (unsigned exception = 0; exception < 2; ++exception) {
        begin_case();
        note("type", type), note("dpl", target & 3), note("conforming", target >= 4),
            note("exception", exception);
        const unsigned vector = exception != 0 ? 5 : kTestVector, size = (type & 8) != 0 ? 4 : 2;
        put_segment(descriptor_at(kTest + 8), kLanding & ~0xFFFFu, 0xFFFF,
                    (target >= 4 ? 0x9F : 0x9B) | dpl_bits(target & 3), kBig);
        put_gate(kIdt + 8 * vector, type | kPresentBit | dpl_bits(3), kTest + 8, kLanding & 0xFFFF, 0);
        State s = v86_state(3);
        s.eflags |= kIf;
        s.gpr[kEax] = 1;
        put32(kRealData, 0), put32(kRealData + 4, 0);
        Assembler code(kRealCode, 16);
        if (exception != 0)
          code.bound(0);
        else
          code.int_n(vector);
        code.ud2();
        const Outcome& out = run(s);
        gate_to_stub(5);
        report_v86(out);
        if ((out.at.eip & 0xFFFF) == (kLanding & 0xFFFF) && (out.at.eflags & kVm) == 0) {
          for (unsigned i = 0; i < 9; ++i) {
            const uint32_t at = out.at.gpr[kEsp] + size * i;
            text(" ");
            hex(size == 4 ? get32(at) : get16(at), 2 * size);
          }
          field("ds", out.at.seg[kDs], 4);
        }
        end_case();
      }
    }
  }
}

}  // namespace

void virtual_8086() {
  set_handlers();
  flag_instructions();
  software_interrupts();
  gates_from_v86();
  addressing(true);
  // IRET from ring 0 into the mode: EIP beyond 64 KiB, flags, and segments without descriptors.
  for (unsigned how = 0; how < 16; ++how) {
    // From ring 3 the VM bit of the image is ignored, and the return is an ordinary one.
    const uint32_t eip = (how & 8) != 0 ? kLanding : (how & 1) != 0 ? 0x10000 : 0xFFFE;
    const uint32_t flags = 2 | kVm | iopl(how >> 1 & 3);
    begin_case();
    note("eip", eip), note("flags", flags), note("cpl", (how & 8) != 0 ? 3 : 0);
    State s = start_state((how & 8) != 0 ? 3 : 0);
    s.eflags |= iopl(3);
    Assembler target(0x2000 + 0xFFFE, 16);
    target.ud2();
    s.gpr[kEsp] -= 36;
    const uint32_t frame[] = {
        eip, (how & 8) != 0 ? code32(3) : 0x200u, flags, 0xF00, kRealStack >> 4, 1, 2, 3, 4};
    for (unsigned i = 0; i < 9; ++i) put32(s.gpr[kEsp] + 4 * i, frame[i]);
    Assembler code(kCode);
    code.iret();
    code.ud2();
    const Outcome& out = run(s);
    report_v86(out);
    field("ds", out.at.seg[kDs], 4);
    end_case();
  }
}

}  // namespace privileged
