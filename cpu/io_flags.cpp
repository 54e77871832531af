// CLI, STI, PUSHF, POPF, IN, OUT: what IOPL, the I/O permission map, PVI and VME govern.
// SDM Vol. 1, "I/O Protection"; Vol. 2, the instructions; Vol. 3A, "Virtual-8086 Mode Extensions".
#include "cpu/control_transfer.h"
#include "cpu/exact.h"

namespace ringside {
namespace {

[[noreturn]] void refuse_port(Cpu& cpu, std::uint16_t port) {
  FaultDetail detail;
  detail.selector = cpu.tr.selector;
  detail.offset = port;
  detail.limit = cpu.tr.limit;
  cpu.raise(Cause::kGpIoPermission, 0, detail);
}

/// SDM Vol. 1, "I/O Permission Bit Map": two bytes are always read, so that a port may span them.
bool permission_map_allows(Cpu& cpu, std::uint16_t port, unsigned size) {
  const bool tss32 = cpu.tr.usable != 0 && (cpu.tr.access & 13) == 9;
  if (!tss32 || cpu.tr.limit < 0x67) return false;
  const std::uint32_t map = cpu.read_system<std::uint16_t>(cpu.tr.base + 0x66);
  const std::uint32_t at = map + port / 8u;
  if (at + 1 > cpu.tr.limit) return false;
  const unsigned bits = cpu.read_system<std::uint16_t>(cpu.tr.base + at);
  return (bits >> (port & 7) & ((1u << size) - 1)) == 0;
}

/// 8 bits for the even opcodes, else the operand size.
unsigned port_size(const Op& op) { return (op.extra & 1) == 0 ? 1 : (op.flags & kOperand32) != 0 ? 4 : 2; }

void in_port(Cpu& cpu, const Op& op, std::uint16_t port) {
  const unsigned size = port_size(op);
  check_io_permission(cpu, port, size);
  const std::uint32_t value = cpu.bus.read_port(port, size);
  cpu.note_port_access(port, size);
  constexpr std::uint8_t kAccumulator = 0;
  switch (size) {
    case 1:
      cpu.set_reg<std::uint8_t>(kAccumulator, static_cast<std::uint8_t>(value));
      break;
    case 2:
      cpu.set_reg<std::uint16_t>(kAccumulator, static_cast<std::uint16_t>(value));
      break;
    default:
      cpu.set_reg<std::uint32_t>(kAccumulator, value);
      break;
  }
}

void out_port(Cpu& cpu, const Op& op, std::uint16_t port) {
  const unsigned size = port_size(op);
  check_io_permission(cpu, port, size);
  const std::uint32_t value = size == 4 ? cpu.gpr[kEAX] : cpu.gpr[kEAX] & ((1u << (8 * size)) - 1);
  cpu.bus.write_port(port, size, value);
  cpu.note_port_access(port, size);
}

/// Which flag CLI and STI change, by mode and privilege; 0 where they may not.
std::uint32_t interrupt_flag(const Cpu& cpu) {
  if (!cpu.protected_mode() || cpu.cpl <= cpu.iopl()) return kIF;  // V86 is CPL 3: IOPL 3
  if (cpu.v86()) return (cpu.cr4 & kCr4VME) != 0 ? kVIF : 0;
  return cpu.cpl == 3 && (cpu.cr4 & kCr4PVI) != 0 ? kVIF : 0;
}

[[noreturn]] void refuse_iopl(Cpu& cpu) { cpu.raise(cpu.v86() ? Cause::kGpV86Iopl : Cause::kGpIopl); }

/// The flags that POPF replaces by its operand; VIF is the caller's affair.
std::uint32_t popf_mask(const Cpu& cpu, bool wide) {
  std::uint32_t mask = kArithmeticFlags | kTF | kDF | kNT | kAC | kID;
  if (cpu.cpl <= cpu.iopl()) mask |= kIF;
  if (cpu.cpl == 0) mask |= kIOPL;
  mask &= existing_flags(cpu.model);
  return wide ? mask : mask & 0xFFFF;
}

/// POPF in virtual-8086 mode with VME and IOPL below 3: IF of the image goes to VIF.
void popf_virtual(Cpu& cpu) {
  const std::uint32_t image = cpu.peek_stack<std::uint16_t>(0);
  if ((image & kTF) != 0) cpu.raise(Cause::kGpV86SetsTrapFlag);
  if ((image & kIF) != 0 && (cpu.system_flags & kVIP) != 0) cpu.raise(Cause::kGpVirtualInterruptPending);
  cpu.gpr[kESP] = cpu.moved_esp(2);
  cpu.set_eflags(image, popf_mask(cpu, false) & ~kIF);
  cpu.set_eflags((image & kIF) != 0 ? kVIF : 0, kVIF);
}

}  // namespace

void check_io_permission(Cpu& cpu, std::uint16_t port, unsigned size) {
  // "IF PE = 1 AND (CPL > IOPL or VM = 1)": in virtual-8086 mode the map counts whatever IOPL is.
  if (!cpu.protected_mode() || (cpu.cpl <= cpu.iopl() && !cpu.v86())) return;
  if (!permission_map_allows(cpu, port, size)) refuse_port(cpu, port);
}

namespace exact {

void cli(Cpu& cpu, const Op&) {
  const std::uint32_t flag = interrupt_flag(cpu);
  if (flag == 0) refuse_iopl(cpu);
  cpu.set_eflags(0, flag);
}

void sti(Cpu& cpu, const Op&) {
  const std::uint32_t flag = interrupt_flag(cpu);
  if (flag == 0) refuse_iopl(cpu);
  if (flag == kVIF && (cpu.system_flags & kVIP) != 0) cpu.raise(Cause::kGpVirtualInterruptPending);
  // "The processor does not begin to respond to interrupts until the instruction after STI has executed" -
  // unless interrupts were enabled before.
  if (flag == kIF && (cpu.system_flags & kIF) == 0) cpu.inhibit_interrupts(false);
  cpu.set_eflags(flag, flag);
}

void pushf(Cpu& cpu, const Op& op) {
  const bool wide = (op.flags & kOperand32) != 0;
  std::uint32_t image = cpu.eflags() & ~(kVM | kRF);
  if (cpu.v86() && cpu.iopl() < 3) {
    if (wide || (cpu.cr4 & kCr4VME) == 0) cpu.raise(Cause::kGpV86Iopl);
    image = (image & ~kIF) | kIOPL | ((cpu.system_flags & kVIF) != 0 ? kIF : 0u);
  }
  if (wide) {
    cpu.push<std::uint32_t>(image);
  } else {
    cpu.push<std::uint16_t>(static_cast<std::uint16_t>(image));
  }
}

void popf(Cpu& cpu, const Op& op) {
  const bool wide = (op.flags & kOperand32) != 0;
  if (cpu.v86() && cpu.iopl() < 3) {
    if (wide || (cpu.cr4 & kCr4VME) == 0) cpu.raise(Cause::kGpV86Iopl);
    popf_virtual(cpu);
    return;
  }
  const std::uint32_t image = wide ? cpu.pop<std::uint32_t>() : cpu.pop<std::uint16_t>();
  cpu.set_eflags(image, popf_mask(cpu, wide));
}

void in_imm(Cpu& cpu, const Op& op) { in_port(cpu, op, static_cast<std::uint16_t>(op.imm & 0xFF)); }
void in_dx(Cpu& cpu, const Op& op) { in_port(cpu, op, static_cast<std::uint16_t>(cpu.gpr[kEDX])); }
void out_imm(Cpu& cpu, const Op& op) { out_port(cpu, op, static_cast<std::uint16_t>(op.imm & 0xFF)); }
void out_dx(Cpu& cpu, const Op& op) { out_port(cpu, op, static_cast<std::uint16_t>(cpu.gpr[kEDX])); }

}  // namespace exact
}  // namespace ringside
