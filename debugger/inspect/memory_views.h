// Memory in hexadecimal, a search through it, the stack, and decoded code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "debugger/inspect/document.h"
#include "debugger/inspect/naming.h"
#include "debugger/inspect/session.h"

namespace ringside {

struct MemoryLine {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes;     ///< 16; those that cannot be read are 0
  std::uint16_t readable = 0;          ///< a bit for each byte
};
struct MemoryPage {
  bool physical = false;
  std::vector<MemoryLine> lines;
};
MemoryPage view_memory(const Session& session, std::uint64_t address, bool physical, unsigned lines);
std::string memory_text(const MemoryPage& page);

/// "CD 80" or "\"text\"": bytes to look for. Empty where it is neither.
std::vector<std::uint8_t> search_bytes(const std::string& words);
/// The next place at or behind `from`. Linear addresses are searched page by page, holes are passed.
std::optional<std::uint64_t> search_memory(const Session& session, std::span<const std::uint8_t> wanted, std::uint64_t from, bool physical);

/// Writes a byte by hand, through no protection. False where no RAM is there. The known future is forgotten.
bool edit_memory(Session& session, std::uint64_t address, bool physical, std::uint8_t value);

/// The words from the top of the stack, with what they seem to be; the frames by their saved frame pointers.
Document view_stack(const Session& session, unsigned words);

/// Decoded blocks on the page of the present instruction, or of `linear`.
Document view_blocks(const Session& session, std::optional<std::uint32_t> linear);

}  // namespace ringside
