// What the disassembly panel shows: a listing with breakpoints, source lines and the bounds of decoded blocks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "debugger/inspect/listing.h"
#include "debugger/inspect/session.h"

namespace ringside {

struct DisassemblyRequest {
  std::optional<std::uint32_t> top;  ///< nothing: around the present instruction
  unsigned rows = 20;
  bool source = true;
  std::vector<std::string> roots;    ///< where source files are looked for
};

/// Where decoded code begins a block.
struct BlockStart {
  unsigned instructions = 0;
  bool hot = false;  ///< it runs as a copy of its handlers
};

/// A branch within the view, drawn in a lane of its own where others overlap it.
struct BranchArrow {
  std::uint32_t from = 0, to = 0;  ///< linear
  unsigned lane = 0;               ///< 0 is next to the text
  bool current = false;
};

struct Disassembly {
  Listing listing;
  std::map<std::uint32_t, int> points;          ///< breakpoint numbers by address
  std::map<std::uint32_t, std::string> source;  ///< the source lines that begin at an address
  std::map<std::uint32_t, BlockStart> blocks;
  std::vector<BranchArrow> arrows;
};

Disassembly view_disassembly(const Session& session, const DisassemblyRequest& request);
/// As a page: "> * 0008:C0101234  89E5  mov ebp, esp".
std::string disassembly_text(const Disassembly& view);

}  // namespace ringside
