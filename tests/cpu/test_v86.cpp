// Virtual-8086 mode: IOPL, the monitor's frame, VME's redirection and virtual interrupt flag.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

constexpr std::uint32_t kRedirectionAt = kTssAt + kIoMapAt - 32;

TEST(V86, SegmentsAreSelectorsTimes16) {
  both_ways([](Guest& g) {
    g.enter_v86(3);
    g.memory.write16(0x12340 + 0x10, 0xBEEF);
    g.code({0xB8, 0x34, 0x12, 0x8E, 0xD8, 0xA1, 0x10, 0x00, 0x0F, 0x0B});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0xBEEFu);
  });
}

TEST(V86, TheMonitorsFrame) {
  both_ways([](Guest& g) {
    g.enter_v86(0);
    g.code({0xCD, 0x21});
    g.run();
    EXPECT_FAULT(g, kGpV86Iopl, 0);
    EXPECT_EQ(g.cpu.cpl, 0);
    EXPECT_FALSE(g.cpu.v86());
    EXPECT_EQ(g.reg(kESP), kStack0At - 40);
    EXPECT_EQ(g.stack32(0), 0u);            // error code
    EXPECT_EQ(g.stack32(1), 0u);            // IP
    EXPECT_EQ(g.stack32(2), kCodeAt >> 4);  // CS
    EXPECT_NE(g.stack32(3) & kVM, 0u);
    EXPECT_EQ(g.stack32(4), 0xFFFEu);       // SP
    EXPECT_EQ(g.stack32(5), 0x2000u);       // SS
    EXPECT_EQ(g.stack32(6), kDataAt >> 4);  // ES
    EXPECT_EQ(g.stack32(9), kDataAt >> 4);  // GS
    for (const SegReg s : {kDS, kES, kFS, kGS}) EXPECT_EQ(g.cpu.seg[s].usable, 0);
  });
}

TEST(V86, IretGoesBack) {
  both_ways([](Guest& g) {
    g.enter_v86(3);
    g.idt(0x40, gate(kCode0, kCodeAt + 0x800, 0xEE));
    g.place(kCodeAt + 0x800, {0xCF});
    g.code({0xCD, 0x40, 0xA1, 0x00, 0x00, 0x0F, 0x0B});
    g.memory.write16(kDataAt, 0x4321);
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0x4321u);
    EXPECT_EQ(g.stack32(4), 0x2000u);
  });
}

TEST(V86, IoplSensitiveInstructions) {
  for (const std::vector<int>& code :
       {std::vector<int>{0xFA}, {0xFB}, {0x9C}, {0x9D}, {0xCF}, {0xCD, 0x21}}) {
    SCOPED_TRACE(code[0]);
    both_ways([&](Guest& g) {
      g.enter_v86(2);
      g.code(code);
      g.run();
      EXPECT_FAULT(g, kGpV86Iopl, 0);
    });
    both_ways([&](Guest& g) {
      g.enter_v86(3);
      g.idt(0x21, gate(kCode0, handler_of(0x21), 0xEE));
      g.code(code);
      g.step();
      EXPECT_NO_FAULT(g);
    });
  }
}

TEST(V86, Int3IsNotIoplSensitive) {
  both_ways([](Guest& g) {
    g.enter_v86(0);
    g.idt(3, gate(kCode0, handler_of(3), 0xEE));
    g.code({0xCC});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.cpu.eip, handler_of(3) + 1);
  });
}

TEST(V86, PortsAlwaysGoByThePermissionMap) {
  both_ways([](Guest& g) {
    g.enter_v86(3);
    g.memory.write8(kTssAt + kIoMapAt + 0x60 / 8, 1 << (0x61 & 7));
    g.bus.inputs[0x60] = 0x5A;
    g.code({0xE4, 0x60, 0xE4, 0x61});
    g.run();
    EXPECT_FAULT(g, kGpIoPermission, 0);
    EXPECT_EQ(g.reg(kEAX) & 0xFF, 0x5Au);
    EXPECT_EQ(g.stack32(1), 2u);
  });
}

TEST(V86, DescriptorInstructionsAreUndefined) {
  for (const std::vector<int>& code :
       {std::vector<int>{0x0F, 0x00, 0xC0}, {0x0F, 0x02, 0xC0}, {0x63, 0xC8}}) {
    both_ways([&](Guest& g) {
      g.enter_v86(3);
      g.code(code);
      g.run();
      EXPECT_FAULT(g, kUdNotProtected, 0);
    });
  }
}

TEST(V86, VmeRedirectsToThe8086Table) {
  both_ways([](Guest& g) {
    g.enter_v86(0, kCr4VME);
    g.cpu.set_eflags(kVIF | kIF, kVIF | kIF);
    g.memory.write32(4 * 0x21, 0x1000'0100);  // 1000:0100
    g.place(kCodeAt + 0x100, {0xB8, 0x34, 0x12, 0xCF});
    g.code({0xCD, 0x21, 0x0F, 0x0B});
    g.step();
    EXPECT_TRUE(g.cpu.v86());
    EXPECT_EQ(g.cpu.eip, 0x100u);
    EXPECT_EQ(g.stack16(0), 2);
    EXPECT_EQ(g.stack16(2) & (kIF | kIOPL), kIF | kIOPL);  // VIF shown as IF, and IOPL 3
    EXPECT_EQ(g.cpu.eflags() & (kVIF | kIF), kIF);
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0x1234u);
    EXPECT_NE(g.stack32(2) & kVIF, 0u);  // the 16-bit IRET took IF into VIF
  });
}

TEST(V86, VmeLeavesMarkedVectorsToTheMonitor) {
  both_ways([](Guest& g) {
    g.enter_v86(0, kCr4VME);
    g.memory.write8(kRedirectionAt + 0x21 / 8, 1 << (0x21 & 7));
    g.code({0xCD, 0x21});
    g.run();
    EXPECT_FAULT(g, kGpV86Iopl, 0);
  });
}

TEST(V86, VmeCliStiPushfPopf) {
  both_ways([](Guest& g) {
    g.enter_v86(0, kCr4VME);
    g.code({0xFB, 0x9C, 0xFA, 0x9C, 0x58, 0x5B, 0x0F, 0x0B});  // sti pushf cli pushf pop ax pop bx
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.reg(kEAX) & kIF, 0u);
    EXPECT_EQ(g.reg(kEBX) & kIF, kIF);
    EXPECT_EQ(g.reg(kEBX) & kIOPL, kIOPL);
    EXPECT_EQ(g.cpu.eflags() & kIF, 0u);
  });
}

TEST(V86, PviInProtectedMode) {
  both_ways([](Guest& g) {
    g.enter_user32(0);
    g.cpu.cr4 |= kCr4PVI;
    g.code({0xFB, 0x0F, 0x0B});
    g.run();
    EXPECT_FAULT(g, kUdUd2, 0);
    EXPECT_EQ(g.stack32(2) & (kVIF | kIF), kVIF);
  });
}

TEST(V86, HandlerMustBeRing0) {
  both_ways([](Guest& g) {
    g.enter_v86(3);
    g.idt(0x40, gate(kCode3, 0, 0xEE));
    g.code({0xCD, 0x40});
    g.run();
    EXPECT_FAULT(g, kGpV86Handler, kCode3 & ~3);
  });
}

}  // namespace
}  // namespace ringside::test
