// A Ringside whose machine has a mistake (faulty_machine.h), as `replay --with` calls the program that made a recording:
//
//   faulty_ringside replay FILE --record OUT --hash-every N --hash-range A..B --until-point "tick T" [...]
//   faulty_ringside record KERNEL OUT
//
// The environment says which: RINGSIDE_FAULT="ram 20000".
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <vector>

#include "debugger/run_control.h"
#include "machine/errors.h"
#include "tests/debugger/faulty_machine.h"

namespace ringside {
namespace {

int go(RunOrigin origin, const RunOptions& options) {
  RunControl control(std::move(origin), options);
  std::istringstream words(std::getenv("RINGSIDE_FAULT"));
  std::string where;
  Tick from = 0;
  words >> where >> from;
  const Mistake mistake(control.machine(), where, from);
  const RunOutcome outcome = control.run();
  control.write_results(outcome);
  return outcome.exit_code;
}

int act(const std::vector<std::string>& words) {
  RunOptions options;
  options.serial = "none";
  if (words.size() == 3 && words[0] == "record") {
    MachineConfig config;
    config.kernel = words[1];
    options.record = words[2];
    options.hash_intervals.parts = 100'000;
    return go(config, options);
  }
  if (words.size() < 2 || words[0] != "replay") return kExitUsage;
  std::map<std::string, std::string> given;
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) given[words[i]] = words[i + 1];
  options.record = given["--record"];
  options.until_points = {given["--until-point"]};
  options.hash_intervals.parts = std::stoull(given["--hash-every"]);
  std::istringstream range(given["--hash-range"]);
  char dot = 0;
  range >> options.hash_intervals.from >> dot >> dot >> options.hash_intervals.to;
  return go(RunOrigin::replayed(words[1]), options);
}

}  // namespace
}  // namespace ringside

int main(int argc, char** argv) {
  try {
    return ringside::act({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return ringside::kExitUsage;
  }
}
