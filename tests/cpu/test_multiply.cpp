// Multiplication and division against the host's own processor.
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

#if RINGSIDE_HOST_FLAGS

struct HostProduct {
  std::uint32_t eax, edx, flags;
};

/// F6/F7 /4 MUL, /5 IMUL, /6 DIV, /7 IDIV with EDX:EAX and the operand.
template <typename T>
HostProduct host_multiply(unsigned op, std::uint32_t eax, std::uint32_t edx, T b, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
#define CASE(number, mnemonic)                              \
  case number:                                              \
    asm volatile(ON_HOST(mnemonic " %[b]")                  \
                 : "+&a"(eax), "+&d"(edx), [out] "=&r"(out) \
                 : [b] "q"(b), [in] "r"(in)                 \
                 : "cc", "memory");                         \
    break
  switch (op) {
    CASE(4, "mul");
    CASE(5, "imul");
    CASE(6, "div");
    CASE(7, "idiv");
    default:
      break;
  }
#undef CASE
  return {eax, edx, host_flags_out(out)};
}

template <typename T>
void compare_products(IntegerMachine& m, unsigned op) {
  constexpr unsigned size = sizeof(T);
  const auto opcode = static_cast<std::uint8_t>(0xF6 | (size == 1 ? 0 : 1));
  for (const bool in_memory : {false, true}) {
    m.load(m.operand(size) + Bytes{opcode, in_memory ? m.at_ebx(op) : IntegerMachine::in_register(op, 1)});
    for (const std::uint32_t a : operands(8)) {
      for (const std::uint32_t b : operands(8)) {
        const auto expected = host_multiply<T>(op, a, 0x55AA55AA, static_cast<T>(b), kArithmeticFlags);
        m.cpu().gpr[kEAX] = a;
        m.cpu().gpr[kEDX] = 0x55AA55AA;
        m.cpu().gpr[kECX] = b;
        m.cpu().gpr[kEBX] = m.data;
        store<T>(m, m.data_physical(), static_cast<T>(b));
        m.set_flags(kArithmeticFlags);
        m.run();
        ASSERT_EQ(m.cpu().gpr[kEAX], expected.eax) << std::hex << op << ": " << a << " * " << b;
        ASSERT_EQ(m.cpu().gpr[kEDX], expected.edx) << std::hex << op << ": " << a << " * " << b;
        ASSERT_EQ(m.flags(), expected.flags) << std::hex << op << ": " << a << " * " << b;
      }
    }
  }
}

TEST(Multiply, ProductsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    for (const unsigned op : {4u, 5u}) {
      compare_products<std::uint8_t>(m, op);
      compare_products<std::uint16_t>(m, op);
      compare_products<std::uint32_t>(m, op);
    }
  });
}

/// Whether the quotient of the dividend (as wide as two T) by `b` fits into T.
template <typename T>
bool quotient_fits(bool is_signed, std::uint64_t dividend, T b) {
  constexpr unsigned bits = 8 * sizeof(T);
  if (b == 0) return false;
  if (!is_signed) return dividend / b < std::uint64_t{1} << bits;
  const auto wide =
      static_cast<__int128>(static_cast<std::int64_t>(dividend << (64 - 2 * bits)) >> (64 - 2 * bits));
  const __int128 quotient = wide / static_cast<std::make_signed_t<T>>(b);
  const __int128 half = __int128{1} << (bits - 1);
  return quotient >= -half && quotient < half;
}

template <typename T>
void compare_quotients(IntegerMachine& m, unsigned op) {
  constexpr unsigned size = sizeof(T);
  const auto opcode = static_cast<std::uint8_t>(0xF6 | (size == 1 ? 0 : 1));
  m.load(m.operand(size) + Bytes{opcode, IntegerMachine::in_register(op, 1)});
  const auto values = operands(5);
  for (const std::uint32_t low : values) {
    for (const std::uint32_t high : {0u, 1u, 0x7Fu, 0x8000u, 0x80000000u, 0xFFFFFFFFu}) {
      for (const std::uint32_t b : values) {
        std::uint64_t dividend = low & 0xFFFF;
        if (size == 2) dividend = (high & 0xFFFF) << 16 | (low & 0xFFFF);
        if (size == 4) dividend = std::uint64_t{high} << 32 | low;
        Cpu& cpu = m.cpu();
        cpu.gpr[kEAX] = low;
        cpu.gpr[kEDX] = high;
        cpu.gpr[kECX] = b;
        m.set_flags(kArithmeticFlags);
        m.run();
        if (quotient_fits<T>(op == 7, dividend, static_cast<T>(b))) {
          const auto expected = host_multiply<T>(op, low, high, static_cast<T>(b), kArithmeticFlags);
          ASSERT_EQ(m.g.last_fault(), nullptr) << std::hex << op << ": " << high << ":" << low << " / " << b;
          ASSERT_EQ(cpu.gpr[kEAX], expected.eax)
              << std::hex << op << ": " << high << ":" << low << " / " << b;
          ASSERT_EQ(cpu.gpr[kEDX], expected.edx)
              << std::hex << op << ": " << high << ":" << low << " / " << b;
          ASSERT_EQ(m.flags(), expected.flags);
        } else {
          if (static_cast<T>(b) == 0) {
            ASSERT_TRUE(last_fault_is(m.g, Cause::kDeDivideByZero, 0));
          } else {
            ASSERT_TRUE(last_fault_is(m.g, Cause::kDeQuotientTooLarge, 0));
          }
          ASSERT_EQ(cpu.gpr[kEAX], low);
          ASSERT_EQ(cpu.gpr[kEDX], high);
        }
      }
    }
  }
}

TEST(Multiply, QuotientsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    for (const unsigned op : {6u, 7u}) {
      compare_quotients<std::uint8_t>(m, op);
      compare_quotients<std::uint16_t>(m, op);
      compare_quotients<std::uint32_t>(m, op);
    }
  });
}

template <typename T>
HostResult<T> host_imul(T a, T b, std::uint32_t flags) {
  const std::uint64_t in = host_flags_in(flags);
  std::uint64_t out = 0;
  asm volatile(ON_HOST("imul %[b], %[a]")
               : [a] "+&r"(a), [out] "=&r"(out)
               : [b] "r"(b), [in] "r"(in)
               : "cc", "memory");
  return {a, host_flags_out(out)};
}

template <typename T>
void compare_truncated_products(IntegerMachine& m) {
  constexpr unsigned size = sizeof(T);
  for (const std::uint32_t a : operands(8)) {
    for (const std::uint32_t b : operands(8)) {
      const auto expected = host_imul<T>(static_cast<T>(a), static_cast<T>(b), kArithmeticFlags);
      const auto short_b = static_cast<std::uint8_t>(b);
      const auto expected_short =
          host_imul<T>(static_cast<T>(a), static_cast<T>(static_cast<std::int8_t>(short_b)), 0);
      Bytes immediate;
      for (unsigned i = 0; i < size; ++i) immediate.push_back(static_cast<std::uint8_t>(b >> (8 * i)));
      const Bytes forms[] = {
          Bytes{0x0F, 0xAF, IntegerMachine::in_register(1, 2)},        // IMUL ECX, EDX
          Bytes{0x69, IntegerMachine::in_register(1, 1)} + immediate,  // IMUL ECX, ECX, imm
          Bytes{0x6B, IntegerMachine::in_register(1, 1), short_b}};    // imm8
      for (unsigned form = 0; form < 3; ++form) {
        const auto& want = form == 2 ? expected_short : expected;
        m.cpu().gpr[kECX] = a;
        m.cpu().gpr[kEDX] = b;
        m.set_flags(0);
        m.run(m.operand(size) + forms[form]);
        ASSERT_EQ(m.cpu().gpr[kECX], kept_above<T>(a, want.value))
            << std::hex << form << ": " << a << " * " << b;
        ASSERT_EQ(m.flags(), want.flags) << std::hex << form << ": " << a << " * " << b;
      }
    }
  }
}

TEST(Multiply, TruncatedProductsAgreeWithTheHost) {
  each_mode([](IntegerMachine& m) {
    compare_truncated_products<std::uint16_t>(m);
    compare_truncated_products<std::uint32_t>(m);
  });
}

#endif  // RINGSIDE_HOST_FLAGS

}  // namespace
}  // namespace ringside::test
