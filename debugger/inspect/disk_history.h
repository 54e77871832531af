// The commands that the guest has given to its disks, the latest ones. Follows time travel as the trap history does.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "machine/machine.h"

namespace ringside {

struct DiskCommand {
  Moment moment;
  unsigned channel = 0, drive = 0;
  std::uint8_t code = 0;
  std::uint64_t sector = 0;   ///< as the task file says, in the addressing that the code implies
  unsigned count = 0;         ///< sectors; 0: the command takes none
};

class DiskHistory final : public CpuObserver {
 public:
  static constexpr std::size_t kKept = 64;

  explicit DiskHistory(Machine& machine);
  ~DiskHistory() override;
  DiskHistory(const DiskHistory&) = delete;
  DiskHistory& operator=(const DiskHistory&) = delete;

  void trap(const TrapEvent&) override {}
  void port(const PortEvent& event) override;
  void truncate(Moment from);

  const std::deque<DiskCommand>& commands() const { return commands_; }

 private:
  Machine& machine_;
  std::deque<DiskCommand> commands_;
};

}  // namespace ringside
