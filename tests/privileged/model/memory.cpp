// Segment checks, paging, memory. SDM Vol. 3A, chapters "Protection" and "Paging".
#include <cstring>

#include "tests/privileged/model/cpu.h"

namespace privileged::model {

namespace {

constexpr std::uint32_t kP = 1, kRw = 2, kUs = 4, kAccessed = 32, kDirty = 64, kPs = 128;

}  // namespace

std::uint32_t Cpu::physical32(std::uint32_t address) const {
  std::uint32_t value = 0;
  if (address + 4 <= memory.size()) std::memcpy(&value, &memory[address], 4);
  return value;
}

/// "Paging: access rights" and "Page-fault exceptions": the walk first, then rights of all levels together,
/// then the accessed and dirty flags.
std::uint32_t Cpu::translate(std::uint32_t linear, Access access, bool user) {
  if ((cr0 & kPg) == 0) return linear;
  const bool write = access == Access::kWrite;
  const auto page_fault = [&](std::uint32_t bits) {
    cr2 = linear;
    throw Fault{14, bits | (write ? 2u : 0u) | (user ? 4u : 0u)};
  };
  const bool pae = (cr4 & kCr4Pae) != 0;
  std::uint64_t entry[2] = {};
  std::uint32_t at[2] = {};
  unsigned levels = 2;
  std::uint32_t directory = cr3 & 0xFFFFF000;
  const unsigned size = pae ? 8 : 4;
  if (pae) {
    const std::uint64_t top = pdpte_[linear >> 30];
    if ((top & kP) == 0) page_fault(0);
    directory = static_cast<std::uint32_t>(top) & 0xFFFFF000;
  }
  const auto load = [&](unsigned level, std::uint32_t address) {
    at[level] = address;
    entry[level] = physical32(address);
    if (pae) entry[level] |= static_cast<std::uint64_t>(physical32(address + 4)) << 32;
    if ((entry[level] & kP) == 0) page_fault(0);
  };
  load(0, directory + (pae ? linear >> 21 & 0x1FF : linear >> 22) * size);
  const bool large = (entry[0] & kPs) != 0 && (pae || (cr4 & kCr4Pse) != 0);
  // MAXPHYADDR is 36 for every processor with PAE that these cases are for; without NX, bit 63 is reserved as
  // well.
  constexpr std::uint64_t kHigh = ~0ull << 36;
  std::uint64_t reserved = 0;
  if (large) {
    levels = 1;
    // Bits 20:13 of a 2-MByte page. Of a 4-MByte page bit 21, and what PSE-36 does not give to the address.
    if (pae)
      reserved = kHigh | 0x1FE000;
    else
      reserved = (features & kFeaturePse36) != 0 ? 0x3E0000 : 0x3FE000;
  } else if (pae) {
    reserved = kHigh;
  }
  if ((entry[0] & reserved) != 0) page_fault(1 | 8);
  if (!large) {
    load(1, (static_cast<std::uint32_t>(entry[0]) & 0xFFFFF000) +
                (pae ? linear >> 12 & 0x1FF : linear >> 12 & 0x3FF) * size);
    if (pae && (entry[1] & kHigh) != 0) page_fault(1 | 8);
  }
  bool writable = true, user_page = true;
  for (unsigned i = 0; i < levels; ++i) {
    writable = writable && (entry[i] & kRw) != 0;
    user_page = user_page && (entry[i] & kUs) != 0;
  }
  if (user && !user_page) page_fault(1);
  if (write && !writable && (user || (cr0 & kWp) != 0)) page_fault(1);
  for (unsigned i = 0; i < levels; ++i) {
    std::uint8_t& flags = memory[at[i]];
    flags = static_cast<std::uint8_t>(flags | kAccessed | (write && i + 1 == levels ? kDirty : 0u));
  }
  const std::uint32_t offset_mask = !large ? 0xFFF : pae ? 0x1FFFFF : 0x3FFFFF;
  return (static_cast<std::uint32_t>(entry[levels - 1]) & ~offset_mask) | (linear & offset_mask);
}

/// "PDPTE Registers": loaded with CR3; a reserved bit in a present one is #GP(0).
void Cpu::load_pdptes() {
  std::uint64_t loaded[4];
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t at = (cr3 & ~31u) + 8 * i;
    loaded[i] = physical32(at) | static_cast<std::uint64_t>(physical32(at + 4)) << 32;
    if ((loaded[i] & kP) != 0 && (loaded[i] & (0x1E6 | ~0ull << 36)) != 0) gp();
  }
  std::memcpy(pdpte_, loaded, sizeof pdpte_);
}

std::uint32_t Cpu::read_linear(std::uint32_t linear, unsigned size, bool user) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    const std::uint32_t physical = translate(linear + i, Access::kRead, user);
    const std::uint32_t byte = physical < memory.size() ? memory[physical] : 0xFF;
    value |= byte << (8 * i);
  }
  return value;
}

void Cpu::write_linear(std::uint32_t linear, unsigned size, std::uint32_t value, bool user) {
  std::uint32_t physical[4];
  for (unsigned i = 0; i < size; ++i) physical[i] = translate(linear + i, Access::kWrite, user);
  for (unsigned i = 0; i < size; ++i)
    if (physical[i] < memory.size()) memory[physical[i]] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// "Limit Checking": expand-down segments hold the offsets above the limit.
bool Cpu::within(const Segment& s, std::uint32_t offset, unsigned size) {
  const std::uint64_t last = static_cast<std::uint64_t>(offset) + size - 1;
  if ((s.access & 0x1C) == 0x14) return offset > s.limit && last <= (s.big ? 0xFFFFFFFFu : 0xFFFFu);
  return last <= s.limit;
}

std::uint32_t Cpu::check_segment(unsigned index, std::uint32_t offset, unsigned size, bool write) {
  const Segment& s = seg[index];
  const unsigned vector = index == kSs ? 12 : 13;
  if (!s.usable) throw Fault{vector, 0};
  if (protected_mode() && !v86()) {
    if (write && (s.code() || (s.access & 2) == 0)) throw Fault{13, 0};
    if (!write && s.code() && (s.access & 2) == 0) throw Fault{13, 0};
  }
  if (!within(s, offset, size)) throw Fault{vector, 0};
  const std::uint32_t linear = s.base + offset;
  // "Alignment Check Exception (#AC)": AM, AC, CPL 3.
  if ((cr0 & kAm) != 0 && (eflags & kAc) != 0 && cpl == 3 && (linear & (size - 1)) != 0) throw Fault{17, 0};
  return linear;
}

std::uint32_t Cpu::read(unsigned index, std::uint32_t offset, unsigned size) {
  const std::uint32_t linear = check_segment(index, offset, size, false);
  const std::uint32_t value = read_linear(linear, size, cpl == 3);
  match_data_breakpoints(linear, size, false);
  return value;
}

void Cpu::write(unsigned index, std::uint32_t offset, unsigned size, std::uint32_t value) {
  const std::uint32_t linear = check_segment(index, offset, size, true);
  write_linear(linear, size, value, cpl == 3);
  match_data_breakpoints(linear, size, true);
}

std::uint32_t Cpu::peek(unsigned offset, unsigned size) {
  return read(kSs, (gpr[kEsp] + offset) & stack_mask(), size);
}

std::uint32_t Cpu::pop(unsigned size) {
  const std::uint32_t value = peek(0, size);
  set_esp(gpr[kEsp] + size);
  return value;
}

void Cpu::push(std::uint32_t value, unsigned size) {
  const std::uint32_t at = (gpr[kEsp] - size) & stack_mask();
  write(kSs, at, size, value);
  set_esp(at);
}

}  // namespace privileged::model
