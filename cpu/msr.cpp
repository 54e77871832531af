// Model-specific registers. SDM Vol. 4, "MSRs in the P6 Family Processors" and its neighbours.
//
// Kept and without effect: MTRRs, PAT, performance counters and their selectors, debug control.
// Not modelled: machine-check banks (MCG_CAP says 0), the local APIC (APIC_BASE reads 0), microcode updates
// (any write to the trigger is taken, the revision stays).
#include "cpu/system_registers.h"

namespace ringside {
namespace {

/// Slots of Cpu::msr_file.
enum Slot : unsigned {
  kVariableMtrrs = 0,  // 200h..20Fh
  kFixedMtrrs = 16,    // 250h, 258h, 259h, 268h..26Fh
  kMtrrDefault = 27,
  kPerfCounters = 28,   // C1h, C2h
  kPerfSelectors = 30,  // 186h, 187h
  kDebugControl = 32,
  kPat = 33,
  kPowerOn = 34,
  kMicrocode = 35,
  kPlatform = 36,
  kMiscEnable = 37,
};
constexpr std::uint64_t kMtrrCap = 0x508;  // WC, fixed ranges, 8 variable ranges
constexpr std::uint64_t kPatAtReset = 0x0007040600070406;
constexpr std::uint64_t kMiscEnableAtReset = 0x1801;  // fast strings; no branch trace store, no precise sampling
constexpr std::uint64_t kPhysicalBits = 0xFFFFFFFFFull;  // 36
constexpr std::uint64_t kEferNxe = 1u << 11;

/// How a kept register may be written.
struct Kept {
  Slot slot;
  unsigned index;
  Feature feature;
  enum Check { kAny, kReadOnly, kTypes, kPhysBase, kPhysMask, kDefType, kPatTypes } check;
};

bool find_kept(std::uint32_t n, Kept& k) {
  if (n >= 0x200 && n <= 0x20F) {
    k = {kVariableMtrrs, n - 0x200, kFeatureMtrr, (n & 1) != 0 ? Kept::kPhysMask : Kept::kPhysBase};
    return true;
  }
  if (n >= 0x268 && n <= 0x26F) {
    k = {kFixedMtrrs, 3 + n - 0x268, kFeatureMtrr, Kept::kTypes};
    return true;
  }
  switch (n) {
    case 0x250:
      k = {kFixedMtrrs, 0, kFeatureMtrr, Kept::kTypes};
      return true;
    case 0x258:
      k = {kFixedMtrrs, 1, kFeatureMtrr, Kept::kTypes};
      return true;
    case 0x259:
      k = {kFixedMtrrs, 2, kFeatureMtrr, Kept::kTypes};
      return true;
    case 0x2FF:
      k = {kMtrrDefault, 0, kFeatureMtrr, Kept::kDefType};
      return true;
    case 0xC1:
    case 0xC2:
      k = {kPerfCounters, n - 0xC1, kFeatureP6Counters, Kept::kAny};
      return true;
    case 0x186:
    case 0x187:
      k = {kPerfSelectors, n - 0x186, kFeatureP6Counters, Kept::kAny};
      return true;
    case 0x1D9:
      k = {kDebugControl, 0, kFeatureP6, Kept::kAny};
      return true;
    case 0x277:
      k = {kPat, 0, kFeaturePat, Kept::kPatTypes};
      return true;
    case 0x2A:
      k = {kPowerOn, 0, kFeatureP6, Kept::kAny};
      return true;
    case 0x8B:
      k = {kMicrocode, 0, kFeatureP6, Kept::kAny};
      return true;
    case 0x1A0:
      k = {kMiscEnable, 0, kFeatureNetburst, Kept::kAny};
      return true;
    case 0x17:
      k = {kPlatform, 0, kFeatureP6, Kept::kReadOnly};
      return true;
    default:
      return false;
  }
}

/// UC, WC, WT, WP, WB; PAT has UC- too.
bool memory_types(std::uint64_t value, bool pat) {
  for (unsigned i = 0; i < 8; ++i, value >>= 8) {
    const unsigned type = value & 0xFF;
    if (type > (pat ? 7u : 6u) || type == 2 || type == 3) return false;
  }
  return true;
}

bool allowed(Kept::Check check, std::uint64_t value) {
  switch (check) {
    case Kept::kAny:
      return true;
    case Kept::kReadOnly:
      return false;
    case Kept::kTypes:
      return memory_types(value, false);
    case Kept::kPhysBase:
      return (value & ~(kPhysicalBits & ~0xFFFull) & ~0xFFull) == 0 && memory_types(value & 0xFF, false);
    case Kept::kPhysMask:
      return (value & ~(kPhysicalBits & ~0xFFFull) & ~0x800ull) == 0;
    case Kept::kDefType:
      return (value & ~0xCFFull) == 0 && memory_types(value & 0xFF, false);
    case Kept::kPatTypes:
      return memory_types(value, true);
  }
  return false;
}

/// A slot holds the register's difference from its reset value.
std::uint64_t at_reset(Slot slot) { return slot == kPat ? kPatAtReset : slot == kMiscEnable ? kMiscEnableAtReset : 0; }

[[noreturn]] void refuse_msr(Cpu& cpu, Cause cause, std::uint32_t number) {
  FaultDetail detail;
  detail.offset = number;
  cpu.raise(cause, 0, detail);
}

}  // namespace

std::uint64_t read_msr(Cpu& cpu, std::uint32_t number) {
  const CpuModel& model = cpu.model;
  Kept kept{};
  if (find_kept(number, kept) && model.has(kept.feature)) {
    return cpu.msr_file[kept.slot + kept.index] ^ at_reset(kept.slot);
  }
  switch (number) {
    case 0x00:
    case 0x01:
      return 0;  // P5_MC_ADDR, P5_MC_TYPE
    case 0x10:
      if (model.has(kFeatureTsc)) return cpu.ticks() + cpu.tsc_offset;
      break;
    case 0x1B:
      if (model.has(kFeatureP6)) return 0;  // APIC_BASE: there is no local APIC
      break;
    case 0xFE:
      if (model.has(kFeatureMtrr)) return kMtrrCap;
      break;
    case 0x174:
      if (model.has(kFeatureSep)) return cpu.msr_sysenter_cs;
      break;
    case 0x175:
      if (model.has(kFeatureSep)) return cpu.msr_sysenter_esp;
      break;
    case 0x176:
      if (model.has(kFeatureSep)) return cpu.msr_sysenter_eip;
      break;
    case 0x179:
    case 0x17A:
      if (model.has(kFeatureP6)) return 0;  // MCG_CAP, MCG_STATUS: no banks
      break;
    case 0x1DB:
    case 0x1DC:
    case 0x1DD:
    case 0x1DE:
      if (model.has(kFeatureP6)) return 0;  // last branch and exception addresses
      break;
    case 0xC0000080:
      if (model.has(kFeatureNx)) return cpu.msr_efer;
      break;
    default:
      break;
  }
  refuse_msr(cpu, Cause::kGpMsr, number);
}

void write_msr(Cpu& cpu, std::uint32_t number, std::uint64_t value) {
  const CpuModel& model = cpu.model;
  const auto low = static_cast<std::uint32_t>(value);
  Kept kept{};
  if (find_kept(number, kept) && model.has(kept.feature)) {
    if (!allowed(kept.check, value)) refuse_msr(cpu, Cause::kGpMsrValue, number);
    // Perf counters are written with 32 bits, sign-extended to 40.
    if (kept.slot == kPerfCounters)
      value = static_cast<std::uint64_t>(static_cast<std::int32_t>(low)) & 0xFFFFFFFFFF;
    // Software writes 0 to the microcode revision before it asks with CPUID; there is no update to report.
    if (kept.slot == kMicrocode) value = 0;
    // What the Pentium 4 says it has not, software cannot turn on.
    if (kept.slot == kMiscEnable) value |= kMiscEnableAtReset & ~1ull;
    cpu.msr_file[kept.slot + kept.index] = value ^ at_reset(kept.slot);
    return;
  }
  switch (number) {
    case 0x00:
    case 0x01:
      return;
    case 0x10:
      if (!model.has(kFeatureTsc)) break;
      cpu.tsc_offset = value - cpu.ticks();
      return;
    case 0x1B:
      if (!model.has(kFeatureP6)) break;
      return;
    case 0x79:
      if (!model.has(kFeatureP6)) break;
      return;
    case 0x174:
      if (!model.has(kFeatureSep)) break;
      cpu.msr_sysenter_cs = low;
      return;
    case 0x175:
      if (!model.has(kFeatureSep)) break;
      cpu.msr_sysenter_esp = low;
      return;
    case 0x176:
      if (!model.has(kFeatureSep)) break;
      cpu.msr_sysenter_eip = low;
      return;
    case 0xFE:
    case 0x179:
      if (!model.has(kFeatureP6)) break;
      refuse_msr(cpu, Cause::kGpMsrValue, number);
    case 0x17A:
      if (!model.has(kFeatureP6)) break;
      return;
    case 0xC0000080:
      if (!model.has(kFeatureNx)) break;
      if ((value & ~kEferNxe) != 0) refuse_msr(cpu, Cause::kGpMsrValue, number);
      if (cpu.msr_efer != value) {
        cpu.msr_efer = value;
        cpu.flush_tlb(false);
        cpu.attention = true;
      }
      return;
    default:
      break;
  }
  refuse_msr(cpu, Cause::kGpMsr, number);
}

}  // namespace ringside
