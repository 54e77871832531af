// Control registers, MSRs, CPUID, flags by privilege, ports, HLT, and what the models lack.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

std::vector<int> mov_cr(int number, std::uint32_t value) {
  return bytes_of({mov32(kEAX, value), {0x0F, 0x22, 0xC0 | number << 3}});
}

const CpuModel& model(const char* name) { return *find_cpu_model(name); }

TEST(System, ModelsAreFoundByName) {
  EXPECT_EQ(default_cpu_model().name, "pentium4");
  EXPECT_EQ(find_cpu_model("pentium4"), &default_cpu_model());
  EXPECT_EQ(find_cpu_model("z80"), nullptr);
  EXPECT_EQ(cpu_models().front().name, "i386");
}

TEST(System, CpuidOfThePentiumPro) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, 0), {0x0F, 0xA2, 0x89, 0xD6}, mov32(kEAX, 1), {0x0F, 0xA2}}));
    g.run();
    EXPECT_EQ(g.reg(kESI), 0x49656E69u);  // "ineI"
    EXPECT_EQ(g.reg(kEAX), 0x619u);
    EXPECT_EQ(g.reg(kEDX), 0xF9FFu);
  }, model("pentium-pro"));
}

TEST(System, Cr0PagingOnByHand) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.cpu.cr0 &= ~kCr0PG;
    g.cpu.update_mode();
    g.set_page(kDataAt, 0x50000 | 7);
    g.memory.write32(0x50000, 0x600D600D);
    g.code(bytes_of({mov_cr(3, kPageDirectoryAt), mov_cr(0, 0x80000011), {0xA1, 0, 0, 4, 0}}));
    g.run();
    EXPECT_EQ(g.reg(kEAX), 0x600D600Du);
  });
}

TEST(System, Cr0IgnoresReservedBitsAndKeepsEt) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(mov_cr(0, 0x1000F1C1 & ~0x10u));
    g.run();
    EXPECT_EQ(g.cpu.cr0, 0x11u);
  });
}

TEST(System, LmswCannotLeaveProtectedMode) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kEAX, 0xFFF8), {0x0F, 0x01, 0xF0, 0x0F, 0x01, 0xE1}}));  // lmsw ax; smsw ecx
    g.run();
    EXPECT_EQ(g.cpu.cr0 & 0xF, 9u);
    EXPECT_EQ(g.reg(kECX), g.cpu.cr0);
  });
}

TEST(System, StaleTranslationsStayUntilInvlpg) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.memory.write32(kDataAt, 1);
    g.memory.write32(0x50000, 2);
    const std::uint32_t pte = kPageTableAt + 4 * (kDataAt >> 12);
    // mov ebx, [40000h]; mov dword [pte], 50007h; mov ecx, [40000h]; invlpg [40000h]; mov edx, [40000h]
    g.code(bytes_of(
        {{0x8B, 0x1D, 0, 0, 4, 0},
         {0xC7, 0x05, static_cast<int>(pte & 0xFF), static_cast<int>(pte >> 8 & 0xFF), 0, 0, 7, 0, 5, 0},
         {0x8B, 0x0D, 0, 0, 4, 0, 0x0F, 0x01, 0x3D, 0, 0, 4, 0, 0x8B, 0x15, 0, 0, 4, 0}}));
    g.run();
    EXPECT_EQ(g.reg(kEBX), 1u);
    EXPECT_EQ(g.reg(kECX), 1u);
    EXPECT_EQ(g.reg(kEDX), 2u);
  });
}

TEST(System, GlobalPagesSurviveCr3ButNotCr4Pge) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging(kCr4PGE);
    g.set_page(kDataAt, kDataAt | 0x107);
    g.memory.write32(kDataAt, 1);
    g.memory.write32(0x50000, 2);
    const std::uint32_t pte = kPageTableAt + 4 * (kDataAt >> 12);
    g.code(bytes_of(
        {{0x8B, 0x1D, 0, 0, 4, 0},
         {0xC7, 0x05, static_cast<int>(pte & 0xFF), static_cast<int>(pte >> 8 & 0xFF), 0, 0, 7, 1, 5, 0},
         mov_cr(3, kPageDirectoryAt),
         {0x8B, 0x0D, 0, 0, 4, 0},
         mov_cr(4, 0),
         {0x8B, 0x15, 0, 0, 4, 0}}));
    g.run();
    EXPECT_EQ(g.reg(kEBX), 1u);
    EXPECT_EQ(g.reg(kECX), 1u);
    EXPECT_EQ(g.reg(kEDX), 2u);
  });
}

TEST(System, MsrsRoundTrip) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code(bytes_of({mov32(kECX, 0x176),
                     mov32(kEAX, 0x12345678),
                     {0x0F, 0x30, 0x31, 0xC0, 0x0F, 0x32, 0x89, 0xC3},
                     mov32(kECX, 0x200),
                     mov32(kEAX, 0xA0000006),
                     {0x0F, 0x30, 0x31, 0xC0, 0x0F, 0x32}}));
    g.run();
    EXPECT_NO_FAULT(g);
    EXPECT_EQ(g.reg(kEBX), 0x12345678u);
    EXPECT_EQ(g.reg(kEAX), 0xA0000006u);
  });
}

TEST(System, TscCountsInstructionsAndCanBeWritten) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    // rdtsc; mov ebx, eax; nop; rdtsc; sub eax, ebx; mov esi, eax; TSC = 1000h; rdtsc
    g.code(bytes_of({{0x0F, 0x31, 0x89, 0xC3, 0x90, 0x0F, 0x31, 0x29, 0xD8, 0x89, 0xC6},
                     mov32(kECX, 0x10),
                     mov32(kEDX, 0),
                     mov32(kEAX, 0x1000),
                     {0x0F, 0x30, 0x0F, 0x31}}));
    g.run();
    EXPECT_EQ(g.reg(kESI), 3u);
    EXPECT_EQ(g.reg(kEAX), 0x1001u);
  });
}

TEST(System, PortsAndThePermissionMap) {
  both_ways([](Guest& g) {
    g.enter_user32(0);
    g.bus.inputs[0x60] = 0x1234;
    g.memory.write8(kTssAt + kIoMapAt + 0x70 / 8, 0x02);  // port 71h only
    g.code({0x66, 0xE5, 0x60, 0xE6, 0x70, 0x66, 0xE7, 0x70});
    g.run();
    EXPECT_FAULT(g, kGpIoPermission, 0);
    EXPECT_EQ(g.last_event(TrapKind::kException)->from_eip, kCodeAt + 5);
    using A = RecordingBus::Access;
    EXPECT_EQ(g.bus.accesses, (std::vector<A>{{false, 0x60, 2, 0x1234}, {true, 0x70, 1, 0x34}}));
  });
}

TEST(System, AMapBeyondTheTssDeniesEverything) {
  both_ways([](Guest& g) {
    g.enter_user32(0);
    g.memory.write16(kTssAt + 0x66, 0x20F8);
    g.code({0xE4, 0x60});
    g.run();
    EXPECT_FAULT(g, kGpIoPermission, 0);
    EXPECT_TRUE(g.bus.accesses.empty());
  });
}

TEST(System, IoplLetsRing3UsePorts) {
  both_ways([](Guest& g) {
    g.enter_user32(3);
    g.cpu.tr.limit = 0x67;
    g.code({0xEE, 0xFA});
    g.run();
    EXPECT_EQ(g.last_fault()->cause, Cause::kGpPrivileged);  // the HLT
    EXPECT_EQ(g.bus.accesses.size(), 1u);
  });
}

TEST(System, PopfByPrivilege) {
  const struct {
    unsigned level, iopl;
    std::uint32_t expected;
  } cases[] = {
      {0, 0, kIF | kIOPL | kID | kAC | kNT}, {3, 0, kID | kAC | kNT}, {3, 3, kIF | kIOPL | kID | kAC | kNT}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.level * 10 + c.iopl);
    both_ways([&](Guest& g) {
      g.enter_ring(c.level, c.iopl);
      g.code({0x68, 0x00, 0x72, 0x3F, 0x00, 0x9D, 0x90});
      g.step(2);
      EXPECT_EQ(g.cpu.eflags() & (kIF | kIOPL | kID | kAC | kNT | kVM | kRF | kVIF | kVIP), c.expected);
    });
  }
}

TEST(System, TheI386HasNeitherAcNorId) {
  both_ways(
      [](Guest& g) {
        g.enter_protected32();
        g.code({0x68, 0x02, 0x00, 0x24, 0x00, 0x9D, 0x9C, 0x58});
        g.run();
        EXPECT_EQ(g.reg(kEAX), 2u);
      },
      model("i386"));
}

TEST(System, OpcodesThatAModelLacks) {
  const struct {
    const char* model;
    std::vector<int> code;
    Cause cause;
  } cases[] = {{"i386", {0x0F, 0xC8}, Cause::kUdOpcode},                 // bswap
               {"i386", {0x0F, 0x01, 0x38}, Cause::kUdOpcode},           // invlpg
               {"i486", {0x0F, 0xA2}, Cause::kUdOpcode},                 // cpuid
               {"i486", {0x0F, 0x20, 0xE0}, Cause::kUdControlRegister},  // mov eax, cr4
               {"pentium", {0x0F, 0x44, 0xC0}, Cause::kUdOpcode},        // cmovz
               {"pentium", {0x0F, 0x34}, Cause::kUdOpcode},              // sysenter
               {"pentium-pro", {0x0F, 0xAE, 0x00}, Cause::kUdOpcode}};   // fxsave
  for (const auto& c : cases) {
    SCOPED_TRACE(c.model);
    both_ways(
        [&](Guest& g) {
          g.enter_protected32();
          g.cpu.gpr[kEAX] = kDataAt;
          g.code(c.code);
          g.run();
          ASSERT_NE(g.last_fault(), nullptr) << g.history();
          EXPECT_EQ(g.last_fault()->cause, c.cause) << g.history();
        },
        model(c.model));
  }
}

TEST(System, PrivilegedInstructionsInRing3) {
  for (const std::vector<int>& code : {std::vector<int>{0xF4},
                                       {0x0F, 0x06},
                                       {0x0F, 0x08},
                                       {0x0F, 0x09},
                                       {0x0F, 0x20, 0xC0},
                                       {0x0F, 0x22, 0xC0},
                                       {0x0F, 0x21, 0xC0},
                                       {0x0F, 0x23, 0xC0},
                                       {0x0F, 0x30},
                                       {0x0F, 0x32},
                                       {0x0F, 0x35},
                                       {0x0F, 0x01, 0x10},
                                       {0x0F, 0x01, 0x18},
                                       {0x0F, 0x01, 0xF0},
                                       {0x0F, 0x01, 0x38},
                                       {0x0F, 0x00, 0xD0},
                                       {0x0F, 0x00, 0xD8}}) {
    SCOPED_TRACE(::testing::PrintToString(code));
    both_ways([&](Guest& g) {
      g.enter_user32(3);
      g.cpu.gpr[kEAX] = kDataAt;
      g.code(code);
      g.run();
      EXPECT_FAULT(g, kGpPrivileged, 0);
    });
  }
}

TEST(System, ReadingPortsSeesTheExactTick) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.code({0x90, 0x90, 0xE4, 0x60});
    const std::uint64_t before = g.cpu.ticks();
    g.run();
    EXPECT_EQ(g.cpu.ticks() - before, 4u);
  });
}

TEST(System, WriteProtectIsAppliedToCachedTranslations) {
  both_ways([](Guest& g) {
    g.enter_protected32();
    g.enable_paging();
    g.set_page(kDataAt, kDataAt | 5);
    // a supervisor write while WP is clear, then with WP
    g.code(bytes_of({{0xC6, 0x05, 0, 0, 4, 0, 0x11}, mov_cr(0, 0x80010011), {0xC6, 0x05, 0, 0, 4, 0, 0x22}}));
    g.run();
    EXPECT_FAULT(g, kPfSupervisorReadOnly, 3);
    EXPECT_EQ(g.memory.read8(kDataAt), 0x11);
  });
}

}  // namespace
}  // namespace ringside::test
