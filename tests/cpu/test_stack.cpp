// Stack instructions: 16- and 32-bit operands on 16- and 32-bit stacks, and what faults leave.
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

std::uint32_t top(IntegerMachine& m, std::uint32_t depth = 0) {
  return m.g.memory.read32(m.cpu().seg[kSS].base + ((m.cpu().gpr[kESP] + depth) & m.cpu().stack_mask()));
}

TEST(Stack, PushAndPop) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    for (const unsigned size : {2u, 4u}) {
      const std::uint32_t mask = size == 2 ? 0xFFFF : 0xFFFFFFFF;
      cpu.gpr[kESP] = m.stack_top();
      cpu.gpr[kESI] = 0x12345678;
      m.run(m.operand(size) + Bytes{0x56});
      EXPECT_EQ(cpu.gpr[kESP], m.stack_top() - size);
      EXPECT_EQ(top(m) & mask, 0x12345678 & mask);
      cpu.gpr[kEDI] = 0xAAAAAAAA;
      m.run(m.operand(size) + Bytes{0x5F});
      EXPECT_EQ(cpu.gpr[kESP], m.stack_top());
      EXPECT_EQ(cpu.gpr[kEDI], size == 2 ? 0xAAAA5678u : 0x12345678u);
      // PUSH imm8 is sign-extended, PUSH imm is as wide as the operand.
      m.run(m.operand(size) + Bytes{0x6A, 0xFE});
      EXPECT_EQ(top(m) & mask, 0xFFFFFFFE & mask);
      EXPECT_EQ(cpu.gpr[kESP], m.stack_top() - size);
      m.run(m.operand(size) + (size == 2 ? Bytes{0x68, 0x34, 0x12} : Bytes{0x68, 0x34, 0x12, 0x78, 0x56}));
      EXPECT_EQ(top(m) & mask, 0x56781234 & mask);
      // PUSH and POP of memory
      cpu.gpr[kEBX] = m.data;
      m.g.memory.write32(m.data_physical(), 0xCAFEBABE);
      m.g.memory.write32(m.data_physical() + 4, 0x11111111);
      m.run(m.operand(size) + Bytes{0xFF, m.at_ebx(6)});
      EXPECT_EQ(top(m) & mask, 0xCAFEBABE & mask);
      m.run(m.operand(size) + Bytes{0x8F, static_cast<std::uint8_t>(m.at_ebx(0) | 0x40), 4});
      EXPECT_EQ(m.g.memory.read32(m.data_physical() + 4), size == 2 ? 0x1111BABEu : 0xCAFEBABEu);
    }
  });
}

TEST(Stack, ThePointerItself) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    const unsigned size = m.wide ? 4 : 2;
    m.run({0x54});  // PUSH ESP pushes the value from before
    EXPECT_EQ(top(m) & (m.wide ? 0xFFFFFFFF : 0xFFFF), m.stack_top());
    EXPECT_EQ(cpu.gpr[kESP], m.stack_top() - size);
    m.g.memory.write32(cpu.seg[kSS].base + cpu.gpr[kESP], 0x00005678);
    m.run({0x5C});  // POP ESP: the popped value wins over the increment
    EXPECT_EQ(cpu.gpr[kESP], 0x5678u);
  });
  both_ways([](Guest& g) {
    // POP [ESP+4] computes its address with the incremented ESP.
    g.enter_protected32();
    g.cpu.gpr[kESP] = kStack0At - 16;
    g.memory.write32(kStack0At - 16, 0xABCD1234);
    g.code({0x8F, 0x44, 0x24, 0x04});
    g.run();
    EXPECT_EQ(g.reg(kESP), kStack0At - 12u);
    EXPECT_EQ(g.read32(kStack0At - 8), 0xABCD1234u);
  });
}

TEST(Stack, SixteenBitStacksWrapAndKeepTheUpperHalf) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gpr[kESP] = 0xABCD0000;
    g.cpu.gpr[kEAX] = 0x1234;
    g.code({0x50});
    g.run();
    EXPECT_EQ(g.reg(kESP), 0xABCDFFFEu);
    EXPECT_EQ(g.read16(0x2FFFE), 0x1234u);
  });
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gpr[kESP] = 0xABCDFFFE;
    g.memory.write16(0x2FFFE, 0x4321);
    g.code({0x59});
    g.run();
    EXPECT_EQ(g.reg(kESP), 0xABCD0000u);
    EXPECT_EQ(g.reg(kECX) & 0xFFFF, 0x4321u);
  });
}

TEST(Stack, PushaAndPopa) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    for (const unsigned size : {2u, 4u}) {
      const std::uint32_t mask = size == 2 ? 0xFFFF : 0xFFFFFFFF;
      for (unsigned i = 0; i < 8; ++i) cpu.gpr[i] = 0x10101010 * (i + 1);
      cpu.gpr[kESP] = m.stack_top();
      m.run(m.operand(size) + Bytes{0x60});
      ASSERT_EQ(cpu.gpr[kESP], m.stack_top() - 8 * size);
      for (unsigned i = 0; i < 8; ++i) {
        const std::uint32_t want = i == kESP ? m.stack_top() : 0x10101010 * (i + 1);
        EXPECT_EQ(top(m, (7 - i) * size) & mask, want & mask) << i;
      }
      for (unsigned i = 0; i < 8; ++i) {
        if (i != kESP) cpu.gpr[i] = 0xFFFFFFFF;
      }
      m.run(m.operand(size) + Bytes{0x61});
      for (unsigned i = 0; i < 8; ++i) {
        const std::uint32_t value = 0x10101010 * (i + 1);
        const std::uint32_t want = i == kESP   ? m.stack_top()
                                   : size == 2 ? 0xFFFF0000 | (value & 0xFFFF)
                                               : value;
        EXPECT_EQ(cpu.gpr[i], want) << i;
      }
    }
  });
}

// What was pushed before the fault stays written, as silicon has it; ESP does not move.
TEST(Stack, PushaThatFaultsLeavesThePointer) {
  both_ways([](Guest& g) {
    g.enter_ring(3);
    g.enable_paging();
    g.set_page(kStack3At - 0x1000, 0);
    const std::uint32_t esp = kStack3At + 16;
    g.cpu.gpr[kESP] = esp;
    g.memory.write32(esp - 4, 0x77777777);
    g.code({0x60});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite | kPfUser);
    EXPECT_EQ(g.cpu.cr2, kStack3At - 4u);
    EXPECT_EQ(g.stack32(4), esp);
    EXPECT_EQ(g.read32(esp - 4), g.reg(kEAX));
  });
}

TEST(Stack, APushThatFaultsLeavesThePointer) {
  both_ways([](Guest& g) {
    g.enter_ring(3);
    g.enable_paging();
    g.set_page(kStack3At - 0x1000, 0);
    g.code({0x50});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite | kPfUser);
    EXPECT_EQ(g.stack32(4), std::uint32_t{kStack3At});
  });
  both_ways([](Guest& g) {
    // POP to a page that is not there: ESP in the frame is the one before
    g.enter_ring(3);
    g.enable_paging();
    g.set_page(kDataAt, 0);
    g.cpu.gpr[kEBX] = kDataAt;
    g.cpu.gpr[kESP] = kStack3At - 8;
    g.code({0x8F, 0x03});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite | kPfUser);
    EXPECT_EQ(g.stack32(4), kStack3At - 8u);
  });
}

TEST(Stack, EnterAndLeave) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    for (const unsigned size : {2u, 4u}) {
      const std::uint32_t mask = size == 2 ? 0xFFFF : 0xFFFFFFFF;
      const std::uint32_t ebp = m.stack_top() + 0x100;
      for (const unsigned level : {0u, 1u, 2u, 4u, 31u, 33u}) {
        const unsigned nested = level & 31;
        cpu.gpr[kESP] = m.stack_top();
        cpu.gpr[kEBP] = ebp;
        for (unsigned i = 1; i < 32; ++i) {
          m.g.memory.write16(cpu.seg[kSS].base + ebp - i * size, static_cast<std::uint16_t>(0x1000 + i));
          if (size == 4) m.g.memory.write16(cpu.seg[kSS].base + ebp - i * size + 2, 0xBEEF);
        }
        m.run(m.operand(size) + Bytes{0xC8, 0x20, 0x00, static_cast<std::uint8_t>(level)});
        ASSERT_EQ(cpu.gpr[kESP], m.stack_top() - (1 + nested) * size - 0x20) << level;
        // With a 16-bit operand only BP is loaded, on a 32-bit stack too.
        ASSERT_EQ(cpu.gpr[kEBP] & mask, (m.stack_top() - size) & mask);
        if (size == 2) {
          ASSERT_EQ(cpu.gpr[kEBP] >> 16, ebp >> 16);
        }
        cpu.gpr[kEBP] = m.stack_top() - size;
        const auto slot = [&](unsigned i) {
          return m.g.memory.read32(cpu.seg[kSS].base + m.stack_top() - (i + 1) * size) & mask;
        };
        ASSERT_EQ(slot(0), ebp & mask);
        for (unsigned i = 1; i < nested; ++i) {
          ASSERT_EQ(slot(i), (0xBEEF1000 + i) & mask) << level << " " << i;
        }
        if (nested > 0) {
          ASSERT_EQ(slot(nested), (m.stack_top() - size) & mask);
        }
        m.run(m.operand(size) + Bytes{0xC9});
        ASSERT_EQ(cpu.gpr[kESP], m.stack_top());
        ASSERT_EQ(cpu.gpr[kEBP] & mask, ebp & mask);
      }
    }
  });
}

TEST(Stack, EnterChecksTheNewTop) {
  both_ways([](Guest& g) {
    g.enter_ring(3);
    g.enable_paging();
    g.set_page(kStack3At - 0x2000, 0);
    g.cpu.gpr[kEBP] = 0x11223344;
    g.memory.write32(kStack3At - 4, 0x99999999);
    g.code({0xC8, 0x00, 0x10, 0x00});  // ENTER 1000h, 0
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite | kPfUser);
    EXPECT_EQ(g.reg(kEBP), 0x11223344u);
    EXPECT_EQ(g.stack32(4), std::uint32_t{kStack3At});
    EXPECT_EQ(g.read32(kStack3At - 4), 0x11223344u);  // pushed before the new top is tried
  });
}

TEST(Stack, LeaveThatFaultsLeavesThePointer) {
  both_ways([](Guest& g) {
    g.enter_ring(3);
    g.enable_paging();
    g.set_page(kDataAt, 0);
    g.cpu.gpr[kEBP] = kDataAt;
    g.code({0xC9});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfUser);
    EXPECT_EQ(g.stack32(4), std::uint32_t{kStack3At});
    EXPECT_EQ(g.reg(kEBP), std::uint32_t{kDataAt});
  });
}

}  // namespace
}  // namespace ringside::test
