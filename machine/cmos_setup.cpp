// The bytes are those of the PC/AT (10h-2Fh) and, above, the conventions that emulators' firmware shares:
// 34h/35h memory above 16 MiB in 64 KiB units, 3Dh/38h boot order.
#include "machine/cmos_setup.h"

#include <algorithm>
#include <array>

namespace ringside {
namespace {

unsigned boot_code(char letter) {
  switch (letter) {
    case 'a': return 1;
    case 'c': return 2;
    case 'd': return 3;
    default: return 0;
  }
}

}  // namespace

void set_up_cmos(RtcMc146818& rtc, const MachineConfig& config) {
  std::array<std::uint8_t, 0x40> cmos{};
  const auto word = [&](unsigned low, unsigned high, std::uint64_t value) {
    cmos[low] = static_cast<std::uint8_t>(value);
    cmos[high] = static_cast<std::uint8_t>(value >> 8);
  };
  const std::uint64_t kib = config.memory >> 10;
  const std::uint64_t extended = kib - 1024;
  word(0x15, 0x16, 640);
  word(0x17, 0x18, std::min<std::uint64_t>(extended, 0xFC00));  // 63 MiB: more does not fit with the hole
  word(0x30, 0x31, std::min<std::uint64_t>(extended, 0xFC00));
  word(0x34, 0x35, kib > 16 * 1024 ? (kib - 16 * 1024) / 64 : 0);

  // 12h: type Fh, "see 19h/1Ah", where type 47 means that the drive tells its own geometry.
  const bool first = config.disks[0].has_value();
  const bool second = config.disks[1].has_value();
  cmos[0x12] = static_cast<std::uint8_t>((first ? 0xF0 : 0) | (second ? 0x0F : 0));
  cmos[0x19] = first ? 47 : 0;
  cmos[0x1A] = second ? 47 : 0;
  cmos[0x14] = 0x06;  // equipment: coprocessor, pointing device, EGA or VGA, no floppy drive

  // Without a wish: the first medium present, and disks are all that there is.
  const std::string order = config.boot.empty() ? "c" : config.boot;
  std::array<unsigned, 3> codes{};
  for (std::size_t i = 0; i < codes.size() && i < order.size(); ++i) codes[i] = boot_code(order[i]);
  cmos[0x3D] = static_cast<std::uint8_t>(codes[0] | codes[1] << 4);
  cmos[0x38] = static_cast<std::uint8_t>(codes[2] << 4);

  unsigned sum = 0;
  for (unsigned i = 0x10; i <= 0x2D; ++i) sum += cmos[i];
  cmos[0x2E] = static_cast<std::uint8_t>(sum >> 8);
  cmos[0x2F] = static_cast<std::uint8_t>(sum);

  for (unsigned i = 0x10; i < cmos.size(); ++i)
    if (i != 0x32 && i != 0x37) rtc.set_cmos(i, cmos[i]);  // the century belongs to the clock
}

}  // namespace ringside
