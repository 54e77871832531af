// Page tables as a person reads them: the whole tree with runs folded, and the walk of one address step by step.
// SDM Vol. 3A, "32-Bit Paging", "PAE Paging", "Access Rights".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cpu/cpu.h"
#include "debugger/inspect/document.h"

namespace ringside {

/// Consecutive pages that map consecutive frames with the same rights.
struct PageRun {
  std::uint32_t linear = 0;
  std::uint64_t physical = 0;
  std::uint64_t bytes = 0;
  bool large = false;
  bool writable = false, user = false, global = false, executable = true;
  bool malformed = false;       ///< a reserved bit is set: any use faults
  unsigned accessed = 0, dirty = 0, pages = 0;  ///< pages with these bits
  unsigned stale = 0;           ///< pages for which the TLB says something else
};

struct PageRegion {             ///< what one directory entry covers, where it points to a table
  std::uint32_t linear = 0;
  std::uint64_t entry_address = 0, entry = 0;
  std::vector<PageRun> runs;
};

struct PageTree {
  bool paging = false, pae = false;
  std::uint64_t directory = 0;
  std::vector<PageRegion> regions;
  bool truncated = false;       ///< more than a tree of this kind can be useful for
};

PageTree page_tree(const Cpu& cpu);
Document view_page_tree(const PageTree& tree);

/// What would happen to an access, told level by level.
struct WalkRequest {
  std::uint32_t linear = 0;
  Access access = Access::kRead;
  unsigned cpl = 0;
};
struct WalkResult {
  bool allowed = false;
  PhysAddr physical = 0;
  Cause cause = Cause::kCount;   ///< where it is not allowed
  std::uint32_t error_code = 0;
  bool tlb_differs = false;      ///< the processor would go by an older translation
};
WalkResult walk_page(const Cpu& cpu, const WalkRequest& request);
Document view_walk(const Cpu& cpu, const WalkRequest& request);

/// The processor's TLBs: entries, and which of them the page tables no longer say.
Document view_tlb(const Cpu& cpu);

}  // namespace ringside
