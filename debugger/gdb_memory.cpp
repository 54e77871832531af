#include "debugger/gdb_memory.h"

#include <algorithm>
#include <optional>

namespace ringside::gdb {
namespace {

/// The physical address of `address`, and how many bytes lie behind it on its page.
struct Piece {
  PhysAddr physical;
  std::size_t size;
};

// Linear addresses come as gdb computed them: where an address went beyond 4 GiB, it wraps as the processor's do.
std::optional<Piece> piece_at(const Machine& machine, MemorySpace space, std::uint64_t address) {
  const std::size_t left = kPageSize - static_cast<std::size_t>(address % kPageSize);
  if (space == MemorySpace::kPhysical) {
    if (address >= PhysicalMemory::kSpan) return std::nullopt;
    return Piece{address, left};
  }
  PhysAddr physical = 0;
  if (!machine.cpu().peek_translate(static_cast<std::uint32_t>(address), physical)) return std::nullopt;
  return Piece{physical, left};
}

}  // namespace

std::vector<std::uint8_t> read_memory(const Machine& machine, MemorySpace space, std::uint64_t address, std::size_t size) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < size) {
    const auto piece = piece_at(machine, space, address + bytes.size());
    if (!piece) break;
    const std::size_t have = bytes.size(), count = std::min(piece->size, size - have);
    bytes.resize(have + count);
    machine.memory().peek(piece->physical, bytes.data() + have, count);
  }
  return bytes;
}

bool write_memory(Machine& machine, MemorySpace space, std::uint64_t address, std::span<const std::uint8_t> bytes) {
  std::vector<Piece> pieces;
  for (std::size_t done = 0; done < bytes.size();) {
    const auto piece = piece_at(machine, space, address + done);
    if (!piece) return false;
    const PhysicalMemory& memory = machine.memory();
    if (memory.page(piece->physical & memory.a20_mask()).write == nullptr) return false;
    pieces.push_back({piece->physical, std::min(piece->size, bytes.size() - done)});
    done += pieces.back().size;
  }
  const std::uint8_t* from = bytes.data();
  for (const Piece& piece : pieces) {
    machine.memory().write(piece.physical, from, piece.size);
    from += piece.size;
  }
  return true;
}

}  // namespace ringside::gdb
