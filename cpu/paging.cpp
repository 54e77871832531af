// Linear to physical addresses: page walks and the TLBs. SDM Vol. 3A, "Paging".
#include "cpu/block_cache.h"
#include "cpu/cpu.h"
#include "cpu/debug_marks.h"

namespace ringside {
namespace {

// Bits of a paging-structure entry.
constexpr std::uint64_t kEntryP = 1 << 0, kEntryRW = 1 << 1, kEntryUS = 1 << 2, kEntryA = 1 << 5, kEntryD = 1 << 6,
                        kEntryPS = 1 << 7, kEntryG = 1 << 8, kEntryNX = 1ull << 63;
constexpr std::uint64_t kMaxPhysical = 0x0000000FFFFFFFFF;  // 36 bits, as every model with PAE has

/// What a walk found, before the rights are checked.
struct Walk {
  std::uint64_t rights = kEntryRW | kEntryUS;  // AND of the levels'
  bool no_execute = false;
  bool global = false;
  bool large = false;
  PhysAddr frame = 0;       // physical address of the 4 KiB page
  FaultDetail detail;
  PhysAddr entry_address[2] = {};
  std::uint64_t entry[2] = {};
  int used = 0;             // entries whose A (and the last one's D) is maintained
};

enum class WalkError : std::uint8_t { kNone, kPdpte, kPde, kPte, kReserved };

void note_entry(Walk& walk, PhysAddr address, std::uint64_t entry) {
  const unsigned i = walk.detail.levels++;
  walk.detail.entries[i] = entry;
  walk.detail.entry_addresses[i] = address;
}

void use_entry(Walk& walk, PhysAddr address, std::uint64_t entry) {
  walk.entry_address[walk.used] = address;
  walk.entry[walk.used++] = entry;
  walk.rights &= entry;
  walk.no_execute |= (entry & kEntryNX) != 0;
}

// "32-Bit Paging".
WalkError walk_32bit(const Cpu& cpu, PhysicalMemory& memory, std::uint32_t linear, Walk& walk) {
  const PhysAddr pde_address = (cpu.cr3 & 0xFFFFF000u) + (linear >> 22) * 4;
  const std::uint32_t pde = memory.read32(pde_address);
  note_entry(walk, pde_address, pde);
  if ((pde & kEntryP) == 0) return WalkError::kPde;
  use_entry(walk, pde_address, pde);
  if ((pde & kEntryPS) != 0 && (cpu.cr4 & kCr4PSE) != 0) {
    // With PSE-36, bits 13-16 are physical address bits 32-35; the rest up to bit 21 is reserved.
    const bool pse36 = cpu.model.has(kFeaturePse36);
    if ((pde & (pse36 ? 0x003E0000u : 0x003FE000u)) != 0) return WalkError::kReserved;
    walk.frame = (pde & 0xFFC00000u) | (linear & 0x003FF000u);
    if (pse36) walk.frame |= static_cast<PhysAddr>(pde >> 13 & 15) << 32;
    walk.global = (pde & kEntryG) != 0;
    walk.large = true;
    return WalkError::kNone;
  }
  const PhysAddr pte_address = (pde & 0xFFFFF000u) + (linear >> 12 & 0x3FF) * 4;
  const std::uint32_t pte = memory.read32(pte_address);
  note_entry(walk, pte_address, pte);
  if ((pte & kEntryP) == 0) return WalkError::kPte;
  use_entry(walk, pte_address, pte);
  walk.frame = pte & 0xFFFFF000u;
  walk.global = (pte & kEntryG) != 0;
  return WalkError::kNone;
}

// "PAE Paging".
WalkError walk_pae(const Cpu& cpu, PhysicalMemory& memory, std::uint32_t linear, Walk& walk) {
  const bool nx = (cpu.msr_efer & 1u << 11) != 0;
  const std::uint64_t reserved = ~kMaxPhysical & (nx ? ~kEntryNX : ~std::uint64_t{0});
  const std::uint64_t pdpte = cpu.pdpte[linear >> 30];
  note_entry(walk, (cpu.cr3 & 0xFFFFFFE0u) + (linear >> 30) * 8, pdpte);
  if ((pdpte & kEntryP) == 0) return WalkError::kPdpte;
  const PhysAddr pde_address = (pdpte & kMaxPhysical & ~0xFFFull) + (linear >> 21 & 0x1FF) * 8;
  const std::uint64_t pde = memory.read64(pde_address);
  note_entry(walk, pde_address, pde);
  if ((pde & kEntryP) == 0) return WalkError::kPde;
  if ((pde & reserved) != 0) return WalkError::kReserved;
  use_entry(walk, pde_address, pde);
  if ((pde & kEntryPS) != 0) {
    if ((pde & 0x001FE000) != 0) return WalkError::kReserved;
    walk.frame = (pde & kMaxPhysical & ~0x1FFFFFull) | (linear & 0x001FF000);
    walk.global = (pde & kEntryG) != 0;
    walk.large = true;
    return WalkError::kNone;
  }
  const PhysAddr pte_address = (pde & kMaxPhysical & ~0xFFFull) + (linear >> 12 & 0x1FF) * 8;
  const std::uint64_t pte = memory.read64(pte_address);
  note_entry(walk, pte_address, pte);
  if ((pte & kEntryP) == 0) return WalkError::kPte;
  if ((pte & reserved) != 0) return WalkError::kReserved;
  use_entry(walk, pte_address, pte);
  walk.frame = pte & kMaxPhysical & ~0xFFFull;
  walk.global = (pte & kEntryG) != 0;
  return WalkError::kNone;
}

WalkError walk_tables(const Cpu& cpu, PhysicalMemory& memory, std::uint32_t linear, Walk& walk) {
  walk.detail.linear = linear;
  return (cpu.cr4 & kCr4PAE) != 0 ? walk_pae(cpu, memory, linear, walk) : walk_32bit(cpu, memory, linear, walk);
}

// SDM Vol. 3A, "Access Rights". kNone-like result: Cause::kCount.
Cause rights_cause(const Cpu& cpu, const Walk& walk, Access access, bool user) {
  if (access == Access::kExecute && walk.no_execute && (cpu.msr_efer & 1u << 11) != 0) return Cause::kPfNoExecute;
  if (user && (walk.rights & kEntryUS) == 0) return Cause::kPfUserSupervisor;
  if (access == Access::kWrite && (walk.rights & kEntryRW) == 0) {
    if (user) return Cause::kPfUserReadOnly;
    if ((cpu.cr0 & kCr0WP) != 0) return Cause::kPfSupervisorReadOnly;
  }
  return Cause::kCount;
}

Cause error_cause(WalkError error) {
  switch (error) {
    case WalkError::kPdpte: return Cause::kPfNotPresentPdpte;
    case WalkError::kPde: return Cause::kPfNotPresentPde;
    case WalkError::kPte: return Cause::kPfNotPresentPte;
    default: return Cause::kPfReservedBit;
  }
}

}  // namespace

PhysAddr Cpu::translate(std::uint32_t linear, Access access, bool user) {
  PhysAddr physical;
  Fault fault;
  if (!try_translate(linear, access, user, physical, fault)) throw fault;
  return physical;
}

bool Cpu::try_translate(std::uint32_t linear, Access access, bool user, PhysAddr& physical, Fault& fault) {
  if (!paging()) {
    if (access == Access::kExecute && code_tlb.find(linear) == nullptr) {
      // Identity entries let the fast path check branches to other pages without asking whether paging is on.
      code_tlb.fill({.page = linear & ~(kPageSize - 1), .frame = linear >> kPageShift, .user = true, .writable = true});
    }
    physical = linear;
    return true;
  }
  const TlbEntry* e = access == Access::kExecute ? code_tlb.find(linear) : data_tlb.find(linear);
  if (e != nullptr && (!user || e->user)) {
    const bool may_write = (e->writable || (!user && (cr0 & kCr0WP) == 0)) && e->dirty;
    if (access != Access::kWrite || may_write) {
      ++blocks->counters.tlb_hits;
      physical = static_cast<PhysAddr>(e->frame) << kPageShift | (linear & (kPageSize - 1));
      return true;
    }
  }
  ++blocks->counters.tlb_misses;
  return try_walk(linear, access, user, physical, fault);
}

bool Cpu::try_walk(std::uint32_t linear, Access access, bool user, PhysAddr& physical, Fault& fault) {
  Walk walk;
  const WalkError error = walk_tables(*this, memory, linear, walk);
  const Cause cause = error == WalkError::kNone ? rights_cause(*this, walk, access, user) : error_cause(error);
  if (cause != Cause::kCount) {
    // "Invalidation of TLBs": a page fault drops the translation that caused it.
    invalidate_page(linear);
    const bool fetch_bit = access == Access::kExecute && (cr4 & kCr4PAE) != 0 && (msr_efer & 1u << 11) != 0;
    const bool present = error == WalkError::kNone || error == WalkError::kReserved;
    const std::uint32_t code = (present ? kPfPresent : 0u) | (access == Access::kWrite ? kPfWrite : 0u) |
                               (user ? kPfUser : 0u) | (error == WalkError::kReserved ? kPfReserved : 0u) |
                               (fetch_bit ? kPfFetch : 0u);
    fault = {vector_of(cause), code, cause, walk.detail};
    return false;
  }
  // "Accessed and Dirty Flags": the entries used are marked only once the access is known to happen.
  const bool pae = (cr4 & kCr4PAE) != 0;
  for (int i = 0; i < walk.used; ++i) {
    const bool last = i == walk.used - 1;
    const std::uint64_t set = kEntryA | (last && access == Access::kWrite ? kEntryD : 0);
    if ((walk.entry[i] & set) == set) continue;
    walk.entry[i] |= set;
    if (marks != nullptr)
      marks->note({0, walk.entry_address[i] & memory.a20_mask(), static_cast<std::uint8_t>(pae ? 8 : 4), true}, false);
    write_physical(walk.entry_address[i], pae ? 8 : 4, walk.entry[i]);
  }
  const TlbEntry entry{
      .page = linear & ~(kPageSize - 1),
      .frame = static_cast<std::uint32_t>(walk.frame >> kPageShift),
      .user = (walk.rights & kEntryUS) != 0,
      .writable = (walk.rights & kEntryRW) != 0,
      .dirty = (walk.entry[walk.used - 1] & kEntryD) != 0,
      .global = walk.global && (cr4 & kCr4PGE) != 0,
      .large = walk.large,
  };
  if (access == Access::kExecute) {
    code_tlb.fill(entry);
  } else {
    const unsigned i = TlbArray<kDataTlbEntries>::index(linear);
    fast_tlb[0][i].read_tag = fast_tlb[0][i].write_tag = FastTlbEntry::kNone;
    fast_tlb[1][i].read_tag = fast_tlb[1][i].write_tag = FastTlbEntry::kNone;
    data_tlb.fill(entry);
  }
  physical = walk.frame | (linear & (kPageSize - 1));
  return true;
}

bool Cpu::peek_translate(std::uint32_t linear, PhysAddr& physical) const {
  physical = linear;
  if (!paging()) return true;
  Walk walk;
  if (walk_tables(*this, memory, linear, walk) != WalkError::kNone) return false;
  physical = walk.frame | (linear & (kPageSize - 1));
  return true;
}

void Cpu::fill_fast_tlb(std::uint32_t linear, PhysAddr physical, bool user, bool write) {
  const PhysAddr address = physical & memory.a20_mask();
  const PhysicalMemory::Page& page = memory.page(address);
  if (page.read == nullptr) return;
  const std::uint32_t tag = linear & ~(kPageSize - 1);
  FastTlbEntry& fast = fast_tlb[user ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  const unsigned watched = marks == nullptr ? 0 : marks->watched_page(linear, address);
  const bool in_parts = watched != 0 && !marks->watched_frame(address);
  // A read-modify-write goes by the write tag, so whoever watches reads must be asked about writes too.
  fast.read_tag = (watched & kWatchRead) == 0 ? tag : in_parts ? tag | FastTlbEntry::kWatched : FastTlbEntry::kNone;
  fast.write_tag = FastTlbEntry::kNone;
  fast.addend = reinterpret_cast<std::uint64_t>(page.read) - tag;
  if ((watched != 0 && !in_parts) || page.write != page.read || memory.code_marks(address) != 0) return;
  if (write) {
    memory.mark_dirty(address);
  } else if (!memory.dirty(address)) {
    return;
  }
  if (paging()) {
    const TlbEntry* e = data_tlb.find(linear);
    if (e == nullptr || !e->dirty || !(e->writable || (!user && (cr0 & kCr0WP) == 0))) return;
  }
  fast.write_tag = watched != 0 ? tag | FastTlbEntry::kWatched : tag;
}

void Cpu::flush_tlb(bool keep_global) {
  ++blocks->counters.tlb_flushes;
  code_tlb.flush(keep_global, [](unsigned) {});
  data_tlb.flush(keep_global, [this](unsigned i) { fast_tlb[0][i] = fast_tlb[1][i] = {}; });
}

void Cpu::drop_fast_tlb() {
  fast_tlb[0].fill({});
  fast_tlb[1].fill({});
}

void Cpu::invalidate_page(std::uint32_t linear) {
  ++blocks->counters.tlb_invalidations;
  // A large page is held in 4 KiB pieces; all of them go.
  const std::uint32_t mask = (cr4 & kCr4PAE) != 0 ? 0xFFE00000u : 0xFFC00000u;
  const auto from = [&](auto& tlb, auto&& dropped) {
    if (tlb.has_large(linear)) {
      for (const std::uint16_t i : tlb.filled()) {
        const TlbEntry& e = tlb.at(i);
        if (e.page == 1 || !e.large || (e.page & mask) != (linear & mask)) continue;
        tlb.drop(i);
        dropped(i);
      }
    }
    if (tlb.find(linear) != nullptr) {
      const unsigned i = tlb.index(linear);
      tlb.drop(i);
      dropped(i);
    }
  };
  from(code_tlb, [](unsigned) {});
  from(data_tlb, [this](unsigned i) { fast_tlb[0][i] = fast_tlb[1][i] = {}; });
}

void Cpu::drop_fast_writes(std::uint32_t frame) {
  const std::uint8_t* host = memory.page(static_cast<PhysAddr>(frame) << kPageShift).write;
  for (auto& privilege : fast_tlb) {
    for (FastTlbEntry& e : privilege) {
      if (e.write_tag != FastTlbEntry::kNone && reinterpret_cast<const std::uint8_t*>(e.addend + (e.write_tag & ~FastTlbEntry::kWatched)) == host)
        e.write_tag = FastTlbEntry::kNone;
    }
  }
}

void Cpu::drop_all_fast_writes() {
  for (auto& privilege : fast_tlb) {
    for (FastTlbEntry& e : privilege) e.write_tag = FastTlbEntry::kNone;
  }
}

void Cpu::load_pdptes(std::uint32_t new_cr3) {
  std::uint64_t loaded[4];
  for (unsigned i = 0; i < 4; ++i) {
    loaded[i] = memory.read64((new_cr3 & 0xFFFFFFE0u) + i * 8);
    // "PAE Paging": bits 1-2, 5-8 and those beyond the physical address width are reserved.
    if ((loaded[i] & kEntryP) != 0 && (loaded[i] & (0x1E6 | ~kMaxPhysical)) != 0) {
      FaultDetail detail;
      detail.entries[0] = loaded[i];
      detail.levels = 1;
      detail.offset = new_cr3;
      raise(Cause::kGpPdpteReserved, 0, detail);
    }
  }
  for (unsigned i = 0; i < 4; ++i) pdpte[i] = loaded[i];
}

}  // namespace ringside
