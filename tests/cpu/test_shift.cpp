// Shifts and rotates against the host's own processor, with every count.
#include "cpu/shift.h"
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

#if RINGSIDE_HOST_FLAGS

template <typename T>
HostResult<T> host_shift(unsigned op, T a, unsigned count, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
#define CASE(number, mnemonic)                    \
  case number:                                    \
    asm volatile(ON_HOST(mnemonic " %%cl, %[a]")  \
                 : [a] "+&q"(a), [out] "=&r"(out) \
                 : "c"(count), [in] "r"(in)       \
                 : "cc", "memory");               \
    break
  switch (op) {
    CASE(0, "rol");
    CASE(1, "ror");
    CASE(2, "rcl");
    CASE(3, "rcr");
    CASE(4, "shl");
    CASE(5, "shr");
    CASE(6, "shl");
    CASE(7, "sar");
    default:
      break;
  }
#undef CASE
  return {a, host_flags_out(out)};
}

template <typename T>
HostResult<T> host_double(bool right, T a, T b, unsigned count, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
  if (right) {
    asm volatile(ON_HOST("shrd %%cl, %[b], %[a]")
                 : [a] "+&r"(a), [out] "=&r"(out)
                 : "c"(count), [b] "r"(b), [in] "r"(in)
                 : "cc", "memory");
  } else {
    asm volatile(ON_HOST("shld %%cl, %[b], %[a]")
                 : [a] "+&r"(a), [out] "=&r"(out)
                 : "c"(count), [b] "r"(b), [in] "r"(in)
                 : "cc", "memory");
  }
  return {a, host_flags_out(out)};
}

template <shift::Op op, typename T>
void compare_values() {
  for (const std::uint32_t a : operands(60)) {
    for (unsigned count = 0; count < 256; count += count < 40 ? 1 : 13) {
      for (const std::uint32_t before : {0u, kArithmeticFlags, kCF, kOF, kAF}) {
        const auto expected = host_shift<T>(static_cast<unsigned>(op), static_cast<T>(a), count, before);
        LazyFlags flags;
        flags.set_word(before);
        const T value = shift::apply<op, T>(flags, static_cast<T>(a), count);
        ASSERT_EQ(value, expected.value) << std::hex << static_cast<int>(op) << ": " << a << " by " << count;
        ASSERT_EQ(flags.word(), expected.flags)
            << std::hex << static_cast<int>(op) << ": " << a << " by " << count << ", before " << before;
      }
    }
  }
}

template <shift::Op op>
void compare_widths() {
  compare_values<op, std::uint8_t>();
  compare_values<op, std::uint16_t>();
  compare_values<op, std::uint32_t>();
}

TEST(Shift, ValuesAgreeWithTheHost) {
  compare_widths<shift::Op::kRol>();
  compare_widths<shift::Op::kRor>();
  compare_widths<shift::Op::kRcl>();
  compare_widths<shift::Op::kRcr>();
  compare_widths<shift::Op::kShl>();
  compare_widths<shift::Op::kShr>();
  compare_widths<shift::Op::kSal>();
  compare_widths<shift::Op::kSar>();
}

template <typename T>
void compare_double() {
  for (const std::uint32_t a : operands(12)) {
    for (const std::uint32_t b : operands(12)) {
      for (unsigned count = 0; count < 36; ++count) {
        for (const std::uint32_t before : {0u, kArithmeticFlags}) {
          for (const bool right : {false, true}) {
            const T x = static_cast<T>(a);
            const T y = static_cast<T>(b);
            const auto expected = host_double<T>(right, x, y, count, before);
            LazyFlags flags;
            flags.set_word(before);
            const T value = right ? shift::shrd<T>(flags, x, y, count) : shift::shld<T>(flags, x, y, count);
            ASSERT_EQ(value, expected.value)
                << std::hex << right << ": " << a << ", " << b << " by " << count;
            ASSERT_EQ(flags.word(), expected.flags)
                << std::hex << right << ": " << a << ", " << b << " by " << count;
          }
        }
      }
    }
  }
}

TEST(Shift, DoubleShiftsAgreeWithTheHost) {
  compare_double<std::uint16_t>();
  compare_double<std::uint32_t>();
}

// The instructions: by 1, by an immediate, by CL; in a register (DL, DX, EDX) and in memory.
template <typename T>
void compare_instructions(IntegerMachine& m, unsigned op) {
  constexpr unsigned size = sizeof(T);
  const auto w = static_cast<std::uint8_t>(size == 1 ? 0 : 1);
  for (const bool in_memory : {false, true}) {
    const std::uint8_t modrm = in_memory ? m.at_ebx(op) : IntegerMachine::in_register(op, 2);
    for (const unsigned form : {0u, 1u, 2u}) {
      for (const unsigned count : {0u, 1u, 2u, 7u, 8u, 9u, 15u, 16u, 17u, 24u, 31u, 32u, 33u, 255u}) {
        if (form == 0 && count != 1) continue;
        const auto c = static_cast<std::uint8_t>(count);
        const Bytes code = form == 0   ? Bytes{static_cast<std::uint8_t>(0xD0 | w), modrm}
                           : form == 1 ? Bytes{static_cast<std::uint8_t>(0xC0 | w), modrm, c}
                                       : Bytes{static_cast<std::uint8_t>(0xD2 | w), modrm};
        m.load(m.operand(size) + code);
        for (const std::uint32_t a :
             {0u, 1u, 0x80u, 0x8001u, 0x80000001u, 0x12345678u, 0xFFFFFFFFu, 0xA5A5A5A5u}) {
          for (const std::uint32_t before : {0u, kArithmeticFlags}) {
            const auto expected = host_shift<T>(op, static_cast<T>(a), count, before);
            Cpu& cpu = m.cpu();
            cpu.gpr[kEDX] = a;
            cpu.gpr[kECX] = 0xFFFFFF00 | count;
            cpu.gpr[kEBX] = m.data;
            m.g.memory.write32(m.data_physical(), a);
            m.set_flags(before);
            m.run();
            const std::uint32_t seen = in_memory ? m.g.memory.read32(m.data_physical()) : cpu.gpr[kEDX];
            ASSERT_EQ(static_cast<T>(seen), expected.value) << std::hex << op << ": " << a << " by " << count;
            if (size < 4) {
              ASSERT_EQ(seen >> (8 * size % 32), a >> (8 * size % 32));
            }
            // ROL and ROR of a register by an immediate keep OF unless it is 1; the host's function shifts by CL.
            const bool keeps_of = op < 2 && form == 1 && !in_memory && (count & 31) != 1;
            const std::uint32_t flags = keeps_of ? (expected.flags & ~kOF) | (before & kOF) : expected.flags;
            ASSERT_EQ(m.flags(), flags) << std::hex << op << ": " << a << " by " << count;
          }
        }
      }
    }
  }
}

TEST(Shift, InstructionsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    for (unsigned op = 0; op < 8; ++op) {
      compare_instructions<std::uint8_t>(m, op);
      compare_instructions<std::uint16_t>(m, op);
      compare_instructions<std::uint32_t>(m, op);
    }
  });
}

// 0F A4 SHLD imm, A5 SHLD CL, AC SHRD imm, AD SHRD CL: EDX or [EBX], ESI
template <typename T>
void compare_double_instructions(IntegerMachine& m) {
  for (const bool right : {false, true}) {
    for (const bool by_cl : {false, true}) {
      for (const bool in_memory : {false, true}) {
        for (const unsigned count : {0u, 1u, 5u, 15u, 16u, 17u, 31u, 32u, 37u}) {
          const auto opcode = static_cast<std::uint8_t>((right ? 0xAC : 0xA4) | (by_cl ? 1 : 0));
          Bytes code{0x0F, opcode, in_memory ? m.at_ebx(6) : IntegerMachine::in_register(6, 2)};
          if (!by_cl) code.push_back(static_cast<std::uint8_t>(count));
          m.load(m.operand(sizeof(T)) + code);
          for (const std::uint32_t a : {0u, 0x80018001u, 0x12345678u, 0xFFFFFFFFu}) {
            const std::uint32_t b = 0x9ABCDEF1;
            const auto expected =
                host_double<T>(right, static_cast<T>(a), static_cast<T>(b), count, kArithmeticFlags);
            Cpu& cpu = m.cpu();
            cpu.gpr[kEDX] = a;
            cpu.gpr[kESI] = b;
            cpu.gpr[kECX] = count;
            cpu.gpr[kEBX] = m.data;
            m.g.memory.write32(m.data_physical(), a);
            m.set_flags(kArithmeticFlags);
            m.run();
            const std::uint32_t seen = in_memory ? m.g.memory.read32(m.data_physical()) : cpu.gpr[kEDX];
            ASSERT_EQ(static_cast<T>(seen), expected.value)
                << std::hex << right << ": " << a << " by " << count;
            ASSERT_EQ(m.flags(), expected.flags) << std::hex << right << ": " << a << " by " << count;
            ASSERT_EQ(cpu.gpr[kESI], b);
          }
        }
      }
    }
  }
}

TEST(Shift, DoubleShiftInstructionsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    compare_double_instructions<std::uint16_t>(m);
    compare_double_instructions<std::uint32_t>(m);
  });
}

#endif  // RINGSIDE_HOST_FLAGS

TEST(Shift, WithoutAHost) {
  LazyFlags f;
  EXPECT_EQ((shift::apply<shift::Op::kShl, std::uint8_t>(f, 0x81, 1)), 0x02);
  EXPECT_EQ(f.word(), kCF | kOF);
  EXPECT_EQ((shift::apply<shift::Op::kSar, std::uint32_t>(f, 0x80000000, 31)), 0xFFFFFFFFu);
  EXPECT_EQ(f.word(), kSF | kPF);
  f.set_word(kCF | kAF);
  EXPECT_EQ((shift::apply<shift::Op::kRcr, std::uint16_t>(f, 0x0001, 1)), 0x8000);
  EXPECT_EQ(f.word(), kCF | kAF | kOF);
  f.set_word(kArithmeticFlags);
  EXPECT_EQ((shift::apply<shift::Op::kShr, std::uint32_t>(f, 0x1234, 32)), 0x1234u);
  EXPECT_EQ(f.word(), kArithmeticFlags);
}

}  // namespace
}  // namespace ringside::test
