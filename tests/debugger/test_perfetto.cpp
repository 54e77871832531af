// The trace for viewers: whole JSON at any moment, and what is in it.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "debugger/trap_log.h"
#include "machine/errors.h"
#include "machine/machine.h"

namespace ringside {
namespace {

nlohmann::json read(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST(PerfettoTrace, HasTracksForRingsInterruptsAndProcesses) {
  const std::string path = testing::TempDir() + "ringside-test.perfetto.json";
  MachineConfig config;
  config.memory = 16 << 20;
  config.kernel = std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/demo.elf";
  Machine machine(config);
  {
    TrapLog log(machine);
    log.write_to(path);
    EXPECT_TRUE(read(path).contains("traceEvents"));
    machine.run(60'000'000);
    EXPECT_GT(read(path)["traceEvents"].size(), 20u) << "what a killed run leaves";
    machine.run(110'000'000);
  }
  const nlohmann::json trace = read(path);
  std::map<int, std::set<std::string>> tracks;
  std::map<int, std::set<std::string>> slices;
  std::map<std::pair<int, int>, double> ring_end;
  double rings = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] == "M" && event["name"] == "thread_name") tracks[event["pid"]].insert(event["args"]["name"]);
    if (event["ph"] != "X") continue;
    slices[event["pid"]].insert(event["name"]);
    EXPECT_GE(event["dur"].get<double>(), 0);
    if (event["pid"] == 1) rings += event["dur"].get<double>();
  }
  EXPECT_EQ(tracks[1].size(), 4u);
  EXPECT_TRUE(slices[1].count("ring 0") == 1 && slices[1].count("ring 3") == 1);
  EXPECT_TRUE(tracks[2].count("hardware interrupts") == 1 && tracks[2].count("exceptions") == 1);
  EXPECT_TRUE(slices[2].count("vector 20h") == 1) << "the timer";
  EXPECT_TRUE(slices[2].count("#PF") == 1);
  EXPECT_GE(tracks[3].size(), 3u);
  EXPECT_NEAR(rings, 1'100'000.0, 1.0) << "microseconds; all of the time is in one ring or another";
  std::remove(path.c_str());
}

TEST(PerfettoTrace, NamesTheFileThatItCannotWrite) {
  MachineConfig config;
  config.memory = 1 << 20;
  Machine machine(config);
  TrapLog log(machine);
  EXPECT_THROW(log.write_to("/nowhere/x.perfetto.json"), FileError);
}

}  // namespace
}  // namespace ringside
