// The ports of the VGA.
#include "devices/vga.h"

namespace ringside {
namespace {

constexpr const char* kName = "VGA";

// Which bits of the registers exist.
constexpr std::array<std::uint8_t, VgaRegisters::kSequencerCount> kSequencerBits{0x03, 0x3D, 0x0F, 0x3F,
                                                                                 0x0E};
constexpr std::array<std::uint8_t, VgaRegisters::kGraphicsCount> kGraphicsBits{0x0F, 0x0F, 0x0F, 0x1F, 0x03,
                                                                               0x7B, 0x0F, 0x0F, 0xFF};
constexpr std::uint8_t kProtect = 0x80;  // CR11: CR00-CR07 are read-only

std::uint8_t attribute_bits(unsigned index) {
  switch (index) {
    case 0x10:
      return 0xEF;
    case 0x11:
      return 0xFF;
    case 0x13:
    case 0x14:
      return 0x0F;
    default:
      return 0x3F;
  }
}

}  // namespace

Vga::Vga(PortBus& bus, PhysicalMemory& memory, EventQueue& queue, DeviceLog& log) : queue_(queue), log_(log) {
  bus.claim(0x3B4, 2, this);
  bus.claim(0x3BA, 1, this);
  bus.claim(0x3C0, 16, this);
  bus.claim(0x3D4, 2, this);
  bus.claim(0x3DA, 1, this);
  memory.map_mmio(kApertureBase, kApertureSize, this);
  derive();
}

void Vga::reset() {
  state_ = State{};
  written_ = kAllWritten;
  derive();
}

// The CRTC and input status 1 move between 3Bxh and 3Dxh with bit 0 of the miscellaneous output.
bool Vga::answers(std::uint16_t port) const {
  if (port >= 0x3C0 && port <= 0x3CF) return true;
  return ((port & 0x3F0) == 0x3D0) == state_.registers.colour();
}

std::uint32_t Vga::read_port(std::uint16_t port, unsigned) {
  VgaRegisters& r = state_.registers;
  if (!answers(port)) return 0xFF;
  switch (port) {
    case 0x3C0:
      return static_cast<std::uint32_t>(r.attribute_index & 0x3F);
    case 0x3C1:
      return read_attribute();
    case 0x3C2:
      return 0x10;  // input status 0: no retrace interrupt; switch sense
    case 0x3C3:
      return r.enable;
    case 0x3C4:
      return r.sequencer_index;
    case 0x3C5:
      return r.sequencer_index < r.sequencer.size() ? r.sequencer[r.sequencer_index] : 0xFF;
    case 0x3C6:
    case 0x3C7:
    case 0x3C8:
    case 0x3C9:
      return r.dac.read(port);
    case 0x3CA:
      return r.feature;
    case 0x3CC:
      return r.misc;
    case 0x3CE:
      return r.graphics_index;
    case 0x3CF:
      return r.graphics_index < r.graphics.size() ? r.graphics[r.graphics_index] : 0xFF;
    case 0x3B4:
    case 0x3D4:
      return r.crtc_index;
    case 0x3B5:
    case 0x3D5:
      return r.crtc_index < r.crtc.size() ? r.crtc[r.crtc_index] : 0xFF;
    case 0x3BA:
    case 0x3DA:
      r.attribute_data_next = false;
      return input_status_1();
    default:
      return 0xFF;
  }
}

void Vga::write_port(std::uint16_t port, unsigned, std::uint32_t wide) {
  VgaRegisters& r = state_.registers;
  const auto value = static_cast<std::uint8_t>(wide);
  if (!answers(port)) return;
  switch (port) {
    case 0x3C0:
      return write_attribute(value);
    case 0x3C2:
      r.misc = value & 0xEF;
      return derive();
    case 0x3C3:
      r.enable = value & 1;
      return derive();
    case 0x3C4:
      r.sequencer_index = value & 0x07;
      return;
    case 0x3C5:
      return write_sequencer(value);
    case 0x3C6:
    case 0x3C7:
    case 0x3C8:
    case 0x3C9:
      return r.dac.write(port, value);
    case 0x3CE:
      r.graphics_index = value & 0x0F;
      return;
    case 0x3CF:
      return write_graphics(value);
    case 0x3B4:
    case 0x3D4:
      r.crtc_index = value & 0x3F;
      return;
    case 0x3B5:
    case 0x3D5:
      return write_crtc(value);
    case 0x3BA:
    case 0x3DA:
      r.feature = value & 0x0B;
      return;
    default:
      return;
  }
}

std::uint8_t Vga::read_attribute() const {
  const unsigned index = state_.registers.attribute_index & 0x1Fu;
  return index < VgaRegisters::kAttributeCount ? state_.registers.attribute[index] : 0;
}

// One port for index and data, taken in turn; a read of input status 1 makes the index next.
void Vga::write_attribute(std::uint8_t value) {
  VgaRegisters& r = state_.registers;
  r.attribute_data_next = !r.attribute_data_next;
  if (r.attribute_data_next) {
    r.attribute_index = value & 0x3F;
    return;
  }
  const unsigned index = r.attribute_index & 0x1Fu;
  if (index >= VgaRegisters::kAttributeCount) return;
  if (index < 16 && (r.attribute_index & 0x20) != 0) {
    log_.lint(kName,
              "a palette register was written while the palette feeds the screen (index bit 5), and keeps "
              "its value");
    return;
  }
  r.attribute[index] = value & attribute_bits(index);
}

void Vga::write_crtc(std::uint8_t value) {
  VgaRegisters& r = state_.registers;
  const unsigned index = r.crtc_index;
  if (index >= r.crtc.size()) return;
  if (index <= 7 && (r.crtc[0x11] & kProtect) != 0) {
    // Of CR07 the line compare bit stays writable.
    if (index == 7) r.crtc[7] = static_cast<std::uint8_t>((r.crtc[7] & 0xEF) | (value & 0x10));
    return;
  }
  r.crtc[index] = value;
}

void Vga::write_sequencer(std::uint8_t value) {
  VgaRegisters& r = state_.registers;
  if (r.sequencer_index >= r.sequencer.size()) return;
  r.sequencer[r.sequencer_index] = value & kSequencerBits[r.sequencer_index];
  derive();
}

void Vga::write_graphics(std::uint8_t value) {
  VgaRegisters& r = state_.registers;
  if (r.graphics_index >= r.graphics.size()) return;
  r.graphics[r.graphics_index] = value & kGraphicsBits[r.graphics_index];
  derive();
}

// Bit 0: not in the visible area; bit 3: vertical retrace. The beam's place follows from guest time alone:
// dots since power-on, in frames of the size that the CRTC is programmed to now.
std::uint8_t Vga::input_status_1() const {
  const VgaRegisters& r = state_.registers;
  const std::uint64_t clock = (r.misc & 0x0C) == 0x04 ? 28'322'000 : 25'175'000;
  const std::uint64_t dots = r.dots_per_character() * (r.half_dot_clock() ? 2u : 1u);
  const std::uint64_t total_columns = r.crtc[0x00] + 5u;
  const std::uint64_t total_lines =
      (r.crtc[0x06] | (r.crtc[0x07] & 0x01u) << 8 | (r.crtc[0x07] & 0x20u) << 4) + 2u;
  const unsigned retrace = r.crtc[0x10] | (r.crtc[0x07] & 0x04u) << 6 | (r.crtc[0x07] & 0x80u) << 2;
  // The end is compared in four bits; the pulse is at least one line long.
  const unsigned length = ((r.crtc[0x11] - retrace - 1u) & 0x0F) + 1;

  const std::uint64_t columns = queue_.clock().cycles(queue_.now(), clock) / dots;
  const std::uint64_t column = columns % total_columns;
  const std::uint64_t line = columns / total_columns % total_lines;
  const bool in_retrace = line >= retrace && line < retrace + length;
  const bool visible = column < r.columns() && line < r.lines();
  return static_cast<std::uint8_t>((visible ? 0 : 0x01) | (in_retrace ? 0x08 : 0));
}

void Vga::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "vga");
  state_.registers.visit(visitor);
  visitor.field("latch", state_.latch);
  if (visitor.bulk()) visitor.bytes("planes", state_.planes.data(), state_.planes.size());
  if (!visitor.loading()) return;
  if (visitor.bulk()) written_ = kAllWritten;
  derive();
}

}  // namespace ringside
