// Control and debug registers, HLT, caches, RDTSC, RDPMC, CPUID, SYSENTER and SYSEXIT, undefined opcodes.
// SDM Vol. 2; Vol. 3A, "Control Registers", "Invalidation of TLBs and Paging-Structure Caches".
#include "cpu/control_transfer.h"
#include "cpu/debug_registers.h"
#include "cpu/exact.h"
#include "cpu/system_registers.h"

namespace ringside {
namespace {

[[noreturn]] void refuse_value(Cpu& cpu, Cause cause, std::uint32_t value) {
  FaultDetail detail;
  detail.offset = value;
  cpu.raise(cause, 0, detail);
}

std::uint32_t cr0_bits(const CpuModel& model) {
  std::uint32_t bits = kCr0PE | kCr0MP | kCr0EM | kCr0TS | kCr0PG;
  if (model.has(kFeature486)) {
    bits |= kCr0NE | kCr0WP | kCr0AM | kCr0NW | kCr0CD;
  } else {
    bits |= kCr0ET;  // fixed to 1 from the 486 on
  }
  return bits;
}

}  // namespace

void write_cr0(Cpu& cpu, std::uint32_t value) {
  if ((value & kCr0PG) != 0 && (value & kCr0PE) == 0)
    refuse_value(cpu, Cause::kGpCr0PagingWithoutProtection, value);
  const std::uint32_t bits = cr0_bits(cpu.model);
  // Writes to reserved bits of CR0 are ignored.
  value = (value & bits) | (cpu.model.has(kFeature486) ? kCr0ET : 0u);
  if ((value & kCr0NW) != 0 && (value & kCr0CD) == 0) refuse_value(cpu, Cause::kGpCr0Caching, value);
  const std::uint32_t changed = cpu.cr0 ^ value;
  if ((changed & value & kCr0PG) != 0 && (cpu.cr4 & kCr4PAE) != 0) cpu.load_pdptes(cpu.cr3);
  cpu.cr0 = value;
  if ((changed & kCr0PG) != 0) cpu.flush_tlb(false);
  // CR0.WP needs no invalidation: entries remember R/W, and it is applied at each use.
  cpu.update_mode();
  cpu.attention = true;
  cpu.observe_register(SystemRegister::kCr0, cpu.cr0);
}

void write_cr3(Cpu& cpu, std::uint32_t value) {
  const bool pae = (cpu.cr4 & kCr4PAE) != 0;
  if (pae && cpu.paging()) cpu.load_pdptes(value);
  // PWT and PCD are kept; reserved bits are not.
  cpu.cr3 = value & (pae ? 0xFFFFFFF8u : 0xFFFFF018u);
  cpu.flush_tlb(true);
  cpu.attention = true;
  cpu.observe_register(SystemRegister::kCr3, cpu.cr3);
}

std::uint32_t cr4_bits(const CpuModel& model) {
  std::uint32_t bits = 0;
  if (model.has(kFeatureVme)) bits |= kCr4VME | kCr4PVI;
  if (model.has(kFeatureTsc)) bits |= kCr4TSD;
  if (model.has(kFeatureDe)) bits |= kCr4DE;
  if (model.has(kFeaturePse)) bits |= kCr4PSE;
  if (model.has(kFeaturePae)) bits |= kCr4PAE;
  if (model.has(kFeatureMce)) bits |= kCr4MCE;
  if (model.has(kFeaturePge)) bits |= kCr4PGE;
  if (model.has(kFeaturePmc)) bits |= kCr4PCE;
  if (model.has(kFeatureFxsr)) bits |= kCr4OSFXSR;
  if (model.has(kFeatureSse)) bits |= kCr4OSXMMEXCPT;
  return bits;
}

void write_cr4(Cpu& cpu, std::uint32_t value) {
  if ((value & ~cr4_bits(cpu.model)) != 0) refuse_value(cpu, Cause::kGpCr4Reserved, value);
  const std::uint32_t changed = cpu.cr4 ^ value;
  const bool paging_changed = (changed & (kCr4PSE | kCr4PAE | kCr4PGE)) != 0;
  if (paging_changed && cpu.paging() && (value & kCr4PAE) != 0) cpu.load_pdptes(cpu.cr3);
  cpu.cr4 = value;
  if (paging_changed) cpu.flush_tlb(false);
  cpu.update_mode();
  cpu.attention = true;
  cpu.observe_register(SystemRegister::kCr4, cpu.cr4);
}

namespace exact {
namespace {

bool has_cr4(const CpuModel& model) { return cr4_bits(model) != 0; }

/// DR4 and DR5 are other names for DR6 and DR7, unless CR4.DE reserves them.
unsigned debug_register(Cpu& cpu, const Op& op) {
  const unsigned number = op.extra >> 3 & 7;
  require_ring0(cpu);
  if ((number == 4 || number == 5) && (cpu.cr4 & kCr4DE) != 0) cpu.raise(Cause::kUdDebugRegister);
  if ((cpu.dr[7] & kDr7GD) != 0) {
    cpu.dr[6] |= kDr6BD;
    cpu.raise(Cause::kDbGeneralDetect);
  }
  return number == 4 || number == 5 ? number + 2 : number;
}

void set_flat(Cpu& cpu, unsigned index, std::uint16_t selector, unsigned access) {
  Segment& s = cpu.seg[index];
  s = Segment{};
  s.selector = selector;
  s.limit = 0xFFFFFFFF;
  s.access = static_cast<std::uint8_t>(access);
  s.big = 1;
  s.derive();
}

void check_sysenter(Cpu& cpu) {
  if (!cpu.protected_mode()) cpu.raise(Cause::kGpSysenterNotProtected);
}

}  // namespace

void mov_from_cr(Cpu& cpu, const Op& op) {
  const unsigned number = op.extra >> 3 & 7;
  const bool exists = number == 0 || number == 2 || number == 3 || (number == 4 && has_cr4(cpu.model));
  if (!exists) cpu.raise(Cause::kUdControlRegister);
  require_ring0(cpu);
  const std::uint32_t value[] = {cpu.cr0, 0, cpu.cr2, cpu.cr3, cpu.cr4};
  cpu.set_reg<std::uint32_t>(op.dst, value[number]);
}

void mov_to_cr(Cpu& cpu, const Op& op) {
  const unsigned number = op.extra >> 3 & 7;
  const bool exists = number == 0 || number == 2 || number == 3 || (number == 4 && has_cr4(cpu.model));
  if (!exists) cpu.raise(Cause::kUdControlRegister);
  require_ring0(cpu);
  const auto value = cpu.reg<std::uint32_t>(op.dst);
  switch (number) {
    case 0:
      write_cr0(cpu, value);
      break;
    case 2:
      cpu.cr2 = value;
      cpu.observe_register(SystemRegister::kCr2, value);
      break;
    case 3:
      write_cr3(cpu, value);
      break;
    default:
      write_cr4(cpu, value);
      break;
  }
}

void mov_from_dr(Cpu& cpu, const Op& op) {
  const unsigned number = debug_register(cpu, op);
  cpu.set_reg<std::uint32_t>(op.dst, cpu.dr[number]);
}

void mov_to_dr(Cpu& cpu, const Op& op) {
  const unsigned number = debug_register(cpu, op);
  const auto value = cpu.reg<std::uint32_t>(op.dst);
  if (number == 6) {
    cpu.dr[6] = (value & kDr6Writable) | kDr6Fixed;
  } else if (number == 7) {
    set_dr7(cpu, value);
  } else {
    cpu.dr[number] = value;
  }
}

void clts(Cpu& cpu, const Op&) {
  require_ring0(cpu);
  cpu.cr0 &= ~kCr0TS;
  cpu.attention = true;
}

void hlt(Cpu& cpu, const Op&) {
  require_ring0(cpu);
  cpu.halted = true;
  cpu.attention = true;
}

// There are no caches to write back; ordering and privilege are all that a guest can see.
void invd(Cpu& cpu, const Op&) { require_ring0(cpu); }
void wbinvd(Cpu& cpu, const Op&) { require_ring0(cpu); }

void rdmsr(Cpu& cpu, const Op&) {
  require_ring0(cpu);
  const std::uint64_t value = read_msr(cpu, cpu.gpr[kECX]);
  cpu.gpr[kEAX] = static_cast<std::uint32_t>(value);
  cpu.gpr[kEDX] = static_cast<std::uint32_t>(value >> 32);
}

void wrmsr(Cpu& cpu, const Op&) {
  require_ring0(cpu);
  const std::uint64_t value = std::uint64_t{cpu.gpr[kEDX]} << 32 | cpu.gpr[kEAX];
  write_msr(cpu, cpu.gpr[kECX], value);
  cpu.observe_register(SystemRegister::kMsr, value, cpu.gpr[kECX]);
}

void rdtsc(Cpu& cpu, const Op&) {
  if ((cpu.cr4 & kCr4TSD) != 0 && cpu.cpl != 0) cpu.raise(Cause::kGpTsc);
  const std::uint64_t tsc = cpu.ticks() + cpu.tsc_offset;
  cpu.gpr[kEAX] = static_cast<std::uint32_t>(tsc);
  cpu.gpr[kEDX] = static_cast<std::uint32_t>(tsc >> 32);
}

void rdpmc(Cpu& cpu, const Op&) {
  if ((cpu.cr4 & kCr4PCE) == 0 && cpu.cpl != 0) cpu.raise(Cause::kGpPmc);
  const std::uint32_t index = cpu.gpr[kECX];
  const bool netburst = cpu.model.has(kFeatureNetburst);  // there bit 31 asks for the lower half only
  if ((netburst ? index & 0x7FFFFFFF : index) > (netburst ? 17u : 1u)) refuse_value(cpu, Cause::kGpPmcIndex, index);
  // Only the P6's counters are kept values; the others never count.
  const std::uint64_t value = cpu.model.has(kFeatureP6Counters) ? read_msr(cpu, 0xC1 + index) : 0;
  cpu.gpr[kEAX] = static_cast<std::uint32_t>(value);
  cpu.gpr[kEDX] = static_cast<std::uint32_t>(value >> 32) & 0xFF;
}

void sysenter(Cpu& cpu, const Op& op) {
  check_sysenter(cpu);
  const auto selector = static_cast<std::uint16_t>(cpu.msr_sysenter_cs & 0xFFFC);
  if (selector == 0) cpu.raise(Cause::kGpSysenterCs);
  const Origin origin(cpu, op.eip);
  cpu.set_eflags(0, kVM | kIF | kRF);
  set_flat(cpu, kSS, static_cast<std::uint16_t>(selector + 8), kPresent | kNotSystem | kWritable | kAccessed);
  cpu.gpr[kESP] = cpu.msr_sysenter_esp;
  set_flat(cpu, kCS, selector, kPresent | kNotSystem | kCode | kWritable | kAccessed);
  enter_code(cpu, cpu.seg[kCS], cpu.msr_sysenter_eip, 0);
  observe_ring(cpu, origin);
}

void sysexit(Cpu& cpu, const Op& op) {
  check_sysenter(cpu);
  require_ring0(cpu);
  const auto base = static_cast<std::uint16_t>(cpu.msr_sysenter_cs & 0xFFFC);
  if (base == 0) cpu.raise(Cause::kGpSysenterCs);
  const Origin origin(cpu, op.eip);
  set_flat(cpu, kSS, static_cast<std::uint16_t>((base + 24) | 3),
           kPresent | kDplMask | kNotSystem | kWritable | kAccessed);
  cpu.gpr[kESP] = cpu.gpr[kECX];
  set_flat(cpu, kCS, static_cast<std::uint16_t>((base + 16) | 3),
           kPresent | kDplMask | kNotSystem | kCode | kWritable | kAccessed);
  enter_code(cpu, cpu.seg[kCS], cpu.gpr[kEDX], 3);
  observe_ring(cpu, origin);
}

void rsm(Cpu& cpu, const Op&) { cpu.raise(Cause::kUdRsmOutsideSmm); }
void ud2(Cpu& cpu, const Op&) { cpu.raise(Cause::kUdUd2); }

/// The decoder says in op.imm what made it refuse an opcode that exists: 1 a register operand, 2 LOCK.
void undefined(Cpu& cpu, const Op& op) {
  cpu.raise(op.imm == 1 ? Cause::kUdRegisterOperand : op.imm == 2 ? Cause::kUdLock : Cause::kUdOpcode);
}

}  // namespace exact
}  // namespace ringside
