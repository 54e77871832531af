// Processor models: what CPUID says and which opcodes exist.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ringside {

/// Feature bits of our own, one per thing that an opcode or a control bit may depend on.
enum Feature : std::uint64_t {
  kFeature486 = 1ull << 0,       ///< BSWAP, CMPXCHG, XADD, INVLPG, INVD, WBINVD, CR0.WP, CR0.AM, EFLAGS.AC
  kFeatureCpuid = 1ull << 1,
  kFeatureFpu = 1ull << 2,
  kFeatureVme = 1ull << 3,
  kFeatureDe = 1ull << 4,
  kFeaturePse = 1ull << 5,
  kFeatureTsc = 1ull << 6,
  kFeatureMsr = 1ull << 7,
  kFeaturePae = 1ull << 8,
  kFeatureCx8 = 1ull << 9,
  kFeatureSep = 1ull << 10,
  kFeaturePge = 1ull << 11,
  kFeatureCmov = 1ull << 12,
  kFeaturePse36 = 1ull << 13,
  kFeatureMmx = 1ull << 14,
  kFeatureFxsr = 1ull << 15,
  kFeatureSse = 1ull << 16,
  kFeatureSse2 = 1ull << 17,
  kFeatureNx = 1ull << 18,
  kFeaturePmc = 1ull << 19,      ///< RDPMC
  kFeatureMtrr = 1ull << 20,
  kFeatureLongNop = 1ull << 21,  ///< 0F 18..1F hint space
  kFeatureMce = 1ull << 22,
  kFeaturePat = 1ull << 23,
};

struct CpuModel {
  std::string_view name;         ///< as --cpu takes it
  std::string_view description;
  std::uint32_t reset_edx;       ///< family, model, stepping
  std::string_view vendor;       ///< CPUID leaf 0, 12 characters
  std::uint64_t features;
  bool has(Feature f) const { return (features & f) != 0; }
  /// CPUID.1:EDX as the features give it.
  std::uint32_t cpuid_edx() const;
};

/// All models, oldest first.
std::span<const CpuModel> cpu_models();
/// nullptr where there is none of that name.
const CpuModel* find_cpu_model(std::string_view name);
/// The newest complete one.
const CpuModel& default_cpu_model();

}  // namespace ringside
