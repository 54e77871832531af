#include "devices/ata_disk.h"

#include <algorithm>

namespace ringside {
namespace {

constexpr std::uint64_t kCommandTime = 40'000;  // ns
constexpr std::uint64_t kBlockTime = 10'000;
constexpr std::uint64_t kResetTime = 2'000'000;
constexpr std::uint32_t kMaxCylinders = 16383;

std::uint8_t low_byte(std::uint64_t value) { return static_cast<std::uint8_t>(value); }

}  // namespace

// --- Geometry -----------------------------------------------------------------------------------------

bool DiskGeometry::to_lba(std::uint32_t cylinder, std::uint32_t head, std::uint32_t sector,
                          std::uint64_t& lba) const {
  if (sector == 0 || sector > sectors || head >= heads || cylinder >= cylinders) return false;
  lba = (std::uint64_t{cylinder} * heads + head) * sectors + (sector - 1);
  return true;
}

DiskGeometry ata_geometry(std::uint64_t sectors) {
  // A disk below one cylinder of 16 x 63 still has one; reads beyond its end are refused sector by sector.
  const std::uint64_t cylinders = std::clamp<std::uint64_t>(sectors / (16 * 63), 1, kMaxCylinders);
  return {static_cast<std::uint32_t>(cylinders), 16, 63};
}

DiskGeometry bios_geometry(std::uint64_t sectors) {
  std::uint32_t heads = 255;
  for (std::uint32_t candidate : {16u, 32u, 64u, 128u}) {
    if (sectors <= std::uint64_t{1024} * candidate * 63) {
      heads = candidate;
      break;
    }
  }
  const std::uint64_t cylinders = std::clamp<std::uint64_t>(sectors / (std::uint64_t{heads} * 63), 1, 1024);
  return {static_cast<std::uint32_t>(cylinders), heads, 63};
}

// --- Reset --------------------------------------------------------------------------------------------

AtaDisk::AtaDisk(EventQueue& queue, DeviceLog& log, unsigned channel, unsigned drive)
    : queue_(queue), log_(log), channel_(channel), drive_(drive) {
  reset();
}

void AtaDisk::attach(BlockMedium* medium) {
  medium_ = medium != nullptr && medium->sectors() > 0 ? medium : nullptr;
  reset();
}

void AtaDisk::reset() {
  state_ = State{};
  if (medium_ != nullptr) state_.geometry = ata_geometry(medium_->sectors());
  set_signature();
}

// "Signature and persistence": what tells a disk from a packet device.
void AtaDisk::set_signature() {
  state_.count = {1, 0};
  state_.lba_low = {1, 0};
  state_.lba_mid = state_.lba_high = {};
  state_.device = 0;
  state_.error = 1;
}

void AtaDisk::hold_reset() {
  state_.stage = Stage::kResetting;
  state_.status = kBsy;
  state_.due = kNever;
  state_.interrupt = false;
  state_.position = state_.length = state_.remaining = 0;
  set_signature();
}

void AtaDisk::release_reset() { wait(Stage::kResetting, kResetTime); }

void AtaDisk::lint(const std::string& message) const { log_.lint("ATA", message); }

// --- Registers ----------------------------------------------------------------------------------------

std::uint8_t AtaDisk::read_register(unsigned number, bool hob) const {
  const auto pick = [hob](const Pair& pair) { return hob ? pair.before : pair.now; };
  switch (number) {
    case 1:
      return state_.error;
    case 2:
      return pick(state_.count);
    case 3:
      return pick(state_.lba_low);
    case 4:
      return pick(state_.lba_mid);
    case 5:
      return pick(state_.lba_high);
    default:
      return state_.device | 0xA0;
  }
}

void AtaDisk::write_register(unsigned number, std::uint8_t value) {
  const auto put = [value](Pair& pair) { pair = {value, pair.now}; };
  switch (number) {
    case 1:
      return put(state_.features);
    case 2:
      return put(state_.count);
    case 3:
      return put(state_.lba_low);
    case 4:
      return put(state_.lba_mid);
    case 5:
      return put(state_.lba_high);
    default:
      state_.device = value;
  }
}

void AtaDisk::command(std::uint8_t code) {
  if ((state_.status & kDrq) != 0)
    lint("a command was written while data of the one before were still to be moved");
  state_.command = code;
  state_.interrupt = false;
  state_.error = 0;
  state_.length = state_.position = state_.remaining = 0;
  wait(Stage::kExecute, kCommandTime);
}

void AtaDisk::wait(Stage stage, std::uint64_t nanoseconds) {
  state_.stage = stage;
  state_.status = kBsy;
  state_.due = queue_.now() + queue_.clock().delay(nanoseconds);
}

void AtaDisk::advance() {
  state_.due = kNever;
  if (medium_ == nullptr) {
    state_.stage = Stage::kIdle;
    return;
  }
  switch (state_.stage) {
    case Stage::kExecute:
      return execute();
    case Stage::kReadNext:
      return read_block();
    case Stage::kWriteNext:
      return write_block();
    case Stage::kResetting:
      state_.stage = Stage::kIdle;
      state_.status = kDrdy | kDsc;
      return;
    case Stage::kIdle:
    case Stage::kDataIn:
    case Stage::kDataOut:
      return;
  }
}

void AtaDisk::complete() {
  state_.stage = Stage::kIdle;
  state_.status = kDrdy | kDsc;
  state_.interrupt = true;
}

void AtaDisk::fail(std::uint8_t error, std::uint8_t status) {
  complete();
  state_.error = error;
  state_.status |= static_cast<std::uint8_t>(kErr | status);
}

void AtaDisk::fail_at(std::uint64_t sector, std::uint8_t error, std::uint8_t status) {
  show_sector(sector);
  fail(error, status);
}

// Leaves the address of `sector` in the registers, in the form in which the command was given.
void AtaDisk::show_sector(std::uint64_t sector) {
  if (is_48_bit()) {
    state_.lba_low = {low_byte(sector), low_byte(sector >> 24)};
    state_.lba_mid = {low_byte(sector >> 8), low_byte(sector >> 32)};
    state_.lba_high = {low_byte(sector >> 16), low_byte(sector >> 40)};
    state_.count = {low_byte(state_.remaining), low_byte(state_.remaining >> 8)};
    return;
  }
  state_.count.now = low_byte(state_.remaining);
  std::uint64_t middle = sector >> 8;
  std::uint64_t head = sector >> 24;
  state_.lba_low.now = low_byte(sector);
  if ((state_.device & 0x40) == 0 && state_.geometry.sectors != 0 && state_.geometry.heads != 0) {
    const std::uint64_t track = sector / state_.geometry.sectors;
    state_.lba_low.now = low_byte(sector % state_.geometry.sectors + 1);
    middle = track / state_.geometry.heads;
    head = track % state_.geometry.heads;
  }
  state_.lba_mid.now = low_byte(middle);
  state_.lba_high.now = low_byte(middle >> 8);
  state_.device = static_cast<std::uint8_t>((state_.device & 0xF0) | (head & 0x0F));
}

// --- Data ---------------------------------------------------------------------------------------------

void AtaDisk::begin_data(Stage stage, std::uint32_t length, bool interrupt) {
  state_.stage = stage;
  state_.position = 0;
  state_.length = length;
  state_.status = kDrdy | kDsc | kDrq;
  state_.interrupt = interrupt;
}

std::uint32_t AtaDisk::block() const { return std::min(state_.block_sectors, state_.remaining); }

void AtaDisk::read_block() {
  const std::uint32_t sectors = block();
  for (std::uint32_t i = 0; i < sectors; ++i) {
    const std::uint64_t sector = state_.next_sector;
    if (sector >= medium_->sectors()) return fail_at(sector, kIdnf);
    const std::span<std::uint8_t> place{&state_.buffer[i * kSectorSize], kSectorSize};
    if (!medium_->read_sector(sector, place)) return fail_at(sector, kUnc);
    ++state_.next_sector;
    --state_.remaining;
  }
  begin_data(Stage::kDataIn, sectors * static_cast<std::uint32_t>(kSectorSize), true);
}

void AtaDisk::end_data_in() {
  if (state_.remaining > 0) return wait(Stage::kReadNext, kBlockTime);
  state_.stage = Stage::kIdle;
  state_.status = kDrdy | kDsc;
  switch (state_.command) {
    case 0xEC:
    case 0xE4:
      return;  // these have no address to leave behind
    default:
      show_sector(state_.next_sector - 1);
  }
}

std::uint32_t AtaDisk::read_data_slowly(unsigned size) {
  if (state_.stage != Stage::kDataIn) {
    lint("the data port was read although the drive has no data (DRQ is 0)");
    return 0xFFFFFFFF;
  }
  std::uint32_t value = 0;  // a dword read begins at the block's last word
  for (unsigned i = 0; i < size; ++i)
    value |= (state_.position < state_.length ? std::uint32_t{state_.buffer[state_.position++]} : 0xFFu)
             << (8 * i);
  end_data_in();
  return value;
}

void AtaDisk::write_data(unsigned size, std::uint32_t value) {
  if (state_.stage != Stage::kDataOut)
    return lint("the data port was written although the drive wants no data (DRQ is 0)");
  for (unsigned i = 0; i < size && state_.position < state_.length; ++i)
    state_.buffer[state_.position++] = low_byte(value >> (8 * i));
  if (state_.position == state_.length) wait(Stage::kWriteNext, kBlockTime);
}

void AtaDisk::write_block() {
  if (state_.command == 0xE8) return complete();  // WRITE BUFFER: the buffer is where the data are
  const std::uint32_t sectors = state_.length / static_cast<std::uint32_t>(kSectorSize);
  for (std::uint32_t i = 0; i < sectors && state_.remaining > 0; ++i) {
    const std::uint64_t sector = state_.next_sector;
    if (sector >= medium_->sectors()) return fail_at(sector, kIdnf);
    const std::span<const std::uint8_t> data{&state_.buffer[i * kSectorSize], kSectorSize};
    if (!medium_->write_sector(sector, data)) return fail_at(sector, kAbrt, kDf);
    ++state_.next_sector;
    --state_.remaining;
  }
  if (state_.remaining > 0)
    return begin_data(Stage::kDataOut, block() * static_cast<std::uint32_t>(kSectorSize), true);
  show_sector(state_.next_sector - 1);
  complete();
}

// --- State --------------------------------------------------------------------------------------------

void AtaDisk::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "ata");
  bool has_medium = present();
  visitor.field("present", has_medium);
  if (has_medium != present()) throw StateError("the saved machine has other drives");
  for (Pair* pair : {&state_.features, &state_.count, &state_.lba_low, &state_.lba_mid, &state_.lba_high}) {
    visitor.field("register", pair->now);
    visitor.field("before", pair->before);
  }
  visitor.field("device", state_.device);
  visitor.field("error", state_.error);
  visitor.field("status", state_.status);
  visitor.field("command", state_.command);
  visitor.field("interrupt", state_.interrupt);
  visitor.field("stage", state_.stage);
  visitor.field("due", state_.due);
  visitor.field("next_sector", state_.next_sector);
  visitor.field("remaining", state_.remaining);
  visitor.field("block_sectors", state_.block_sectors);
  visitor.field("position", state_.position);
  visitor.field("length", state_.length);
  visitor.bytes("buffer", state_.buffer.data(), state_.buffer.size());
  visitor.field("cylinders", state_.geometry.cylinders);
  visitor.field("heads", state_.geometry.heads);
  visitor.field("sectors", state_.geometry.sectors);
  visitor.field("multiple", state_.multiple);
  visitor.field("power_mode", state_.power_mode);
  visitor.field("write_cache", state_.write_cache);
  visitor.field("look_ahead", state_.look_ahead);
  const bool data = state_.stage == Stage::kDataIn || state_.stage == Stage::kDataOut;
  if (state_.stage > Stage::kResetting || state_.length > state_.buffer.size() ||
      state_.position > state_.length || (data && state_.position == state_.length) ||
      data != ((state_.status & kDrq) != 0) || state_.remaining > 65536 || state_.block_sectors == 0 ||
      state_.block_sectors > kMaxMultiple || state_.multiple > kMaxMultiple || state_.geometry.heads > 16 ||
      state_.geometry.sectors > 255 || state_.geometry.cylinders > 65535)
    throw StateError("the saved disk is in a state that it cannot be in");
}

}  // namespace ringside
