// Breakpoints: how they match, and when the traps are taken.
// SDM Vol. 3B, "Debug Registers", "Debug Exception (#DB)".
#include "cpu/debug_registers.h"

#include "cpu/interrupt.h"

namespace ringside {
namespace {

enum BreakpointKind : unsigned { kOnExecute = 0, kOnWrite = 1, kOnPort = 2, kOnReadOrWrite = 3 };

struct Breakpoint {
  std::uint32_t address;
  unsigned kind;
  std::uint32_t length;
};

/// Breakpoint `n`; false where neither L nor G enables it.
bool enabled_breakpoint(const Cpu& cpu, unsigned n, Breakpoint& b) {
  // LEN 10 is undefined on these processors; later ones take 8 bytes.
  static constexpr std::uint8_t kLengths[] = {1, 2, 8, 4};
  if ((cpu.dr[7] >> (2 * n) & 3) == 0) return false;
  b.kind = cpu.dr[7] >> (16 + 4 * n) & 3;
  b.length = kLengths[cpu.dr[7] >> (18 + 4 * n) & 3];
  b.address = cpu.dr[n] & ~(b.length - 1);
  return true;
}

bool overlap(std::uint32_t a, std::uint32_t a_size, std::uint32_t b, std::uint32_t b_size) {
  return b - a < a_size || a - b < b_size;
}

/// DR6 bits of the enabled breakpoints of the kinds in `kinds` (a mask) that meet the range.
std::uint32_t matches(const Cpu& cpu, unsigned kinds, std::uint32_t address, unsigned size) {
  std::uint32_t bits = 0;
  for (unsigned n = 0; n < 4; ++n) {
    Breakpoint b{};
    if (!enabled_breakpoint(cpu, n, b) || (kinds >> b.kind & 1) == 0) continue;
    if (overlap(b.address, b.length, address, size)) bits |= 1u << n;
  }
  return bits;
}

}  // namespace

void set_dr7(Cpu& cpu, std::uint32_t value) {
  cpu.dr[7] = (value & kDr7Writable) | kDr7Fixed;
  const bool active = (value & kDr7Enables) != 0;
  if (active == cpu.debug_active) return;
  cpu.debug_active = active;
  cpu.attention = true;
  cpu.update_mode();
}

void Cpu::check_instruction_breakpoints() {
  const std::uint32_t bits = matches(*this, 1u << kOnExecute, seg[kCS].base + eip, 1);
  if (bits == 0) return;
  dr[6] |= bits;
  FaultDetail detail;
  detail.linear = seg[kCS].base + eip;
  raise(Cause::kDbInstructionBreakpoint, 0, detail);
}

void Cpu::note_data_access(std::uint32_t linear, unsigned size, Access access) {
  const unsigned kinds =
      access == Access::kWrite ? 1u << kOnWrite | 1u << kOnReadOrWrite : 1u << kOnReadOrWrite;
  pending_debug |= matches(*this, kinds, linear, size);
  if (pending_debug != 0) attention = true;
}

void Cpu::note_port_access(std::uint16_t port, unsigned size) {
  // "Debug Extensions": without CR4.DE the encoding 10 is undefined, and matches nothing here.
  if (!debug_active || (cr4 & kCr4DE) == 0) return;
  pending_debug |= matches(*this, 1u << kOnPort, port, size);
  if (pending_debug != 0) attention = true;
}

void Cpu::take_debug_trap() {
  const std::uint32_t bits = pending_debug;
  pending_debug = 0;
  dr[6] |= bits & kDr6Writable;
  const Cause cause = (bits & kDr6BS) != 0   ? Cause::kDbSingleStep
                      : (bits & kDr6BT) != 0 ? Cause::kDbTaskSwitch
                                             : Cause::kDbDataBreakpoint;
  FaultDetail detail;
  for (unsigned n = 0; n < 4; ++n)
    if ((bits >> n & 1) != 0) detail.linear = dr[n];
  deliver_fault(Fault{Vector::kDB, 0, cause, detail});
}

}  // namespace ringside
