// Page tables: every combination of the bits that rights depend on, at both levels, by every kind of access.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

constexpr uint32_t kP = 1, kW = 2, kU = 4, kLarge = 128;
constexpr uint32_t kDirectory = kPageTables, kLowTable = kPageTables + 0x1000, kTable = kPageTables + 0x2000,
                   kPointers = kPageTables + 0x3000, kLowTable2 = kPageTables + 0x4000;
constexpr uint32_t kTop = 0x800000;  ///< linear address of the pages under test
/// Reading, writing and executing, by ring 0 and then by ring 3.
constexpr unsigned kUserRead = 3, kAccesses = 6;

enum class Mode : uint8_t { k32, kPae };

/// The first 4 MByte as they are; what only ring 0 needs is out of reach for ring 3.
void map_low(Mode mode) {
  for (uint32_t i = 0; i < 0x5000; i += 4) put32(kPageTables + i, 0);
  for (uint32_t page = 0; page < 1024; ++page) {
    const uint32_t address = page << 12;
    const uint32_t bits = kP | kW | (address >= kCode || address < 0x100000 ? kU : 0);
    if (mode == Mode::k32)
      put32(kLowTable + 4 * page, address | bits);
    else
      put32((page < 512 ? kLowTable : kLowTable2) + 8 * (page & 511), address | bits);
  }
  if (mode == Mode::k32) {
    put32(kDirectory, kLowTable | kP | kW | kU);
  } else {
    put32(kPointers, kDirectory | kP);
    put32(kDirectory, kLowTable | kP | kW | kU);
    put32(kDirectory + 8, kLowTable2 | kP | kW | kU);
  }
}

uint32_t pde_at(Mode mode) {
  return mode == Mode::k32 ? kDirectory + 4 * (kTop >> 22) : kDirectory + 8 * (kTop >> 21);
}
uint32_t pte_at(Mode mode, uint32_t page) { return kTable + (mode == Mode::k32 ? 4 : 8) * page; }

State paged_state(Mode mode, unsigned cpl, uint32_t cr0, uint32_t cr4) {
  State s = start_state(cpl);
  s.cr0 |= kPg | cr0;
  s.cr3 = mode == Mode::k32 ? kDirectory : kPointers;
  s.cr4 = cr4 | (mode == Mode::kPae ? kCr4Pae : 0);
  put32(fault_tss(8) + 0x1C, s.cr3);
  return s;
}

/// One access, and the accessed and dirty bits that it leaves.
void access_case(Mode mode, unsigned access, uint32_t cr0, uint32_t cr4, bool large) {
  State s = paged_state(mode, access >= kUserRead ? 3 : 0, cr0, cr4);
  Assembler code(kCode);
  switch (access % 3) {
    case 0:
      code.load(kDs, kTop + 0x124);
      break;
    case 1:
      code.store(kDs, kTop + 0x124);
      break;
    default:
      code.jmp(kTop + 0x100);
      break;
  }
  code.ud2();
  Assembler target(kPages + 0x100);
  target.ud2();
  const Outcome& out = run(s);
  report(out);
  if (out.vector == 14) field("cr2", out.cr2, 8);
  if (out.vector == 14) {
    // Whether a walk that ends in a fault marks what it has read is the processor's affair; dirty nothing
    // gets.
    field("d", get32(large ? pde_at(mode) : pte_at(mode, 0)) >> 6 & 1, 1);
    return;
  }
  field("ad", get32(pde_at(mode)) >> 5 & 3, 1);
  if (!large) hex(get32(pte_at(mode, 0)) >> 5 & 3, 1);
}

void rights(Mode mode) {
  map_low(mode);
  for (unsigned bits = 0; bits < 64; ++bits) {
    for (unsigned access = 0; access < kAccesses; ++access) {
      for (unsigned wp = 0; wp < 2; ++wp) {
        begin_case();
        note("pae", mode == Mode::kPae), note("pde", bits & 7), note("pte", bits >> 3),
            note("access", access);
        note("wp", wp);
        put32(pde_at(mode), kTable | (bits & 7));
        put32(pte_at(mode, 0), kPages | bits >> 3);
        access_case(mode, access, wp != 0 ? kWp : 0, 0, false);
        end_case();
      }
    }
  }
}

void large_rights(Mode mode) {
  map_low(mode);
  for (unsigned bits = 0; bits < 8; ++bits) {
    for (unsigned access = 0; access < kAccesses; ++access) {
      for (unsigned wp = 0; wp < 2; ++wp) {
        // Without CR4.PSE the PS bit of a 32-bit entry means nothing.
        for (unsigned pse = 0; pse < (mode == Mode::k32 ? 2u : 1u); ++pse) {
          begin_case();
          note("pae", mode == Mode::kPae), note("pde", bits), note("access", access), note("wp", wp);
          note("pse", pse);
          const bool large = mode == Mode::kPae || pse != 0;
          put32(pde_at(mode), (large ? kPages : kTable) | bits | kLarge);
          put32(pte_at(mode, 0), kPages | kP | kW | kU);
          access_case(mode, access, wp != 0 ? kWp : 0, pse != 0 ? kCr4Pse : 0, large);
          end_case();
        }
      }
    }
  }
}

/// Reserved bits, one at a time.
void reserved_bits() {
  if ((features() & kFeaturePse) != 0) {
    map_low(Mode::k32);
    for (unsigned bit = 9; bit < 22; ++bit) {
      // Bit 12 is the PAT bit of processors that have it; 13 to 16 are address bits with PSE-36.
      if (bit == 12 || (bit >= 13 && bit < 17 && (features() & kFeaturePse36) != 0)) continue;
      for (unsigned access = 0; access < kAccesses; ++access) {
        // Not executed: where the bit is taken for address, there is no code to come back from.
        if (access % 3 == 2) continue;
        begin_case();
        note("pse bit", bit), note("access", access);
        put32(pde_at(Mode::k32), kPages | kP | kW | kU | kLarge | 1u << bit);
        access_case(Mode::k32, access, 0, kCr4Pse, true);
        end_case();
      }
    }
  }
  if ((features() & kFeaturePae) == 0) return;
  map_low(Mode::kPae);
  for (unsigned level = 0; level < 3; ++level) {
    for (unsigned bit = 9; bit < 64; ++bit) {
      if (bit >= 12 && bit < 36 && !(level == 2 && bit > 12 && bit < 21)) continue;
      for (unsigned access = 0; access < kAccesses; access += 4) {
        begin_case();
        note("pae level", level), note("bit", bit), note("access", access);
        const uint32_t low = bit < 32 ? 1u << bit : 0, high = bit >= 32 ? 1u << (bit - 32) : 0;
        const uint32_t pde = pde_at(Mode::kPae);
        put32(pde, level == 2 ? kPages | kP | kW | kU | kLarge | low
                              : kTable | kP | kW | kU | (level == 0 ? low : 0));
        put32(pde + 4, level != 1 ? high : 0);
        put32(kTable, kPages | kP | kW | kU | (level == 1 ? low : 0));
        put32(kTable + 4, level == 1 ? high : 0);
        access_case(Mode::kPae, access, 0, 0, level == 2);
        end_case();
      }
    }
  }
  put32(kTable + 4, 0);
  put32(pde_at(Mode::kPae) + 4, 0);
  put32(pde_at(Mode::kPae), kTable | kP | kW | kU);
  // PDPTEs are checked when CR3 is loaded; an absent one is not.
  for (unsigned bit = 1; bit < 64; ++bit) {
    if (bit >= 12 && bit < 36) continue;
    for (unsigned present = 0; present < 2; ++present) {
      begin_case();
      note("pdpte bit", bit), note("present", present);
      put32(kPointers + 24, (bit < 32 ? 1u << bit : 0) | present | (present != 0 ? kDirectory : 0));
      put32(kPointers + 28, bit >= 32 ? 1u << (bit - 32) : 0);
      // The state is entered with a good table, and CR3 loaded with the one under test.
      for (uint32_t i = 0; i < 32; i += 4) put32(kPointers + 0x800 + i, get32(kPointers + i));
      put32(kPointers + 24, 0);
      put32(kPointers + 28, 0);
      State s = paged_state(Mode::kPae, 0, 0, 0);
      s.gpr[kEax] = kPointers + 0x800;
      Assembler code(kCode);
      code.mov_to_cr(3);
      code.ud2();
      const Outcome& out = run(s);
      report(out);
      field("cr3", out.at.cr3, 8);
      end_case();
    }
  }
}

/// With PAE, an address whose page-directory pointer is absent.
void absent_pointers() {
  map_low(Mode::kPae);
  for (unsigned index = 1; index < 4; ++index) {
    for (unsigned access = 0; access < kAccesses; ++access) {
      begin_case();
      note("pdpte", index), note("access", access);
      State s = paged_state(Mode::kPae, access >= kUserRead ? 3 : 0, 0, 0);
      const uint32_t at = (index << 30) + 0x123450;
      Assembler code(kCode);
      if (access % 3 == 0)
        code.load(kDs, at);
      else if (access % 3 == 1)
        code.store(kDs, at);
      else
        code.jmp(at);
      code.ud2();
      const Outcome& out = run(s);
      report(out);
      field("cr2", out.cr2, 8);
      end_case();
    }
  }
}

/// Accesses across two pages: which one faults, and what CR2 says.
void crossing() {
  map_low(Mode::k32);
  put32(pde_at(Mode::k32), kTable | kP | kW | kU);
  for (unsigned bits = 0; bits < 64; ++bits) {
    for (unsigned how = 0; how < 8; ++how) {
      const unsigned cpl = (how & 1) * 3;
      const bool write = (how & 2) != 0;
      const uint32_t at = kTop + ((how & 4) != 0 ? 0xFFD : 0xFFF);
      begin_case();
      note("first", bits & 7), note("second", bits >> 3), note("cpl", cpl), note("write", write);
      put32(pte_at(Mode::k32, 0), kPages | (bits & 7));
      put32(pte_at(Mode::k32, 1), (kPages + 0x1000) | bits >> 3);
      State s = paged_state(Mode::k32, cpl, kWp, 0);
      Assembler code(kCode);
      if (write)
        code.store(kDs, at);
      else
        code.load(kDs, at);
      code.ud2();
      put32(kPages + 0xFFC, 0x5A5A5A5A);
      const Outcome& out = run(s);
      report(out);
      if (out.vector == 14) field("cr2", out.cr2, 8);
      field("m", get32(kPages + 0xFFC), 8);
      field("d", get32(pte_at(Mode::k32, 0)) >> 6 & 1, 1);
      hex(get32(pte_at(Mode::k32, 1)) >> 6 & 1, 1);
      end_case();
    }
  }
}

/// Read-modify-write, PUSH, far pointers and descriptor tables through pages.
void other_accesses() {
  map_low(Mode::k32);
  put32(pde_at(Mode::k32), kTable | kP | kW | kU);
  for (unsigned bits = 0; bits < 8; ++bits) {
    for (unsigned how = 0; how < 20; ++how) {
      const unsigned cpl = (how & 1) * 3, wp = how >> 1 & 1;
      const unsigned what = how >> 2;
      begin_case();
      note("pte", bits), note("cpl", cpl), note("wp", wp), note("what", what);
      put32(pte_at(Mode::k32, 0), kPages | bits);
      put_segment(kPages + 0x80, 0, 0xFFFFF, 0xF2, kGranular | kBig);
      State s = paged_state(Mode::k32, cpl, wp != 0 ? kWp : 0, 0);
      Assembler code(kCode);
      switch (what) {
        case 0:
          code.add(kDs, kTop + 0x10);
          break;
        case 1:
          code.mov_imm(kEsp, kTop + 0x20);
          code.push();
          code.mov_imm(kEsp, stack_top(cpl));
          break;
        case 2:
          // A descriptor in the LDT, which lies in the page; its accessed bit is still to be set.
          put_segment(descriptor_at(kLdtSelector), kTop, 0xFFF, 0x82, 0);
          s.gpr[kEax] = 0x87;
          code.mov_to_sreg(kDs);
          break;
        case 3:
          put_segment(descriptor_at(kLdtSelector), kTop, 0xFFF, 0x82, 0);
          s.gpr[kEax] = 0x87;
          code.lar();
          break;
        default:
          // Already accessed: nothing to write.
          put_segment(kPages + 0x80, 0, 0xFFFFF, 0xF3, kGranular | kBig);
          put_segment(descriptor_at(kLdtSelector), kTop, 0xFFF, 0x82, 0);
          s.gpr[kEax] = 0x87;
          code.mov_to_sreg(kFs);
          break;
      }
      code.ud2();
      const Outcome& out = run(s);
      put_segment(descriptor_at(kLdtSelector), kLdt, kLdtLimit, 0x82, 0);
      report(out);
      if (out.vector == 14) field("cr2", out.cr2, 8);
      field("ad", get32(pte_at(Mode::k32, 0)) >> 5 & (out.vector == 14 ? 2 : 3), 1);
      field("t", get8(kPages + 0x85), 2);
      end_case();
    }
  }
}

/// A translation in use is changed and flushed in every way there is; the new one must hold afterwards.
void flushes() {
  const bool pge = (features() & kFeaturePge) != 0;
  for (unsigned how = 0; how < 4; ++how) {
    for (unsigned global = 0; global < (pge ? 2u : 1u); ++global) {
      for (unsigned change = 0; change < 3; ++change) {
        for (unsigned large = 0; large < ((features() & kFeaturePse) != 0 ? 2u : 1u); ++large) {
          // A new CR3 leaves global pages alone; that they stay is allowed, not promised.
          if (global != 0 && how == 1) continue;
          if (!pge && how == 2) continue;
          begin_case();
          note("how", how), note("global", global), note("change", change), note("large", large);
          map_low(Mode::k32);
          const uint32_t entry = large != 0 ? pde_at(Mode::k32) : pte_at(Mode::k32, 0);
          put32(pde_at(Mode::k32), kTable | kP | kW | kU);
          put32(pte_at(Mode::k32, 0), kPages | kP | kW | kU | global << 8);
          if (large != 0) put32(entry, kPages | kP | kW | kU | kLarge | global << 8);
          put32(kPages, 0x11112222);
          put32(kPages + 0x400000, 0x33334444);
          State s = paged_state(Mode::k32, 0, kWp, kCr4Pse | (global != 0 || how == 2 ? kCr4Pge : 0));
          Assembler code(kCode);
          code.load(kDs, kTop);
          code.store(kDs, kTop);
          const uint32_t old_entry = get32(entry);
          const uint32_t news[] = {old_entry & ~kP, (old_entry & ~kW) | 0x60, (old_entry | 0x60) + 0x400000};
          code.mov_imm(kEax, news[change]);
          code.store(kDs, entry);
          switch (how) {
            case 0:
              code.group7(Kind::kInvlpg, kTop);
              break;
            case 1:
              code.mov_from_cr(3);
              code.mov_to_cr(3);
              break;
            case 2:
              code.mov_imm(kEax, s.cr4 ^ kCr4Pge);
              code.mov_to_cr(4);
              break;
            default:
              // Paging off and on again.
              code.mov_imm(kEax, kPe | kEt);
              code.mov_to_cr(0);
              code.mov_from_cr(3);
              code.mov_to_cr(3);
              code.mov_imm(kEax, kPe | kEt | kPg | kWp);
              code.mov_to_cr(0);
              if (global != 0) code.group7(Kind::kInvlpg, kTop);
              break;
          }
          code.load(kDs, kTop);
          code.store(kDs, kTop);
          code.ud2();
          const Outcome& out = run(s);
          report(out);
          if (out.vector == 14) field("cr2", out.cr2, 8);
          field("eax", out.at.gpr[kEax], 8);
          end_case();
        }
      }
    }
  }
}

}  // namespace

void page_rights() {
  rights(Mode::k32);
  if ((features() & kFeaturePse) != 0) large_rights(Mode::k32);
  if ((features() & kFeaturePae) != 0) {
    rights(Mode::kPae);
    large_rights(Mode::kPae);
    absent_pointers();
  }
  reserved_bits();
  crossing();
  other_accesses();
  flushes();
}

}  // namespace privileged
