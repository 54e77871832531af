// What is measured: the benchmark guests of benchmarks.txt and the Linux workloads.
#pragma once

#include <string>
#include <vector>

namespace ringside {

/// What is asked of Ringside.
struct Goal {
  enum Kind { kNone, kMips, kQemuRatio } kind = kNone;
  double value = 0.0;  ///< at least so many MIPS, or at most so many times QEMU's seconds
};

/// One guest, with which every emulator is started.
struct Benchmark {
  std::string name;
  std::string disk;                    ///< a raw image, or empty:
  std::string kernel, initrd, append;  ///< a Linux kernel
  unsigned memory_mib = 32;
  std::string check;  ///< what the guest must print; empty: whatever all emulators agree on
  std::string
      baseline;  ///< the benchmark whose instructions and time are what starting costs; empty for itself
  bool marked = false;  ///< the guest marks its work's begin and end, so that no time need be subtracted
  Goal goal;
};

/// The disk guests. Throws std::runtime_error where the list or an image is missing.
std::vector<Benchmark> disk_benchmarks(bool quick);

/// `mips:N`, `qemu:R` or `-`.
Goal parse_goal(const std::string& text);

}  // namespace ringside
