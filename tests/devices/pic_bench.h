// Both interrupt controllers, initialised as a BIOS does it.
#pragma once

#include <gtest/gtest.h>

#include "devices/pic_8259a.h"
#include "tests/devices/chip_bench.h"

namespace ringside {

class Pic : public ::testing::Test {
 protected:
  Pic() { init(); }

  void init(std::uint8_t master_icw4 = 0x01, std::uint8_t slave_icw4 = 0x01, std::uint8_t icw1 = 0x11) {
    init_chip(0x20, icw1, 0x20, 0x04, master_icw4);
    init_chip(0xA0, icw1, 0x70, 0x02, slave_icw4);
  }
  void init_chip(std::uint16_t port, std::uint8_t icw1, std::uint8_t icw2, std::uint8_t icw3,
                 std::uint8_t icw4) {
    b.out(port, icw1);
    const auto data = static_cast<std::uint16_t>(port + 1);
    b.out(data, icw2);
    b.out(data, icw3);
    b.out(data, icw4);
  }
  void raise(unsigned line) { pic.set_irq(line, true); }
  void lower(unsigned line) { pic.set_irq(line, false); }
  void pulse(unsigned line) {
    lower(line);
    raise(line);
  }
  std::uint8_t irr(std::uint16_t port = 0x20) {
    b.out(port, 0x0A);
    return static_cast<std::uint8_t>(b.in(port));
  }
  std::uint8_t isr(std::uint16_t port = 0x20) {
    b.out(port, 0x0B);
    return static_cast<std::uint8_t>(b.in(port));
  }

  bench::Bench b;
  Pic8259a pic{b.ports, b.system, b.log};
};

}  // namespace ringside
