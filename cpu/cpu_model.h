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
  kFeaturePmc = 1ull << 19,      ///< RDPMC, CR4.PCE
  kFeatureMtrr = 1ull << 20,
  kFeatureLongNop = 1ull << 21,  ///< 0F 18..1F hint space
  kFeatureMce = 1ull << 22,
  kFeaturePat = 1ull << 23,
  kFeatureDaz = 1ull << 24,      ///< MXCSR.DAZ, and the mask of MXCSR in the FXSAVE image
  kFeatureClflush = 1ull << 25,
  kFeatureMca = 1ull << 26,
  kFeatureP6 = 1ull << 27,       ///< model-specific registers that the P6 brought
  kFeatureP6Counters = 1ull << 28,  ///< its two performance counters
  kFeatureNetburst = 1ull << 29,    ///< IA32_MISC_ENABLE, 18 performance counters
  kFeatureSelfSnoop = 1ull << 30,
};
constexpr std::uint64_t kAllFeatures = (1ull << 31) - 1;

struct CpuModel {
  std::string_view name;         ///< as --cpu takes it
  std::string_view description;
  std::uint32_t reset_edx;       ///< family, model, stepping
  std::string_view vendor;       ///< CPUID leaf 0, 12 characters
  std::uint64_t features;
  std::uint32_t leaf2[2] = {0, 0};  ///< cache and TLB descriptors: EAX and EDX; none: leaf 1 is the last
  std::uint32_t leaf1_ebx = 0;      ///< brand index, CLFLUSH line size
  std::string_view brand = {};      ///< leaves 80000002h to 80000004h, up to 47 characters
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
