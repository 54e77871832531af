// Typed memory accesses of the reference executor: every check before any effect.
#pragma once

#include "cpu/cpu.h"
#include "cpu/debug_marks.h"

namespace ringside {

template <typename T>
T Cpu::read_linear(std::uint32_t linear, bool user) {
  // The fast entry proves that the page is plain and readable at this privilege; where it is watched in parts, the marks
  // know whether that is meant.
  const FastTlbEntry& fast = fast_tlb[user ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  const std::uint32_t tag = (linear + sizeof(T) - 1) & ~(kPageSize - 1);
  if (fast.read_tag == tag || (fast.read_tag == (tag | FastTlbEntry::kWatched) && !marks->near(linear, sizeof(T)))) {
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const void*>(fast.addend + linear), sizeof(T));
    return value;
  }
  const Place place = place_linear(linear, sizeof(T), Access::kRead, user);
  if (marks != nullptr) note_watched(place, false);
  std::uint64_t value = read_physical(place.first, place.first_size);
  if (place.first_size < sizeof(T))
    value |= read_physical(place.second, static_cast<unsigned>(sizeof(T)) - place.first_size)
             << (8 * place.first_size);
  return static_cast<T>(value);
}

template <typename T>
void Cpu::write_place(const Place& place, T value) {
  if (marks != nullptr) note_watched(place, true);
  write_physical(place.first, place.first_size, value);
  if (place.first_size < sizeof(T))
    write_physical(place.second, static_cast<unsigned>(sizeof(T)) - place.first_size,
                   static_cast<std::uint64_t>(value) >> (8 * place.first_size));
}

template <typename T>
void Cpu::write_linear(std::uint32_t linear, T value, bool user) {
  const FastTlbEntry& fast = fast_tlb[user ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  const std::uint32_t tag = (linear + sizeof(T) - 1) & ~(kPageSize - 1);
  if (fast.write_tag == tag || (fast.write_tag == (tag | FastTlbEntry::kWatched) && !marks->near(linear, sizeof(T)))) {
    __builtin_memcpy(reinterpret_cast<void*>(fast.addend + linear), &value, sizeof(T));
    return;
  }
  write_place<T>(place_linear(linear, sizeof(T), Access::kWrite, user), value);
}

template <typename T>
T Cpu::read(unsigned segment, std::uint32_t offset) {
  const std::uint32_t linear = linear_address(segment, offset, sizeof(T), Access::kRead);
  const T value = read_linear<T>(linear, cpl == 3);
  if (debug_active) note_data_access(linear, sizeof(T), Access::kRead);
  return value;
}

template <typename T>
void Cpu::write(unsigned segment, std::uint32_t offset, T value) {
  const std::uint32_t linear = linear_address(segment, offset, sizeof(T), Access::kWrite);
  write_linear<T>(linear, value, cpl == 3);
  if (debug_active) note_data_access(linear, sizeof(T), Access::kWrite);
}

template <typename T>
T Cpu::read_for_write(unsigned segment, std::uint32_t offset, Place& place) {
  place = place_for_write(segment, offset, sizeof(T));
  if (marks != nullptr) note_watched(place, false);
  std::uint64_t value = read_physical(place.first, place.first_size);
  if (place.first_size < sizeof(T))
    value |= read_physical(place.second, static_cast<unsigned>(sizeof(T)) - place.first_size)
             << (8 * place.first_size);
  return static_cast<T>(value);
}

template <typename T>
T Cpu::read_system(std::uint32_t linear) {
  return read_linear<T>(linear, false);
}

template <typename T>
void Cpu::write_system(std::uint32_t linear, T value) {
  write_linear<T>(linear, value, false);
}

template <typename T>
void Cpu::push(T value) {
  const std::uint32_t esp = moved_esp(-static_cast<std::int32_t>(sizeof(T)));
  write<T>(kSS, esp & stack_mask(), value);
  gpr[kESP] = esp;
}

template <typename T>
T Cpu::peek_stack(std::uint32_t depth) {
  return read<T>(kSS, (gpr[kESP] + depth) & stack_mask());
}

template <typename T>
T Cpu::pop() {
  const T value = peek_stack<T>(0);
  gpr[kESP] = moved_esp(sizeof(T));
  return value;
}

/// The offset of an operand's second part: with 16-bit addresses it goes round at 64 KiB.
inline std::uint32_t wrapped_offset(const Op& op, std::uint32_t offset) {
  return (op.flags & kAddress32) != 0 ? offset : offset & 0xFFFF;
}

/// Offset of the memory operand in its segment.
inline std::uint32_t effective_offset(const Cpu& cpu, const Op& op) {
  const std::uint32_t offset =
      cpu.reg<std::uint32_t>(op.base) + (cpu.reg<std::uint32_t>(op.index) << op.scale) + op.disp;
  return (op.flags & kAddress32) != 0 ? offset : offset & 0xFFFF;
}

/// The ModR/M r/m operand, where `reg_offset` is op.dst or op.src as the opcode's row has it.
template <typename T>
T read_rm(Cpu& cpu, const Op& op, std::uint8_t reg_offset) {
  return (op.flags & kMemory) != 0 ? cpu.read<T>(op.seg, effective_offset(cpu, op)) : cpu.reg<T>(reg_offset);
}

template <typename T>
void write_rm(Cpu& cpu, const Op& op, std::uint8_t reg_offset, T value) {
  if ((op.flags & kMemory) != 0) {
    cpu.write<T>(op.seg, effective_offset(cpu, op), value);
  } else {
    cpu.set_reg<T>(reg_offset, value);
  }
}

/// A ModR/M r/m operand that is read, changed and written back; the constructor does every check.
template <typename T>
class ReadModifyWrite {
 public:
  ReadModifyWrite(Cpu& cpu, const Op& op, std::uint8_t reg_offset)
      : cpu_(cpu), reg_offset_(reg_offset), memory_((op.flags & kMemory) != 0) {
    value_ = memory_ ? cpu.read_for_write<T>(op.seg, effective_offset(cpu, op), place_) : cpu.reg<T>(reg_offset);
  }
  T value() const { return value_; }
  void commit(T value) {
    if (memory_) {
      cpu_.write_place<T>(place_, value);
    } else {
      cpu_.set_reg<T>(reg_offset_, value);
    }
  }

 private:
  Cpu& cpu_;
  Cpu::Place place_;
  T value_;
  std::uint8_t reg_offset_;
  bool memory_;
};

}  // namespace ringside
