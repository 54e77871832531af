// SSE floating-point arithmetic: lean handlers for ordinary operands and results under an ordinary MXCSR, with a
// second try by the quick bodies; anything else is the reference executor's.
#include "cpu/fast/simd_float.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <unordered_map>

namespace ringside::fast {
namespace {

using namespace float_body;  // NOLINT: the instructions

std::vector<Handler>& second_tries() {
  static std::vector<Handler> all;
  return all;
}
void add_second_try(Handler handler) { second_tries().push_back(handler); }

/// Which operand comes from `last`: the destination's lower half, or the source.
enum class Forward : u8 { kNone, kFirst, kSecond };
/// The variants of a handler, where its source is, and what it leaves in `last`.
struct Forwarding {
  Handler first, second;
  Forwarded source, writes;
};
std::unordered_map<Handler, Forwarding>& forwardings() {
  static std::unordered_map<Handler, Forwarding> all;
  return all;
}
void add_forwarding(Handler handler, const Forwarding& forwarding) { forwardings()[handler] = forwarding; }

// The same code twice. Shifts by a variable count are what these handlers mostly do, and on an x86-64 without BMI2
// each costs three operations and a certain register. The bits are the same.
namespace any_host {
constexpr bool kLaneShifts = false;
#define RINGSIDE_HOST
#include "cpu/fast/simd_float_handlers.inc"
#undef RINGSIDE_HOST
}  // namespace any_host

#if defined(__x86_64__)
namespace newer_host {
constexpr bool kLaneShifts = true;
#define RINGSIDE_HOST [[gnu::target("bmi,bmi2,lzcnt,avx2")]]
#include "cpu/fast/simd_float_handlers.inc"
#undef RINGSIDE_HOST
bool is_this() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool lzcnt = __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_LZCNT) != 0;
  return lzcnt && __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("avx2") != 0;
}
}  // namespace newer_host
#endif

}  // namespace

bool is_second_try(Handler handler) {
  const auto& all = second_tries();
  return std::find(all.begin(), all.end(), handler) != all.end();
}

void forward_scalars(Block* block) {
  Forwarded passed = Forwarded::kNothing;  // in `last`, of the register at offset `from`
  u8 from = 0;
  for (std::uint32_t i = 0; i < block->length; ++i) {
    Op& op = block->ops[i];
    const auto found = forwardings().find(op.handler);
    if (found == forwardings().end()) {
      const Handler beside = passed == Forwarded::kXmm && op.dst != from ? beside_forwarding(op.handler) : nullptr;
      if (beside != nullptr) op.handler = beside, op.src = from, op.flags |= kLastIsSource;
      else passed = Forwarded::kNothing;
      continue;
    }
    const Forwarding& forwarding = found->second;
    if (forwarding.first != nullptr && passed == Forwarded::kXmm && from == op.dst) op.handler = forwarding.first;
    else if (forwarding.second != nullptr && passed == forwarding.source && from == op.src) op.handler = forwarding.second;
    passed = forwarding.writes;
    from = op.dst;
  }
}

void note_sse_state(Cpu& cpu) { find_sse_state(cpu); }

void add_simd_float(std::vector<SimdHandlers>& all) {
#if defined(__x86_64__)
  if (newer_host::is_this()) return newer_host::add_all(all);
#endif
  any_host::add_all(all);
}

}  // namespace ringside::fast
