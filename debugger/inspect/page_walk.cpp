// One address through the page tables, and the TLBs beside them.
#include <algorithm>

#include "cpu/block_cache.h"
#include "debugger/inspect/page_tables.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::uint64_t kP = 1, kRW = 2, kUS = 4, kPS = 0x80, kXD = 1ull << 63;
constexpr std::uint64_t kMaxPhysical = 0xFFFFFFFFFull;

struct Step {
  PagingLevel level;
  unsigned index;
  PhysAddr address;
  std::uint64_t entry;
};

/// All that a walk met, in its order.
struct Trail {
  std::vector<Step> steps;
  bool mapped = false;
  bool reserved = false;
  PhysAddr physical = 0;
  std::uint64_t rights = kRW | kUS;
  bool no_execute = false;
  bool pae = false;
};

std::uint64_t peek_entry(const Cpu& cpu, PhysAddr address, unsigned size) {
  std::uint64_t entry = 0;
  cpu.memory.peek(address, &entry, size);
  return entry;
}

Trail follow_32bit(const Cpu& cpu, std::uint32_t linear) {
  Trail trail;
  const PhysAddr pde_address = (cpu.cr3 & 0xFFFFF000u) + (linear >> 22) * 4;
  const std::uint64_t pde = peek_entry(cpu, pde_address, 4);
  trail.steps.push_back({PagingLevel::kPde, linear >> 22, pde_address, pde});
  if ((pde & kP) == 0) return trail;
  trail.rights &= pde;
  if ((pde & kPS) != 0 && (cpu.cr4 & kCr4PSE) != 0) {
    const bool pse36 = cpu.model.has(kFeaturePse36);
    trail.reserved = (pde & (pse36 ? 0x003E0000u : 0x003FE000u)) != 0;
    trail.physical = (pde & 0xFFC00000u) | (linear & 0x003FFFFFu);
    if (pse36) trail.physical |= (pde >> 13 & 15) << 32;
    trail.mapped = !trail.reserved;
    return trail;
  }
  const PhysAddr pte_address = (pde & 0xFFFFF000u) + (linear >> 12 & 0x3FF) * 4;
  const std::uint64_t pte = peek_entry(cpu, pte_address, 4);
  trail.steps.push_back({PagingLevel::kPte, linear >> 12 & 0x3FF, pte_address, pte});
  if ((pte & kP) == 0) return trail;
  trail.rights &= pte;
  trail.physical = (pte & 0xFFFFF000u) | (linear & 0xFFF);
  trail.mapped = true;
  return trail;
}

Trail follow_pae(const Cpu& cpu, std::uint32_t linear) {
  Trail trail;
  trail.pae = true;
  const std::uint64_t reserved = ~kMaxPhysical & ((cpu.msr_efer & 1u << 11) != 0 ? ~kXD : ~std::uint64_t{0});
  const std::uint64_t pdpte = cpu.pdpte[linear >> 30];
  trail.steps.push_back({PagingLevel::kPdpte, linear >> 30, (cpu.cr3 & 0xFFFFFFE0u) + (linear >> 30) * 8, pdpte});
  if ((pdpte & kP) == 0) return trail;
  PhysAddr table = pdpte & kMaxPhysical & ~0xFFFull;
  for (const PagingLevel level : {PagingLevel::kPde, PagingLevel::kPte}) {
    const unsigned index = linear >> (level == PagingLevel::kPde ? 21 : 12) & 0x1FF;
    const std::uint64_t entry = peek_entry(cpu, table + index * 8, 8);
    trail.steps.push_back({level, index, table + index * 8, entry});
    if ((entry & kP) == 0) return trail;
    trail.reserved = (entry & reserved) != 0;
    if (trail.reserved) return trail;
    trail.rights &= entry;
    trail.no_execute |= (entry & kXD) != 0;
    if (level == PagingLevel::kPde && (entry & kPS) != 0) {
      trail.reserved = (entry & 0x1FE000) != 0;
      trail.physical = (entry & kMaxPhysical & ~0x1FFFFFull) | (linear & 0x1FFFFF);
      trail.mapped = !trail.reserved;
      return trail;
    }
    table = entry & kMaxPhysical & ~0xFFFull;
  }
  trail.physical = table | (linear & 0xFFF);
  trail.mapped = true;
  return trail;
}

Trail follow(const Cpu& cpu, std::uint32_t linear) {
  return (cpu.cr4 & kCr4PAE) != 0 ? follow_pae(cpu, linear) : follow_32bit(cpu, linear);
}

Cause cause_of(const Cpu& cpu, const Trail& trail, const WalkRequest& request) {
  if (trail.reserved) return Cause::kPfReservedBit;
  if (!trail.mapped) {
    switch (trail.steps.back().level) {
      case PagingLevel::kPdpte: return Cause::kPfNotPresentPdpte;
      case PagingLevel::kPde: return Cause::kPfNotPresentPde;
      case PagingLevel::kPte: return Cause::kPfNotPresentPte;
    }
  }
  const bool user = request.cpl == 3;
  if (request.access == Access::kExecute && trail.no_execute && (cpu.msr_efer & 1u << 11) != 0) return Cause::kPfNoExecute;
  if (user && (trail.rights & kUS) == 0) return Cause::kPfUserSupervisor;
  if (request.access == Access::kWrite && (trail.rights & kRW) == 0) {
    if (user) return Cause::kPfUserReadOnly;
    if ((cpu.cr0 & kCr0WP) != 0) return Cause::kPfSupervisorReadOnly;
  }
  return Cause::kCount;
}

template <typename Tlb>
const TlbEntry* look_up(const Tlb& tlb, std::uint32_t linear) {
  const TlbEntry& e = tlb.at(Tlb::index(linear));
  return e.page == (linear & ~(kPageSize - 1)) ? &e : nullptr;
}

bool differs(const TlbEntry& e, const Trail& trail) {
  return !trail.mapped || e.frame != trail.physical >> kPageShift || e.user != ((trail.rights & kUS) != 0) ||
         e.writable != ((trail.rights & kRW) != 0);
}

const char* level_name(PagingLevel level) {
  switch (level) {
    case PagingLevel::kPdpte: return "Page-directory-pointer entry";
    case PagingLevel::kPde: return "Page-directory entry";
    case PagingLevel::kPte: return "Page-table entry";
  }
  return "";
}

const char* access_name(Access access) {
  switch (access) {
    case Access::kRead: return "read";
    case Access::kWrite: return "write";
    case Access::kExecute: return "instruction fetch";
  }
  return "";
}

BitStrip linear_strip(const Trail& trail, std::uint32_t linear) {
  BitStrip strip{"Linear address", 32, linear, {}};
  unsigned high = 31;
  for (const Step& step : trail.steps) {
    const unsigned width = step.level == PagingLevel::kPdpte ? 2 : trail.pae ? 9 : 10;
    const unsigned low = high + 1 - width;
    const char* name = step.level == PagingLevel::kPdpte ? "Pointer" : step.level == PagingLevel::kPde ? "Directory" : "Table";
    strip.fields.push_back({name, high, low, step.index, format("entry %u", step.index), "Index into this level's table.", Tone::kPlain, false});
    high = low - 1;
  }
  strip.fields.push_back({"Offset", high, 0, linear & ((2u << high) - 1), "offset in the page", "Not translated.", Tone::kPlain, false});
  return strip;
}

template <typename Tlb>
void add_tlb(Table& table, const Cpu& cpu, const Tlb& tlb, const char* kind) {
  std::vector<std::uint16_t> filled = tlb.filled();
  std::sort(filled.begin(), filled.end(), [&](auto a, auto b) { return tlb.at(a).page < tlb.at(b).page; });
  for (const std::uint16_t i : filled) {
    const TlbEntry& e = tlb.at(i);
    if (e.page == 1) continue;
    const bool old = cpu.paging() && differs(e, follow(cpu, e.page));
    table.add({label(kind), plain(hex32(e.page), "Linear page", {LinkKind::kWalk, e.page}),
               plain(hex_physical(PhysAddr{e.frame} << kPageShift), "Physical page", {LinkKind::kPhysical, PhysAddr{e.frame} << kPageShift}),
               plain(std::string(e.user ? "user" : "supervisor") + (e.writable ? ", writable" : ", read only") + (e.dirty ? ", dirty" : "") +
                     (e.global ? ", global" : "") + (e.large ? ", piece of a large page" : "")),
               old ? toned("stale", Tone::kWarning, "The page tables say something else now; the processor goes by this entry until INVLPG, a load of CR3, or its replacement.")
                   : dim("as the tables")});
  }
}

}  // namespace

WalkResult walk_page(const Cpu& cpu, const WalkRequest& request) {
  WalkResult result;
  if (!cpu.paging()) {
    result.allowed = true;
    result.physical = request.linear;
    return result;
  }
  const Trail trail = follow(cpu, request.linear);
  result.cause = cause_of(cpu, trail, request);
  result.allowed = result.cause == Cause::kCount;
  result.physical = trail.mapped ? trail.physical : 0;
  if (!result.allowed) {
    result.error_code = (trail.mapped || trail.reserved ? kPfPresent : 0u) | (request.access == Access::kWrite ? kPfWrite : 0u) |
                        (request.cpl == 3 ? kPfUser : 0u) | (trail.reserved ? kPfReserved : 0u);
    if (request.access == Access::kExecute && (cpu.cr4 & kCr4PAE) != 0 && (cpu.msr_efer & 1u << 11) != 0) result.error_code |= kPfFetch;
  }
  const TlbEntry* e = request.access == Access::kExecute ? look_up(cpu.code_tlb, request.linear) : look_up(cpu.data_tlb, request.linear);
  result.tlb_differs = e != nullptr && differs(*e, trail);
  return result;
}

Document view_walk(const Cpu& cpu, const WalkRequest& request) {
  Document document;
  document.heading(std::string("A ") + access_name(request.access) + format(" at %08X, CPL %u", request.linear, request.cpl));
  if (!cpu.paging()) {
    document.say("Paging is off: the physical address is " + hex32(request.linear) + ".", Tone::kGood);
    return document;
  }
  const Trail trail = follow(cpu, request.linear);
  const WalkResult result = walk_page(cpu, request);
  document.strip(linear_strip(trail, request.linear));
  unsigned number = 1;
  for (const Step& step : trail.steps) {
    document.say(format("%u. ", number++) + level_name(step.level) + format(" %u, at physical ", step.index) + hex_physical(step.address) + ":");
    document.strip(paging_entry_strip(level_name(step.level), step.entry, step.level, trail.pae));
  }
  if (result.allowed) {
    document.say("Allowed: physical address " + hex_physical(result.physical) + ". All levels together say " +
                     ((trail.rights & kUS) != 0 ? "user" : "supervisor") + ((trail.rights & kRW) != 0 ? ", writable." : ", read only."),
                 Tone::kGood);
  } else {
    document.say(format("Page fault, error code %X: ", result.error_code) + cause_sentence(result.cause) + ".", Tone::kBad);
  }
  if (result.tlb_differs)
    document.say("The TLB still holds an older translation of this page, and the processor goes by that until it is flushed.", Tone::kWarning);
  return document;
}

Document view_tlb(const Cpu& cpu) {
  Document document;
  const auto used = [](const auto& tlb) {
    return std::count_if(tlb.filled().begin(), tlb.filled().end(), [&](std::uint16_t i) { return tlb.at(i).page != 1; });
  };
  document.say(format("Data TLB: %ld of %u entries in use. Code TLB: %ld of %u.", static_cast<long>(used(cpu.data_tlb)), kDataTlbEntries,
                      static_cast<long>(used(cpu.code_tlb)), kCodeTlbEntries));
  const CacheCounters& c = cpu.blocks->counters;
  Table& counts = document.untitled("TLB counters", {"hits", "misses", "flushes", "single pages"});
  counts.add({plain(grouped(c.tlb_hits), "Look-ups that found their translation. Most hits are not counted: a check inside each memory instruction answers them first."),
              plain(grouped(c.tlb_misses), "Look-ups that walked the page tables, or were refused."),
              plain(grouped(c.tlb_flushes), "A load of CR3, or a change of CR0, CR4 or EFER: all entries but the global ones, or all."),
              plain(grouped(c.tlb_invalidations), "INVLPG, and page faults: they drop the entry of their address.")});
  if (!cpu.paging()) document.say("Paging is off; the entries only say which pages the fast path has met.", Tone::kDim);
  Table& table = document.untitled("TLB", {"", "linear", "physical", "rights", "state"});
  add_tlb(table, cpu, cpu.code_tlb, "code");
  add_tlb(table, cpu, cpu.data_tlb, "data");
  return document;
}

}  // namespace ringside
