// Bit tests, scans and byte swaps.
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

constexpr unsigned kBt = 4, kBts = 5, kBtr = 6, kBtc = 7;  // ModR/M reg field of 0F BA; 0F A3 + 8 * (n - 4)

std::uint32_t changed(unsigned op, std::uint32_t value, std::uint32_t mask) {
  switch (op) {
    case kBts:
      return value | mask;
    case kBtr:
      return value & ~mask;
    case kBtc:
      return value ^ mask;
    default:
      return value;
  }
}

TEST(Bits, InRegistersTheOffsetIsTakenModuloTheWidth) {
  each_mode([](IntegerMachine& m) {
    for (const unsigned size : {2u, 4u}) {
      for (unsigned op = kBt; op <= kBtc; ++op) {
        for (const std::uint32_t offset : {0u, 1u, 15u, 16u, 31u, 32u, 0xFFFFu, 0xFFFFFFFFu, 0x12345u}) {
          for (const std::uint32_t value : {0u, 0xFFFFFFFFu, 0x80008001u, 0x12345678u}) {
            const std::uint32_t mask = 1u << (offset & (8 * size - 1));
            for (const bool immediate : {false, true}) {
              const Bytes code = immediate ? Bytes{0x0F, 0xBA, IntegerMachine::in_register(op, 1),
                                                   static_cast<std::uint8_t>(offset)}
                                           : Bytes{0x0F, static_cast<std::uint8_t>(0x83 + 8 * op),
                                                   IntegerMachine::in_register(2, 1)};
              m.cpu().gpr[kECX] = value;
              m.cpu().gpr[kEDX] = offset;
              m.set_flags(kArithmeticFlags & ~kCF);
              m.run(m.operand(size) + code);
              ASSERT_EQ(m.cpu().gpr[kECX], changed(op, value, mask))
                  << std::hex << op << " " << value << " " << offset;
              ASSERT_EQ(m.flags(), (kArithmeticFlags & ~kCF) | ((value & mask) != 0 ? kCF : 0));
            }
          }
        }
      }
    }
  });
}

TEST(Bits, InMemoryARegisterReachesBeyondTheOperand) {
  each_mode([](IntegerMachine& m) {
    for (const unsigned size : {2u, 4u}) {
      for (unsigned op = kBt; op <= kBtc; ++op) {
        for (const std::int32_t offset :
             {0, 7, 15, 16, 31, 32, 100, 1000, 32767, -1, -16, -17, -32, -33, -1000}) {
          // The unit that holds the bit, in the direction of the sign.
          const auto bits = static_cast<std::int32_t>(8 * size);
          const std::int32_t unit = (offset - (offset & (bits - 1))) / bits;
          const std::uint32_t at =
              m.data_physical() + static_cast<std::uint32_t>(unit * static_cast<std::int32_t>(size));
          const std::uint32_t mask = 1u << (offset & (bits - 1));
          m.g.memory.write32(at - 4, 0x5A5A5A5A);
          m.g.memory.write32(at, 0xA5A5C3C3);
          m.g.memory.write32(at + 4, 0x5A5A5A5A);
          m.cpu().gpr[kEBX] = m.data;
          // With 16 bits only DX counts.
          m.cpu().gpr[kEDX] = size == 2 ? 0x7FFF0000u | (static_cast<std::uint32_t>(offset) & 0xFFFF)
                                        : static_cast<std::uint32_t>(offset);
          m.set_flags(0);
          m.run(m.operand(size) + Bytes{0x0F, static_cast<std::uint8_t>(0x83 + 8 * op), m.at_ebx(2)});
          ASSERT_EQ(m.g.last_fault(), nullptr) << m.g.history();
          ASSERT_EQ(m.g.memory.read32(at), changed(op, 0xA5A5C3C3, mask)) << op << " " << offset;
          ASSERT_EQ(m.g.memory.read32(at - 4), 0x5A5A5A5Au);
          ASSERT_EQ(m.g.memory.read32(at + 4), 0x5A5A5A5Au);
          ASSERT_EQ(m.flags(), (0xA5A5C3C3 & mask) != 0 ? kCF : 0u);
        }
      }
    }
  });
}

TEST(Bits, WithAnImmediateMemoryStaysInTheOperand) {
  each_mode([](IntegerMachine& m) {
    m.g.memory.write32(m.data_physical(), 0);
    m.g.memory.write32(m.data_physical() + 4, 0);
    m.cpu().gpr[kEBX] = m.data;
    m.run(m.operand(4) + Bytes{0x0F, 0xBA, m.at_ebx(kBts), 35});
    EXPECT_EQ(m.g.memory.read32(m.data_physical()), 8u);
    m.run(m.operand(2) + Bytes{0x0F, 0xBA, m.at_ebx(kBts), 31});
    EXPECT_EQ(m.g.memory.read32(m.data_physical()), 0x8008u);
    EXPECT_EQ(m.g.memory.read32(m.data_physical() + 4), 0u);
  });
}

TEST(Bits, SixteenBitAddressesWrap) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gpr[kEBX] = 0xFFFE;
    g.cpu.gpr[kEDX] = 16;
    g.code({0x0F, 0xAB, 0x17});  // BTS [BX], DX: the next word is at DS:0
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.read16(kDataAt), 1u);
    EXPECT_EQ(g.read16(kDataAt + 0x10000), 0u);
  });
}

#if RINGSIDE_HOST_FLAGS
template <typename T>
HostResult<T> host_scan(bool reverse, T source, T destination) {
  const std::uint64_t in = host_flags_in(kArithmeticFlags);
  std::uint64_t out = 0;
  if (reverse) {
    asm volatile(ON_HOST("bsr %[b], %[a]")
                 : [a] "+&r"(destination), [out] "=&r"(out)
                 : [b] "r"(source), [in] "r"(in)
                 : "cc", "memory");
  } else {
    asm volatile(ON_HOST("bsf %[b], %[a]")
                 : [a] "+&r"(destination), [out] "=&r"(out)
                 : [b] "r"(source), [in] "r"(in)
                 : "cc", "memory");
  }
  return {destination, host_flags_out(out)};
}

template <typename T>
void compare_scans(IntegerMachine& m) {
  std::vector<std::uint32_t> sources = operands(20);
  for (unsigned bit = 0; bit < 32; ++bit) sources.push_back(1u << bit);
  for (const bool reverse : {false, true}) {
    m.load(m.operand(sizeof(T)) + Bytes{0x0F, static_cast<std::uint8_t>(reverse ? 0xBD : 0xBC), m.at_ebx(1)});
    for (const std::uint32_t source : sources) {
      const T destination = static_cast<T>(0xDEADBEEF);
      const auto expected = host_scan<T>(reverse, static_cast<T>(source), destination);
      m.g.memory.write32(m.data_physical(), source);
      m.cpu().gpr[kEBX] = m.data;
      m.cpu().gpr[kECX] = 0xDEADBEEF;
      m.set_flags(kArithmeticFlags);
      m.run();
      ASSERT_EQ(static_cast<T>(m.cpu().gpr[kECX]), expected.value) << std::hex << reverse << " " << source;
      ASSERT_EQ(m.flags(), expected.flags) << std::hex << reverse << " " << source;
      if (sizeof(T) == 2) {
        ASSERT_EQ(m.cpu().gpr[kECX] >> 16, 0xDEADu);
      }
    }
  }
}

TEST(Bits, ScansAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    compare_scans<std::uint16_t>(m);
    compare_scans<std::uint32_t>(m);
  });
}
#endif

TEST(Bits, ScanOfZeroLeavesTheDestination) {
  each_mode([](IntegerMachine& m) {
    for (const int opcode : {0xBC, 0xBD}) {
      m.cpu().gpr[kECX] = 0x12345678;
      m.cpu().gpr[kEDX] = 0;
      m.set_flags(0);
      m.run(m.operand(4) + Bytes{0x0F, static_cast<std::uint8_t>(opcode), IntegerMachine::in_register(1, 2)});
      EXPECT_EQ(m.cpu().gpr[kECX], 0x12345678u);
      EXPECT_EQ(m.flags() & kZF, kZF);
    }
  });
}

TEST(Bits, Bswap) {
  each_mode([](IntegerMachine& m) {
    m.cpu().gpr[kESI] = 0x12345678;
    m.set_flags(kArithmeticFlags);
    m.run(m.operand(4) + Bytes{0x0F, 0xCE});
    EXPECT_EQ(m.cpu().gpr[kESI], 0x78563412u);
    EXPECT_EQ(m.flags(), kArithmeticFlags);
    m.run(m.operand(2) + Bytes{0x0F, 0xCE});
    EXPECT_EQ(m.cpu().gpr[kESI], 0x78560000u);
  });
}

}  // namespace
}  // namespace ringside::test
