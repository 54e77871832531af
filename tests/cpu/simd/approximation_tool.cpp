// RCPSS and RSQRTSS of the processor that this runs on:
//   approximation_tool table    prints cpu/simd/approximation_table.inc
//   approximation_tool verify   compares all 2^32 operands of both instructions with ours
// The first only on an Intel processor: AMD's give other approximations within the same documented error.
#if defined(__x86_64__)
#include <xmmintrin.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "cpu/simd/float_arithmetic.h"

namespace {

std::uint32_t bits(__m128 v) { return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_castps_si128(v))); }
__m128 vector(std::uint32_t x) { return _mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(x))); }
std::uint32_t reciprocal(std::uint32_t x) { return bits(_mm_rcp_ss(vector(x))); }
std::uint32_t reciprocal_root(std::uint32_t x) { return bits(_mm_rsqrt_ss(vector(x))); }

void print(const char* name, const char* comment, std::uint32_t first, std::uint32_t step,
           std::uint32_t (*function)(std::uint32_t)) {
  std::printf("// %s\nconst std::uint16_t %s[2048] = {", comment, name);
  for (std::uint32_t i = 0; i < 2048; ++i)
    std::printf("%s0x%03X,", i % 16 == 0 ? "\n    " : " ", static_cast<unsigned>(function(first + i * step) >> 11 & 0xFFF));
  std::printf("\n};\n");
}

unsigned long long compare(const char* name, std::uint32_t (*theirs)(std::uint32_t), std::uint32_t (*ours)(std::uint32_t)) {
  unsigned long long wrong = 0;
  std::uint32_t x = 0;
  do {
    const std::uint32_t a = theirs(x), b = ours(x);
    if (a != b && ++wrong <= 10) std::printf("%s(%08X): silicon %08X, ours %08X\n", name, x, a, b);
  } while (++x != 0);
  std::printf("%s: %llu of 2^32 operands differ\n", name, wrong);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "table") == 0) {
    std::printf("// Printed by tests/cpu/simd/approximation_tool.cpp on an Intel processor.\n");
    print("kReciprocals", "RCPSS: bits 11-22 of the result, by bits 12-22 of an operand from 1 to 2.", 0x3F800000, 1 << 12,
          reciprocal);
    print("kReciprocalRoots", "RSQRTSS: bits 11-22 of the result, by bits 13-23 of an operand from 1 to 4.", 0x3F800000, 1 << 13,
          reciprocal_root);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "verify") == 0) {
    using namespace ringside::simd;
    const auto wrong = compare("RCPSS", reciprocal, approximate_reciprocal) +
                       compare("RSQRTSS", reciprocal_root, approximate_reciprocal_root);
    return wrong == 0 ? 0 : 1;
  }
  std::fprintf(stderr, "usage: approximation_tool table|verify\n");
  return 2;
}
#else
#include <cstdio>
int main() {
  std::puts("This is no x86 processor: there is nothing to compare with.");
  return 0;
}
#endif
