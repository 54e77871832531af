// Arithmetic against the host's own processor: values and all six flags, in registers and in memory.
#include <array>

#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

constexpr std::array<std::uint32_t, 3> kFlagsBefore = {0, kArithmeticFlags, kCF};

#if RINGSIDE_HOST_FLAGS

template <typename T>
HostResult<T> host_alu(unsigned op, T a, T b, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
#define CASE(number, mnemonic)                    \
  case number:                                    \
    asm volatile(ON_HOST(mnemonic " %[b], %[a]")  \
                 : [a] "+&q"(a), [out] "=&r"(out) \
                 : [b] "q"(b), [in] "r"(in)       \
                 : "cc", "memory");               \
    break
  switch (op) {
    CASE(0, "add");
    CASE(1, "or");
    CASE(2, "adc");
    CASE(3, "sbb");
    CASE(4, "and");
    CASE(5, "sub");
    CASE(6, "xor");
    CASE(7, "cmp");
    CASE(8, "test");
    default:
      break;
  }
#undef CASE
  return {a, host_flags_out(out)};
}

template <typename T>
HostResult<T> host_unary(unsigned op, T a, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
#define CASE(number, mnemonic)                    \
  case number:                                    \
    asm volatile(ON_HOST(mnemonic " %[a]")        \
                 : [a] "+&q"(a), [out] "=&r"(out) \
                 : [in] "r"(in)                   \
                 : "cc", "memory");               \
    break
  switch (op) {
    CASE(0, "inc");
    CASE(1, "dec");
    CASE(2, "not");
    CASE(3, "neg");
    default:
      break;
  }
#undef CASE
  return {a, host_flags_out(out)};
}

template <typename T>
T fetch(IntegerMachine& m, std::uint32_t address) {
  return static_cast<T>(m.g.memory.read32(address));
}

// CL/CX/ECX op= DL/DX/EDX, [EBX] op= EDX, ECX op= [EBX]
template <typename T>
void compare_alu(IntegerMachine& m, unsigned op) {
  constexpr unsigned size = sizeof(T);
  const auto w = static_cast<std::uint8_t>(size == 1 ? 0 : 1);
  const auto opcode = static_cast<std::uint8_t>(op == 8 ? 0x84 | w : op << 3 | w);
  const auto reversed = static_cast<std::uint8_t>(opcode | 2);
  const unsigned forms = op == 8 ? 2 : 3;
  for (unsigned form = 0; form < forms; ++form) {
    switch (form) {
      case 0:
        m.load(m.operand(size) + Bytes{opcode, IntegerMachine::in_register(2, 1)});
        break;
      case 1:
        m.load(m.operand(size) + Bytes{opcode, m.at_ebx(2)});
        break;
      default:
        m.load(m.operand(size) + Bytes{reversed, m.at_ebx(1)});
        break;
    }
    for (const std::uint32_t a : operands(8)) {
      for (const std::uint32_t b : operands(8)) {
        for (const std::uint32_t before : kFlagsBefore) {
          const auto expected = host_alu<T>(op, static_cast<T>(a), static_cast<T>(b), before);
          Cpu& cpu = m.cpu();
          cpu.gpr[kECX] = a;
          cpu.gpr[kEDX] = b;
          cpu.gpr[kEBX] = m.data;
          store<T>(m, m.data_physical(), static_cast<T>(form == 1 ? a : b));
          m.set_flags(before);
          m.run();
          ASSERT_EQ(m.flags(), expected.flags) << std::hex << "op " << op << " form " << form << ": " << a
                                               << ", " << b << ", flags before " << before;
          if (form == 1) {
            ASSERT_EQ(fetch<T>(m, m.data_physical()), expected.value)
                << std::hex << op << ": " << a << ", " << b;
            ASSERT_EQ(cpu.gpr[kECX], a);
          } else {
            ASSERT_EQ(cpu.gpr[kECX], kept_above<T>(a, expected.value))
                << std::hex << op << ": " << a << ", " << b;
          }
          ASSERT_EQ(cpu.gpr[kEDX], b);
        }
      }
    }
  }
}

TEST(Arithmetic, BinaryOperationsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    for (unsigned op = 0; op <= 8; ++op) {
      compare_alu<std::uint8_t>(m, op);
      compare_alu<std::uint16_t>(m, op);
      compare_alu<std::uint32_t>(m, op);
    }
  });
}

template <typename T>
void compare_unary(IntegerMachine& m, unsigned op) {
  constexpr unsigned size = sizeof(T);
  // FE/FF /0 INC, /1 DEC; F6/F7 /2 NOT, /3 NEG
  const auto opcode = static_cast<std::uint8_t>((op < 2 ? 0xFE : 0xF6) | (size == 1 ? 0 : 1));
  for (const bool in_memory : {false, true}) {
    m.load(m.operand(size) + Bytes{opcode, in_memory ? m.at_ebx(op) : IntegerMachine::in_register(op, 1)});
    for (const std::uint32_t a : operands(30)) {
      for (const std::uint32_t before : kFlagsBefore) {
        const auto expected = host_unary<T>(op, static_cast<T>(a), before);
        m.cpu().gpr[kECX] = a;
        m.cpu().gpr[kEBX] = m.data;
        store<T>(m, m.data_physical(), static_cast<T>(a));
        m.set_flags(before);
        m.run();
        ASSERT_EQ(m.flags(), expected.flags)
            << std::hex << "op " << op << ": " << a << ", flags before " << before;
        if (in_memory) {
          ASSERT_EQ(fetch<T>(m, m.data_physical()), expected.value);
        } else {
          ASSERT_EQ(m.cpu().gpr[kECX], kept_above<T>(a, expected.value));
        }
      }
    }
  }
}

TEST(Arithmetic, UnaryOperationsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    for (unsigned op = 0; op < 4; ++op) {
      compare_unary<std::uint8_t>(m, op);
      compare_unary<std::uint16_t>(m, op);
      compare_unary<std::uint32_t>(m, op);
    }
  });
}

template <typename T>
void compare_exchanges(IntegerMachine& m) {
  constexpr unsigned size = sizeof(T);
  const auto w = static_cast<std::uint8_t>(size == 1 ? 0 : 1);
  for (const bool in_memory : {false, true}) {
    for (const bool compare : {false, true}) {
      const auto opcode = static_cast<std::uint8_t>((compare ? 0xB0 : 0xC0) | w);
      m.load(m.operand(size) +
             Bytes{0x0F, opcode, in_memory ? m.at_ebx(2) : IntegerMachine::in_register(2, 1)});
      for (const std::uint32_t a : operands(4)) {
        for (const std::uint32_t b : operands(4)) {
          // XADD: ECX = a, EDX = b. CMPXCHG: the accumulator is b, the destination a, the source 1234h.
          const std::uint32_t source = compare ? 0x12345678 : b;
          const auto sum = host_alu<T>(compare ? 7 : 0, static_cast<T>(compare ? b : a),
                                       static_cast<T>(compare ? a : b), 0);
          const bool equal = static_cast<T>(a) == static_cast<T>(b);
          Cpu& cpu = m.cpu();
          cpu.gpr[kEAX] = b;
          cpu.gpr[kECX] = a;
          cpu.gpr[kEDX] = source;
          cpu.gpr[kEBX] = m.data;
          store<T>(m, m.data_physical(), static_cast<T>(a));
          m.set_flags(0);
          m.run();
          const T destination = in_memory ? fetch<T>(m, m.data_physical()) : static_cast<T>(cpu.gpr[kECX]);
          ASSERT_EQ(m.flags(), sum.flags);
          if (compare) {
            ASSERT_EQ(destination, static_cast<T>(equal ? source : a));
            ASSERT_EQ(cpu.gpr[kEAX], equal ? b : kept_above<T>(b, static_cast<T>(a)));
          } else {
            ASSERT_EQ(destination, sum.value);
            ASSERT_EQ(cpu.gpr[kEDX], kept_above<T>(b, static_cast<T>(a)));
          }
        }
      }
    }
  }
}

TEST(Arithmetic, XaddAndCmpxchg) {
  each_mode([](IntegerMachine& m) {
    compare_exchanges<std::uint8_t>(m);
    compare_exchanges<std::uint16_t>(m);
    compare_exchanges<std::uint32_t>(m);
  });
}

#endif  // RINGSIDE_HOST_FLAGS

TEST(Arithmetic, ImmediateForms) {
  each_mode([](IntegerMachine& m) {
    // ADD AL, 7Fh; the byte immediate of 83 is sign-extended
    m.cpu().gpr[kEAX] = 0xAABBCC01;
    m.run({0x04, 0x7F});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0xAABBCC80u);
    EXPECT_EQ(m.flags(), kSF | kOF | kAF);
    m.cpu().gpr[kEAX] = 0xAABB0001;
    m.run(m.operand(2) + Bytes{0x83, 0xC0, 0xFF});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0xAABB0000u);
    EXPECT_EQ(m.flags(), kCF | kZF | kPF | kAF);
    m.cpu().gpr[kEAX] = 0x12345678;
    m.run(m.operand(4) + Bytes{0x2D, 0x78, 0x56, 0x34, 0x12});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0u);
    EXPECT_EQ(m.flags(), kZF | kPF);
    // AH as a destination: CMP AH, 12h leaves it, SUB AH, 12h does not
    m.cpu().gpr[kEAX] = 0x00001234;
    m.run({0x80, 0xFC, 0x12});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0x1234u);
    EXPECT_EQ(m.flags(), kZF | kPF);
    m.run({0x80, 0xEC, 0x12});
    EXPECT_EQ(m.cpu().gpr[kEAX], 0x34u);
    m.cpu().gpr[kEAX] = 0xFF00FF00;
    m.run(m.operand(4) + Bytes{0xA9, 0x00, 0x00, 0x00, 0x80});  // TEST EAX, 80000000h
    EXPECT_EQ(m.flags(), kSF | kPF);
    m.run(m.operand(1) + Bytes{0xF6, 0xC4, 0x01});  // TEST AH, 1
    EXPECT_EQ(m.flags(), 0u);
  });
}

TEST(Arithmetic, Cmpxchg8b) {
  each_mode([](IntegerMachine& m) {
    Cpu& cpu = m.cpu();
    const std::uint32_t at = m.data_physical();
    // CMPXCHG8B [ESI]
    const Bytes code = m.address(true) + Bytes{0x0F, 0xC7, 0x0E};
    m.g.memory.write64(at, 0x1111111122222222);
    cpu.gpr[kESI] = m.data;
    cpu.gpr[kEAX] = 0x22222222;
    cpu.gpr[kEDX] = 0x11111111;
    cpu.gpr[kEBX] = 0x33333333;
    cpu.gpr[kECX] = 0x44444444;
    m.set_flags(kArithmeticFlags & ~kZF);
    m.run(code);
    EXPECT_EQ(m.g.memory.read64(at), 0x4444444433333333u);
    EXPECT_EQ(m.flags(), kArithmeticFlags);
    m.run();
    EXPECT_EQ(m.g.memory.read64(at), 0x4444444433333333u);
    EXPECT_EQ(cpu.gpr[kEAX], 0x33333333u);
    EXPECT_EQ(cpu.gpr[kEDX], 0x44444444u);
    EXPECT_EQ(m.flags(), kArithmeticFlags & ~kZF);
    m.run({0x0F, 0xC7, 0xC8});
    EXPECT_FAULT(m.g, kUdRegisterOperand, 0);
  });
}

TEST(Arithmetic, OnlyWhatWritesNeedsAWritablePage) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0WP;
    g.enable_paging();
    g.set_page(kDataAt, kDataAt | 5);
    g.place(kDataAt, {0x01, 0x02, 0x03, 0x04});
    g.cpu.gpr[kEBX] = kDataAt;
    g.cpu.gpr[kEAX] = 5;
    g.code({0x39, 0x03,          // CMP [EBX], EAX
            0x85, 0x03,          // TEST [EBX], EAX
            0x0F, 0xB1, 0x0B});  // CMPXCHG [EBX], ECX: not equal, and faults all the same
    g.run();
    EXPECT_FAULT(g, kPfSupervisorReadOnly, kPfPresent | kPfWrite);
    EXPECT_EQ(g.reg(kEAX), 5u);
    EXPECT_EQ(g.cpu.cr2, kDataAt);
    EXPECT_EQ(g.stack32(1), kCodeAt + 4);
  });
}

TEST(Arithmetic, AReadModifyWriteAcrossPagesFaultsBeforeAnyEffect) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt + 0x1000, 0);
    g.memory.write32(kDataAt + 0xFFE, 0xFFFFFFFF);
    g.cpu.gpr[kEBX] = kDataAt + 0xFFE;
    g.code({0x01, 0x1B});  // ADD [EBX], EBX
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite);
    EXPECT_EQ(g.cpu.cr2, kDataAt + 0x1000u);
    EXPECT_EQ(g.memory.read32(kDataAt + 0xFFE), 0xFFFFFFFFu);
  });
}

}  // namespace
}  // namespace ringside::test
