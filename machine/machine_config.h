// Everything that decides what a machine is. Same configuration and same input log: same run, bit for bit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringside {

enum class DiskMode : std::uint8_t {
  kCopyOnWrite,  ///< guest writes stay in the session, the file is never touched
  kReadWrite,    ///< guest writes go through to the file
  kReadOnly,     ///< guest writes fail
  kDiscard,      ///< for a replay of kReadWrite: the same to the guest, but the file is never touched
};

struct DiskConfig {
  std::string path;
  DiskMode mode = DiskMode::kCopyOnWrite;

  bool operator==(const DiskConfig&) const = default;
};

struct MachineConfig {
  std::uint64_t memory = std::uint64_t{128} << 20;  ///< bytes of RAM
  std::string cpu;                                  ///< name of a CpuModel; empty: the newest complete one
  std::uint64_t ips = 100'000'000;                  ///< guest instructions per guest second
  std::string bios;                                 ///< ROM image files; empty: the built-in ones
  std::string vga_bios;
  std::array<std::optional<DiskConfig>, 4> disks;   ///< hda, hdb (primary channel), hdc, hdd (secondary)
  std::string boot;                                 ///< letters of a, c, d; empty: the first medium present
  std::string kernel;                               ///< a bzImage, multiboot or ELF kernel; empty: none
  std::vector<std::string> initrds;
  std::string append;
  bool debug_exit = false;
  std::int64_t rtc = 946'684'800;                   ///< date at power-on, seconds since 1970 UTC
  std::uint64_t seed = 0;                           ///< of the events' jitter; 0: none

  bool operator==(const MachineConfig&) const = default;
};

constexpr std::uint64_t kMinIps = 1'000;
constexpr std::uint64_t kMaxIps = 1'000'000'000'000;

}  // namespace ringside
