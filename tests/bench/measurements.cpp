#include "tests/bench/measurements.h"

#include <algorithm>

namespace ringside {

namespace {

// Below this a difference of two times is noise.
constexpr double kSmallestNet = 0.005;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

bool Measurements::add(const Benchmark& benchmark, const std::string& emulator, const RunResult& result) {
  Cell& cell = cells_[benchmark.name][emulator];
  cell.problem = result.problem;
  if (cell.problem.empty()) {
    const std::string& first = checks_.try_emplace(benchmark.name, result.check).first->second;
    if (result.check != first) cell.problem = "check value " + result.check + ", elsewhere " + first;
  }
  if (!cell.problem.empty()) return false;
  cell.seconds.push_back(result.cpu_seconds);
  cell.work_seconds.push_back(result.work_seconds);
  cell.instructions = result.instructions;
  return true;
}

const Measurements::Cell* Measurements::find(const std::string& benchmark,
                                             const std::string& emulator) const {
  const auto row = cells_.find(benchmark);
  if (row == cells_.end()) return nullptr;
  const auto cell = row->second.find(emulator);
  return cell == row->second.end() ? nullptr : &cell->second;
}

std::string Measurements::problem_of(const std::string& benchmark, const std::string& emulator) const {
  const Cell* const cell = find(benchmark, emulator);
  return cell == nullptr ? std::string() : cell->problem;
}

std::optional<double> Measurements::gross(const std::string& benchmark, const std::string& emulator) const {
  const Cell* const cell = find(benchmark, emulator);
  if (cell == nullptr || cell->seconds.empty()) return {};
  return median(cell->seconds);
}

std::optional<double> Measurements::net(const Benchmark& benchmark, const std::string& emulator) const {
  const auto own = gross(benchmark.name, emulator);
  if (benchmark.baseline.empty() || !own) return own;
  if (benchmark.marked) return median(find(benchmark.name, emulator)->work_seconds);
  const auto start = gross(benchmark.baseline, emulator);
  if (!start || *own - *start < kSmallestNet) return {};
  return *own - *start;
}

std::optional<std::uint64_t> Measurements::net_instructions(const Benchmark& benchmark) const {
  const Cell* const cell = find(benchmark.name, "ringside");
  if (cell == nullptr || cell->instructions == 0) return {};
  if (benchmark.baseline.empty()) return cell->instructions;
  const Cell* const baseline = find(benchmark.baseline, "ringside");
  if (baseline == nullptr || baseline->instructions == 0 || baseline->instructions > cell->instructions)
    return {};
  return cell->instructions - baseline->instructions;
}

std::optional<double> Measurements::mips(const Benchmark& benchmark, const std::string& emulator) const {
  const auto instructions = net_instructions(benchmark);
  const auto seconds = net(benchmark, emulator);
  if (!instructions || !seconds || *seconds <= 0) return {};
  return static_cast<double>(*instructions) / *seconds * 1e-6;
}

std::optional<double> Measurements::ratio(const Benchmark& benchmark, const std::string& emulator,
                                          const std::string& other) const {
  const auto own = net(benchmark, emulator);
  const auto theirs = net(benchmark, other);
  if (!own || !theirs || *theirs <= 0) return {};
  return *own / *theirs;
}

}  // namespace ringside
