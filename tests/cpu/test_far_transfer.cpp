// Far JMP, CALL, RET and IRET in real and protected mode; call gates; SYSENTER and SYSEXIT.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

TEST(FarTransfer, RealCallAndReturn) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.code({0x9A, 0x10, 0x00, 0x00, 0x11});  // call 1100:0010
    g.place(0x11010, {0xB8, 0x34, 0x12, 0xCB});
    g.run();
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0x1234u);
    EXPECT_EQ(g.cpu.seg[kCS].selector, 0x1000);
    EXPECT_EQ(g.cpu.eip, 6u);
    EXPECT_EQ(g.reg(kESP), 0xFFFEu);
    EXPECT_EQ(g.read16(0x20000 + 0xFFFC), 0x1000);
    EXPECT_EQ(g.read16(0x20000 + 0xFFFA), 5);
  });
}

TEST(FarTransfer, EnteringProtectedModeByHand) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gdtr = {kGdtAt, kGdtLimit};
    // mov eax, cr0; or al, 1; mov cr0, eax; jmp dword 8:10100h
    g.code({0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0, 0x66, 0xEA, 0x00, 0x01, 0x01, 0x00, 0x08, 0x00});
    g.place(kCodeAt + 0x100, {0xB8, 0x78, 0x56, 0x34, 0x12, 0xF4});
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0x12345678u);
    EXPECT_EQ(g.cpu.seg[kCS].selector, 8);
    EXPECT_EQ(g.cpu.seg[kCS].big, 1);
  });
}

TEST(FarTransfer, CallPushesByOperandSize) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(far_call32(kConforming0, kCodeAt + 0x100));
    g.place(kCodeAt + 0x100, {0xF4});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.seg[kCS].selector, kConforming0);
    EXPECT_EQ(g.stack32(0), kCodeAt + 7);
    EXPECT_EQ(g.stack32(1), kCode0);
  });
}

TEST(FarTransfer, AFailingCallLeavesEverything) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.gdt(kFree, descriptor(0, 0xFF, 0x9B, 0x4));
    g.code(far_call32(kFree, 0x100));  // beyond the limit
    g.run();
    EXPECT_FAULT(g, kGpCodeLimit, 0);
    EXPECT_EQ(g.stack32(1), kCodeAt);
    EXPECT_EQ(g.reg(kESP), kStack0At - 16);
  });
}

TEST(FarTransfer, CallGateCopiesParametersToTheInnerStack) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.gdt(kFree, gate(kCode0, kCodeAt + 0x200, 0xEC, 2));
    g.code(bytes_of({{0x6A, 0x11, 0x6A, 0x22}, far_call32(kFree | 3, 0xDEAD)}));
    g.place(kCodeAt + 0x200, {0xF4});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.cpl, 0);
    EXPECT_EQ(g.cpu.seg[kCS].selector, kCode0);
    EXPECT_EQ(g.cpu.seg[kSS].selector, kData0);
    EXPECT_EQ(g.reg(kESP), kStack0At - 24);
    EXPECT_EQ(g.stack32(0), kCodeAt + 4 + 7);
    EXPECT_EQ(g.stack32(1), kCode3);
    EXPECT_EQ(g.stack32(2), 0x22u);
    EXPECT_EQ(g.stack32(3), 0x11u);
    EXPECT_EQ(g.stack32(4), kStack3At - 8);
    EXPECT_EQ(g.stack32(5), kData3);
    ASSERT_NE(g.last_event(TrapKind::kRingChange), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kRingChange)->from_cpl, 3);
    EXPECT_EQ(g.last_event(TrapKind::kRingChange)->to_cpl, 0);
  });
}

TEST(FarTransfer, ReturnToTheOuterRingReleasesParametersAndEmptiesSegments) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.gdt(kFree, gate(kCode0, kCodeAt + 0x200, 0xEC, 2));
    g.code(
        bytes_of({{0x6A, 0x11, 0x6A, 0x22}, far_call32(kFree | 3, 0), {0x89, 0xC3}}));  // ...; mov ebx, eax
    // mov eax, 10h; mov es, ax; retf 8
    g.place(kCodeAt + 0x200, bytes_of({mov32(kEAX, kData0), mov_sreg_ax(kES), {0xCA, 8, 0}}));
    g.run();
    EXPECT_FAULT(g, kGpPrivileged, 0);  // HLT in ring 3
    EXPECT_EQ(g.reg(kEBX), kData0);
    EXPECT_EQ(g.cpu.seg[kES].selector, 0);
    EXPECT_EQ(g.cpu.seg[kES].usable, 0);
    EXPECT_EQ(g.cpu.seg[kDS].selector, kData3);
    EXPECT_EQ(g.stack32(4), kStack3At);  // the frame of the #GP: error, EIP, CS, EFLAGS, ESP
  });
}

TEST(FarTransfer, A16BitCallGatePushesWords) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.gdt(kFree, gate(kCode0, 0xA000, 0xE4, 0));
    g.code(far_call32(kFree | 3, 0));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kESP), kStack0At - 8);
    EXPECT_EQ(g.stack16(0), (kCodeAt + 7) & 0xFFFF);
    EXPECT_EQ(g.stack16(1), kCode3);
    EXPECT_EQ(g.stack16(3), kData3);
  });
}

TEST(FarTransfer, CallGateWithoutRoomOnTheInnerStackChangesNothing) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.memory.write32(kTssAt + 4, 8);
    g.memory.write16(kTssAt + 8, kSmallData);
    g.code(far_call32(kCallGate, 0));
    // The #SS handler needs the same stack: so through a task gate.
    g.idt(12, gate(kOtherTss, 0, 0x85));
    g.run();
    EXPECT_TRUE(g.saw(Cause::kSsInnerStackLimit)) << g.history();
    EXPECT_EQ(g.read32(kTssAt + 0x20), kCodeAt);  // the old task's EIP: the CALL itself
    EXPECT_EQ(g.read32(kTssAt + 0x38), kStack3At);
    EXPECT_EQ(g.read16(kTssAt + 0x4C), kCode3);
  });
}

TEST(FarTransfer, IretToTheOuterRing) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0x68, kData3, 0,    0,      0, 0x68, 0, 0,    3, 0, 0x68, 0x02, 0x02,
            0,    0,      0x68, kCode3, 0, 0,    0, 0x68, 0, 2, 1,    0,    0xCF});
    g.place(0x10200, {0x0F, 0x0B});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_cpl, 3);
    EXPECT_EQ(g.stack32(0), 0x10200u);
    EXPECT_EQ(g.stack32(1), kCode3);
    EXPECT_EQ(g.stack32(2), 0x10202u);  // IF, bit 1, and RF for a fault
    EXPECT_EQ(g.stack32(3), kStack3At);
    EXPECT_EQ(g.cpu.seg[kDS].usable, 0);  // DS held a ring-0 segment
  });
}

TEST(FarTransfer, IretInRing3CannotChangeIoplOrIf) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code({0x68, 0x02, 0x32, 0, 0, 0x6A, kCode3, 0x68, 0, 2, 1, 0, 0xCF});  // EFLAGS with IF and IOPL 3
    g.place(0x10200, {0x0F, 0x0B});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.stack32(2) & (kIF | kIOPL), 0u);
  });
}

TEST(FarTransfer, IretToA16BitStackKeepsTheUpperHalfOfEsp) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.gdt(kFree, descriptor(0, 0xFFFF, 0xF3, 0));
    g.code(bytes_of({{0x68, kFree | 3, 0, 0, 0},
                     {0x68, 0x00, 0x80, 0x34, 0x12},
                     {0x6A, 2, 0x6A, kCode3},
                     {0x68, 0, 2, 1, 0},
                     {0xCF}}));
    g.place(0x10200, {0x0F, 0x0B});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.stack32(3), ((kStack0At - 20) & 0xFFFF0000u) | 0x8000u);
  });
}

TEST(FarTransfer, SysenterAndSysexit) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.cpu.msr_sysenter_cs = kCode0;
    g.cpu.msr_sysenter_esp = kStack0At;
    g.cpu.msr_sysenter_eip = kCodeAt + 0x100;
    g.cpu.set_eflags(kIF, kIF);
    g.code({0x0F, 0x34});
    // mov edx, kCodeAt + 200h; mov ecx, kStack3At - 16; sysexit
    g.place(kCodeAt + 0x100,
            bytes_of({mov32(kEDX, kCodeAt + 0x200), mov32(kECX, kStack3At - 16), {0x0F, 0x35}}));
    g.place(kCodeAt + 0x200, {0x0F, 0x0B});
    g.step();
    EXPECT_EQ(g.cpu.cpl, 0);
    EXPECT_EQ(g.reg(kESP), kStack0At);
    EXPECT_EQ(g.cpu.eflags() & kIF, 0u);
    EXPECT_EQ(g.cpu.seg[kSS].selector, kCode0 + 8);
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.stack32(1), kCode0 + 16 + 3u);
    EXPECT_EQ(g.stack32(3), kStack3At - 16);
    EXPECT_EQ(g.stack32(4), kCode0 + 24 + 3u);
  });
}

TEST(FarTransfer, RetfWithoutImmediateReleasesNothing) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(far_call32(kCode0, kCodeAt + 0x100));
    g.place(kCodeAt + 0x100, {0xCB});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kESP), kStack0At);
    EXPECT_EQ(g.cpu.eip, kCodeAt + 8);
  });
}

}  // namespace
}  // namespace ringside::test
