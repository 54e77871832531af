// Where the machine of a run comes from: power-on, a snapshot, or a recording.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "machine/machine.h"
#include "machine/recording.h"
#include "machine/snapshot.h"

namespace ringside {

class RunOrigin {
 public:
  /// Power-on.
  RunOrigin(MachineConfig config) : config_(std::move(config)) {}  // NOLINT: the usual origin
  /// The state in a snapshot, or at the end of a recording that has it. Throws FileError.
  static RunOrigin restored(const std::string& path);
  /// The start of a recording. Throws FileError.
  static RunOrigin replayed(const std::string& path);

  /// The machine in the file. Media may be put elsewhere; another seed begins a new future.
  const MachineConfig& config() const { return config_; }
  void set_config(const MachineConfig& config) { config_ = config; }
  bool at_power_on() const;
  /// Of a replay only.
  const Recording* recording() const { return replay_ ? recording_.get() : nullptr; }

  /// Throws FileError, ConfigError.
  std::unique_ptr<Machine> machine();
  /// The same once more, with what has entered since, and before, in its log.
  std::unique_ptr<Machine> again(InputLog log) { return make(std::move(log)); }

 private:
  RunOrigin() = default;
  std::unique_ptr<Machine> make(std::optional<InputLog> log);

  MachineConfig config_;
  std::unique_ptr<FileInput> file_;
  std::unique_ptr<Snapshot> snapshot_;
  std::unique_ptr<Recording> recording_;
  bool replay_ = false;
};

}  // namespace ringside
