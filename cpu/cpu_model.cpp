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
constexpr std::uint64_t kPentiumProFeatures = kPentiumFeatures | kFeaturePae | kFeatureSep | kFeatureMtrr |
                                              kFeaturePge | kFeatureCmov | kFeaturePmc | kFeatureLongNop;

constexpr std::array<CpuModel, 4> kModels{{
    {"i386", "Intel 386 DX with 387 (1985)", 0x0308, "GenuineIntel", kFeatureFpu},
    {"i486", "Intel 486 DX (1989)", 0x0402, "GenuineIntel", k486Features},
    {"pentium", "Intel Pentium, P54C (1994)", 0x052C, "GenuineIntel", kPentiumFeatures},
    {"pentium-pro", "Intel Pentium Pro, 256 KiB L2 (1995)", 0x0619, "GenuineIntel", kPentiumProFeatures},
}};

std::uint32_t vendor_part(std::string_view vendor, std::size_t part) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && part * 4 + i < vendor.size(); ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(vendor[part * 4 + i])) << (8 * i);
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
               {kFeatureCmov, 15}, {kFeaturePat, 16}, {kFeaturePse36, 17}, {kFeatureMmx, 23},
               {kFeatureFxsr, 24}, {kFeatureSse, 25}, {kFeatureSse2, 26}};
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
  const bool p6 = (model.reset_edx >> 8 & 15) >= 6;
  const std::uint32_t highest = p6 ? 2 : 1;
  // The extended leaves exist where they have something to tell: NX.
  const std::uint32_t highest_extended = model.has(kFeatureNx) ? 0x80000001u : 0;
  std::uint32_t leaf = cpu.gpr[kEAX];
  // A leaf that does not exist answers as the highest basic one.
  if (leaf > highest && (leaf < 0x80000000u || leaf > highest_extended)) leaf = highest;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  switch (leaf) {
    case 0:
      a = highest;
      b = vendor_part(model.vendor, 0);
      d = vendor_part(model.vendor, 1);
      c = vendor_part(model.vendor, 2);
      break;
    case 1:
      a = model.reset_edx;
      d = model.cpuid_edx();
      break;
    case 2:
      // Instruction TLB of 32 and 4 entries, data TLB of 64 and 8, L1 of 8 and 8 KiB, L2 of 256 KiB.
      a = 0x03020101;
      d = 0x06040A42;
      break;
    case 0x80000000:
      a = highest_extended;
      break;
    case 0x80000001:
      a = model.reset_edx;
      d = 1u << 20;
      break;
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
