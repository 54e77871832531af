#include "debugger/inspect/page_tables.h"

#include <algorithm>

#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::uint64_t kP = 1, kRW = 2, kUS = 4, kA = 0x20, kD = 0x40, kPS = 0x80, kG = 0x100, kXD = 1ull << 63;
constexpr std::uint64_t kMaxPhysical = 0xFFFFFFFFFull;
constexpr std::size_t kMaxRuns = 20'000;

std::uint64_t peek_entry(const Cpu& cpu, PhysAddr address, unsigned size) {
  std::uint64_t entry = 0;
  cpu.memory.peek(address, &entry, size);
  return entry;
}

bool nx_counts(const Cpu& cpu) { return (cpu.msr_efer & 1u << 11) != 0; }

std::uint64_t pae_reserved(const Cpu& cpu) { return ~kMaxPhysical & (nx_counts(cpu) ? ~kXD : ~std::uint64_t{0}); }

/// One page as the tables say, on its way into a run.
struct Leaf {
  std::uint32_t linear;
  std::uint64_t physical, size, entry, rights;  // rights: AND of all levels
  bool no_execute, malformed, large;
};

const TlbEntry* tlb_entry(const Cpu& cpu, std::uint32_t linear) {
  const TlbEntry& e = cpu.data_tlb.at(TlbArray<kDataTlbEntries>::index(linear));
  return e.page == (linear & ~(kPageSize - 1)) ? &e : nullptr;
}

bool stale(const Cpu& cpu, const Leaf& leaf) {
  const TlbEntry* e = leaf.large ? nullptr : tlb_entry(cpu, leaf.linear);
  return e != nullptr && (e->frame != leaf.physical >> kPageShift || e->user != ((leaf.rights & kUS) != 0) ||
                          e->writable != ((leaf.rights & kRW) != 0));
}

bool joins(const PageRun& run, const Leaf& leaf) {
  return run.linear + run.bytes == leaf.linear && run.physical + run.bytes == leaf.physical && run.large == leaf.large &&
         run.writable == ((leaf.rights & kRW) != 0) && run.user == ((leaf.rights & kUS) != 0) &&
         run.global == ((leaf.entry & kG) != 0) && run.executable == !leaf.no_execute && run.malformed == leaf.malformed;
}

class TreeMaker {
 public:
  explicit TreeMaker(const Cpu& cpu) : cpu_(cpu) {}

  PageTree make() {
    tree_.paging = cpu_.paging();
    tree_.pae = (cpu_.cr4 & kCr4PAE) != 0;
    tree_.directory = tree_.pae ? cpu_.cr3 & 0xFFFFFFE0u : cpu_.cr3 & 0xFFFFF000u;
    if (!tree_.paging) return std::move(tree_);
    if (tree_.pae) {
      walk_pae();
    } else {
      walk_32bit();
    }
    return std::move(tree_);
  }

 private:
  void walk_32bit() {
    const bool pse = (cpu_.cr4 & kCr4PSE) != 0;
    for (std::uint32_t i = 0; i < 1024 && !full(); ++i) {
      const PhysAddr address = tree_.directory + i * 4;
      const std::uint64_t pde = peek_entry(cpu_, address, 4);
      if ((pde & kP) == 0) continue;
      const std::uint32_t linear = i << 22;
      begin_region(linear, address, pde);
      if ((pde & kPS) != 0 && pse) {
        std::uint64_t frame = pde & 0xFFC00000u;
        if (cpu_.model.has(kFeaturePse36)) frame |= (pde >> 13 & 15) << 32;
        const bool malformed = (pde & (cpu_.model.has(kFeaturePse36) ? 0x003E0000u : 0x003FE000u)) != 0;
        add({linear, frame, 4u << 20, pde, pde, false, malformed, true});
        continue;
      }
      for (std::uint32_t j = 0; j < 1024; ++j) {
        const std::uint64_t pte = peek_entry(cpu_, (pde & 0xFFFFF000u) + j * 4, 4);
        if ((pte & kP) != 0) add({linear | j << 12, pte & 0xFFFFF000u, kPageSize, pte, pte & pde, false, false, false});
      }
    }
  }

  void walk_pae() {
    for (std::uint32_t top = 0; top < 4; ++top) {
      const std::uint64_t pdpte = cpu_.pdpte[top];
      if ((pdpte & kP) == 0) continue;
      for (std::uint32_t i = 0; i < 512 && !full(); ++i) {
        const PhysAddr address = (pdpte & kMaxPhysical & ~0xFFFull) + i * 8;
        const std::uint64_t pde = peek_entry(cpu_, address, 8);
        if ((pde & kP) != 0) add_pae_region(top << 30 | i << 21, address, pde);
      }
    }
  }

  void add_pae_region(std::uint32_t linear, PhysAddr address, std::uint64_t pde) {
    begin_region(linear, address, pde);
    const bool bad = (pde & pae_reserved(cpu_)) != 0;
    const bool nx = nx_counts(cpu_);
    if ((pde & kPS) != 0) {
      add({linear, pde & kMaxPhysical & ~0x1FFFFFull, 2u << 20, pde, pde, nx && (pde & kXD) != 0, bad || (pde & 0x1FE000) != 0, true});
      return;
    }
    for (std::uint32_t j = 0; j < 512; ++j) {
      const std::uint64_t pte = peek_entry(cpu_, (pde & kMaxPhysical & ~0xFFFull) + j * 8, 8);
      if ((pte & kP) == 0) continue;
      add({linear | j << 12, pte & kMaxPhysical & ~0xFFFull, kPageSize, pte, pte & pde, nx && ((pde | pte) & kXD) != 0,
           bad || (pte & pae_reserved(cpu_)) != 0, false});
    }
  }

  void begin_region(std::uint32_t linear, PhysAddr address, std::uint64_t pde) { tree_.regions.push_back({linear, address, pde, {}}); }

  void add(const Leaf& leaf) {
    std::vector<PageRun>& runs = tree_.regions.back().runs;
    if (runs.empty() || !joins(runs.back(), leaf)) {
      ++count_;
      PageRun run;
      run.linear = leaf.linear;
      run.physical = leaf.physical;
      run.large = leaf.large;
      run.writable = (leaf.rights & kRW) != 0;
      run.user = (leaf.rights & kUS) != 0;
      run.global = (leaf.entry & kG) != 0;
      run.executable = !leaf.no_execute;
      run.malformed = leaf.malformed;
      runs.push_back(run);
    }
    PageRun& run = runs.back();
    run.bytes += leaf.size;
    ++run.pages;
    if ((leaf.entry & kA) != 0) ++run.accessed;
    if ((leaf.entry & kD) != 0) ++run.dirty;
    if (stale(cpu_, leaf)) ++run.stale;
  }

  bool full() {
    if (count_ >= kMaxRuns) tree_.truncated = true;
    return tree_.truncated;
  }

  const Cpu& cpu_;
  PageTree tree_;
  std::size_t count_ = 0;
};

std::string range_text(std::uint32_t linear, std::uint64_t bytes) {
  return hex32(linear) + "-" + hex32(static_cast<std::uint32_t>(linear + bytes - 1));
}

void add_run(Table& table, const PageRun& run, unsigned depth) {
  Row row;
  row.depth = depth;
  std::string marks = format("A %u/%u, D %u/%u", run.accessed, run.pages, run.dirty, run.pages);
  if (run.stale != 0) marks += format(", TLB differs for %u", run.stale);
  row.cells = {
      plain(range_text(run.linear, run.bytes), format("%u pages", run.pages), {LinkKind::kWalk, run.linear}),
      plain(size_text(run.bytes) + (run.large ? ", large" : "")),
      plain(hex_physical(run.physical), "Physical address of the first page", {LinkKind::kPhysical, run.physical}),
      run.malformed ? toned("reserved bit set", Tone::kBad, "Any access raises #PF.")
                    : plain(std::string(run.user ? "user" : "supervisor") + (run.writable ? ", writable" : ", read only") +
                                (run.executable ? "" : ", no execute") + (run.global ? ", global" : ""),
                            "Effective rights: all levels taken together"),
      run.stale != 0 ? toned(marks, Tone::kWarning, "The processor still holds another translation; INVLPG was forgotten or is to come.")
                     : dim(marks, "Pages with the accessed and the dirty bit"),
  };
  table.rows.push_back(std::move(row));
}

}  // namespace

PageTree page_tree(const Cpu& cpu) { return TreeMaker(cpu).make(); }

Document view_page_tree(const PageTree& tree) {
  Document document;
  if (!tree.paging) {
    document.say("Paging is off (CR0.PG = 0): every linear address is the physical address.");
    return document;
  }
  document.say(std::string(tree.pae ? "PAE paging: pointers, directory, table; 64-bit entries. " : "32-bit paging: directory and table of 1024 entries each. ") +
               "CR3 names " + hex_physical(tree.directory) + ".");
  Table& table = document.untitled("Page tables", {"linear", "size", "physical", "rights", "accessed, dirty"});
  for (const PageRegion& region : tree.regions) {
    const bool points = (region.entry & kPS) == 0 || region.runs.empty() || !region.runs.front().large;
    if (points) {
      const std::uint64_t span = tree.pae ? 2u << 20 : 4u << 20;
      table.rows.push_back({{plain(range_text(region.linear, span), "Directory entry at " + hex_physical(region.entry_address), {LinkKind::kWalk, region.linear}),
                             dim("table"),
                             plain(hex_physical(region.entry & kMaxPhysical & ~0xFFFull), "Physical address of the page table", {LinkKind::kPhysical, region.entry & kMaxPhysical & ~0xFFFull}),
                             dim(std::string((region.entry & kUS) != 0 ? "user" : "supervisor") + ((region.entry & kRW) != 0 ? ", writable" : ", read only"),
                                 "What the directory entry allows at most"),
                             dim((region.entry & kA) != 0 ? "accessed" : "")},
                            0,
                            false});
    }
    for (const PageRun& run : region.runs) add_run(table, run, points ? 1 : 0);
  }
  if (tree.truncated) document.say("The tree has more runs than are shown.", Tone::kWarning);
  return document;
}

}  // namespace ringside
