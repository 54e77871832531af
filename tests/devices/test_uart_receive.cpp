// The receiver, loopback, modem lines and state of the UART.
#include "tests/devices/uart_bench.h"

namespace ringside {
namespace {

TEST_F(Uart, ReceivesAtLineSpeed) {
  offer("ab");
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  clocks(kCharacter - 1);
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  clocks(1);
  EXPECT_EQ(b.in(kLsr)&1, 1u);
  EXPECT_EQ(uart.peek(0), 'a');
  EXPECT_EQ(b.in(kData), 'a' + 0u);
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  clocks(kCharacter);
  EXPECT_EQ(b.in(kData), 'b' + 0u);
  EXPECT_EQ(b.in(kData), 0u) << "nothing more";
}

TEST_F(Uart, DataInterruptWithoutFifos) {
  interrupts(0x01);
  offer("a");
  characters(1);
  EXPECT_TRUE(line());
  EXPECT_EQ(iir(), 0x04u);
  EXPECT_TRUE(line());
  b.in(kData);
  EXPECT_FALSE(line());
  EXPECT_EQ(iir(), 0x01u);
}

TEST_F(Uart, TriggerLevels) {
  const unsigned levels[] = {1, 4, 8, 14};
  for (unsigned i = 0; i < 4; ++i) {
    fifos(i);
    interrupts(0x01);
    for (unsigned n = 1; n <= levels[i]; ++n) {
      EXPECT_FALSE(line()) << i;
      offer("x");
      characters(1);
    }
    EXPECT_TRUE(line()) << i;
    EXPECT_EQ(iir(), 0x04u);
    b.in(kData);
    EXPECT_FALSE(line()) << "below the trigger level";
    drain();
  }
}

TEST_F(Uart, TimeoutAfterFourCharacters) {
  fifos(2);
  interrupts(0x01);
  offer("ab");
  characters(2);
  clocks(4 * kCharacter - 1);
  EXPECT_FALSE(line());
  clocks(1);
  EXPECT_TRUE(line());
  EXPECT_EQ(iir(), 0x0Cu);
  EXPECT_EQ(iir(), 0x0Cu) << "IIR does not clear it";
  EXPECT_EQ(b.in(kData), 'a' + 0u);
  EXPECT_FALSE(line()) << "reading a character does";
  clocks(4 * kCharacter - 1);
  EXPECT_FALSE(line());
  clocks(1);
  EXPECT_TRUE(line()) << "and the next one times out again";
  b.in(kData);
  characters(20);
  EXPECT_FALSE(line()) << "an empty FIFO never does";
  EXPECT_EQ(b.events.next(), kNever);
}

TEST_F(Uart, NewCharactersRestartTheTimeout) {
  fifos(3);
  interrupts(0x01);
  for (int i = 0; i < 5; ++i) {
    offer("x");
    characters(4);
    EXPECT_FALSE(line());
  }
  characters(1);
  EXPECT_TRUE(line());
}

TEST_F(Uart, PoliteFarEndWaitsForRoom) {
  fifos();
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>('!' + i % 90));
  offer(text);
  characters(1000);
  EXPECT_EQ(uart.state().rx_count, 16);
  EXPECT_EQ(b.in(kLsr)&0x02, 0u) << "no overrun";
  std::string got = drain();
  EXPECT_EQ(got.size(), 16u);
  while (got.size() < text.size()) {
    characters(1);
    got += drain();
  }
  EXPECT_EQ(got, text);
}

TEST_F(Uart, HeldByteStillTakesItsTime) {
  offer("ab");
  characters(10);
  EXPECT_EQ(b.in(kData), 'a' + 0u);
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  clocks(kCharacter);
  EXPECT_EQ(b.in(kLsr)&1, 1u);
}

TEST_F(Uart, OverrunWithoutFifosReplaces) {
  uart.set_polite_far_end(false);
  interrupts(0x05);
  offer("abc");
  characters(3);
  EXPECT_EQ(iir(), 0x06u) << "line status comes before data";
  EXPECT_EQ(b.in(kLsr)&0x03, 0x03u);
  EXPECT_EQ(b.in(kLsr)&0x03, 0x01u) << "reading LSR clears the error";
  EXPECT_EQ(iir(), 0x04u);
  EXPECT_EQ(b.in(kData), 'c' + 0u);
}

TEST_F(Uart, OverrunWithFifosKeepsTheFifo) {
  uart.set_polite_far_end(false);
  fifos();
  offer("0123456789abcdefXY");
  characters(18);
  EXPECT_EQ(uart.peek(5) & 0x02, 0x02);
  EXPECT_EQ(b.in(kLsr)&0x02, 0x02u);
  EXPECT_EQ(drain(), "0123456789abcdef");
}

TEST_F(Uart, FarEndsQueueIsBounded) {
  for (unsigned i = 0; i < Uart16550::kLineSize; ++i) ASSERT_TRUE(uart.receive(static_cast<std::uint8_t>(i)));
  EXPECT_FALSE(uart.receive(0));
  characters(1);
  EXPECT_TRUE(uart.receive(0)) << "one has gone";
  EXPECT_FALSE(uart.receive(0));
  for (unsigned i = 0; i < Uart16550::kLineSize; ++i) {
    ASSERT_EQ(b.in(kData), i & 0xFF);
    characters(1);
  }
}

TEST_F(Uart, ClearingTheReceiveFifo) {
  fifos();
  interrupts(0x01);
  offer("abc");
  characters(3);
  EXPECT_TRUE(line());
  b.out(kFcr, 0x03);
  EXPECT_FALSE(line());
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  offer("d");
  characters(1);
  b.out(kFcr, 0x00);
  EXPECT_EQ(b.in(kLsr)&1, 0u) << "switching the FIFOs clears them";
}

TEST_F(Uart, InterruptPriorities) {
  uart.set_polite_far_end(false);
  interrupts(0x0F);
  offer("ab");
  characters(2);
  b.out(kMcr, 0x10);
  b.out(kMcr, 0x0B);  // a visit to loopback changes modem inputs
  EXPECT_EQ(iir(), 0x06u);
  b.in(kLsr);
  EXPECT_EQ(iir(), 0x04u);
  b.in(kData);
  EXPECT_EQ(iir(), 0x02u);
  EXPECT_EQ(iir(), 0x00u);
  EXPECT_TRUE(line());
  b.in(kMsr);
  EXPECT_EQ(iir(), 0x01u);
  EXPECT_FALSE(line());
}

TEST_F(Uart, LoopbackOfCharacters) {
  b.out(kMcr, 0x10);
  b.out(kData, 0x5A);
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  characters(1);
  EXPECT_EQ(b.in(kLsr)&1, 1u);
  EXPECT_EQ(b.in(kData), 0x5Au);
  EXPECT_EQ(sink.text, "") << "nothing leaves";
  b.out(kData, 1);
  b.out(kData, 2);
  characters(2);
  EXPECT_EQ(b.in(kLsr)&0x02, 0x02u) << "loopback overruns for real";
}

TEST_F(Uart, LoopbackHoldsTheFarEndBack) {
  b.out(kMcr, 0x10);
  offer("x");
  characters(10);
  EXPECT_EQ(b.in(kLsr)&1, 0u);
  b.out(kMcr, 0x00);
  characters(1);
  EXPECT_EQ(b.in(kData), 'x' + 0u);
}

TEST_F(Uart, LoopbackOfModemLines) {
  const unsigned expected[16] = {0x00, 0x20, 0x10, 0x30, 0x40, 0x60, 0x50, 0x70,
                                 0x80, 0xA0, 0x90, 0xB0, 0xC0, 0xE0, 0xD0, 0xF0};
  for (unsigned mcr = 0; mcr < 16; ++mcr) {
    b.out(kMcr, 0x10 | mcr);
    EXPECT_EQ(b.in(kMsr)&0xF0, expected[mcr]) << mcr;
  }
}

TEST_F(Uart, ModemDeltas) {
  b.out(kMcr, 0x10);
  EXPECT_EQ(b.in(kMsr), 0x0Bu) << "CTS, DSR and DCD went away";
  EXPECT_EQ(b.in(kMsr), 0x00u);
  b.out(kMcr, 0x14);
  EXPECT_EQ(uart.peek(6), 0x40) << "RI has no leading edge";
  EXPECT_EQ(b.in(kMsr), 0x40u);
  b.out(kMcr, 0x10);
  EXPECT_EQ(uart.peek(6), 0x04);
  EXPECT_EQ(b.in(kMsr), 0x04u) << "but a trailing one";
  b.out(kMcr, 0x1A);
  EXPECT_EQ(b.in(kMsr), 0x99u);
}

TEST_F(Uart, AcceleratedLine) {
  uart.set_accelerated(true);
  program(0xFFFF, 0x03);
  fifos();
  for (int i = 0; i < 16; ++i) b.out(kData, 'x');
  b.run_for(20'000);  // 20 us
  EXPECT_EQ(b.in(kLsr)&0x60, 0x60u);
  EXPECT_EQ(sink.text.size(), 16u);
}

TEST_F(Uart, ResetKeepsWhatTheFarEndHolds) {
  offer("abc");
  b.out(kData, 'z');
  b.out(kScr, 7);
  uart.reset();
  EXPECT_EQ(b.in(kScr), 0u);
  EXPECT_EQ(b.in(kLsr), 0x60u);
  program(1, 3);
  fifos();
  characters(40);
  EXPECT_EQ(drain(), "abc");
}

TEST_F(Uart, SaveAndLoadGoOnAlike) {
  fifos(1);
  interrupts(0x0F);
  for (unsigned i = 0; i < 12; ++i) b.out(kData, 'A' + i);
  offer("the quick brown fox jumps over the lazy dog");
  clocks(777);
  bench::Bench other;
  bench::RecordedBytes other_sink;
  Uart16550 copy(other.ports, other.events, other.irqs, other.log, kBase, 4);
  copy.set_sink(&other_sink);
  bench::move_over(uart, b, copy, other);
  const std::string already = sink.text;
  for (int i = 0; i < 200; ++i) {
    b.run_for(50'000);
    other.run_for(50'000);
    for (const std::uint16_t port : {kIir, kLsr, kData, kMsr}) ASSERT_EQ(b.in(port), other.in(port));
    ASSERT_EQ(bench::saved(copy), bench::saved(uart));
    ASSERT_EQ(bench::saved(other.events), bench::saved(b.events));
  }
  EXPECT_EQ(already + other_sink.text, sink.text);
}

TEST_F(Uart, DamagedStateIsRefused) {
  const auto saved = bench::saved(uart);
  const std::size_t rx_count = 8 + 2 + 2 + 16 - 1;
  auto damaged = saved;
  damaged[rx_count] = 17;
  EXPECT_THROW(bench::load(uart, damaged), StateError);
  damaged = saved;
  damaged.resize(100);
  EXPECT_THROW(bench::load(uart, damaged), StateError);
}

TEST(UartSlowMachine, ManyCharactersInOneTick) {
  bench::Bench b(1);
  bench::RecordedBytes sink;
  Uart16550 uart(b.ports, b.events, b.irqs, b.log, 0x3F8, 4);
  uart.set_sink(&sink);
  b.out(0x3FA, 0x01);
  for (int i = 0; i < 16; ++i) b.out(0x3F8, 'x');
  for (int i = 0; i < 4000; ++i) uart.receive('y');
  b.run_for(1);
  EXPECT_EQ(sink.text.size(), 16u);
  EXPECT_EQ(uart.state().rx_count, 16);
  b.run_for(100);
  EXPECT_LE(b.events_run, 110u);
}

TEST(UartFuzz, RandomAccessesStayInBounds) {
  bench::Bench b;
  Uart16550 uart(b.ports, b.events, b.irqs, b.log, 0x3F8, 4);
  std::uint32_t seed = 99;
  const auto random = [&seed] { return (seed = seed * 1664525 + 1013904223) >> 8; };
  for (int i = 0; i < 200'000; ++i) {
    const auto port = static_cast<std::uint16_t>(0x3F8 + random() % 8);
    switch (random() % 5) {
      case 0:
      case 1:
        b.out(port, random() & 0xFF);
        break;
      case 2:
        b.in(port);
        break;
      case 3:
        uart.receive(static_cast<std::uint8_t>(random()));
        break;
      case 4:
        b.run_for(random() % 300'000);
        break;
    }
    ASSERT_LE(uart.state().rx_count, 16);
    ASSERT_LE(uart.state().tx_count, 16);
    ASSERT_LE(uart.state().line_count, Uart16550::kLineSize);
  }
}

}  // namespace
}  // namespace ringside
