// ATA hard disk (ATA/ATAPI-6), PIO only.
//
//   in        registers and data port, through the IDE controller; a medium of 512-byte sectors
//   out       INTRQ, the tick at which it wants to go on (due)
//   commands  IDENTIFY ECh, READ 20h 21h 24h C4h 29h, WRITE 30h 31h 34h C5h 39h, VERIFY 40h 41h 42h,
//             SET MULTIPLE C6h, FLUSH E7h EAh, SET FEATURES EFh, INITIALIZE DEVICE PARAMETERS 91h,
//             RECALIBRATE 1xh, SEEK 7xh, READ NATIVE MAX F8h 27h, READ/WRITE BUFFER E4h E8h, DIAGNOSTIC 90h,
//             IDLE/STANDBY/SLEEP/CHECK POWER E0h-E3h E5h E6h and 94h-99h, NOP 00h; all others are aborted
//   manual    T13/1410D, AT Attachment with Packet Interface - 6
//
// Time: a command takes 40 us, each further block 10 us, software reset 2 ms.
//
// Not implemented: DMA, SMART, security, host protected area (SET MAX), overlap and queuing, removable media.
// After power-on READ and WRITE MULTIPLE move 16 sectors a block, as many drives have it.
// Deviations: SLEEP behaves as STANDBY; the standby timer never runs out.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "devices/device_log.h"
#include "devices/event_queue.h"
#include "devices/lines.h"

namespace ringside {

/// Cylinders, heads and sectors per track.
struct DiskGeometry {
  std::uint32_t cylinders = 0;
  std::uint32_t heads = 0;
  std::uint32_t sectors = 0;  ///< per track, numbered from 1

  bool operator==(const DiskGeometry&) const = default;
  /// False where there is no such place.
  bool to_lba(std::uint32_t cylinder, std::uint32_t head, std::uint32_t sector, std::uint64_t& lba) const;
};

/// What IDENTIFY DEVICE reports for a disk of this size: 16 heads, 63 sectors, at most 16383 cylinders.
DiskGeometry ata_geometry(std::uint64_t sectors);
/// What a BIOS shows at INT 13h (LBA-assisted translation): at most 1024 cylinders, 255 heads, 63 sectors.
DiskGeometry bios_geometry(std::uint64_t sectors);

class AtaDisk {
 public:
  static constexpr std::size_t kSectorSize = 512;
  static constexpr unsigned kMaxMultiple = 16;

  /// Status register.
  enum : std::uint8_t { kErr = 0x01, kDrq = 0x08, kDsc = 0x10, kDf = 0x20, kDrdy = 0x40, kBsy = 0x80 };
  /// Error register.
  enum : std::uint8_t { kAbrt = 0x04, kIdnf = 0x10, kUnc = 0x40 };

  enum class Stage : std::uint8_t { kIdle, kExecute, kReadNext, kDataIn, kDataOut, kWriteNext, kResetting };

  /// A register that remembers what was written to it before (48-bit commands need both).
  struct Pair {
    std::uint8_t now = 0;
    std::uint8_t before = 0;
  };

  struct State {
    Pair features, count, lba_low, lba_mid, lba_high;
    std::uint8_t device = 0;
    std::uint8_t error = 1;
    std::uint8_t status = kDrdy | kDsc;
    std::uint8_t command = 0;
    bool interrupt = false;  ///< INTRQ is pending, whether or not it is let through
    Stage stage = Stage::kIdle;
    Tick due = kNever;
    std::uint64_t next_sector = 0;
    std::uint32_t remaining = 0;      ///< sectors that are still to be moved
    std::uint32_t block_sectors = 1;  ///< sectors for each DRQ
    std::uint32_t position = 0;       ///< in the buffer
    std::uint32_t length = 0;
    std::array<std::uint8_t, kMaxMultiple * kSectorSize> buffer{};
    DiskGeometry geometry;                 ///< the current translation
    std::uint8_t multiple = kMaxMultiple;  ///< sectors a block; 0: READ and WRITE MULTIPLE are aborted
    std::uint8_t power_mode = 0xFF;        ///< as CHECK POWER MODE reports it
    bool write_cache = true;
    bool look_ahead = true;
  };

  AtaDisk(EventQueue& queue, DeviceLog& log, unsigned channel, unsigned drive);

  /// nullptr takes the drive out of the machine. Media that are empty count as none.
  void attach(BlockMedium* medium);
  bool present() const { return medium_ != nullptr; }
  BlockMedium* medium() const { return medium_; }

  void reset();
  /// Software reset: held while SRST is 1, then over after a while.
  void hold_reset();
  void release_reset();

  /// Command block registers 1 (features/error) .. 6 (device). With `hob` the value written before.
  std::uint8_t read_register(unsigned number, bool hob) const;
  void write_register(unsigned number, std::uint8_t value);
  std::uint8_t status() const { return state_.status; }
  bool busy() const { return (state_.status & kBsy) != 0; }
  bool interrupt() const { return state_.interrupt; }
  void clear_interrupt() { state_.interrupt = false; }
  void command(std::uint8_t code);

  /// True when the disk wants the controller's attention after an access to the data port.
  bool between_blocks() const { return (state_.status & kDrq) == 0; }
  std::uint32_t read_data(unsigned size) {
    if (state_.stage != Stage::kDataIn || state_.position + size > state_.length)
      return read_data_slowly(size);
    const std::uint8_t* at = &state_.buffer[state_.position];
    std::uint32_t value = at[0];
    if (size >= 2) value |= std::uint32_t{at[1]} << 8;  // spelled out, since nothing here is read as often
    if (size == 4) value |= std::uint32_t{at[2]} << 16 | std::uint32_t{at[3]} << 24;
    state_.position += size;
    if (state_.position == state_.length) end_data_in();
    return value;
  }
  void write_data(unsigned size, std::uint32_t value);

  /// The tick at which advance() has something to do.
  Tick due() const { return state_.due; }
  void advance();

  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

 private:
  enum class Size : std::uint8_t { kLba28, kLba48 };

  void set_signature();
  void lint(const std::string& message) const;
  void execute();
  void execute_other();
  void start_read(Size size, bool multiple);
  void start_write(Size size, bool multiple);
  void verify(Size size);
  void seek();
  void set_multiple();
  void set_features();
  void set_parameters();
  void read_native_max(Size size);
  void flush();
  void identify();
  bool locate(Size size);
  std::uint32_t block() const;
  void read_block();
  void write_block();
  void begin_data(Stage stage, std::uint32_t length, bool interrupt);
  void end_data_in();
  void wait(Stage stage, std::uint64_t nanoseconds);
  void complete();
  void fail(std::uint8_t error, std::uint8_t status = 0);
  void fail_at(std::uint64_t sector, std::uint8_t error, std::uint8_t status = 0);
  void show_sector(std::uint64_t sector);
  std::uint32_t read_data_slowly(unsigned size);
  bool is_48_bit() const;

  EventQueue& queue_;
  DeviceLog& log_;
  unsigned channel_;
  unsigned drive_;
  BlockMedium* medium_ = nullptr;
  State state_;
};

/// The 256 words of IDENTIFY DEVICE as 512 little-endian bytes.
void fill_ata_identity(const AtaDisk::State& state, std::uint64_t sectors, unsigned channel, unsigned drive,
                       std::uint8_t* out);

}  // namespace ringside
