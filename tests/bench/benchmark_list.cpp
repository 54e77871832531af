#include "tests/bench/benchmark_list.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ringside {

Goal parse_goal(const std::string& text) {
  if (text == "-") return {};
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (colon == std::string::npos || (kind != "mips" && kind != "qemu"))
    throw std::runtime_error("benchmarks.txt: unknown goal '" + text + "'");
  return {kind == "mips" ? Goal::kMips : Goal::kQemuRatio, std::stod(text.substr(colon + 1))};
}

std::vector<Benchmark> disk_benchmarks(bool quick) {
  std::ifstream file(RINGSIDE_BENCH_LIST);
  if (!file) throw std::runtime_error(std::string("cannot read ") + RINGSIDE_BENCH_LIST);
  std::vector<Benchmark> list;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string name, iterations, check, quick_iterations, quick_check, goal;
    if (!(fields >> name >> iterations >> check >> quick_iterations >> quick_check >> goal))
      throw std::runtime_error("benchmarks.txt: too few fields in '" + line + "'");
    Benchmark benchmark;
    benchmark.name = name;
    benchmark.disk = std::string(RINGSIDE_BENCH_IMAGES) + "/" + name + (quick ? "-quick.img" : ".img");
    benchmark.check = quick ? quick_check : check;
    benchmark.baseline = name == "empty" ? "" : "empty";
    benchmark.goal = parse_goal(goal);
    if (!std::filesystem::exists(benchmark.disk))
      throw std::runtime_error(benchmark.disk + " is missing: build the target bench_guests");
    list.push_back(benchmark);
  }
  return list;
}

}  // namespace ringside
