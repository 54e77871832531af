// The commands of the ATA disk, in the order of the standard's command descriptions.
#include <algorithm>
#include <bit>
#include <string>

#include "devices/ata_disk.h"

namespace ringside {

bool AtaDisk::is_48_bit() const {
  switch (state_.command) {
    case 0x24:
    case 0x27:
    case 0x29:
    case 0x34:
    case 0x39:
    case 0x42:
    case 0xEA:
      return true;
    default:
      return false;
  }
}

// Finds the first sector and the number of sectors in the registers. False after having failed with IDNF.
bool AtaDisk::locate(Size size) {
  const State& s = state_;
  std::uint32_t count = s.count.now;
  if (size == Size::kLba48) {
    count |= std::uint32_t{s.count.before} << 8;
    state_.remaining = count == 0 ? 65536 : count;
    state_.next_sector = s.lba_low.now | std::uint64_t{s.lba_mid.now} << 8 |
                         std::uint64_t{s.lba_high.now} << 16 | std::uint64_t{s.lba_low.before} << 24 |
                         std::uint64_t{s.lba_mid.before} << 32 | std::uint64_t{s.lba_high.before} << 40;
    return true;  // beyond the end is found when that sector's turn comes
  }
  state_.remaining = count == 0 ? 256 : count;
  const std::uint32_t cylinder = static_cast<std::uint32_t>(s.lba_mid.now | s.lba_high.now << 8);
  const std::uint32_t head = s.device & 0x0F;
  if ((s.device & 0x40) != 0) {
    state_.next_sector = s.lba_low.now | std::uint64_t{cylinder} << 8 | std::uint64_t{head} << 24;
    return true;
  }
  if (s.geometry.to_lba(cylinder, head, s.lba_low.now, state_.next_sector)) return true;
  fail(kIdnf);
  return false;
}

void AtaDisk::execute() {
  switch (state_.command) {
    case 0x20:
    case 0x21:
      return start_read(Size::kLba28, false);
    case 0x24:
      return start_read(Size::kLba48, false);
    case 0xC4:
      return start_read(Size::kLba28, true);
    case 0x29:
      return start_read(Size::kLba48, true);
    case 0x30:
    case 0x31:
      return start_write(Size::kLba28, false);
    case 0x34:
      return start_write(Size::kLba48, false);
    case 0xC5:
      return start_write(Size::kLba28, true);
    case 0x39:
      return start_write(Size::kLba48, true);
    case 0x40:
    case 0x41:
      return verify(Size::kLba28);
    case 0x42:
      return verify(Size::kLba48);
    case 0x91:
      return set_parameters();
    case 0xC6:
      return set_multiple();
    case 0xE7:
    case 0xEA:
      return flush();
    case 0xEC:
      return identify();
    case 0xEF:
      return set_features();
    case 0xF8:
      return read_native_max(Size::kLba28);
    case 0x27:
      return read_native_max(Size::kLba48);
    default:
      return execute_other();
  }
}

void AtaDisk::execute_other() {
  switch (state_.command) {
    case 0x90:  // EXECUTE DEVICE DIAGNOSTIC; 01h: no error
      set_signature();
      return complete();
    case 0xE4:
      return begin_data(Stage::kDataIn, kSectorSize, true);  // READ BUFFER
    case 0xE8:
      return begin_data(Stage::kDataOut, kSectorSize, false);  // WRITE BUFFER
    case 0xE0:
    case 0x94:  // STANDBY IMMEDIATE
    case 0xE2:
    case 0x96:  // STANDBY
    case 0xE6:
    case 0x99:  // SLEEP
      state_.power_mode = 0x00;
      return complete();
    case 0xE1:
    case 0x95:  // IDLE IMMEDIATE
    case 0xE3:
    case 0x97:  // IDLE
      state_.power_mode = 0xFF;
      return complete();
    case 0xE5:
    case 0x98:  // CHECK POWER MODE
      state_.count.now = state_.power_mode;
      return complete();
    default:
      break;
  }
  switch (state_.command >> 4) {
    case 0x1:
      return complete();  // RECALIBRATE
    case 0x7:
      return seek();
    default:
      break;
  }
  // NOP is among those that are aborted, by definition; DEVICE RESET too, in a drive without packets.
  if (state_.command != 0x00 && state_.command != 0x08)
    lint("command " + std::to_string(state_.command) + " is not one of this drive's and is aborted");
  fail(kAbrt);
}

void AtaDisk::start_read(Size size, bool multiple) {
  if (multiple && state_.multiple == 0) return fail(kAbrt);
  if (!locate(size)) return;
  state_.power_mode = 0xFF;
  state_.block_sectors = multiple ? state_.multiple : 1;
  read_block();
}

void AtaDisk::start_write(Size size, bool multiple) {
  if (multiple && state_.multiple == 0) return fail(kAbrt);
  if (medium_->read_only()) return fail(kAbrt);
  if (!locate(size)) return;
  state_.power_mode = 0xFF;
  state_.block_sectors = multiple ? state_.multiple : 1;
  if (state_.next_sector >= medium_->sectors()) return fail_at(state_.next_sector, kIdnf);
  begin_data(Stage::kDataOut, block() * static_cast<std::uint32_t>(kSectorSize), false);
}

void AtaDisk::verify(Size size) {
  if (!locate(size)) return;
  state_.power_mode = 0xFF;
  for (; state_.remaining > 0; --state_.remaining, ++state_.next_sector) {
    if (state_.next_sector >= medium_->sectors()) return fail_at(state_.next_sector, kIdnf);
    const std::span<std::uint8_t> place{state_.buffer.data(), kSectorSize};
    if (!medium_->read_sector(state_.next_sector, place)) return fail_at(state_.next_sector, kUnc);
  }
  show_sector(state_.next_sector - 1);
  complete();
}

void AtaDisk::seek() {
  if (!locate(Size::kLba28)) return;
  state_.remaining = 0;
  if (state_.next_sector >= medium_->sectors()) return fail(kIdnf);
  complete();
}

void AtaDisk::set_multiple() {
  const unsigned sectors = state_.count.now;
  if (sectors > kMaxMultiple || std::popcount(sectors) > 1) {
    state_.multiple = 0;
    return fail(kAbrt);
  }
  state_.multiple = static_cast<std::uint8_t>(sectors);
  complete();
}

void AtaDisk::set_features() {
  const std::uint8_t mode = state_.count.now;
  switch (state_.features.now) {
    case 0x02:
      state_.write_cache = true;
      return complete();
    case 0x82:
      state_.write_cache = false;
      return medium_->flush() ? complete() : fail(kAbrt, kDf);
    case 0x03:
      // PIO default, default without IORDY, and PIO 0 to 4. DMA modes are not there.
      if (mode <= 0x01 || (mode >= 0x08 && mode <= 0x0C)) return complete();
      return fail(kAbrt);
    case 0x55:
      state_.look_ahead = false;
      return complete();
    case 0xAA:
      state_.look_ahead = true;
      return complete();
    case 0x66:  // keep settings over a software reset, as this drive does anyway
    case 0xCC:
      return complete();
    default:
      return fail(kAbrt);
  }
}

void AtaDisk::set_parameters() {
  const std::uint32_t sectors = state_.count.now;
  const std::uint32_t heads = (state_.device & 0x0Fu) + 1;
  if (sectors == 0) return fail(kAbrt);
  const std::uint64_t cylinders = std::min<std::uint64_t>(medium_->sectors() / (sectors * heads), 65535);
  state_.geometry = {static_cast<std::uint32_t>(std::max<std::uint64_t>(cylinders, 1)), heads, sectors};
  complete();
}

void AtaDisk::read_native_max(Size size) {
  std::uint64_t last = medium_->sectors() - 1;
  if (size == Size::kLba28) {
    if ((state_.device & 0x40) == 0) return fail(kAbrt);  // an address in CHS is not defined
    last = std::min<std::uint64_t>(last, 0x0FFFFFFF);
  }
  const Pair count = state_.count;
  show_sector(last);
  state_.count = count;
  complete();
}

void AtaDisk::flush() {
  if (!medium_->flush()) return fail(kAbrt, kDf);
  complete();
}

void AtaDisk::identify() {
  fill_ata_identity(state_, medium_->sectors(), channel_, drive_, state_.buffer.data());
  begin_data(Stage::kDataIn, kSectorSize, true);
}

// --- IDENTIFY DEVICE ----------------------------------------------------------------------------------

namespace {

class IdentityWords {
 public:
  explicit IdentityWords(std::uint8_t* out) : out_(out) {
    std::fill_n(out, AtaDisk::kSectorSize, std::uint8_t{0});
  }
  void set(unsigned word, std::uint64_t value, unsigned words = 1) {
    for (unsigned i = 0; i < 2 * words; ++i) out_[2 * word + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  // The first character is in the upper half of the word; the rest is blanks.
  void text(unsigned word, unsigned words, const std::string& text) {
    for (unsigned i = 0; i < 2 * words; ++i)
      out_[2 * word + (i ^ 1)] = static_cast<std::uint8_t>(i < text.size() ? text[i] : ' ');
  }
  void checksum() {
    out_[510] = 0xA5;
    std::uint8_t sum = 0;
    for (unsigned i = 0; i < 511; ++i) sum = static_cast<std::uint8_t>(sum + out_[i]);
    out_[511] = static_cast<std::uint8_t>(-sum);
  }

 private:
  std::uint8_t* out_;
};

}  // namespace

void fill_ata_identity(const AtaDisk::State& state, std::uint64_t sectors, unsigned channel, unsigned drive,
                       std::uint8_t* out) {
  IdentityWords words(out);
  const DiskGeometry native = ata_geometry(sectors);
  const DiskGeometry& current = state.geometry;
  const std::uint64_t chs_sectors = std::uint64_t{current.cylinders} * current.heads * current.sectors;
  words.set(0, 0x0040);  // fixed, not a packet device
  words.set(1, native.cylinders);
  words.set(3, native.heads);
  words.set(6, native.sectors);
  words.text(10, 10, "RS" + std::to_string(channel) + std::to_string(drive) + "0001");
  words.text(23, 4, "1.0");
  words.text(27, 20, "RINGSIDE HARD DISK");
  words.set(47, 0x8000 | AtaDisk::kMaxMultiple);
  words.set(48, 1);       // dword I/O
  words.set(49, 0x0A00);  // IORDY, LBA; no DMA
  words.set(50, 0x4000);
  words.set(51, 0x0200);  // PIO mode 2
  words.set(53, 0x0003);  // words 54-58 and 64-70 are valid
  words.set(54, current.cylinders);
  words.set(55, current.heads);
  words.set(56, current.sectors);
  words.set(57, std::min<std::uint64_t>(chs_sectors, sectors), 2);
  words.set(59, state.multiple != 0 ? 0x0100u | state.multiple : 0);
  words.set(60, std::min<std::uint64_t>(sectors, 0x0FFFFFFF), 2);
  words.set(64, 0x0003);  // PIO modes 3 and 4
  words.set(67, 120);     // ns a cycle, without and with IORDY
  words.set(68, 120);
  words.set(80, 0x007E);  // ATA-1 to ATA/ATAPI-6
  // NOP, READ and WRITE BUFFER, look-ahead, write cache, power management
  words.set(82, 0x7068);
  words.set(83, 0x7400);  // FLUSH CACHE (EXT), 48-bit addresses
  words.set(84, 0x4000);
  words.set(85, 0x7008u | (state.write_cache ? 0x20u : 0u) | (state.look_ahead ? 0x40u : 0u));
  words.set(86, 0x3400);
  words.set(87, 0x4000);
  words.set(93, drive == 0 ? 0x4009 : 0x4900);  // hardware reset found device 0, or device 1
  words.set(100, sectors, 4);
  words.checksum();
}

}  // namespace ringside
