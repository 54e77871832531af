// The fast path's bodies against the reference's: where a quick one says that it applies, it must have left the same
// state, value and flags; where it does not, nothing may have changed.
#include "cpu/x87/quick.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "tests/cpu/x87/operands.h"

namespace ringside::x87 {
namespace {

constexpr int kRounds = 20000;

bool same(const X87State& a, const X87State& b) {
  for (unsigned i = 0; i < 8; ++i)
    if (a.reg[i].significand != b.reg[i].significand || a.reg[i].sign_exp != b.reg[i].sign_exp) return false;
  return a.control == b.control && a.status == b.status && a.tags == b.tags;
}

/// Memory operands and results, and EFLAGS.
struct Beside {
  Image memory;
  LazyFlags flags;
};
using Quick = std::function<bool(X87State&, Beside&)>;
using Reference = std::function<void(Unit&, Beside&)>;

/// States as programs have them: mostly ordinary numbers, an ordinary control word.
X87State ordinary_state(Operands& random) {
  X87State s = random.state();
  if (random.one_in(4)) return s;
  static constexpr std::uint16_t kControls[] = {0x37F, 0x37F, 0x27F, 0x7F, 0xF7F, 0x77F, 0xB7F};
  s.control = kControls[random.below(7)];
  s.status &= 0x7F7F;
  for (unsigned n = 0; n < 8; ++n)
    if (!random.one_in(6))
      s.reg[n] = pack(random.one_in(2), static_cast<unsigned>(kBias - 34) + random.below(68), random.significand());
  for (unsigned n = 0; n < 8; ++n) {
    const unsigned shift = 2 * n;
    if ((s.tags >> shift & 3) != kTagEmpty)
      s.tags = static_cast<std::uint16_t>((s.tags & ~(3u << shift)) | tag_of(s.reg[n]) << shift);
  }
  return s;
}

void check(const char* name, const Quick& quick, const Reference& reference, MemoryFormat format = MemoryFormat::kNone) {
  Operands random(std::strlen(name) * 131 + static_cast<unsigned char>(name[1]));
  int applied = 0;
  for (int round = 0; round < kRounds; ++round) {
    X87State state = ordinary_state(random);
    if (!quick::nothing_pending(state)) continue;
    Beside beside;
    beside.flags.set_word(static_cast<std::uint32_t>(random.bits() & kArithmeticFlags));
    Arithmetic env(0x37F);
    const Float80 operand = random.one_in(3) ? random.value() : random.partner(state.reg[state.status >> 11 & 7]);
    switch (format) {
      case MemoryFormat::kFloat32: beside.memory.low = to_float32(env, operand); break;
      case MemoryFormat::kFloat64: beside.memory.low = to_float64(env, operand); break;
      case MemoryFormat::kFloat80: beside.memory = {operand.significand, operand.sign_exp}; break;
      default: beside.memory.low = random.bits() >> random.below(64); break;
    }
    if (random.one_in(20)) beside.memory = {};
    X87State after = state, expected = state;
    Beside ours = beside, theirs = beside;
    const bool applies = quick(after, ours);
    if (!applies) {
      ASSERT_TRUE(same(after, state)) << name << ": changed a state that it refused";
      continue;
    }
    ++applied;
    Unit unit(expected);
    reference(unit, theirs);
    ASSERT_TRUE(same(after, expected)) << name << " round " << round << std::hex << " control " << state.control << " status "
                                       << after.status << " for " << expected.status << " tags " << after.tags << " for "
                                       << expected.tags;
    ASSERT_EQ(ours.memory.low, theirs.memory.low) << name;
    ASSERT_EQ(ours.memory.high, theirs.memory.high) << name;
    ASSERT_EQ(ours.flags.word(), theirs.flags.word()) << name;
  }
  EXPECT_GT(applied, kRounds / 20) << name << " hardly ever applies";
}

Reference opcode(unsigned number, unsigned modrm) {
  return [=](Unit& unit, Beside& b) { unit.execute(number & 7, static_cast<std::uint8_t>(modrm), b.flags, true); };
}

template <unsigned operation>
void check_arithmetic() {
  for (const unsigned i : {1u, 3u, 0u}) {
    if (i == 0 && (operation & 6) == 4) continue;  // always zero, which is not quick
    const unsigned reg = operation << 3 | i;
    check("D8", [=](X87State& s, Beside&) { return quick::arithmetic_registers<operation, false, false>(s, i); },
          opcode(0, 0xC0 | reg));
    check("DC", [=](X87State& s, Beside&) { return quick::arithmetic_registers<operation, true, false>(s, i); },
          opcode(4, 0xC0 | reg));
    if (i == 0) continue;
    check("DE", [=](X87State& s, Beside&) { return quick::arithmetic_registers<operation, true, true>(s, i); },
          opcode(6, 0xC0 | reg));
  }
  const auto memory = [](MemoryFormat format) {
    return [=](Unit& unit, Beside& b) { unit.arithmetic(operation, format, b.memory); };
  };
  check("D8 m32",
        [](X87State& s, Beside& b) {
          Float80 value;
          return quick::from_single(static_cast<std::uint32_t>(b.memory.low), value) &&
                 quick::arithmetic_memory<operation>(s, value);
        },
        memory(MemoryFormat::kFloat32), MemoryFormat::kFloat32);
  check("DC m64",
        [](X87State& s, Beside& b) {
          Float80 value;
          return quick::from_double(b.memory.low, value) && quick::arithmetic_memory<operation>(s, value);
        },
        memory(MemoryFormat::kFloat64), MemoryFormat::kFloat64);
  check("DA m32int",
        [](X87State& s, Beside& b) {
          Float80 value;
          return quick::from_nonzero_integer(static_cast<std::int32_t>(b.memory.low), value) &&
                 quick::arithmetic_memory<operation>(s, value);
        },
        memory(MemoryFormat::kInt32));
}

TEST(Quick, Add) { check_arithmetic<0>(); }
TEST(Quick, Multiply) { check_arithmetic<1>(); }
TEST(Quick, Subtract) { check_arithmetic<4>(); }
TEST(Quick, SubtractReversed) { check_arithmetic<5>(); }
TEST(Quick, Divide) { check_arithmetic<6>(); }
TEST(Quick, DivideReversed) { check_arithmetic<7>(); }
TEST(Quick, Root) {
  check("FSQRT", [](X87State& s, Beside&) { return quick::root(s); }, opcode(1, 0xFA));
}

TEST(Quick, Comparison) {
  check("FCOM", [](X87State& s, Beside&) { return quick::compare_registers<0>(s, 1); }, opcode(0, 0xD1));
  check("FCOMP", [](X87State& s, Beside&) { return quick::compare_registers<1>(s, 2); }, opcode(0, 0xDA));
  check("FUCOMPP", [](X87State& s, Beside&) { return quick::compare_registers<2>(s, 1); }, opcode(2, 0xE9));
  check("FUCOMI", [](X87State& s, Beside& b) { return quick::compare_to_flags<false>(s, 1, b.flags); }, opcode(3, 0xE9));
  check("FCOMIP", [](X87State& s, Beside& b) { return quick::compare_to_flags<true>(s, 1, b.flags); }, opcode(7, 0xF1));
  check("FTST", [](X87State& s, Beside&) { return quick::compare_memory<0>(s, zero(false)); }, opcode(1, 0xE4));
  check("FCOMP m64",
        [](X87State& s, Beside& b) {
          Float80 value;
          return quick::from_double(b.memory.low, value) && quick::compare_memory<1>(s, value);
        },
        [](Unit& unit, Beside& b) { unit.arithmetic(3, MemoryFormat::kFloat64, b.memory); }, MemoryFormat::kFloat64);
}

Reference load(MemoryFormat format) {
  return [=](Unit& unit, Beside& b) { unit.load(format, b.memory); };
}

TEST(Quick, Loads) {
  check("FLD m32",
        [](X87State& s, Beside& b) { return quick::load_single(s, static_cast<std::uint32_t>(b.memory.low)); },
        load(MemoryFormat::kFloat32), MemoryFormat::kFloat32);
  check("FLD m64", [](X87State& s, Beside& b) { return quick::load_double(s, b.memory.low); },
        load(MemoryFormat::kFloat64), MemoryFormat::kFloat64);
  check("FLD m80",
        [](X87State& s, Beside& b) { return quick::load_extended(s, {b.memory.low, b.memory.high}); },
        load(MemoryFormat::kFloat80), MemoryFormat::kFloat80);
  check("FILD m16",
        [](X87State& s, Beside& b) { return quick::load_integer(s, static_cast<std::int16_t>(b.memory.low)); },
        load(MemoryFormat::kInt16));
  check("FILD m64",
        [](X87State& s, Beside& b) { return quick::load_integer(s, static_cast<std::int64_t>(b.memory.low)); },
        load(MemoryFormat::kInt64));
  check("FLD ST(2)", [](X87State& s, Beside&) { return quick::load_register(s, 2); }, opcode(1, 0xC2));
  check("FLD1", [](X87State& s, Beside&) { return quick::load_one(s); }, opcode(1, 0xE8));
  check("FLDZ", [](X87State& s, Beside&) { return quick::load_zero(s); }, opcode(1, 0xEE));
}

Reference store(MemoryFormat format, bool pop) {
  return [=](Unit& unit, Beside& b) {
    Image image;
    if (unit.store(format, pop, image)) std::memcpy(static_cast<void*>(&b.memory), &image, size_of(format));
  };
}
template <unsigned bits, bool pop_after>
bool store_integer(X87State& s, Beside& b) {
  std::int64_t value;
  quick::Outcome outcome;
  if (!quick::to_integer<bits>(s, value, outcome)) return false;
  std::memcpy(static_cast<void*>(&b.memory), &value, bits / 8);
  quick::stored<pop_after>(s, outcome);
  return true;
}

TEST(Quick, Stores) {
  check("FSTP m32",
        [](X87State& s, Beside& b) {
          std::uint32_t value;
          quick::Outcome outcome;
          if (!quick::to_single(s, value, outcome)) return false;
          std::memcpy(static_cast<void*>(&b.memory), &value, 4);
          quick::stored<true>(s, outcome);
          return true;
        },
        store(MemoryFormat::kFloat32, true));
  check("FST m64",
        [](X87State& s, Beside& b) {
          quick::Outcome outcome;
          std::uint64_t value;
          if (!quick::to_double(s, value, outcome)) return false;
          b.memory.low = value;
          quick::stored<false>(s, outcome);
          return true;
        },
        store(MemoryFormat::kFloat64, false));
  check("FSTP m80",
        [](X87State& s, Beside& b) {
          Float80 value;
          if (!quick::to_extended(s, value)) return false;
          b.memory = {value.significand, value.sign_exp};
          quick::stored<true>(s, {});
          return true;
        },
        store(MemoryFormat::kFloat80, true));
  check("FISTP m16", store_integer<16, true>, store(MemoryFormat::kInt16, true));
  check("FIST m32", store_integer<32, false>, store(MemoryFormat::kInt32, false));
  check("FISTP m64", store_integer<64, true>, store(MemoryFormat::kInt64, true));
}

TEST(Quick, Moves) {
  check("FST ST(3)", [](X87State& s, Beside&) { return quick::store_register<false>(s, 3); }, opcode(5, 0xD3));
  check("FSTP ST(0)", [](X87State& s, Beside&) { return quick::store_register<true>(s, 0); }, opcode(5, 0xD8));
  check("FSTP ST(1)", [](X87State& s, Beside&) { return quick::store_register<true>(s, 1); }, opcode(5, 0xD9));
  check("FXCH", [](X87State& s, Beside&) { return quick::exchange(s, 1); }, opcode(1, 0xC9));
  check("FXCH ST(0)", [](X87State& s, Beside&) { return quick::exchange(s, 0); }, opcode(1, 0xC8));
  check("FCHS", [](X87State& s, Beside&) { return quick::change_sign(s, 0x8000, 0xFFFF); }, opcode(1, 0xE0));
  check("FABS", [](X87State& s, Beside&) { return quick::change_sign(s, 0, 0x7FFF); }, opcode(1, 0xE1));
  check("FLDCW",
        [](X87State& s, Beside& b) { return quick::load_control(s, static_cast<std::uint16_t>(b.memory.low)); },
        [](Unit& unit, Beside& b) { unit.set_control(static_cast<std::uint16_t>(b.memory.low)); });
}

}  // namespace
}  // namespace ringside::x87
