// TF, RF, DR0-DR7.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

/// A handler that counts in EBP, clears DR6 into EDI and returns.
void counting_handler(Guest& g) {
  g.idt(1, gate(kCode0, kCodeAt + 0x800, 0x8E));
  g.place(kCodeAt + 0x800, {0x45, 0x0F, 0x21, 0xF7, 0xCF});  // inc ebp; mov edi, dr6; iret
}

std::vector<int> set_dr(int number, std::uint32_t value) {
  return bytes_of({mov32(kEAX, value), {0x0F, 0x23, 0xC0 | number << 3}});
}

TEST(DebugRegisters, SingleStepTrapsAfterEachInstruction) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    counting_handler(g);
    // pushf; or [esp], 100h; popf; nop; nop; pushf; and [esp], ~100h; popf; nop
    g.code({0x9C, 0x81, 0x0C, 0x24, 0,    1,    0,    0,    0x9D, 0x90, 0x90,
            0x9C, 0x81, 0x24, 0x24, 0xFF, 0xFE, 0xFF, 0xFF, 0x9D, 0x90});
    g.run();
    EXPECT_EQ(g.reg(kEBP), 5u) << g.history();  // nop nop pushf and popf
    EXPECT_EQ(g.reg(kEDI) & 0xE00F, 0x4000u);
  });
}

TEST(DebugRegisters, SingleStepHandlerRunsWithTfClear) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.set_eflags(kTF, kTF);
    g.code({0x90});
    g.run();
    EXPECT_FAULT(g, kDbSingleStep, 0);
    EXPECT_EQ(g.cpu.eflags() & kTF, 0u);
    EXPECT_NE(g.stack32(2) & kTF, 0u);
    EXPECT_EQ(g.stack32(0), kCodeAt + 1);
  });
}

TEST(DebugRegisters, IntClearsTfBeforeTheTrap) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    counting_handler(g);
    g.cpu.set_eflags(kTF, kTF);
    g.idt(0x40, gate(kCode0, kCodeAt + 0x900, 0x8E));
    g.place(kCodeAt + 0x900, {0x43, 0x43, 0xF4});
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_EQ(g.reg(kEBP), 0u);
    EXPECT_EQ(g.reg(kEBX), 2u);
  });
}

TEST(DebugRegisters, MovSsHoldsTheTrapOff) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.set_eflags(kTF, kTF);
    g.cpu.gpr[kEAX] = kData0;
    g.code({0x8E, 0xD0, 0x90, 0x90});
    g.run();
    EXPECT_FAULT(g, kDbSingleStep, 0);
    EXPECT_EQ(g.stack32(0), kCodeAt + 3);
  });
}

TEST(DebugRegisters, InstructionBreakpointComesBeforeTheInstruction) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({set_dr(2, kCodeAt + 0x20), set_dr(7, 0x10), {0xEB, 0x0E}}));  // jmp to +20h
    g.place(kCodeAt + 0x20, {0x43, 0xF4});
    g.run();
    EXPECT_FAULT(g, kDbInstructionBreakpoint, 0);
    EXPECT_EQ(g.stack32(0), kCodeAt + 0x20);
    EXPECT_EQ(g.reg(kEBX), 0u);
    EXPECT_EQ(g.cpu.dr[6] & 0xF, 4u);
    EXPECT_EQ(g.stack32(2) & kRF, 0u);
  });
}

TEST(DebugRegisters, RfLetsTheInstructionRunOnce) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(1, gate(kCode0, kCodeAt + 0x800, 0x8E));
    // inc ebp; or dword [esp + 8], RF; iret
    g.place(kCodeAt + 0x800, {0x45, 0x81, 0x4C, 0x24, 0x08, 0, 0, 1, 0, 0xCF});
    g.code(bytes_of({set_dr(0, kCodeAt + 0x20), set_dr(7, 2), {0xEB, 0x0E}}));
    // twice: inc ebx; cmp bl, 2; jne twice; hlt
    g.place(kCodeAt + 0x20, {0x43, 0x80, 0xFB, 0x02, 0x75, 0xFA, 0xF4});
    g.run();
    EXPECT_EQ(g.reg(kEBX), 2u) << g.history();
    EXPECT_EQ(g.reg(kEBP), 2u);
    EXPECT_EQ(g.cpu.eflags() & kRF, 0u);
  });
}

TEST(DebugRegisters, WriteBreakpointTrapsAfterTheWrite) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({set_dr(0, kDataAt),
                     set_dr(7, 0x000D0001 | 2),
                     {0xA1, 0, 0, 4, 0},                          // a read: nothing
                     {0xC6, 0x05, 0x03, 0, 4, 0, 0x77, 0x90}}));  // the last byte of the four
    g.run();
    EXPECT_FAULT(g, kDbDataBreakpoint, 0);
    EXPECT_EQ(g.memory.read8(kDataAt + 3), 0x77);
    EXPECT_EQ(g.stack32(0), kCodeAt + 16 + 5 + 7);
    EXPECT_EQ(g.cpu.dr[6] & 0xF, 1u);
  });
}

TEST(DebugRegisters, ReadWriteBreakpointOnAPush) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({set_dr(1, kStack0At - 4), set_dr(7, 0x00F00004), {0x50, 0x90}}));
    g.run();
    EXPECT_FAULT(g, kDbDataBreakpoint, 0);
    EXPECT_EQ(g.cpu.dr[6] & 0xF, 2u);
  });
}

TEST(DebugRegisters, PortBreakpointNeedsDe) {
  for (const std::uint32_t de : {0u, std::uint32_t{kCr4DE}}) {
    both_ways([&](Guest& g) {
      g.enter_protected32();
      g.cpu.cr4 = de;
      g.code(bytes_of({set_dr(3, 0x61), set_dr(7, 0x20000080), {0xE4, 0x61, 0x90}}));
      g.run();
      if (de == 0) {
        EXPECT_NO_FAULT(g);
      } else {
        EXPECT_FAULT(g, kDbDataBreakpoint, 0);
        EXPECT_EQ(g.stack32(0), kCodeAt + 16 + 2);
      }
    });
  }
}

TEST(DebugRegisters, GeneralDetect) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({set_dr(7, 0x2000), {0x0F, 0x21, 0xC3}}));
    g.run();
    EXPECT_FAULT(g, kDbGeneralDetect, 0);
    EXPECT_EQ(g.stack32(0), kCodeAt + 8);
    EXPECT_NE(g.cpu.dr[6] & 0x2000, 0u);
    EXPECT_EQ(g.cpu.dr[7] & 0x2000, 0u);  // cleared on entry
  });
}

TEST(DebugRegisters, FixedBitsAndAliases) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    // dr4 is dr6 and dr5 is dr7 while CR4.DE is clear
    g.code(bytes_of({set_dr(6, 0), {0x0F, 0x21, 0xE3}, set_dr(5, 0), {0x0F, 0x21, 0xF9}}));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX), 0xFFFF0FF0u);
    EXPECT_EQ(g.reg(kECX), 0x400u);
  });
}

TEST(DebugRegisters, BreakpointsOfAFaultingInstructionComeWithItsRestart) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt, 0);
    g.cpu.gpr[kESI] = kStack0At - 0x100;  // watched, readable
    g.cpu.gpr[kEDI] = kDataAt;            // not mapped
    g.code(bytes_of({set_dr(0, kStack0At - 0x100), set_dr(7, 0x000F0001), {0xA5}}));
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, 2);
    EXPECT_FALSE(g.saw(Cause::kDbDataBreakpoint));
  });
}

}  // namespace
}  // namespace ringside::test
