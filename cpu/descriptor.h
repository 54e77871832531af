// Segment and gate descriptors, and how they are found by selector.
#pragma once

#include <cstdint>

#include "cpu/access.h"
#include "cpu/cpu.h"

namespace ringside {

/// Types of system descriptors, SDM Vol. 3A, "System Descriptor Types".
enum SystemType : std::uint8_t {
  kTss16Available = 1,
  kLdtType = 2,
  kTss16Busy = 3,
  kCallGate16 = 4,
  kTaskGate = 5,
  kInterruptGate16 = 6,
  kTrapGate16 = 7,
  kTss32Available = 9,
  kTss32Busy = 11,
  kCallGate32 = 12,
  kInterruptGate32 = 14,
  kTrapGate32 = 15,
};
constexpr unsigned kBusyBit = 2;  ///< in the type of a TSS

/// The eight bytes of a descriptor, with names for their fields.
struct Descriptor {
  std::uint64_t raw = 0;

  std::uint8_t access() const { return static_cast<std::uint8_t>(raw >> 40); }
  unsigned dpl() const { return raw >> 45 & 3; }
  bool present() const { return (access() & kPresent) != 0; }
  bool system() const { return (access() & kNotSystem) == 0; }
  unsigned type() const { return access() & 15; }
  bool code() const { return (access() & (kNotSystem | kCode)) == (kNotSystem | kCode); }
  bool conforming_code() const { return code() && (access() & kExpandDown) != 0; }
  bool writable_data() const {
    return (access() & (kNotSystem | kCode | kWritable)) == (kNotSystem | kWritable);
  }
  /// Data, or code that may be read.
  bool readable() const { return !system() && (access() & (kCode | kWritable)) != kCode; }
  bool is_tss() const { return system() && (type() & 5) == 1; }            // 1, 3, 9, 11
  bool is_available_tss() const { return system() && (type() & 7) == 1; }  // 1, 9
  bool is_tss32() const { return (type() & 8) != 0; }

  std::uint32_t base() const {
    return static_cast<std::uint32_t>((raw >> 16 & 0xFFFFFF) | (raw >> 32 & 0xFF000000));
  }
  std::uint32_t limit() const {
    const auto limit = static_cast<std::uint32_t>((raw & 0xFFFF) | (raw >> 32 & 0xF0000));
    return (raw >> 55 & 1) != 0 ? limit << 12 | 0xFFF : limit;
  }
  bool big() const { return (raw >> 54 & 1) != 0; }

  // Gates
  std::uint16_t gate_selector() const { return static_cast<std::uint16_t>(raw >> 16); }
  bool gate32() const { return (type() & 8) != 0; }
  std::uint32_t gate_offset() const {
    const auto low = static_cast<std::uint32_t>(raw & 0xFFFF);
    return gate32() ? low | static_cast<std::uint32_t>(raw >> 32 & 0xFFFF0000) : low;
  }
  unsigned gate_count() const { return raw >> 32 & 31; }
};

constexpr bool is_null(std::uint16_t selector) { return (selector & ~3u) == 0; }
/// The selector as an error code has it: without RPL.
constexpr std::uint32_t selector_error(std::uint16_t selector) { return selector & ~3u; }
constexpr std::uint16_t with_rpl(std::uint16_t selector, unsigned rpl) {
  return static_cast<std::uint16_t>((selector & ~3u) | rpl);
}

/// How a selector can miss its table.
enum class Lookup : std::uint8_t { kFound, kBeyondGdt, kBeyondLdt, kNoLdt };

/// Linear address of the selector's descriptor.
inline Lookup find_descriptor(const Cpu& cpu, std::uint16_t selector, std::uint32_t& linear) {
  const std::uint32_t offset = selector & ~7u;
  if ((selector & 4) == 0) {
    linear = cpu.gdtr.base + offset;
    return offset + 7 <= cpu.gdtr.limit ? Lookup::kFound : Lookup::kBeyondGdt;
  }
  if (cpu.ldtr.usable == 0) return Lookup::kNoLdt;
  linear = cpu.ldtr.base + offset;
  return offset + 7 <= cpu.ldtr.limit ? Lookup::kFound : Lookup::kBeyondLdt;
}

/// Raises `cause` about a selector and its descriptor; the error code is the selector's.
[[noreturn]] void refuse(Cpu& cpu, Cause cause, std::uint16_t selector, Descriptor descriptor = {});
/// As refuse(), with an error code of 0 (or of EXT, which delivery adds).
[[noreturn]] void refuse_zero(Cpu& cpu, Cause cause, std::uint16_t selector, Descriptor descriptor = {});
/// Raises the #GP, or for selectors out of a TSS the #TS, of a selector that misses its table.
[[noreturn]] void refuse_lookup(Cpu& cpu, Lookup miss, std::uint16_t selector, Vector vector);

/// Reads a selector's descriptor; `vector` (#GP or #TS) is what a selector beyond its table raises.
inline Descriptor read_descriptor(Cpu& cpu, std::uint16_t selector, Vector vector = Vector::kGP) {
  std::uint32_t linear = 0;
  const Lookup lookup = find_descriptor(cpu, selector, linear);
  if (lookup != Lookup::kFound) [[unlikely]]
    refuse_lookup(cpu, lookup, selector, vector);
  return {cpu.read_system<std::uint64_t>(linear)};
}

/// Sets the accessed bit in memory and in `descriptor`. The selector has been looked up before.
inline void set_accessed(Cpu& cpu, std::uint16_t selector, Descriptor& descriptor) {
  if ((descriptor.access() & kAccessed) != 0) return;
  std::uint32_t linear = 0;
  find_descriptor(cpu, selector, linear);
  descriptor.raw |= std::uint64_t{kAccessed} << 40;
  cpu.write_system<std::uint8_t>(linear + 5, descriptor.access());
}

/// The segment register that a selector and its descriptor make.
inline Segment make_segment(std::uint16_t selector, Descriptor descriptor) {
  Segment s;
  s.base = descriptor.base();
  s.limit = descriptor.limit();
  s.selector = selector;
  s.access = descriptor.access();
  s.big = descriptor.big() ? 1 : 0;
  s.derive();
  return s;
}

/// Puts a segment into a data or stack segment register; the mode key follows where it changed.
void set_segment(Cpu& cpu, unsigned index, const Segment& segment);
/// Null selector: the register can be loaded but not used.
void set_null_segment(Cpu& cpu, unsigned index, std::uint16_t selector);
/// The hidden part that virtual-8086 mode gives to every selector.
Segment v86_segment(std::uint16_t selector);

/// Causes and error codes for the checks of a new SS; they differ by who asks.
struct StackCauses {
  Vector vector;  ///< #GP or #TS: selector beyond its table
  Cause rpl, not_writable, dpl, not_present;
};
/// Checks that `selector` (not null) can be the stack of ring `level`, SDM Vol. 3A, "Privilege Level
/// Checking When Loading the SS Register", and marks it accessed.
Segment checked_stack(Cpu& cpu, std::uint16_t selector, unsigned level, const StackCauses& causes);

/// Raises #GP(0) unless CPL is 0.
inline void require_ring0(Cpu& cpu) {
  if (cpu.cpl != 0) [[unlikely]]
    cpu.raise(Cause::kGpPrivileged);
}
/// Raises #UD outside protected mode proper.
inline void require_descriptors(Cpu& cpu) {
  if (!cpu.descriptors()) [[unlikely]]
    cpu.raise(Cause::kUdNotProtected);
}

}  // namespace ringside
