// COM1 alone, 115,200 baud, 8N1, with a far end that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "devices/uart_16550.h"
#include "tests/devices/chip_bench.h"

namespace ringside {

class Uart : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kHz = Uart16550::kHz;
  static constexpr std::uint64_t kCharacter = 160;  // clocks
  static constexpr std::uint16_t kBase = 0x3F8;
  enum : std::uint16_t { kData = kBase, kIer, kIir, kLcr, kMcr, kLsr, kMsr, kScr, kFcr = kIir };

  Uart() {
    uart.set_sink(&sink);
    program(1, 0x03);
  }
  void program(unsigned divisor, unsigned lcr) {
    b.out(kLcr, 0x80);
    b.out(kData, divisor & 0xFF);
    b.out(kIer, divisor >> 8);
    b.out(kLcr, lcr);
  }
  void fifos(unsigned trigger = 0) { b.out(kFcr, 0x07 | trigger << 6); }
  void interrupts(unsigned ier) {
    b.out(kMcr, 0x0B);
    b.out(kIer, ier);
  }
  void clocks(std::uint64_t n) { b.run_to_cycle(b.clock.cycles(b.clock.tick, kHz) + n, kHz); }
  void characters(std::uint64_t n) { clocks(n * kCharacter); }
  unsigned iir() { return b.in(kIir)&0x0F; }
  bool line() const { return b.irqs.level[4]; }
  void offer(const std::string& text) {
    for (const char c : text) ASSERT_TRUE(uart.receive(static_cast<std::uint8_t>(c)));
  }
  std::string drain() {
    std::string text;
    while ((b.in(kLsr)&1) != 0) text.push_back(static_cast<char>(b.in(kData)));
    return text;
  }

  bench::Bench b;
  bench::RecordedBytes sink;
  Uart16550 uart{b.ports, b.events, b.irqs, b.log, kBase, 4};
};

}  // namespace ringside
