// Where things lie in the memory of a test program.
#pragma once

#include <cstdint>

namespace ringside::test {

struct ProgramLayout {
  static constexpr std::uint32_t kIdt = 0x1000;
  static constexpr std::uint32_t kGdt = 0x1800;
  static constexpr std::uint32_t kPageDirectory = 0x2000;
  static constexpr std::uint32_t kPageTable = 0x3000;
  static constexpr std::uint32_t kHandler = 0x4000;      ///< read-only page
  static constexpr std::uint32_t kResumeTable = 0x5000;  ///< 256 addresses to go on at
  static constexpr std::uint32_t kResumeCounter = 0x5800;
  static constexpr std::uint32_t kTss = 0x6000;
  static constexpr std::uint32_t kKernelStackTop = 0x7F00;
  static constexpr std::uint32_t kData = 0x8000;  ///< 8 pages: 5 read-only, 6 supervisor, 7 absent
  static constexpr std::uint32_t kStackTop = 0x13000;
  static constexpr std::uint32_t kCode = 0x20000;  ///< 4 pages, writable: stores into them happen
  static constexpr std::uint32_t kCodeBytes = 0x4000;
  static constexpr std::uint32_t kMemory = 0x100000;
};

}  // namespace ringside::test
