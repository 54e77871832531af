// The processor models and CPUID. SDM Vol. 2, "CPUID"; AP-485, "Intel Processor Identification".
#include "cpu/cpu_model.h"

#include <array>

#include "cpu/exact.h"

namespace ringside {
namespace {

constexpr std::uint64_t k486Features = kFeature486 | kFeatureFpu;
constexpr std::uint64_t kPentiumFeatures = k486Features | kFeatureCpuid | kFeatureVme | kFeatureDe |
                                           kFeaturePse | kFeatureTsc | kFeatureMsr | kFeatureMce |
                                           kFeatureCx8;
constexpr std::uint64_t kPentiumMmxFeatures = kPentiumFeatures | kFeatureMmx | kFeaturePmc;
constexpr std::uint64_t kP6Features = kPentiumFeatures | kFeaturePae | kFeatureSep | kFeatureMtrr | kFeaturePge |
                                      kFeatureMca | kFeatureCmov | kFeaturePmc | kFeatureLongNop | kFeatureP6;
constexpr std::uint64_t kPentiumProFeatures = kP6Features | kFeatureP6Counters;
constexpr std::uint64_t kPentium2Features = kPentiumProFeatures | kFeaturePat | kFeaturePse36 | kFeatureMmx |
                                            kFeatureFxsr;
constexpr std::uint64_t kPentium3Features = kPentium2Features | kFeatureSse;
constexpr std::uint64_t kPentium4Features = (kPentium3Features & ~kFeatureP6Counters) | kFeatureSse2 | kFeatureDaz |
                                            kFeatureClflush | kFeatureSelfSnoop | kFeatureNetburst;

constexpr char kIntel[] = "GenuineIntel";

// Signatures, descriptors and brands as AP-485 lists them for these steppings. Bits of CPUID.1:EDX whose part does not
// exist here are clear, as they are on the processor with that part turned off: the local APIC, and on the Pentium 4
// debug store, thermal monitor, hyper-threading and break on pending events. The Pentium III's serial number is
// turned off.
constexpr std::array<CpuModel, 8> kModels{{
    {"i386", "Intel 386 DX with 387 (1985)", 0x0308, kIntel, kFeatureFpu},
    {"i486", "Intel 486 DX (1989)", 0x0402, kIntel, k486Features},
    {"pentium", "Intel Pentium, P54C (1994)", 0x052C, kIntel, kPentiumFeatures},
    // Instruction TLB of 32 and 4 entries, data TLB of 64 and 8, L1 of 8 and 8 KiB, L2 of 256 KiB.
    {"pentium-pro", "Intel Pentium Pro, 256 KiB L2 (1995)", 0x0619, kIntel, kPentiumProFeatures,
     {0x03020101, 0x06040A42}},
    {"pentium-mmx", "Intel Pentium with MMX, P55C (1997)", 0x0543, kIntel, kPentiumMmxFeatures},
    // L1 of 16 and 16 KiB, L2 of 512 KiB.
    {"pentium2", "Intel Pentium II, Deschutes (1998)", 0x0652, kIntel, kPentium2Features, {0x03020101, 0x0C040843}},
    // L1 of 16 and 16 KiB, L2 of 256 KiB, eight ways.
    {"pentium3", "Intel Pentium III, Coppermine (2000)", 0x0686, kIntel, kPentium3Features,
     {0x03020101, 0x0C040882}, 0x02},
    // TLBs of 128 and 64 entries, L1 data of 8 KiB, trace cache of 12 K micro-operations, L2 of 512 KiB, no L3; lines
    // of 64 bytes.
    {"pentium4", "Intel Pentium 4, Northwood (2002)", 0x0F29, kIntel, kPentium4Features, {0x665B5101, 0x007B7040},
     0x0809, "              Intel(R) Pentium(R) 4 CPU 2.40GHz"},
}};

/// Four characters as a register holds them.
std::uint32_t text_part(std::string_view text, std::size_t part) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && part * 4 + i < text.size(); ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[part * 4 + i])) << (8 * i);
  return value;
}

}  // namespace

std::uint32_t CpuModel::cpuid_edx() const {
  static constexpr struct {
    Feature feature;
    unsigned bit;
  } kBits[] = {{kFeatureFpu, 0},   {kFeatureVme, 1},  {kFeatureDe, 2},     {kFeaturePse, 3},
               {kFeatureTsc, 4},   {kFeatureMsr, 5},  {kFeaturePae, 6},    {kFeatureMce, 7},
               {kFeatureCx8, 8},   {kFeatureSep, 11}, {kFeatureMtrr, 12},  {kFeaturePge, 13},
               {kFeatureMca, 14},  {kFeatureCmov, 15}, {kFeaturePat, 16},  {kFeaturePse36, 17},
               {kFeatureClflush, 19}, {kFeatureMmx, 23}, {kFeatureFxsr, 24}, {kFeatureSse, 25},
               {kFeatureSse2, 26}, {kFeatureSelfSnoop, 27}};
  std::uint32_t edx = 0;
  for (const auto& entry : kBits)
    if (has(entry.feature)) edx |= 1u << entry.bit;
  return edx;
}

std::span<const CpuModel> cpu_models() { return kModels; }

const CpuModel* find_cpu_model(std::string_view name) {
  for (const CpuModel& model : kModels)
    if (model.name == name) return &model;
  return nullptr;
}

const CpuModel& default_cpu_model() { return kModels.back(); }

namespace exact {

void cpuid(Cpu& cpu, const Op&) {
  const CpuModel& model = cpu.model;
  const std::uint32_t highest = model.leaf2[0] != 0 ? 2 : 1;
  // The extended leaves exist where they have something to tell: a brand, NX.
  const std::uint32_t highest_extended = !model.brand.empty() ? 0x80000004u : model.has(kFeatureNx) ? 0x80000001u : 0;
  std::uint32_t leaf = cpu.gpr[kEAX];
  // A leaf that does not exist answers as the highest basic one.
  if (leaf > highest && (leaf < 0x80000000u || leaf > highest_extended)) leaf = highest;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  switch (leaf) {
    case 0:
      a = highest;
      b = text_part(model.vendor, 0);
      d = text_part(model.vendor, 1);
      c = text_part(model.vendor, 2);
      break;
    case 1:
      a = model.reset_edx;
      b = model.leaf1_ebx;
      d = model.cpuid_edx();
      break;
    case 2:
      a = model.leaf2[0];
      d = model.leaf2[1];
      break;
    case 0x80000000:
      a = highest_extended;
      break;
    case 0x80000001:
      a = model.has(kFeatureNx) ? model.reset_edx : 0;
      d = model.has(kFeatureNx) ? 1u << 20 : 0;
      break;
    case 0x80000002:
    case 0x80000003:
    case 0x80000004: {
      const std::size_t part = 4 * (leaf - 0x80000002u);
      a = text_part(model.brand, part);
      b = text_part(model.brand, part + 1);
      c = text_part(model.brand, part + 2);
      d = text_part(model.brand, part + 3);
      break;
    }
    default:
      break;
  }
  cpu.gpr[kEAX] = a;
  cpu.gpr[kEBX] = b;
  cpu.gpr[kECX] = c;
  cpu.gpr[kEDX] = d;
}

}  // namespace exact
}  // namespace ringside
