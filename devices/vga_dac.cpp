#include "devices/vga_dac.h"

namespace ringside {
namespace {

// Six bits to eight so that 3Fh becomes FFh.
std::uint32_t widened(std::uint8_t six) { return static_cast<std::uint32_t>(six << 2 | six >> 4) & 0xFF; }

}  // namespace

std::uint8_t VgaDac::peek(std::uint16_t port) const {
  switch (port) {
    case 0x3C6:
      return state_.mask;
    case 0x3C7:
      return state_.reading ? 3 : 0;
    case 0x3C8:
      return state_.write_index;
    default:
      return state_.colours[state_.read_index * 3u + state_.component];
  }
}

std::uint8_t VgaDac::read(std::uint16_t port) {
  const std::uint8_t value = peek(port);
  if (port == 0x3C9 && ++state_.component == 3) {
    state_.component = 0;
    ++state_.read_index;
  }
  return value;
}

void VgaDac::write(std::uint16_t port, std::uint8_t value) {
  switch (port) {
    case 0x3C6:
      state_.mask = value;
      return;
    case 0x3C7:
      state_.read_index = value;
      state_.component = 0;
      state_.reading = true;
      return;
    case 0x3C8:
      state_.write_index = value;
      state_.component = 0;
      state_.reading = false;
      return;
    case 0x3C9:
      break;
    default:
      return;
  }
  state_.writing[state_.component] = value & 0x3F;
  if (++state_.component < 3) return;
  // The three components reach the table together.
  for (unsigned i = 0; i < 3; ++i) state_.colours[state_.write_index * 3u + i] = state_.writing[i];
  state_.component = 0;
  ++state_.write_index;
}

std::uint32_t VgaDac::colour(std::uint8_t pixel) const {
  const std::uint8_t* rgb = &state_.colours[static_cast<unsigned>(pixel & state_.mask) * 3];
  return widened(rgb[0]) << 16 | widened(rgb[1]) << 8 | widened(rgb[2]);
}

void VgaDac::visit(StateVisitor& visitor) {
  visitor.bytes("colours", state_.colours.data(), state_.colours.size());
  visitor.field("writing", state_.writing);
  visitor.field("mask", state_.mask);
  visitor.field("read_index", state_.read_index);
  visitor.field("write_index", state_.write_index);
  visitor.field("component", state_.component);
  visitor.field("reading", state_.reading);
  if (state_.component > 2) throw StateError("a colour has three components");
  for (std::uint8_t& component : state_.colours) component &= 0x3F;
}

}  // namespace ringside
