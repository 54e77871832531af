// The VGA's memory as the processor sees it: the window, the latches, the graphics controller's data path.
#include <bit>
#include <cstring>

#include "devices/vga.h"

namespace ringside {
namespace {

// Four bits, one for each plane, as four bytes of ones.
constexpr std::array<std::uint32_t, 16> kLanes = [] {
  std::array<std::uint32_t, 16> lanes{};
  for (unsigned bits = 0; bits < 16; ++bits)
    for (unsigned plane = 0; plane < 4; ++plane)
      if ((bits >> plane & 1) != 0) lanes[bits] |= 0xFFu << (8 * plane);
  return lanes;
}();

std::uint32_t in_all_planes(std::uint8_t value) { return value * 0x01010101u; }

}  // namespace

void Vga::derive() {
  const VgaRegisters& r = state_.registers;
  switch (r.graphics[6] >> 2 & 3) {
    case 0:
      window_base_ = 0xA0000, window_size_ = 0x20000;
      break;
    case 1:
      window_base_ = 0xA0000, window_size_ = 0x10000;
      break;
    case 2:
      window_base_ = 0xB0000, window_size_ = 0x8000;
      break;
    default:
      window_base_ = 0xB8000, window_size_ = 0x8000;
      break;
  }
  if ((r.misc & 0x02) == 0 || (r.enable & 1) == 0) window_size_ = 0;  // the processor is kept out
  const bool odd_even = (r.sequencer[4] & 0x0C) == 0 && (r.graphics[6] & 0x02) != 0;
  const bool unchanged =
      (r.graphics[5] & 3) == 0 && (r.graphics[3] & 0x1F) == 0 && r.graphics[1] == 0 && r.graphics[8] == 0xFF;
  plain_text_writes_ = odd_even && unchanged && (r.sequencer[2] & 0x0F) == 0x03 && window_size_ == 0x8000;
}

// Which byte of the planes an address means. In chain-4 and odd/even modes the lowest address bits choose the
// plane and are replaced in the offset.
Vga::Place Vga::place(PhysAddr address) const {
  const VgaRegisters& r = state_.registers;
  const auto inside = static_cast<unsigned>(address - window_base_);
  const unsigned offset = inside & 0xFFFF;
  if (r.chain4()) return {offset & 0xFFFC, inside & 3};
  if ((r.graphics[6] & 0x02) != 0) {
    // Chain odd/even: bit 0 of the offset comes from bit 16 where the window is 128 KiB.
    return {(offset & 0xFFFE) | (window_size_ == 0x20000 ? inside >> 16 & 1 : 0), inside & 1};
  }
  return {offset, inside & 1};
}

std::uint32_t Vga::planes_at(unsigned offset) const {
  std::uint32_t value;
  std::memcpy(&value, &state_.planes[4 * offset], 4);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap32(value);
  return value;
}

// --- Reads --------------------------------------------------------------------------------------------

std::uint8_t Vga::read_result(Place at, std::uint32_t latch) const {
  const VgaRegisters& r = state_.registers;
  if ((r.graphics[5] & 0x08) != 0) {
    // Read mode 1: a bit is set where the planes that are cared about hold the compared colour.
    const std::uint32_t differ = (latch ^ kLanes[r.graphics[2] & 15]) & kLanes[r.graphics[7] & 15];
    return static_cast<std::uint8_t>(~(differ | differ >> 8 | differ >> 16 | differ >> 24));
  }
  unsigned plane = r.graphics[4] & 3;
  if (r.chain4()) {
    plane = at.plane;
  } else if ((r.graphics[5] & 0x10) != 0) {  // host odd/even
    plane = (plane & 2) | at.plane;
  }
  return static_cast<std::uint8_t>(latch >> (8 * plane));
}

std::uint32_t Vga::mmio_read(PhysAddr address, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    std::uint8_t byte = 0xFF;
    if (in_window(address + i)) {
      const Place at = place(address + i);
      state_.latch = planes_at(at.offset);
      byte = read_result(at, state_.latch);
    }
    value |= std::uint32_t{byte} << (8 * i);
  }
  return value;
}

std::uint8_t Vga::peek_memory(PhysAddr address) const {
  if (!in_window(address)) return 0xFF;
  const Place at = place(address);
  return read_result(at, planes_at(at.offset));
}

// --- Writes -------------------------------------------------------------------------------------------

void Vga::mmio_write(PhysAddr address, unsigned size, std::uint32_t value) {
  if (plain_text_writes_ && in_window(address) && in_window(address + size - 1)) {
    // Text: even addresses are plane 0 (characters), odd ones plane 1 (attributes).
    auto inside = static_cast<unsigned>(address - window_base_);
    if (size == 2 && (inside & 1) == 0) {  // a cell at once, as nearly all software writes them
      state_.planes[4 * inside] = static_cast<std::uint8_t>(value);
      state_.planes[4 * inside + 1] = static_cast<std::uint8_t>(value >> 8);
      note_written(inside);
      return;
    }
    for (unsigned i = 0; i < size; ++i, ++inside) {
      state_.planes[4 * (inside & ~1u) + (inside & 1)] = static_cast<std::uint8_t>(value >> (8 * i));
      note_written(inside & ~1u);
    }
    return;
  }
  for (unsigned i = 0; i < size; ++i) write_byte(address + i, static_cast<std::uint8_t>(value >> (8 * i)));
}

// What the data path makes of a byte and the latches, for all four planes at once.
std::uint32_t Vga::combine(std::uint8_t value) const {
  const VgaRegisters& r = state_.registers;
  const std::uint8_t rotated = std::rotr(value, r.graphics[3] & 7);
  std::uint8_t bit_mask = r.graphics[8];
  std::uint32_t data = 0;
  switch (r.graphics[5] & 3) {
    case 0: {
      const std::uint32_t set_reset_planes = kLanes[r.graphics[1] & 15];
      data = (in_all_planes(rotated) & ~set_reset_planes) | (kLanes[r.graphics[0] & 15] & set_reset_planes);
      break;
    }
    case 1:
      return state_.latch;
    case 2:
      data = kLanes[value & 15];
      break;
    default:
      data = kLanes[r.graphics[0] & 15];
      bit_mask &= rotated;
      break;
  }
  switch (r.graphics[3] >> 3 & 3) {
    case 1:
      data &= state_.latch;
      break;
    case 2:
      data |= state_.latch;
      break;
    case 3:
      data ^= state_.latch;
      break;
    default:
      break;
  }
  const std::uint32_t changed = in_all_planes(bit_mask);
  return (data & changed) | (state_.latch & ~changed);
}

void Vga::write_byte(PhysAddr address, std::uint8_t value) {
  if (!in_window(address)) return;
  const VgaRegisters& r = state_.registers;
  const Place at = place(address);
  unsigned planes = r.sequencer[2] & 15;
  if (r.chain4()) {
    planes &= 1u << at.plane;
  } else if ((r.sequencer[4] & 0x04) == 0) {  // odd/even
    planes &= at.plane != 0 ? 0xA : 0x5;
  }
  const std::uint32_t data = combine(value);
  note_written(at.offset);
  for (unsigned plane = 0; plane < 4; ++plane)
    if ((planes >> plane & 1) != 0)
      state_.planes[4 * at.offset + plane] = static_cast<std::uint8_t>(data >> (8 * plane));
}

}  // namespace ringside
