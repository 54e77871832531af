// The runs' results, and what follows from them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/benchmark_list.h"
#include "tests/bench/emulators.h"

namespace ringside {

class Measurements {
 public:
  /// False where the result is a failure; `problem_of` then tells it.
  bool add(const Benchmark& benchmark, const std::string& emulator, const RunResult& result);
  std::string problem_of(const std::string& benchmark, const std::string& emulator) const;

  /// Median of the CPU seconds, from start to end.
  std::optional<double> gross(const std::string& benchmark, const std::string& emulator) const;
  /// The time between the guest's marks where it sets them, otherwise the median less the baseline's; the
  /// gross time of a baseline itself.
  std::optional<double> net(const Benchmark& benchmark, const std::string& emulator) const;
  /// The guest's instructions as Ringside counts them, less the baseline's, by the emulator's net seconds, in
  /// millions a second.
  std::optional<double> mips(const Benchmark& benchmark, const std::string& emulator) const;
  std::optional<std::uint64_t> net_instructions(const Benchmark& benchmark) const;
  /// Net seconds of `emulator` by those of `other`.
  std::optional<double> ratio(const Benchmark& benchmark, const std::string& emulator,
                              const std::string& other) const;

 private:
  struct Cell {
    std::vector<double> seconds, work_seconds;
    std::uint64_t instructions = 0;
    std::string problem;
  };
  const Cell* find(const std::string& benchmark, const std::string& emulator) const;

  std::map<std::string, std::map<std::string, Cell>> cells_;  ///< by benchmark, by emulator
  std::map<std::string, std::string> checks_;                 ///< the first check value printed
};

}  // namespace ringside
