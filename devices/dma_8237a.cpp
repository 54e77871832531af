#include "devices/dma_8237a.h"

namespace ringside {

namespace {

bool is_page(std::uint16_t port) { return (port & 0xFFF0) == 0x80; }

std::uint16_t with_byte(std::uint16_t word, bool high, std::uint8_t byte) {
  return static_cast<std::uint16_t>(high ? (word & 0x00FF) | byte << 8 : (word & 0xFF00) | byte);
}

}  // namespace

Dma8237a::Dma8237a(PortBus& ports, DeviceLog& log) : log_(log) {
  ports.claim(0x00, 0x10, this);
  ports.claim(0x80, 0x10, this);
  ports.claim(0xC0, 0x20, this);
  reset();
}

void Dma8237a::reset() { state_ = State{}; }

Dma8237a::Target Dma8237a::decode(std::uint16_t port) {
  if (port >= 0xC0) return {1, (port - 0xC0u) >> 1};
  return {0, port & 0x0Fu};
}

std::uint32_t Dma8237a::physical_address(unsigned channel) const {
  // Page registers by channel; 8Fh, in the place of channel 4, is the refresh page.
  static constexpr std::uint8_t kPage[8] = {0x7, 0x3, 0x1, 0x2, 0xF, 0xB, 0x9, 0xA};
  const unsigned index = channel & 7;
  const std::uint32_t page = state_.pages[kPage[index]];
  const std::uint32_t address = state_.controllers[index >> 2].channels[index & 3].address;
  return index < 4 ? page << 16 | address : (page & 0xFE) << 16 | address << 1;
}

bool Dma8237a::masked(unsigned channel) const {
  return (state_.controllers[channel >> 2 & 1].mask >> (channel & 3) & 1) != 0;
}

std::uint8_t Dma8237a::peek(std::uint16_t port) const {
  if (is_page(port)) return state_.pages[port & 0x0F];
  const Target target = decode(port);
  const Controller& c = state_.controllers[target.controller];
  if (target.reg < 8) {
    const Channel& channel = c.channels[target.reg >> 1];
    const std::uint16_t value = (target.reg & 1) != 0 ? channel.count : channel.address;
    return static_cast<std::uint8_t>(c.high_byte_next ? value >> 8 : value);
  }
  switch (target.reg) {
    case 0x8:
      return static_cast<std::uint8_t>(c.requests << 4 | c.terminal_counts);
    case 0xD:
      return c.temporary;
    case 0xF:
      return static_cast<std::uint8_t>(0xF0 | c.mask);  // as the chip sets' 8237 has it
    default:
      return 0xFF;  // write-only
  }
}

std::uint32_t Dma8237a::read_port(std::uint16_t port, unsigned) {
  const std::uint8_t value = peek(port);
  if (is_page(port)) return value;
  const Target target = decode(port);
  Controller& c = state_.controllers[target.controller];
  if (target.reg < 8) c.high_byte_next = !c.high_byte_next;
  if (target.reg == 8) c.terminal_counts = 0;
  return value;
}

void Dma8237a::write_port(std::uint16_t port, unsigned, std::uint32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if (is_page(port)) {
    state_.pages[port & 0x0F] = byte;
    return;
  }
  const Target target = decode(port);
  Controller& controller = state_.controllers[target.controller];
  if (target.reg < 8) {
    write_channel(controller, target.reg, byte);
  } else {
    write_register(controller, target.reg, byte);
  }
}

void Dma8237a::write_channel(Controller& c, unsigned reg, std::uint8_t value) {
  Channel& channel = c.channels[reg >> 1];
  const bool disabled = (c.command & 0x04) != 0 || (c.mask >> (reg >> 1) & 1) != 0;
  if (!disabled && !c.linted) {
    c.linted = true;
    log_.lint("8237A",
              "a channel is programmed while it is unmasked; a request in the middle would go astray");
  }
  // Base and current registers are written together (8237A data sheet, "Base Address and Base Word Count").
  if ((reg & 1) != 0) {
    channel.base_count = with_byte(channel.base_count, c.high_byte_next, value);
    channel.count = with_byte(channel.count, c.high_byte_next, value);
  } else {
    channel.base_address = with_byte(channel.base_address, c.high_byte_next, value);
    channel.address = with_byte(channel.address, c.high_byte_next, value);
  }
  c.high_byte_next = !c.high_byte_next;
}

void Dma8237a::write_register(Controller& c, unsigned reg, std::uint8_t value) {
  const auto bit = static_cast<std::uint8_t>(1u << (value & 3));
  const auto others = static_cast<std::uint8_t>(~bit);
  switch (reg) {
    case 0x8:
      c.command = value;
      break;
    case 0x9:
      c.requests = (value & 4) != 0 ? c.requests | bit : c.requests & others;
      break;
    case 0xA:
      c.mask = (value & 4) != 0 ? c.mask | bit : c.mask & others;
      break;
    case 0xB:
      c.channels[value & 3].mode = value & 0xFC;
      break;
    case 0xC:
      c.high_byte_next = false;
      break;
    case 0xD:
      clear(c);
      break;
    case 0xE:
      c.mask = 0;
      break;
    case 0xF:
      c.mask = value & 0x0F;
      break;
    default:
      break;
  }
}

void Dma8237a::clear(Controller& c) {
  // Master clear, as the RESET pin: the channels keep addresses, counts and modes.
  c.command = 0;
  c.terminal_counts = 0;
  c.requests = 0;
  c.temporary = 0;
  c.high_byte_next = false;
  c.mask = 0x0F;
}

void Dma8237a::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "dma_8237a");
  for (Controller& c : state_.controllers) {
    for (Channel& channel : c.channels) {
      visitor.field("base_address", channel.base_address);
      visitor.field("base_count", channel.base_count);
      visitor.field("address", channel.address);
      visitor.field("count", channel.count);
      visitor.field("mode", channel.mode);
    }
    visitor.field("command", c.command);
    visitor.field("terminal_counts", c.terminal_counts);
    visitor.field("requests", c.requests);
    visitor.field("mask", c.mask);
    visitor.field("temporary", c.temporary);
    visitor.field("high_byte_next", c.high_byte_next);
    visitor.field("linted", c.linted);
  }
  visitor.field("pages", state_.pages);
}

}  // namespace ringside
