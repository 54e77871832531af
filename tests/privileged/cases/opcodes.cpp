// Opcodes that do not exist, exist with memory operands only, or do not take LOCK; segment registers that do not
// exist. Chosen from what has stayed undefined on all processors since.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

struct Bytes {
  uint32_t bytes;
  uint8_t count;
};

constexpr Bytes kNowhere[] = {
    {0x040F, 2}, {0x0A0F, 2}, {0x0C0F, 2}, {0x270F, 2}, {0x360F, 2}, {0x390F, 2}, {0xC0B90F, 3}, {0x0B0F, 2},
    {0xD0FE, 2}, {0xF8FF, 2}, {0xC8C6, 2}, {0xC8C7, 2},  // groups 4, 5 and 11
    {0xC0BA0F, 3}, {0xC8BA0F, 3}, {0xD0BA0F, 3}, {0xD8BA0F, 3}, {0xF0000F, 3}, {0xF8000F, 3}, {0xAA0F, 2},
};
/// LEA, LSS, LFS, LGS, far CALL and JMP, CMPXCHG8B, INVLPG.
constexpr Bytes kMemoryOnly[] = {
    {0xC08D, 2}, {0xC3B20F, 3}, {0xC3B40F, 3}, {0xC3B50F, 3}, {0xD8FF, 2}, {0xE8FF, 2}, {0xC8C70F, 3}, {0xF8010F, 3},
};
/// MOV to CS, and to and from segment registers 6 and 7.
constexpr Bytes kNoSegment[] = {{0xC88E, 2}, {0xF08E, 2}, {0xF88E, 2}, {0xF08C, 2}, {0xF88C, 2}};
/// LOCK before MOV, PUSH, JMP, CMP with a register, and register destinations.
constexpr Bytes kNoLock[] = {
    {0xC089F0, 3}, {0xC38BF0, 3}, {0x50F0, 2}, {0x00EBF0, 3}, {0xC839F0, 3}, {0xC001F0, 3},
    {0xC0FFF0, 3}, {0xC087F0, 3}, {0xC0B10FF0, 4}, {0xFBF0, 2}, {0xA4F0, 2},
};

/// BT, which QEMU does not survive; see stopping_opcodes().
constexpr Bytes kNoLockLate[] = {{0xC0A30FF0, 4}, {0xC8A30FF0, 4}};

template <unsigned kCount>
void refuse_all(const char* name, const Bytes (&list)[kCount]) {
  for (const Bytes& each : list) {
    for (unsigned mode = 0; mode < 5; ++mode) {
      begin_case();
      note(name, each.bytes), note("mode", mode);
      State s = mode == 4 ? v86_state(3) : start_state(mode);
      Assembler code(mode == 4 ? kRealCode : kCode, mode == 4 ? 16 : 32);
      code.fixed(Kind::kUndefined, each.bytes, each.count);
      code.nop(), code.nop();
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

/// LOCK before the group of ADD to CMP, and NOT, NEG, INC, DEC, BTS: legal for all but CMP with memory.
void locked() {
  constexpr Bytes kOps[] = {{0x81, 1}, {0xF7, 1}, {0xFF, 1}, {0xBA0F, 2}};
  for (unsigned which = 0; which < 32; ++which) {
    const unsigned op = which >> 3, reg = which & 7;
    // NOT and NEG; INC and DEC; BT to BTC.
    if ((op == 1 && reg != 2 && reg != 3) || (op == 2 && reg > 1) || (op == 3 && reg < 4)) continue;
    const bool refused = (op == 0 && reg == 7) || (op == 3 && reg == 4);
    const uint32_t bytes = kOps[op].bytes << 8 | 0xF0;
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      begin_case();
      note("lock", kOps[op].bytes), note("reg", reg), note("cpl", cpl);
      State s = start_state(cpl);
      Assembler code(kCode);
      const unsigned immediate = op == 0 ? 4 : op == 3 ? 1 : 0;
      code.locked(refused, bytes, kOps[op].count + 1u, reg, kData, immediate);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

}  // namespace

void stopping_opcodes() { refuse_all("no lock", kNoLockLate); }

void undefined_opcodes() {
  refuse_all("nowhere", kNowhere);
  refuse_all("memory only", kMemoryOnly);
  refuse_all("no segment register", kNoSegment);
  refuse_all("no lock", kNoLock);
  locked();
  // Division, by zero and with a quotient that does not fit; AAM with base 0.
  for (unsigned mode = 0; mode < 5; ++mode) {
    for (unsigned what = 0; what < 4; ++what) {
      begin_case();
      note("divide", what), note("mode", mode);
      State s = mode == 4 ? v86_state(3) : start_state(mode);
      s.gpr[kEcx] = what == 0 ? 0 : 5;
      s.gpr[kEdx] = 5;
      Assembler code(mode == 4 ? kRealCode : kCode, mode == 4 ? 16 : 32);
      if (what < 2)
        code.div_ecx();
      else
        code.fixed(Kind::kAam, what == 2 ? 0x00D4 : 0x0AD4, 2, what == 2);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

}  // namespace privileged
