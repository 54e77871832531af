// The table.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/benchmark_list.h"
#include "tests/bench/measurements.h"

namespace ringside {

/// As Markdown: what was measured, one line a benchmark.
std::string table(const std::vector<Benchmark>& benchmarks, const std::vector<std::string>& emulators,
                  const Measurements& measurements);

}  // namespace ringside
