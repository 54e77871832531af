// A random program at CPL 3 that can run on a host's own processor as well as on ours: what it is given, and what is
// compared at its end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/fuzz/random_program.h"

namespace ringside::test {

/// Where the program lies, and through which segments it sees itself. Odd seeds have flat segments, even ones segments
/// with base and limit out of a local descriptor table. Linear addresses are the same for both.
struct UserProgram {
  static constexpr std::uint32_t kOrigin = 0x10000000;  ///< linear address of offset 0 of ProgramLayout
  static constexpr std::uint32_t kSegmentLimit = 0xFFFFF;
  static constexpr std::uint16_t kFlatCode = 0x23, kFlatData = 0x2B;    ///< Linux's
  static constexpr std::uint16_t kLocalCode = 0x07, kLocalData = 0x0F;  ///< entries 0 and 1 of the LDT
  static constexpr std::uint32_t kFirstFlags = 0x202;

  explicit UserProgram(std::uint64_t seed, bool may_be_flat = true)
      : flat(may_be_flat && (seed & 1) != 0), origin(flat ? kOrigin : 0), program(seed, origin, true) {}

  bool flat;
  std::uint32_t origin;  ///< of the offsets
  RandomProgram program;

  std::uint16_t code_selector() const { return flat ? kFlatCode : kLocalCode; }
  std::uint16_t data_selector() const { return flat ? kFlatData : kLocalData; }
  std::uint32_t segment_base() const { return flat ? 0 : kOrigin; }
  std::uint32_t stack_top() const { return origin + ProgramLayout::kStackTop; }
  /// Where the program goes on after its n-th fault; the 0th is its beginning.
  std::uint32_t start(std::uint64_t n) const { return program.starts()[n * 7 % program.starts().size()]; }
};

/// The pages that exist: code and data, page 5 of the data read-only, 6 and 7 absent.
struct UserPage {
  std::uint32_t offset;
  bool writable;
};
inline constexpr std::array<UserPage, 13> kUserPages{{
    {0x8000, true}, {0x9000, true}, {0xA000, true}, {0xB000, true}, {0xC000, true}, {0xD000, false},
    {0x10000, true}, {0x11000, true}, {0x12000, true},
    {0x20000, true}, {0x21000, true}, {0x22000, true}, {0x23000, true},
}};

struct UserRegisters {
  std::array<std::uint32_t, 8> gpr{};
  std::uint32_t eip = 0;
  std::uint32_t eflags = 2;  ///< without TF and RF
  bool operator==(const UserRegisters&) const = default;
};

/// An exception on the way: after how many instructions, which one. kEscape: the program was led elsewhere in front of an
/// instruction that says something of the host, or that has changed its meaning since the Pentium 4.
struct UserEvent {
  static constexpr std::uint8_t kEscape = 0xFF;
  std::uint64_t count = 0;
  std::uint8_t vector = 0;
  std::uint32_t error = 0;  ///< of a page fault without the bits P and I/D
  std::uint32_t cr2 = 0;    ///< of a page fault
  std::uint32_t eip = 0;
  bool operator==(const UserEvent&) const = default;
};

struct UserEnd {
  UserRegisters registers;
  std::uint64_t count = 0;  ///< instructions, as single-stepping counts them
  std::vector<UserEvent> events;
  std::vector<std::uint8_t> memory;  ///< kUserPages, one behind the other
  bool operator==(const UserEnd&) const = default;
};

/// The first difference in words; empty where there is none.
std::string difference(const UserEnd& expected, const UserEnd& got);

// --- On this host's processor (native.cpp) -------------------------------------------------------------------

/// Why programs cannot run natively here; empty where they can.
std::string native_obstacle();
/// True where nothing of this process lies in the lower 4 GiB, so that flat segments are safe.
bool native_may_be_flat();
/// Single-stepped for `limit` instructions. `at_last_event`: the state at the last exception before the first escape, from
/// where on only a stepped run can follow.
void run_native_stepped(const UserProgram& program, std::uint64_t limit, UserEnd& end, UserEnd& at_last_event);
/// Freely, up to that many exceptions (at least one): registers, events without counts, memory.
void run_native_free(const UserProgram& program, std::size_t events, UserEnd& end);

// --- On ours (simulated_user.cpp) ----------------------------------------------------------------------------
enum class How { kFast, kCachesDropped, kStepped, kObserved };
/// As many instructions as `native`, with its escapes; exceptions are the program's own.
void run_simulated(const UserProgram& program, const UserEnd& native, How how, UserEnd& end);

}  // namespace ringside::test
