// The columns of a vector file, and how bases and results are told in them. Used by both directions.
#pragma once

#include <cstdint>

#include "tests/oracle/case.h"

namespace ringside::oracle::columns {

/// Column numbers; a field of n bytes takes n columns, the lowest byte first.
enum Column : unsigned {
  // Of a base
  kSelectors = 0,                    ///< six of two bytes
  kFlags = kSelectors + 12,          ///< four; the arithmetic flags are 0 where they are open
  kOpenRegisters = kFlags + 4,
  kOpenKinds,                        ///< bit 0 flags, 1-3 stack kind, 4-6 XMM kind
  kOpenFpu,                          ///< stack mask, XMM mask; only where one of the kinds is not fixed
  kGpr,                              ///< four, for each register that is not open
  kEip = kGpr + 4,                   ///< four
  kRunCount = kEip + 4,
  kRunPlace,                         ///< four: less the end of the run before; the last run, the code: less CS:EIP
  kRunSize = kRunPlace + 4,          ///< two
  kRunKind = kRunSize + 2,           ///< Open::Kind
  kRunBytes,                         ///< of runs that are not open, but for the code
  kCode,
  kFpuMask,                          ///< five bytes: which of 36 quadwords differ from FpuImage::initial()
  kFpuQuads,                         ///< eight bytes each
  // Of a result
  kVector,                           ///< 255: no result
  kChanged,                          ///< mask of general registers
  kOthers,                           ///< the bits below
  kRegisters,                        ///< four, for each changed one
  kAhead = kRegisters + 4,           ///< EIP less that of the case, where it is below 256
  kNumbers,                          ///< four bytes each: other EIP, error code, CR2, EFLAGS
  kArithmeticFlags,                  ///< packed, exclusive-or with the case's
  kNewSelectors,                     ///< mask, two bytes for each
  kChangeCount,                      ///< two: runs of changed memory
  kChangePlace = kChangeCount + 2,   ///< four: less the end of the run before; the first: less the place of the first patch
  kChangeSize = kChangePlace + 4,    ///< two
  kChangeBytes = kChangeSize + 2,
  kFpuChanges,                       ///< five bytes: quadwords that differ from the case's, its stack turned to the new TOP
  kNewQuads,
  kCount
};

/// Bits of kOthers.
enum Other : unsigned {
  kOtherEip = 1, kErrorCode = 2, kCr2 = 4, kSegments = 8, kMemory = 16, kFpu = 32, kSystemFlags = 64,
};

constexpr unsigned kQuads = FpuImage::kSize / 8;
constexpr unsigned kMaxRuns = 64, kMaxRunSize = 1024, kMaxCode = 64;

/// The six arithmetic flags and DF in a byte.
constexpr std::uint8_t packed_flags(std::uint32_t flags) {
  return static_cast<std::uint8_t>((flags & 1) | (flags >> 1 & 2) | (flags >> 2 & 4) | (flags >> 3 & 24) |
                                   (flags >> 5 & 0x60));
}
constexpr std::uint32_t unpacked_flags(std::uint32_t b) {
  return (b & 1) | (b & 2) << 1 | (b & 4) << 2 | (b & 24) << 3 | (b & 0x60) << 5;
}

/// The image with the stack's registers where they are once TOP is that of `status`.
FpuImage turned(const FpuImage& image, std::uint16_t status);

}  // namespace ringside::oracle::columns
