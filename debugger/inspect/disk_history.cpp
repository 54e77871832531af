#include "debugger/inspect/disk_history.h"

namespace ringside {
namespace {

bool moves_sectors(std::uint8_t code) {
  switch (code) {
    case 0x20: case 0x21: case 0x24: case 0x29: case 0x30: case 0x31: case 0x34: case 0x39: case 0x40: case 0x41: case 0x42: case 0xC4: case 0xC5: return true;
    default: return false;
  }
}

bool lba48(std::uint8_t code) { return code == 0x24 || code == 0x29 || code == 0x34 || code == 0x39 || code == 0x42; }

/// ATA/ATAPI-6, "Command block registers": an LBA48 command takes what was written before into the upper half.
std::uint64_t sector_of(const AtaDisk::State& s, std::uint8_t code) {
  const std::uint64_t low = s.lba_low.now | std::uint64_t{s.lba_mid.now} << 8 | std::uint64_t{s.lba_high.now} << 16;
  if (lba48(code)) return low | (s.lba_low.before | std::uint64_t{s.lba_mid.before} << 8 | std::uint64_t{s.lba_high.before} << 16) << 24;
  if ((s.device & 0x40) != 0) return low | std::uint64_t{s.device & 15u} << 24;
  const std::uint64_t cylinder = s.lba_mid.now | std::uint64_t{s.lba_high.now} << 8;
  return (cylinder * s.geometry.heads + (s.device & 15u)) * s.geometry.sectors + s.lba_low.now - 1;
}

unsigned count_of(const AtaDisk::State& s, std::uint8_t code) {
  const unsigned count = s.count.now | (lba48(code) ? s.count.before * 256u : 0u);
  return count != 0 ? count : lba48(code) ? 65536 : 256;
}

}  // namespace

DiskHistory::DiskHistory(Machine& machine) : machine_(machine) { machine_.add_observer(this); }

DiskHistory::~DiskHistory() { machine_.remove_observer(this); }

void DiskHistory::port(const PortEvent& event) {
  if (!event.write || (event.port != 0x1F7 && event.port != 0x177) || machine_.reliving()) return;
  DiskCommand command;
  command.moment = machine_.moment();
  command.channel = event.port == 0x1F7 ? 0 : 1;
  const IdeController& ide = machine_.ide(command.channel);
  command.drive = ide.state().selected & 1u;
  command.code = static_cast<std::uint8_t>(event.value);
  if (moves_sectors(command.code)) {
    const AtaDisk::State& s = ide.drive(command.drive).state();
    command.sector = sector_of(s, command.code);
    command.count = count_of(s, command.code);
  }
  if (commands_.size() == kKept) commands_.pop_front();
  commands_.push_back(command);
}

void DiskHistory::truncate(Moment from) {
  while (!commands_.empty() && commands_.back().moment >= from) commands_.pop_back();
}

}  // namespace ringside
