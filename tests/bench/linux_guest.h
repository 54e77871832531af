// The Linux guest's kernel and initramfs under a first process of ours, which does one piece of work and
// switches off.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/benchmark_list.h"

namespace ringside {

/// Linux workloads on the guest in `directory` (vmlinuz, initramfs.cpio); the changed initramfs goes to
/// `scratch`. Empty where the guest is not built.
std::vector<Benchmark> linux_benchmarks(const std::string& directory, const std::string& scratch, bool quick);

}  // namespace ringside
