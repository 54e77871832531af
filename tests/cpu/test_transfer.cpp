// Moves, conversions, conditions, and the instructions of single flags.
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

TEST(Transfer, MovBetweenRegistersAndMemory) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    const std::uint32_t at = m.data_physical();
    cpu.gpr[kEBX] = m.data;
    cpu.gpr[kECX] = 0x11223344;
    m.g.memory.write64(at, 0xFFFFFFFFFFFFFFFF);
    m.run(Bytes{0x88, m.at_ebx(1)} +                                       // MOV [BX], CL
          Bytes{0x88, static_cast<std::uint8_t>(m.at_ebx(5) | 0x40), 1} +  // MOV [BX+1], CH
          m.operand(2) + Bytes{0x89, static_cast<std::uint8_t>(m.at_ebx(1) | 0x40), 2} + m.operand(4) +
          Bytes{0x89, static_cast<std::uint8_t>(m.at_ebx(1) | 0x40), 4});
    EXPECT_EQ(m.g.memory.read32(at), 0x33443344u);
    EXPECT_EQ(m.g.memory.read32(at + 4), 0x11223344u);
    m.run(Bytes{0x8A, static_cast<std::uint8_t>(m.at_ebx(6) | 0x40), 4} +  // MOV DH, [BX+4]
          m.operand(4) + Bytes{0x8B, static_cast<std::uint8_t>(m.at_ebx(6) | 0x40), 4} + m.operand(2) +
          Bytes{0x8B, static_cast<std::uint8_t>(m.at_ebx(7) | 0x40), 6});
    EXPECT_EQ(cpu.gpr[kEDX] & 0xFF00, 0x4400u);
    EXPECT_EQ(cpu.gpr[kESI], 0x11223344u);
    EXPECT_EQ(cpu.gpr[kEDI], 0x1122u);
    m.run(Bytes{0xC6, m.at_ebx(0), 0x77} + Bytes{0xB5, 0x99} +  // MOV byte [BX], 77h; MOV CH, 99h
          m.operand(4) + Bytes{0xBD, 0x78, 0x56, 0x34, 0x12});  // MOV EBP, 12345678h
    EXPECT_EQ(m.g.memory.read8(at), 0x77);
    EXPECT_EQ(cpu.gpr[kECX], 0x11229944u);
    EXPECT_EQ(cpu.gpr[kEBP], 0x12345678u);
  });
}

TEST(Transfer, DirectOffsets) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    const auto low = static_cast<std::uint8_t>(m.data);
    const auto high = static_cast<std::uint8_t>(m.data >> 8);
    const Bytes offset =
        m.wide ? Bytes{low, high, static_cast<std::uint8_t>(m.data >> 16), 0} : Bytes{low, high};
    cpu.gpr[kEAX] = 0xCAFEBABE;
    m.g.memory.write32(m.data_physical(), 0);
    m.run(m.operand(4) + Bytes{0xA3} + offset);
    EXPECT_EQ(m.g.memory.read32(m.data_physical()), 0xCAFEBABEu);
    cpu.gpr[kEAX] = 0;
    m.run(m.operand(2) + Bytes{0xA1} + offset);
    EXPECT_EQ(cpu.gpr[kEAX], 0xBABEu);
    cpu.gpr[kEAX] = 0;
    m.run(Bytes{0xA0} + offset);
    EXPECT_EQ(cpu.gpr[kEAX], 0xBEu);
    cpu.gpr[kEAX] = 0x55;
    m.run(Bytes{0xA2} + offset);
    EXPECT_EQ(m.g.memory.read32(m.data_physical()), 0xCAFEBA55u);
  });
}

TEST(Transfer, ExtendingMoves) {
  each_mode([](IntegerMachine& m) {
    const struct {
      std::uint8_t opcode;
      unsigned size;
      std::uint32_t source, expected;
    } cases[] = {
        {0xB6, 4, 0x123480, 0x80},       {0xB7, 4, 0x128081, 0x8081},   {0xBE, 4, 0x123480, 0xFFFFFF80},
        {0xBF, 4, 0x128081, 0xFFFF8081}, {0xBE, 4, 0x7F, 0x7F},         {0xB6, 2, 0x80, 0xAAAA0080},
        {0xBE, 2, 0x80, 0xAAAAFF80},     {0xB7, 2, 0x8081, 0xAAAA8081}, {0xBF, 2, 0x8081, 0xAAAA8081},
    };
    for (const auto& c : cases) {
      for (const bool in_memory : {false, true}) {
        m.cpu().gpr[kEAX] = 0xAAAAAAAA;
        m.cpu().gpr[kECX] = c.source;
        m.cpu().gpr[kEBX] = m.data;
        m.g.memory.write32(m.data_physical(), c.source);
        m.run(m.operand(c.size) +
              Bytes{0x0F, c.opcode, in_memory ? m.at_ebx(0) : IntegerMachine::in_register(0, 1)});
        EXPECT_EQ(m.cpu().gpr[kEAX], c.expected) << std::hex << int{c.opcode} << " " << c.source;
      }
    }
    m.cpu().gpr[kECX] = 0x8000;
    m.run(m.operand(4) + Bytes{0x0F, 0xBE, IntegerMachine::in_register(0, 5)});  // MOVSX EAX, CH
    EXPECT_EQ(m.cpu().gpr[kEAX], 0xFFFFFF80u);
  });
}

TEST(Transfer, LeaComputesAndDoesNotAccess) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    cpu.gpr[kEBX] = 0xFFFFFFF0;
    cpu.gpr[kESI] = 0x00010008;
    // LEA EAX, [EBX + ESI * 4 + 8]
    m.run(m.operand(4) + m.address(true) + Bytes{0x8D, 0x44, 0xB3, 0x08});
    EXPECT_EQ(cpu.gpr[kEAX], 0x00040018u);
    EXPECT_EQ(m.g.last_fault(), nullptr);
    // LEA EAX, [BX + SI + 8]: 16 bits, zero-extended
    m.run(m.operand(4) + m.address(false) + Bytes{0x8D, 0x40, 0x08});
    EXPECT_EQ(cpu.gpr[kEAX], 0u);
    cpu.gpr[kEAX] = 0xAAAAAAAA;
    m.run(m.operand(2) + m.address(true) + Bytes{0x8D, 0x44, 0xB3, 0x09});
    EXPECT_EQ(cpu.gpr[kEAX], 0xAAAA0019u);
    m.run({0x8D, 0xC0});
    EXPECT_FAULT(m.g, kUdRegisterOperand, 0);
  });
}

TEST(Transfer, Xchg) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    cpu.gpr[kEAX] = 0x11112222;
    cpu.gpr[kESI] = 0x33334444;
    m.run(m.operand(4) + Bytes{0x96});
    EXPECT_EQ(cpu.gpr[kEAX], 0x33334444u);
    EXPECT_EQ(cpu.gpr[kESI], 0x11112222u);
    m.run(m.operand(2) + Bytes{0x96});
    EXPECT_EQ(cpu.gpr[kEAX], 0x33332222u);
    EXPECT_EQ(cpu.gpr[kESI], 0x11114444u);
    m.run({0x86, IntegerMachine::in_register(0, 4)});  // XCHG AH, AL
    EXPECT_EQ(cpu.gpr[kEAX], 0x33332222u);
    cpu.gpr[kEAX] = 0x0102;
    m.run({0x86, IntegerMachine::in_register(0, 4)});
    EXPECT_EQ(cpu.gpr[kEAX], 0x0201u);
    cpu.gpr[kEBX] = m.data;
    m.g.memory.write32(m.data_physical(), 0xDEADBEEF);
    m.run(m.operand(4) + Bytes{0x87, m.at_ebx(6)});
    EXPECT_EQ(cpu.gpr[kESI], 0xDEADBEEFu);
    EXPECT_EQ(m.g.memory.read32(m.data_physical()), 0x11114444u);
  });
}

bool holds(unsigned cc, std::uint32_t f) {
  const bool c = (f & kCF) != 0, z = (f & kZF) != 0, s = (f & kSF) != 0, o = (f & kOF) != 0,
             p = (f & kPF) != 0;
  const bool table[] = {o, c, z, c || z, s, p, s != o, z || s != o};
  return table[cc >> 1] != ((cc & 1) != 0);
}

std::uint32_t flag_word(unsigned state) {
  return ((state & 1) != 0 ? kCF : 0) | ((state & 2) != 0 ? kPF : 0) | ((state & 4) != 0 ? kZF : 0) |
         ((state & 8) != 0 ? kSF : 0) | ((state & 16) != 0 ? kOF : 0);
}

TEST(Transfer, EveryConditionInEveryState) {
  each_mode([](IntegerMachine& m) {
    for (unsigned cc = 0; cc < 16; ++cc) {
      // SETcc CL; CMOVcc ESI, EDI; CMOVcc DX, DI; Jcc over INC EBP
      m.load(Bytes{0x0F, static_cast<std::uint8_t>(0x90 + cc), IntegerMachine::in_register(0, 1)} +
             m.operand(4) +
             Bytes{0x0F, static_cast<std::uint8_t>(0x40 + cc), IntegerMachine::in_register(6, 7)} +
             m.operand(2) +
             Bytes{0x0F, static_cast<std::uint8_t>(0x40 + cc), IntegerMachine::in_register(2, 7)} +
             Bytes{static_cast<std::uint8_t>(0x70 + cc), 1, 0x45});
      for (unsigned state = 0; state < 32; ++state) {
        const bool met = holds(cc, flag_word(state));
        Cpu& cpu = m.cpu();
        cpu.gpr[kECX] = 0xFFFFFFFF;
        cpu.gpr[kESI] = 1;
        cpu.gpr[kEDI] = 0x88889999;
        cpu.gpr[kEDX] = 0x11112222;
        cpu.gpr[kEBP] = 0;
        m.set_flags(flag_word(state));
        m.run();
        ASSERT_EQ(cpu.gpr[kECX], met ? 0xFFFFFF01u : 0xFFFFFF00u) << cc << " " << state;
        ASSERT_EQ(cpu.gpr[kESI], met ? 0x88889999u : 1u) << cc << " " << state;
        ASSERT_EQ(cpu.gpr[kEDX], met ? 0x11119999u : 0x11112222u) << cc << " " << state;
        ASSERT_EQ(cpu.gpr[kEBP], met ? 0u : 1u) << cc << " " << state;
      }
    }
  });
}

TEST(Transfer, CmovReadsItsSourceInAnyCase) {
  both_ways(
      [](Guest& g) {
        g.enter_protected32();
        g.enable_paging();
        g.set_page(kDataAt, 0);
        g.cpu.gpr[kEBX] = kDataAt;
        g.cpu.flags.set_word(0);
        g.code({0x0F, 0x44, 0x03});  // CMOVZ EAX, [EBX] with ZF = 0
        g.run();
        EXPECT_FAULT(g, kPfNotPresentPte, 0);
      },
      everything_model());
}

TEST(Transfer, SignConversions) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    cpu.gpr[kEAX] = 0x12348080;
    m.run(m.operand(2) + Bytes{0x98});
    EXPECT_EQ(cpu.gpr[kEAX], 0x1234FF80u);
    cpu.gpr[kEAX] = 0x12348080;
    m.run(m.operand(4) + Bytes{0x98});
    EXPECT_EQ(cpu.gpr[kEAX], 0xFFFF8080u);
    cpu.gpr[kEDX] = 0x77777777;
    m.run(m.operand(4) + Bytes{0x99});
    EXPECT_EQ(cpu.gpr[kEDX], 0xFFFFFFFFu);
    cpu.gpr[kEAX] = 0x7FFF;
    cpu.gpr[kEDX] = 0x77777777;
    m.run(m.operand(2) + Bytes{0x99});
    EXPECT_EQ(cpu.gpr[kEDX], 0x77770000u);
    cpu.gpr[kEAX] = 0x8000;
    m.run(m.operand(2) + Bytes{0x99});
    EXPECT_EQ(cpu.gpr[kEDX], 0x7777FFFFu);
  });
}

TEST(Transfer, Xlat) {
  each_mode([](IntegerMachine& m) {
    m.cpu().gpr[kEBX] = m.data;
    m.cpu().gpr[kEAX] = 0x123456F0;
    m.g.memory.write8(m.data_physical() + 0xF0, 0x5A);
    m.run({0xD7});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0x1234565Au);
  });
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gpr[kEBX] = 0xFFFFFFFF;
    g.cpu.gpr[kEAX] = 0x05;
    g.place(kDataAt + 4, {0xC3});
    g.code({0xD7});
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0xC3u);
  });
}

TEST(Transfer, FlagInstructions) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    m.set_flags(kArithmeticFlags);
    cpu.gpr[kEAX] = 0;
    m.run({0x9F});
    EXPECT_EQ(cpu.gpr[kEAX], 0xD700u);
    m.set_flags(0);
    m.run({0x9F});
    EXPECT_EQ(cpu.gpr[kEAX], 0x0200u);
    for (const std::uint32_t of : {0u, kOF}) {
      for (std::uint32_t ah = 0; ah < 256; ++ah) {
        m.set_flags(of);
        cpu.gpr[kEAX] = ah << 8;
        m.run({0x9E});
        ASSERT_EQ(m.flags(), of | (ah & 0xD5));
      }
    }
    m.set_flags(kArithmeticFlags);
    m.run({0xF8, 0xD6});  // CLC; SALC
    EXPECT_EQ(m.flags(), kArithmeticFlags & ~kCF);
    EXPECT_EQ(cpu.gpr[kEAX] & 0xFF, 0u);
    m.set_flags(0);
    m.run({0xF9, 0xD6});  // STC; SALC
    EXPECT_EQ(m.flags(), kCF);
    EXPECT_EQ(cpu.gpr[kEAX] & 0xFF, 0xFFu);
    m.run({0xF5});
    EXPECT_EQ(m.flags(), 0u);
    m.run({0xF5});
    EXPECT_EQ(m.flags(), kCF);
    m.run({0xFD});
    EXPECT_EQ(cpu.system_flags & kDF, kDF);
    m.run({0xFC});
    EXPECT_EQ(cpu.system_flags & kDF, 0u);
    m.run({0x90});
    EXPECT_EQ(m.flags(), kCF);
  });
}

}  // namespace
}  // namespace ringside::test
