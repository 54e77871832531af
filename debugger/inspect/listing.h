// Guest code around an address: what the disassembly panel shows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpu/cpu.h"
#include "debugger/inspect/naming.h"

namespace ringside {

struct ListingLine {
  std::uint32_t linear = 0;
  std::uint32_t eip = 0;         ///< offset in the present code segment
  std::string label;             ///< a symbol that begins here
  std::string bytes, text;
  std::string note;              ///< where a branch goes, by name
  unsigned length = 0;
  bool current = false;
  bool readable = true;
  std::optional<std::uint32_t> target;  ///< of a direct branch, linear
  std::optional<bool> taken;     ///< at the current instruction: what a conditional branch will do
  std::optional<SourcePlace> source;
};

struct Listing {
  std::vector<ListingLine> lines;
  std::uint16_t cs = 0;
  bool code32 = false;
  std::uint32_t current = 0;     ///< linear address of CS:EIP
  std::uint32_t earlier = 0;     ///< where a view begins that shows three instructions more at its top
};

/// `before` instructions ahead of `anchor` and `after` from it on. Code before an address is found by trying
/// where a run of instructions can have begun so that it meets the anchor.
Listing list_code(const Cpu& cpu, std::uint32_t anchor, unsigned before, unsigned after, const Naming* names);

/// What can be read at `linear` without side effects, up to `size` bytes, stopping where memory ends.
std::size_t peek_span(const Cpu& cpu, std::uint32_t linear, void* out, std::size_t size);

}  // namespace ringside
