// Near branches, loops and BOUND.
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

TEST(Branch, JumpsForwardsAndBackwards) {
  each_mode([](IntegerMachine& m) {
    m.cpu().gpr[kECX] = 0;
    // JMP +3; INC ECX; INC ECX; INC ECX; INC ECX
    m.run({0xEB, 0x03, 0x41, 0x41, 0x41, 0x41});
    EXPECT_EQ(m.cpu().gpr[kECX], 1u);
    // JMP +2; [INC ECX; JMP +2]; JMP -5
    m.cpu().gpr[kECX] = 0;
    m.run({0xEB, 0x03, 0x41, 0xEB, 0x02, 0xEB, 0xFB});
    EXPECT_EQ(m.cpu().gpr[kECX], 1u);
    EXPECT_TRUE(m.halted_behind(7));
    const Bytes near = m.wide ? Bytes{0xE9, 0x01, 0, 0, 0, 0x41} : Bytes{0xE9, 0x01, 0, 0x41};
    m.cpu().gpr[kECX] = 0;
    m.run(near);
    EXPECT_EQ(m.cpu().gpr[kECX], 0u);
  });
}

TEST(Branch, CallAndReturn) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    // CALL +1; HLT; INC ECX; RET
    const Bytes code =
        m.wide ? Bytes{0xE8, 1, 0, 0, 0, 0xF4, 0x41, 0xC3} : Bytes{0xE8, 1, 0, 0xF4, 0x41, 0xC3};
    cpu.gpr[kECX] = 0;
    m.run(code);
    EXPECT_EQ(cpu.gpr[kECX], 1u);
    EXPECT_EQ(cpu.gpr[kESP], m.stack_top());
    const std::uint32_t size = m.wide ? 4 : 2;
    const std::uint32_t pushed = m.g.memory.read32(cpu.seg[kSS].base + m.stack_top() - size);
    EXPECT_EQ(size == 4 ? pushed : pushed & 0xFFFF, m.code_start() + (m.wide ? 5u : 3u));
    // The same through ESI and through memory, with RET imm16
    for (const bool in_memory : {false, true}) {
      const std::uint32_t target = m.code_start() + 3;
      cpu.gpr[kESI] = target;
      cpu.gpr[kEBX] = m.data;
      cpu.gpr[kECX] = 0;
      m.g.memory.write32(m.data_physical(), target);
      m.run(
          {0xFF, in_memory ? m.at_ebx(2) : IntegerMachine::in_register(2, 6), 0xF4, 0x41, 0xC2, 0x08, 0x00});
      EXPECT_EQ(cpu.gpr[kECX], 1u);
      EXPECT_EQ(cpu.gpr[kESP], m.stack_top() + 8);
      cpu.gpr[kESP] = m.stack_top();
      m.run({0xFF, in_memory ? m.at_ebx(4) : IntegerMachine::in_register(4, 6), 0xF4, 0x41});  // JMP
      EXPECT_EQ(cpu.gpr[kECX], 2u);
    }
  });
}

TEST(Branch, CallThroughTheStackPointerTakesTheAddressFirst) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.memory.write32(kStack0At, kCodeAt + 0x20);
    g.place(kCodeAt + 0x20, {0xF4});
    g.code({0xFF, 0x14, 0x24});  // CALL [ESP]
    g.run();
    EXPECT_EQ(g.cpu.eip, kCodeAt + 0x21u);
    EXPECT_EQ(g.stack32(0), kCodeAt + 3u);
  });
}

TEST(Branch, A16BitOperandCutsTheDestination) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.place(0x0005, {0xF4});
    g.code({0x66, 0xE9, 0x01, 0x00});  // EIP would be 10005h
    g.run();
    EXPECT_EQ(g.cpu.eip, 6u);
  });
}

TEST(Branch, BeyondTheLimitNothingHasHappened) {
  const std::vector<std::vector<int>> cases = {
      {0x66, 0xE9, 0x00, 0x00, 0x01, 0x00},  // JMP rel32
      {0x66, 0xE8, 0x00, 0x00, 0x01, 0x00},  // CALL rel32
      {0x66, 0xFF, 0xE6},                    // JMP ESI
      {0x66, 0xFF, 0xD6},                    // CALL ESI
      {0x66, 0xC3},                          // RET
      {0x66, 0x0F, 0x84, 0, 0, 1, 0},        // JZ rel32
  };
  for (const auto& bytes : cases) {
    both_ways([&](Guest& g) {
      g.enter_protected16();
      g.cpu.gpr[kESI] = 0x10000;
      g.cpu.flags.set_word(kZF);
      const std::uint32_t esp = g.cpu.gpr[kESP];
      g.memory.write32(kCodeAt + esp, 0x10000);
      g.memory.write32(kCodeAt + esp - 4, 0x5555AAAA);
      std::uint32_t at = kCodeAt;
      for (const int byte : bytes) g.memory.write8(at++, static_cast<std::uint8_t>(byte));
      g.step();
      EXPECT_FAULT(g, kGpCodeLimit, 0);
      // The handler's frame is of 16 bytes with the error code: nothing else was pushed before.
      EXPECT_EQ(g.cpu.gpr[kESP], esp - 16);
      EXPECT_EQ(g.stack32(1), 0u);
    });
  }
}

TEST(Branch, Loops) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    // again: INC EBP; LOOP again
    const Bytes loop{0x45, 0xE2, 0xFD};
    cpu.gpr[kECX] = 5;
    cpu.gpr[kEBP] = 0;
    m.set_flags(0);
    m.run(loop);
    EXPECT_EQ(cpu.gpr[kEBP], 5u);
    EXPECT_EQ(cpu.gpr[kECX], 0u);
    // With the other address size the other register counts.
    cpu.gpr[kECX] = 0x00030002;
    cpu.gpr[kEBP] = 0;
    m.run(Bytes{0x45} + m.address(false) + Bytes{0xE2, static_cast<std::uint8_t>(m.wide ? 0xFC : 0xFD)});
    EXPECT_EQ(cpu.gpr[kEBP], 2u);
    EXPECT_EQ(cpu.gpr[kECX], 0x00030000u);
    cpu.gpr[kECX] = 0x00010001;
    m.run(m.address(true) + Bytes{0xE2, 0x00});
    EXPECT_EQ(cpu.gpr[kECX], 0x00010000u);
    // LOOPNE: until ZF. SUB EBP, 1 sets it.
    cpu.gpr[kECX] = 10;
    cpu.gpr[kEBP] = 3;
    m.run({0x83, 0xED, 0x01, 0xE0, 0xFB});
    EXPECT_EQ(cpu.gpr[kECX], 7u);
    // LOOPE: CMP EBP, EBP is always equal
    cpu.gpr[kECX] = 4;
    m.run({0x39, 0xED, 0xE1, 0xFC});
    EXPECT_EQ(cpu.gpr[kECX], 0u);
    cpu.gpr[kECX] = 4;
    m.set_flags(0);
    m.run({0xE1, 0xFE});
    EXPECT_EQ(cpu.gpr[kECX], 3u);
    EXPECT_EQ(m.flags(), 0u);
  });
}

TEST(Branch, Jcxz) {
  each_mode([](IntegerMachine& m) {
    for (const bool address32 : {false, true}) {
      for (const std::uint32_t count : {0u, 1u, 0x10000u}) {
        m.cpu().gpr[kECX] = count;
        m.cpu().gpr[kEBP] = 0;
        m.run(m.address(address32) + Bytes{0xE3, 0x01, 0x45});
        const bool taken = (address32 ? count : count & 0xFFFF) == 0;
        EXPECT_EQ(m.cpu().gpr[kEBP], taken ? 0u : 1u) << count;
      }
    }
  });
}

TEST(Branch, Bound) {
  each_mode([](IntegerMachine& m) {
    for (const unsigned size : {2u, 4u}) {
      m.cpu().gpr[kEBX] = m.data;
      if (size == 4) {
        m.g.memory.write32(m.data_physical(), static_cast<std::uint32_t>(-5));
        m.g.memory.write32(m.data_physical() + 4, 10);
      } else {
        m.g.memory.write32(m.data_physical(), 0x000AFFFB);
      }
      for (const std::int32_t index : {-6, -5, 0, 10, 11}) {
        m.cpu().gpr[kEBX] = m.data;
        m.cpu().gpr[kEDX] = static_cast<std::uint32_t>(index);
        m.run(m.operand(size) + Bytes{0x62, m.at_ebx(2)});
        if (index < -5 || index > 10) {
          EXPECT_FAULT(m.g, kBrBound, 0);
        } else {
          EXPECT_EQ(m.g.last_fault(), nullptr) << index;
        }
      }
    }
    m.run({0x62, 0xC0});
    EXPECT_FAULT(m.g, kUdRegisterOperand, 0);
  });
}

}  // namespace
}  // namespace ringside::test
