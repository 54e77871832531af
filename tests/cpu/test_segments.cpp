// Segment register loads, their restartability, and the instructions that look at descriptors.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

TEST(Segments, LoadReadsTheDescriptorAndMarksItAccessed) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.gdt(kFree, descriptor(0x12345678, 0x54321, 0x92, 0x4));
    g.code(bytes_of({mov32(kEAX, kFree), mov_sreg_ax(kES)}));
    g.run();
    EXPECT_NO_FAULT(g);
    const Segment& s = g.cpu.seg[kES];
    EXPECT_EQ(s.selector, kFree);
    EXPECT_EQ(s.base, 0x12345678u);
    EXPECT_EQ(s.limit, 0x54321u);
    EXPECT_EQ(s.big, 1);
    EXPECT_EQ(g.gdt(kFree) >> 40 & 0xFF, 0x93u);
  });
}

TEST(Segments, GranularityScalesTheLimit) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.gdt(kFree, descriptor(0, 1, 0x93, 0xC));
    g.code(bytes_of({mov32(kEAX, kFree),
                     mov_sreg_ax(kES),
                     {0x26, 0xA0, 0xFF, 0x1F, 0, 0},     // mov al, es:[1FFF]
                     {0x26, 0xA0, 0x00, 0x20, 0, 0}}));  // mov al, es:[2000]
    g.run();
    EXPECT_FAULT(g, kGpSegmentLimit, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_eip, kCodeAt + 7 + 6);
  });
}

TEST(Segments, ExpandDownIsValidAboveItsLimit) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, kExpandDownData),
                     mov_sreg_ax(kES),
                     {0x26, 0xA0, 0x00, 0x00, 1, 0},
                     {0x26, 0xA0, 0xFF, 0xFF, 0, 0}}));
    g.run();
    EXPECT_FAULT(g, kGpSegmentLimit, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_eip, kCodeAt + 7 + 6);
  });
}

TEST(Segments, NullCanBeLoadedIntoDataRegisters) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, 2), mov_sreg_ax(kES), mov_sreg_ax(kFS)}));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.seg[kES].selector, 2);
    EXPECT_EQ(g.cpu.seg[kES].usable, 0);
  });
}

TEST(Segments, ConformingCodeIsReadableFromAnyRing) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code(bytes_of({mov32(kEAX, kConforming0 | 3), mov_sreg_ax(kES), {0x26, 0xA1, 0, 0, 4, 0}}));
    g.run();
    EXPECT_EQ(g.last_fault()->cause, Cause::kGpPrivileged) << g.history();  // the HLT at the end
    EXPECT_EQ(g.cpu.seg[kES].selector, kConforming0 | 3);
  });
}

TEST(Segments, LoadThroughTheLdt) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.ldt(0x0C, descriptor(kDataAt, 0xFFF, 0x92, 0x4));
    g.memory.write32(kDataAt, 0xCAFEF00D);
    // mov eax, 40h; lldt ax; mov eax, 0Ch; mov es, ax; mov eax, es:[0]
    g.code(bytes_of({mov32(kEAX, kLdtSelector),
                     {0x0F, 0x00, 0xD0},
                     mov32(kEAX, 0x0C),
                     mov_sreg_ax(kES),
                     {0x26, 0xA1, 0, 0, 0, 0}}));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEAX), 0xCAFEF00Du);
    EXPECT_EQ(g.memory.read8(kLdtAt + 8 + 5), 0x93);
  });
}

TEST(Segments, AFaultingPopLeavesTheStackPointer) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kESP] -= 4;
    g.memory.write32(g.cpu.gpr[kESP], kAbsentData);
    const std::uint32_t esp = g.cpu.gpr[kESP];
    g.code({0x07});
    g.run();
    EXPECT_FAULT(g, kNpSegment, kAbsentData);
    EXPECT_EQ(g.cpu.seg[kES].selector, kData0);
    EXPECT_EQ(g.reg(kESP), esp - 16);  // EFLAGS, CS, EIP and the error code
    EXPECT_EQ(g.stack32(1), kCodeAt);
  });
}

TEST(Segments, AFaultingLdsLeavesTheRegister) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write32(kDataAt, 0x11111111);
    g.memory.write16(kDataAt + 4, kExecuteOnly);
    g.cpu.gpr[kEBX] = 7;
    g.code({0xC5, 0x1D, 0, 0, 4, 0});
    g.run();
    EXPECT_FAULT(g, kGpDataType, kExecuteOnly);
    EXPECT_EQ(g.reg(kEBX), 7u);
  });
}

TEST(Segments, LesLoadsBoth) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write32(kDataAt, 0x11111111);
    g.memory.write16(kDataAt + 4, kSmallData);
    g.code({0xC4, 0x1D, 0, 0, 4, 0});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX), 0x11111111u);
    EXPECT_EQ(g.cpu.seg[kES].selector, kSmallData);
  });
}

TEST(Segments, MovFromSregZeroExtendsToARegisterAndWritesAWordToMemory) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write32(kDataAt, 0xFFFFFFFF);
    g.cpu.gpr[kECX] = 0xFFFFFFFF;
    g.cpu.gpr[kEDX] = 0xFFFFFFFF;
    g.code({0x8C, 0xD9, 0x66, 0x8C, 0xDA, 0x8C, 0x1D, 0, 0, 4, 0});
    g.run();
    EXPECT_EQ(g.reg(kECX), kData0);
    EXPECT_EQ(g.reg(kEDX), 0xFFFF0000u | kData0);
    EXPECT_EQ(g.read32(kDataAt), 0xFFFF0000u | kData0);
  });
}

TEST(Segments, PopSsHoldsInterruptsOffForOneInstruction) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.set_eflags(kIF, kIF);
    g.cpu.gpr[kESP] -= 4;
    g.memory.write32(g.cpu.gpr[kESP], kData0);
    g.code({0x17, 0x90, 0x90});
    g.step();
    g.cpu.set_intr(true);
    g.run();
    ASSERT_NE(g.last_event(TrapKind::kExternal), nullptr);
    EXPECT_EQ(g.last_event(TrapKind::kExternal)->from_eip, kCodeAt + 2);
  });
}

TEST(Segments, RealModeKeepsTheLimitThatProtectedModeSet) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.seg[kDS].limit = 0xFFFFFFFF;
    g.cpu.seg[kDS].derive();
    g.cpu.update_mode();
    g.memory.write32(0x300000, 0x12345678);
    // xor eax, eax; mov ds, ax; mov eax, [00300000h] with both overrides
    g.code({0x31, 0xC0, 0x8E, 0xD8, 0x67, 0x66, 0xA1, 0x00, 0x00, 0x30, 0x00});
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0x12345678u);
  });
}

TEST(Segments, LarAndLslAndVerr) {
  both_ways([](Guest& g) {
    g.enter_user32();
    g.code(bytes_of({mov32(kECX, kData3),
                     {0x0F, 0x02, 0xC1},       // lar eax, ecx
                     {0x0F, 0x03, 0xD1},       // lsl edx, ecx
                     {0x0F, 0x00, 0xE9},       // verw cx
                     {0x0F, 0x94, 0xC3},       // setz bl
                     {0xBE, kData0, 0, 0, 0},  // mov esi, kData0
                     {0x0F, 0x02, 0xFE},       // lar edi, esi: not visible from ring 3
                     {0x0F, 0x94, 0xC7}}));    // setz bh
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0x00CFF300u);
    EXPECT_EQ(g.reg(kEDX), 0xFFFFFFFFu);
    EXPECT_EQ(g.reg(kEBX) & 0xFFFF, 0x0001u);
    EXPECT_EQ(g.reg(kEDI), 0u);
  });
}

TEST(Segments, ArplRaisesTheRpl) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, 0x100), mov32(kECX, 3), {0x63, 0xC8}, {0x0F, 0x94, 0xC3}}));
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0x103u);
    EXPECT_EQ(g.reg(kEBX) & 0xFF, 1u);
  });
}

TEST(Segments, LtrMarksTheTssBusy) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, kOtherTss), {0x0F, 0x00, 0xD8}, {0x0F, 0x00, 0xC9}}));  // ltr ax; str ecx
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kECX), kOtherTss);
    EXPECT_EQ(g.cpu.tr.base, kOtherTssAt);
    EXPECT_EQ(g.gdt(kOtherTss) >> 40 & 0xFF, 0x8Bu);
  });
}

TEST(Segments, LgdtSidtRoundTrip) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write16(kDataAt, 0x1234);
    g.memory.write32(kDataAt + 2, 0x89ABCDEF);
    g.code({0x0F, 0x01, 0x1D, 0, 0, 4, 0, 0x0F, 0x01, 0x0D, 0x10, 0, 4, 0});
    g.run();
    EXPECT_EQ(g.cpu.idtr.base, 0x89ABCDEFu);
    EXPECT_EQ(g.read16(kDataAt + 0x10), 0x1234);
    EXPECT_EQ(g.read32(kDataAt + 0x12), 0x89ABCDEFu);
  });
}

TEST(Segments, A16BitLgdtLoads24BitsOfBase) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write16(kDataAt, 0x1234);
    g.memory.write32(kDataAt + 2, 0x89ABCDEF);
    g.code({0x66, 0x0F, 0x01, 0x1D, 0, 0, 4, 0});
    g.run();
    EXPECT_EQ(g.cpu.idtr.base, 0x00ABCDEFu);
  });
}

}  // namespace
}  // namespace ringside::test
