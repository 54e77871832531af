// The MACHINE options of the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "machine/machine_config.h"

namespace ringside {

/// What the user gave; nothing stands for "not given", so that a named guest's options show through.
class MachineOptions {
 public:
  void add_to(CLI::App& command);
  /// Builds a named guest on the way if need be. Throws ConfigError, FileError.
  MachineConfig resolve() const;
  /// The same where the machine comes from a file: what is given must be as it is there, but media may lie elsewhere,
  /// and the seed may be another. Disks that the guest writes through to must be given. Throws ConfigError.
  MachineConfig resolve_restored(const MachineConfig& saved) const;

 private:
  void refuse_unavailable() const;
  bool has_medium() const;
  void apply(MachineConfig& config) const;

  std::optional<std::string> guest_, memory_, cpu_, bios_, vga_bios_, boot_, kernel_, append_, rtc_;
  std::optional<std::uint64_t> ips_, seed_;
  std::array<std::optional<std::string>, 4> disks_;
  std::vector<std::string> initrds_;
  bool debug_exit_ = false;
  std::optional<std::string> fda_, fdb_, cdrom_, config_;
};

}  // namespace ringside
