// String instructions: against a model of the manual's loop, cut at any tick, across pages and faults.
#include <algorithm>
#include <optional>

#include "cpu/alu.h"
#include "tests/cpu/integer_machine.h"

namespace ringside::test {
namespace {

enum class Kind { kMovs, kCmps, kStos, kLods, kScas };

constexpr std::uint32_t kArea = 0x4000;  ///< offset of the memory under test, in every mode
constexpr std::uint32_t kAreaSize = 0x4000;

struct Case {
  Kind kind;
  unsigned size;
  bool down;
  int prefix;  ///< 0, F3h or F2h
  std::uint32_t si, di, count, eax;
  bool address32;
};

std::uint8_t opcode(const Case& c) {
  static constexpr std::uint8_t kBase[] = {0xA4, 0xA6, 0xAA, 0xAC, 0xAE};
  return static_cast<std::uint8_t>(kBase[static_cast<int>(c.kind)] + (c.size == 1 ? 0 : 1));
}

/// The manual's loop over a copy of the segment's memory.
struct Model {
  std::vector<std::uint8_t> memory;
  std::uint32_t si, di, count, eax;
  std::uint32_t flags;
  std::uint64_t ticks = 0;

  std::uint32_t get(std::uint32_t at, unsigned size) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(memory[at + i]) << (8 * i);
    return value;
  }
  void put(std::uint32_t at, unsigned size, std::uint32_t value) {
    for (unsigned i = 0; i < size; ++i) memory[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  template <typename T>
  void compare_as(std::uint32_t a, std::uint32_t b) {
    LazyFlags f;
    alu::sub<T>(f, static_cast<T>(a), static_cast<T>(b));
    flags = f.word();
  }
  void compare(unsigned size, std::uint32_t a, std::uint32_t b) {
    if (size == 1) compare_as<std::uint8_t>(a, b);
    if (size == 2) compare_as<std::uint16_t>(a, b);
    if (size == 4) compare_as<std::uint32_t>(a, b);
  }
  void iterate(const Case& c) {
    const std::uint32_t mask = c.size == 4 ? 0xFFFFFFFF : (1u << (8 * c.size)) - 1;
    const std::uint32_t step = c.down ? 0 - c.size : c.size;
    switch (c.kind) {
      case Kind::kMovs:
        put(di, c.size, get(si, c.size));
        break;
      case Kind::kCmps:
        compare(c.size, get(si, c.size), get(di, c.size));
        break;
      case Kind::kStos:
        put(di, c.size, eax);
        break;
      case Kind::kLods:
        eax = (eax & ~mask) | get(si, c.size);
        break;
      case Kind::kScas:
        compare(c.size, eax & mask, get(di, c.size));
        break;
    }
    if (c.kind != Kind::kStos && c.kind != Kind::kScas) si += step;
    if (c.kind != Kind::kLods) di += step;
    ++ticks;
  }
  void run(const Case& c) {
    if (c.prefix == 0) return iterate(c);
    if (count == 0) ++ticks;
    while (count != 0) {
      iterate(c);
      --count;
      const bool compares = c.kind == Kind::kCmps || c.kind == Kind::kScas;
      if (compares && ((flags & kZF) != 0) == (c.prefix == 0xF2)) break;
    }
  }
};

std::vector<std::uint8_t> snapshot(IntegerMachine& m) {
  const std::uint32_t base = m.cpu().seg[kDS].base;
  std::vector<std::uint8_t> bytes(kArea + kAreaSize);
  for (std::uint32_t i = kArea; i < bytes.size(); ++i) bytes[i] = m.g.memory.read8(base + i);
  return bytes;
}

void fill_area(IntegerMachine& m, Numbers& numbers, bool sparse) {
  const std::uint32_t base = m.cpu().seg[kDS].base;
  for (std::uint32_t i = kArea; i < kArea + kAreaSize; i += 4) {
    // Sparse: long equal runs, so that the compares go on for more than a page.
    const std::uint32_t value = sparse ? (numbers.next() % 512 == 0 ? 0x01010101u : 0) : numbers.next();
    m.g.memory.write32(base + i, value);
  }
}

/// Runs the case in pieces of `piece` ticks and compares the end with the model.
void check(IntegerMachine& m, const Case& c, std::uint64_t piece) {
  Cpu& cpu = m.cpu();
  Model model{snapshot(m), c.si, c.di, c.count, c.eax, 0};
  model.run(c);

  Bytes code = m.operand(c.size) + m.address(c.address32);
  if (c.prefix != 0) code.push_back(static_cast<std::uint8_t>(c.prefix));
  code.push_back(opcode(c));
  m.load(code);
  const std::uint32_t above = c.address32 ? 0 : 0xABCD0000;
  cpu.gpr[kESI] = c.si | above;
  cpu.gpr[kEDI] = c.di | above;
  cpu.gpr[kECX] = c.count | above;
  cpu.gpr[kEAX] = c.eax;
  cpu.eip = m.code_start();
  cpu.halted = false;
  m.set_flags(0);
  cpu.set_eflags(c.down ? kDF : 0, kDF);
  const std::uint64_t begin = cpu.ticks();
  // The last tick is HLT's.
  while (!cpu.halted && cpu.ticks() < begin + model.ticks + 10) {
    if (m.g.how == How::kRun) {
      const std::uint64_t limit = cpu.ticks() + piece;
      cpu.run(limit);
      ASSERT_LE(cpu.ticks(), limit);
    } else {
      cpu.step();
    }
  }
  const auto text = [&] {
    std::ostringstream out;
    out << std::hex << int{opcode(c)} << " prefix " << c.prefix << (c.down ? " down" : " up") << " si "
        << c.si << " di " << c.di << " count " << c.count << " pieces of " << std::dec << piece << "\n"
        << m.g.history();
    return out.str();
  };
  ASSERT_TRUE(cpu.halted) << text();
  ASSERT_EQ(cpu.ticks() - begin, model.ticks + 1) << text();
  const std::uint32_t mask = c.address32 ? 0xFFFFFFFF : 0xFFFF;
  ASSERT_EQ(cpu.gpr[kESI], (model.si & mask) | above) << text();
  ASSERT_EQ(cpu.gpr[kEDI], (model.di & mask) | above) << text();
  ASSERT_EQ(cpu.gpr[kECX], model.count | above) << text();
  ASSERT_EQ(cpu.gpr[kEAX], model.eax) << text();
  if (c.kind == Kind::kCmps || c.kind == Kind::kScas) {
    ASSERT_EQ(m.flags(), model.flags) << text();
  }
  const auto after = snapshot(m);
  const auto difference = std::mismatch(after.begin(), after.end(), model.memory.begin());
  ASSERT_TRUE(difference.first == after.end()) << text() << " at " << difference.first - after.begin();
}

TEST(String, AgreesWithTheManualsLoop) {
  each_mode([](IntegerMachine& m) {
    Numbers numbers;
    for (unsigned i = 0; i < 1200; ++i) {
      Case c{};
      c.kind = static_cast<Kind>(numbers.next() % 5);
      c.size = 1u << numbers.next() % 3;
      c.down = numbers.next() % 3 == 0;
      c.prefix = numbers.next() % 8 == 0 ? 0 : numbers.next() % 2 == 0 ? 0xF3 : 0xF2;
      c.address32 = numbers.next() % 2 == 0;
      const bool sparse = numbers.next() % 2 == 0;
      c.eax = sparse ? 0 : numbers.next();
      c.count = numbers.next() % 4 == 0 ? numbers.next() % 1500 : numbers.next() % 20;
      if (c.kind == Kind::kScas && c.prefix == 0xF2)
        c.eax = numbers.next() % 2 == 0 ? 0x01010101 : 0x77777777;
      // Both pointers may run 6000 bytes either way; half of the cases overlap closely.
      c.si = kArea + 0x1800 + numbers.next() % 0x1000;
      c.di = numbers.next() % 2 == 0 ? c.si + numbers.next() % 32 - 16
                                     : kArea + 0x1800 + numbers.next() % 0x1000;
      if (numbers.next() % 16 == 0) c.di = c.si;
      if (m.g.how == How::kStep && c.count > 300) c.count %= 300;
      fill_area(m, numbers, sparse);
      const std::uint64_t pieces[] = {1, 3, 100, 5000};
      check(m, c, pieces[numbers.next() % 4]);
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

TEST(String, TheSourceSegmentCanBeChosen) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.load_segment_real(kFS, 0x5000);
    g.place(0x50010, {1, 2, 3, 4});
    g.cpu.gpr[kESI] = 0x10;
    g.cpu.gpr[kEDI] = 0x20;
    g.cpu.gpr[kECX] = 2;
    g.code({0x64, 0xF3, 0xA5});
    g.run();
    EXPECT_EQ(g.read32(kDataAt + 0x20), 0x04030201u);
  });
}

TEST(String, SixteenBitOffsetsWrap) {
  for (const bool down : {false, true}) {
    both_ways([&](Guest& g) {
      g.enter_real();
      g.cpu.set_eflags(down ? kDF : 0, kDF);
      g.cpu.gpr[kEDI] = down ? 3 : 0xFFFC;
      g.cpu.gpr[kECX] = 8;
      g.cpu.gpr[kEAX] = 0x5A;
      g.code({0xF3, 0xAA});
      g.run();
      EXPECT_NO_FAULT(g);
      EXPECT_EQ(g.read32(kDataAt), 0x5A5A5A5Au);
      EXPECT_EQ(g.read32(kDataAt + 0xFFFC), 0x5A5A5A5Au);
      EXPECT_EQ(g.read32(kDataAt + 0x10000), 0u);
      EXPECT_EQ(g.read32(kDataAt - 4), 0u);
      EXPECT_EQ(g.reg(kEDI), down ? 0xFFFBu : 4u);
      EXPECT_EQ(g.reg(kECX), 0u);
    });
  }
}

TEST(String, AWordAcrossTheEndOfTheSegmentFaults) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.cpu.gpr[kEDI] = 0xFFF9;
    g.cpu.gpr[kECX] = 8;
    g.cpu.gpr[kEAX] = 0x1234;
    g.code({0xF3, 0xAB});
    g.run();
    EXPECT_FAULT(g, kGpSegmentLimit, 0);
    EXPECT_EQ(g.reg(kEDI), 0xFFFFu);
    EXPECT_EQ(g.reg(kECX), 5u);
    EXPECT_EQ(g.read16(kDataAt + 0xFFFD), 0x1234u);
  });
}

TEST(String, AFaultLeavesTheIterationsBeforeIt) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt + 0x2000, 0);
    g.cpu.gpr[kESI] = 0x50000;
    g.cpu.gpr[kEDI] = kDataAt + 0x0FF0;
    g.cpu.gpr[kECX] = 0x1000;
    g.memory.write32(0x50000 + 0x100C, 0xABCDEF01);
    g.code({0xF3, 0xA5});
    const std::uint64_t begin = g.cpu.ticks();
    g.run(100000);
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite);
    EXPECT_EQ(g.cpu.cr2, kDataAt + 0x2000u);
    EXPECT_EQ(g.reg(kEDI), kDataAt + 0x2000u);
    EXPECT_EQ(g.reg(kESI), 0x50000u + 0x1010u);
    EXPECT_EQ(g.reg(kECX), 0x1000u - 0x404u);
    EXPECT_EQ(g.stack32(1), std::uint32_t{kCodeAt});
    EXPECT_EQ(g.read32(kDataAt + 0x1FFC), 0xABCDEF01u);
    // The handler's HLT is one more; the iteration that faulted is none.
    EXPECT_EQ(g.cpu.ticks() - begin, 0x404u + 1);
  });
}

TEST(String, TheLastPageCanBeReadOnlyForTheSource) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.cr0 |= kCr0WP;
    g.enable_paging();
    g.set_page(0x50000, 0x50000 | 5);
    g.place(0x50000, {9, 8, 7, 6});
    g.cpu.gpr[kESI] = 0x50000;
    g.cpu.gpr[kEDI] = kDataAt;
    g.cpu.gpr[kECX] = 64;
    g.code({0xF3, 0xA4, 0x89, 0xFE, 0xBF, 0x00, 0x00, 0x05, 0x00,
            0xAA});  // MOV ESI, EDI; MOV EDI, 50000h; STOSB
    g.run();
    EXPECT_EQ(g.read32(kDataAt), 0x06070809u);
    EXPECT_FAULT(g, kPfSupervisorReadOnly, kPfPresent | kPfWrite);
  });
}

TEST(String, WithTfEveryIterationTraps) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kEDI] = kDataAt;
    g.cpu.gpr[kECX] = 10;
    g.cpu.set_eflags(kTF, kTF);
    g.code({0xF3, 0xAA});
    g.run();
    EXPECT_EQ(g.reg(kECX), 9u);
    EXPECT_EQ(g.stack32(0), std::uint32_t{kCodeAt});
    EXPECT_EQ(g.cpu.eip, handler_of(1) + 1);
  });
}

TEST(String, AnInterruptComesBetweenIterations) {
  // STI's shadow covers one iteration.
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kEDI] = kDataAt;
    g.cpu.gpr[kECX] = 100;
    g.cpu.set_intr(true);
    g.code({0xFB, 0xF3, 0xAA});
    g.run();
    EXPECT_EQ(g.bus.acknowledged, 1u);
    EXPECT_EQ(g.reg(kECX), 99u);
    EXPECT_EQ(g.stack32(0), kCodeAt + 1u);
  });
}

TEST(String, PortInput) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.bus.inputs[0x1F0] = 0xBEEF;
    g.cpu.gpr[kEDX] = 0x1F0;
    g.cpu.gpr[kEDI] = kDataAt + 0xFF0;
    g.cpu.gpr[kECX] = 256;
    g.code({0xF3, 0x66, 0x6D});
    const std::uint64_t begin = g.cpu.ticks();
    g.run();
    EXPECT_EQ(g.bus.accesses.size(), 256u);
    EXPECT_EQ(g.read32(kDataAt + 0xFF0), 0xBEEFBEEFu);
    EXPECT_EQ(g.read16(kDataAt + 0xFF0 + 510), 0xBEEFu);
    EXPECT_EQ(g.read16(kDataAt + 0xFF0 + 512), 0u);
    EXPECT_EQ(g.reg(kEDI), kDataAt + 0xFF0 + 512u);
    EXPECT_EQ(g.cpu.ticks() - begin, 257u);
  });
}

TEST(String, APortIsNotReadForAPageThatCannotBeWritten) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt + 0x1000, 0);
    g.cpu.gpr[kEDX] = 0x1F0;
    g.cpu.gpr[kEDI] = kDataAt + 0xFFC;
    g.cpu.gpr[kECX] = 16;
    g.code({0xF3, 0x66, 0x6D});
    g.run();
    EXPECT_FAULT(g, kPfNotPresentPte, kPfWrite);
    EXPECT_EQ(g.bus.accesses.size(), 2u);
    EXPECT_EQ(g.reg(kECX), 14u);
    EXPECT_EQ(g.reg(kEDI), kDataAt + 0x1000u);
  });
}

TEST(String, PortOutput) {
  both_ways([](Guest& g) {
    g.enter_real();
    g.place(kDataAt + 0x10, {1, 2, 3, 4, 5, 6, 7, 8});
    g.cpu.gpr[kEDX] = 0x3C9;
    g.cpu.gpr[kESI] = 0x10;
    g.cpu.gpr[kECX] = 3;
    g.code({0xF3, 0x6E, 0x66, 0x6F});
    g.run();
    using Access = RecordingBus::Access;
    const std::vector<Access> expected = {
        {true, 0x3C9, 1, 1}, {true, 0x3C9, 1, 2}, {true, 0x3C9, 1, 3}, {true, 0x3C9, 4, 0x07060504}};
    EXPECT_EQ(g.bus.accesses, expected);
    EXPECT_EQ(g.reg(kESI), 0x17u);
  });
}

TEST(String, PortsNeedPermission) {
  for (const int opcode : {0x6C, 0x6E}) {
    both_ways([&](Guest& g) {
      g.enter_user32(0);
      for (std::uint32_t i = 0; i < 0x2000; ++i) g.memory.write8(kTssAt + kIoMapAt + i, 0xFF);
      g.cpu.gpr[kEDX] = 0x60;
      g.cpu.gpr[kESI] = g.cpu.gpr[kEDI] = kDataAt;
      g.code({opcode});
      g.run();
      EXPECT_FAULT(g, kGpIoPermission, 0);
      EXPECT_TRUE(g.bus.accesses.empty());
      EXPECT_EQ(g.reg(kESI), std::uint32_t{kDataAt});
    });
  }
}

// A copy that runs over its own instruction goes on with what it was.
TEST(String, OverItsOwnCode) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.cpu.gpr[kEDI] = kCodeAt - 0x80;
    g.cpu.gpr[kECX] = 0x100;
    g.cpu.gpr[kEAX] = 0xF4;
    g.code({0xF3, 0xAA});
    g.run();
    EXPECT_TRUE(g.cpu.halted);
    EXPECT_EQ(g.memory.read8(kCodeAt), 0xF4);
  });
}

}  // namespace
}  // namespace ringside::test
