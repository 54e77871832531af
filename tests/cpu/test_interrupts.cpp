// Delivery: frames, privilege, flags, double and triple faults, NMI, the interrupt shadow, real mode.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

TEST(Interrupts, IntFromRing3AndBack) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.cpu.set_eflags(kIF, kIF);
    g.idt(0x80, gate(kCode0, kCodeAt + 0x100, 0xEE));
    g.code({0xCD, 0x80, 0x90, 0x0F, 0x0B});
    g.place(kCodeAt + 0x100, {0xB8, 0x07, 0, 0, 0, 0xCF});
    g.step();
    EXPECT_EQ(g.cpu.cpl, 0);
    EXPECT_EQ(g.reg(kESP), kStack0At - 20);
    EXPECT_EQ(g.stack32(0), kCodeAt + 2);
    EXPECT_EQ(g.stack32(1), kCode3);
    EXPECT_EQ(g.stack32(2), 0x202u);
    EXPECT_EQ(g.stack32(3), kStack3At);
    EXPECT_EQ(g.stack32(4), kData3);
    EXPECT_EQ(g.cpu.eflags() & kIF, 0u);
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.reg(kEAX), 7u);
    ASSERT_NE(g.last_event(TrapKind::kIret), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kIret)->to_cpl, 3);
  });
}

TEST(Interrupts, TrapGateLeavesIf) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.set_eflags(kIF | kNT, kIF | kNT);
    g.idt(0x40, gate(kCode0, handler_of(0x40), 0x8F));
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_EQ(g.cpu.eflags() & (kIF | kNT), kIF);
  });
}

TEST(Interrupts, A16BitGatePushesWords) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(0x40, gate(kCode0, handler_of(0x40), 0x86));
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_EQ(g.reg(kESP), kStack0At - 6);
    EXPECT_EQ(g.stack16(0), (kCodeAt + 2) & 0xFFFF);
    EXPECT_EQ(g.stack16(1), kCode0);
  });
}

TEST(Interrupts, ConformingHandlerStaysInTheRing) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.idt(0x40, gate(kConforming0, kCodeAt + 0x100, 0xEE));
    g.place(kCodeAt + 0x100, {0x0F, 0x0B});
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_cs, kConforming0 | 3);
  });
}

TEST(Interrupts, SoftwareInterruptErrorCodeNamesTheIdt) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_FAULT(g, kGpIdtDpl, 0x40 * 8 + 2);
    EXPECT_EQ(g.stack32(0), 0x40u * 8 + 2);
    EXPECT_EQ(g.stack32(1), kCodeAt);  // restart: the INT itself
  });
}

TEST(Interrupts, HardwareExceptionsIgnoreTheGatesDpl) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code({0xF1});
    g.run();
    EXPECT_NO_FAULT(g);
    ASSERT_NE(g.last_event(TrapKind::kSoftwareInterrupt), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kSoftwareInterrupt)->vector, 1);
    EXPECT_EQ(g.stack32(0), kCodeAt + 1);
  });
}

TEST(Interrupts, FaultsPushRfAndTrapsDoNot) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0x0F, 0x0B});
    g.run();
    EXPECT_EQ(g.stack32(2) & kRF, kRF);
    EXPECT_EQ(g.cpu.eflags() & kRF, 0u);
  });
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0xCC});
    g.run();
    EXPECT_EQ(g.stack32(2) & kRF, 0u);
    EXPECT_EQ(g.stack32(0), kCodeAt + 1);
  });
}

TEST(Interrupts, ExternalInterruptErrorsHaveExt) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.set_eflags(kIF, kIF);
    g.idt(0x40, 0);
    g.code({0x90, 0x90});
    g.cpu.set_intr(true);
    g.run();
    EXPECT_FAULT(g, kGpIdtType, 0x40 * 8 + 3);
    EXPECT_EQ(g.bus.acknowledged, 1u);
  });
}

TEST(Interrupts, StiShadowIsOneInstruction) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0xFB, 0x90, 0x90});
    g.cpu.set_intr(true);
    g.run();
    ASSERT_NE(g.last_event(TrapKind::kExternal), nullptr) << g.history();
    EXPECT_EQ(g.last_event(TrapKind::kExternal)->from_eip, kCodeAt + 2);
  });
}

TEST(Interrupts, StiHltWakes) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0xFB, 0xF4, 0x90});
    g.run();
    EXPECT_TRUE(g.cpu.halted);
    g.cpu.set_intr(true);
    g.step();
    ASSERT_NE(g.last_event(TrapKind::kExternal), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kExternal)->from_eip, kCodeAt + 2);
  });
}

TEST(Interrupts, NmiIsBlockedUntilIret) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(2, gate(kCode0, kCodeAt + 0x100, 0x8E));
    g.place(kCodeAt + 0x100, {0x40, 0xCF});  // inc eax; iret
    g.code({0x90, 0x90});
    g.cpu.pulse_nmi();
    g.step();
    EXPECT_TRUE(g.cpu.nmi_blocked);
    g.cpu.pulse_nmi();
    g.run();
    EXPECT_EQ(g.reg(kEAX), 2u);
    EXPECT_FALSE(g.cpu.nmi_blocked);
  });
}

TEST(Interrupts, PageFaultSetsCr2AndErrorCode) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.enable_paging();
    g.set_page(kDataAt, kDataAt | 5);
    g.code({0xC7, 0x05, 0x34, 0x02, 0x04, 0x00, 1, 0, 0, 0});
    g.run();
    EXPECT_FAULT(g, kPfUserReadOnly, 7);
    EXPECT_EQ(g.cpu.cr2, kDataAt + 0x234u);
    EXPECT_EQ(g.stack32(0), 7u);
    EXPECT_EQ(g.stack32(1), kCodeAt);
  });
}

TEST(Interrupts, PageFaultInAPushedFrameIsADoubleFaultOnlyAfterAPageFault) {
  // #UD (benign), then #PF on the inner stack: the #PF is delivered instead - and fails in turn.
  both_ways([](Guest& g) {
    g.enter_user32();
    g.enable_paging();
    g.set_page(kStack0At - 4, 0);
    g.idt(14, gate(kOtherTss, 0, 0x85));
    g.memory.write32(kOtherTssAt + 0x1C, kPageDirectoryAt);
    g.code({0x0F, 0x0B});
    g.run();
    ASSERT_NE(g.last_fault(), nullptr);
    EXPECT_EQ(g.last_fault()->cause, Cause::kPfNotPresentPte) << g.history();
    EXPECT_EQ(g.last_fault()->error_code, 2u);  // a supervisor write
    EXPECT_EQ(g.cpu.tr.selector, kOtherTss);
    EXPECT_EQ(g.stack32(0), 2u);
  });
}

TEST(Interrupts, DoubleFault) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.idt(13, gate(kCode0, 0, 0x0E));  // not present
    g.code({0xCD, 0x40});
    g.idt(0x40, gate(0, 0, 0x8E));
    g.run();
    EXPECT_FAULT(g, kDfContributory, 0);
    EXPECT_EQ(g.cpu.eip, handler_of(8) + 1);
    EXPECT_EQ(g.stack32(0), 0u);
    ASSERT_EQ(g.cpu.fault_chain.count, 3u);
    EXPECT_EQ(g.cpu.fault_chain.entries[0].fault.cause, Cause::kGpGateCodeNull);
    EXPECT_EQ(g.cpu.fault_chain.entries[1].fault.cause, Cause::kNpIdtGate);
    EXPECT_EQ(g.cpu.fault_chain.entries[1].fault.error_code, 13u * 8 + 3);
  });
}

TEST(Interrupts, TripleFaultShutsDown) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.idtr.limit = 0;
    g.code({0x0F, 0x0B});
    g.run();
    EXPECT_TRUE(g.cpu.shutdown);
    EXPECT_EQ(g.exit, RunExit::kShutdown);
    ASSERT_EQ(g.cpu.fault_chain.count, 5u);
    EXPECT_EQ(g.cpu.fault_chain.entries[0].fault.cause, Cause::kUdUd2);
    EXPECT_EQ(g.cpu.fault_chain.entries[2].fault.cause, Cause::kGpIdtLimit);
    EXPECT_EQ(g.cpu.fault_chain.entries[3].fault.vector, Vector::kDF);
    EXPECT_EQ(g.cpu.fault_chain.entries[4].fault.cause, Cause::kGpIdtLimit);
    EXPECT_EQ(g.cpu.fault_chain.entries[0].eip, kCodeAt);
  });
}

TEST(Interrupts, AlignmentCheckWhoseHandlerCannotBeEnteredEnds) {
  // A handler in ring 3 with a misaligned stack: #AC for ever on a real processor.
  both_ways([](Guest& g) {
    g.enter_user32();
    g.cpu.cr0 |= kCr0AM;
    g.cpu.set_eflags(kAC, kAC);
    g.cpu.gpr[kESP] -= 1;
    g.idt(17, gate(kCode3, kCodeAt, 0xEE));
    g.cpu.update_mode();
    g.code({0xA1, 0x01, 0x00, 0x04, 0x00});
    g.run();
    EXPECT_TRUE(g.cpu.shutdown);
  });
}

TEST(Interrupts, RealModeFrameAndFlags) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.set_eflags(kIF | kTF, kIF);
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_EQ(g.cpu.seg[kCS].selector, handler_of(0x40) >> 4);
    EXPECT_EQ(g.stack16(0), 2);
    EXPECT_EQ(g.stack16(1), 0x1000);
    EXPECT_EQ(g.stack16(2) & kIF, kIF);
    EXPECT_EQ(g.cpu.eflags() & kIF, 0u);
    EXPECT_EQ(g.reg(kESP), 0xFFFEu - 6);
  });
}

TEST(Interrupts, RealModeExceptionsPushNoErrorCode) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.code({0xA1, 0xFF, 0xFF});  // mov ax, [FFFF]
    g.run();
    EXPECT_FAULT(g, kGpSegmentLimit, 0);
    EXPECT_EQ(g.reg(kESP), 0xFFFEu - 6);
    EXPECT_EQ(g.stack16(0), 0);
  });
}

TEST(Interrupts, RealModeIvtLimit) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.idtr.limit = 0x40 * 4 + 2;
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_FAULT(g, kGpIdtLimit, 0);
  });
}

TEST(Interrupts, IntoOnlyWithOverflow) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0xCE, 0xB0, 0x7F, 0x04, 0x01, 0xCE});  // into; mov al, 7F; add al, 1; into
    g.run();
    ASSERT_NE(g.last_event(TrapKind::kSoftwareInterrupt), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kSoftwareInterrupt)->vector, 4);
    EXPECT_EQ(g.stack32(0), kCodeAt + 6);
  });
}

}  // namespace
}  // namespace ringside::test
