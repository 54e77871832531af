#include "debugger/disk_info.h"

#include <array>
#include <cstdio>

#include "machine/config_json.h"
#include "machine/errors.h"
#include "machine/host_disk.h"

namespace ringside {
namespace {

const char* partition_type(std::uint8_t type) {
  switch (type) {
    case 0x01: return "FAT12";
    case 0x04: case 0x06: case 0x0E: return "FAT16";
    case 0x05: case 0x0F: return "extended";
    case 0x07: return "NTFS or exFAT";
    case 0x0B: case 0x0C: return "FAT32";
    case 0x82: return "Linux swap";
    case 0x83: return "Linux";
    case 0x8E: return "Linux LVM";
    case 0xEE: return "GPT protective";
    case 0xEF: return "EFI system";
    default: return "unknown type";
  }
}

std::uint32_t word(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0] | bytes[1] << 8 | bytes[2] << 16) | static_cast<std::uint32_t>(bytes[3]) << 24;
}

std::string partitions(const std::array<std::uint8_t, 512>& sector, std::uint64_t sectors) {
  std::string text;
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint8_t* entry = sector.data() + 446 + 16 * i;
    if (entry[4] == 0) continue;
    const std::uint64_t first = word(entry + 8);
    const std::uint64_t count = word(entry + 12);
    char line[160];
    std::snprintf(line, sizeof(line), "partition %u: %s (%02Xh)%s, sectors %llu to %llu, %llu KiB%s\n", i + 1,
                  partition_type(entry[4]), entry[4], (entry[0] & 0x80) != 0 ? ", active" : "",
                  static_cast<unsigned long long>(first), static_cast<unsigned long long>(first + count - 1),
                  static_cast<unsigned long long>(count / 2),
                  count == 0 || first + count > sectors ? " - not inside the disk" : "");
    text += line;
  }
  return text;
}

}  // namespace

std::string describe_disk(const std::string& path) {
  HostDisk disk(path, false);
  std::array<std::uint8_t, 512> sector{};
  if (!disk.read_sector(0, sector)) throw FileError("disk image '" + path + "': cannot be read");
  std::string text = "kind: raw disk image\n";
  text += "size: " + std::to_string(disk.sectors() * HostDisk::kSectorSize) + " bytes, " +
          std::to_string(disk.sectors()) + " sectors\n";
  text += "xxh128: " + hash_of_file(path, "disk image") + "\n";
  if (sector[510] != 0x55 || sector[511] != 0xAA) return text + "boot sector: none (55h AAh missing)\n";
  const std::string table = partitions(sector, disk.sectors());
  return text + "boot sector: yes\n" + (table.empty() ? "partition table: empty or none\n" : table);
}

}  // namespace ringside
