// x87 instructions as a guest executes them: availability, exceptions, environments, memory faults.
#include <gtest/gtest.h>

#include <cstring>

#include "cpu/x87/unit.h"
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {



constexpr int kLow = kDataAt & 0xFF, kMid = kDataAt >> 8 & 0xFF, kHigh = kDataAt >> 16;
#define AT_DATA kLow, kMid, kHigh, 0

void expect_register(const Float80& r, unsigned sign_exp, std::uint64_t significand) {
  EXPECT_EQ(r.sign_exp, sign_exp);
  EXPECT_EQ(r.significand, significand);
}

TEST(X87Escape, CalculatesAndStores) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    // fninit; fld1; fldpi; faddp; fstp qword [data]; fnstsw ax
    g.code({0xDB, 0xE3, 0xD9, 0xE8, 0xD9, 0xEB, 0xDE, 0xC1, 0xDD, 0x1D, AT_DATA, 0xDF, 0xE0});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.memory.read64(kDataAt), 0x401090FDAA22168Cu);
    EXPECT_EQ(g.reg(kEAX) & 0xFFFF, 0x0020u);  // PE
    EXPECT_EQ(g.cpu.x87.tags, 0xFFFFu);
    EXPECT_EQ(g.cpu.x87.ip_offset, g.cpu.eip - 1 - 2 - 6);
    EXPECT_EQ(g.cpu.x87.data_offset, std::uint32_t{kDataAt});
    EXPECT_EQ(g.cpu.x87.opcode, 0x51Du);
  });
}

TEST(X87Escape, IsNotAvailableWithEmOrTs) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0EM;
    g.code({0xDB, 0xE3});
    g.run();
    EXPECT_FAULT(g, kNmEmulate, 0);
  });
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0TS;
    g.code({0x9B, 0xDB, 0xE3});  // WAIT alone does not mind TS without MP
    g.run();
    EXPECT_FAULT(g, kNmTaskSwitched, 0);
    EXPECT_EQ(g.stack32(0), kCodeAt + 1u);
  });
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0TS | kCr0MP;
    g.code({0x9B});
    g.run();
    EXPECT_FAULT(g, kNmWaitTaskSwitched, 0);
  });
}

// fninit; fldcw [data] with ZE unmasked; fld1; fldz; fdivp
#define DIVIDE_BY_ZERO 0xDB, 0xE3, 0xD9, 0x2D, AT_DATA, 0xD9, 0xE8, 0xD9, 0xEE, 0xDE, 0xF9

TEST(X87Escape, ReportsAPendingExceptionAtTheNextWaitingInstruction) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0NE;
    g.memory.write16(kDataAt, 0x037B);
    g.code({DIVIDE_BY_ZERO, 0xDF, 0xE0, 0xD9, 0xE8});  // fnstsw ax; fld1
    g.run();
    EXPECT_FAULT(g, kMfPending, 0);
    EXPECT_EQ(g.reg(kEAX) & 0x80FF, 0x8084u);
    EXPECT_EQ(g.stack32(0), kCodeAt + 16u);
    EXPECT_FALSE(g.bus.ferr);
  });
}

TEST(X87Escape, StandsStillWithFerrWhereNeIsClear) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 &= ~std::uint32_t{kCr0NE};
    g.memory.write16(kDataAt, 0x037B);
    g.code({DIVIDE_BY_ZERO, 0x9B});
    g.run(50);
    EXPECT_TRUE(g.bus.ferr);
    EXPECT_EQ(g.cpu.eip, g.cpu.seg[kCS].base + kCodeAt + 14u);
    EXPECT_NO_FAULT(g);
    // A handler's FNCLEX lets it go on.
    g.place(kCodeAt + 14, {0xDB, 0xE2, 0xF4});
    g.cpu.drop_caches();
    g.run();
    EXPECT_TRUE(g.cpu.halted);
    EXPECT_FALSE(g.bus.ferr);
  });
}

TEST(X87Escape, FaultsBeforeItPops) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt, 0);
    g.code({0xDB, 0xE3, 0xD9, 0xE8, 0xDD, 0x1D, AT_DATA});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, 2);
    EXPECT_EQ(g.cpu.x87.status, 7u << 11);
    EXPECT_EQ(g.cpu.x87.data_offset, 0u);
  });
}

TEST(X87Escape, ChecksBothPagesOfAStateBeforeItWrites) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt + 0x1000, 0);
    g.memory.write32(kDataAt + 0xFF0, 0x12345678);
    g.code({0xDB, 0xE3, 0xD9, 0xE8, 0xDD, 0x35, 0xF0, kMid | 0x0F, kHigh, 0});  // fnsave
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, 2);
    EXPECT_EQ(g.read32(kDataAt + 0xFF0), 0x12345678u);
    EXPECT_EQ(g.cpu.x87.status, 7u << 11);
  });
}

TEST(X87Escape, SavesAndRestoresInProtectedMode) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    // fninit; fldpi; fld1; fnsave [data]; frstor [data]
    g.code({0xDB, 0xE3, 0xD9, 0xEB, 0xD9, 0xE8, 0xDD, 0x35, AT_DATA, 0xDD, 0x25, AT_DATA});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.read32(kDataAt), 0xFFFF037Fu);
    EXPECT_EQ(g.read32(kDataAt + 4), 0xFFFF3000u);
    EXPECT_EQ(g.read32(kDataAt + 8), 0xFFFF0FFFu);
    EXPECT_EQ(g.read32(kDataAt + 12), kCodeAt + 4u);
    EXPECT_EQ(g.read32(kDataAt + 16), 0x01E80000u | kCode0);
    EXPECT_EQ(g.memory.read64(kDataAt + 28), 0x8000000000000000u);
    EXPECT_EQ(g.memory.read64(kDataAt + 38), 0xC90FDAA22168C235u);
    EXPECT_EQ(g.cpu.x87.status, 0x3000u);
    EXPECT_EQ(g.cpu.x87.tags, 0x0FFFu);
    expect_register(g.cpu.x87.reg[6], 0x3FFF, 0x8000000000000000);
    expect_register(g.cpu.x87.reg[7], 0x4000, 0xC90FDAA22168C235);
  });
}

TEST(X87Escape, StoresLinearAddressesInRealMode) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.load_segment_real(kDS, 0x4000);
    // fninit; fld dword [100h]; fnstenv [0]
    g.code({0xDB, 0xE3, 0xD9, 0x06, 0x00, 0x01, 0xD9, 0x36, 0x00, 0x00});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.read16(0x40000), 0x037Fu);
    EXPECT_EQ(g.read16(0x40006), 0x0002u);
    EXPECT_EQ(g.read16(0x40008), 0x1106u);
    EXPECT_EQ(g.read16(0x4000A), 0x0100u);
    EXPECT_EQ(g.read16(0x4000C), 0x4000u);
  });
}

TEST(X87Escape, ComparesIntoFlags) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    // fninit; fldz; fld1; fcomi st1; setnbe bl; fxch; fcomip st1; setb cl; fcmovb st, st0
    g.code({0xDB, 0xE3, 0xD9, 0xEE, 0xD9, 0xE8, 0xDB, 0xF1, 0x0F, 0x97, 0xC3, 0xD9, 0xC9, 0xDF, 0xF1, 0x0F, 0x92,
            0xC1});
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX) & 0xFF, 1u);
    EXPECT_EQ(g.reg(kECX) & 0xFF, 1u);
  });
}

TEST(X87Escape, UndefinedOpcodes) {
  for (const auto& code : {std::initializer_list<int>{0xD9, 0xD1}, {0xD9, 0xE2}, {0xDA, 0xE0}, {0xDB, 0xF8},
                           {0xDD, 0xF0}, {0xDE, 0xD8}, {0xDF, 0xE1}, {0xD9, 0x08}, {0xDB, 0x20}, {0xDD, 0x28}}) {
    both_ways([&](Guest& g) {
      g.enter_protected32();
      g.code(code);
      g.run();
      EXPECT_FAULT(g, kUdOpcode, 0);
    });
  }
}

TEST(X87Escape, FxsaveAndFxrstor) {
  both_ways(
      [](Guest& g) {
        g.enter_protected32();
        g.cpu.cr4 |= kCr4OSFXSR;
        g.cpu.x87.xmm[3][1] = 0x1122334455667788;
        // fninit; fldpi; fxsave [data]; fninit; fxrstor [data]
        g.code({0xDB, 0xE3, 0xD9, 0xEB, 0x0F, 0xAE, 0x05, AT_DATA, 0xDB, 0xE3, 0x0F, 0xAE, 0x0D, AT_DATA});
        g.run();
        EXPECT_NO_FAULT(g);
        EXPECT_EQ(g.read32(kDataAt), 0x3800037Fu);
        EXPECT_EQ(g.read16(kDataAt + 4), 0x80u);
        EXPECT_EQ(g.memory.read64(kDataAt + 32), 0xC90FDAA22168C235u);
        EXPECT_EQ(g.memory.read64(kDataAt + 160 + 56), 0x1122334455667788u);
        EXPECT_EQ(g.cpu.x87.tags, 0x3FFFu);
        EXPECT_EQ(g.cpu.x87.status, 0x3800u);
      },
      everything_model());
}

TEST(X87Escape, FxsaveNeedsAlignment) {
  both_ways(
      [](Guest& g) {
        g.enter_protected32();
        g.code({0x0F, 0xAE, 0x05, 8, kMid, kHigh, 0});
        g.run();
        EXPECT_FAULT(g, kGpFxAlignment, 0);
      },
      everything_model());
}

TEST(X87Escape, AbsentCoprocessorAnswersNothing) {
  CpuModel model = default_cpu_model();
  model.features &= ~std::uint64_t{kFeatureFpu};
  both_ways(
      [](Guest& g) {
        g.enter_protected32();
        g.memory.write16(kDataAt, 0x5A5A);
        g.code({0xDB, 0xE3, 0xDD, 0x3D, AT_DATA});  // fninit; fnstsw [data]
        g.run();
        EXPECT_NO_FAULT(g);
        EXPECT_EQ(g.read16(kDataAt), 0x5A5Au);
      },
      model);
}

}  // namespace
}  // namespace ringside::test
