// Page walks and the TLB: every combination of rights, the three formats, reserved bits, A and D, stale entries.
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

constexpr std::uint32_t kLinear = 0x00345678;
constexpr std::uint32_t kDirectory = 0x100000, kTable = 0x101000, kPdpt = 0x102000, kFrame = 0x200000;

struct Outcome {
  bool faulted = false;
  Cause cause = Cause::kCount;
  std::uint32_t error = 0;
  PhysAddr physical = 0;
};

Outcome translate(Cpu& cpu, Access access, bool user, std::uint32_t linear = kLinear) {
  Outcome o;
  try {
    o.physical = cpu.translate(linear, access, user);
  } catch (const Fault& fault) {
    o = {true, fault.cause, fault.error_code, 0};
    EXPECT_EQ(fault.vector, Vector::kPF);
    EXPECT_EQ(fault.detail.linear, linear);
  }
  return o;
}

/// Tables for kLinear in one of the two formats, `pde` and `pte` being the low rights bits.
void map(Guest& g, bool pae, std::uint64_t pde, std::uint64_t pte) {
  g.cpu.cr3 = pae ? kPdpt : kDirectory;
  g.cpu.cr4 = pae ? g.cpu.cr4 | kCr4PAE : g.cpu.cr4 & ~std::uint32_t{kCr4PAE};
  if (pae) {
    g.cpu.pdpte[0] = kDirectory | 1;
    g.memory.write64(kDirectory + (kLinear >> 21) * 8, kTable | pde);
    g.memory.write64(kTable + (kLinear >> 12 & 511) * 8, kFrame | pte);
  } else {
    g.memory.write32(kDirectory + (kLinear >> 22) * 4, kTable | static_cast<std::uint32_t>(pde));
    g.memory.write32(kTable + (kLinear >> 12 & 1023) * 4, kFrame | static_cast<std::uint32_t>(pte));
  }
  g.cpu.flush_tlb(false);
}

std::uint64_t pte_of(Guest& g, bool pae) {
  return pae ? g.memory.read64(kTable + (kLinear >> 12 & 511) * 8) : g.memory.read32(kTable + (kLinear >> 12 & 1023) * 4);
}
std::uint64_t pde_of(Guest& g, bool pae) {
  return pae ? g.memory.read64(kDirectory + (kLinear >> 21) * 8) : g.memory.read32(kDirectory + (kLinear >> 22) * 4);
}

void set_paging(Guest& g, bool write_protect) {
  g.enter_protected32();
  g.cpu.cr0 |= kCr0PG | (write_protect ? kCr0WP : 0u);
  g.cpu.update_mode();
}

// SDM Vol. 3A, "Determination of Access Rights", as one expression.
Cause expected_cause(std::uint64_t pde, std::uint64_t pte, bool write_protect, Access access, bool user) {
  if ((pde & 1) == 0) return Cause::kPfNotPresentPde;
  if ((pte & 1) == 0) return Cause::kPfNotPresentPte;
  const std::uint64_t both = pde & pte;
  if (user && (both & 4) == 0) return Cause::kPfUserSupervisor;
  if (access == Access::kWrite && (both & 2) == 0) {
    if (user) return Cause::kPfUserReadOnly;
    if (write_protect) return Cause::kPfSupervisorReadOnly;
  }
  return Cause::kCount;
}

TEST(Paging, EveryCombinationOfRights) {
  unsigned cases = 0;
  for (const bool pae : {false, true}) {
    for (unsigned bits = 0; bits < 1u << 7; ++bits) {
      const std::uint64_t pde = bits & 7, pte = bits >> 3 & 7;
      const bool write_protect = (bits >> 6 & 1) != 0;
      for (const Access access : {Access::kRead, Access::kWrite, Access::kExecute}) {
        for (const bool user : {false, true}) {
          Guest g;
          set_paging(g, write_protect);
          map(g, pae, pde, pte);
          const Outcome o = translate(g.cpu, access, user);
          const Cause cause = expected_cause(pde, pte, write_protect, access, user);
          SCOPED_TRACE(testing::Message() << "pae " << pae << " pde " << pde << " pte " << pte << " wp " << write_protect
                                          << " access " << static_cast<int>(access) << " user " << user);
          ++cases;
          ASSERT_EQ(o.faulted, cause != Cause::kCount);
          if (o.faulted) {
            ASSERT_EQ(o.cause, cause);
            const bool present = cause != Cause::kPfNotPresentPde && cause != Cause::kPfNotPresentPte;
            ASSERT_EQ(o.error, (present ? 1u : 0u) | (access == Access::kWrite ? 2u : 0u) | (user ? 4u : 0u));
            ASSERT_EQ(pte_of(g, pae) & 0x60, 0u);  // no A, no D without an access
            continue;
          }
          ASSERT_EQ(o.physical, kFrame | (kLinear & 0xFFF));
          ASSERT_EQ(pde_of(g, pae) & 0x60, 0x20u);
          ASSERT_EQ(pte_of(g, pae) & 0x60, access == Access::kWrite ? 0x60u : 0x20u);
        }
      }
    }
  }
  EXPECT_EQ(cases, 2u * 128 * 3 * 2);
}

TEST(Paging, LargePagesNeedPse) {
  Guest g(*find_cpu_model("pentium-pro"));
  set_paging(g, false);
  g.cpu.cr3 = kDirectory;
  g.memory.write32(kDirectory, 0x00000000 | 0x87);
  g.cpu.cr4 |= kCr4PSE;
  EXPECT_EQ(translate(g.cpu, Access::kWrite, true).physical, kLinear);
  EXPECT_EQ(g.memory.read32(kDirectory) & 0x60, 0x60u);  // A and D are in the directory entry
  g.cpu.flush_tlb(false);
  g.memory.write32(kDirectory, 0x00002000 | 0x87);       // bit 13 is reserved without PSE-36
  const Outcome o = translate(g.cpu, Access::kRead, false);
  EXPECT_EQ(o.cause, Cause::kPfReservedBit);
  EXPECT_EQ(o.error, kPfPresent | kPfReserved);
}

TEST(Paging, Pse36ReachesBeyond4GiB) {
  CpuModel model = default_cpu_model();
  model.features |= kFeaturePse36;
  Guest g(model);
  set_paging(g, false);
  g.cpu.cr3 = kDirectory;
  g.cpu.cr4 |= kCr4PSE;
  g.memory.write32(kDirectory, 0x00002000 | 0x87);  // bit 13: physical bit 32
  EXPECT_EQ(translate(g.cpu, Access::kRead, false).physical, PhysAddr{1} << 32 | kLinear);
}

TEST(Paging, PaeLargePagesAreTwoMebibytes) {
  Guest g;
  set_paging(g, false);
  map(g, true, 0, 0);
  g.memory.write64(kDirectory + (kLinear >> 21) * 8, 0x00200000 | 0x87);
  EXPECT_EQ(translate(g.cpu, Access::kRead, true).physical, 0x00200000u | (kLinear & 0x1FFFFF));
  g.cpu.flush_tlb(false);
  g.memory.write64(kDirectory + (kLinear >> 21) * 8, 0x00200000 | 0x2087);
  EXPECT_EQ(translate(g.cpu, Access::kRead, true).cause, Cause::kPfReservedBit);
}

TEST(Paging, PaeReservedBitsAndAbsentPointers) {
  Guest g;
  set_paging(g, false);
  map(g, true, 7, 7 | std::uint64_t{1} << 40);
  EXPECT_EQ(translate(g.cpu, Access::kRead, false).cause, Cause::kPfReservedBit);
  map(g, true, 7, 7 | std::uint64_t{1} << 63);  // NX is reserved while EFER.NXE is clear
  EXPECT_EQ(translate(g.cpu, Access::kRead, false).cause, Cause::kPfReservedBit);
  map(g, true, 7, 7);
  g.cpu.pdpte[0] = 0;
  EXPECT_EQ(translate(g.cpu, Access::kRead, false).cause, Cause::kPfNotPresentPdpte);
}

TEST(Paging, NoExecute) {
  CpuModel model = default_cpu_model();
  model.features |= kFeatureNx;
  Guest g(model);
  set_paging(g, false);
  g.cpu.msr_efer = 1u << 11;
  map(g, true, 7, 7 | std::uint64_t{1} << 63);
  EXPECT_FALSE(translate(g.cpu, Access::kRead, true).faulted);
  const Outcome o = translate(g.cpu, Access::kExecute, true);
  EXPECT_EQ(o.cause, Cause::kPfNoExecute);
  EXPECT_EQ(o.error, kPfPresent | kPfUser | kPfFetch);
}

TEST(Tlb, DataAndCodeAreSplit) {
  Guest g;
  set_paging(g, false);
  map(g, false, 7, 7);
  EXPECT_FALSE(translate(g.cpu, Access::kRead, false).faulted);
  g.memory.write32(kTable + (kLinear >> 12 & 1023) * 4, 0);
  EXPECT_FALSE(translate(g.cpu, Access::kRead, false).faulted);   // stale in the data TLB
  EXPECT_TRUE(translate(g.cpu, Access::kExecute, false).faulted); // never was in the code TLB
}

TEST(Tlb, AWriteThroughACleanEntrySetsD) {
  Guest g;
  set_paging(g, false);
  map(g, false, 7, 7);
  translate(g.cpu, Access::kRead, false);
  EXPECT_EQ(pte_of(g, false) & 0x40, 0u);
  translate(g.cpu, Access::kWrite, false);
  EXPECT_EQ(pte_of(g, false) & 0x40, 0x40u);
}

TEST(Tlb, InvlpgDropsAWholeLargePage) {
  Guest g;
  set_paging(g, false);
  g.cpu.cr3 = kDirectory;
  g.cpu.cr4 |= kCr4PSE;
  g.memory.write32(kDirectory, 0x87);
  translate(g.cpu, Access::kRead, false, 0x00001000);
  translate(g.cpu, Access::kRead, false, 0x00300000);
  g.memory.write32(kDirectory, 0);
  EXPECT_FALSE(translate(g.cpu, Access::kRead, false, 0x00300000).faulted);
  g.cpu.invalidate_page(0x00001000);
  EXPECT_TRUE(translate(g.cpu, Access::kRead, false, 0x00300000).faulted);
}

TEST(Tlb, AFaultDropsTheTranslationThatCausedIt) {
  Guest g;
  set_paging(g, false);
  map(g, false, 7, 5);
  translate(g.cpu, Access::kRead, true);
  EXPECT_TRUE(translate(g.cpu, Access::kWrite, true).faulted);
  g.memory.write32(kTable + (kLinear >> 12 & 1023) * 4, 0);
  EXPECT_TRUE(translate(g.cpu, Access::kRead, true).faulted);
}

TEST(Run, AHandlerThatFaultsAtOnceDoesNotStopTime) {
  // Real mode: vector 6 leads to UD2 again, and the stack wraps for ever.
  Guest g;
  g.enter_real();
  g.memory.write16(6 * 4, 0x100);
  g.memory.write16(6 * 4 + 2, 0x1000);
  g.place(0x10100, {0x0F, 0x0B});
  g.code({0x0F, 0x0B});
  const std::uint64_t begin = g.cpu.ticks();
  g.cpu.run(begin + 5000);
  EXPECT_TRUE(g.cpu.shutdown || g.cpu.ticks() == begin + 5000);
}

}  // namespace
}  // namespace ringside::test
