// Task switches by JMP, CALL, IRET, gates and exceptions, with 32- and 16-bit TSSs.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

unsigned tss_type(Guest& g, std::uint16_t selector) { return g.gdt(selector) >> 40 & 15; }

TEST(Tasks, JumpSavesTheOldTaskAndLoadsTheNew) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kEBX] = 0x55;
    g.cpu.set_eflags(kCF, kCF);
    g.code(far_jump32(kOtherTss, 0x1234));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.tr.selector, kOtherTss);
    EXPECT_EQ(g.cpu.eip, kOtherTaskAt + 1);
    EXPECT_EQ(g.reg(kEAX), 0xAAAA0000u);
    EXPECT_EQ(g.reg(kESP), kOtherStackAt);
    EXPECT_EQ(g.cpu.eflags(), 2u);
    EXPECT_NE(g.cpu.cr0 & kCr0TS, 0u);
    EXPECT_EQ(g.read32(kTssAt + 0x20), kCodeAt + 7);
    EXPECT_EQ(g.read32(kTssAt + 0x24), 3u);
    EXPECT_EQ(g.read32(kTssAt + 0x34), 0x55u);
    EXPECT_EQ(g.read16(kTssAt + 0x4C), kCode0);
    EXPECT_EQ(tss_type(g, kTss), 9u);
    EXPECT_EQ(tss_type(g, kOtherTss), 11u);
    ASSERT_NE(g.last_event(TrapKind::kTaskSwitch), nullptr);
  });
}

TEST(Tasks, CallNestsAndIretComesBack) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.place(kOtherTaskAt, {0x40, 0xCF});  // inc eax; iret
    g.code(bytes_of({far_call32(kOtherTss, 0), {0x43}}));
    g.step();
    EXPECT_EQ(g.read16(kOtherTssAt), kTss);
    EXPECT_NE(g.cpu.eflags() & kNT, 0u);
    EXPECT_EQ(tss_type(g, kTss), 11u);
    EXPECT_EQ(tss_type(g, kOtherTss), 11u);
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.tr.selector, kTss);
    EXPECT_EQ(g.reg(kEBX), 1u);
    EXPECT_EQ(tss_type(g, kOtherTss), 9u);
    EXPECT_EQ(g.read32(kOtherTssAt + 0x28), 0xAAAA0001u);
    EXPECT_EQ(g.read32(kOtherTssAt + 0x24) & kNT, 0u);  // IRET saves NT as 0
  });
}

TEST(Tasks, GateFromRing3) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code(far_call32(kTaskGateSelector | 3, 0));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.cpl, 0);
    EXPECT_EQ(g.cpu.tr.selector, kOtherTss);
    EXPECT_EQ(g.read16(kTssAt + 0x50), kData3);
  });
}

TEST(Tasks, ExceptionThroughATaskGatePushesItsErrorCode) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(13, gate(kOtherTss, 0, 0x85));
    g.code(bytes_of({mov32(kEAX, 0x100), mov_sreg_ax(kDS)}));
    g.run();
    EXPECT_FAULT(g, kGpBeyondGdt, 0x100);
    EXPECT_EQ(g.reg(kESP), kOtherStackAt - 4);
    EXPECT_EQ(g.stack32(0), 0x100u);
    EXPECT_EQ(g.read32(kTssAt + 0x20), kCodeAt + 5);
    EXPECT_EQ(g.read32(kTssAt + 0x24) & kRF, kRF);
    EXPECT_EQ(g.read16(kOtherTssAt), kTss);
  });
}

TEST(Tasks, SoftwareInterruptThroughATaskGate) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(0x40, gate(kOtherTss, 0, 0x85));
    g.place(kOtherTaskAt, {0xCF});
    g.code({0xCD, 0x40, 0x43});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX), 1u);
    EXPECT_EQ(g.reg(kESP), kStack0At);
  });
}

TEST(Tasks, ASecondRunOfAHandlerTaskContinuesAfterItsIret) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(0x40, gate(kOtherTss, 0, 0x85));
    g.place(kOtherTaskAt, {0x40, 0xCF, 0xEB, 0xFC});  // again: inc eax; iret; jmp again
    g.code({0xCD, 0x40, 0xCD, 0x40});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.read32(kOtherTssAt + 0x28), 0xAAAA0002u);
  });
}

TEST(Tasks, A16BitTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.place(kCodeAt, {0xF4});  // the 16-bit task's code segment begins there
    g.cpu.eip = kCodeAt + 0x200;
    g.cpu.gpr[kEAX] = 0xFFFF0000;
    g.code(far_jump32(kTss16, 0));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.tr.selector, kTss16);
    EXPECT_EQ(g.cpu.seg[kCS].selector, kCode16);
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0x1234u);
    EXPECT_EQ(g.reg(kESP) & 0xFFFF, 0x8000u);
    EXPECT_EQ(g.cpu.seg[kFS].usable, 0);
    EXPECT_EQ(tss_type(g, kTss16), 3u);
  });
}

TEST(Tasks, BackFromA16BitTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.place(kCodeAt, {0xCF});
    g.cpu.eip = kCodeAt + 0x200;
    g.code(bytes_of({far_call32(kTss16, 0), {0x43}}));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX), 1u);
    EXPECT_EQ(tss_type(g, kTss16), 1u);
    EXPECT_EQ(g.read16(kTss16At + 0x0E), 1);
  });
}

TEST(Tasks, AFaultBeforeTheCommitPointBelongsToTheOldTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.gdt(kOtherTss, descriptor(kOtherTssAt, 0x66, 0x89, 0));
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_FAULT(g, kTsTssLimit, kOtherTss);
    EXPECT_EQ(g.cpu.tr.selector, kTss);
    EXPECT_EQ(g.stack32(1), kCodeAt);
    EXPECT_EQ(tss_type(g, kTss), 11u);
    EXPECT_EQ(tss_type(g, kOtherTss), 9u);
  });
}

TEST(Tasks, AFaultAfterItBelongsToTheNewTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write16(kOtherTssAt + 0x54, kAbsentData);  // DS
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_FAULT(g, kNpSegment, kAbsentData);
    EXPECT_EQ(g.cpu.tr.selector, kOtherTss);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_eip, kOtherTaskAt);
    EXPECT_EQ(g.stack32(1), kOtherTaskAt);
    EXPECT_EQ(g.cpu.seg[kDS].selector, kAbsentData);
    EXPECT_EQ(g.cpu.seg[kDS].usable, 0);
  });
}

TEST(Tasks, AnUnmappedTssFaultsBeforeAnyEffect) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kOtherTssAt, 0);
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, 0);
    EXPECT_EQ(g.cpu.tr.selector, kTss);
    EXPECT_EQ(tss_type(g, kTss), 11u);
    EXPECT_EQ(g.cpu.cr2, kOtherTssAt);
  });
}

TEST(Tasks, TheNewTasksPageDirectoryIsLoaded) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    for (std::uint32_t i = 0; i < 4096; i += 4)
      g.memory.write32(0x200000 + i, g.read32(kPageDirectoryAt + i));
    g.memory.write32(kOtherTssAt + 0x1C, 0x200000);
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.cr3, 0x200000u);
  });
}

TEST(Tasks, TheTrapBitRaisesDbInTheNewTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write16(kOtherTssAt + 0x64, 1);
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_FAULT(g, kDbTaskSwitch, 0);
    EXPECT_EQ(g.cpu.dr[6] & 0xE00F, 0x8000u);
    EXPECT_EQ(g.stack32(0), kOtherTaskAt);
  });
}

TEST(Tasks, LocalBreakpointsEndWithTheTask) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, 0x303), {0x0F, 0x23, 0xF8}, far_jump32(kOtherTss, 0)}));
    g.run();
    EXPECT_EQ(g.cpu.dr[7], 0x602u);  // G0 and GE stay
  });
}

TEST(Tasks, SwitchIntoVirtual8086Mode) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write32(kOtherTssAt + 0x24, kVM | 2);
    g.memory.write32(kOtherTssAt + 0x20, 0);
    for (std::uint32_t at = 0x48; at <= 0x5C; at += 4) g.memory.write16(kOtherTssAt + at, kCodeAt >> 4);
    g.memory.write32(kOtherTssAt + 4, kStack0At);
    g.cpu.eip = kCodeAt + 0x100;
    g.place(kCodeAt, {0x0F, 0x0B});
    g.code(far_jump32(kOtherTss, 0));
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_NE(g.stack32(2) & kVM, 0u);
    EXPECT_EQ(g.stack32(1), kCodeAt >> 4);
  });
}

TEST(Tasks, TheDoubleFaultTaskSavesTheVictim) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kESP] = 0x10;
    g.cpu.seg[kSS].limit = 0x0FFF;  // a stack that is gone below 1000h with an expand-down segment
    g.cpu.seg[kSS].access = 0x97;
    g.cpu.seg[kSS].derive();
    g.cpu.update_mode();
    g.idt(8, gate(kOtherTss, 0, 0x85));
    g.code({0x50});
    g.run();
    EXPECT_FAULT(g, kDfContributory, 0);
    EXPECT_EQ(g.cpu.tr.selector, kOtherTss);
    EXPECT_EQ(g.read32(kTssAt + 0x20), kCodeAt);
    EXPECT_EQ(g.read32(kTssAt + 0x38), 0x10u);
    EXPECT_EQ(g.stack32(0), 0u);
  });
}

}  // namespace
}  // namespace ringside::test
