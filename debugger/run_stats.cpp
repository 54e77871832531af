#include "debugger/run_stats.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "machine/errors.h"

namespace ringside {

void write_stats(const std::string& path, const RunStats& stats) {
  Machine& machine = stats.machine;
  const auto instructions = static_cast<double>(machine.instructions());
  nlohmann::ordered_json vectors = nlohmann::ordered_json::object();
  for (unsigned vector = 0; vector < 256; ++vector)
    if (stats.traps.count_of(vector) != 0) vectors[std::to_string(vector)] = stats.traps.count_of(vector);
  const nlohmann::ordered_json json{
      {"instructions", machine.instructions()},
      {"ticks", machine.now()},
      {"guest_seconds", static_cast<double>(machine.events().clock().nanoseconds(machine.now())) * 1e-9},
      {"host_seconds", stats.host_seconds},
      {"cpu_seconds", stats.cpu_seconds},
      {"mips", stats.host_seconds > 0 ? instructions / stats.host_seconds * 1e-6 : 0.0},
      {"state_hash", machine.state_hash()},
      {"stop_reason", stats.stop_reason},
      {"exit_code", stats.exit_code},
      {"exceptions", stats.traps.exceptions()},
      {"interrupts", stats.traps.interrupts()},
      {"vectors", vectors},
  };
  const std::string text = json.dump(2) + "\n";
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  if (file == nullptr) throw FileError("output file '" + path + "': " + std::strerror(errno));
  const bool good = std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
  if (file != stdout) std::fclose(file);
  if (!good) throw FileError("output file '" + path + "': cannot be written");
}

}  // namespace ringside
