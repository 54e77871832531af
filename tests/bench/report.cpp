#include "tests/bench/report.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ringside {

namespace {

using Row = std::vector<std::string>;

std::string number(std::optional<double> value, int decimals) {
  if (!value) return "-";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, *value);
  return text.data();
}

std::string goal_text(const Benchmark& benchmark, const Measurements& measurements) {
  const Goal& goal = benchmark.goal;
  if (goal.kind == Goal::kNone) return "";
  const bool by_mips = goal.kind == Goal::kMips;
  const auto reached =
      by_mips ? measurements.mips(benchmark, "ringside") : measurements.ratio(benchmark, "ringside", "qemu");
  const std::string asked =
      by_mips ? ">= " + number(goal.value, 0) + " MIPS" : "<= " + number(goal.value, 1) + " QEMU";
  if (!measurements.problem_of(benchmark.name, "ringside").empty()) return asked + ": NO";
  if (!reached) return asked + ": ?";
  return asked + (by_mips == (*reached >= goal.value) || *reached == goal.value ? ": yes" : ": NO");
}

Row header(const std::vector<std::string>& emulators) {
  Row row = {"benchmark", "Minstr"};
  for (const std::string& emulator : emulators) row.insert(row.end(), {emulator + " s", "net s", "MIPS"});
  for (const std::string& emulator : emulators)
    if (emulator != "ringside") row.push_back("ringside/" + emulator);
  row.push_back("goal");
  return row;
}

Row line_of(const Benchmark& benchmark, const std::vector<std::string>& emulators,
            const Measurements& measurements) {
  const auto instructions = measurements.net_instructions(benchmark);
  Row row = {
      benchmark.name,
      number(instructions ? std::optional(static_cast<double>(*instructions) * 1e-6) : std::nullopt, 1)};
  for (const std::string& emulator : emulators) {
    const bool failed = !measurements.problem_of(benchmark.name, emulator).empty();
    row.push_back(failed ? "failed" : number(measurements.gross(benchmark.name, emulator), 2));
    row.push_back(number(measurements.net(benchmark, emulator), 2));
    row.push_back(number(measurements.mips(benchmark, emulator), 0));
  }
  for (const std::string& emulator : emulators)
    if (emulator != "ringside") row.push_back(number(measurements.ratio(benchmark, "ringside", emulator), 2));
  row.push_back(goal_text(benchmark, measurements));
  return row;
}

}  // namespace

std::string table(const std::vector<Benchmark>& benchmarks, const std::vector<std::string>& emulators,
                  const Measurements& measurements) {
  std::vector<Row> rows = {header(emulators)};
  for (const Benchmark& benchmark : benchmarks) rows.push_back(line_of(benchmark, emulators, measurements));
  std::vector<std::size_t> widths(rows[0].size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());

  const auto is_text = [&](std::size_t column) { return column == 0 || column + 1 == widths.size(); };
  std::string result;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string space(widths[i] - rows[r][i].size(), ' ');
      result += "| " + (is_text(i) ? rows[r][i] + space : space + rows[r][i]) + " ";
    }
    result += "|\n";
    if (r != 0) continue;
    for (std::size_t i = 0; i < widths.size(); ++i)
      result += "|" + std::string(widths[i] + 1, '-') + (is_text(i) ? "-" : ":");
    result += "|\n";
  }
  return result;
}

}  // namespace ringside
